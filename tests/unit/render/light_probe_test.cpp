#include <gtest/gtest.h>

#include "render/light_probe.h"

using namespace matou;
using glm::vec3;

namespace {
vec3 diffuse(const render::LightProbe& p, const vec3& n) {
    const float basis[9] = {1, n.x, n.y, n.z, n.x * n.y, n.y * n.z, n.z * n.x, n.z * n.z - 1.0f / 3.0f, n.x * n.x - n.y * n.y};
    vec3 sum(0.0f);
    for (std::size_t i = 0; i < 9; ++i) sum += p.diffuse[i] * basis[i];
    return sum;
}
} // namespace

TEST(LightProbe, evenLightIsEvenAtEveryRoughness) {
    const auto probe = render::makeProbe([](const vec3&) { return vec3(2.0f, 1.0f, 0.5f); }, 64);
    float worst = 0;
    std::uint32_t top = 0;
    for (std::uint32_t level = 0; level < render::LightProbe::kLevels; ++level) {
        const std::uint32_t width = (probe.size >> level) + 2; // with its rim; what lies to the right of it is never read
        for (std::uint32_t y = 0; y < width; ++y)
            for (std::uint32_t x = 0; x < width; ++x)
                worst = std::max(worst, glm::length(probe.texels[(top + y) * probe.width() + x] - vec3(2.0f, 1.0f, 0.5f)));
        top += width;
    }
    EXPECT_LT(worst, 1e-4f);
    for (const vec3& n : {vec3(0, 0, 1), vec3(1, 0, 0), vec3(0.6f, 0, -0.8f)}) EXPECT_LT(glm::length(diffuse(probe, n) - vec3(2.0f, 1.0f, 0.5f)), 0.002f);
}

// Light of z² has irradiance / π of (1 + z²) / 4 (by hand: the cosine lobe's means of its parts of degree 0 and 2).
TEST(LightProbe, diffuseIsTheCosineLobesMean) {
    const auto probe = render::makeProbe([](const vec3& d) { return vec3(d.z * d.z); }, 64);
    for (const float z : {-1.0f, -0.3f, 0.0f, 0.5f, 1.0f})
        EXPECT_NEAR(diffuse(probe, vec3(std::sqrt(1 - z * z), 0, z)).x, (1 + z * z) / 4, 0.004) << z;
}

TEST(LightProbe, plainLightIsGivenBackExactly) {
    const auto probe = render::plainProbe(vec3(0.5f), vec3(0.4f), vec3(0.26f));
    EXPECT_NEAR(diffuse(probe, vec3(0, 0, 1)).x, 0.5f, 1e-5);
    EXPECT_NEAR(diffuse(probe, vec3(0, 1, 0)).x, 0.4f, 1e-5);
    EXPECT_NEAR(diffuse(probe, vec3(0, 0, -1)).x, 0.26f, 1e-5);
}

TEST(LightProbe, blurKeepsALampsLightAndSpreadsIt) {
    const vec3 lamp = glm::normalize(vec3(0.3f, 0.5f, 0.8f));
    const auto probe = render::makeProbe([&](const vec3& d) { return vec3(glm::dot(d, lamp) > 0.97f ? 10.0f : 0.0f); }, 128);
    std::uint32_t top = 0;
    float before = 1e9f;
    for (std::uint32_t level = 0; level < render::LightProbe::kLevels; ++level) {
        const std::uint32_t size = probe.size >> level;
        float most = 0;
        for (std::uint32_t y = 0; y < size; ++y)
            for (std::uint32_t x = 0; x < size; ++x) most = std::max(most, probe.texels[(top + 1 + y) * probe.width() + 1 + x].x);
        EXPECT_LT(most, before * 1.01f) << level;
        EXPECT_GT(most, 0.1f) << level;
        before = most;
        top += size + 2;
    }
    EXPECT_EQ(top, probe.height());
}

TEST(LightProbe, octahedronIsItsOwnInverse) {
    for (const vec3& d : {vec3(0, 0, 1), vec3(0.6f, -0.64f, 0.48f), vec3(-0.36f, 0.48f, -0.8f), vec3(0.7071f, -0.7071f, 0)})
        EXPECT_LT(glm::length(render::fromOctahedral(render::octahedralOf(d)) - d), 1e-4f);
}
