#pragma once
// Are the quadtree's levels real? Compares what each coarse tile shows with what its children and its leaves show.

#include <string>
#include <vector>

#include "common/tileset_writer.h"

namespace matou::importers {

struct LevelCheckOptions {
    double maximumTriangleRatio = 1.0 / 3.0; // to the children's triangles together
    double minimumCoverage = 0.95;           // of the leaves' area seen from above
    int directions = 8;                      // silhouettes: evenly round the compass
    double lookDownDegrees = 15.0;
};

struct LevelReport {
    std::size_t tilesChecked = 0;
    double worstTriangleRatio = 0;
    double worstCoverage = 1;
    double worstHeightLossMeters = 0;
    double worstSilhouetteShare = 0;  // silhouette difference / geometric error; at most 1
    std::vector<std::string> issues;  // "level 1 tile 3_4: …", empty where all rules hold
};

/// Every tile above the leaves of the features with a footprintArea. The silhouettes are drawn with cells of an eighth of
/// the tile's geometric error (2 pixels where 16 are allowed), so a difference is known to within that.
LevelReport checkLevels(const TilesetSpec& spec, const LevelCheckOptions& options = {});

} // namespace matou::importers
