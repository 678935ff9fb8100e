#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "geo/swept_volume.h"

using namespace matou;

namespace {

/// Looks over a plane z = 0 of a small flat world; up is z.
struct Case {
    geo::ReceiverRegion region;
    glm::dvec3 light{0.0};
    std::vector<geo::Plane> swept;
};

Case randomCase(std::mt19937_64& random) {
    std::uniform_real_distribution<double> place(-300, 300), height(2, 400), unit(0, 1);
    Case c;
    const geo::Ecef eye{{place(random), place(random), height(random)}}, target{{place(random), place(random), 0}};
    c.region.eye = geo::eyeFrameLookingAt(eye, target, {0, 0, 1});
    c.region.planeAspect = 1.6;
    c.region.farMeters = 900;
    const double left = 0.6 * unit(random), top = 0.6 * unit(random);
    c.region.window = {left, top, left + 0.4, top + 0.4};
    c.region.floor = {{0, 0, 1}, 0};
    const double a = 6.28 * unit(random), e = 0.05 + 1.4 * unit(random);
    c.light = {std::cos(a) * std::cos(e), std::sin(a) * std::cos(e), std::sin(e)};
    c.swept = geo::sweptTowards(c.region, c.light);
    return c;
}

/// A point of the region, by its own parameters; z below the floor is thrown away by the caller.
glm::dvec3 receiver(const geo::ReceiverRegion& r, std::mt19937_64& random) {
    std::uniform_real_distribution<double> unit(0, 1);
    const double top = std::tan(r.fovYRadians / 2), x = r.window.x + unit(random) * (r.window.z - r.window.x);
    const double y = r.window.y + unit(random) * (r.window.w - r.window.y);
    const double d = r.nearMeters + unit(random) * (r.farMeters - r.nearMeters);
    return r.eye.eye.meters + r.eye.axes * (glm::dvec3((2 * x - 1) * top * r.planeAspect, (1 - 2 * y) * top, -1) * d);
}

bool holds(const std::vector<geo::Plane>& planes, const glm::dvec3& p, double slack) {
    for (const auto& plane : planes)
        if (glm::dot(plane.normal, p) + plane.distance < -slack) return false;
    return true;
}

} // namespace

TEST(SweptVolume, holdsEveryCasterWhoseShadowFallsIntoTheView) {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> far(0, 3000);
    int checked = 0;
    for (int i = 0; i < 300; ++i) {
        const Case c = randomCase(random);
        for (int k = 0; k < 60; ++k) {
            const glm::dvec3 p = receiver(c.region, random);
            if (p.z < 0) continue;
            ASSERT_TRUE(holds(c.swept, p + c.light * far(random), 1e-6));
            ++checked;
        }
    }
    EXPECT_GT(checked, 2000);
}

TEST(SweptVolume, holdsNothingWhoseShadowMissesTheView) {
    std::mt19937_64 random(12);
    std::uniform_real_distribution<double> place(-2500, 2500), up(0, 600);
    int outside = 0, inside = 0;
    for (int i = 0; i < 300; ++i) {
        const Case c = randomCase(random);
        if (c.swept.empty()) continue;
        for (int k = 0; k < 60; ++k) {
            const glm::dvec3 p{place(random), place(random), up(random)};
            // Walks down the point's ray to the floor in small steps, looking for the view.
            bool meets = false;
            const double length = p.z / c.light.z;
            for (int s = 0; s <= 4000 && !meets; ++s) {
                const glm::dvec3 q = p - c.light * (length * s / 4000);
                const glm::dvec3 local = glm::transpose(c.region.eye.axes) * (q - c.region.eye.eye.meters);
                const double d = -local.z, top = std::tan(c.region.fovYRadians / 2);
                if (d < c.region.nearMeters || d > c.region.farMeters) continue;
                const double x = 0.5 + 0.5 * local.x / d / (top * c.region.planeAspect), y = 0.5 - 0.5 * local.y / d / top;
                meets = x >= c.region.window.x && x <= c.region.window.z && y >= c.region.window.y && y <= c.region.window.w;
            }
            if (meets) {
                ++inside;
                EXPECT_TRUE(holds(c.swept, p, 1e-6));
            } else if (!holds(c.swept, p, -2.0)) { // two metres within: the steps may have jumped over a sliver
                ++outside;
            } else {
                ADD_FAILURE() << "held, but its shadow is not seen";
            }
        }
    }
    EXPECT_GT(outside, 5000);
    EXPECT_GT(inside, 20);
}

TEST(SweptVolume, isEmptyWhereNothingLiesAboveTheFloor) {
    geo::ReceiverRegion region;
    region.eye = geo::eyeFrameLookingAt({{0, 0, 5}}, {{0, 100, -100}}, {0, 0, 1});
    region.floor = {{0, 0, 1}, -50}; // the floor lies above the eye
    EXPECT_TRUE(geo::sweptTowards(region, {0, 0, 1}).empty());
}
