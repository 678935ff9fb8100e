#include "geo/swept_volume.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "geo/frustum.h"

namespace matou::geo {
namespace {

/// The region's corners, relative to the eye. Corner k: bit 0 right, bit 1 top, bit 2 far.
std::vector<glm::dvec3> cornersAboveFloor(const ReceiverRegion& r, double floorDistance) {
    const double top = std::tan(0.5 * r.fovYRadians), right = top * r.planeAspect;
    std::array<glm::dvec3, 8> corners;
    for (int k = 0; k < 8; ++k) {
        const double x = (2.0 * ((k & 1) ? r.window.z : r.window.x) - 1.0) * right;
        const double y = (1.0 - 2.0 * ((k & 2) ? r.window.y : r.window.w)) * top;
        corners[k] = r.eye.axes * (glm::dvec3(x, y, -1.0) * ((k & 4) ? r.farMeters : r.nearMeters));
    }
    const auto above = [&](const glm::dvec3& p) { return glm::dot(r.floor.normal, p) + floorDistance; };
    std::vector<glm::dvec3> kept;
    for (int k = 0; k < 8; ++k) {
        const double a = above(corners[k]);
        if (a >= 0) kept.push_back(corners[k]);
        for (const int bit : {1, 2, 4}) {
            if (k & bit) continue;
            const double b = above(corners[k | bit]);
            if ((a < 0) != (b < 0)) kept.push_back(glm::mix(corners[k], corners[k | bit], a / (a - b)));
        }
    }
    return kept;
}

/// Counter-clockwise hull (Andrew's monotone chain).
std::vector<glm::dvec2> hullOf(std::vector<glm::dvec2> points) {
    std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
    const auto turn = [](const glm::dvec2& o, const glm::dvec2& a, const glm::dvec2& b) {
        return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
    };
    std::vector<glm::dvec2> hull;
    for (int pass = 0; pass < 2; ++pass) {
        const std::size_t start = hull.size();
        for (const auto& p : points) {
            while (hull.size() >= start + 2 && turn(hull[hull.size() - 2], hull.back(), p) <= 0) hull.pop_back();
            hull.push_back(p);
        }
        hull.pop_back();
        std::reverse(points.begin(), points.end());
    }
    return hull;
}

} // namespace

std::vector<Plane> sweptTowards(const ReceiverRegion& region, const glm::dvec3& light) {
    const glm::dvec3 eye = region.eye.eye.meters;
    const auto corners = cornersAboveFloor(region, region.floor.distance + glm::dot(region.floor.normal, eye));
    std::vector<Plane> planes;
    if (corners.empty()) return planes;
    const auto keep = [&](const Plane& plane) { // a side that the sweep does not pass through
        if (glm::dot(plane.normal, light) >= 0) planes.push_back(plane);
    };
    const auto frustum = frustumOf(region.eye, region.fovYRadians, region.planeAspect, region.window, region.nearMeters);
    for (const Plane& plane : frustum.planes) keep(plane);
    const glm::dvec3 back = region.eye.axes[2];
    keep({back, -glm::dot(back, eye) + region.farMeters});
    keep(region.floor);
    // The region as the light sees it: its outline, drawn out along the light.
    const glm::dvec3 side = std::abs(light.z) < 0.9 ? glm::dvec3(0, 0, 1) : glm::dvec3(1, 0, 0);
    const glm::dvec3 u = glm::normalize(glm::cross(side, light)), v = glm::cross(light, u);
    std::vector<glm::dvec2> seen;
    for (const auto& corner : corners) seen.emplace_back(glm::dot(corner, u), glm::dot(corner, v));
    const auto hull = hullOf(std::move(seen));
    for (std::size_t i = 0; i < hull.size() && hull.size() >= 3; ++i) {
        const glm::dvec2 a = hull[i], along = hull[(i + 1) % hull.size()] - a;
        if (glm::length(along) < 1e-9) continue;
        const glm::dvec2 inward = glm::normalize(glm::dvec2(-along.y, along.x));
        const glm::dvec3 normal = u * inward.x + v * inward.y;
        planes.push_back({normal, -glm::dot(inward, a) - glm::dot(normal, eye)});
    }
    return planes;
}

} // namespace matou::geo
