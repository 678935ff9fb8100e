#include "view/picking.h"

#include <algorithm>
#include <cmath>

#include "geo/frustum.h"

namespace matou::view {

spatial::Ray pickRay(const scene::View& view, double pixelX, double pixelY) {
    const double u = (pixelX - view.target.x) / view.target.z, v = (pixelY - view.target.y) / view.target.w;
    const glm::dvec2 onPlane(view.window.x + u * (view.window.z - view.window.x), view.window.y + v * (view.window.w - view.window.y));
    return {view.eye.eye.meters, geo::rayThrough(view.eye, view.fovYRadians, view.planeAspect, onPlane)};
}

std::optional<glm::dvec2> projectToPixel(const scene::View& view, const geo::Ecef& position) {
    const glm::dvec3 eye = glm::transpose(view.eye.axes) * (position.meters - view.eye.eye.meters);
    if (eye.z >= 0.0) return std::nullopt;
    const double top = std::tan(0.5 * view.fovYRadians), right = top * view.planeAspect;
    const double planeX = 0.5 + 0.5 * (eye.x / -eye.z) / right, planeY = 0.5 - 0.5 * (eye.y / -eye.z) / top;
    const double u = (planeX - view.window.x) / (view.window.z - view.window.x);
    const double v = (planeY - view.window.y) / (view.window.w - view.window.y);
    return glm::dvec2(view.target.x + u * view.target.z, view.target.y + v * view.target.w);
}

std::optional<double> intersectEllipsoid(const spatial::Ray& ray, double heightMeters) {
    // Scaled so that the raised ellipsoid is a unit sphere. Raising both axes alike is off by under 1e-4 of the height.
    const double b = geo::kEllipsoidA * (1.0 - geo::kEllipsoidF);
    const glm::dvec3 scale(1.0 / (geo::kEllipsoidA + heightMeters), 1.0 / (geo::kEllipsoidA + heightMeters), 1.0 / (b + heightMeters));
    const glm::dvec3 origin = ray.origin * scale, direction = ray.direction * scale;
    const double dd = glm::dot(direction, direction), od = glm::dot(origin, direction), oo = glm::dot(origin, origin) - 1.0;
    const double discriminant = od * od - dd * oo;
    if (discriminant < 0.0) return std::nullopt;
    // The stable pair of roots: -od ± sqrt loses digits when the eye is close to the surface.
    const double q = -od - std::copysign(std::sqrt(discriminant), od);
    const double first = q != 0.0 ? oo / q : 0.0, second = q / dd;
    const double near = std::min(first, second), far = std::max(first, second);
    if (near >= 0.0) return near;
    return far >= 0.0 ? std::optional(far) : std::nullopt;
}

} // namespace matou::view
