// What is asked for in a frame, and what is given up for it.

#include "stream/stream_state.h"

#include <cmath>
#include <limits>

namespace matou::stream {

void TilesetStream::Impl::askForLayers() {
    for (std::uint32_t i = 0; i < layers.size(); ++i) {
        auto& layer = layers[i];
        if (layer.asked || layer.tree || !retries.mayAsk({i, tiles::kNoTile}, now)) continue;
        layer.asked = true;
        LoadOrder order;
        order.id = {i, tiles::kNoTile};
        order.serial = ++lastSerial;
        order.locations = {layer.location};
        order.priority = std::numeric_limits<double>::max();
        order.context.ecefFromParent = layer.options.ecefFromLayer;
        order.ecefFromLocal = layer.options.ecefFromLocal;
        loader.start(std::move(order));
    }
}

void TilesetStream::Impl::request(const tiles::LoadRequest& wanted) {
    const auto id = wanted.id;
    auto& layer = layers[id.layer];
    const auto& tile = (*layer.tree)[id.tile];
    LoadOrder order;
    order.id = id;
    order.serial = ++lastSerial;
    order.priority = wanted.priority;
    order.context = {layer.tree->ecefFrom(tile), tile.refine, tile.depth + 1u};
    if (tile.subtree != tiles::kNoSubtree) order.subtree = layer.tree->subtrees[tile.subtree];
    order.internFeature = layer.options.internFeature;
    order.gpuBytesOf = options.gpuBytesOf;
    order.besideBytesOf = options.besideBytesOf;
    order.contentStays = options.contentStays;
    order.variant = options.variant;
    for (std::uint32_t c = 0; c < tile.contentCount; ++c) {
        const auto& content = layer.tree->contents[tile.firstContent + c];
        const auto where = layer.tree->sources[tile.source].where + "#" + layer.tree->contentPointer(id.tile, c);
        auto location = io::resolve(layer.sources[tile.source], content.uri, where);
        if (!location) {
            tileFailed(id, location.error());
            return;
        }
        order.locations.push_back(std::move(*location));
        order.wheres.push_back(where);
    }
    auto& live = beginLive(id);
    live.state = LoadState::requested;
    live.serial = order.serial;
    inFlight.insert(keyOf(id));
    loader.start(std::move(order));
    ++loaded;
}

std::uint64_t TilesetStream::Impl::needOf(const tiles::LoadRequest& wanted) const {
    if (wanted.tileset) return 0;
    const auto& layer = layers[wanted.id.layer];
    const auto known = layer.tiles[wanted.id.tile].peakBytes;
    return known ? known : layer.bytes[wanted.id.tile];
}

void TilesetStream::Impl::serveRequests(std::uint64_t frame) {
    // In flight and no longer wanted: given up.
    std::unordered_set<std::uint64_t> asked;
    for (const auto& request : selection.load) asked.insert(keyOf(request.id));
    std::uint64_t pending = 0; // what those in flight will take, as far as is known
    std::size_t flying = 0;
    std::vector<TileId> ahead; // in flight for views that are to come
    for (auto it = inFlight.begin(); it != inFlight.end();) {
        const TileId id{static_cast<std::uint32_t>(*it >> 32), static_cast<tiles::TileIndex>(*it)};
        const auto* e = find(id);
        const bool requested = e && e->live && e->live->state == LoadState::requested;
        const bool wantedNow = asked.contains(*it), later = !wantedNow && prefetch.priorityOf(id);
        if (requested && !wantedNow && !later) dropLive(id);
        if (!requested || (!wantedNow && !later)) {
            it = inFlight.erase(it);
            continue;
        }
        pending += needOf({id, 0, (*layers[id.layer].tree)[id.tile].pending});
        if (wantedNow) ++flying;
        else ahead.push_back(id);
        ++it;
    }
    sparesCollected = false;
    for (const auto& drawn : selection.draw) entry(drawn.id).live->lastUsed = frame;
    for (const auto& id : selection.base)
        if (auto& live = entry(id).live) live->lastUsed = frame;
    for (const auto& id : fades.leaving())
        if (auto& live = entry(id).live) live->lastUsed = frame;
    const auto limit = budget->total.limit();
    auto used = budget->total.used();
    std::uint64_t coming = 0; // dropped in this frame, free in the next
    if (used > limit) {
        fades.cut();
        coming += dropFor(used - limit, std::numeric_limits<double>::infinity());
    }
    bool blocked = false;
    bool waitingForRetry = false;
    for (const auto& wanted : selection.load) {
        const auto state = stateOf(wanted.id);
        if (state != LoadState::absent) continue;
        if (flying >= static_cast<std::size_t>(options.requestsInFlight)) break;
        if (!retries.empty() && !retries.mayAsk(wanted.id, now)) {
            waitingForRetry = true;
            continue;
        }
        const auto need = needOf(wanted);
        if (used + pending + need > limit)
            for (; !ahead.empty(); ahead.pop_back()) {
                pending -= needOf({ahead.back(), 0, (*layers[ahead.back().layer].tree)[ahead.back().tile].pending});
                inFlight.erase(keyOf(ahead.back()));
                dropLive(ahead.back());
            }
        const auto planned = used + pending + need;
        if (planned > limit) {
            const auto lacking = planned - limit;
            if (lacking > coming) coming += dropFor(lacking - coming, wanted.priority);
            used = budget->total.used(); // decoded ones are gone at once
            if (used + pending + need > limit) {
                // Strictly in order: what is less urgent must not take the room that this one waits for. A tile larger
                // than its guess finds out in the decoder, so one at a time may always try.
                if (flying == 0 && coming == 0) coming += cutFadesFor(used + pending + need - limit, wanted.priority);
                blocked = true;
                break;
            }
        }
        request(wanted);
        pending += need;
        ++flying;
    }
    watchProgress(blocked && flying == 0 && coming == 0 && !waitingForRetry);
    if (!prefetch.empty()) serveAhead(frame, pending, ahead.size(), !blocked && coming == 0 && !selection.limited);
}

/// For views that are to come: half as many at a time, in the room that is free or that nobody needs.
void TilesetStream::Impl::serveAhead(std::uint64_t frame, std::uint64_t pending, std::size_t flying, bool room) {
    const auto kept = std::min(budget->total.limit(), selection.headroomBytes);
    const auto limit = budget->total.limit() - kept;
    const auto most = static_cast<std::size_t>(std::max(1, options.requestsInFlight / 2));
    for (const auto& wanted : prefetch.tiles()) {
        if (auto& live = entry(wanted.id).live) live->lastUsed = frame;
        if (!room || flying >= most || stateOf(wanted.id) != LoadState::absent) continue;
        if (wanted.tileset != (*layers[wanted.id.layer].tree)[wanted.id.tile].pending) continue; // it has come meanwhile
        if (!retries.empty() && !retries.mayAsk(wanted.id, now)) continue;
        const auto need = needOf(wanted), planned = budget->total.used() + pending + need;
        if (planned > limit) {
            dropFor(planned - limit, -std::numeric_limits<double>::infinity());
            room = false; // what goes is free in the next frame
            continue;
        }
        request(wanted);
        pending += need;
        ++flying;
        ++prefetched;
    }
}

/// Nothing moves although something is wanted: give up finer stand-ins, then aim lower, until it moves again.
void TilesetStream::Impl::watchProgress(bool stuck) {
    tryFiner = false;
    if (!stuck) {
        stuckFrames = 0;
        if (calmFrames < 1000 && ++calmFrames == 60) finerStandIns = true;
        // Aimed low while sizes were guesses: once what was aimed at is there and more sizes are known than at the last
        // such moment, aim at the whole budget again. Tiles are finite, so this comes to an end.
        if (squeeze < 1.0 && selection.load.empty() && sizesKnown > sizesKnownAtRetry) {
            sizesKnownAtRetry = sizesKnown;
            squeeze = 1.0;
            tryFiner = true;
        }
        return;
    }
    calmFrames = 0;
    ++stuckFrames;
    if (stuckFrames >= 2) finerStandIns = false;
    if (stuckFrames >= 4) {
        squeeze *= 0.9;
        stuckFrames = 2;
    }
}

} // namespace matou::stream
