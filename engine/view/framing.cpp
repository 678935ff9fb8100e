#include <algorithm>
#include <array>
#include <cmath>

#include "view/camera_file.h"

namespace matou::view {

namespace {

/// Metres from a box's centre at which all its corners are inside the picture, 5 % margin. `axes`: right, up, back.
double distanceFor(const std::array<glm::dvec3, 8>& cornersFromCenter, const glm::dmat3& axes, double fovYRadians, double aspect) {
    const double top = std::tan(0.5 * fovYRadians) / 1.05, right = top * aspect;
    double distance = 0.0;
    for (const glm::dvec3& corner : cornersFromCenter) {
        const glm::dvec3 seen = glm::transpose(axes) * corner;
        distance = std::max({distance, seen.z + std::abs(seen.x) / right, seen.z + std::abs(seen.y) / top});
    }
    return std::max(distance, 1e-4);
}

std::array<glm::dvec3, 8> corners(const glm::dvec3& x, const glm::dvec3& y, const glm::dvec3& z) {
    std::array<glm::dvec3, 8> result;
    for (std::size_t i = 0; i < 8; ++i) result[i] = (i & 1 ? x : -x) + (i & 2 ? y : -y) + (i & 4 ? z : -z);
    return result;
}

geo::EyeFrame frameCorners(const glm::dvec3& center, const std::array<glm::dvec3, 8>& around, const glm::dvec3& towardsEye,
                           const glm::dvec3& up, double fovYRadians, double aspect) {
    geo::EyeFrame frame = geo::eyeFrameLookingAt({center + towardsEye}, {center}, up);
    frame.eye.meters = center + frame.axes[2] * distanceFor(around, frame.axes, fovYRadians, aspect);
    return frame;
}

} // namespace

geo::EyeFrame frameModel(const geo::BoundingVolume& bounds, double fovYRadians, double aspect) {
    geo::OrientedBox box;
    if (const auto* region = std::get_if<geo::Region>(&bounds)) {
        box = geo::boxOfRegion(*region);
    } else if (const auto* given = std::get_if<geo::OrientedBox>(&bounds)) {
        box = *given;
    } else {
        const auto& sphere = std::get<geo::Sphere>(bounds);
        box = {sphere.center, glm::dmat3(sphere.radius)};
    }
    const glm::dmat3 enu(geo::ecefFromEnu(geo::Ecef{box.center}));
    const glm::dvec3 southWestAbove = enu * glm::normalize(glm::dvec3(-1.0, -1.0, std::sqrt(2.0) * std::tan(3.14159265358979323846 / 6.0)));
    return frameCorners(box.center, corners(box.halfAxes[0], box.halfAxes[1], box.halfAxes[2]), southWestAbove, enu[2], fovYRadians, aspect);
}

geo::EyeFrame frameModel(const glm::dvec3& minimum, const glm::dvec3& maximum, const glm::dmat4& ecefFromContent,
                         double fovYRadians, double aspect) {
    const glm::dmat3 axes(ecefFromContent);
    const glm::dvec3 half = 0.5 * (maximum - minimum);
    const glm::dvec3 center(ecefFromContent * glm::dvec4(0.5 * (minimum + maximum), 1.0));
    // glTF's front, +z, is -y in the content's z-up axes; right is +x.
    const double rise = std::sqrt(2.0) * std::tan(25.0 / 180.0 * 3.14159265358979323846);
    const glm::dvec3 frontRight = glm::normalize(axes * glm::dvec3(1.0, -1.0, rise));
    return frameCorners(center, corners(axes[0] * half.x, axes[1] * half.y, axes[2] * half.z), frontRight, axes[2], fovYRadians, aspect);
}

geo::EyeFrame eyeFrameOf(const FilePose& pose, const glm::dmat4& ecefFromContent) {
    if (const auto* geodetic = std::get_if<geo::CameraPose>(&pose)) return geo::eyeFrameFromPose(*geodetic);
    const auto& look = std::get<LookAt>(pose);
    // glTF is y up; the content's frame z up: (x, y, z) -> (x, -z, y).
    const auto turned = [](const glm::dvec3& v) { return glm::dvec3(v.x, -v.z, v.y); };
    const auto place = [&](const glm::dvec3& v) { return geo::Ecef{glm::dvec3(ecefFromContent * glm::dvec4(turned(v), 1.0))}; };
    return geo::eyeFrameLookingAt(place(look.eye), place(look.target), glm::dmat3(ecefFromContent) * turned(look.up));
}

} // namespace matou::view
