#include <algorithm>
#include <array>
#include <cmath>

#include "spatial/closest.h"
#include "spatial/spatial_index.h"

namespace matou::spatial {

namespace {

/// cos 45°: what is flatter is stood on.
constexpr double kFlattestWall = 0.70710678118654752;
/// Deeper than this after pushing: the way is closed.
constexpr double kAllowedDepth = 0.02;

/// A triangle steep enough to stop somebody; east-north-up metres about the capsule's bottom.
struct Wall {
    glm::dvec3 a, b, c, normal;
    bool twoSided = false;
};

bool overlaps(const BvhNode& node, const glm::dvec3& low, const glm::dvec3& high) {
    for (int axis = 0; axis < 3; ++axis)
        if (node.minimum[axis] > high[axis] || node.maximum[axis] < low[axis]) return false;
    return true;
}

template <typename Visit>
void forEachTriangleIn(const Bvh& bvh, const glm::dvec3& low, const glm::dvec3& high, Visit visit) {
    if (bvh.nodes().empty()) return;
    std::array<std::uint32_t, 64> stack;
    std::size_t top = 0;
    stack[top++] = 0;
    while (top > 0) {
        const BvhNode& node = bvh.nodes()[stack[--top]];
        if (!overlaps(node, low, high)) continue;
        if (node.count == 0) {
            stack[top++] = node.first + 1;
            stack[top++] = node.first;
            continue;
        }
        for (std::uint32_t i = node.first; i < node.first + node.count; ++i) visit(bvh.triangles()[i]);
    }
}

struct Contact {
    double depth = 0;
    glm::dvec2 push{0.0}; // unit
};

/// The deepest contact of a capsule standing at `at` (its bottom). A wall whose back faces the capsule's axis is none.
Contact deepestContact(const std::vector<Wall>& walls, const glm::dvec3& at, double height, double radius) {
    const glm::dvec3 low = at + glm::dvec3(0, 0, radius), high = at + glm::dvec3(0, 0, std::max(radius, height - radius));
    Contact deepest;
    for (const Wall& wall : walls) {
        const ClosestPair pair = closestSegmentTriangle(low, high, wall.a, wall.b, wall.c);
        const double depth = radius - pair.distance;
        if (depth <= deepest.depth) continue;
        const glm::dvec3 away = pair.onSegment - pair.onTriangle;
        if (!wall.twoSided && glm::dot(away, wall.normal) < -1e-9) continue;
        glm::dvec2 push(away);
        if (glm::length(push) < 1e-9) push = glm::dvec2(wall.normal);
        const double length = glm::length(push);
        if (length < 1e-9) continue;
        deepest = {depth, push / length};
    }
    return deepest;
}

} // namespace

CapsuleMove SpatialIndex::moveCapsule(const Capsule& capsule, const glm::dvec3& wishEcef, const Filter& filter) const {
    const glm::dmat3 ecefFromEnu(geo::ecefFromEnu(geo::Ecef{capsule.bottomEcef}));
    const glm::dmat3 enuFromEcef = glm::transpose(ecefFromEnu);
    glm::dvec3 wish = enuFromEcef * wishEcef;
    wish.z = 0.0;
    const double length = glm::length(wish);
    const double radius = std::max(0.01, capsule.radiusMeters), height = std::max(2.0 * radius, capsule.heightMeters);
    if (!std::isfinite(length)) return {};

    std::vector<Wall> walls;
    const glm::dvec3 middle = capsule.bottomEcef + ecefFromEnu[2] * (0.5 * height);
    const double reach = 0.5 * height + radius + length;
    for (const auto& [id, entry] : _entries) {
        if (!candidate(id, entry, filter)) continue;
        if (glm::length(entry.centerEcef - middle) > entry.radius + reach) continue;
        const glm::dvec3 center = entry.localFromEcef * (middle - entry.originEcef);
        const glm::dvec3 extent(reach / entry.smallestScale);
        forEachTriangleIn(*entry.bvh, center - extent, center + extent, [&, &entry = entry](const Triangle& triangle) {
            const glm::dmat3 enuFromLocal = enuFromEcef * entry.ecefFromLocal;
            const glm::dvec3 origin = enuFromEcef * (entry.originEcef - capsule.bottomEcef);
            Wall wall{origin + enuFromLocal * glm::dvec3(triangle.a), origin + enuFromLocal * glm::dvec3(triangle.b),
                      origin + enuFromLocal * glm::dvec3(triangle.c), glm::dvec3(0.0), triangle.twoSided != 0};
            const glm::dvec3 cross = glm::cross(wall.b - wall.a, wall.c - wall.a);
            const double area = glm::length(cross);
            if (!(area > 0.0)) return;
            wall.normal = cross / area;
            if (std::abs(wall.normal.z) > kFlattestWall) return;
            if (filter.hidden) {
                const auto& numbers = entry.options.featureNumbers;
                const std::uint32_t number = numbers && triangle.feature < numbers->size() ? (*numbers)[triangle.feature] : 0u;
                if (number != 0 && filter.hidden(number)) return;
            }
            walls.push_back(wall);
        });
    }

    CapsuleMove move;
    glm::dvec3 at(0.0);
    const int steps = std::clamp(static_cast<int>(std::ceil(length / (0.5 * radius))), 1, 10000);
    double depthBefore = deepestContact(walls, at, height, radius).depth;
    for (int step = 0; step < steps; ++step) {
        const glm::dvec3 before = at;
        at += wish / static_cast<double>(steps);
        // A corner needs two pushes, a narrowing one more or two.
        double depth = 0;
        for (int push = 0; push < 6; ++push) {
            const Contact contact = deepestContact(walls, at, height, radius);
            depth = contact.depth;
            if (depth <= 1e-6) break;
            move.touched = true;
            at += glm::dvec3(contact.push * depth, 0.0);
        }
        if (depth > 1e-6) depth = deepestContact(walls, at, height, radius).depth;
        if (depth > kAllowedDepth && depth >= depthBefore) {
            at = before;
            break;
        }
        depthBefore = depth;
    }
    move.displacementEcef = ecefFromEnu * at;
    return move;
}

} // namespace matou::spatial
