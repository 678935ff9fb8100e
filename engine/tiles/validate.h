#pragma once
// The reading half of `matou validate` for a tileset's structure. Contents come by a callback, so no file is opened here.

#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/content.h"
#include "tiles/tile_tree.h"

namespace matou::tiles {

/// Children inside parents, geometric errors not growing downwards, leaves with content. Located in their tileset.json.
core::Diagnostics validateTree(const TileTree& tree);
/// The content's vertices (all instances) inside the tile's content volume, within `toleranceMeters` + 1e-3 of its size.
core::Diagnostics validateContentBounds(const TileTree& tree, TileIndex tile, const model::Content& content, const std::string& where,
                                        double toleranceMeters = 0.1);

} // namespace matou::tiles
