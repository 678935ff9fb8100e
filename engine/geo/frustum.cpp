#include "geo/frustum.h"

#include <cmath>

namespace matou::geo {

Frustum frustumOf(const EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec4& window, double nearMeters) {
    const double top = std::tan(0.5 * fovYRadians), right = top * planeAspect;
    const double l = (2.0 * window.x - 1.0) * right, r = (2.0 * window.z - 1.0) * right;
    const double t = (1.0 - 2.0 * window.y) * top, b = (1.0 - 2.0 * window.w) * top;
    // Eye space: x right, y up, looking along -z; each plane passes through the eye.
    const auto plane = [&](const glm::dvec3& normal) {
        const glm::dvec3 n = glm::normalize(eye.axes * normal);
        return Plane{n, -glm::dot(n, eye.eye.meters)};
    };
    const glm::dvec3 forward = -eye.axes[2];
    return {{plane({1, 0, l}), plane({-1, 0, -r}), plane({0, 1, b}), plane({0, -1, -t}),
             Plane{forward, -glm::dot(forward, eye.eye.meters) - nearMeters}}};
}

glm::dvec3 rayThrough(const EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec2& planePoint) {
    const double top = std::tan(0.5 * fovYRadians), right = top * planeAspect;
    return glm::normalize(eye.axes * glm::dvec3((2.0 * planePoint.x - 1.0) * right, (1.0 - 2.0 * planePoint.y) * top, -1.0));
}

} // namespace matou::geo
