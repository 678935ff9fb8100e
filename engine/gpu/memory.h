#pragma once
// Memory of the device by purpose, handed out in parts of large blocks. Stands in for VulkanMemoryAllocator (VMA),
// which Debian 12 does not package in a usable version; this file pair is what it would replace.

#include <cstdint>
#include <map>
#include <vector>

#include <vulkan/vulkan_core.h>

#include "core/result.h"
#include "gpu/resources.h"

namespace matou::gpu {

/// First-fit parts of one range, free neighbours joined. Pure; used for memory blocks and for geometry arenas.
class RangeAllocator {
public:
    explicit RangeAllocator(std::uint64_t size = 0);
    /// Offset of a part aligned to `alignment` (any number > 0, also no power of two), or kNone.
    std::uint64_t allocate(std::uint64_t size, std::uint64_t alignment);
    /// Gives back exactly what allocate returned for that size.
    void release(std::uint64_t offset, std::uint64_t size);
    std::uint64_t freeBytes() const { return _freeBytes; }
    std::uint64_t size() const { return _size; }
    bool empty() const { return _freeBytes == _size; }
    static constexpr std::uint64_t kNone = ~0ull;

private:
    std::map<std::uint64_t, std::uint64_t> _free; // offset -> size
    std::uint64_t _size = 0, _freeBytes = 0;
};

class MemoryBlocks {
public:
    MemoryBlocks(VkPhysicalDevice physical, VkDevice device);
    ~MemoryBlocks();
    MemoryBlocks(const MemoryBlocks&) = delete;
    MemoryBlocks& operator=(const MemoryBlocks&) = delete;

    struct Request {
        VkMemoryRequirements requirements{};
        VkMemoryPropertyFlags needed = 0, wanted = 0;
        bool image = false; // images and buffers never share a block (bufferImageGranularity)
    };
    /// Errors: E_GPU_MEMORY.
    core::Result<MemoryPart> allocate(const Request& request, const std::string& name);
    void release(const MemoryPart& part);
    VkDeviceMemory memoryOf(const MemoryPart& part) const { return _blocks[part.block].memory; }
    /// Null where the block is not host-visible.
    std::byte* mappedOf(const MemoryPart& part) const;
    std::uint64_t usedBytes() const { return _used; }
    std::uint64_t reservedBytes() const { return _reserved; }

private:
    struct Block {
        VkDeviceMemory memory = VK_NULL_HANDLE;
        std::uint32_t type = 0;
        bool image = false;
        std::byte* mapped = nullptr;
        RangeAllocator ranges{0};
    };
    VkDevice _device;
    VkPhysicalDeviceMemoryProperties _properties{};
    std::vector<Block> _blocks;
    std::uint64_t _used = 0, _reserved = 0;
};

} // namespace matou::gpu
