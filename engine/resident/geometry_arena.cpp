#include "resident/geometry_arena.h"

#include <algorithm>

namespace matou::resident {

GeometryArenas::~GeometryArenas() = default;

core::Result<ArenaPart> GeometryArenas::allocate(std::uint64_t bytes) {
    for (std::uint32_t i = 0; i < _arenas.size(); ++i) {
        const std::uint64_t offset = _arenas[i]->ranges.allocate(bytes, kPartAlignment);
        if (offset != gpu::RangeAllocator::kNone) return ArenaPart{i, offset, bytes};
    }
    auto arena = std::make_shared<Arena>();
    const std::uint64_t size = std::max(kArenaBytes, bytes);
    MATOU_TRY(buffer, _device.createBuffer(gpu::BufferPurpose::geometry, size,
                                           "geometry arena " + std::to_string(_arenas.size())));
    arena->buffer = std::move(buffer);
    arena->ranges = gpu::RangeAllocator(size);
    const std::uint64_t offset = arena->ranges.allocate(bytes, kPartAlignment);
    _arenas.push_back(std::move(arena));
    return ArenaPart{static_cast<std::uint32_t>(_arenas.size() - 1), offset, bytes};
}

void GeometryArenas::release(const ArenaPart& part) {
    if (!part.valid()) return;
    _device.retire(0, [arena = _arenas[part.arena], part] { arena->ranges.release(part.offset, part.size); });
}

std::uint64_t GeometryArenas::reservedBytes() const {
    std::uint64_t bytes = 0;
    for (const auto& arena : _arenas)
        bytes += arena->buffer.size();
    return bytes;
}

} // namespace matou::resident
