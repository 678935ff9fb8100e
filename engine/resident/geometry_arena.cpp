#include "resident/geometry_arena.h"

#include <algorithm>

namespace matou::resident {

GeometryArenas::~GeometryArenas() = default;

core::Result<ArenaPart> GeometryArenas::allocate(std::uint64_t bytes) {
    std::vector<std::uint32_t> fullestFirst;
    for (std::uint32_t i = 0; i < _arenas.size(); ++i)
        if (_arenas[i]->buffer && _arenas[i]->ranges.freeBytes() >= bytes) fullestFirst.push_back(i);
    std::stable_sort(fullestFirst.begin(), fullestFirst.end(), [this](std::uint32_t a, std::uint32_t b) {
        return _arenas[a]->ranges.freeBytes() < _arenas[b]->ranges.freeBytes();
    });
    for (const std::uint32_t i : fullestFirst) {
        const std::uint64_t offset = _arenas[i]->ranges.allocate(bytes, kPartAlignment);
        if (offset != gpu::RangeAllocator::kNone) return ArenaPart{i, offset, bytes};
    }
    const auto place = static_cast<std::uint32_t>(
        std::find_if(_arenas.begin(), _arenas.end(), [](const auto& arena) { return !arena->buffer; }) - _arenas.begin());
    auto arena = std::make_shared<Arena>();
    const std::uint64_t size = std::max(_arenaBytes, bytes);
    MATOU_TRY(buffer, _device.createBuffer(gpu::BufferPurpose::geometry, size, "geometry arena " + std::to_string(place)));
    arena->buffer = std::move(buffer);
    arena->ranges = gpu::RangeAllocator(size);
    const std::uint64_t offset = arena->ranges.allocate(bytes, kPartAlignment);
    if (place == _arenas.size()) _arenas.emplace_back();
    _arenas[place] = std::move(arena);
    return ArenaPart{place, offset, bytes};
}

void GeometryArenas::release(const ArenaPart& part) {
    if (!part.valid()) return;
    _device.retire(0, [arena = _arenas[part.arena], part] {
        arena->ranges.release(part.offset, part.size);
        if (arena->ranges.empty()) arena->buffer.reset();
    });
}

std::uint32_t GeometryArenas::count() const {
    return static_cast<std::uint32_t>(std::count_if(_arenas.begin(), _arenas.end(), [](const auto& arena) { return bool(arena->buffer); }));
}

std::uint64_t GeometryArenas::reservedBytes() const {
    std::uint64_t bytes = 0;
    for (const auto& arena : _arenas)
        bytes += arena->buffer.size();
    return bytes;
}

} // namespace matou::resident
