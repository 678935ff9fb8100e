#pragma once
// Which tiles the views need. Pure: no I/O, no clock; same input, same answer.

#include <cstdint>
#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "geo/camera_pose.h"
#include "geo/frustum.h"
#include "tiles/tile_tree.h"

namespace matou::tiles {

/// What selection needs of one view.
struct ViewState {
    geo::Frustum frustum;
    glm::dvec3 eyeEcef{0.0};
    double fovYRadians = 0.9;      // of the whole image plane
    double heightPixels = 1080;    // of the whole image plane
    std::uint64_t layerMask = ~std::uint64_t{0}; // bit per layer (place in the span given to select), 63 stands for the rest
    /// Not empty: what is wanted is what stands in this convex region (geo::sweptTowards) as fine as the eye would have
    /// it if it saw it, not what the frustum holds: what throws shadows into the picture. Loaded after what is seen.
    std::vector<geo::Plane> casterRegion;
};

/// A view as the frame snapshot has it: `window` is the part of the plane that is seen, targetHeightPixels what that part fills.
ViewState viewStateOf(const geo::EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec4& window,
                      double nearMeters, double targetHeightPixels);

/// The same with `share` of the plane more on each side, as fine: what a view along nearly the same way sees.
ViewState widerViewStateOf(const geo::EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec4& window,
                           double nearMeters, double targetHeightPixels, double share);

/// 3D Tiles 1.1, "Geometric error": pixels that leaving out the children costs; infinite inside the volume.
double screenSpaceError(const Tile& tile, const ViewState& view);

/// The view may see something of the tile: its volume touches the frustum, or the region that casters are asked for.
bool touches(const TileTree& tree, TileIndex tile, const ViewState& view);

/// What is known of a tile's content.
enum class Presence : std::uint8_t {
    absent,
    ready,  // drawable now
    failed, // will not come
};

/// One layer. `presence` and `bytes` have one entry per tile of the tree.
struct LayerView {
    const TileTree* tree = nullptr;
    std::span<const Presence> presence;
    /// What the content takes while resident (CPU and GPU); an estimate where it was never loaded.
    std::span<const std::uint64_t> bytes;
    bool visible = true;
    /// What loading it takes beyond `bytes`, for a moment. Empty: nothing.
    std::span<const std::uint64_t> transientBytes;
    /// False: its topmost contents are not kept for every view (Selection::base). For layers of Selection::broad.
    bool base = true;
};

struct SelectOptions {
    double maxErrorPixels = 16;
    /// What the cut may take altogether; tiles that no longer fit are not refined.
    std::uint64_t byteLimit = UINT64_MAX;
    /// Resident finer tiles may stand in for a coarser one that is absent. Off frees their memory.
    bool finerStandIns = true;
};

struct TileId {
    std::uint32_t layer = 0;
    TileIndex tile = kNoTile;
    auto operator<=>(const TileId&) const = default;
};

struct DrawTile {
    TileId id;
    std::uint64_t views = 0; // bit per view that sees it (first 64)
};

struct LoadRequest {
    TileId id;
    double priority = 0; // larger first
    bool tileset = false; // an external tileset: its tree is wanted
};

struct Selection {
    /// By layer, then by tile path: never by arrival.
    std::vector<DrawTile> draw;
    /// Most needed first; a parent's children stand together.
    std::vector<LoadRequest> load;
    /// The cut that is aimed at, ready or not: what stays resident once the view rests.
    std::vector<LoadRequest> wanted;
    /// Ready tiles above that cut which stand in on the way to it, or will once their siblings are ready too: not to be dropped for
    /// one another, or siblings that fit one by one but not together would be loaded in turns for ever.
    std::vector<LoadRequest> standIns;
    /// Topmost contents of every visible layer: with these resident no view ever has a hole.
    std::vector<TileId> base;
    /// Tiles whose external tileset or subtree was looked into: what hangs under others may be cut back (`prune`).
    std::vector<TileId> mounts;
    /// Layers with more topmost contents than a base may have. That is learnt as external tilesets come, and would be
    /// forgotten with them: say it again in the next call.
    std::vector<std::uint32_t> broad;
    std::uint32_t visited = 0;
    std::uint64_t floorBytes = 0; // of the coarsest cut that leaves no hole, while its largest tile is loaded
    std::uint64_t cutBytes = 0; // of the cut that was aimed at, base included
    std::uint64_t headroomBytes = 0; // beside it, while it is loaded: a content that stands in until its children are there, and one of these on its way
    /// Screen-space error that the aimed-at cut keeps; above maxErrorPixels when byteLimit made it coarser.
    double effectiveErrorPixels = 0;
    bool limited = false;  // byteLimit made it coarser
    bool complete = false; // what is drawn is what was aimed at, and the base is there (external tilesets that nobody looks at aside)
};

class TileSelector {
public:
    /// Coarser tiles stand in until all children that a view sees are ready (REPLACE), so a hole is never drawn: a point of a
    /// view that the base covers is covered by `draw` once the base is ready. Error metric: 3D Tiles 1.1, "Geometric error".
    /// Cost: n log n in visited tiles. Keeps its scratch memory between calls; one lane at a time.
    Selection select(std::span<const LayerView> layers, std::span<const ViewState> views, const SelectOptions& options);

private:
    /// A visited tile of this call. Children of one node stand one after another.
    struct Node {
        TileId id;
        std::uint32_t firstChild = 0, childCount = 0;
        std::uint64_t views = 0;
        double errorPixels = 0;
        double urgency = 0; // error of the nearest tile above that draws: what the picture lacks until this one is there
        bool refined = false;
        bool standIn = false; // something above can be drawn in its place
    };
    class Run;
    std::vector<Node> _nodes;
};

} // namespace matou::tiles
