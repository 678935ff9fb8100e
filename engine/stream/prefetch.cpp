#include "stream/prefetch.h"

#include <algorithm>
#include <utility>

namespace matou::stream {
namespace {

std::uint64_t keyOf(tiles::TileId id) {
    return std::uint64_t{id.layer} << 32 | id.tile;
}

} // namespace

void Prefetch::setComing(std::vector<std::vector<tiles::ViewState>> moments) {
    _moments = std::move(moments);
    if (!_moments.empty()) return;
    _seen.clear();
    _mounts.clear();
    _ordered.clear();
}

void Prefetch::look(std::span<const tiles::LayerView> layers, const tiles::SelectOptions& options) {
    if (_moments.empty()) return;
    const auto moment = static_cast<std::size_t>(_looks++ % _moments.size());
    const auto chosen = _selector.select(layers, _moments[moment], options);
    const auto note = [&](tiles::LoadRequest request) {
        request.priority = kHighestPriority - static_cast<double>(moment);
        auto& seen = _seen[keyOf(request.id)];
        // The nearest moment that needs it says how urgent it is, until that moment no longer does.
        const bool nearer = seen.look > 0 && seen.look + _moments.size() >= _looks &&
                            seen.request.priority > request.priority && seen.request.tileset == request.tileset;
        if (!nearer) seen = {request, _looks};
    };
    // Not what would stand in on the way: there is time to wait for the thing itself.
    for (const auto& request : chosen.wanted)
        note(request);
    for (const auto& request : chosen.load)
        if (request.tileset) note(request);
    for (const auto mount : chosen.mounts)
        _mounts[keyOf(mount)] = _looks;
    const auto oldest = _looks - std::min<std::uint64_t>(_looks, kTurnsKept * _moments.size());
    std::erase_if(_seen, [&](const auto& seen) { return seen.second.look < oldest; });
    std::erase_if(_mounts, [&](const auto& mount) { return mount.second < oldest; });
    _ordered.clear();
    for (const auto& [key, seen] : _seen)
        _ordered.push_back(seen.request);
    std::sort(_ordered.begin(), _ordered.end(), [](const auto& a, const auto& b) {
        return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
    });
}

const double* Prefetch::priorityOf(tiles::TileId id) const {
    const auto found = _seen.find(keyOf(id));
    return found == _seen.end() ? nullptr : &found->second.request.priority;
}

std::vector<tiles::TileId> Prefetch::mounts() const {
    std::vector<tiles::TileId> out;
    for (const auto& [key, look] : _mounts)
        out.push_back({static_cast<std::uint32_t>(key >> 32), static_cast<tiles::TileIndex>(key)});
    return out;
}

} // namespace matou::stream
