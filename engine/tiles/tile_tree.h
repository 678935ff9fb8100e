#pragma once
// The tree of a 3D Tiles 1.1 tileset, with the external tilesets grafted so far. Flat arrays; everything already in ECEF.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "geo/bounding_volume.h"
#include "tiles/free_ranges.h"
#include "tiles/implicit_tiling.h"
#include "tiles/text_arena.h"

namespace matou::tiles {

using TileIndex = std::uint32_t;
inline constexpr TileIndex kNoTile = 0xffffffffu;
inline constexpr std::uint32_t kNoSubtree = 0xffffffffu;
inline constexpr std::uint32_t kNoRequest = 0xffffffffu;
inline constexpr std::uint32_t kNoVolume = 0xffffffffu;
/// Tiles from the root down, external tilesets included.
inline constexpr std::uint32_t kDepthLimit = 256;
inline constexpr std::size_t kTilesLimit = 4'000'000;

enum class Refinement : std::uint8_t { replace, add };

/// Three cache lines: what selection looks at in every visited tile. What few tiles have, or many share, stands in tables.
struct Tile {
    geo::Sphere sphere; // around volume: the cheap test
    double geometricError = 0; // metres, scaled by the transform's largest axis
    TileIndex parent = kNoTile;
    TileIndex firstChild = kNoTile; // children stand one after another
    std::uint32_t childCount = 0;
    std::uint32_t firstContent = 0; // TileTree::contents
    std::uint16_t contentCount = 0;
    std::uint16_t depth = 0;
    std::uint32_t source = 0; // TileTree::sources
    std::uint32_t subtree = kNoSubtree; // TileTree::subtrees: it stands for that subtree, whose file is its only content
    std::uint32_t request = kNoRequest; // TileTree::requestVolumes: only for views whose eye is inside
    std::uint32_t transform = 0; // TileTree::transforms
    std::uint32_t box = kNoVolume; // TileTree::regionBoxes, where its volume is a region
    std::uint32_t contentVolume = kNoVolume; // TileTree::contentVolumes, where the content has one of its own
    Refinement refine = Refinement::replace;
    /// Its content is (or was) another tileset or an implicit subtree: nothing to draw by itself.
    bool external = false;
    /// External and not grafted yet: its children are not known.
    bool pending = false;
    /// Transformed to ECEF (regions are never transformed).
    geo::BoundingVolume volume;
};
static_assert(sizeof(Tile) <= 192);

/// Both lie in the `texts` of the tree, or of the graft that brought it.
struct TileContent {
    std::string_view uri;     // as written
    std::string_view pointer; // where that is not the tile's "/content/uri": TileTree::pointer gives it whole
};

/// One tileset.json of the tree.
struct TileSource {
    std::string where; // file or URL: content URIs are relative to it
    TileIndex mount = kNoTile;
};

/// What one external tileset or subtree brought into the arrays of the tree.
struct Graft {
    Range tiles, contents, sources, subtrees, requestVolumes, contentVolumes, regionBoxes, transforms;
    TextArena texts; // of its contents
};

struct TileTree {
    std::vector<Tile> tiles; // 0 is the root; never empty. Holes that `prune` left are tiles of no parent, children and content
    std::vector<TileContent> contents;
    TextArena texts; // without those of grafts
    std::vector<TileSource> sources;
    std::vector<SubtreePlace> subtrees; // of the implicit tilings, as far as they are known
    std::vector<geo::BoundingVolume> requestVolumes; // `viewerRequestVolume`, in ECEF
    std::vector<geo::BoundingVolume> contentVolumes; // in ECEF
    std::vector<geo::OrientedBox> regionBoxes; // around regions: what frustums are tested with
    std::vector<glm::dmat4> transforms{glm::dmat4(1.0)}; // ECEF from tile; tiles without one of their own share their parent's
    double geometricError = 0; // the tileset's own
    std::map<TileIndex, Graft> grafts; // by the tile that they hang under
    core::Diagnostics diagnostics;
    struct {
        FreeRanges tiles, contents, sources, subtrees, requestVolumes, contentVolumes, regionBoxes, transforms;
    } holes;

    const Tile& operator[](TileIndex index) const { return tiles[index]; }
    /// Without the holes.
    std::size_t tileCount() const { return tiles.size() - holes.tiles.freeCount(); }
    /// "0/2/1": child numbers from the root; the same in every run.
    std::string path(TileIndex index) const;
    /// JSON pointer of the tile in its own tileset: "/root/children/0". Tiles of a subtree have none of their own.
    std::string pointer(TileIndex index) const;
    /// Of the URI of one of its contents: "/root/children/0/content/uri".
    std::string contentPointer(TileIndex index, std::uint32_t number = 0) const;
    /// Volume (in ECEF), the sphere and, of a region, the box around it.
    void setVolume(Tile& tile, const geo::BoundingVolume& volume);
    const glm::dmat4& ecefFrom(const Tile& tile) const { return transforms[tile.transform]; }
    /// Of the content where given, else the tile's.
    const geo::BoundingVolume& volumeOfContent(const Tile& tile) const { return tile.contentVolume == kNoVolume ? tile.volume : contentVolumes[tile.contentVolume]; }
};

/// What a tileset inherits from the tile that it hangs on.
struct ParseContext {
    glm::dmat4 ecefFromParent{1.0};
    Refinement refine = Refinement::replace;
    std::uint32_t depth = 0;
};

/// 3D Tiles 1.0 and 1.1; a tile with implicit tiling becomes one that stands for its first subtree. Errors `WHERE:byte N` or `WHERE#/pointer`: E_TILESET_SYNTAX, E_TILESET_MISSING,
/// E_TILESET_TYPE, E_TILESET_VALUE, E_TILESET_DEPTH, E_TILESET_SIZE, E_TILESET_VERSION, E_TILESET_EXTENSION {name}. No recursion on depth. Thread: any. Cost: linear, two passes
/// over the text and nothing between it and the tree where the tiles are plain (plain_tiles.h). `readableBeyond`: bytes of the same allocation behind the end (a vector's capacity); with 64 of them the text is not copied.
core::Result<TileTree> parseTileset(std::span<const std::byte> bytes, const std::string& where, const ParseContext& context = {}, std::size_t readableBeyond = 0);

/// Hangs an external tileset, or a subtree where the tile stands for one, under tile `at`, with whose context it was parsed. A
/// tileset adds to `sources`; a subtree's URIs are relative to the tileset that names them. E_TILESET_DEPTH, E_TILESET_SIZE,
/// E_TILESET_LOOP (its address is already among those above), E_TILESET_VALUE (the tile has children already).
/// Tiles that are there keep their indexes; new ones go into holes where they fit.
core::Result<void> graft(TileTree& tree, TileIndex at, TileTree&& external);

/// Cuts what was hung under tile `at` back to the tile that stands for it: `pending` as it was before. Nothing may hang
/// under the tiles that go. Their indexes are given to others; those of all other tiles stay. Cost: linear in what goes.
void prune(TileTree& tree, TileIndex at);

} // namespace matou::tiles
