#include "tiles/tile_tree.h"

#include <algorithm>

namespace matou::tiles {

std::string TileTree::path(TileIndex index) const {
    std::vector<std::uint32_t> numbers;
    for (auto at = index; at < tiles.size() && tiles[at].parent != kNoTile; at = tiles[at].parent)
        numbers.push_back(at - tiles[tiles[at].parent].firstChild);
    std::string out = "0";
    for (auto it = numbers.rbegin(); it != numbers.rend(); ++it) out += "/" + std::to_string(*it);
    return out;
}

core::Result<void> graft(TileTree& tree, TileIndex at, TileTree&& external) {
    const auto& where = external.sources.empty() ? tree.sources[tree.tiles[at].source].where : external.sources[0].where;
    for (auto up = at; up != kNoTile; up = tree.tiles[up].parent)
        if (tree.sources[tree.tiles[up].source].where == where) return core::fail("E_TILESET_LOOP", where, {tree.path(at)});
    if (tree.tiles.size() + external.tiles.size() > kTilesLimit)
        return core::fail("E_TILESET_SIZE", where, {std::to_string(kTilesLimit)});

    const auto tileOffset = static_cast<TileIndex>(tree.tiles.size());
    const auto contentOffset = static_cast<std::uint32_t>(tree.contents.size());
    const auto sourceOffset = static_cast<std::uint32_t>(tree.sources.size());
    for (auto tile : external.tiles) {
        tile.parent = tile.parent == kNoTile ? at : tile.parent + tileOffset;
        if (tile.firstChild != kNoTile) tile.firstChild += tileOffset;
        tile.firstContent += contentOffset;
        tile.source += sourceOffset;
        tree.tiles.push_back(tile);
    }
    tree.contents.insert(tree.contents.end(), std::make_move_iterator(external.contents.begin()),
                         std::make_move_iterator(external.contents.end()));
    for (auto& source : external.sources) {
        source.mount = source.mount == kNoTile ? at : source.mount + tileOffset;
        tree.sources.push_back(std::move(source));
    }
    tree.diagnostics.insert(tree.diagnostics.end(), external.diagnostics.begin(), external.diagnostics.end());
    auto& mount = tree.tiles[at];
    mount.external = true;
    mount.pending = false;
    mount.firstChild = tileOffset;
    mount.childCount = 1;
    return {};
}

} // namespace matou::tiles
