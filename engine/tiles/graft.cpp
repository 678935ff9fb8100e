#include <string>
#include <utility>

#include "core/expect.h"
#include "tiles/tile_tree.h"

namespace matou::tiles {
namespace {

void shift(std::uint32_t& index, std::uint32_t none, std::uint32_t by) {
    if (index != none) index += by;
}

/// `source`: of a part that brings none.
void hang(TileTree& tree, TileIndex at, TileTree&& part, std::uint32_t source) {
    Graft graft;
    tree.diagnostics.insert(tree.diagnostics.end(), part.diagnostics.begin(), part.diagnostics.end());
    graft.contents = place(tree.contents, tree.holes.contents, std::move(part.contents));
    graft.subtrees = place(tree.subtrees, tree.holes.subtrees, std::move(part.subtrees));
    graft.requestVolumes = place(tree.requestVolumes, tree.holes.requestVolumes, std::move(part.requestVolumes));
    graft.contentVolumes = place(tree.contentVolumes, tree.holes.contentVolumes, std::move(part.contentVolumes));
    graft.regionBoxes = place(tree.regionBoxes, tree.holes.regionBoxes, std::move(part.regionBoxes));
    graft.transforms = place(tree.transforms, tree.holes.transforms, std::move(part.transforms));
    graft.sources = place(tree.sources, tree.holes.sources, std::move(part.sources));
    graft.tiles = place(tree.tiles, tree.holes.tiles, std::move(part.tiles));
    for (std::uint32_t i = 0; i < graft.tiles.count; ++i) {
        auto& tile = tree.tiles[graft.tiles.first + i];
        tile.parent = tile.parent == kNoTile ? at : tile.parent + graft.tiles.first;
        shift(tile.firstChild, kNoTile, graft.tiles.first);
        shift(tile.subtree, kNoSubtree, graft.subtrees.first);
        shift(tile.request, kNoRequest, graft.requestVolumes.first);
        shift(tile.box, kNoVolume, graft.regionBoxes.first);
        shift(tile.contentVolume, kNoVolume, graft.contentVolumes.first);
        tile.firstContent += graft.contents.first;
        tile.transform += graft.transforms.first;
        tile.source = graft.sources.count > 0 ? tile.source + graft.sources.first : source;
    }
    for (std::uint32_t i = 0; i < graft.sources.count; ++i) {
        auto& mount = tree.sources[graft.sources.first + i].mount;
        mount = mount == kNoTile ? at : mount + graft.tiles.first;
    }
    auto& mount = tree.tiles[at];
    mount.external = true;
    mount.pending = false;
    mount.firstChild = graft.tiles.first;
    mount.childCount = 1;
    graft.texts = std::move(part.texts);
    tree.grafts[at] = std::move(graft);
}

} // namespace

core::Result<void> graft(TileTree& tree, TileIndex at, TileTree&& external) {
    const auto source = tree.tiles[at].source;
    const bool subtree = tree.tiles[at].subtree != kNoSubtree;
    const auto where = external.sources.empty() ? tree.sources[source].where : external.sources[0].where;
    if (tree.tiles[at].childCount > 0)
        return core::fail("E_TILESET_VALUE", where, {"children", "none beside an external tileset"});
    if (tree.tileCount() + external.tiles.size() > kTilesLimit)
        return core::fail("E_TILESET_SIZE", where, {std::to_string(kTilesLimit)});
    if (subtree) external.sources.clear();
    for (auto up = at; !subtree && up != kNoTile; up = tree.tiles[up].parent)
        if (tree.sources[tree.tiles[up].source].where == where)
            return core::fail("E_TILESET_LOOP", where + "#/root", {tree.path(at)});
    hang(tree, at, std::move(external), source);
    return {};
}

void prune(TileTree& tree, TileIndex at) {
    const auto found = tree.grafts.find(at);
    MATOU_EXPECT(found != tree.grafts.end());
    const auto graft = std::move(found->second);
    const auto inside = tree.grafts.lower_bound(graft.tiles.first);
    MATOU_EXPECT(inside == tree.grafts.end() || inside->first >= graft.tiles.first + graft.tiles.count);
    tree.grafts.erase(found);
    auto& mount = tree.tiles[at];
    mount.pending = true;
    mount.firstChild = kNoTile;
    mount.childCount = 0;
    remove(tree.contents, tree.holes.contents, graft.contents);
    remove(tree.subtrees, tree.holes.subtrees, graft.subtrees);
    remove(tree.requestVolumes, tree.holes.requestVolumes, graft.requestVolumes);
    remove(tree.contentVolumes, tree.holes.contentVolumes, graft.contentVolumes);
    remove(tree.regionBoxes, tree.holes.regionBoxes, graft.regionBoxes);
    remove(tree.transforms, tree.holes.transforms, graft.transforms);
    remove(tree.sources, tree.holes.sources, graft.sources);
    remove(tree.tiles, tree.holes.tiles, graft.tiles);
}

} // namespace matou::tiles
