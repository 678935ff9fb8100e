#include <gtest/gtest.h>

#include "unit/view/scenes.h"

using namespace matou;
using view::OrbitController;

namespace {

void expectSamePose(const geo::CameraPose& a, const geo::CameraPose& b, double meters, double degrees) {
    EXPECT_NEAR(glm::length(geo::ecefFromGeodetic(a.position).meters - geo::ecefFromGeodetic(b.position).meters), 0, meters);
    EXPECT_NEAR(std::remainder(a.headingDegrees - b.headingDegrees, 360), 0, degrees);
    EXPECT_NEAR(a.pitchDegrees, b.pitchDegrees, degrees);
    EXPECT_NEAR(std::remainder(a.rollDegrees - b.rollDegrees, 360), 0, degrees);
}

glm::dvec2 pixelOf(const OrbitController& orbit, const geo::Ecef& point) {
    return *view::projectToPixel(test::viewFrom(orbit.pose()), point);
}

} // namespace

TEST(Orbit, takesOverAPoseUnchanged) {
    for (const auto& pose : {test::poseAt(0, -200, 100, 10, -25), test::poseAt(5, 5, 3000, 200, -89.9), test::poseAt(0, 0, 20, 350, 5)})
        expectSamePose(OrbitController::fromPose(pose, 300).pose(), pose, 1e-6, 2e-4 + 1e-3 * (pose.pitchDegrees < -89));
}

TEST(Orbit, findsItsFocusInWhatTheViewHits) {
    spatial::SpatialIndex index;
    std::vector<spatial::Triangle> floor;
    test::addFloor(floor, -500, -500, 500, 500, 0);
    test::add(index, 1, floor);
    const auto orbit = OrbitController::fromPose(test::poseAt(0, 0, 100, 0, -30), index, 15);
    EXPECT_NEAR(orbit.distanceMeters(), 200, 0.1);
    const auto bare = OrbitController::fromPose(test::poseAt(0, 0, 100, 0, -30), spatial::SpatialIndex{}, 15);
    EXPECT_NEAR(bare.distanceMeters(), 200, 0.1); // the ellipsoid stands in
}

TEST(Orbit, turningKeepsFocusAndDistance) {
    auto orbit = OrbitController::fromPose(test::poseAt(0, -200, 100, 0, -25), 220);
    const auto focus = orbit.focus();
    orbit.rotate(73, -20);
    EXPECT_NEAR(glm::length(orbit.focus().meters - focus.meters), 0, 1e-9);
    const auto pose = orbit.pose();
    EXPECT_NEAR(glm::length(geo::ecefFromGeodetic(pose.position).meters - focus.meters), 220, 1e-6);
    const auto pixel = pixelOf(orbit, focus);
    EXPECT_NEAR(pixel.x, 640, 1e-6);
    EXPECT_NEAR(pixel.y, 360, 1e-6);
    EXPECT_NEAR(pose.headingDegrees, 73, 0.01);
    EXPECT_NEAR(pose.rollDegrees, 0, 0.01);
}

TEST(Orbit, pitchStopsAtItsEnds) {
    auto orbit = OrbitController::fromPose(test::poseAt(0, -200, 100, 0, -25), 220);
    orbit.rotate(0, -500);
    EXPECT_NEAR(orbit.pose().pitchDegrees, -89.9, 0.01);
    orbit.rotate(0, 500);
    EXPECT_NEAR(orbit.pose().pitchDegrees, 10, 0.01);
}

TEST(Orbit, turningAroundAnotherPointKeepsItInPlace) {
    auto orbit = OrbitController::fromPose(test::poseAt(0, -200, 100, 0, -25), 220);
    const auto pivot = test::at(40, 30, 5);
    const auto before = pixelOf(orbit, pivot);
    orbit.rotateAround(pivot, 40, -15);
    const auto after = pixelOf(orbit, pivot);
    EXPECT_NEAR(after.x, before.x, 0.02);
    EXPECT_NEAR(after.y, before.y, 0.02);
}

TEST(Orbit, zoomKeepsThePointUnderTheCursor) {
    auto orbit = OrbitController::fromPose(test::poseAt(0, -200, 100, 0, -25), 220);
    const auto point = test::at(40, 30, 0);
    const auto before = pixelOf(orbit, point);
    for (int i = 0; i < 10; ++i) orbit.zoom(0.8, point);
    const auto after = pixelOf(orbit, point);
    EXPECT_NEAR(after.x, before.x, 0.05);
    EXPECT_NEAR(after.y, before.y, 0.05);
    EXPECT_NEAR(orbit.distanceMeters(), 220 * std::pow(0.8, 10), 1e-6);
    for (int i = 0; i < 100; ++i) orbit.zoom(0.5, point);
    EXPECT_NEAR(orbit.distanceMeters(), 2, 1e-6);
    for (int i = 0; i < 100; ++i) orbit.zoom(2, point);
    EXPECT_NEAR(orbit.distanceMeters(), 200000, 1e-3);
}

TEST(Orbit, panningBringsTheGrabbedPointUnderTheCursor) {
    auto orbit = OrbitController::fromPose(test::poseAt(0, -200, 100, 30, -25), 220);
    const auto view = test::viewFrom(orbit.pose());
    const auto grabRay = view::pickRay(view, 500, 500);
    const geo::Ecef grabbed{grabRay.origin + *view::intersectEllipsoid(grabRay, 15) * grabRay.direction};
    orbit.panTo(grabbed, view::pickRay(view, 800, 420));
    const auto pixel = pixelOf(orbit, grabbed);
    EXPECT_NEAR(pixel.x, 800, 0.1);
    EXPECT_NEAR(pixel.y, 420, 0.1);
    const auto before = orbit.focus();
    orbit.panTo(grabbed, {test::at(0, 0, 100).meters, glm::normalize(test::at(0, 1e5, 150).meters - test::at(0, 0, 100).meters)});
    EXPECT_EQ(orbit.focus().meters, before.meters); // the sky is no handle
}

TEST(Orbit, panMovesAlongTheGround) {
    auto orbit = OrbitController::fromPose(test::poseAt(0, -200, 100, 90, -25), 220);
    const auto from = geo::geodeticFromEcef(orbit.focus());
    orbit.pan(0, 5000); // heading east
    const auto to = geo::geodeticFromEcef(orbit.focus());
    EXPECT_NEAR(to.heightMeters, from.heightMeters, 1e-6);
    EXPECT_NEAR(test::local(to).x - test::local(from).x, 5000, 5);
}

TEST(Fly, movesAlongItsAxes) {
    view::FlyController fly(test::poseAt(0, 0, 100, 90, 0));
    fly.move({0, 0, 50});
    EXPECT_NEAR(test::local(fly.pose().position).x, 50, 1e-6);
    fly.move({10, 5, 0});
    EXPECT_NEAR(test::local(fly.pose().position).y, -10, 1e-6);
    EXPECT_NEAR(test::local(fly.pose().position).z, 105, 1e-3);
    fly.turn(-100, -200);
    EXPECT_NEAR(fly.pose().headingDegrees, 350, 1e-9);
    EXPECT_NEAR(fly.pose().pitchDegrees, -89.9, 1e-9);
}
