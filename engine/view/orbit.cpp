#include <algorithm>
#include <cmath>

#include "view/controllers.h"
#include "view/picking.h"

namespace matou::view {

namespace {

constexpr double kDegree = 3.14159265358979323846 / 180.0;
constexpr double kLowestPitch = -89.9, kHighestPitch = 10.0;
constexpr double kNearest = 2.0, kFarthest = 200000.0;

glm::dmat3 enuAxes(const glm::dvec3& place) { return glm::dmat3(geo::ecefFromEnu(geo::Ecef{place})); }

} // namespace

glm::dvec3 OrbitController::forwardEcef() const {
    const double h = _heading * kDegree, p = _pitch * kDegree;
    return enuAxes(_focus.meters) * glm::dvec3(std::sin(h) * std::cos(p), std::cos(h) * std::cos(p), std::sin(p));
}

void OrbitController::setFocus(const glm::dvec3& focus, const glm::dvec3& forward) {
    _focus.meters = focus;
    const glm::dvec3 local = glm::transpose(enuAxes(focus)) * forward;
    _pitch = std::asin(std::clamp(local.z, -1.0, 1.0)) / kDegree;
    // Looking straight down, the heading says nothing about the direction and stays.
    if (std::hypot(local.x, local.y) > 1e-9) _heading = std::atan2(local.x, local.y) / kDegree;
}

OrbitController OrbitController::fromPose(const geo::CameraPose& pose, double distanceMeters) {
    OrbitController orbit;
    const geo::EyeFrame frame = geo::eyeFrameFromPose(pose);
    orbit._distance = std::clamp(distanceMeters, kNearest, kFarthest);
    orbit._heading = pose.headingDegrees;
    orbit.setFocus(frame.eye.meters - frame.axes[2] * orbit._distance, -frame.axes[2]);
    return orbit;
}

OrbitController OrbitController::fromPose(const geo::CameraPose& pose, const spatial::SpatialIndex& index, double groundHeightMeters) {
    const geo::EyeFrame frame = geo::eyeFrameFromPose(pose);
    const spatial::Ray ray{frame.eye.meters, -frame.axes[2]};
    double distance = 500.0;
    if (const auto hit = index.castRay(ray, 50000.0))
        distance = hit->distance;
    else if (const auto ground = intersectEllipsoid(ray, groundHeightMeters); ground && *ground < 20000.0)
        distance = *ground;
    return fromPose(pose, distance);
}

geo::CameraPose OrbitController::pose() const {
    const glm::dvec3 forward = forwardEcef();
    const double h = _heading * kDegree;
    geo::EyeFrame frame;
    frame.eye.meters = _focus.meters - forward * _distance;
    const glm::dvec3 right = enuAxes(_focus.meters) * glm::dvec3(std::cos(h), -std::sin(h), 0.0);
    frame.axes = glm::dmat3(right, glm::cross(right, forward), -forward);
    return geo::poseFromEyeFrame(frame);
}

void OrbitController::rotate(double headingDegrees, double pitchDegrees) { rotateAround(_focus, headingDegrees, pitchDegrees); }

void OrbitController::rotateAround(const geo::Ecef& pivot, double headingDegrees, double pitchDegrees) {
    // A pose from elsewhere may look higher than this may turn: it is not snapped back, only turned no further.
    const double newPitch = std::clamp(_pitch + pitchDegrees, std::min(_pitch, kLowestPitch), std::max(_pitch, kHighestPitch));
    const double dp = (newPitch - _pitch) * kDegree, dh = headingDegrees * kDegree, h = _heading * kDegree + dh;
    // The arm from pivot to focus turns with the view: about the vertical (clockwise), then about the picture's horizontal.
    const glm::dmat3 axes = enuAxes(pivot.meters);
    const glm::dvec3 arm = glm::transpose(axes) * (_focus.meters - pivot.meters);
    const glm::dvec3 turned(arm.x * std::cos(dh) + arm.y * std::sin(dh), -arm.x * std::sin(dh) + arm.y * std::cos(dh), arm.z);
    const glm::dvec3 right(std::cos(h), -std::sin(h), 0.0);
    const glm::dvec3 tilted = turned * std::cos(dp) + glm::cross(right, turned) * std::sin(dp) + right * (glm::dot(right, turned) * (1.0 - std::cos(dp)));
    _heading = std::remainder(_heading + headingDegrees, 360.0);
    _pitch = newPitch;
    _focus.meters = pivot.meters + axes * tilted;
}

void OrbitController::pan(double rightMeters, double forwardMeters) {
    const double h = _heading * kDegree;
    const glm::dvec3 shift(rightMeters * std::cos(h) + forwardMeters * std::sin(h), -rightMeters * std::sin(h) + forwardMeters * std::cos(h), 0.0);
    const double height = geo::geodeticFromEcef(_focus).heightMeters;
    geo::Geodetic moved = geo::geodeticFromEcef({_focus.meters + enuAxes(_focus.meters) * shift});
    moved.heightMeters = height; // along the ground, not along a plane that leaves it
    _focus = geo::ecefFromGeodetic(moved);
}

void OrbitController::panTo(const geo::Ecef& grabbed, const spatial::Ray& to) {
    const glm::dvec3 up = enuAxes(grabbed.meters)[2];
    const double descent = -glm::dot(to.direction, up), above = glm::dot(to.origin - grabbed.meters, up);
    if (above <= 0.0 || descent <= 0.0) return;
    const double distance = above / descent;
    if (distance > 20.0 * glm::length(to.origin - grabbed.meters)) return;
    const glm::dvec3 forward = forwardEcef();
    setFocus(_focus.meters + grabbed.meters - (to.origin + distance * to.direction), forward);
}

void OrbitController::zoom(double factor, const geo::Ecef& towards) {
    if (!(factor > 0.0) || !std::isfinite(factor)) return;
    factor = std::clamp(_distance * factor, kNearest, kFarthest) / _distance;
    const glm::dvec3 forward = forwardEcef();
    _distance *= factor;
    setFocus(towards.meters + (_focus.meters - towards.meters) * factor, forward);
}

} // namespace matou::view
