#pragma once
// Closest points between simple shapes, for walkers.

#include <glm/glm.hpp>

namespace matou::spatial {

struct ClosestPair {
    glm::dvec3 onSegment{0.0};
    glm::dvec3 onTriangle{0.0};
    double distance = 0;
};

/// Of the triangle's area to the point.
glm::dvec3 closestOnTriangle(const glm::dvec3& point, const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c);

/// Between segment pq and triangle abc; where they cross, the crossing point and distance 0.
ClosestPair closestSegmentTriangle(const glm::dvec3& p, const glm::dvec3& q, const glm::dvec3& a, const glm::dvec3& b,
                                   const glm::dvec3& c);

} // namespace matou::spatial
