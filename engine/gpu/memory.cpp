#include "gpu/memory.h"

#include <algorithm>

#include "core/expect.h"

namespace matou::gpu {
namespace {

// A block serves many small objects; what needs over a quarter of one gets memory of its own, so that freeing it frees
// memory.
constexpr VkDeviceSize kBlockBytes = 32ull << 20;

} // namespace

RangeAllocator::RangeAllocator(std::uint64_t size) : _size(size), _freeBytes(size) {
    if (size > 0) _free[0] = size;
}

std::uint64_t RangeAllocator::allocate(std::uint64_t size, std::uint64_t alignment) {
    MATOU_EXPECT(size > 0 && alignment > 0);
    for (auto it = _free.begin(); it != _free.end(); ++it) {
        const std::uint64_t begin = it->first, end = begin + it->second;
        const std::uint64_t aligned = (begin + alignment - 1) / alignment * alignment;
        if (aligned > end || end - aligned < size) continue;
        _free.erase(it);
        if (aligned > begin) _free[begin] = aligned - begin;
        if (aligned + size < end) _free[aligned + size] = end - aligned - size;
        _freeBytes -= size;
        return aligned;
    }
    return kNone;
}

void RangeAllocator::release(std::uint64_t offset, std::uint64_t size) {
    MATOU_EXPECT(offset + size <= _size);
    auto [it, fresh] = _free.emplace(offset, size);
    MATOU_EXPECT(fresh);
    _freeBytes += size;
    if (auto next = std::next(it); next != _free.end() && offset + size == next->first) {
        it->second += next->second;
        _free.erase(next);
    }
    if (it != _free.begin()) {
        auto before = std::prev(it);
        MATOU_EXPECT(before->first + before->second <= offset);
        if (before->first + before->second == offset) {
            before->second += it->second;
            _free.erase(it);
        }
    }
}

MemoryBlocks::MemoryBlocks(VkPhysicalDevice physical, VkDevice device) : _device(device) {
    vkGetPhysicalDeviceMemoryProperties(physical, &_properties);
}

MemoryBlocks::~MemoryBlocks() {
    for (const Block& block : _blocks)
        if (block.memory != VK_NULL_HANDLE) vkFreeMemory(_device, block.memory, nullptr);
}

std::byte* MemoryBlocks::mappedOf(const MemoryPart& part) const {
    const Block& block = _blocks[part.block];
    return block.mapped == nullptr ? nullptr : block.mapped + part.offset;
}

core::Result<MemoryPart> MemoryBlocks::allocate(const Request& request, const std::string& name) {
    const auto typeWith = [&](VkMemoryPropertyFlags flags) -> std::int32_t {
        for (std::uint32_t i = 0; i < _properties.memoryTypeCount; ++i)
            if ((request.requirements.memoryTypeBits >> i & 1u) != 0 &&
                (_properties.memoryTypes[i].propertyFlags & flags) == flags)
                return static_cast<std::int32_t>(i);
        return -1;
    };
    std::int32_t type = typeWith(request.needed | request.wanted);
    if (type < 0) type = typeWith(request.needed);
    if (type < 0) return core::fail("E_GPU_MEMORY", name, {std::to_string(request.requirements.size)});
    const VkDeviceSize size = request.requirements.size;
    const bool alone = size > kBlockBytes / 4;
    if (!alone) {
        for (std::uint32_t i = 0; i < _blocks.size(); ++i) {
            Block& block = _blocks[i];
            if (block.memory == VK_NULL_HANDLE || block.type != static_cast<std::uint32_t>(type) ||
                block.image != request.image || block.ranges.size() != kBlockBytes)
                continue;
            const std::uint64_t offset = block.ranges.allocate(size, request.requirements.alignment);
            if (offset == RangeAllocator::kNone) continue;
            _used += size;
            return MemoryPart{i, offset, size};
        }
    }
    Block block;
    block.type = static_cast<std::uint32_t>(type);
    block.image = request.image;
    // +1 keeps a lone block from looking like a shared one when its size happens to be equal.
    const VkDeviceSize bytes = alone ? size : kBlockBytes;
    block.ranges = RangeAllocator(alone && size == kBlockBytes ? size + 1 : bytes);
    VkMemoryAllocateFlagsInfo flags{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO};
    flags.flags = request.image ? 0 : VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
    VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, &flags};
    info.allocationSize = bytes;
    info.memoryTypeIndex = block.type;
    if (vkAllocateMemory(_device, &info, nullptr, &block.memory) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", name, {std::to_string(bytes)});
    if ((_properties.memoryTypes[type].propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) != 0 && !request.image) {
        void* mapped = nullptr;
        if (vkMapMemory(_device, block.memory, 0, VK_WHOLE_SIZE, 0, &mapped) == VK_SUCCESS)
            block.mapped = static_cast<std::byte*>(mapped);
    }
    const std::uint64_t offset = block.ranges.allocate(size, 1);
    _used += size;
    _reserved += bytes;
    for (std::uint32_t i = 0; i < _blocks.size(); ++i) {
        if (_blocks[i].memory != VK_NULL_HANDLE) continue;
        _blocks[i] = std::move(block);
        return MemoryPart{i, offset, size};
    }
    _blocks.push_back(std::move(block));
    return MemoryPart{static_cast<std::uint32_t>(_blocks.size() - 1), offset, size};
}

void MemoryBlocks::release(const MemoryPart& part) {
    Block& block = _blocks[part.block];
    block.ranges.release(part.offset, part.size);
    _used -= part.size;
    const bool alone = block.ranges.size() != kBlockBytes;
    if (!alone && !block.ranges.empty()) return;
    _reserved -= alone ? part.size : kBlockBytes;
    vkFreeMemory(_device, block.memory, nullptr);
    block = Block{};
}

} // namespace matou::gpu
