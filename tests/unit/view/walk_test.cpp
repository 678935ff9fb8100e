#include <gtest/gtest.h>

#include "unit/view/scenes.h"

using namespace matou;
using view::WalkController;
using view::WalkInput;

namespace {

constexpr spatial::LayerMask kSolid = 1, kWater = 2;

view::WalkOptions options() {
    view::WalkOptions result;
    result.water = kWater;
    return result;
}

WalkController walkerAt(double east, double north, double up, double heading, const spatial::SpatialIndex& index) {
    return WalkController(test::poseAt(east, north, up + 1.6, heading, 0), index, options());
}

glm::dvec3 eyeOf(const WalkController& walker) { return test::local(walker.pose().position); }

/// Walks at 30 frames a second; the largest change of the eye's height from one frame to the next.
double walkFor(WalkController& walker, double seconds, const WalkInput& input, const spatial::SpatialIndex& index) {
    double largest = 0;
    for (int frame = 0; frame < seconds * 30; ++frame) {
        const double before = walker.pose().position.heightMeters;
        walker.update(1.0 / 30, input, index);
        largest = std::max(largest, std::abs(walker.pose().position.heightMeters - before));
    }
    return largest;
}

spatial::SpatialIndex flatGround() {
    spatial::SpatialIndex index;
    std::vector<spatial::Triangle> floor;
    test::addFloor(floor, -200, -200, 200, 200, 0);
    test::add(index, 1, floor, {.layer = kSolid});
    return index;
}

} // namespace

TEST(Walk, eyeIsAt160CentimetresAndSpeedsAreHuman) {
    const auto index = flatGround();
    auto walker = walkerAt(0, 0, 5, 0, index); // set down on the ground
    EXPECT_NEAR(eyeOf(walker).z, 1.6, 1e-3);
    walkFor(walker, 10, {.forward = 1}, index);
    EXPECT_NEAR(eyeOf(walker).y, 14.0, 0.01);
    EXPECT_NEAR(eyeOf(walker).z, 1.6, 1e-3);
    walkFor(walker, 10, {.forward = 1, .run = true}, index);
    EXPECT_NEAR(eyeOf(walker).y, 44.0, 0.02);
    walkFor(walker, 1, {.forward = 1, .right = 1}, index); // no faster on the diagonal
    EXPECT_NEAR(eyeOf(walker).y, 44.0 + 1.4 / std::sqrt(2.0), 0.02);
}

TEST(Walk, goesThroughAnOpenGate) {
    auto index = flatGround();
    std::vector<spatial::Triangle> wall;
    test::addBox(wall, {-50, 5, 0}, {-1, 5.3f, 2.5f});
    test::addBox(wall, {1, 5, 0}, {50, 5.3f, 2.5f});
    test::addBox(wall, {-1, 5, 2.3f}, {1, 5.3f, 2.8f}); // its lintel
    test::add(index, 2, wall, {.layer = kSolid});
    auto walker = walkerAt(0.4, 0, 0, 0, index);
    walkFor(walker, 6, {.forward = 1}, index);
    EXPECT_GT(eyeOf(walker).y, 8.0);
    auto beside = walkerAt(4, 0, 0, 0, index);
    walkFor(beside, 6, {.forward = 1}, index);
    EXPECT_NEAR(eyeOf(beside).y, 4.7, 0.01);
}

TEST(Walk, followsAnLShapedWallWithoutPassingIt) {
    auto index = flatGround();
    std::vector<spatial::Triangle> wall;
    test::addBox(wall, {-10, 5, 0}, {5, 5.3f, 2.5f}); // east-west
    test::addBox(wall, {5, -10, 0}, {5.3f, 5.3f, 2.5f}); // north-south
    test::add(index, 2, wall, {.layer = kSolid});
    auto walker = walkerAt(0, 0, 0, 30, index); // north-north-east: meets the first wall, slides to the corner
    double highest = 0;
    for (int i = 0; i < 600; ++i) {
        walker.update(1.0 / 30, {.forward = 1}, index);
        const auto eye = eyeOf(walker);
        ASSERT_LT(eye.x, 4.71);
        ASSERT_LT(eye.y, 4.71);
        highest = std::max(highest, eye.z);
    }
    EXPECT_NEAR(eyeOf(walker).x, 4.7, 0.05);
    EXPECT_NEAR(eyeOf(walker).y, 4.7, 0.05);
    EXPECT_NEAR(highest, 1.6, 1e-3);
}

TEST(Walk, crossesABridgeOverWater) {
    spatial::SpatialIndex index;
    std::vector<spatial::Triangle> banks, water, bridge;
    test::addFloor(banks, -50, -50, 50, 0, 0);
    test::addFloor(banks, -50, 20, 50, 70, 0);
    test::addFloor(water, -50, 0, 50, 20, -3);
    test::addBox(bridge, {-2, -2, -0.5f}, {2, 22, 0.2f}); // a step of 20 cm
    test::add(index, 1, banks, {.layer = kSolid});
    test::add(index, 2, water, {.layer = kWater, .order = 2});
    test::add(index, 3, bridge, {.layer = kSolid});
    auto walker = walkerAt(0, -10, 0, 0, index);
    EXPECT_LT(walkFor(walker, 8, {.forward = 1}, index), 0.1);
    EXPECT_NEAR(eyeOf(walker).z, 1.8, 0.01); // on the deck, above the water
    walkFor(walker, 20, {.forward = 1}, index);
    EXPECT_GT(eyeOf(walker).y, 25);
    EXPECT_NEAR(eyeOf(walker).z, 1.6, 0.01);
}

TEST(Walk, doesNotWalkOntoWaterButAlongTheBank) {
    spatial::SpatialIndex index;
    std::vector<spatial::Triangle> ground, water;
    test::addFloor(ground, -100, -100, 100, 100, 0);
    test::addFloor(water, -100, 5, 100, 100, 0); // painted over the ground, in its plane
    test::add(index, 1, ground, {.layer = kSolid});
    test::add(index, 2, water, {.layer = kWater, .order = 2});
    auto walker = walkerAt(0, 0, 0, 0, index);
    walkFor(walker, 20, {.forward = 1}, index);
    EXPECT_LE(eyeOf(walker).y, 5.0);
    EXPECT_GT(eyeOf(walker).y, 4.9);
    auto slanted = walkerAt(0, 0, 0, 45, index);
    walkFor(slanted, 30, {.forward = 1}, index);
    EXPECT_LE(eyeOf(slanted).y, 5.0);
    EXPECT_GT(eyeOf(slanted).x, 15.0);
}

TEST(Walk, aRoadPaintedOverWaterIsABridge) {
    spatial::SpatialIndex index;
    std::vector<spatial::Triangle> ground, water, road;
    test::addFloor(ground, -100, -100, 100, 100, 0);
    test::addFloor(water, -100, 5, 100, 15, 0);
    test::addFloor(road, -3, -100, 3, 100, 0);
    test::add(index, 1, ground, {.layer = kSolid});
    test::add(index, 2, water, {.layer = kWater, .order = 2});
    test::add(index, 3, road, {.layer = kSolid, .order = 3});
    auto walker = walkerAt(0, 0, 0, 0, index);
    walkFor(walker, 20, {.forward = 1}, index);
    EXPECT_GT(eyeOf(walker).y, 25.0);
}

TEST(Walk, climbsStairsSmoothlyAndFallsOffLedges) {
    auto index = flatGround();
    std::vector<spatial::Triangle> stairs;
    for (int i = 0; i < 20; ++i)
        test::addBox(stairs, {-2, 5 + 0.3f * static_cast<float>(i), 0}, {2, 5.3f + 0.3f * static_cast<float>(i), 0.15f * static_cast<float>(i + 1)});
    test::add(index, 2, stairs, {.layer = kSolid});
    auto walker = walkerAt(0, 4, 0, 0, index);
    EXPECT_LT(walkFor(walker, 4.5, {.forward = 1}, index), 0.08);
    EXPECT_GT(eyeOf(walker).z, 3.5);
    double before = eyeOf(walker).z;
    walkFor(walker, 1.2, {.forward = 1}, index); // over the top: 3 m down take 0.78 s
    EXPECT_LT(eyeOf(walker).z, before);
    walkFor(walker, 2, {}, index);
    EXPECT_NEAR(eyeOf(walker).z, 1.6, 1e-3);
    EXPECT_FALSE(walker.falling());
}

TEST(Walk, fallsByGravity) {
    auto index = flatGround();
    std::vector<spatial::Triangle> tower;
    test::addBox(tower, {-5, -5, 0}, {5, 5, 20});
    test::add(index, 2, tower, {.layer = kSolid});
    auto walker = walkerAt(0, 4.9, 20, 0, index);
    EXPECT_NEAR(eyeOf(walker).z, 21.6, 1e-3);
    walkFor(walker, 0.5, {.forward = 1}, index);
    ASSERT_TRUE(walker.falling());
    double falling = 0;
    while (walker.falling() && falling < 10) {
        walker.update(1.0 / 60, {}, index);
        falling += 1.0 / 60;
    }
    EXPECT_NEAR(falling + 0.4, std::sqrt(2 * 20 / 9.81), 0.15); // it began some 0.4 s before
    EXPECT_NEAR(eyeOf(walker).z, 1.6, 0.05);
}

TEST(Walk, detailThatArrivesNeitherDropsNorLiftsAtOnce) {
    for (const double fine : {-4.0, -0.5, 0.4, 3.0}) {
        spatial::SpatialIndex index;
        std::vector<spatial::Triangle> coarse, detail;
        test::addFloor(coarse, -500, -500, 500, 500, 0);
        test::addFloor(detail, -500, -500, 500, 500, static_cast<float>(fine));
        test::add(index, 1, coarse, {.layer = kSolid});
        auto walker = walkerAt(0, 0, 0, 0, index);
        EXPECT_LT(walkFor(walker, 1, {.forward = 1}, index), 1e-3);
        test::add(index, 1, detail, {.layer = kSolid}); // the coarse tile is replaced
        EXPECT_LT(walkFor(walker, 5, {.forward = 1}, index), 0.3) << fine;
        EXPECT_FALSE(walker.falling());
        EXPECT_NEAR(eyeOf(walker).z, fine + 1.6, 0.01) << fine;
        EXPECT_NEAR(eyeOf(walker).y, 6 * 1.4, 0.02);
    }
}

TEST(Walk, keepsItsHeightWhileNoGroundIsThere) {
    auto index = flatGround();
    auto walker = walkerAt(0, 0, 0, 0, index);
    index.remove(1); // dropped, its children still on the way
    EXPECT_LT(walkFor(walker, 3, {.forward = 1}, index), 1e-6);
    EXPECT_FALSE(walker.groundKnown());
    EXPECT_FALSE(walker.falling());
    EXPECT_NEAR(eyeOf(walker).z, 1.6, 1e-3);
    std::vector<spatial::Triangle> floor;
    test::addFloor(floor, -200, -200, 200, 200, 1);
    test::add(index, 7, floor, {.layer = kSolid});
    EXPECT_LT(walkFor(walker, 2, {}, index), 0.3);
    EXPECT_TRUE(walker.groundKnown());
    EXPECT_NEAR(eyeOf(walker).z, 2.6, 0.01);
}

TEST(Walk, staysOnTheDeckWhenItsDetailArrives) {
    spatial::SpatialIndex index;
    std::vector<spatial::Triangle> water, deck, fineDeck;
    test::addFloor(water, -100, -100, 100, 100, 0);
    test::addFloor(deck, -4, -100, 4, 100, 30);
    test::addFloor(fineDeck, -4, -100, 4, 100, 30.6f);
    test::add(index, 1, water, {.layer = kWater, .order = 2});
    test::add(index, 2, deck, {.layer = kSolid});
    auto walker = walkerAt(0, 0, 30, 0, index);
    test::add(index, 2, fineDeck, {.layer = kSolid});
    EXPECT_LT(walkFor(walker, 3, {.forward = 1}, index), 0.3);
    EXPECT_NEAR(eyeOf(walker).z, 32.2, 0.01);
}

TEST(Walk, sameStepsGiveSamePlaceAtAnyFrameRate) {
    const auto index = flatGround();
    auto slow = walkerAt(0, 0, 0, 40, index), fast = slow;
    for (int i = 0; i < 10; ++i) slow.update(0.5, {.forward = 1}, index);
    for (int i = 0; i < 300; ++i) fast.update(1.0 / 60, {.forward = 1}, index);
    EXPECT_NEAR(glm::length(eyeOf(slow) - eyeOf(fast)), 0, 1e-6);
}
