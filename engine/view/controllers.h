#pragma once
// Ways to move a camera: around a point, freely, on foot. Each is a value that holds its own state, driven by plain steps
// (so tests need no window) or by input events through CameraInput (view/camera_input.h).

#include <optional>

#include <glm/glm.hpp>

#include "geo/camera_pose.h"
#include "spatial/spatial_index.h"

namespace matou::view {

/// Around a point on the ground. No inertia: the picture stands when the hand stands.
class OrbitController {
public:
    OrbitController() = default;
    /// Keeps the pose; the focus is the point `distanceMeters` ahead.
    static OrbitController fromPose(const geo::CameraPose& pose, double distanceMeters);
    /// The focus is what the middle of the view hits, else the ellipsoid at `groundHeightMeters`, else 500 m ahead.
    static OrbitController fromPose(const geo::CameraPose& pose, const spatial::SpatialIndex& index, double groundHeightMeters);

    geo::CameraPose pose() const;
    const geo::Ecef& focus() const { return _focus; }
    double distanceMeters() const { return _distance; }

    /// Turns by degrees; pitch stays within [-89.9, 10].
    void rotate(double headingDegrees, double pitchDegrees);
    /// Turns around another point (what the cursor is on): it keeps its place in the picture.
    void rotateAround(const geo::Ecef& pivot, double headingDegrees, double pitchDegrees);
    /// Moves the focus by metres to the picture's right and away from the viewer, along the ground.
    void pan(double rightMeters, double forwardMeters);
    /// Pans so that `grabbed` comes under the ray `to`. Rays that do not come down to its height within 20 times the
    /// eye's distance to it (those near the horizon) change nothing.
    void panTo(const geo::Ecef& grabbed, const spatial::Ray& to);
    /// factor < 1 comes closer. The point stays where it is in the picture. Distance stays in [2 m, 200 km].
    void zoom(double factor, const geo::Ecef& towards);

private:
    glm::dvec3 forwardEcef() const;
    /// Moves the focus; the direction of sight stays the same in ECEF, so headings and pitches turn with the horizon.
    void setFocus(const glm::dvec3& focus, const glm::dvec3& forward);

    geo::Ecef _focus;
    double _distance = 500.0;
    double _heading = 0.0; // degrees in the focus' east-north-up frame
    double _pitch = -30.0;
};

/// Free flight.
class FlyController {
public:
    FlyController() = default;
    explicit FlyController(const geo::CameraPose& pose) : _pose(pose) {}
    geo::CameraPose pose() const { return _pose; }
    void turn(double headingDegrees, double pitchDegrees);
    /// Metres in the eye's axes: right, up (the ellipsoid's), forward.
    void move(const glm::dvec3& rightUpForwardMeters);
    /// Metres a second for this height above ground: a tenth of it, between 2 and 2,000.
    static double speedAt(double heightAboveGroundMeters);

private:
    geo::CameraPose _pose;
};

struct WalkOptions {
    double eyeHeightMeters = 1.6;
    double bodyHeightMeters = 1.75;
    double radiusMeters = 0.3;
    double stepUpMeters = 0.45;   // stairs and kerbs
    double stepDownMeters = 0.6;  // below it, gravity takes over
    double walkMetersPerSecond = 1.4;
    double runMetersPerSecond = 3.0;
    spatial::LayerMask water = 0;             // never walked onto
    spatial::LayerMask solid = spatial::kAllLayers; // what can be stood on and bumped into (water is taken out)
};

/// What the legs are told, over one step of time.
struct WalkInput {
    double forward = 0, right = 0; // -1..1
    bool run = false;
    double turnDegrees = 0, tiltDegrees = 0;
};

/// On foot: eye at 1.6 m, follows the ground, is stopped by walls, falls off edges. Where no ground is known it keeps its
/// height; where the ground under it changes because detail arrived, the eye eases over instead of jumping.
class WalkController {
public:
    WalkController() = default;
    /// Stands at the pose's place, on the highest surface at or below the eye; without one, at the pose's own height.
    WalkController(const geo::CameraPose& pose, const spatial::SpatialIndex& index, const WalkOptions& options = {},
                   const spatial::Filter& filter = {});

    /// Simulates `seconds` in equal steps of at most 1/60 s. Deterministic.
    void update(double seconds, const WalkInput& input, const spatial::SpatialIndex& index, const spatial::Filter& filter = {});

    geo::CameraPose pose() const;
    /// Ellipsoidal metres of the ground that is stood on, or was last.
    double groundHeightMeters() const { return _ground; }
    bool groundKnown() const { return _groundKnown; }
    bool falling() const { return _falling; }

private:
    void step(double seconds, const WalkInput& input, const spatial::SpatialIndex& index, const spatial::Filter& filter);
    struct Surface {
        double height = 0;
        bool water = false;
    };
    /// What would be stood on at a place when coming from `fromHeight`; nothing where nothing is known.
    std::optional<Surface> surfaceAt(const geo::Geodetic& place, double fromHeight, const spatial::SpatialIndex& index,
                                     const spatial::Filter& filter) const;
    /// The surface whose height is nearest to what was stood on.
    std::optional<double> surfaceNearest(double height, const spatial::SpatialIndex& index, const spatial::Filter& filter) const;
    void takeNewDetail(const spatial::SpatialIndex& index, const spatial::Filter& filter);
    void walk(double seconds, const WalkInput& input, const spatial::SpatialIndex& index, const spatial::Filter& filter);
    void fall(double seconds, const spatial::SpatialIndex& index, const spatial::Filter& filter);
    double feet() const { return _falling ? _feet : _ground; }
    spatial::Filter solidFilter(const spatial::Filter& filter, bool withWater) const;

    WalkOptions _options;
    double _latitude = 0, _longitude = 0;
    double _heading = 0, _pitch = 0;
    double _ground = 0; // under the feet while standing, ellipsoidal metres
    double _feet = 0;   // where they are while falling
    double _ease = 0;   // shown height - true height, decays
    double _fallSpeed = 0;
    bool _falling = false;
    bool _groundKnown = false;
    std::uint64_t _indexVersion = 0;
};

} // namespace matou::view
