#pragma once
// Layers of the district as the writer takes them, one function each. All deterministic in the city that they are
// given.

#include "common/tileset_writer.h"
#include "nanmatou/city.h"

namespace matou::importers::nanmatou {

TilesetSpec buildingsLayer(const City& city);
// Flat layers in painter's order: ground, green, water, roads, road markings.
TilesetSpec groundLayer(const City& city);
TilesetSpec farGroundLayer(const City& city);
TilesetSpec greenLayer(const City& city);
TilesetSpec waterLayer(const City& city);
TilesetSpec roadsLayer(const City& city);
TilesetSpec markingsLayer(const City& city);
/// Bridges, viaduct, quay and flood walls, the ferry's pontoon.
TilesetSpec structuresLayer(const City& city);
/// Walls and railings of compounds.
TilesetSpec wallsLayer(const City& city);
/// Source id of the tree at that place of `City::trees`.
std::string treeId(std::size_t index);
TilesetSpec treesLayer(const City& city);
TilesetSpec lampsLayer(const City& city);
/// Benches, bins and bollards.
TilesetSpec furnitureLayer(const City& city);
/// Cars on the streets and parked along the lanes.
TilesetSpec vehiclesLayer(const City& city, std::uint64_t seed);
/// Streets of the surroundings, beyond those that the place file names: the raster that the far blocks stand on.
std::vector<Polyline> surroundingStreets(const City& city);
/// The palette is picked by eye, as colours look; glTF wants linear factors. Applied to every mesh once.
void makeLinear(TilesetSpec& spec);
Mesh linear(Mesh mesh);
/// Surroundings within sight: both banks, Lujiazui, the Expo site, Lupu Bridge.
TilesetSpec contextLayer(const City& city, std::uint64_t seed);

} // namespace matou::importers::nanmatou
