#include <gtest/gtest.h>

#include <random>

#include "geo/camera_pose.h"
#include "geo/district_frame.h"

using namespace matou;

TEST(Frames, geodeticAndEcefAgreeBothWaysBelowANanometreOfDegreeAndMetre) {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> lat(-89.9, 89.9), lon(-180, 180), height(-5000, 90000);
    for (int i = 0; i < 20000; ++i) {
        const geo::Geodetic g{lat(random), lon(random), height(random)};
        const geo::Geodetic back = geo::geodeticFromEcef(geo::ecefFromGeodetic(g));
        ASSERT_NEAR(back.latitudeDegrees, g.latitudeDegrees, 1e-10);
        ASSERT_NEAR(back.longitudeDegrees, g.longitudeDegrees, 1e-10);
        ASSERT_NEAR(back.heightMeters, g.heightMeters, 1e-6);
    }
}

TEST(Frames, enuAxesPointEastNorthUp) {
    const geo::Ecef origin = geo::ecefFromGeodetic({31.1946, 121.5096, 10});
    const glm::dmat4 m = geo::ecefFromEnu(origin);
    const auto moved = [&](glm::dvec3 by) { return geo::geodeticFromEcef({glm::dvec3(m * glm::dvec4(by, 1))}); };
    EXPECT_GT(moved({100, 0, 0}).longitudeDegrees, 121.5106);
    EXPECT_GT(moved({0, 100, 0}).latitudeDegrees, 31.1954);
    EXPECT_NEAR(moved({0, 0, 100}).heightMeters, 110, 1e-6);
}

// Test vector of domain.md B.6 (computed there with cs2cs).
TEST(DistrictFrame, agreesWithTheKnownVectorsOfTheDistrict) {
    struct {
        const char* crs;
        double east, north;
    } cases[] = {{"EPSG:4549", 643641.975, 3453350.969}, {"EPSG:4528", 40643641.975, 3453350.969}, {"EPSG:4550", 357692.597, 3453332.869},
                 {"EPSG:4529", 41357692.597, 3453332.869}, {"EPSG:32651", 357749.52, 3451951.54}};
    for (const auto& c : cases) {
        const auto frame = geo::DistrictFrame::create(c.crs, 11.0);
        ASSERT_TRUE(frame) << c.crs;
        const auto p = frame->fromLonLat(121.507, 31.193, 4.0);
        EXPECT_NEAR(p.east, c.east, 0.011) << c.crs;
        EXPECT_NEAR(p.north, c.north, 0.011) << c.crs;
        EXPECT_DOUBLE_EQ(p.height, 4.0);
        EXPECT_DOUBLE_EQ(frame->toGeodetic(p).heightMeters, 15.0);
        EXPECT_NEAR(frame->toGeodetic(p).longitudeDegrees, 121.507, 1e-9);
        EXPECT_NEAR(glm::distance(frame->fromEcef(frame->toEcef(p)).vector(), p.vector()), 0.0, 1e-4);
    }
}

TEST(DistrictFrame, refusesWhatIsNoProjectedSystem) {
    EXPECT_EQ(geo::DistrictFrame::create("EPSG:999999", 0).error().code, "E_CRS_UNKNOWN");
    EXPECT_EQ(geo::DistrictFrame::create("nonsense", 0).error().code, "E_CRS_UNKNOWN");
    EXPECT_EQ(geo::DistrictFrame::create("EPSG:4490", 0).error().code, "E_CRS_NOT_PROJECTED");
}

TEST(CameraPose, survivesTheWayThereAndBack) {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> heading(0, 360), pitch(-89, 89), roll(-60, 60);
    for (int i = 0; i < 2000; ++i) {
        const geo::CameraPose pose{{31.19, 121.51, 200}, heading(random), pitch(random), roll(random)};
        const auto frame = geo::eyeFrameFromPose(pose);
        ASSERT_NEAR(glm::determinant(frame.axes), 1.0, 1e-12);
        const auto back = geo::poseFromEyeFrame(frame);
        ASSERT_NEAR(back.headingDegrees, pose.headingDegrees, 1e-6);
        ASSERT_NEAR(back.pitchDegrees, pose.pitchDegrees, 1e-6);
        ASSERT_NEAR(back.rollDegrees, pose.rollDegrees, 1e-6);
    }
}

TEST(CameraPose, headingNorthLooksNorthAndNegativePitchLooksDown) {
    const auto frame = geo::eyeFrameFromPose({{31.19, 121.51, 200}, 0, -30, 0});
    const glm::dmat3 enu(geo::ecefFromEnu(frame.eye));
    const glm::dvec3 forward = glm::transpose(enu) * -frame.axes[2];
    EXPECT_NEAR(forward.x, 0, 1e-12);
    EXPECT_GT(forward.y, 0.8);
    EXPECT_NEAR(forward.z, -0.5, 1e-12);
}

TEST(CameraPose, interpolatesOverNorthByTheShorterArc) {
    const geo::CameraPose a{{31, 121, 100}, 350, 0, 0}, b{{31, 121, 300}, 10, -20, 0};
    const auto middle = geo::interpolate(a, b, 0.5);
    EXPECT_NEAR(std::fmod(middle.headingDegrees + 360, 360), 0, 1e-9);
    EXPECT_NEAR(middle.position.heightMeters, 200, 1e-9);
}
