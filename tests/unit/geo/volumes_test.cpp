#include <gtest/gtest.h>

#include <random>

#include "geo/frustum.h"

using namespace matou;

namespace {
constexpr double kDegree = 3.14159265358979323846 / 180.0;
}

TEST(BoundingVolume, distanceIsZeroInsideAndExactOutside) {
    const geo::OrientedBox box{{10, 0, 0}, glm::dmat3(2, 0, 0, 0, 3, 0, 0, 0, 4)};
    EXPECT_EQ(geo::distanceTo(box, {10, 1, 1}), 0);
    EXPECT_DOUBLE_EQ(geo::distanceTo(box, {15, 0, 0}), 3);
    EXPECT_DOUBLE_EQ(geo::distanceTo(box, {15, 7, 0}), 5);
    EXPECT_DOUBLE_EQ(geo::distanceTo(geo::Sphere{{0, 0, 0}, 2}, {0, 5, 0}), 3);
}

TEST(BoundingVolume, distanceToAFlatBoxStillCountsItsThinAxis) {
    const geo::OrientedBox flat{{0, 0, 0}, glm::dmat3(5, 0, 0, 0, 5, 0, 0, 0, 0)};
    EXPECT_DOUBLE_EQ(geo::distanceTo(flat, {0, 0, 7}), 7);
}

TEST(BoundingVolume, regionDistanceIsHeightAboveItsTop) {
    const geo::Region region{121.5 * kDegree, 31.19 * kDegree, 121.52 * kDegree, 31.2 * kDegree, 0, 100};
    EXPECT_NEAR(geo::distanceTo(region, geo::ecefFromGeodetic({31.195, 121.51, 350}).meters), 250, 1e-6);
    EXPECT_EQ(geo::distanceTo(region, geo::ecefFromGeodetic({31.195, 121.51, 50}).meters), 0);
    const double east = geo::distanceTo(region, geo::ecefFromGeodetic({31.195, 121.53, 50}).meters);
    EXPECT_NEAR(east, 953, 2); // 0.01 degree of longitude at 31.195 N
}

TEST(BoundingVolume, boxOfRegionHoldsEveryPointOfIt) {
    const geo::Region region{121.4 * kDegree, 31.1 * kDegree, 121.6 * kDegree, 31.3 * kDegree, -10, 640};
    const auto box = geo::boxOfRegion(region);
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> lon(121.4, 121.6), lat(31.1, 31.3), h(-10, 640);
    for (int i = 0; i < 2000; ++i)
        ASSERT_LT(geo::distanceTo(box, geo::ecefFromGeodetic({lat(random), lon(random), h(random)}).meters), 0.05);
}

TEST(Frustum, agreesWithProjectionForRandomPointsAndWindows) {
    std::mt19937_64 random(5);
    std::uniform_real_distribution<double> unit(0, 1), spread(-500, 500);
    const auto eye = geo::eyeFrameFromPose({{31.19, 121.51, 300}, 40, -25, 5});
    int inside = 0;
    for (int i = 0; i < 20000; ++i) {
        const double l = unit(random) * 0.5, t = unit(random) * 0.5;
        const glm::dvec4 window{l, t, l + 0.5, t + 0.5};
        const double fov = 0.8, aspect = 1.7;
        const auto frustum = geo::frustumOf(eye, fov, aspect, window, 1.0);
        const glm::dvec3 local{spread(random), spread(random), spread(random)};
        const glm::dvec3 point = eye.eye.meters + eye.axes * local;
        const double depth = -local.z;
        const double x = 0.5 + 0.5 * local.x / depth / (std::tan(fov / 2) * aspect), y = 0.5 - 0.5 * local.y / depth / std::tan(fov / 2);
        const bool expected = depth >= 1.0 && x >= window.x && x <= window.z && y >= window.y && y <= window.w;
        const bool found = geo::classify(geo::Sphere{point, 0.0}, frustum) != geo::Containment::outside;
        ASSERT_EQ(found, expected) << local.x << " " << local.y << " " << local.z;
        inside += expected;
    }
    EXPECT_GT(inside, 100);
}

TEST(Frustum, rayGoesThroughItsPlanePoint) {
    const auto eye = geo::eyeFrameFromPose({{31.19, 121.51, 300}, 90, 0, 0});
    const auto center = geo::rayThrough(eye, 0.8, 1.5, {0.5, 0.5});
    EXPECT_NEAR(glm::distance(center, -eye.axes[2]), 0, 1e-12);
    const auto top = geo::rayThrough(eye, 0.8, 1.5, {0.5, 0.0});
    EXPECT_NEAR(std::acos(glm::dot(center, top)), 0.4, 1e-12);
    EXPECT_GT(glm::dot(top, eye.axes[1]), 0);
}
