#include <gtest/gtest.h>

#include "unit/view/scenes.h"
#include "view/camera_input.h"

using namespace matou;
using namespace matou::platform;
using view::CameraInput;
using view::CameraMode;

namespace {

struct CameraInputTest : ::testing::Test {
    spatial::SpatialIndex index;
    CameraInput camera{test::poseAt(0, -200, 100, 0, -25)};
    void SetUp() override {
        std::vector<spatial::Triangle> floor;
        test::addFloor(floor, -5000, -5000, 5000, 5000, 0);
        test::add(index, 1, floor);
        camera.setFallbackGround(15);
    }
    bool send(const InputEvent& event) { return camera.handle(event, test::viewFrom(camera.pose()), index); }
};

} // namespace

TEST_F(CameraInputTest, leftDragMovesTheGroundWithTheCursor) {
    const auto view = test::viewFrom(camera.pose());
    const auto hit = index.castRay(view::pickRay(view, 500, 400), 1e5);
    EXPECT_TRUE(send(MouseButtonEvent{MouseButton::left, true, 500, 400, {}}));
    // Several moves within one frame, all against the picture as it was drawn.
    for (int i = 1; i <= 10; ++i) camera.handle(MouseMoveEvent{500.0 + 20 * i, 400.0 + 5 * i}, view, index);
    EXPECT_TRUE(send(MouseButtonEvent{MouseButton::left, false, 700, 450, {}}));
    const auto pixel = view::projectToPixel(test::viewFrom(camera.pose()), {hit->positionEcef});
    EXPECT_NEAR(pixel->x, 700, 0.2);
    EXPECT_NEAR(pixel->y, 450, 0.2);
    EXPECT_FALSE(send(MouseMoveEvent{900, 500})); // let go
}

TEST_F(CameraInputTest, rightDragTurnsAroundWhatWasGrabbed) {
    const auto view = test::viewFrom(camera.pose());
    const auto hit = index.castRay(view::pickRay(view, 500, 400), 1e5);
    send(MouseButtonEvent{MouseButton::right, true, 500, 400, {}});
    send(MouseMoveEvent{600, 380});
    const auto pixel = view::projectToPixel(test::viewFrom(camera.pose()), {hit->positionEcef});
    EXPECT_NEAR(pixel->x, 500, 0.2);
    EXPECT_NEAR(pixel->y, 400, 0.2);
    EXPECT_NEAR(camera.pose().headingDegrees, 20, 0.1);
}

TEST_F(CameraInputTest, wheelComesCloserToTheCursor) {
    const auto view = test::viewFrom(camera.pose());
    const auto hit = index.castRay(view::pickRay(view, 900, 500), 1e5);
    const double before = glm::length(geo::ecefFromGeodetic(camera.pose().position).meters - hit->positionEcef);
    EXPECT_TRUE(send(ScrollEvent{0, 3, 900, 500, {}}));
    const double after = glm::length(geo::ecefFromGeodetic(camera.pose().position).meters - hit->positionEcef);
    EXPECT_NEAR(after / before, std::pow(0.85, 3), 1e-3);
}

TEST_F(CameraInputTest, keysWalkAndReleasingStops) {
    camera.setPose(test::poseAt(0, 0, 1.6, 0, 0));
    camera.setMode(CameraMode::walk, index);
    send(KeyEvent{Key::w, true, false, {}});
    for (int i = 0; i < 30; ++i) camera.update(1.0 / 30, index);
    EXPECT_NEAR(test::local(camera.pose().position).y, 1.4, 1e-2);
    send(KeyEvent{Key::w, false, false, {}});
    camera.update(1, index);
    EXPECT_NEAR(test::local(camera.pose().position).y, 1.4, 1e-2);
    camera.setMode(CameraMode::orbit, index);
    EXPECT_NEAR(test::local(camera.pose().position).z, 1.6, 1e-2);
}

TEST_F(CameraInputTest, aTapBetweenTwoSlowFramesCounts) {
    camera.setPose(test::poseAt(0, 0, 1.6, 0, 0));
    camera.setMode(CameraMode::walk, index);
    send(KeyEvent{Key::w, true, false, {}});
    send(KeyEvent{Key::w, false, false, {}});
    camera.update(0.5, index);
    EXPECT_NEAR(test::local(camera.pose().position).y, 0.7, 1e-2);
    EXPECT_NEAR(camera.speedMetersPerSecond(), 1.4, 1e-2);
    camera.update(0.5, index);
    EXPECT_NEAR(test::local(camera.pose().position).y, 0.7, 1e-2);
    EXPECT_EQ(camera.speedMetersPerSecond(), 0);
}

TEST_F(CameraInputTest, arrowsTurnAWalker) {
    camera.setPose(test::poseAt(0, 0, 1.6, 0, 0));
    camera.setMode(CameraMode::walk, index);
    send(KeyEvent{Key::right, true, false, {}});
    for (int i = 0; i < 30; ++i) camera.update(1.0 / 30, index);
    send(KeyEvent{Key::right, false, false, {}});
    EXPECT_NEAR(camera.pose().headingDegrees, 60, 0.1);
}

TEST_F(CameraInputTest, flightsArriveAndGiveWayToATouch) {
    const auto goal = test::poseAt(1000, 1000, 300, 90, -40);
    camera.flyTo(goal, 2.0);
    for (int i = 0; i < 70; ++i) camera.update(1.0 / 30, index);
    EXPECT_FALSE(camera.flying());
    EXPECT_EQ(camera.pose().headingDegrees, goal.headingDegrees);
    camera.flyTo(test::poseAt(0, 0, 300), 2.0);
    camera.update(0.5, index);
    EXPECT_TRUE(camera.flying());
    send(MouseButtonEvent{MouseButton::left, true, 500, 400, {}});
    EXPECT_FALSE(camera.flying());
}

TEST_F(CameraInputTest, modesKeepThePicture) {
    const auto before = camera.pose();
    camera.setMode(CameraMode::fly, index);
    camera.setMode(CameraMode::orbit, index);
    EXPECT_EQ(camera.pose().position.heightMeters, before.position.heightMeters);
    EXPECT_EQ(camera.pose().headingDegrees, before.headingDegrees);
}
