// What is held, and what goes: tiles under the budget, trees that nobody looks into.

#include "stream/stream_state.h"

#include <map>

namespace matou::stream {

namespace {

// How often it is looked for trees that nobody looks into: rarely enough that a frame does not feel it.
constexpr std::uint64_t kTrimEvery = 64;
// Of a tile, in the tree and in the arrays beside it, its addresses estimated.
constexpr std::uint64_t kTreeBytesPerTile = sizeof(tiles::Tile) + sizeof(TileEntry) + sizeof(Presence) + 16 + 64;

} // namespace

Live& TilesetStream::Impl::beginLive(TileId id) {
    auto& live = entry(id).live;
    live = std::make_unique<Live>();
    live->place = liveTiles.size();
    liveTiles.push_back(id);
    return *live;
}

void TilesetStream::Impl::endLive(TileId id) {
    auto& live = entry(id).live;
    if (!live) return;
    entry(liveTiles.back()).live->place = live->place;
    liveTiles[live->place] = liveTiles.back();
    liveTiles.pop_back();
    live.reset();
}

void TilesetStream::Impl::dropLive(TileId id) {
    auto& e = entry(id);
    if (!e.live) return;
    switch (e.live->state) {
    case LoadState::requested:
        loader.giveUp(e.live->serial);
        endLive(id);
        break;
    case LoadState::decoded:
        releaseReserved(*e.live);
        endLive(id);
        ++dropped;
        break;
    case LoadState::resident:
        e.live->state = LoadState::retiring;
        retired.push_back(id);
        layers[id.layer].presence[id.tile] = Presence::absent;
        ++dropped;
        break;
    default: break; // uploading and retiring are in the caller's hands
    }
}

void TilesetStream::Impl::releaseReserved(Live& live) {
    if (live.state == LoadState::requested) return;
    budget->release(live.gpuBytes + live.besideBytes);
    gpuBytes -= live.gpuBytes;
    live.gpuBytes = live.besideBytes = 0;
}

void TilesetStream::Impl::collectSpares() {
    sparesCollected = true;
    std::unordered_map<std::uint64_t, double> wanted;
    for (const auto* list : {&selection.wanted, &selection.standIns, &selection.load})
        for (const auto& w : *list) {
            auto [at, fresh] = wanted.emplace(keyOf(w.id), w.priority);
            if (!fresh) at->second = std::max(at->second, w.priority);
        }
    for (const auto& w : prefetch.tiles()) wanted.emplace(keyOf(w.id), w.priority);
    std::unordered_set<std::uint64_t> fixed;
    for (const auto& d : selection.draw) fixed.insert(keyOf(d.id));
    for (const auto& b : selection.base) fixed.insert(keyOf(b));
    spares.clear();
    // From the last to the first, so that spares.back() is the next to go.
    for (const auto id : liveTiles) {
        const auto& live = *entry(id).live;
        if (live.state != LoadState::resident && live.state != LoadState::decoded) continue;
        const auto key = keyOf(id);
        if (live.state == LoadState::resident && (fixed.contains(key) || fades.pins(id))) continue;
        const auto found = wanted.find(key);
        spares.push_back({id, found != wanted.end(), found == wanted.end() ? 0.0 : found->second, live.lastUsed, live.held->cpuBytes + live.gpuBytes + live.besideBytes});
    }
    std::sort(spares.begin(), spares.end(), [](const Spare& a, const Spare& b) {
        if (a.wanted != b.wanted) return a.wanted;
        if (a.wanted && a.priority != b.priority) return a.priority > b.priority;
        if (!a.wanted && a.lastUsed != b.lastUsed) return a.lastUsed > b.lastUsed;
        return a.id < b.id;
    });
}

/// Makes room; bytes of resident tiles come free when the caller takes the retired ones. Gives what was dropped.
std::uint64_t TilesetStream::Impl::dropFor(std::uint64_t bytes, double priority) {
    if (!sparesCollected) collectSpares(); // in most frames nothing has to go
    std::uint64_t freed = 0;
    while (freed < bytes && !spares.empty() && (!spares.back().wanted || spares.back().priority < priority)) {
        freed += spares.back().bytes;
        dropLive(spares.back().id);
        spares.pop_back();
    }
    return freed;
}

/// Nothing else gives room.
std::uint64_t TilesetStream::Impl::cutFadesFor(std::uint64_t bytes, double priority) {
    fades.cut();
    sparesCollected = false;
    return dropFor(bytes, priority);
}

void TilesetStream::Impl::trim() {
    for (const auto id : selection.mounts) lookedInto[keyOf(id)] = updates;
    for (const auto id : prefetch.mounts()) lookedInto[keyOf(id)] = updates;
    for (const auto layer : selection.broad) layers[layer].broad = true;
    if (++updates % kTrimEvery != 0) return;
    std::size_t tiles = 0;
    for (const auto& layer : layers) tiles += layer.tree ? layer.tree->tileCount() : 0;
    const bool tooLarge = tiles * kTreeBytesPerTile > options.treeBytes;
    for (std::uint32_t i = 0; i < layers.size(); ++i)
        if (layers[i].tree && !layers[i].tree->grafts.empty()) trimLayer(i, tooLarge);
}

void TilesetStream::Impl::trimLayer(std::uint32_t number, bool tooLarge) {
    auto& tree = *layers[number].tree;
    std::map<tiles::TileIndex, tiles::TileIndex> mountAt; // first tile of a graft → the tile that it hangs under
    for (const auto& [mount, graft] : tree.grafts) mountAt[graft.tiles.first] = mount;
    const auto mountOf = [&](tiles::TileIndex tile) {
        const auto next = mountAt.upper_bound(tile);
        if (next == mountAt.begin()) return tiles::kNoTile;
        const auto& graft = tree.grafts.at(std::prev(next)->second);
        return tile - graft.tiles.first < graft.tiles.count ? std::prev(next)->second : tiles::kNoTile;
    };
    const auto idle = [&](tiles::TileIndex mount) { return lookedInto[keyOf({number, mount})] + options.trimAfterUpdates < updates; };
    std::unordered_set<tiles::TileIndex> busy;
    for (const auto id : std::vector(liveTiles)) {
        const auto mount = id.layer == number ? mountOf(id.tile) : tiles::kNoTile;
        if (mount == tiles::kNoTile) continue;
        if (tooLarge && idle(mount)) dropLive(id);
        if (entry(id).live) busy.insert(mount);
    }
    std::vector<tiles::TileIndex> mounts;
    for (const auto& [mount, graft] : tree.grafts)
        if (!busy.contains(mount) && idle(mount)) mounts.push_back(mount);
    std::sort(mounts.begin(), mounts.end(), [&](auto a, auto b) { return tree[a].depth != tree[b].depth ? tree[a].depth > tree[b].depth : a < b; });
    for (const auto mount : mounts) { // what hangs lowest goes first
        const auto& part = tree.grafts.at(mount).tiles;
        const auto inside = tree.grafts.lower_bound(part.first);
        if (inside == tree.grafts.end() || inside->first >= part.first + part.count) cutBack({number, mount});
    }
}

void TilesetStream::Impl::cutBack(TileId mount) {
    auto& layer = layers[mount.layer];
    const auto part = layer.tree->grafts.at(mount.tile).tiles;
    for (auto tile = part.first; tile < part.first + part.count; ++tile) {
        if (fades.pins({mount.layer, tile})) fades.cut(); // its number may be another tile's soon
        layer.tiles[tile] = {};
        layer.presence[tile] = Presence::absent;
        layer.transientBytes[tile] = 0;
        retries.forget({mount.layer, tile});
        lacking.erase(keyOf({mount.layer, tile}));
    }
    lookedInto.erase(keyOf(mount));
    tiles::prune(*layer.tree, mount.tile);
    grow(layer);
    layer.sources.resize(layer.tree->sources.size());
    ++pruned;
}

} // namespace matou::stream
