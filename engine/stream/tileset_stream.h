#pragma once
// Tilesets on their way from files and servers to the picture, all layers under one memory budget.
//
//     Absent → Requested → Decoded → Uploading → Resident → Retiring → Absent        (any of the first four) → Failed
//
// The engine's frame, on the main lane; nothing here waits:
//     stream.update(views, maxErrorPixels, frame);                  // selection, requests, drops
//     for (auto id : stream.takeRetired()) resident.remove(id);
//     for (auto& d : stream.takeDecoded(uploadBytes)) stream.reportResident(d.id, resident.upload(d));
//     draw(stream.selection().draw);                                // or, with fades, what stream.show() makes of it
// Tiles reported resident after update() are drawn from the next frame on.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "io/byte_source.h"
#include "jobs/worker_pool.h"
#include "model/content.h"
#include "model/property_texts.h"
#include "stream/level_fades.h"
#include "stream/memory_budget.h"
#include "stream/retry_plan.h"
#include "tiles/selector.h"

namespace matou::stream {

using tiles::TileId;

enum class LoadState : std::uint8_t { absent, requested, decoded, uploading, resident, retiring, failed };
inline constexpr std::size_t kLoadStates = 7;

struct LayerOptions {
    std::string id; // FeatureKey::layer
    bool visible = true;
    /// Gives the run-time number of this layer's feature with that source id (scene::FeatureRegistry). Called by workers.
    std::function<std::uint32_t(const std::string& id)> internFeature;
    /// Applied above the root's own transform.
    glm::dmat4 ecefFromLayer{1.0};
    /// Where a tileset stands that has no place on the Earth: one whose root lies deep inside of it, as local coordinates do. Without
    /// it, it stays there.
    std::optional<glm::dmat4> ecefFromLocal;
};

struct StreamOptions {
    std::uint64_t budgetBytes = std::uint64_t{2} << 30;
    int requestsInFlight = 16;
    RetryTimes retry; // of what a server did not give, beyond the source's own tries
    /// GPU bytes that uploading this content takes; default: its vertices, indices, instances and images with mip levels.
    std::function<std::uint64_t(const model::Content&)> gpuBytesOf;
    /// CPU bytes that the caller will hold beside a resident content (ray casting), as an estimate from above: reserved with it,
    /// corrected by reportBeside, given back with takeRetired. Default: none.
    std::function<std::uint64_t(const model::Content&)> besideBytesOf;
    /// External tilesets and subtrees that no view looked into for so many updates are cut back to the tile that stands for them,
    /// once nothing of theirs is loaded; while all trees together take more than `treeBytes`, what they hold loaded goes for it.
    std::uint64_t trimAfterUpdates = 600;
    std::uint64_t treeBytes = std::uint64_t{64} << 20;
    /// False: the caller calls reportSettled for every resident tile, so plans count only what stays then.
    bool contentStays = true;
    /// KHR_materials_variants of all contents (decode::GltfOptions::variant).
    std::string variant;
    /// How long a level takes to give way to the next (show()).
    double fadeSeconds = 0;
};

/// A decoded content for the main lane to upload.
struct DecodedTile {
    TileId id;
    /// Geometry stays readable (ray casting) and counted for as long as anybody holds this. After reportResident the pixels
    /// are gone: images keep their sizes with `rgba` empty. After reportSettled it is empty.
    std::shared_ptr<const model::Content> content;
    /// What its properties say, row by row; stays.
    std::shared_ptr<const model::PropertyTexts> texts;
    /// Run-time number per row of content->features (0 where nothing was interned).
    std::shared_ptr<const std::vector<std::uint32_t>> featureNumbers;
    /// Tile transform and content's rtcCenter together.
    glm::dmat4 ecefFromContent{1.0};
    std::uint64_t gpuBytesReserved = 0;
};

struct StreamStats {
    std::array<std::size_t, kLoadStates> states{}; // the ledger: tiles by LoadState
    std::uint32_t visited = 0, drawn = 0;
    std::uint64_t trianglesDrawn = 0; // of the drawn tiles, instances counted
    std::uint64_t featuresDrawn = 0;
    std::size_t tiles = 0, grafts = 0; // of all trees; external tilesets and subtrees among them
    std::uint64_t pruned = 0;          // of those, since the start
    std::uint64_t prefetched = 0;      // asked for ahead of need, since the start
    std::uint64_t loaded = 0, dropped = 0, refused = 0; // since the start; refused: decoded but not fitting the budget
    /// `cpuBytes` includes what is set aside for loading (asideBytes): a content takes more on its way than when it is there, so
    /// a budget without that could hold the picture and never get it.
    std::uint64_t cpuBytes = 0, gpuBytes = 0, asideBytes = 0, budgetBytes = 0, usedBytesMost = 0;
    /// The budget that the aimed-at cut needs while it replaces what stood there; and the least that the views can be drawn
    /// with at all, at the coarsest. Exact once the tiles have been seen.
    std::uint64_t neededBytes = 0, floorBytes = 0;
    double effectiveErrorPixels = 0;
    bool limited = false;
};

/// Where one layer's bytes lie.
struct LayerStats {
    std::size_t resident = 0, drawn = 0; // tiles
    std::uint64_t trianglesDrawn = 0;
    std::uint64_t cpuBytes = 0, tableBytes = 0, gpuBytes = 0, besideBytes = 0; // of what is resident; tables are part of cpuBytes
};

struct TileFailure {
    TileId id;
    std::string path; // of the tile in its tree
    core::Error error;
};

/// Main lane, except where said. One for the whole process.
class TilesetStream {
public:
    /// Borrows both; they outlive it.
    TilesetStream(jobs::WorkerPool& workers, io::ByteSource& source, StreamOptions options = {});
    ~TilesetStream();

    /// Path or URL of a tileset.json, or of a single .glb/.gltf/.b3dm (a tree of one tile, placed by ecefFromLayer). Returns at
    /// once with the layer's number (its place in draw order); failures appear in failures() and layerError().
    std::uint32_t openTileset(const std::string& uri, LayerOptions options);
    /// The same with the location already resolved (a district's root holds its tilesets).
    std::uint32_t openTileset(const io::Location& location, LayerOptions options);
    void setVisible(std::uint32_t layer, bool visible);
    std::size_t layerCount() const;
    const std::string& layerId(std::uint32_t layer) const;
    /// The tree, or null until the tileset has been read.
    const tiles::TileTree* tree(std::uint32_t layer) const;
    /// Why the whole layer is missing, or null.
    const core::Error* layerError(std::uint32_t layer) const;

    /// Once per frame: takes what arrived, selects, requests and drops.
    const tiles::Selection& update(std::span<const tiles::ViewState> views, double maxErrorPixels, std::uint64_t frame);
    const tiles::Selection& selection() const;
    /// Views that are known to come (the next seconds of a tour or a film), per moment, the nearest first; until said again. What
    /// they need is asked for after all that the present needs, where there is room beside it: nothing that is drawn or wanted
    /// goes for it, and it goes first where the present lacks room. Never part of complete().
    void setComing(std::vector<std::vector<tiles::ViewState>> moments);

    /// Once per drawn frame, after update(), where levels fade into one another: `seconds` since the last drawn one, infinity for a
    /// picture without fades. Whatever it shows stays resident until the next call, if the budget has room for it beside what
    /// the plan needs; where it has not, what is selected is drawn whole.
    void show(double seconds);
    /// LevelFades::shown(): empty where selection().draw is drawn whole.
    const std::vector<ShownTile>& shown() const;

    /// Contents to upload, most needed first, at least one if any, until `byteBudget` of GPU bytes is passed. They are
    /// Uploading until reportResident or reportFailed.
    std::vector<DecodedTile> takeDecoded(std::uint64_t byteBudget);
    void reportResident(TileId id, std::uint64_t gpuBytes);
    /// What the caller really holds beside it (StreamOptions::besideBytesOf). Uploading or resident tiles only.
    void reportBeside(TileId id, std::uint64_t bytes);
    /// The caller, and whoever it handed the content to, reads nothing of it any more. Resident tiles only.
    void reportSettled(TileId id);
    void reportFailed(TileId id, core::Error error);
    /// Tiles whose GPU objects and CPU references the caller gives up now, in this frame: their bytes are no longer counted.
    std::vector<TileId> takeRetired();

    /// Where a resident tile's content goes; null where the tile is not resident.
    const DecodedTile* resident(TileId id) const;
    LoadState state(TileId id) const;

    /// All layers are open and everything that the last views need is drawn (within the budget), failed tiles aside.
    bool complete() const;
    StreamStats stats() const;
    /// What the selection of the last update took, by the clock.
    double selectMilliseconds() const;
    LayerStats layerStats(std::uint32_t layer) const;
    const std::vector<TileFailure>& failures() const;
    MemoryBudget& budget();
    /// Lower: coarser from the next frame on.
    void setBudget(std::uint64_t bytes);

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::stream
