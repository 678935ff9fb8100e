#pragma once
// Memory that the host writes for one frame and forgets: uniforms, tables, indirect commands, overlay vertices.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/result.h"
#include "gpu/device.h"

namespace matou::render {

struct FramePart {
    std::byte* mapped = nullptr;
    VkBuffer buffer = VK_NULL_HANDLE;
    VkDeviceSize offset = 0, size = 0;
    VkDeviceAddress address = 0;
};

class FrameArena {
public:
    FrameArena(gpu::Device& device, std::string name) : _device(device), _name(std::move(name)) {}
    /// Everything handed out before is free again; the GPU must be done with it.
    void reset();
    /// Aligned to 256 bytes. Errors: E_GPU_MEMORY.
    core::Result<FramePart> allocate(std::size_t bytes);
    template <typename T>
    core::Result<FramePart> copy(std::span<const T> values) {
        return copyBytes(std::as_bytes(values));
    }
    core::Result<FramePart> copyBytes(std::span<const std::byte> bytes);
    std::uint64_t reservedBytes() const;

private:
    struct Chunk {
        gpu::Buffer buffer;
        VkDeviceSize used = 0;
    };
    gpu::Device& _device;
    std::string _name;
    std::vector<Chunk> _chunks;
};

} // namespace matou::render
