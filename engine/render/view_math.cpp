#include "render/view_math.h"

#include <algorithm>
#include <cmath>

namespace matou::render {

glm::dmat3 shadingAxes(const geo::Ecef& anchor) {
    return glm::dmat3(geo::ecefFromEnu(anchor));
}

glm::mat4 eyeFromContent(const glm::dmat3& axes, const geo::Ecef& eye, const glm::dmat4& ecefFromContent,
                         const glm::dvec3& rtcCenter) {
    const glm::dmat3 turn = glm::transpose(axes);
    const glm::dvec3 origin = glm::dvec3(ecefFromContent * glm::dvec4(rtcCenter, 1.0)) - eye.meters;
    glm::dmat4 m(turn * glm::dmat3(ecefFromContent));
    m[3] = glm::dvec4(turn * origin, 1.0);
    return glm::mat4(m);
}

glm::vec3 eyeFromEcef(const glm::dmat3& axes, const geo::Ecef& eye, const geo::Ecef& point) {
    return glm::vec3(glm::transpose(axes) * (point.meters - eye.meters));
}

ViewPlane planeOf(const scene::View& view) {
    const double halfHeight = std::tan(view.fovYRadians * 0.5), halfWidth = halfHeight * view.planeAspect;
    return {(2 * view.window.x - 1) * halfWidth, (2 * view.window.z - 1) * halfWidth,
            (1 - 2 * view.window.w) * halfHeight, (1 - 2 * view.window.y) * halfHeight, view.nearMeters};
}

ViewPlane wholePlaneOf(const scene::View& view) {
    const double halfHeight = std::tan(view.fovYRadians * 0.5), halfWidth = halfHeight * view.planeAspect;
    return {-halfWidth, halfWidth, -halfHeight, halfHeight, view.nearMeters};
}

ViewPlane cropped(const ViewPlane& plane, glm::dvec2 size, glm::dvec4 pixels) {
    const double width = plane.right - plane.left, height = plane.top - plane.bottom;
    return {plane.left + width * pixels.x / size.x, plane.left + width * (pixels.x + pixels.z) / size.x,
            plane.top - height * (pixels.y + pixels.w) / size.y, plane.top - height * pixels.y / size.y, plane.near};
}

ViewPlane withNearFor(const ViewPlane& plane, double nearestMeters) {
    const double x = std::max(std::abs(plane.left), std::abs(plane.right));
    const double y = std::max(std::abs(plane.bottom), std::abs(plane.top));
    ViewPlane moved = plane;
    moved.near = std::max(plane.near, 0.8 * nearestMeters / std::sqrt(1 + x * x + y * y));
    return moved;
}

glm::dmat4 projection(const ViewPlane& p) {
    glm::dmat4 m(0.0);
    m[0][0] = 2 / (p.right - p.left);
    m[2][0] = (p.right + p.left) / (p.right - p.left);
    m[1][1] = -2 / (p.top - p.bottom);
    m[2][1] = -(p.top + p.bottom) / (p.top - p.bottom);
    m[3][2] = p.near;
    m[2][3] = -1;
    return m;
}

glm::dmat3 eyeAxes(const glm::dmat3& axes, const scene::View& view) {
    return glm::transpose(axes) * view.eye.axes;
}

glm::mat4 clipFromEye(const ViewPlane& plane, const glm::dmat3& eyeAxes) {
    return glm::mat4(projection(plane) * glm::dmat4(glm::transpose(eyeAxes)));
}

glm::mat4 eyeFromClipFar(const ViewPlane& plane, const glm::dmat3& eye) {
    const glm::dmat3 turn =
        eye * glm::dmat3(glm::dvec3((plane.right - plane.left) / 2, 0, 0),
                         glm::dvec3(0, -(plane.top - plane.bottom) / 2, 0),
                         glm::dvec3((plane.right + plane.left) / 2, (plane.top + plane.bottom) / 2, -1));
    return glm::mat4(glm::dmat4(turn));
}

ViewFrustum frustumOf(const ViewPlane& p, const glm::dmat3& eye) {
    ViewFrustum frustum;
    const auto ray = [&](double x, double y) { return eye * glm::dvec3(x, y, -1.0); };
    const glm::dvec3 lt = ray(p.left, p.top), rt = ray(p.right, p.top), lb = ray(p.left, p.bottom),
                     rb = ray(p.right, p.bottom);
    frustum.sides = {glm::vec3(glm::normalize(glm::cross(lt, lb))), glm::vec3(glm::normalize(glm::cross(rb, rt))),
                     glm::vec3(glm::normalize(glm::cross(rt, lt))), glm::vec3(glm::normalize(glm::cross(lb, rb)))};
    frustum.forward = glm::vec3(-eye[2]);
    // Inward, whichever way the axes turn.
    for (glm::vec3& side : frustum.sides)
        if (glm::dot(side, glm::vec3(ray((p.left + p.right) / 2, (p.bottom + p.top) / 2))) < 0) side = -side;
    frustum.near = static_cast<float>(p.near);
    return frustum;
}

bool ViewFrustum::touches(const glm::mat4& m, const glm::vec3& minimum, const glm::vec3& maximum) const {
    const glm::vec3 center = glm::vec3(m * glm::vec4((minimum + maximum) * 0.5f, 1.0f));
    const glm::vec3 half = (maximum - minimum) * 0.5f;
    const glm::mat3 axes(m);
    const auto reach = [&](const glm::vec3& n) {
        return std::abs(glm::dot(n, axes[0])) * half.x + std::abs(glm::dot(n, axes[1])) * half.y +
               std::abs(glm::dot(n, axes[2])) * half.z;
    };
    for (const glm::vec3& side : sides)
        if (glm::dot(side, center) < -reach(side)) return false;
    return glm::dot(forward, center) > near - reach(forward);
}

} // namespace matou::render
