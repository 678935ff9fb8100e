#include "view/flight.h"

#include <algorithm>

namespace matou::view {

double easeInOut(double t) {
    t = std::clamp(t, 0.0, 1.0);
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
}

double flightDistance(const geo::CameraPose& from, const geo::CameraPose& to) {
    return glm::length(geo::ecefFromGeodetic(to.position).meters - geo::ecefFromGeodetic(from.position).meters);
}

geo::CameraPose flightPose(const geo::CameraPose& from, const geo::CameraPose& to, double t) {
    if (t <= 0.0) return from;
    if (t >= 1.0) return to;
    const double share = easeInOut(t);
    geo::CameraPose pose = geo::interpolate(from, to, share);
    const double highest = std::max({from.position.heightMeters, to.position.heightMeters, 0.0});
    const double rise = std::clamp(0.25 * (flightDistance(from, to) - 2.0 * highest), 0.0, 1500.0);
    const double arc = 4.0 * share * (1.0 - share);
    pose.position.heightMeters += rise * arc;
    return pose;
}

geo::CameraPose Flight::advance(double seconds) {
    _elapsed += seconds;
    return _seconds > 0.0 ? flightPose(_from, _to, _elapsed / _seconds) : _to;
}

} // namespace matou::view
