#pragma once
// One mesh as a glb file: for the models that proposals add.

#include <string>
#include <vector>

#include "common/tileset_writer.h"

namespace matou::importers::nanmatou {

/// `mesh` about its foot, east-north-up; written y-up with -z to the north. Vertex colours, one rough material.
std::vector<std::byte> glbOf(const Mesh& mesh, const std::string& name);

} // namespace matou::importers::nanmatou
