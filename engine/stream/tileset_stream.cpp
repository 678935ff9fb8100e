#include "stream/tileset_stream.h"

#include <algorithm>
#include <chrono>

#include "stream/stream_state.h"

namespace matou::stream {

void TilesetStream::Impl::viewsChanged(std::span<const tiles::ViewState> views) {
    bool same = views.size() == lastEyes.size();
    for (std::size_t i = 0; same && i < views.size(); ++i) same = views[i].eyeEcef == lastEyes[i];
    if (same) return;
    lastEyes.clear();
    for (const auto& view : views) lastEyes.push_back(view.eyeEcef);
    squeeze = std::min(1.0, squeeze * 1.01); // another place may be kinder
}

void TilesetStream::Impl::select(std::span<const tiles::ViewState> views, double maxErrorPixels) {
    std::vector<tiles::LayerView> layerViews;
    for (const auto& layer : layers)
        layerViews.push_back({layer.tree ? &*layer.tree : nullptr, layer.presence, layer.bytes, layer.options.visible, layer.transientBytes, !layer.broad});
    tiles::SelectOptions select;
    select.maxErrorPixels = maxErrorPixels;
    select.finerStandIns = finerStandIns && budget->total.used() <= budget->total.limit();
    const auto limit = budget->total.limit();
    const auto foreign = foreignBytes();
    const auto room = limit > foreign ? limit - foreign : 0;
    select.byteLimit = static_cast<std::uint64_t>(static_cast<double>(room) * squeeze);
    const auto start = std::chrono::steady_clock::now();
    selection = selector.select(layerViews, views, select);
    selectMilliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    prefetch.look(layerViews, select);
    if (options.fadeSeconds > 0) selectedFor.assign(views.begin(), views.end());
    trianglesDrawn = featuresDrawn = 0;
    for (const auto& draw : selection.draw) {
        const auto& live = *entry(draw.id).live;
        trianglesDrawn += live.triangles;
        featuresDrawn += live.features;
    }
}

void TilesetStream::Impl::show(double seconds) {
    std::vector<const tiles::TileTree*> trees;
    for (const auto& layer : layers) trees.push_back(layer.tree ? &*layer.tree : nullptr);
    fades.step({trees, selection.draw, selectedFor, [this](TileId id) { return stateOf(id) == LoadState::resident; }}, seconds);
    if (!fades.fading()) return;
    // What is leaving may only use room that the plan does not need, however much of that is in use by now: so it is decided
    // alike in every run.
    std::uint64_t bytes = selection.cutBytes + selection.headroomBytes + foreignBytes();
    for (const auto id : fades.leaving()) // the base is part of the plan
        if (!std::binary_search(selection.base.begin(), selection.base.end(), id)) bytes += layers[id.layer].bytes[id.tile];
    if (bytes > budget->total.limit()) fades.cut();
}

/// Of the budget, what others hold.
std::uint64_t TilesetStream::Impl::foreignBytes() const {
    const auto own = budget->own.load(), used = budget->total.used();
    return used > own ? used - own : 0;
}

TilesetStream::TilesetStream(jobs::WorkerPool& workers, io::ByteSource& source, StreamOptions options)
    : _impl(std::make_unique<Impl>(workers, source, std::move(options))) {}
TilesetStream::~TilesetStream() = default;

std::uint32_t TilesetStream::openTileset(const std::string& uri, LayerOptions options) {
    auto location = io::locationFrom(uri);
    if (location) return openTileset(*location, std::move(options));
    Layer layer;
    layer.options = std::move(options);
    layer.error = location.error();
    layer.asked = true;
    _impl->layers.push_back(std::move(layer));
    _impl->failures.push_back({{static_cast<std::uint32_t>(_impl->layers.size() - 1), 0}, "0", location.error()});
    return static_cast<std::uint32_t>(_impl->layers.size() - 1);
}

std::uint32_t TilesetStream::openTileset(const io::Location& location, LayerOptions options) {
    Layer layer;
    layer.options = std::move(options);
    layer.location = location;
    _impl->layers.push_back(std::move(layer));
    _impl->askForLayers();
    return static_cast<std::uint32_t>(_impl->layers.size() - 1);
}

void TilesetStream::setVisible(std::uint32_t layer, bool visible) { _impl->layers[layer].options.visible = visible; }
std::size_t TilesetStream::layerCount() const { return _impl->layers.size(); }
const std::string& TilesetStream::layerId(std::uint32_t layer) const { return _impl->layers[layer].options.id; }
const tiles::TileTree* TilesetStream::tree(std::uint32_t layer) const {
    const auto& tree = _impl->layers[layer].tree;
    return tree ? &*tree : nullptr;
}
const core::Error* TilesetStream::layerError(std::uint32_t layer) const {
    const auto& error = _impl->layers[layer].error;
    return error ? &*error : nullptr;
}

const tiles::Selection& TilesetStream::update(std::span<const tiles::ViewState> views, double maxErrorPixels, std::uint64_t frame) {
    _impl->updated = !views.empty();
    _impl->takeArrivals(frame);
    _impl->askForLayers();
    _impl->viewsChanged(views);
    _impl->select(views, maxErrorPixels);
    _impl->serveRequests(frame);
    _impl->trim();
    return _impl->selection;
}

const tiles::Selection& TilesetStream::selection() const { return _impl->selection; }
void TilesetStream::setComing(std::vector<std::vector<tiles::ViewState>> moments) { _impl->prefetch.setComing(std::move(moments)); }
void TilesetStream::show(double seconds) { _impl->show(seconds); }
const std::vector<ShownTile>& TilesetStream::shown() const { return _impl->fades.shown(); }

std::vector<DecodedTile> TilesetStream::takeDecoded(std::uint64_t byteBudget) {
    std::vector<DecodedTile> out;
    std::uint64_t bytes = 0;
    const auto take = [&](const tiles::LoadRequest& wanted) {
        if ((!out.empty() && bytes >= byteBudget) || _impl->stateOf(wanted.id) != LoadState::decoded) return;
        auto& live = *_impl->entry(wanted.id).live;
        live.state = LoadState::uploading;
        bytes += live.gpuBytes;
        out.push_back(live.decoded);
    };
    for (const auto& wanted : _impl->selection.load) take(wanted);
    for (const auto& wanted : _impl->prefetch.tiles()) take(wanted);
    return out;
}

void TilesetStream::reportResident(TileId id, std::uint64_t gpuBytes) {
    if (_impl->stateOf(id) != LoadState::uploading) return;
    auto& live = *_impl->entry(id).live;
    if (gpuBytes > live.gpuBytes) _impl->budget->charge(gpuBytes - live.gpuBytes);
    else _impl->budget->release(live.gpuBytes - gpuBytes);
    _impl->gpuBytes += gpuBytes;
    _impl->gpuBytes -= live.gpuBytes;
    live.gpuBytes = gpuBytes;
    live.held->dropPixels();
    live.state = LoadState::resident;
    auto& layer = _impl->layers[id.layer];
    layer.presence[id.tile] = Presence::ready;
    if (_impl->options.contentStays) _impl->learnRest(id);
}

void TilesetStream::reportBeside(TileId id, std::uint64_t bytes) {
    const auto state = _impl->stateOf(id);
    if (state != LoadState::uploading && state != LoadState::resident) return;
    auto& live = *_impl->entry(id).live;
    if (bytes > live.besideBytes) _impl->budget->charge(bytes - live.besideBytes);
    else _impl->budget->release(live.besideBytes - bytes);
    live.besideBytes = bytes;
    if (_impl->options.contentStays) _impl->learnRest(id);
}

void TilesetStream::reportSettled(TileId id) {
    if (_impl->stateOf(id) != LoadState::resident) return;
    _impl->entry(id).live->held->settle();
    _impl->learnRest(id);
}

void TilesetStream::reportFailed(TileId id, core::Error error) {
    if (_impl->stateOf(id) != LoadState::uploading) return;
    _impl->releaseReserved(*_impl->entry(id).live);
    _impl->tileFailed(id, std::move(error));
}

std::vector<TileId> TilesetStream::takeRetired() {
    auto out = std::exchange(_impl->retired, {});
    for (const auto id : out) {
        _impl->releaseReserved(*_impl->entry(id).live);
        _impl->endLive(id);
    }
    return out;
}

const DecodedTile* TilesetStream::resident(TileId id) const {
    return _impl->stateOf(id) == LoadState::resident ? &_impl->entry(id).live->decoded : nullptr;
}
LoadState TilesetStream::state(TileId id) const { return _impl->stateOf(id); }

bool TilesetStream::complete() const {
    if (!_impl->updated || _impl->layers.empty()) return false;
    for (const auto& layer : _impl->layers)
        if (!layer.tree && !layer.error && layer.options.visible) return false;
    return _impl->selection.complete && !_impl->tryFiner && _impl->budget->total.used() <= _impl->budget->total.limit();
}

double TilesetStream::selectMilliseconds() const { return _impl->selectMilliseconds; }

StreamStats TilesetStream::stats() const {
    StreamStats out;
    std::size_t tiles = 0;
    for (const auto& layer : _impl->layers) {
        if (layer.tree) {
            tiles += layer.tree->tileCount();
            out.grafts += layer.tree->grafts.size();
        }
        out.states[static_cast<std::size_t>(LoadState::failed)] += static_cast<std::size_t>(std::count(layer.presence.begin(), layer.presence.end(), Presence::failed));
    }
    for (const auto id : _impl->liveTiles) ++out.states[static_cast<std::size_t>(_impl->entry(id).live->state)];
    out.states[static_cast<std::size_t>(LoadState::absent)] = tiles - _impl->liveTiles.size() - out.states[static_cast<std::size_t>(LoadState::failed)];
    out.tiles = tiles;
    out.pruned = _impl->pruned;
    out.prefetched = _impl->prefetched;
    out.visited = _impl->selection.visited;
    out.drawn = static_cast<std::uint32_t>(_impl->selection.draw.size());
    out.trianglesDrawn = _impl->trianglesDrawn;
    out.featuresDrawn = _impl->featuresDrawn;
    out.loaded = _impl->loaded;
    out.dropped = _impl->dropped;
    out.refused = _impl->refused;
    const auto used = _impl->budget->total.used();
    out.gpuBytes = _impl->gpuBytes;
    out.budgetBytes = _impl->budget->total.limit();
    out.asideBytes = std::min(_impl->selection.headroomBytes, out.budgetBytes - std::min(used, out.budgetBytes));
    out.cpuBytes = used - std::min(used, _impl->gpuBytes) + out.asideBytes;
    out.usedBytesMost = _impl->budget->total.peak();
    out.effectiveErrorPixels = _impl->selection.effectiveErrorPixels;
    out.limited = _impl->selection.limited;
    out.neededBytes = _impl->selection.cutBytes + _impl->selection.headroomBytes + _impl->foreignBytes();
    out.floorBytes = _impl->selection.floorBytes;
    return out;
}

LayerStats TilesetStream::layerStats(std::uint32_t layer) const {
    LayerStats out;
    for (const auto& draw : _impl->selection.draw) {
        if (draw.id.layer != layer) continue;
        ++out.drawn;
        out.trianglesDrawn += _impl->entry(draw.id).live->triangles;
    }
    for (const auto id : _impl->liveTiles) {
        if (id.layer != layer) continue;
        const auto& tile = _impl->entry(id);
        if (tile.live->state != LoadState::resident) continue;
        ++out.resident;
        out.cpuBytes += tile.live->held->cpuBytes;
        out.tableBytes += tile.live->held->texts->byteSize();
        out.gpuBytes += tile.live->gpuBytes;
        out.besideBytes += tile.live->besideBytes;
    }
    return out;
}

const std::vector<TileFailure>& TilesetStream::failures() const { return _impl->failures; }
MemoryBudget& TilesetStream::budget() { return _impl->budget->total; }
void TilesetStream::setBudget(std::uint64_t bytes) {
    _impl->budget->total.setLimit(bytes);
    _impl->squeeze = 1.0;
    _impl->stuckFrames = 0;
    // What only failed for want of room may be tried again.
    for (auto& layer : _impl->layers)
        for (std::size_t t = 0; t < layer.tiles.size(); ++t)
            if (layer.presence[t] == Presence::failed && layer.tiles[t].peakBytes != 0 && layer.tiles[t].peakBytes <= bytes) {
                layer.presence[t] = Presence::absent;
            }
}

} // namespace matou::stream
