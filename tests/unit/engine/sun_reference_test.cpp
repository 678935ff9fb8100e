// Traced sun visibility against the shadow of a box worked out by hand: a slab test of the same lines.

#include <gtest/gtest.h>

#include <limits>

#include "engine/sun_reference.h"
#include "geo/camera_pose.h"
#include "view/picking.h"

using namespace matou;

namespace {

constexpr double kHalf = 8, kHeight = 40;

void addQuad(std::vector<spatial::Triangle>& out, const glm::vec3& a, const glm::vec3& b, const glm::vec3& c, const glm::vec3& d) {
    out.push_back({a, b, c});
    out.push_back({a, c, d});
}

/// Does the line from `from` along `d` (east, north, up) pass through the box?
bool meetsBox(const glm::dvec3& from, const glm::dvec3& d) {
    double enter = 0, leave = std::numeric_limits<double>::max();
    const glm::dvec3 low(-kHalf, -kHalf, 0), high(kHalf, kHalf, kHeight);
    for (int axis = 0; axis < 3; ++axis) {
        double a = (low[axis] - from[axis]) / d[axis], b = (high[axis] - from[axis]) / d[axis];
        if (a > b) std::swap(a, b);
        enter = std::max(enter, a);
        leave = std::min(leave, b);
    }
    return enter <= leave;
}

struct Yard {
    geo::Ecef anchor = geo::ecefFromGeodetic({121.51, 31.19, 10});
    spatial::SpatialIndex index;
    scene::View view;
    Yard() {
        std::vector<spatial::Triangle> ground, box;
        addQuad(ground, {-300, -300, 0}, {300, -300, 0}, {300, 300, 0}, {-300, 300, 0});
        const float h = kHalf, t = kHeight;
        addQuad(box, {-h, -h, 0}, {h, -h, 0}, {h, -h, t}, {-h, -h, t});
        addQuad(box, {h, -h, 0}, {h, h, 0}, {h, h, t}, {h, -h, t});
        addQuad(box, {h, h, 0}, {-h, h, 0}, {-h, h, t}, {h, h, t});
        addQuad(box, {-h, h, 0}, {-h, -h, 0}, {-h, -h, t}, {-h, h, t});
        addQuad(box, {-h, -h, t}, {h, -h, t}, {h, h, t}, {-h, h, t});
        const glm::dmat4 place = geo::ecefFromEnu(anchor);
        index.add(1, spatial::Bvh::build(ground), place, {.layer = 2});
        index.add(2, spatial::Bvh::build(box), place, {.layer = 1});
        geo::CameraPose pose;
        pose.position = {121.51, 31.19, 310};
        pose.pitchDegrees = -89.9;
        view.eye = geo::eyeFrameFromPose(pose);
        view.fovYRadians = 0.7;
        view.planeAspect = 1;
        view.target = {0, 0, 160, 160};
    }
};

} // namespace

TEST(SunReference, isTheShadowOfABoxAsALineTestFindsIt) {
    const Yard yard;
    const glm::dvec3 light = glm::normalize(glm::dvec3(0.6, -0.35, 0.5));
    const auto mask = traceSun(yard.view, yard.anchor, light, yard.index, {}, 1);
    ASSERT_EQ(mask->size(), 160u * 160u);
    const glm::dmat4 fromEcef = glm::inverse(geo::ecefFromEnu(yard.anchor));
    const glm::dvec3 side = glm::normalize(glm::cross(light, glm::dvec3(0, 0, 1))), up = glm::cross(side, light);
    std::size_t dark = 0, lit = 0, between = 0, wrong = 0;
    for (int y = 0; y < 160; ++y)
        for (int x = 0; x < 160; ++x) {
            const auto ray = view::pickRay(yard.view, x + 0.5, y + 0.5);
            const auto hit = yard.index.castRay(ray, 1000);
            ASSERT_TRUE(hit);
            const glm::dvec3 at(fromEcef * glm::dvec4(hit->positionEcef, 1));
            if (at.z > 0.05) continue; // the box itself
            // The whole disc by its rim, a little wider and a little narrower than it is.
            int seen = 0;
            for (int i = 0; i < 32; ++i)
                for (const double radius : {0.0, 0.0048}) {
                    const double angle = i * 0.19634954;
                    seen += !meetsBox(at, glm::normalize(light + radius * (std::cos(angle) * side + std::sin(angle) * up)));
                }
            const auto value = (*mask)[static_cast<std::size_t>(y * 160 + x)];
            if (seen == 64) {
                ++lit;
                wrong += value != 255;
            } else if (seen == 0) {
                ++dark;
                wrong += value != 0;
            } else {
                between += value > 0 && value < 255;
            }
        }
    EXPECT_EQ(wrong, 0u);
    EXPECT_GT(dark, 300u);
    EXPECT_GT(lit, 10000u);
    EXPECT_GT(between, 5u); // its edge is soft
}

TEST(SunReference, seesWhatLooksAwayAndTheSkyAndFollowsTheSun) {
    Yard yard;
    const glm::dvec3 light = glm::normalize(glm::dvec3(0.6, -0.35, 0.5));
    const auto mask = traceSun(yard.view, yard.anchor, light, yard.index, {}, 1);
    const auto turned = traceSun(yard.view, yard.anchor, glm::normalize(glm::dvec3(0.6, 0.35, 0.5)), yard.index, {}, 1);
    EXPECT_NE(*mask, *turned);
    EXPECT_EQ(*mask, *traceSun(yard.view, yard.anchor, light, yard.index, {}, 1)); // the same every time
    // Nothing that may shade, nothing in the shade.
    for (const auto value : *traceSun(yard.view, yard.anchor, light, yard.index, {}, 4)) ASSERT_EQ(value, 255);
    // The sun below the ground: nothing sees it.
    for (const auto value : *traceSun(yard.view, yard.anchor, glm::normalize(glm::dvec3(0.6, 0, -0.5)), yard.index, {}, 1)) ASSERT_EQ(value, 0);
    // Sky is left alone.
    geo::CameraPose pose;
    pose.position = {121.51, 31.19, 310};
    pose.pitchDegrees = 60;
    yard.view.eye = geo::eyeFrameFromPose(pose);
    for (const auto value : *traceSun(yard.view, yard.anchor, light, yard.index, {}, 1)) ASSERT_EQ(value, 255);
}
