#pragma once
// Three levels of a building: full detail, a plain extrusion, oriented boxes. Each has at most a third of the triangles of
// the finer one by construction, covers its footprint and reaches its highest point.

#include "common/tileset_writer.h"
#include "osm/buildings.h"

namespace matou::importers {

/// What a viewer sees wrong at the coarser levels, metres: the writer's geometricErrors.
inline constexpr double kBuildingErrors[3] = {0.0, 6.0, 24.0};

/// Features of the layer "buildings": properties name, name_en, use, height, height_source, floors, roof_shape, parts.
/// Materials: 0 plaster, 1 glass.
TilesetSpec buildingTileset(const std::string& layer, const std::vector<Building>& buildings);

} // namespace matou::importers
