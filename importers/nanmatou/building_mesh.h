#pragma once
// What a building looks like at three levels: as people know it, as a body with its main parts, as a box.

#include "common/tileset_writer.h"
#include "nanmatou/city.h"

namespace matou::importers::nanmatou {

inline constexpr std::uint32_t kMasonry = 0, kGlass = 1;

/// lods: full detail, body with roof and bays, box; each at most a third of the triangles of the one before it, taken
/// over a tile, and all three reach the same highest point.
LodFeature featureOf(const Building& building);

} // namespace matou::importers::nanmatou
