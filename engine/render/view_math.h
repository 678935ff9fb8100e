#pragma once
// From the double world to the float frame of one view: east-north-up axes of the snapshot's anchor, origin at the eye.

#include <array>
#include <cstdint>

#include <glm/glm.hpp>

#include "geo/frames.h"
#include "scene/frame_snapshot.h"

namespace matou::render {

/// Columns: east, north, up at the anchor, in ECEF.
glm::dmat3 shadingAxes(const geo::Ecef& anchor);

/// The one place where positions become float: axes^T * (ecefFromContent * (p + rtcCenter) - eye), computed in double.
/// For contents whose origin is within some kilometres of the eye the error is far below a millimetre.
glm::mat4 eyeFromContent(const glm::dmat3& axes, const geo::Ecef& eye, const glm::dmat4& ecefFromContent,
                         const glm::dvec3& rtcCenter);

/// A point of the world in the view's frame.
glm::vec3 eyeFromEcef(const glm::dmat3& axes, const geo::Ecef& eye, const geo::Ecef& point);

/// What a view's projection is made of, in tangents at distance 1: left, right, bottom, top of its part of the plane.
struct ViewPlane {
    double left = -1, right = 1, bottom = -1, top = 1, near = 0.3;
};
ViewPlane planeOf(const scene::View& view);
/// The full image plane that the view shows a part of: what must look the same in every part is made from it.
ViewPlane wholePlaneOf(const scene::View& view);
/// The part of `plane` that covers the pixels [x, x + width) × [y, y + height) of a target of the given size.
ViewPlane cropped(const ViewPlane& plane, glm::dvec2 targetSize, glm::dvec4 pixels);

/// The plane with its near distance moved out as far as `nearestMeters` (from the eye to whatever is drawn) allows.
/// Large triangles that pass below the eye are cut there; the farther the cut, the finer their depth in the distance.
ViewPlane withNearFor(const ViewPlane& plane, double nearestMeters);

/// Vulkan clip space (y down) with reversed infinite depth: z = near, w = distance along the axis.
glm::dmat4 projection(const ViewPlane& plane);
/// Columns: right, up, back of the eye, in the shading frame.
glm::dmat3 eyeAxes(const glm::dmat3& axes, const scene::View& view);
glm::mat4 clipFromEye(const ViewPlane& plane, const glm::dmat3& eyeAxes);
/// Direction of a place of the plane: xyz of m * (ndc.x, ndc.y, 1, 0), y down, of length 1 along the view.
glm::mat4 eyeFromClipFar(const ViewPlane& plane, const glm::dmat3& eyeAxes);

/// Side planes of the view through the eye, inward normals; and the forward axis.
struct ViewFrustum {
    std::array<glm::vec3, 4> sides;
    glm::vec3 forward{0.0f};
    float near = 0.0f;
    /// False only where the box (of the content, under the matrix) lies wholly outside.
    bool touches(const glm::mat4& eyeFromContent, const glm::vec3& minimum, const glm::vec3& maximum) const;
};
ViewFrustum frustumOf(const ViewPlane& plane, const glm::dmat3& eyeAxes);

} // namespace matou::render
