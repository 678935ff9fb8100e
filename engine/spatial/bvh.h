#pragma once
// The triangles of one content, ordered for rays and walkers. Built once on a worker, immutable after.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "model/content.h"

namespace matou::spatial {

/// Corners in the content's frame without rtcCenter; instance transforms are applied.
struct Triangle {
    glm::vec3 a{0.0f}, b{0.0f}, c{0.0f};
    std::uint32_t feature = model::kNoFeature; // row of Content::features, the instance's where it has one
    std::uint32_t twoSided = 0;
};

/// 32 bytes. Leaf where count > 0: triangles first..first+count. Else children are first and first + 1.
struct BvhNode {
    glm::vec3 minimum{0.0f};
    std::uint32_t first = 0;
    glm::vec3 maximum{0.0f};
    std::uint32_t count = 0;
};
static_assert(sizeof(BvhNode) == 32);

/// Binned surface-area heuristic (Wald, "On fast construction of SAH-based bounding volume hierarchies", 2007), 16 bins,
/// at most 4 triangles a leaf where they can be told apart. Same content, same arrays.
class Bvh {
public:
    /// Triangles of all instances; lines, points and triangles without area or with non-finite corners are left out.
    /// Content without instances is taken as one instance per primitive. Thread: any. Cost: n log n, about 1 µs a triangle.
    static std::shared_ptr<const Bvh> build(const model::Content& content);
    static std::shared_ptr<const Bvh> build(std::vector<Triangle> triangles, const glm::dvec3& rtcCenter = glm::dvec3(0.0));

    std::span<const Triangle> triangles() const { return _triangles; }
    std::span<const BvhNode> nodes() const { return _nodes; }
    const glm::dvec3& rtcCenter() const { return _rtcCenter; }
    bool empty() const { return _triangles.empty(); }
    /// For the memory budget.
    std::size_t byteSize() const;

private:
    std::vector<Triangle> _triangles;
    std::vector<BvhNode> _nodes;
    glm::dvec3 _rtcCenter{0.0};
};

} // namespace matou::spatial
