#include "stream/tileset_stream.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <glm/gtc/matrix_transform.hpp>

#include "stream/prefetch.h"
#include "stream/tile_loader.h"

namespace matou::stream {

using tiles::Presence;

namespace {

// Of a tile, while nothing of its layer was ever loaded: little beside a small budget, or nothing would be asked for.
constexpr std::uint64_t kFirstGuessBytes = 512 * 1024, kFirstGuessShare = 64;

/// What a tile has while it is not absent.
struct Live {
    LoadState state = LoadState::absent;
    std::uint64_t serial = 0;
    DecodedTile decoded;
    std::shared_ptr<HeldContent> held;
    std::uint64_t gpuBytes = 0, besideBytes = 0;
    std::uint64_t lastUsed = 0;
    std::uint64_t triangles = 0, features = 0;
    std::size_t place = 0; // in Impl::liveTiles
};

struct TileEntry {
    std::unique_ptr<Live> live;
    std::uint64_t peakBytes = 0; // 0: never loaded
};

struct Layer {
    LayerOptions options;
    io::Location location;
    std::vector<io::Location> sources; // per TileTree::sources
    std::optional<tiles::TileTree> tree;
    std::optional<core::Error> error;
    bool asked = false;
    std::vector<TileEntry> tiles;
    std::vector<Presence> presence;
    std::vector<std::uint64_t> bytes, transientBytes;
    std::uint64_t knownBytes = 0, knownTiles = 0;
    std::uint64_t guess = 0;
    bool broad = false; // Selection::broad
};

// How often it is looked for trees that nobody looks into: rarely enough that a frame does not feel it.
constexpr std::uint64_t kTrimEvery = 64;
// Of a tile, in the tree and in the arrays beside it, its addresses estimated.
constexpr std::uint64_t kTreeBytesPerTile = sizeof(tiles::Tile) + sizeof(TileEntry) + sizeof(Presence) + 16 + 64;

std::uint64_t keyOf(TileId id) { return std::uint64_t{id.layer} << 32 | id.tile; }

} // namespace

struct TilesetStream::Impl {
    Impl(jobs::WorkerPool& w, io::ByteSource& s, StreamOptions o)
        : options(std::move(o)), budget(std::make_shared<SharedBudget>(options.budgetBytes)), retries(options.retry), loader(w, s, budget) {
        fades.setDuration(options.fadeSeconds);
    }

    ~Impl() {
        for (const auto id : liveTiles) releaseReserved(*entry(id).live);
    }

    TileEntry& entry(TileId id) { return layers[id.layer].tiles[id.tile]; }
    const TileEntry* find(TileId id) const {
        if (id.layer >= layers.size() || id.tile >= layers[id.layer].tiles.size()) return nullptr;
        return &layers[id.layer].tiles[id.tile];
    }
    LoadState stateOf(TileId id) const {
        const auto* e = find(id);
        if (!e) return LoadState::absent;
        if (e->live) return e->live->state;
        return layers[id.layer].presence[id.tile] == Presence::failed ? LoadState::failed : LoadState::absent;
    }

    Live& beginLive(TileId id) {
        auto& live = entry(id).live;
        live = std::make_unique<Live>();
        live->place = liveTiles.size();
        liveTiles.push_back(id);
        return *live;
    }
    void endLive(TileId id) {
        auto& live = entry(id).live;
        if (!live) return;
        entry(liveTiles.back()).live->place = live->place;
        liveTiles[live->place] = liveTiles.back();
        liveTiles.pop_back();
        live.reset();
    }

    // ---- Arrivals ------------------------------------------------------------------------------------------------

    static double nowSeconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

    void takeArrivals(std::uint64_t frame) {
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

    void layerArrived(Arrival& arrival) {
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

    static tiles::TileTree treeOfOne(const Layer& layer, const model::Content& content) {
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
    void grow(Layer& layer) {
        const auto count = layer.tree->tiles.size();
        layer.tiles.resize(count);
        layer.presence.resize(count, Presence::absent);
        layer.bytes.resize(count, guessOf(layer));
        layer.transientBytes.resize(count, 0); // learnt with the size
    }
    std::uint64_t guessOf(const Layer& layer) const {
        return layer.knownTiles ? layer.knownBytes / layer.knownTiles : std::min(kFirstGuessBytes, budget->total.limit() / kFirstGuessShare);
    }

    /// What plans count from now on: what it takes when it is there, and beyond that while it is loaded.
    void learnRest(TileId id, std::uint64_t restBytes) {
        auto& layer = layers[id.layer];
        layer.bytes[id.tile] = restBytes;
        layer.transientBytes[id.tile] = entry(id).peakBytes - std::min(restBytes, entry(id).peakBytes);
    }
    void learnRest(TileId id) {
        const auto& live = *entry(id).live;
        learnRest(id, live.held->cpuBytes + live.gpuBytes + live.besideBytes);
    }

    void learnBytes(TileId id, const Arrival& arrival) {
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
    bool saidBefore(std::uint32_t layer, const core::Error& remark) {
        return remark.code == "W_GLTF_EXTENSION" && !remark.arguments.empty() && !extensionsSaid.insert({layer, remark.arguments[0]}).second;
    }

    void tileArrived(Arrival& arrival, std::uint64_t frame) {
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

    std::string whereOf(TileId id) const {
        const auto& layer = layers[id.layer];
        const auto& tile = (*layer.tree)[id.tile];
        if (tile.contentCount == 0) return layer.tree->sources[tile.source].where;
        return layer.tree->sources[tile.source].where + "#" + layer.tree->contentPointer(id.tile);
    }

    void graftTree(TileId id, tiles::TileTree&& tree) {
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
    void say(TileId id, core::Error error) {
        auto path = layers[id.layer].tree->path(id.tile);
        const auto hash = std::hash<std::string>{}(std::to_string(id.layer) + " " + path + " " + error.code + " " + error.where);
        if (said.insert(hash).second) failures.push_back({id, std::move(path), std::move(error)});
    }

    // ---- Trees that nobody looks into --------------------------------------------------------------------------------

    void trim() {
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

    void trimLayer(std::uint32_t number, bool tooLarge) {
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

    void cutBack(TileId mount) {
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

    void tileFailed(TileId id, core::Error error) {
        auto& layer = layers[id.layer];
        endLive(id);
        retries.forget(id);
        layer.presence[id.tile] = Presence::failed;
        say(id, std::move(error));
    }

    /// The server did not give it, or gave something else: asked for again by the plan. Said once, when the picture does without it.
    void tileLacks(TileId id, core::Error error, RetryPlan::Failure failure) {
        auto& layer = layers[id.layer];
        endLive(id);
        if (!retries.failed(id, failure, now)) return;
        layer.presence[id.tile] = Presence::failed;
        if (lacking.insert(keyOf(id)).second) say(id, std::move(error));
    }

    // ---- Requests ------------------------------------------------------------------------------------------------

    void askForLayers() {
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

    void request(const tiles::LoadRequest& wanted) {
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

    std::uint64_t needOf(const tiles::LoadRequest& wanted) const {
        if (wanted.tileset) return 0;
        const auto& layer = layers[wanted.id.layer];
        const auto known = layer.tiles[wanted.id.tile].peakBytes;
        return known ? known : layer.bytes[wanted.id.tile];
    }

    void dropLive(TileId id) {
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
    void releaseReserved(Live& live) {
        if (live.state == LoadState::requested) return;
        budget->release(live.gpuBytes + live.besideBytes);
        gpuBytes -= live.gpuBytes;
        live.gpuBytes = live.besideBytes = 0;
    }

    /// What may go, the least useful first: unneeded by age; then wanted but not drawn, least urgent first.
    struct Spare {
        TileId id;
        bool wanted = false;
        double priority = 0;
        std::uint64_t lastUsed = 0;
        std::uint64_t bytes = 0;
    };

    void collectSpares() {
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
    std::uint64_t dropFor(std::uint64_t bytes, double priority) {
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
    std::uint64_t cutFadesFor(std::uint64_t bytes, double priority) {
        fades.cut();
        sparesCollected = false;
        return dropFor(bytes, priority);
    }

    void serveRequests(std::uint64_t frame) {
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
    void serveAhead(std::uint64_t frame, std::uint64_t pending, std::size_t flying, bool room) {
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
    void watchProgress(bool stuck) {
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

    void viewsChanged(std::span<const tiles::ViewState> views) {
        bool same = views.size() == lastEyes.size();
        for (std::size_t i = 0; same && i < views.size(); ++i) same = views[i].eyeEcef == lastEyes[i];
        if (same) return;
        lastEyes.clear();
        for (const auto& view : views) lastEyes.push_back(view.eyeEcef);
        squeeze = std::min(1.0, squeeze * 1.01); // another place may be kinder
    }

    // ---- Selection -----------------------------------------------------------------------------------------------

    void show(double seconds) {
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
    std::uint64_t foreignBytes() const {
        const auto own = budget->own.load(), used = budget->total.used();
        return used > own ? used - own : 0;
    }

    void select(std::span<const tiles::ViewState> views, double maxErrorPixels) {
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

    StreamOptions options;
    std::shared_ptr<SharedBudget> budget;
    std::vector<Layer> layers;
    std::vector<TileFailure> failures;
    std::set<std::pair<std::uint32_t, std::string>> extensionsSaid; // layer, name
    tiles::TileSelector selector;
    Prefetch prefetch;
    tiles::Selection selection;
    std::vector<tiles::ViewState> selectedFor;
    LevelFades fades;
    std::vector<TileId> retired;
    std::vector<Spare> spares;
    bool sparesCollected = false; // in this frame
    std::vector<TileId> liveTiles; // in no order: whatever is not absent
    std::unordered_set<std::uint64_t> inFlight;
    std::vector<glm::dvec3> lastEyes;
    RetryPlan retries;
    std::unordered_set<std::uint64_t> lacking; // failures that were said
    std::unordered_set<std::size_t> said; // of tiles: hashes
    std::unordered_map<std::uint64_t, std::uint64_t> lookedInto; // mounts of grafts, and the update in which a view did last
    std::uint64_t updates = 0, pruned = 0, prefetched = 0;
    double now = 0; // of this update, seconds of a steady clock
    std::uint64_t lastSerial = 0;
    std::uint64_t loaded = 0, dropped = 0, refused = 0, gpuBytes = 0;
    std::uint64_t trianglesDrawn = 0, featuresDrawn = 0;
    double squeeze = 1.0, selectMilliseconds = 0;
    std::uint64_t sizesKnown = 0, sizesKnownAtRetry = 0;
    bool tryFiner = false; // the next selection aims higher than this one
    int stuckFrames = 0, calmFrames = 0;
    bool finerStandIns = true, updated = false;
    TileLoader loader; // last: its workers end before what they answer to
};

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
