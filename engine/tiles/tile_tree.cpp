#include "tiles/tile_tree.h"

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
    return written.empty() ? pointer(index) + "/content/uri" : std::string(written);
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

} // namespace matou::tiles
