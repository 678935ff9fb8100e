#pragma once
// Thousands of points gathered by where they stand in the world, so that clusters do not swim when the camera moves.

#include <cstdint>
#include <functional>
#include <vector>

#include <glm/glm.hpp>

namespace matou::symbology {

/// A quadtree over points in metres of the local tangent plane. A node that looks smaller than a given size is one
/// cluster; a larger one opens into its children.
class ClusterTree {
public:
    struct Node {
        glm::dvec3 center{0.0}; // mean of the points, ECEF
        float sizeMeters = 0;
        std::uint32_t first = 0, count = 0; // in order()
        std::int32_t children = -1;         // index of the first of `childCount`
        std::uint8_t childCount = 0;
    };

    /// `plane`: east, north per point; `ecef`: the same points.
    void build(const std::vector<glm::dvec2>& plane, const std::vector<glm::dvec3>& ecef);
    const std::vector<Node>& nodes() const { return _nodes; }
    /// Point indices; a node's points are contiguous.
    const std::vector<std::uint32_t>& order() const { return _order; }

    /// Visits, from the top: `open(node index)` says whether to go below (asked for nodes with children only); `leaf`
    /// gets the nodes where it ends. No recursion.
    void visit(const std::function<bool(std::uint32_t)>& open, const std::function<void(std::uint32_t)>& leaf) const;

private:
    std::vector<Node> _nodes;
    std::vector<std::uint32_t> _order;
};

} // namespace matou::symbology
