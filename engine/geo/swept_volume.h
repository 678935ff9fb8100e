#pragma once
// Where something must stand for its shadow to fall into a view.

#include <vector>

#include <glm/glm.hpp>

#include "geo/bounding_volume.h"
#include "geo/camera_pose.h"

namespace matou::geo {

/// What of a view can receive a shadow: its part of the image plane (as frustumOf has it), up to `farMeters` along the
/// view, and above the plane `floor` (below it nothing is drawn that a shadow could fall on).
struct ReceiverRegion {
    EyeFrame eye;
    double fovYRadians = 0.9, planeAspect = 1.0;
    glm::dvec4 window{0.0, 0.0, 1.0, 1.0};
    double nearMeters = 0.3, farMeters = 1000.0;
    Plane floor{glm::dvec3(0.0), 1.0};
};

/// The region swept without end towards the light (unit, ECEF): planes of a convex volume that holds every caster whose
/// shadow can fall into the region, and no more than the sweep itself. Empty where nothing lies above the floor.
std::vector<Plane> sweptTowards(const ReceiverRegion& region, const glm::dvec3& light);

} // namespace matou::geo
