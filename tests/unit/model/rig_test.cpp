#include <gtest/gtest.h>

#include "model/rig.h"

using namespace matou;
using model::AnimatedPath;
using model::Interpolation;

namespace {

/// A node at (1, 0, 0) with a child at (0, 1, 0), and one animation of the child's place.
model::Rig swing(Interpolation interpolation, std::vector<float> values) {
    model::Rig rig;
    rig.nodes.resize(2);
    rig.nodes[0].translation = {1, 0, 0};
    rig.nodes[1].parent = 0;
    rig.nodes[1].translation = {0, 1, 0};
    model::AnimationChannel channel;
    channel.node = 1;
    channel.interpolation = interpolation;
    channel.times = {0, 2};
    channel.values = std::move(values);
    rig.animations.push_back({"swing", 2.0f, {channel}});
    return rig;
}
glm::vec3 placeAt(const model::Rig& rig, double seconds) { return model::poseAt(rig, seconds).contentFromNode[1][3]; }

} // namespace

TEST(Rig, stepsHoldsAndLinearGoesEvenly) {
    EXPECT_EQ(placeAt(swing(Interpolation::step, {0, 0, 0, 4, 0, 0}), 1.9), glm::vec3(1, 0, 0));
    EXPECT_NEAR(placeAt(swing(Interpolation::linear, {0, 0, 0, 4, 0, 0}), 0.5).x, 2.0f, 1e-6f);
}

TEST(Rig, cubicSplineFollowsItsTangents) {
    // In-tangent, value, out-tangent per key; leaves with 3 m/s, arrives with none.
    const auto rig = swing(Interpolation::cubicSpline, {0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0});
    // Hermite at t = 1/2 of a span of 2 s: 0.5 * 4 + 2 * 0.125 * 3.
    EXPECT_NEAR(placeAt(rig, 1.0).x, 1 + 2.0f + 0.75f, 1e-5f);
}

TEST(Rig, repeatsByItsLengthAndIsAFunctionOfTime) {
    const auto rig = swing(Interpolation::linear, {0, 0, 0, 4, 0, 0});
    EXPECT_EQ(placeAt(rig, 0.5), placeAt(rig, 2.5));
    EXPECT_EQ(placeAt(rig, 2000000.5), placeAt(rig, 0.5));
}

TEST(Rig, turnsTheShorterWay) {
    model::Rig rig;
    rig.nodes.resize(1);
    model::AnimationChannel channel;
    channel.path = AnimatedPath::rotation;
    channel.width = 4;
    channel.times = {0, 1};
    channel.values = {0, 0, 0, 1, 0, 0, -0.70710678f, -0.70710678f}; // a quarter about z, written with the other sign
    rig.animations.push_back({"turn", 1.0f, {channel}});
    const auto pose = model::poseAt(rig, 0.5);
    EXPECT_NEAR(pose.contentFromNode[0][0].x, std::cos(0.785398f), 1e-5f);
    EXPECT_NEAR(pose.contentFromNode[0][0].y, std::sin(0.785398f), 1e-5f);
}

TEST(Rig, aLaterAnimationOfTheSameThingWaits) {
    auto rig = swing(Interpolation::linear, {0, 0, 0, 4, 0, 0});
    auto other = rig.animations[0];
    other.channels[0].values = {9, 9, 9, 9, 9, 9};
    rig.animations.push_back(other);
    EXPECT_NEAR(placeAt(rig, 0.5).x, 2.0f, 1e-6f);
}

TEST(Rig, jointsTakeTheMeshFromItsBindPose) {
    auto rig = swing(Interpolation::step, {0, 5, 0, 0, 5, 0});
    model::RigSkin skin;
    skin.joints = {1};
    skin.inverseBind = {glm::mat4(1.0f)};
    skin.inverseBind[0][3] = glm::vec4(-1, -1, 0, 1); // bound at (1, 1, 0)
    rig.skins.push_back(skin);
    const auto pose = model::poseAt(rig, 0.1);
    EXPECT_EQ(glm::vec3(pose.skinMatrices[0][0] * glm::vec4(1, 1, 0, 1)), glm::vec3(1, 5, 0));
}
