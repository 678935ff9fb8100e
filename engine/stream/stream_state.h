#pragma once
// What a TilesetStream holds, and the steps of its update, each in a file of its own: arrivals.cpp, requests.cpp, room.cpp and, for the
// selection, tileset_stream.cpp. Internal to stream; main lane.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "stream/level_fades.h"
#include "stream/prefetch.h"
#include "stream/tile_loader.h"
#include "stream/tileset_stream.h"

namespace matou::stream {

using tiles::Presence;

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

inline std::uint64_t keyOf(TileId id) { return std::uint64_t{id.layer} << 32 | id.tile; }

struct TilesetStream::Impl {
    Impl(jobs::WorkerPool& w, io::ByteSource& s, StreamOptions o)
        : options(std::move(o)), budget(std::make_shared<SharedBudget>(options.budgetBytes)), retries(options.retry), loader(w, s, budget) {
        fades.setDuration(options.fadeSeconds);
    }
    ~Impl() {
        for (const auto id : liveTiles) releaseReserved(*entry(id).live);
    }

    static double nowSeconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
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

    // What came: layers, tiles, trees (arrivals.cpp).
    void takeArrivals(std::uint64_t frame);
    void layerArrived(Arrival& arrival);
    static tiles::TileTree treeOfOne(const Layer& layer, const model::Content& content);
    void grow(Layer& layer);
    std::uint64_t guessOf(const Layer& layer) const;
    void learnRest(TileId id, std::uint64_t restBytes);
    void learnRest(TileId id);
    void learnBytes(TileId id, const Arrival& arrival);
    bool saidBefore(std::uint32_t layer, const core::Error& remark);
    void tileArrived(Arrival& arrival, std::uint64_t frame);
    std::string whereOf(TileId id) const;
    void graftTree(TileId id, tiles::TileTree&& tree);
    void say(TileId id, core::Error error);
    void tileFailed(TileId id, core::Error error);
    void tileLacks(TileId id, core::Error error, RetryPlan::Failure failure);

    // What is asked for, most needed first (requests.cpp).
    void askForLayers();
    void request(const tiles::LoadRequest& wanted);
    std::uint64_t needOf(const tiles::LoadRequest& wanted) const;
    void serveRequests(std::uint64_t frame);
    void serveAhead(std::uint64_t frame, std::uint64_t pending, std::size_t flying, bool room);
    void watchProgress(bool stuck);

    // What goes, so that there is room: tiles, and trees that nobody looks into (room.cpp).
    Live& beginLive(TileId id);
    void endLive(TileId id);
    void dropLive(TileId id);
    void releaseReserved(Live& live);
    void collectSpares();
    std::uint64_t dropFor(std::uint64_t bytes, double priority);
    std::uint64_t cutFadesFor(std::uint64_t bytes, double priority);
    void trim();
    void trimLayer(std::uint32_t number, bool tooLarge);
    void cutBack(TileId mount);

    // What is to be drawn (tileset_stream.cpp).
    void viewsChanged(std::span<const tiles::ViewState> views);
    void select(std::span<const tiles::ViewState> views, double maxErrorPixels);
    void show(double seconds);
    std::uint64_t foreignBytes() const;

    /// What may go, the least useful first: unneeded by age; then wanted but not drawn, least urgent first.
    struct Spare {
        TileId id;
        bool wanted = false;
        double priority = 0;
        std::uint64_t lastUsed = 0;
        std::uint64_t bytes = 0;
    };

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

} // namespace matou::stream
