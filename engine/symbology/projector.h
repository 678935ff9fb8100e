#pragma once
// World to pixels of one view, and back.

#include <optional>

#include <glm/glm.hpp>

#include "geo/frames.h"
#include "scene/frame_snapshot.h"

namespace matou::symbology {

struct Projected {
    glm::vec2 pixel{0.0f}; // of the framebuffer, y down
    double depth = 0;      // metres along the view direction
};

class Projector {
public:
    explicit Projector(const scene::View& view);

    /// Nothing for points behind the near plane; may lie outside the target.
    std::optional<Projected> project(const glm::dvec3& ecef) const;
    /// Pixel direction, from the target's centre, towards a point anywhere, also behind the eye; not normalised.
    glm::vec2 directionTo(const glm::dvec3& ecef) const;
    /// A point in the world that falls on the pixel, `depthMeters` in front of the eye.
    geo::Ecef unproject(const glm::vec2& pixel, double depthMeters) const;
    /// Pixels that one metre spans at that depth.
    double pixelsPerMeter(double depth) const { return _pixelsPerUnit / depth; }
    bool inside(const glm::vec2& pixel, float margin = 0) const;
    /// Inside the whole image plane but not in this part of it: another view of the same plane (swipe, tiled wall) has it.
    bool inOtherPart(const glm::vec2& pixel) const;
    double distance(const glm::dvec3& ecef) const { return glm::length(ecef - _eye); }
    const glm::dvec3& eye() const { return _eye; }
    /// x, y, width, height.
    const glm::vec4& target() const { return _target; }

private:
    glm::dvec3 _eye;
    glm::dmat3 _worldToEye;
    double _tangent, _aspect, _near, _pixelsPerUnit;
    glm::dvec4 _window;
    glm::vec4 _target;
};

} // namespace matou::symbology
