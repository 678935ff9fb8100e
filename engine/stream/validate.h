#pragma once
// `matou validate` for a tileset, glTF, GLB or b3dm, with everything that it refers to. Stands here because it needs files,
// decoding and trees together.

#include <cstddef>
#include <string>

#include "core/result.h"

namespace matou::stream {

struct ValidationReport {
    core::Diagnostics problems; // empty: valid; located
    core::Diagnostics warnings; // codes W_…: read, with something left out or assumed
    std::size_t tilesets = 0, tiles = 0, contents = 0, triangles = 0, features = 0;
};

/// `path`: a file (tileset.json, .glb, .gltf, .b3dm), a folder with a tileset.json, or an http(s) URL. Waits; any thread but the
/// main lane of a window. At most `problemLimit` problems are kept.
ValidationReport validatePath(const std::string& path, std::size_t problemLimit = 1000);

} // namespace matou::stream
