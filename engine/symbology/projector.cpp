#include "symbology/projector.h"

#include <cmath>

namespace matou::symbology {

Projector::Projector(const scene::View& view)
    : _eye(view.eye.eye.meters), _worldToEye(glm::transpose(view.eye.axes)), _tangent(std::tan(view.fovYRadians * 0.5)),
      _aspect(view.planeAspect), _near(view.nearMeters), _window(view.window), _target(view.target) {
    const double planeHeightPixels = _target.w / (_window.w - _window.y);
    _pixelsPerUnit = planeHeightPixels / (2.0 * _tangent);
}

std::optional<Projected> Projector::project(const glm::dvec3& ecef) const {
    const glm::dvec3 p = _worldToEye * (ecef - _eye);
    const double depth = -p.z;
    if (depth < _near) return std::nullopt;
    const double planeX = 0.5 + 0.5 * p.x / (depth * _tangent * _aspect);
    const double planeY = 0.5 - 0.5 * p.y / (depth * _tangent);
    return Projected{{static_cast<float>(_target.x + (planeX - _window.x) / (_window.z - _window.x) * _target.z),
                      static_cast<float>(_target.y + (planeY - _window.y) / (_window.w - _window.y) * _target.w)},
                     depth};
}

glm::vec2 Projector::directionTo(const glm::dvec3& ecef) const {
    const glm::dvec3 p = _worldToEye * (ecef - _eye);
    // Behind the eye the plane's x and y keep their meaning as "which way to turn"; straight behind is shown below.
    glm::vec2 direction(static_cast<float>(p.x), static_cast<float>(-p.y));
    if (p.z > 0 && std::fabs(p.x) < 1e-3) direction.y = std::fabs(direction.y) + 1.0f;
    return direction;
}

geo::Ecef Projector::unproject(const glm::vec2& pixel, double depthMeters) const {
    const double planeX = _window.x + (pixel.x - _target.x) / _target.z * (_window.z - _window.x);
    const double planeY = _window.y + (pixel.y - _target.y) / _target.w * (_window.w - _window.y);
    const glm::dvec3 p((2.0 * planeX - 1.0) * _tangent * _aspect * depthMeters, (1.0 - 2.0 * planeY) * _tangent * depthMeters,
                       -depthMeters);
    return {_eye + glm::transpose(_worldToEye) * p};
}

bool Projector::inOtherPart(const glm::vec2& pixel) const {
    const glm::dvec2 part(_window.z - _window.x, _window.w - _window.y);
    const glm::dvec2 plane(_window.x + (pixel.x - _target.x) / _target.z * part.x, _window.y + (pixel.y - _target.y) / _target.w * part.y);
    return !inside(pixel) && plane.x >= 0 && plane.y >= 0 && plane.x <= 1 && plane.y <= 1;
}

bool Projector::inside(const glm::vec2& pixel, float margin) const {
    return pixel.x >= _target.x - margin && pixel.y >= _target.y - margin && pixel.x <= _target.x + _target.z + margin &&
           pixel.y <= _target.y + _target.w + margin;
}

} // namespace matou::symbology
