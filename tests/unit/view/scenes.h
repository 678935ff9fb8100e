#pragma once
// A view and some ground for view tests.

#include "unit/spatial/shapes.h"
#include "view/controllers.h"
#include "view/picking.h"

namespace matou::test {

inline scene::View viewFrom(const geo::CameraPose& pose, int width = 1280, int height = 720) {
    scene::View view;
    view.eye = geo::eyeFrameFromPose(pose);
    view.planeAspect = static_cast<double>(width) / height;
    view.target = {0, 0, width, height};
    return view;
}

/// Looking at kPlace's surroundings from the south, above.
inline geo::CameraPose poseAt(double east, double north, double up, double heading = 0, double pitch = -30) {
    geo::CameraPose pose;
    pose.position = geo::geodeticFromEcef(at(east, north, up));
    pose.headingDegrees = heading;
    pose.pitchDegrees = pitch;
    return pose;
}

inline glm::dvec3 local(const geo::Geodetic& place) {
    return glm::dvec3(glm::inverse(placeMatrix()) * glm::dvec4(geo::ecefFromGeodetic(place).meters, 1.0));
}

inline void add(spatial::SpatialIndex& index, std::uint64_t id, const std::vector<spatial::Triangle>& triangles,
                spatial::ContentOptions options = {}) {
    index.add(id, spatial::Bvh::build(triangles), placeMatrix(), std::move(options));
}

} // namespace matou::test
