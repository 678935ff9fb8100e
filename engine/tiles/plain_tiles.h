#pragma once
// The fast way through a large tileset.json: tiles whose members are those that nearly all tilesets have. It never says what is
// wrong: whatever it does not know or would refuse is left to the whole reader (parse_tileset.cpp), which reads it all again.
// Internal to tiles.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tiles/tile_tree.h"

namespace matou::tiles {

/// Where a tile's values stand in the text, in the order of the text (a tile before its children).
struct PlainTile {
    enum class Volume : std::uint8_t { none, box, region, sphere };
    double geometricError = 0;
    std::uint32_t volumeAt = 0, contentVolumeAt = 0, transformAt = 0; // the first byte behind '['; 0 of a transform: none
    std::uint32_t uriAt = 0, uriLength = 0;
    std::uint32_t childCount = 0;
    std::uint16_t depth = 0; // from the tileset's root
    std::uint16_t seen = 0;  // bits of members
    Volume volume = Volume::none, contentVolume = Volume::none;
    std::optional<Refinement> refine;
    bool content = false;
};

struct PlainTiles {
    std::vector<PlainTile> tiles;
    std::vector<std::uint32_t> perDepth; // tiles of each depth
    std::size_t rootBegin = 0, rootEnd = 0; // of the root's object in the text: what is outside was not looked at
    std::size_t uriBytes = 0, transforms = 0, contents = 0, contentVolumes = 0;
};

/// Scans the root's object: its syntax is right but for the arrays of numbers, which `fillPlainTiles` reads. The text must be valid UTF-8.
std::optional<PlainTiles> scanPlainTiles(std::string_view text);

/// Writes the tiles of `scanned` behind what the caller wrote into `tree` (sources, transforms[0], nothing else): breadth first, to the
/// bit what the whole reader writes. False: not plain after all, `tree` is spoilt.
bool fillPlainTiles(std::string_view text, const PlainTiles& scanned, const ParseContext& context, TileTree& tree);

} // namespace matou::tiles
