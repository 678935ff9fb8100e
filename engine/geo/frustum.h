#pragma once
// The frustum of a view onto a part of an image plane (off-axis allowed).

#include "geo/bounding_volume.h"
#include "geo/camera_pose.h"

namespace matou::geo {

/// `window`: left, top, right, bottom of the part, 0..1 of the full plane, whose height spans fovY and whose
/// width/height is planeAspect.
Frustum frustumOf(const EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec4& window, double nearMeters);

/// Direction (unit, ECEF) through a point of the full plane, x right and y down, 0..1.
glm::dvec3 rayThrough(const EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec2& planePoint);

} // namespace matou::geo
