#include <algorithm>
#include <cmath>

#include "view/controllers.h"

namespace matou::view {

void FlyController::turn(double headingDegrees, double pitchDegrees) {
    _pose.headingDegrees = std::fmod(std::fmod(_pose.headingDegrees + headingDegrees, 360.0) + 360.0, 360.0);
    _pose.pitchDegrees = std::clamp(_pose.pitchDegrees + pitchDegrees, -89.9, 89.9);
}

void FlyController::move(const glm::dvec3& rightUpForwardMeters) {
    const geo::EyeFrame frame = geo::eyeFrameFromPose(_pose);
    const glm::dvec3 up(geo::ecefFromEnu(frame.eye)[2]);
    const glm::dvec3 moved = frame.eye.meters + frame.axes[0] * rightUpForwardMeters.x + up * rightUpForwardMeters.y -
                             frame.axes[2] * rightUpForwardMeters.z;
    _pose.position = geo::geodeticFromEcef({moved});
}

double FlyController::speedAt(double heightAboveGroundMeters) { return std::clamp(heightAboveGroundMeters, 20.0, 20000.0) / 10.0; }

} // namespace matou::view
