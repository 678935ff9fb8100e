#pragma once
// Large buffers that hold the geometry and tables of many contents, so that one bound buffer serves one long
// multi-draw. A part goes into the fullest arena that has room, so that the others run empty, and an empty arena goes back
// to the driver.

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
    /// `arenaBytes`: of one arena; a larger part gets one of its own size.
    explicit GeometryArenas(gpu::Device& device, std::uint64_t arenaBytes = kArenaBytes) : _device(device), _arenaBytes(arenaBytes) {}
    ~GeometryArenas();
    GeometryArenas(const GeometryArenas&) = delete;
    GeometryArenas& operator=(const GeometryArenas&) = delete;
    /// The offset is a multiple of lcm(36, 16) = 144, so that vertices and tables are aligned from it. Errors:
    /// E_GPU_MEMORY.
    core::Result<ArenaPart> allocate(std::uint64_t bytes);
    /// The part is reused, and an arena that it leaves empty given back, only after the frames in flight are done.
    void release(const ArenaPart& part);
    /// Of a valid part.
    const gpu::Buffer& buffer(std::uint32_t arena) const { return _arenas[arena]->buffer; }
    /// Arenas that exist now.
    std::uint32_t count() const;
    std::uint64_t reservedBytes() const;

    static constexpr std::uint64_t kArenaBytes = 96ull << 20;
    static constexpr std::uint64_t kPartAlignment = 144;

private:
    struct Arena {
        gpu::Buffer buffer; // none: the place is free for the next arena
        gpu::RangeAllocator ranges{0};
    };
    gpu::Device& _device;
    std::uint64_t _arenaBytes;
    std::vector<std::shared_ptr<Arena>> _arenas; // shared with retired releases only
};

} // namespace matou::resident
