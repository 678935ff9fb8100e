#include "geo/camera_pose.h"

#include <algorithm>
#include <cmath>

namespace matou::geo {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180.0;

double shorterArc(double from, double to, double t) {
    double delta = std::fmod(to - from, 360.0);
    if (delta > 180.0) delta -= 360.0;
    if (delta < -180.0) delta += 360.0;
    return from + delta * t;
}

} // namespace

EyeFrame eyeFrameFromPose(const CameraPose& pose) {
    EyeFrame frame;
    frame.eye = ecefFromGeodetic(pose.position);
    const glm::dmat3 enu(ecefFromEnu(frame.eye));
    const double h = pose.headingDegrees * kDegree, p = pose.pitchDegrees * kDegree, r = pose.rollDegrees * kDegree;
    const glm::dvec3 forward{std::sin(h) * std::cos(p), std::cos(h) * std::cos(p), std::sin(p)};
    const glm::dvec3 right{std::cos(h), -std::sin(h), 0.0};
    const glm::dvec3 up = glm::cross(right, forward);
    // Roll clockwise as seen from the eye: the right side goes down.
    const glm::dvec3 rolledRight = right * std::cos(r) - up * std::sin(r);
    const glm::dvec3 rolledUp = up * std::cos(r) + right * std::sin(r);
    frame.axes = enu * glm::dmat3(rolledRight, rolledUp, -forward);
    return frame;
}

CameraPose poseFromEyeFrame(const EyeFrame& frame) {
    CameraPose pose;
    pose.position = geodeticFromEcef(frame.eye);
    const glm::dmat3 local = glm::transpose(glm::dmat3(ecefFromEnu(frame.eye))) * frame.axes;
    const glm::dvec3 forward = -local[2];
    pose.pitchDegrees = std::asin(std::clamp(forward.z, -1.0, 1.0)) / kDegree;
    const double horizontal = std::hypot(forward.x, forward.y);
    // Looking straight up or down: the heading is where the picture's top (or bottom) points.
    double h = horizontal > 1e-9 ? std::atan2(forward.x, forward.y)
                                 : (forward.z < 0 ? std::atan2(local[1].x, local[1].y) : std::atan2(-local[1].x, -local[1].y));
    if (h < 0) h += 2.0 * 3.14159265358979323846;
    pose.headingDegrees = h / kDegree;
    const glm::dvec3 level{std::cos(h), -std::sin(h), 0.0};
    pose.rollDegrees = std::atan2(-glm::dot(local[0], glm::cross(level, forward)), glm::dot(local[0], level)) / kDegree;
    return pose;
}

EyeFrame eyeFrameLookingAt(const Ecef& eye, const Ecef& target, const glm::dvec3& up) {
    EyeFrame frame;
    frame.eye = eye;
    const glm::dvec3 back = glm::normalize(eye.meters - target.meters);
    glm::dvec3 right = glm::cross(up, back);
    if (glm::dot(right, right) < 1e-12) right = glm::cross(std::abs(back.x) < 0.9 ? glm::dvec3(1, 0, 0) : glm::dvec3(0, 1, 0), back);
    right = glm::normalize(right);
    frame.axes = glm::dmat3(right, glm::cross(back, right), back);
    return frame;
}

CameraPose interpolate(const CameraPose& a, const CameraPose& b, double t) {
    const glm::dvec3 from = ecefFromGeodetic(a.position).meters, to = ecefFromGeodetic(b.position).meters;
    CameraPose pose;
    pose.position = geodeticFromEcef({glm::mix(from, to, t)});
    pose.position.heightMeters = std::lerp(a.position.heightMeters, b.position.heightMeters, t);
    pose.headingDegrees = shorterArc(a.headingDegrees, b.headingDegrees, t);
    pose.pitchDegrees = std::lerp(a.pitchDegrees, b.pitchDegrees, t);
    pose.rollDegrees = shorterArc(a.rollDegrees, b.rollDegrees, t);
    return pose;
}

} // namespace matou::geo
