#include "view/camera_file.h"

#include <cmath>
#include <filesystem>

#include "core/file.h"
#include "core/json.h"

namespace matou::view {

namespace {

constexpr std::size_t kMostPoses = 1000000;

core::Result<glm::dvec3> vector(const core::JsonCursor& cursor, const char* name) {
    MATOU_TRY(numbers, cursor.numbers(name, 3));
    return glm::dvec3(numbers[0], numbers[1], numbers[2]);
}

core::Result<FilePose> poseAt(const core::JsonCursor& cursor) {
    if (cursor.has("eye")) {
        LookAt look;
        MATOU_TRY(eye, vector(cursor, "eye"));
        MATOU_TRY(target, vector(cursor, "target"));
        look.eye = eye;
        look.target = target;
        if (cursor.has("up")) {
            MATOU_TRY(up, vector(cursor, "up"));
            look.up = up;
        }
        if (glm::length(look.eye - look.target) < 1e-9) return core::fail("E_CAMERA_POSE", cursor.where(), {"eye = target"});
        if (glm::length(look.up) < 1e-9) return core::fail("E_CAMERA_POSE", cursor.where(), {"up = 0"});
        return look;
    }
    if (!cursor.has("lat")) return core::fail("E_CAMERA_POSE", cursor.where(), {"lat / eye"});
    geo::CameraPose pose;
    MATOU_TRY(latitude, cursor.number("lat"));
    MATOU_TRY(longitude, cursor.number("lon"));
    MATOU_TRY(height, cursor.number("height"));
    MATOU_TRY(heading, cursor.numberOr("heading", 0.0));
    MATOU_TRY(pitch, cursor.numberOr("pitch", 0.0));
    MATOU_TRY(roll, cursor.numberOr("roll", 0.0));
    if (std::abs(latitude) > 90.0) return core::fail("E_CAMERA_POSE", cursor.where(), {"lat = " + std::to_string(latitude)});
    if (std::abs(longitude) > 360.0) return core::fail("E_CAMERA_POSE", cursor.where(), {"lon = " + std::to_string(longitude)});
    if (!(std::abs(height) < 1e8)) return core::fail("E_CAMERA_POSE", cursor.where(), {"height = " + std::to_string(height)});
    if (std::abs(pitch) > 90.0) return core::fail("E_CAMERA_POSE", cursor.where(), {"pitch = " + std::to_string(pitch)});
    if (std::abs(heading) > 1e6 || std::abs(roll) > 1e6) return core::fail("E_CAMERA_POSE", cursor.where(), {"heading, roll"});
    pose.position = {latitude, longitude, height};
    pose.headingDegrees = heading;
    pose.pitchDegrees = pitch;
    pose.rollDegrees = roll;
    return pose;
}

core::Result<std::optional<double>> within(const core::JsonCursor& root, const char* name, double low, double high) {
    if (!root.has(name)) return std::optional<double>();
    MATOU_TRY(value, root.number(name));
    if (!(value > low && value < high))
        return core::fail("E_CAMERA_RANGE", root.where(), {name, std::to_string(value), std::to_string(low), std::to_string(high)});
    return std::optional<double>(value);
}

core::Result<std::optional<std::uint32_t>> side(const core::JsonCursor& viewport, const char* name) {
    if (!viewport.has(name)) return std::optional<std::uint32_t>();
    MATOU_TRY(value, viewport.integer(name));
    if (value < 1 || value > 32768) return core::fail("E_CAMERA_RANGE", viewport.where(), {name, std::to_string(value), "1", "32768"});
    return std::optional<std::uint32_t>(static_cast<std::uint32_t>(value));
}

/// Single poses and paths are told by what they look like, so that other members (notes, say) may stand beside them.
core::Result<void> takePoses(const core::JsonCursor& root, CameraFile& file) {
    for (const auto& [name, value] : root.json().items()) {
        if (name == "viewport") continue;
        if (value.is_object() && (name == "fixed" || value.contains("lat") || value.contains("eye"))) {
            MATOU_TRY(member, root.object(name));
            MATOU_TRY(pose, poseAt(member));
            if (name == "fixed") file.fixed = pose;
            file.poses.emplace(name, pose);
        } else if (value.is_array() && !value.empty() && value.front().is_object()) {
            MATOU_TRY(member, root.array(name));
            if (member.size() > kMostPoses)
                return core::fail("E_CAMERA_RANGE", member.where(), {name, std::to_string(member.size()), "1", std::to_string(kMostPoses)});
            std::vector<FilePose> path;
            path.reserve(member.size());
            for (std::size_t i = 0; i < member.size(); ++i) {
                MATOU_TRY(pose, poseAt(member.at(i)));
                path.push_back(pose);
            }
            file.paths.emplace(name, std::move(path));
        }
    }
    return {};
}

} // namespace

core::Result<CameraFile> parseCameraFile(std::string_view text, const std::string& where) {
    MATOU_TRY(json, core::parseJson(text, where, {.depth = 16, .bytes = std::size_t{256} << 20}));
    const core::JsonCursor root(json, where);
    if (!json.is_object()) return core::fail("E_JSON_TYPE", root.where(), {"", "object", json.type_name()});
    CameraFile file;
    MATOU_TRY(name, root.stringOr("name", ""));
    file.name = name;
    if (root.has("viewport")) {
        MATOU_TRY(viewport, root.object("viewport"));
        MATOU_TRY(width, side(viewport, "width"));
        MATOU_TRY(height, side(viewport, "height"));
        file.viewportWidth = width;
        file.viewportHeight = height;
    }
    MATOU_TRY(fovY, within(root, "fovYDeg", 0.0, 180.0));
    MATOU_TRY(near, within(root, "near", 0.0, 1e8));
    MATOU_TRY(far, within(root, "far", 0.0, 1e12));
    MATOU_TRY(error, within(root, "maximumScreenSpaceError", 0.0, 1e6));
    file.fovYDegrees = fovY;
    file.nearMeters = near;
    file.farMeters = far;
    file.maximumScreenSpaceError = error;
    MATOU_CHECK(takePoses(root, file));
    return file;
}

core::Result<CameraChoice> readCamera(const std::string& fileAndName) {
    // A path may hold '#' itself: the longest existing file wins.
    std::string path = fileAndName, name;
    if (const auto hash = fileAndName.rfind('#'); hash != std::string::npos && !std::filesystem::exists(fileAndName)) {
        path = fileAndName.substr(0, hash);
        name = fileAndName.substr(hash + 1);
    }
    MATOU_TRY(text, core::readTextFile(path));
    MATOU_TRY(file, parseCameraFile(text, path));
    CameraChoice choice;
    std::string names;
    for (const auto& [known, pose] : file.poses) names += (names.empty() ? "" : ", ") + known;
    for (const auto& [known, poses] : file.paths) names += (names.empty() ? "" : ", ") + known;
    if (name.empty()) {
        if (file.fixed)
            choice.poses = {*file.fixed};
        else if (file.poses.size() == 1 && file.paths.empty())
            choice.poses = {file.poses.begin()->second};
        else if (file.paths.size() == 1 && file.poses.empty())
            choice.poses = file.paths.begin()->second;
    } else if (const auto path = file.paths.find(name); path != file.paths.end()) {
        choice.poses = path->second;
    } else if (const auto pose = file.poses.find(name); pose != file.poses.end()) {
        choice.poses = {pose->second};
    }
    if (choice.poses.empty()) return core::fail("E_CAMERA_NAME", path, {name, names});
    choice.file = std::move(file);
    return choice;
}

} // namespace matou::view
