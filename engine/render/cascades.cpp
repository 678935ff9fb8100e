#include "render/cascades.h"

#include <algorithm>
#include <cmath>

namespace matou::render {
namespace {

// The maps measure this far towards the sun beyond a cascade's sphere, the shadow of 600 m at 20 degrees; what stands
// farther still is drawn at the near side.
constexpr double kCasterReachMeters = 2000.0;

/// Grows in steps of 1/8 octave, so that a slowly changing view keeps its texel size.
double stepped(double radius) {
    return std::exp2(std::ceil(std::log2(radius) * 8.0) / 8.0);
}

} // namespace

bool Cascade::touches(const glm::mat4& m, const glm::vec3& minimum, const glm::vec3& maximum) const {
    const glm::mat4 all = shadowFromEye * m;
    const glm::vec3 c = glm::vec3(all * glm::vec4((minimum + maximum) * 0.5f, 1.0f));
    const glm::vec3 half = (maximum - minimum) * 0.5f;
    for (int axis = 0; axis < 3; ++axis) {
        const float r =
            std::abs(all[0][axis]) * half.x + std::abs(all[1][axis]) * half.y + std::abs(all[2][axis]) * half.z;
        if ((axis != 2 && c[axis] + r < -1.0f) || c[axis] - r > 1.0f) return false;
    }
    return true;
}

glm::dvec3 steppedLight(const glm::dvec3& towardsSun) {
    constexpr double kStep = 0.01 * 3.14159265358979323846 / 180;
    const double elevation = std::round(std::asin(std::clamp(towardsSun.z, -1.0, 1.0)) / kStep) * kStep;
    const double azimuth = std::round(std::atan2(towardsSun.x, towardsSun.y) / kStep) * kStep;
    return {std::sin(azimuth) * std::cos(elevation), std::cos(azimuth) * std::cos(elevation), std::sin(elevation)};
}

double shadowReachMeters(double eyeHeightMeters) {
    return std::clamp(9.0 * std::max(2.0, eyeHeightMeters), 900.0, 9000.0);
}

std::array<Cascade, MATOU_CASCADES> placeCascades(const ViewPlane& plane, const glm::dmat3& eye,
                                                  const glm::dvec3& eyeFromAnchor, const glm::dvec3& towardsSun,
                                                  std::uint32_t mapTexels) {
    const double height = std::max(2.0, eyeFromAnchor.z);
    const double first = std::clamp(0.9 * height, 25.0, 900.0);
    const double last = shadowReachMeters(height);
    const glm::dvec3 up = std::abs(towardsSun.z) > 0.99 ? glm::dvec3(0, 1, 0) : glm::dvec3(0, 0, 1);
    const glm::dvec3 x = glm::normalize(glm::cross(up, towardsSun)), y = glm::cross(towardsSun, x);
    const glm::dmat3 lightFromFrame = glm::transpose(glm::dmat3(x, y, towardsSun));
    std::array<Cascade, MATOU_CASCADES> cascades;
    double begin = 0.0;
    for (std::uint32_t i = 0; i < MATOU_CASCADES; ++i) {
        const double end = first * std::pow(last / first, static_cast<double>(i) / (MATOU_CASCADES - 1));
        std::array<glm::dvec3, 8> corners;
        glm::dvec3 center(0.0);
        for (int k = 0; k < 8; ++k) {
            const double distance = (k & 4) != 0 ? end : begin;
            corners[k] = eye * (glm::dvec3((k & 1) != 0 ? plane.right : plane.left,
                                           (k & 2) != 0 ? plane.top : plane.bottom, -1.0) *
                                distance);
            center += corners[k] / 8.0;
        }
        double radius = 0.0;
        for (const glm::dvec3& corner : corners)
            radius = std::max(radius, glm::length(corner - center));
        Cascade& cascade = cascades[i];
        // The grid's step is an eighth of the radius; the sphere grows by what snapping may move its centre.
        cascade.radius = stepped(radius * 1.10);
        const double texel = 2.0 * cascade.radius / mapTexels;
        const double step = texel * std::max(1.0, std::floor(cascade.radius / 8.0 / texel));
        const glm::dvec3 inLight = lightFromFrame * (eyeFromAnchor + center);
        const glm::dvec3 snapped(std::round(inLight.x / step) * step, std::round(inLight.y / step) * step,
                                 std::round(inLight.z / step) * step);
        cascade.center = glm::transpose(lightFromFrame) * snapped;
        cascade.texelMeters = static_cast<float>(texel);
        cascade.farMeters = static_cast<float>(end);
        const double depth = 2.0 * cascade.radius + kCasterReachMeters;
        cascade.depthMeters = static_cast<float>(depth);
        glm::dmat4 m(1.0);
        for (int c = 0; c < 3; ++c) {
            m[c][0] = lightFromFrame[c][0] / cascade.radius;
            m[c][1] = lightFromFrame[c][1] / cascade.radius;
            m[c][2] = -lightFromFrame[c][2] / depth;
        }
        const glm::dvec3 offset = lightFromFrame * (eyeFromAnchor - cascade.center);
        m[3] = glm::dvec4(offset.x / cascade.radius, offset.y / cascade.radius,
                          (cascade.radius + kCasterReachMeters - offset.z) / depth, 1.0);
        cascade.shadowFromEye = glm::mat4(m);
        begin = end * 0.98;
    }
    return cascades;
}

} // namespace matou::render
