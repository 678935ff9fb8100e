#include "render/frame_arena.h"

#include <algorithm>
#include <cstring>

namespace matou::render {
namespace {
constexpr VkDeviceSize kChunkBytes = 4ull << 20;
}

void FrameArena::reset() {
    for (Chunk& chunk : _chunks)
        chunk.used = 0;
}

core::Result<FramePart> FrameArena::allocate(std::size_t bytes) {
    const VkDeviceSize size = (std::max<VkDeviceSize>(bytes, 16) + 255) / 256 * 256;
    Chunk* fitting = nullptr;
    for (Chunk& chunk : _chunks)
        if (chunk.buffer.size() - chunk.used >= size) {
            fitting = &chunk;
            break;
        }
    if (fitting == nullptr) {
        MATOU_TRY(buffer, _device.createBuffer(gpu::BufferPurpose::frame, std::max(kChunkBytes, size * 3 / 2), _name));
        _chunks.push_back({std::move(buffer), 0});
        fitting = &_chunks.back();
    }
    const VkDeviceSize offset = fitting->used;
    fitting->used += size;
    return FramePart{fitting->buffer.mapped() + offset, fitting->buffer.handle(), offset, size,
                     fitting->buffer.address() + offset};
}

core::Result<FramePart> FrameArena::copyBytes(std::span<const std::byte> bytes) {
    MATOU_TRY(part, allocate(bytes.size()));
    if (!bytes.empty()) std::memcpy(part.mapped, bytes.data(), bytes.size());
    return part;
}

std::uint64_t FrameArena::reservedBytes() const {
    std::uint64_t bytes = 0;
    for (const Chunk& chunk : _chunks)
        bytes += chunk.buffer.size();
    return bytes;
}

} // namespace matou::render
