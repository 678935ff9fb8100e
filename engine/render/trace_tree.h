#pragma once
// The tree over placed contents that rays on the GPU walk first.

#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "shared/host.h"

namespace matou::render {

struct TraceBox {
    glm::vec3 minimum{0.0f}, maximum{0.0f};
};

/// Halves by the middles of the boxes along their longest spread; one box a leaf, `first` its index. Empty for none.
/// Depth: log2 of the count, rounded up. Same boxes, same tree.
std::vector<shared::GpuTraceNode> traceTree(std::span<const TraceBox> boxes);

/// Around a box that a matrix places, wide enough for the matrix' own rounding.
TraceBox placedBox(const glm::mat4& placed, const glm::vec3& minimum, const glm::vec3& maximum);

} // namespace matou::render
