#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "spatial/closest.h"
#include "unit/spatial/shapes.h"

using namespace matou;
using spatial::SpatialIndex;

namespace {

/// Walks from (x, y) by many small wishes; where it ends, in metres about the place.
glm::dvec3 walk(const SpatialIndex& index, glm::dvec3 from, glm::dvec2 wish, int steps, const spatial::Filter& filter = {}) {
    const glm::dmat4 matrix = test::placeMatrix(), inverse = glm::inverse(matrix);
    glm::dvec3 position = test::at(from.x, from.y, from.z).meters;
    for (int i = 0; i < steps; ++i) {
        const glm::dvec3 step = glm::dmat3(matrix) * glm::dvec3(wish, 0.0);
        position += index.moveCapsule({position, 1.3, 0.3}, step, filter).displacementEcef;
    }
    return glm::dvec3(inverse * glm::dvec4(position, 1.0));
}

SpatialIndex indexOf(const std::vector<spatial::Triangle>& triangles) {
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(triangles), test::placeMatrix());
    return index;
}

} // namespace

TEST(Closest, segmentToTriangleAgreesWithSampling) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> place(-2, 2);
    const auto point = [&] { return glm::dvec3(place(random), place(random), place(random)); };
    for (int i = 0; i < 300; ++i) {
        const glm::dvec3 p = point(), q = point(), a = point(), b = point(), c = point();
        const auto pair = spatial::closestSegmentTriangle(p, q, a, b, c);
        EXPECT_NEAR(glm::length(pair.onSegment - pair.onTriangle), pair.distance, 1e-6);
        double sampled = 1e9;
        for (int s = 0; s <= 60; ++s)
            for (int u = 0; u <= 60; ++u)
                for (int v = 0; u + v <= 60; ++v) {
                    const glm::dvec3 onSegment = p + (q - p) * (s / 60.0), onTriangle = a + (b - a) * (u / 60.0) + (c - a) * (v / 60.0);
                    sampled = std::min(sampled, glm::length(onSegment - onTriangle));
                }
        EXPECT_LE(pair.distance, sampled + 1e-9);
        EXPECT_GT(pair.distance, sampled - 0.12); // a sample lies within half a cell
    }
}

TEST(Capsule, isStoppedByAWallAtItsRadius) {
    std::vector<spatial::Triangle> box;
    test::addBox(box, {2, -5, 0}, {3, 5, 4});
    const auto end = walk(indexOf(box), {0, 0, 0.45}, {0.05, 0}, 200);
    EXPECT_NEAR(end.x, 1.7, 1e-3);
    EXPECT_NEAR(end.y, 0.0, 1e-3);
}

TEST(Capsule, slidesAlongTheWall) {
    std::vector<spatial::Triangle> box;
    test::addBox(box, {2, -50, 0}, {3, 50, 4});
    const auto end = walk(indexOf(box), {0, 0, 0.45}, {0.05, 0.05}, 200);
    EXPECT_NEAR(end.x, 1.7, 1e-3);
    EXPECT_NEAR(end.y, 10.0, 0.01);
}

TEST(Capsule, stopsInTheCornerOfAnLShapedWallAndLeavesItAgain) {
    std::vector<spatial::Triangle> walls;
    test::addBox(walls, {2, -5, 0}, {2.3f, 5, 3});
    test::addBox(walls, {-5, 2, 0}, {2, 2.3f, 3});
    const auto index = indexOf(walls);
    const auto corner = walk(index, {0, 0, 0.45}, {0.05, 0.05}, 400);
    EXPECT_NEAR(corner.x, 1.7, 0.02);
    EXPECT_NEAR(corner.y, 1.7, 0.02);
    const auto back = walk(index, corner, {-0.05, 0}, 40);
    EXPECT_NEAR(back.x, corner.x - 2.0, 0.02);
}

TEST(Capsule, passesAnOpenGateButNotANarrowGap) {
    std::vector<spatial::Triangle> walls;
    test::addBox(walls, {2, -10, 0}, {2.3f, -1, 3});
    test::addBox(walls, {2, 1, 0}, {2.3f, 10, 3}); // gate of 2 m
    EXPECT_NEAR(walk(indexOf(walls), {0, 0.5, 0.45}, {0.05, 0}, 100).x, 5.0, 1e-6);
    walls.clear();
    test::addBox(walls, {2, -10, 0}, {2.3f, -0.2f, 3});
    test::addBox(walls, {2, 0.2f, 0}, {2.3f, 10, 3}); // 0.4 m
    EXPECT_LT(walk(indexOf(walls), {0, 0, 0.45}, {0.05, 0}, 400).x, 2.0);
}

TEST(Capsule, passesUnderALintelAndOverAKerb) {
    std::vector<spatial::Triangle> walls;
    test::addBox(walls, {2, -10, 2.2f}, {2.3f, 10, 3}); // above the head
    test::addBox(walls, {3, -10, 0}, {3.3f, 10, 0.15f}); // below the step
    EXPECT_NEAR(walk(indexOf(walls), {0, 0, 0.45}, {0.05, 0}, 100).x, 5.0, 1e-6);
}

TEST(Capsule, leavesABuildingThatItIsInside) {
    std::vector<spatial::Triangle> box;
    test::addBox(box, {-3, -3, 0}, {3, 3, 6});
    EXPECT_NEAR(walk(indexOf(box), {0, 0, 0.45}, {0.05, 0}, 100).x, 5.3, 1e-3); // once outside it is pushed clear of the wall
    EXPECT_LT(walk(indexOf(box), {5, 0, 0.45}, {-0.05, 0}, 100).x, 5.0); // and is kept out afterwards
    EXPECT_GT(walk(indexOf(box), {5, 0, 0.45}, {-0.05, 0}, 100).x, 3.29);
}

TEST(Capsule, twoSidedSheetsStopFromBothSides) {
    std::vector<spatial::Triangle> sheet;
    test::addQuad(sheet, {2, -5, 0}, {2, 5, 0}, {2, 5, 3}, {2, -5, 3}, 0, true);
    EXPECT_NEAR(walk(indexOf(sheet), {0, 0, 0.45}, {0.05, 0}, 100).x, 1.7, 1e-3);
    EXPECT_NEAR(walk(indexOf(sheet), {4, 0, 0.45}, {-0.05, 0}, 100).x, 2.3, 1e-3);
}

TEST(Capsule, neverTunnelsWhateverTheStep) {
    std::vector<spatial::Triangle> box;
    test::addBox(box, {2, -50, 0}, {2.2f, 50, 4});
    const auto index = indexOf(box);
    for (const double step : {0.1, 0.7, 3.0, 40.0}) EXPECT_LT(walk(index, {0, 0, 0.45}, {step, 0.1}, 3).x, 1.71) << step;
}

TEST(Capsule, doesNotClimbAndIgnoresHiddenWalls) {
    std::vector<spatial::Triangle> box;
    test::addBox(box, {2, -5, 0}, {3, 5, 4}, 0);
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(box), test::placeMatrix(),
              {.layer = 1, .featureNumbers = std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{9})});
    const auto end = walk(index, {0, 0, 0.45}, {0.05, 0}, 100);
    EXPECT_NEAR(end.z, 0.45, 1e-4);
    const spatial::Filter filter{.layers = 1, .hidden = [](std::uint32_t number) { return number == 9; }};
    EXPECT_NEAR(walk(index, {0, 0, 0.45}, {0.05, 0}, 100, filter).x, 5.0, 1e-6);
}
