#include "tiles/tile_tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace matou::tiles {

std::string TileTree::path(TileIndex index) const {
    std::vector<std::uint32_t> numbers;
    for (auto at = index; at < tiles.size() && tiles[at].parent != kNoTile; at = tiles[at].parent)
        numbers.push_back(at - tiles[tiles[at].parent].firstChild);
    std::string out = "0";
    for (auto it = numbers.rbegin(); it != numbers.rend(); ++it) out += "/" + std::to_string(*it);
    return out;
}

std::string TileTree::pointer(TileIndex index) const {
    std::vector<std::uint32_t> numbers;
    auto at = index;
    for (; at < tiles.size() && tiles[at].parent != kNoTile && tiles[tiles[at].parent].source == tiles[index].source; at = tiles[at].parent)
        numbers.push_back(at - tiles[tiles[at].parent].firstChild);
    std::string out = "/root";
    for (auto it = numbers.rbegin(); it != numbers.rend(); ++it) out += "/children/" + std::to_string(*it);
    return out;
}

std::string TileTree::contentPointer(TileIndex index, std::uint32_t number) const {
    const auto& written = contents[tiles[index].firstContent + number].pointer;
    return written.empty() ? pointer(index) + "/content/uri" : written;
}

void TileTree::setVolume(Tile& tile, const geo::BoundingVolume& volume) {
    tile.volume = volume;
    if (const auto* region = std::get_if<geo::Region>(&volume)) {
        tile.box = static_cast<std::uint32_t>(regionBoxes.size());
        regionBoxes.push_back(geo::boxOfRegion(*region));
        tile.sphere = geo::boundingSphere(regionBoxes.back());
    } else {
        tile.sphere = geo::boundingSphere(volume);
    }
}

namespace {

void appendBelow(TileTree& tree, TileIndex at, TileTree&& part, std::uint32_t sourceOffset) {
    const auto tileOffset = static_cast<TileIndex>(tree.tiles.size());
    const auto contentOffset = static_cast<std::uint32_t>(tree.contents.size());
    const auto subtreeOffset = static_cast<std::uint32_t>(tree.subtrees.size());
    const auto requestOffset = static_cast<std::uint32_t>(tree.requestVolumes.size());
    const auto volumeOffset = static_cast<std::uint32_t>(tree.contentVolumes.size());
    const auto boxOffset = static_cast<std::uint32_t>(tree.regionBoxes.size());
    const auto transformOffset = static_cast<std::uint32_t>(tree.transforms.size());
    for (auto tile : part.tiles) {
        tile.parent = tile.parent == kNoTile ? at : tile.parent + tileOffset;
        if (tile.firstChild != kNoTile) tile.firstChild += tileOffset;
        tile.firstContent += contentOffset;
        tile.source += sourceOffset;
        if (tile.subtree != kNoSubtree) tile.subtree += subtreeOffset;
        if (tile.request != kNoRequest) tile.request += requestOffset;
        if (tile.box != kNoVolume) tile.box += boxOffset;
        if (tile.contentVolume != kNoVolume) tile.contentVolume += volumeOffset;
        tile.transform += transformOffset;
        tree.tiles.push_back(tile);
    }
    tree.contents.insert(tree.contents.end(), std::make_move_iterator(part.contents.begin()), std::make_move_iterator(part.contents.end()));
    tree.subtrees.insert(tree.subtrees.end(), std::make_move_iterator(part.subtrees.begin()), std::make_move_iterator(part.subtrees.end()));
    tree.contentVolumes.insert(tree.contentVolumes.end(), part.contentVolumes.begin(), part.contentVolumes.end());
    tree.regionBoxes.insert(tree.regionBoxes.end(), part.regionBoxes.begin(), part.regionBoxes.end());
    tree.transforms.insert(tree.transforms.end(), part.transforms.begin(), part.transforms.end());
    tree.requestVolumes.insert(tree.requestVolumes.end(), part.requestVolumes.begin(), part.requestVolumes.end());
    tree.diagnostics.insert(tree.diagnostics.end(), part.diagnostics.begin(), part.diagnostics.end());
    auto& mount = tree.tiles[at];
    mount.external = true;
    mount.pending = false;
    mount.firstChild = tileOffset;
    mount.childCount = 1;
}

} // namespace

core::Result<void> graft(TileTree& tree, TileIndex at, TileTree&& external) {
    const auto& above = tree.sources[tree.tiles[at].source].where;
    const auto& where = external.sources.empty() ? above : external.sources[0].where;
    if (tree.tiles[at].childCount > 0) return core::fail("E_TILESET_VALUE", where, {"children", "none beside an external tileset"});
    if (tree.tiles.size() + external.tiles.size() > kTilesLimit) return core::fail("E_TILESET_SIZE", where, {std::to_string(kTilesLimit)});
    if (tree.tiles[at].subtree != kNoSubtree) {
        for (auto& tile : external.tiles) tile.source = tree.tiles[at].source;
        appendBelow(tree, at, std::move(external), 0);
        return {};
    }
    for (auto up = at; up != kNoTile; up = tree.tiles[up].parent)
        if (tree.sources[tree.tiles[up].source].where == where) return core::fail("E_TILESET_LOOP", where + "#/root", {tree.path(at)});
    const auto tileOffset = static_cast<TileIndex>(tree.tiles.size());
    const auto sourceOffset = static_cast<std::uint32_t>(tree.sources.size());
    for (auto& source : external.sources) {
        source.mount = source.mount == kNoTile ? at : source.mount + tileOffset;
        tree.sources.push_back(std::move(source));
    }
    appendBelow(tree, at, std::move(external), sourceOffset);
    return {};
}

} // namespace matou::tiles
