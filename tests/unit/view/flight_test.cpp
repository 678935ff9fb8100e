#include <gtest/gtest.h>

#include "unit/view/scenes.h"
#include "view/flight.h"

using namespace matou;

TEST(Flight, restsAtBothEnds) {
    EXPECT_EQ(view::easeInOut(0), 0);
    EXPECT_EQ(view::easeInOut(1), 1);
    EXPECT_NEAR(view::easeInOut(0.5), 0.5, 1e-12);
    EXPECT_LT(view::easeInOut(0.01), 1e-4);
    EXPECT_GT(view::easeInOut(0.99), 1 - 1e-4);
}

TEST(Flight, beginsAndEndsExactly) {
    const auto a = test::poseAt(0, 0, 100, 350, -20), b = test::poseAt(900, 300, 60, 20, -40);
    EXPECT_EQ(view::flightPose(a, b, 0).position.heightMeters, a.position.heightMeters);
    EXPECT_EQ(view::flightPose(a, b, 1).headingDegrees, b.headingDegrees);
    view::Flight flight(a, b, 2.0);
    flight.advance(1.0);
    EXPECT_TRUE(flight.active());
    EXPECT_EQ(flight.advance(1.5).position.longitudeDegrees, b.position.longitudeDegrees);
    EXPECT_FALSE(flight.active());
}

TEST(Flight, turnsTheShortWay) {
    const auto a = test::poseAt(0, 0, 100, 350, -20), b = test::poseAt(100, 0, 100, 20, -20);
    for (double t = 0; t <= 1; t += 0.1) {
        const double heading = std::remainder(view::flightPose(a, b, t).headingDegrees, 360);
        EXPECT_GE(heading, -10.001);
        EXPECT_LE(heading, 20.001);
    }
}

TEST(Flight, longOnesRiseAndShortOnesDoNot) {
    const auto from = test::poseAt(0, 0, 50), far = test::poseAt(4000, 0, 50), near = test::poseAt(60, 0, 50);
    EXPECT_GT(view::flightPose(from, far, 0.5).position.heightMeters, 800);
    EXPECT_NEAR(view::flightPose(from, near, 0.5).position.heightMeters, from.position.heightMeters, 0.1);
}

TEST(Flight, neverJumps) {
    const auto from = test::poseAt(0, 0, 50, 0, -10), to = test::poseAt(3000, 2000, 200, 180, -60);
    const double length = view::flightDistance(from, to);
    for (double t = 0; t < 1; t += 0.01) EXPECT_LT(view::flightDistance(view::flightPose(from, to, t), view::flightPose(from, to, t + 0.01)), 0.035 * length);
}
