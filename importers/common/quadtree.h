#pragma once
// Which tile holds what: the quadtree over a layer's extent. Pure; used by the writer and by the check of the levels.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

#include "common/tileset_writer.h"

namespace matou::importers {

struct TileCell {
    int level = 0; // 0: leaf; at or above the number of levels with content: a tile that only groups
    int x = 0, y = 0;
    std::vector<std::uint32_t> features;  // TilesetSpec::features, in their order
    std::vector<std::uint32_t> instances; // TilesetSpec::instances, in their order
    std::vector<std::uint32_t> children;  // TileLayout::tiles
};

struct TileLayout {
    std::vector<TileCell> tiles; // leaves first, each level in row-major order; the last one is the root
    glm::dvec2 origin{0.0};      // the leaves' corner
    double extentDiagonal = 0;
    std::uint32_t root() const { return static_cast<std::uint32_t>(tiles.size() - 1); }
};

/// A feature lies whole in the leaf that holds the middle of its extent. `tiles` is empty when nothing has a shape.
TileLayout layoutTiles(const TilesetSpec& spec);

/// What a feature shows `level` levels above the leaf: its last level of detail stands in where it has fewer.
const Mesh* meshAt(const std::vector<Mesh>& lods, int level);

} // namespace matou::importers
