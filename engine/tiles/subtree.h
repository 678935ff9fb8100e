#pragma once
// Subtree files of implicit tiling (3D Tiles 1.1, "Subtrees"): binary (`subt`) and JSON, buffers inside and outside.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "tiles/tile_tree.h"

namespace matou::tiles {

/// Available tiles in one subtree; one that claims more is refused.
inline constexpr std::size_t kSubtreeTilesLimit = 200'000;

/// Bytes of a buffer's URI, which is relative to the subtree file.
using BufferResolver = std::function<core::Result<std::vector<std::byte>>(const std::string& uri)>;

/// The tiles of one subtree, breadth first, as a tree to hang under the tile that stands for it (`graft`). Below its last
/// level stand tiles for further subtrees, pending. `context`: of the tile that it is hung under. Thread: any. Cost: linear in bits.
/// Errors `WHERE:byte N` or `WHERE#/pointer`: E_SUBTREE_MAGIC, E_SUBTREE_VERSION, E_SUBTREE_LENGTH (a part reaches past the end), E_SUBTREE_VIEW (a buffer or view that is not there), E_SUBTREE_SHORT (fewer bits than
/// tiles), E_SUBTREE_ORPHAN (a tile, content or child subtree without the tile that it needs), E_SUBTREE_SIZE, E_JSON_*.
core::Result<TileTree> parseSubtree(std::span<const std::byte> bytes, const std::string& where, const SubtreePlace& place, const ParseContext& context,
                                    const BufferResolver& resolve);

/// All that can be said of a subtree without the tiling that it belongs to: empty where nothing is wrong.
core::Diagnostics validateSubtree(std::span<const std::byte> bytes, const std::string& where, const BufferResolver& resolve);

/// True for `subt`, or JSON with `tileAvailability` and no `root`; looks at the text only.
bool looksLikeSubtree(std::span<const std::byte> bytes);

} // namespace matou::tiles
