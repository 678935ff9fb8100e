#pragma once
// Prototypes of plants: crowns as clusters of displaced blobs over a trunk, one mesh per level of detail.

#include "common/tileset_writer.h"

namespace matou::importers::nanmatou {

enum Species : int { camphor, plane, ginkgo, shrub, metasequoia, willow, hedge, kSpeciesCount };

/// `detail` 0: from nearby, trunk and branches (a hedge: its hull), which sprayMesh() covers with leaves; 1: trunk and one hull;
/// 2: six points, from where a tree is a few pixels. Foot at the origin, z up. What the foliage shader reads: normals bent away
/// from the crown's middle, colour darker towards its inside, uv.x 1 on leaves and 0 on bark.
Mesh treeMesh(int species, int detail);

/// The leaves of the nearest level: quads, from which the shaders cut sprays (shaders/lib/spray.glsl). uv: across in [-1, 1] and
/// along the twig in [0, 1]; alpha: 128 + 16 times the kind of spray + chance. Empty for a hedge.
Mesh sprayMesh(int species);

} // namespace matou::importers::nanmatou
