#pragma once
// Camera flights between poses, as pure functions of time.

#include "geo/camera_pose.h"

namespace matou::view {

/// 0..1 -> 0..1, at rest at both ends (Perlin's smootherstep).
double easeInOut(double t);

/// Eased flight; long ones rise on the way so that both ends are seen from above. t in 0..1 is a share of the flight's time.
/// The rise is a quarter of (distance - 2 x the greater height), at most 1,500 m: none where the ends see each other from above.
geo::CameraPose flightPose(const geo::CameraPose& from, const geo::CameraPose& to, double t);

/// Metres along the straight line.
double flightDistance(const geo::CameraPose& from, const geo::CameraPose& to);

/// A flight under way.
class Flight {
public:
    Flight() = default;
    Flight(const geo::CameraPose& from, const geo::CameraPose& to, double seconds) : _from(from), _to(to), _seconds(seconds) {}
    bool active() const { return _elapsed < _seconds; }
    /// Advances and says where the camera is; at the end exactly `to`.
    geo::CameraPose advance(double seconds);

private:
    geo::CameraPose _from, _to;
    double _seconds = 0, _elapsed = 0;
};

} // namespace matou::view
