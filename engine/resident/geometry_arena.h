#pragma once
// Large buffers that hold the geometry and tables of many contents, so that one bound buffer serves one long
// multi-draw.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/result.h"
#include "gpu/device.h"

namespace matou::resident {

/// A part of an arena.
struct ArenaPart {
    std::uint32_t arena = 0xffffffffu;
    std::uint64_t offset = 0, size = 0;
    bool valid() const { return arena != 0xffffffffu; }
};

class GeometryArenas {
public:
    explicit GeometryArenas(gpu::Device& device) : _device(device) {}
    ~GeometryArenas();
    GeometryArenas(const GeometryArenas&) = delete;
    GeometryArenas& operator=(const GeometryArenas&) = delete;
    /// The offset is a multiple of lcm(36, 16) = 144, so that vertices and tables are aligned from it. Errors:
    /// E_GPU_MEMORY.
    core::Result<ArenaPart> allocate(std::uint64_t bytes);
    /// The part is reused only after the frames in flight are done.
    void release(const ArenaPart& part);
    const gpu::Buffer& buffer(std::uint32_t arena) const { return _arenas[arena]->buffer; }
    std::uint32_t count() const { return static_cast<std::uint32_t>(_arenas.size()); }
    std::uint64_t reservedBytes() const;

    static constexpr std::uint64_t kArenaBytes = 96ull << 20;
    static constexpr std::uint64_t kPartAlignment = 144;

private:
    struct Arena {
        gpu::Buffer buffer;
        gpu::RangeAllocator ranges{0};
    };
    gpu::Device& _device;
    std::vector<std::shared_ptr<Arena>> _arenas; // shared with retired releases only
};

} // namespace matou::resident
