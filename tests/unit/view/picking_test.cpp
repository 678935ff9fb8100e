#include <gtest/gtest.h>

#include "unit/view/scenes.h"

using namespace matou;

TEST(Picking, theMiddleLooksAhead) {
    const auto view = test::viewFrom(test::poseAt(0, 0, 50));
    const auto ray = view::pickRay(view, 640, 360);
    EXPECT_NEAR(glm::length(ray.direction + view.eye.axes[2]), 0, 1e-12);
}

TEST(Picking, pixelsGoToRaysAndBackAlsoOffAxis) {
    auto view = test::viewFrom(test::poseAt(3, -20, 50, 77, -12));
    for (const glm::dvec4 window : {glm::dvec4(0, 0, 1, 1), glm::dvec4(0.5, 0, 1, 0.5), glm::dvec4(0.25, 0.6, 0.3, 0.9)}) {
        view.window = window;
        view.target = {100, 40, 800, 450};
        for (const glm::dvec2 pixel : {glm::dvec2(100.5, 40.5), glm::dvec2(500, 265), glm::dvec2(899.5, 300.25)}) {
            const auto ray = view::pickRay(view, pixel.x, pixel.y);
            const auto back = view::projectToPixel(view, {ray.origin + 123.0 * ray.direction});
            ASSERT_TRUE(back);
            EXPECT_NEAR(back->x, pixel.x, 1e-6);
            EXPECT_NEAR(back->y, pixel.y, 1e-6);
        }
    }
}

TEST(Picking, halvesOfASwipeMeet) {
    auto left = test::viewFrom(test::poseAt(0, 0, 50)), right = left;
    left.window = {0, 0, 0.5, 1};
    left.target = {0, 0, 640, 720};
    right.window = {0.5, 0, 1, 1};
    right.target = {640, 0, 640, 720};
    EXPECT_NEAR(glm::length(view::pickRay(left, 640, 200).direction - view::pickRay(right, 640, 200).direction), 0, 1e-12);
}

TEST(Picking, behindTheEyeIsNowhere) {
    const auto view = test::viewFrom(test::poseAt(0, 0, 50, 0, 0));
    EXPECT_FALSE(view::projectToPixel(view, test::at(0, -10, 50)));
}

TEST(Picking, ellipsoidIsMetFromAboveAndMissedAtTheSky) {
    const auto from = geo::ecefFromGeodetic({31.19, 121.5, 1000});
    const glm::dvec3 up(geo::ecefFromEnu(from)[2]);
    EXPECT_NEAR(*view::intersectEllipsoid({from.meters, -up}, 0), 1000, 1e-3);
    EXPECT_NEAR(*view::intersectEllipsoid({from.meters, -up}, 11), 989, 1e-2);
    EXPECT_FALSE(view::intersectEllipsoid({from.meters, up}, 0));
}
