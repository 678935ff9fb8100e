#pragma once
// Camera files: {"name","viewport":{"width","height"},"fovYDeg","near","far","maximumScreenSpaceError","fixed":POSE,
// "orbit":[POSE,…],…}; every array of poses is a path.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result.h"
#include "geo/bounding_volume.h"
#include "geo/camera_pose.h"

namespace matou::view {

/// For a model without georeference: metres in the model's own glTF axes (y up).
struct LookAt {
    glm::dvec3 eye{0.0}, target{0.0}, up{0.0, 1.0, 0.0};
};
using FilePose = std::variant<geo::CameraPose, LookAt>;

struct CameraFile {
    std::string name;
    std::optional<std::uint32_t> viewportWidth, viewportHeight;
    std::optional<double> fovYDegrees, nearMeters, farMeters, maximumScreenSpaceError;
    std::optional<FilePose> fixed;
    std::map<std::string, FilePose> poses;              // other single poses by their member's name, "fixed" among them
    std::map<std::string, std::vector<FilePose>> paths; // arrays of poses
};

/// `where` names the text in errors. E_JSON_…, E_CAMERA_POSE (neither form, or out of range), E_CAMERA_RANGE.
core::Result<CameraFile> parseCameraFile(std::string_view text, const std::string& where);

/// One pose or a path, as `--camera FILE[#NAME]` asks for.
struct CameraChoice {
    CameraFile file;
    std::vector<FilePose> poses; // one: a still; more: a pose a frame
};
/// Without #NAME: `fixed`, else the only pose or path there is. E_CAMERA_NAME says which names there are.
core::Result<CameraChoice> readCamera(const std::string& fileAndName);

/// `ecefFromContent` places the model (z up, as decoded); georeferenced poses ignore it.
geo::EyeFrame eyeFrameOf(const FilePose& pose, const glm::dmat4& ecefFromContent);

/// An eye from which the whole volume is seen: from the south-west and 30° above, along the local horizon, 5 % margin.
/// `aspect` is width / height.
geo::EyeFrame frameModel(const geo::BoundingVolume& bounds, double fovYRadians, double aspect);
/// The same for a box in the content's frame, which also says what is up and front there: the eye stands at the box's
/// front right (glTF: +z is front), 25° above.
geo::EyeFrame frameModel(const glm::dvec3& minimum, const glm::dvec3& maximum, const glm::dmat4& ecefFromContent,
                         double fovYRadians, double aspect);

} // namespace matou::view
