#include <algorithm>
#include <cmath>

#include "view/controllers.h"

namespace matou::view {

namespace {

constexpr double kDegree = 3.14159265358979323846 / 180.0;
constexpr double kStepSeconds = 1.0 / 60.0;
constexpr double kGravity = 9.81;
constexpr double kFastestFall = 20.0;
/// How the shown height catches up with the true one: an exponential, but never faster than this.
constexpr double kEaseSeconds = 0.12;
constexpr double kEaseMetersPerSecond = 2.0;
/// Layers that are painted over each other lie this close.
constexpr double kPaintedTogetherMeters = 0.1;
/// New detail may put the ground so far from where it was believed to be.
constexpr double kDetailReachMeters = 60.0;
constexpr double kSearchDepthMeters = 500.0;
/// cos 60°: steeper is no ground.
constexpr double kSteepestGround = 0.5;

geo::Geodetic moved(const geo::Geodetic& place, const glm::dvec3& displacementEcef) {
    geo::Geodetic result = geo::geodeticFromEcef({geo::ecefFromGeodetic(place).meters + displacementEcef});
    result.heightMeters = place.heightMeters;
    return result;
}

} // namespace

WalkController::WalkController(const geo::CameraPose& pose, const spatial::SpatialIndex& index, const WalkOptions& options,
                               const spatial::Filter& filter)
    : _options(options), _latitude(pose.position.latitudeDegrees), _longitude(pose.position.longitudeDegrees),
      _heading(pose.headingDegrees), _pitch(std::clamp(pose.pitchDegrees, -80.0, 80.0)), _indexVersion(index.version()) {
    _ground = pose.position.heightMeters - _options.eyeHeightMeters;
    if (const auto surface = surfaceAt(pose.position, pose.position.heightMeters, index, filter)) {
        _ground = surface->height;
        _groundKnown = true;
    }
}

spatial::Filter WalkController::solidFilter(const spatial::Filter& filter, bool withWater) const {
    spatial::Filter solid = filter;
    solid.layers &= withWater ? (_options.solid | _options.water) : (_options.solid & ~_options.water);
    return solid;
}

std::optional<WalkController::Surface> WalkController::surfaceAt(const geo::Geodetic& place, double fromHeight,
                                                                 const spatial::SpatialIndex& index,
                                                                 const spatial::Filter& filter) const {
    const geo::Ecef from = geo::ecefFromGeodetic({place.latitudeDegrees, place.longitudeDegrees, fromHeight});
    const glm::dvec3 up(geo::ecefFromEnu(from)[2]);
    std::optional<Surface> surface;
    int order = -1;
    for (const spatial::Hit& hit : index.castRayAll({from.meters, -up}, kSearchDepthMeters, solidFilter(filter, true))) {
        if (std::abs(glm::dot(hit.normalEcef, up)) < kSteepestGround) continue;
        const double height = fromHeight - hit.distance;
        if (surface && height < surface->height - kPaintedTogetherMeters) break;
        // Ground layers lie in one plane and the one painted last is what is seen: a road over water is a bridge.
        if (surface && int{hit.order} <= order) continue;
        surface = Surface{surface ? surface->height : height, (hit.layer & _options.water) != 0};
        order = hit.order;
    }
    return surface;
}

std::optional<double> WalkController::surfaceNearest(double height, const spatial::SpatialIndex& index,
                                                     const spatial::Filter& filter) const {
    const double top = height + kDetailReachMeters;
    const geo::Ecef from = geo::ecefFromGeodetic({_latitude, _longitude, top});
    const glm::dvec3 up(geo::ecefFromEnu(from)[2]);
    std::optional<double> nearest;
    for (const spatial::Hit& hit : index.castRayAll({from.meters, -up}, 2.0 * kDetailReachMeters, solidFilter(filter, true), 256)) {
        if (std::abs(glm::dot(hit.normalEcef, up)) < kSteepestGround) continue;
        const double found = top - hit.distance;
        if (!nearest || std::abs(found - height) < std::abs(*nearest - height)) nearest = found;
    }
    return nearest;
}

void WalkController::update(double seconds, const WalkInput& input, const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    if (!(seconds > 0.0)) return;
    _heading = std::fmod(std::fmod(_heading + input.turnDegrees, 360.0) + 360.0, 360.0);
    _pitch = std::clamp(_pitch + input.tiltDegrees, -80.0, 80.0);
    const int steps = std::clamp(static_cast<int>(std::ceil(seconds / kStepSeconds - 1e-9)), 1, 600);
    for (int i = 0; i < steps; ++i) step(seconds / steps, input, index, filter);
}

void WalkController::step(double seconds, const WalkInput& input, const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    if (index.version() != _indexVersion) takeNewDetail(index, filter);
    walk(seconds, input, index, filter);
    if (_falling) fall(seconds, index, filter);
    const double wanted = std::abs(_ease) * (1.0 - std::exp(-seconds / kEaseSeconds));
    const double less = std::min(wanted, kEaseMetersPerSecond * seconds);
    _ease = std::abs(_ease) < 1e-4 ? 0.0 : _ease - std::copysign(less, _ease);
}

void WalkController::takeNewDetail(const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    _indexVersion = index.version();
    if (_falling) return;
    const auto ground = surfaceNearest(_ground, index, filter);
    _groundKnown = ground.has_value();
    if (!ground) return; // it is being replaced: the height is kept until the new one is there
    _ease += _ground - *ground;
    _ground = *ground;
}

void WalkController::walk(double seconds, const WalkInput& input, const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    const double reach = std::max(1.0, std::hypot(input.forward, input.right));
    const double speed = (input.run ? _options.runMetersPerSecond : _options.walkMetersPerSecond) / reach;
    const double h = _heading * kDegree;
    const glm::dvec2 wish = seconds * speed * glm::dvec2(input.forward * std::sin(h) + input.right * std::cos(h),
                                                         input.forward * std::cos(h) - input.right * std::sin(h));
    if (glm::dot(wish, wish) == 0.0 && _falling) return;

    const geo::Geodetic here{_latitude, _longitude, feet() + _options.stepUpMeters};
    const geo::Ecef bottom = geo::ecefFromGeodetic(here);
    const glm::dmat3 enu(geo::ecefFromEnu(bottom));
    const spatial::Capsule capsule{bottom.meters, _options.bodyHeightMeters - _options.stepUpMeters, _options.radiusMeters};
    const auto onWater = [&](const std::optional<Surface>& surface) { return surface && surface->water; };
    const bool startsOnWater = _options.water != 0 && onWater(surfaceAt(here, here.heightMeters, index, filter));

    // The bank stops like a wall: along it one slides, tried in turns away from the wish.
    for (const double turn : {0.0, 30.0, -30.0, 60.0, -60.0}) {
        const double c = std::cos(turn * kDegree), s = std::sin(turn * kDegree);
        const glm::dvec2 turned = c * glm::dvec2(wish.x * c - wish.y * s, wish.x * s + wish.y * c);
        const auto move = index.moveCapsule(capsule, enu * glm::dvec3(turned, 0.0), solidFilter(filter, false));
        const geo::Geodetic there = moved(here, move.displacementEcef);
        const auto surface = surfaceAt(there, there.heightMeters, index, filter);
        if (_options.water != 0 && !startsOnWater && onWater(surface)) {
            if (glm::dot(wish, wish) == 0.0) return;
            continue;
        }
        _latitude = there.latitudeDegrees;
        _longitude = there.longitudeDegrees;
        if (_falling) return;
        _groundKnown = surface.has_value();
        if (!surface) return;
        if (surface->height < _ground - _options.stepDownMeters) {
            _falling = true;
            _feet = _ground;
            _fallSpeed = 0.0;
            return;
        }
        _ease += _ground - surface->height;
        _ground = surface->height;
        return;
    }
}

void WalkController::fall(double seconds, const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    const geo::Geodetic place{_latitude, _longitude, _feet};
    const auto surface = surfaceAt(place, _feet + 0.05, index, filter);
    if (!surface) { // what was below has gone: stand where we are rather than fall through the world
        _falling = false;
        _ground = _feet;
        _groundKnown = false;
        return;
    }
    _fallSpeed = std::min(kFastestFall, _fallSpeed + kGravity * seconds);
    _feet -= _fallSpeed * seconds;
    if (_feet > surface->height) return;
    _falling = false;
    _ground = surface->height;
    _groundKnown = true;
}

geo::CameraPose WalkController::pose() const {
    geo::CameraPose pose;
    pose.position = {_latitude, _longitude, feet() + _ease + _options.eyeHeightMeters};
    pose.headingDegrees = _heading;
    pose.pitchDegrees = _pitch;
    return pose;
}

} // namespace matou::view
