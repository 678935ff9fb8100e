#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/json.h"
#include "unit/view/scenes.h"
#include "view/camera_file.h"

using namespace matou;

namespace {

constexpr const char* kFile = R"({"name":"d","viewport":{"width":1280,"height":720},"fovYDeg":45,"near":1,"far":60000,
 "maximumScreenSpaceError":16,"convention":"words","fixed":{"lat":31.19,"lon":121.5,"height":320,"heading":12,"pitch":-21,"roll":1},
 "orbit":[{"lat":31.19,"lon":121.5,"height":350,"heading":0,"pitch":-23},{"lat":31.2,"lon":121.5,"height":351,"heading":1,"pitch":-23}]})";

std::string codeOf(const std::string& text) {
    const auto result = view::parseCameraFile(text, "c.json");
    return result ? "" : result.error().code;
}

struct Written {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("matou-camera-" + std::to_string(::getpid()) + ".json");
    explicit Written(const std::string& text) { std::ofstream(path) << text; }
    ~Written() { std::filesystem::remove(path); }
};

} // namespace

TEST(CameraFile, readsWhatItSays) {
    const auto file = view::parseCameraFile(kFile, "c.json");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->name, "d");
    EXPECT_EQ(file->viewportWidth, 1280u);
    EXPECT_EQ(file->fovYDegrees, 45.0);
    EXPECT_EQ(file->maximumScreenSpaceError, 16.0);
    const auto& pose = std::get<geo::CameraPose>(*file->fixed);
    EXPECT_EQ(pose.position.latitudeDegrees, 31.19);
    EXPECT_EQ(pose.rollDegrees, 1.0);
    ASSERT_EQ(file->paths.at("orbit").size(), 2u);
    EXPECT_EQ(std::get<geo::CameraPose>(file->paths.at("orbit")[1]).position.heightMeters, 351.0);
}

TEST(CameraFile, choosesByName) {
    const Written written(kFile);
    EXPECT_EQ(view::readCamera(written.path.string())->poses.size(), 1u);
    EXPECT_EQ(view::readCamera(written.path.string() + "#orbit")->poses.size(), 2u);
    EXPECT_EQ(view::readCamera(written.path.string() + "#fixed")->poses.size(), 1u);
    const auto wrong = view::readCamera(written.path.string() + "#orbits");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, "E_CAMERA_NAME");
    EXPECT_EQ(wrong.error().arguments.at(1), "fixed, orbit");
    EXPECT_EQ(view::readCamera("/nowhere.json#a").error().code, "E_FILE_MISSING");
}

TEST(CameraFile, errorsSayWhere) {
    EXPECT_EQ(codeOf("{"), "E_JSON_SYNTAX");
    EXPECT_EQ(codeOf("[]"), "E_JSON_TYPE");
    EXPECT_EQ(codeOf(R"({"fixed":{"lat":91,"lon":0,"height":0}})"), "E_CAMERA_POSE");
    EXPECT_EQ(codeOf(R"({"fixed":{"lon":0}})"), "E_CAMERA_POSE");
    EXPECT_EQ(codeOf(R"({"fixed":{"lat":1,"lon":0}})"), "E_JSON_MISSING");
    EXPECT_EQ(codeOf(R"({"fixed":{"lat":"a","lon":0,"height":0}})"), "E_JSON_TYPE");
    EXPECT_EQ(codeOf(R"({"fovYDeg":0})"), "E_CAMERA_RANGE");
    EXPECT_EQ(codeOf(R"({"viewport":{"width":0}})"), "E_CAMERA_RANGE");
    EXPECT_EQ(codeOf(R"({"fixed":{"eye":[0,0,0],"target":[0,0,0]}})"), "E_CAMERA_POSE");
    const auto result = view::parseCameraFile(R"({"a":[{"lat":1,"lon":1,"height":1},{"lat":1,"lon":1}]})", "c.json");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().where, "c.json#/a/1");
}

TEST(CameraFile, aModelsOwnAxesAreTurnedToContent) {
    const auto file = view::parseCameraFile(R"({"fixed":{"eye":[0,2,10],"target":[0,2,0],"up":[0,1,0]}})", "c.json");
    ASSERT_TRUE(file);
    const auto frame = view::eyeFrameOf(*file->fixed, test::placeMatrix());
    const glm::dvec3 eye(glm::inverse(test::placeMatrix()) * glm::dvec4(frame.eye.meters, 1.0));
    EXPECT_NEAR(glm::length(eye - glm::dvec3(0, -10, 2)), 0, 1e-6); // in front (south) of it, 2 m up
    const glm::dmat3 axes = glm::transpose(glm::dmat3(test::placeMatrix())) * frame.axes;
    EXPECT_NEAR(glm::length(axes[0] - glm::dvec3(1, 0, 0)), 0, 1e-9);
    EXPECT_NEAR(glm::length(axes[1] - glm::dvec3(0, 0, 1)), 0, 1e-9);
}

TEST(CameraFile, framesAWholeModel) {
    const glm::dvec3 low(-3, -20, 0), high(5, 4, 31);
    for (const double aspect : {0.5, 1.0, 2.4}) {
        scene::View view = test::viewFrom({}, static_cast<int>(720 * aspect), 720);
        view.eye = view::frameModel(low, high, test::placeMatrix(), view.fovYRadians, view.planeAspect);
        double leftmost = 1e9, rightmost = -1e9, top = 1e9, bottom = -1e9;
        for (int i = 0; i < 8; ++i) {
            const auto pixel = view::projectToPixel(view, test::at(i & 1 ? low.x : high.x, i & 2 ? low.y : high.y, i & 4 ? low.z : high.z));
            ASSERT_TRUE(pixel);
            leftmost = std::min(leftmost, pixel->x), rightmost = std::max(rightmost, pixel->x);
            top = std::min(top, pixel->y), bottom = std::max(bottom, pixel->y);
        }
        EXPECT_GE(std::min(leftmost, top), 0);
        EXPECT_LE(rightmost, 720 * aspect);
        EXPECT_LE(bottom, 720);
        EXPECT_GT(std::max((rightmost - leftmost) / (720 * aspect), (bottom - top) / 720), 0.6); // and fills the picture
    }
    scene::View view = test::viewFrom({});
    view.eye = view::frameModel(geo::Sphere{test::at(0, 0, 50).meters, 200}, view.fovYRadians, view.planeAspect);
    const auto pixel = view::projectToPixel(view, test::at(0, 0, 50));
    EXPECT_NEAR(pixel->x, 640, 1e-3);
    EXPECT_NEAR(geo::poseFromEyeFrame(view.eye).pitchDegrees, -30, 0.1);
    EXPECT_NEAR(geo::poseFromEyeFrame(view.eye).headingDegrees, 45, 0.1);
}

TEST(CameraFile, readsThirdPartyFiles) {
    const char* data = std::getenv("MATOU_TEST_DATA");
    const std::filesystem::path folder = std::filesystem::path(data != nullptr ? data : MATOU_SOURCE_DIR "/../shared") / "bench/cameras";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "not run: no " << folder;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto choice = view::readCamera(entry.path().string() + "#orbit");
        ASSERT_TRUE(choice) << entry.path();
        EXPECT_EQ(choice->poses.size(), 300u);
        EXPECT_TRUE(choice->file.fixed);
    }
}
