#pragma once
// One tile's glb, and the property table that it carries.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "common/quadtree.h"
#include "common/tileset_writer.h"

namespace matou::importers {

enum class ColumnType { integer32, integer64, real, text };

/// The columns of a layer, the same in every tile: a property that is text somewhere is text everywhere, and so on.
struct LayerSchema {
    std::string layer;
    std::vector<std::string> names; // without "id"
    std::vector<ColumnType> types;
};
LayerSchema schemaOf(const TilesetSpec& spec);

struct TileContent {
    std::vector<std::byte> glb; // empty: nothing to show
    glm::dmat4 ecefFromTile{1.0};
    std::vector<glm::dvec3> pointsEcef; // of everything drawn, for the bounding volumes
    std::size_t triangles = 0;
    std::size_t features = 0;
};

/// Positions go from the district frame to ECEF one by one, so that the Earth's curvature and the grid's convergence are
/// right, then into the tangent frame at the tile's middle.
TileContent buildTile(const TilesetSpec& spec, const LayerSchema& schema, const TileCell& cell, const geo::DistrictFrame& frame);

} // namespace matou::importers
