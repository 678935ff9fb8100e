// What workers give back: into the trees, the ledger and the plans.

#include "stream/stream_state.h"

#include <functional>

#include <glm/gtc/matrix_transform.hpp>

namespace matou::stream {

namespace {

// Of a tile, while nothing of its layer was ever loaded: little beside a small budget, or nothing would be asked for.
constexpr std::uint64_t kFirstGuessBytes = 512 * 1024, kFirstGuessShare = 64;

} // namespace

void TilesetStream::Impl::takeArrivals(std::uint64_t frame) {
    now = nowSeconds();
    for (const auto id : retries.due(now)) { // the picture did without it; the server may be itself again
        if (id.tile == tiles::kNoTile) layers[id.layer].asked = false;
        else layers[id.layer].presence[id.tile] = Presence::absent;
    }
    for (auto& arrival : loader.inbox().takeAll()) {
        loader.giveUp(arrival.serial); // answered: the loader may forget it
        if (arrival.id.tile == tiles::kNoTile) layerArrived(arrival);
        else tileArrived(arrival, frame);
    }
}

void TilesetStream::Impl::layerArrived(Arrival& arrival) {
    auto& layer = layers[arrival.id.layer];
    if (layer.tree) return; // it came meanwhile
    if (arrival.error && (arrival.transient || arrival.broken)) {
        const bool without = retries.failed(arrival.id, arrival.transient ? RetryPlan::Failure::passing : RetryPlan::Failure::broken, now);
        if (!without || layer.error) {
            layer.asked = false;
            return;
        }
    } else {
        retries.succeeded(arrival.id, now);
        layer.error.reset();
    }
    if (arrival.tree) {
        layer.tree = std::move(*arrival.tree);
        layer.sources = {layer.location};
    } else if (arrival.content) {
        // A content on its own: a tree of one tile around it. It is loaded again as that tile, by the same way as any.
        layer.tree = treeOfOne(layer, arrival.content->content);
        layer.sources = {layer.location};
    } else {
        layer.error = arrival.error;
    }
    if (layer.tree) grow(layer);
    for (auto& remark : layer.tree ? layer.tree->diagnostics : arrival.remarks)
        if (!layer.error) failures.push_back({{arrival.id.layer, 0}, "0", remark});
    if (layer.error) failures.push_back({{arrival.id.layer, 0}, "0", *layer.error});
}

tiles::TileTree TilesetStream::Impl::treeOfOne(const Layer& layer, const model::Content& content) {
    tiles::TileTree tree;
    tiles::Tile tile;
    const glm::dvec3 low(content.minimum), high(content.maximum);
    // A flat content still has a body, thin beside its own size, which may be millimetres.
    const double thin = std::max(1e-3 * std::max({high.x - low.x, high.y - low.y, high.z - low.z}), 1e-6);
    const geo::OrientedBox box{content.rtcCenter + 0.5 * (low + high),
                               glm::dmat3(glm::scale(glm::dmat4(1.0), glm::max(0.5 * (high - low), glm::dvec3(thin))))};
    tree.transforms = {layer.options.ecefFromLayer};
    tree.setVolume(tile, geo::transformed(geo::BoundingVolume(box), layer.options.ecefFromLayer));
    tile.contentCount = 1;
    tree.tiles.push_back(tile);
    // Its name as a URI: what a file name may hold and a URI may not is escaped.
    std::string uri;
    auto name = layer.location.path.substr(layer.location.path.rfind('/') + 1);
    for (const char c : name) {
        constexpr char digits[] = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        const bool escape = layer.location.kind == io::Location::Kind::file && (c == '%' || c == '?' || c == '#' || c == ':');
        if (escape) uri += {'%', digits[byte >> 4], digits[byte & 15]};
        else uri += c;
    }
    tree.contents.push_back({tree.texts.keep(uri), {}});
    tree.sources.push_back({layer.location.text(), tiles::kNoTile});
    return tree;
}

/// The arrays that go beside the tree follow its size.
void TilesetStream::Impl::grow(Layer& layer) {
    const auto count = layer.tree->tiles.size();
    layer.tiles.resize(count);
    layer.presence.resize(count, Presence::absent);
    layer.bytes.resize(count, guessOf(layer));
    layer.transientBytes.resize(count, 0); // learnt with the size
}

std::uint64_t TilesetStream::Impl::guessOf(const Layer& layer) const {
    return layer.knownTiles ? layer.knownBytes / layer.knownTiles : std::min(kFirstGuessBytes, budget->total.limit() / kFirstGuessShare);
}

/// What plans count from now on: what it takes when it is there, and beyond that while it is loaded.
void TilesetStream::Impl::learnRest(TileId id, std::uint64_t restBytes) {
    auto& layer = layers[id.layer];
    layer.bytes[id.tile] = restBytes;
    layer.transientBytes[id.tile] = entry(id).peakBytes - std::min(restBytes, entry(id).peakBytes);
}

void TilesetStream::Impl::learnRest(TileId id) {
    const auto& live = *entry(id).live;
    learnRest(id, live.held->cpuBytes + live.gpuBytes + live.besideBytes);
}

void TilesetStream::Impl::learnBytes(TileId id, const Arrival& arrival) {
    auto& layer = layers[id.layer];
    if (entry(id).peakBytes == 0) {
        layer.knownBytes += arrival.restBytes;
        ++layer.knownTiles;
        ++sizesKnown;
    }
    entry(id).peakBytes = arrival.peakBytes;
    learnRest(id, arrival.restBytes);
    // A guess that was far off would plan cuts that do not fit: those that were never loaded follow the mean.
    const auto guess = guessOf(layer);
    if (guess > layer.guess + layer.guess / 4 || guess < layer.guess - layer.guess / 4) {
        layer.guess = guess;
        for (std::size_t i = 0; i < layer.tiles.size(); ++i)
            if (layer.tiles[i].peakBytes == 0) layer.bytes[i] = guess;
    }
}

/// An extension that is left out is said for the first tile that uses it, not for each of thousands.
bool TilesetStream::Impl::saidBefore(std::uint32_t layer, const core::Error& remark) {
    return remark.code == "W_GLTF_EXTENSION" && !remark.arguments.empty() && !extensionsSaid.insert({layer, remark.arguments[0]}).second;
}

void TilesetStream::Impl::tileArrived(Arrival& arrival, std::uint64_t frame) {
    const auto id = arrival.id;
    if (!find(id)) { // its tree was cut back meanwhile
        budget->release(arrival.reserved());
        return;
    }
    auto& e = entry(id);
    if (!e.live || e.live->serial != arrival.serial || e.live->state != LoadState::requested) { // given up meanwhile
        budget->release(arrival.reserved());
        return;
    }
    for (auto& remark : arrival.remarks)
        if (!arrival.error && !saidBefore(id.layer, remark)) say(id, std::move(remark));
    if (arrival.error) {
        if (!arrival.transient && !arrival.broken) return tileFailed(id, std::move(*arrival.error));
        return tileLacks(id, std::move(*arrival.error), arrival.transient ? RetryPlan::Failure::passing : RetryPlan::Failure::broken);
    }
    retries.succeeded(id, now);
    if (arrival.peakBytes) learnBytes(id, arrival);
    if (arrival.tree) {
        graftTree(id, std::move(*arrival.tree));
        budget->release(arrival.reserved());
        return;
    }
    if (arrival.noRoom) {
        endLive(id);
        ++refused;
        if (arrival.peakBytes > budget->total.limit()) // it can never be there
            tileFailed(id, {"E_STREAM_ROOM", {std::to_string(arrival.peakBytes), std::to_string(budget->total.limit())}, whereOf(id), {}});
        return;
    }
    auto& live = *e.live;
    live.state = LoadState::decoded;
    live.held = std::move(arrival.content);
    live.gpuBytes = arrival.gpuBytes;
    live.besideBytes = arrival.besideBytes;
    live.lastUsed = frame;
    live.triangles = live.held->content.triangleCount();
    live.features = live.held->content.features.count;
    const auto& tile = (*layers[id.layer].tree)[id.tile];
    live.decoded = {id, std::shared_ptr<const model::Content>(live.held, &live.held->content), live.held->texts, std::move(arrival.featureNumbers),
                    glm::translate(layers[id.layer].tree->ecefFrom(tile), live.held->content.rtcCenter), arrival.gpuBytes};
    gpuBytes += arrival.gpuBytes;
}

std::string TilesetStream::Impl::whereOf(TileId id) const {
    const auto& layer = layers[id.layer];
    const auto& tile = (*layer.tree)[id.tile];
    if (tile.contentCount == 0) return layer.tree->sources[tile.source].where;
    return layer.tree->sources[tile.source].where + "#" + layer.tree->contentPointer(id.tile);
}

void TilesetStream::Impl::graftTree(TileId id, tiles::TileTree&& tree) {
    auto& layer = layers[id.layer];
    endLive(id);
    const auto& tile = (*layer.tree)[id.tile];
    auto location = io::resolve(layer.sources[tile.source], layer.tree->contents[tile.firstContent].uri, whereOf(id));
    for (auto& remark : std::exchange(tree.diagnostics, {})) say(id, std::move(remark));
    auto done = location ? tiles::graft(*layer.tree, id.tile, std::move(tree)) : core::Result<void>(tl::unexpected(location.error()));
    if (!done) return tileFailed(id, done.error());
    grow(layer);
    layer.sources.resize(layer.tree->sources.size());
    const auto& part = layer.tree->grafts.at(id.tile);
    std::fill_n(layer.sources.begin() + part.sources.first, part.sources.count, *location); // a subtree adds none
    std::fill_n(layer.bytes.begin() + part.tiles.first, part.tiles.count, guessOf(layer));
    lookedInto[keyOf(id)] = updates;
}

/// Once for each tile and what is wrong with it, however often it is loaded.
void TilesetStream::Impl::say(TileId id, core::Error error) {
    auto path = layers[id.layer].tree->path(id.tile);
    const auto hash = std::hash<std::string>{}(std::to_string(id.layer) + " " + path + " " + error.code + " " + error.where);
    if (said.insert(hash).second) failures.push_back({id, std::move(path), std::move(error)});
}

void TilesetStream::Impl::tileFailed(TileId id, core::Error error) {
    auto& layer = layers[id.layer];
    endLive(id);
    retries.forget(id);
    layer.presence[id.tile] = Presence::failed;
    say(id, std::move(error));
}

/// The server did not give it, or gave something else: asked for again by the plan. Said once, when the picture does without it.
void TilesetStream::Impl::tileLacks(TileId id, core::Error error, RetryPlan::Failure failure) {
    auto& layer = layers[id.layer];
    endLive(id);
    if (!retries.failed(id, failure, now)) return;
    layer.presence[id.tile] = Presence::failed;
    if (lacking.insert(keyOf(id)).second) say(id, std::move(error));
}

} // namespace matou::stream
