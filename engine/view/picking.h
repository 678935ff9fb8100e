#pragma once
// Pixels to rays and back, for views that show any part of an image plane.

#include <optional>

#include <glm/glm.hpp>

#include "scene/frame_snapshot.h"
#include "spatial/spatial_index.h"

namespace matou::view {

/// Through the point at (pixelX, pixelY) of the target (0.5 is the middle of the first pixel), ECEF. The pixel need not
/// lie inside the view's rectangle.
spatial::Ray pickRay(const scene::View& view, double pixelX, double pixelY);

/// Where a place appears, pixels of the target; nothing where it is behind the eye.
std::optional<glm::dvec2> projectToPixel(const scene::View& view, const geo::Ecef& position);

/// Distance along the ray to the ellipsoid raised by `heightMeters`; nothing where it is missed or behind.
std::optional<double> intersectEllipsoid(const spatial::Ray& ray, double heightMeters = 0.0);

} // namespace matou::view
