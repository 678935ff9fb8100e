#include "spatial/closest.h"

#include <algorithm>
#include <cmath>

namespace matou::spatial {

namespace {

double clamp01(double t) { return std::clamp(t, 0.0, 1.0); }

/// Parameters of the closest points of two segments p + s*u and a + t*v.
void closestSegments(const glm::dvec3& p, const glm::dvec3& u, const glm::dvec3& a, const glm::dvec3& v, double& s, double& t) {
    const glm::dvec3 w = p - a;
    const double uu = glm::dot(u, u), vv = glm::dot(v, v), uv = glm::dot(u, v), uw = glm::dot(u, w), vw = glm::dot(v, w);
    const double denominator = uu * vv - uv * uv; // 0 where parallel
    s = denominator > 1e-14 * uu * vv ? clamp01((uv * vw - vv * uw) / denominator) : 0.0;
    t = vv > 0.0 ? clamp01((uv * s + vw) / vv) : 0.0;
    s = uu > 0.0 ? clamp01((uv * t - uw) / uu) : 0.0;
    t = vv > 0.0 ? clamp01((uv * s + vw) / vv) : 0.0;
}

} // namespace

glm::dvec3 closestOnTriangle(const glm::dvec3& point, const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c) {
    const glm::dvec3 ab = b - a, ac = c - a, normal = glm::cross(ab, ac);
    const double area = glm::dot(normal, normal);
    if (area > 0.0) {
        // Barycentric coordinates of the point's foot in the plane.
        const glm::dvec3 ap = point - a;
        const double beta = glm::dot(glm::cross(ap, ac), normal) / area;
        const double gamma = glm::dot(glm::cross(ab, ap), normal) / area;
        if (beta >= 0.0 && gamma >= 0.0 && beta + gamma <= 1.0) return a + beta * ab + gamma * ac;
    }
    // Outside: on one of the edges.
    const auto onEdge = [&](const glm::dvec3& from, const glm::dvec3& edge) {
        const double length = glm::dot(edge, edge);
        return from + edge * (length > 0.0 ? clamp01(glm::dot(point - from, edge) / length) : 0.0);
    };
    glm::dvec3 best = onEdge(a, ab);
    for (const glm::dvec3& candidate : {onEdge(b, c - b), onEdge(c, a - c)})
        if (glm::length(candidate - point) < glm::length(best - point)) best = candidate;
    return best;
}

ClosestPair closestSegmentTriangle(const glm::dvec3& p, const glm::dvec3& q, const glm::dvec3& a, const glm::dvec3& b,
                                   const glm::dvec3& c) {
    const glm::dvec3 u = q - p, normal = glm::cross(b - a, c - a);
    const double fromP = glm::dot(p - a, normal), fromQ = glm::dot(q - a, normal);
    if (fromP * fromQ <= 0.0 && fromP != fromQ) {
        const glm::dvec3 crossing = p + u * (fromP / (fromP - fromQ));
        const glm::dvec3 nearest = closestOnTriangle(crossing, a, b, c);
        if (glm::length(nearest - crossing) < 1e-9) return {crossing, nearest, 0.0};
    }
    ClosestPair best{p, closestOnTriangle(p, a, b, c), 0.0};
    best.distance = glm::length(best.onSegment - best.onTriangle);
    const auto offer = [&](const glm::dvec3& onSegment, const glm::dvec3& onTriangle) {
        const double distance = glm::length(onSegment - onTriangle);
        if (distance < best.distance) best = {onSegment, onTriangle, distance};
    };
    offer(q, closestOnTriangle(q, a, b, c));
    const glm::dvec3 corners[3] = {a, b, c};
    for (int i = 0; i < 3; ++i) {
        const glm::dvec3 v = corners[(i + 1) % 3] - corners[i];
        double s = 0, t = 0;
        closestSegments(p, u, corners[i], v, s, t);
        offer(p + s * u, corners[i] + t * v);
    }
    return best;
}

} // namespace matou::spatial
