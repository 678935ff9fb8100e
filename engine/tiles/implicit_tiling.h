#pragma once
// Implicit tiling (3D Tiles 1.1, "Implicit tiling"): a quadtree or octree whose tiles are named by level and place. Its subtrees
// come one by one, as external tilesets do: a tile that stands for a subtree is `external` and `pending`, its only content is the
// subtree file, and what `parseSubtree` (tiles/subtree.h) makes of it is hung under it. So selection knows nothing of implicit tiling.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "geo/bounding_volume.h"

namespace matou::tiles {

enum class Subdivision : std::uint8_t { quadtree, octree };

inline constexpr std::uint32_t kImplicitLevelsLimit = 32; // coordinates have 32 bits

/// What the tile that carries `implicitTiling` says. Immutable once made; shared by the subtrees below it.
struct ImplicitTiling {
    struct ContentTemplate {
        std::string uri, pointer;
    };
    Subdivision scheme = Subdivision::quadtree;
    std::uint32_t subtreeLevels = 1, availableLevels = 1;
    std::string subtreeUri, subtreePointer;
    std::vector<ContentTemplate> contents;
    geo::BoundingVolume volume; // box or region, not transformed
    glm::dmat4 ecefFromTile{1.0};
    double geometricError = 0; // of the root, scaled; halved with every level

    /// Children of a tile, as a shift: 2 or 3.
    std::uint32_t childBits() const { return scheme == Subdivision::quadtree ? 2 : 3; }
    /// Tiles of `levels` whole levels, 0 where that does not fit 64 bits.
    std::uint64_t tilesOf(std::uint32_t levels) const;
};

struct ImplicitCoordinates {
    std::uint32_t level = 0, x = 0, y = 0, z = 0;
};

/// The subtree whose root tile stands there.
struct SubtreePlace {
    std::shared_ptr<const ImplicitTiling> tiling;
    ImplicitCoordinates root;
};

/// The part of the root's volume that belongs to a tile, before the transform. x runs with the first axis (east), y with the
/// second (north), z with the third (up; octrees only).
geo::BoundingVolume volumeAt(const ImplicitTiling& tiling, const ImplicitCoordinates& at);

/// `{level}`, `{x}`, `{y}`, `{z}` filled in.
std::string filledTemplate(const std::string& uri, const ImplicitCoordinates& at);
/// The first name in braces that is none of the scheme's variables, or (where `all` must be there) one that lacks.
std::optional<std::string> wrongVariable(const std::string& uri, Subdivision scheme, bool all);

} // namespace matou::tiles
