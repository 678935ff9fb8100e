#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "render/picture_light.h"

using namespace matou;
using glm::dvec3;
using glm::vec3;

namespace {

constexpr double kPi = std::numbers::pi;

/// An even sky of 1 with a disc of `radius` degrees and that radiance.
model::EnvironmentImage skyWithDisc(double azimuthDegrees, double elevationDegrees, float radius, float radiance) {
    model::EnvironmentImage image;
    image.width = 512;
    image.height = 256;
    const double a = azimuthDegrees * kPi / 180, e = elevationDegrees * kPi / 180;
    const dvec3 towards(std::sin(a) * std::cos(e), std::cos(a) * std::cos(e), std::sin(e));
    for (std::uint32_t y = 0; y < image.height; ++y)
        for (std::uint32_t x = 0; x < image.width; ++x) {
            const double b = ((x + 0.5) / image.width - 0.5) * 2 * kPi, t = (y + 0.5) / image.height * kPi;
            const dvec3 d(std::sin(b) * std::sin(t), std::cos(b) * std::sin(t), std::cos(t));
            image.rgb.insert(image.rgb.end(), 3, glm::dot(d, towards) > std::cos(radius * kPi / 180) ? radiance : 1.0f);
        }
    return image;
}

} // namespace

TEST(PictureLight, aSunIsTakenOutWithAllItsLight) {
    const auto image = skyWithDisc(130, 40, 2, 3000);
    const auto light = render::lightOf(image);
    const double a = 130 * kPi / 180, e = 40 * kPi / 180;
    const dvec3 towards(std::sin(a) * std::cos(e), std::cos(a) * std::cos(e), std::sin(e));
    EXPECT_LT(std::acos(glm::dot(light.towardsSun, towards)) * 180 / kPi, 0.2);
    double expected = 0; // of the disc's texels
    for (std::size_t i = 0; i < image.rgb.size() / 3; ++i) {
        const double t = (static_cast<double>(i / image.width) + 0.5) / image.height * kPi;
        expected += (image.rgb[i * 3] - 1.0) * std::sin(t) * (kPi / image.height) * (2 * kPi / image.width);
    }
    EXPECT_NEAR(light.sun.x / expected, 1, 0.001);
    EXPECT_NEAR(light.probe.diffuse[0].x, 1, 0.01) << "the sky is as if it had none";
    for (const vec3& texel : light.probe.texels) ASSERT_LT(texel.x, 1.01f);
    EXPECT_NEAR(light.mean, 1 + light.sun.x / (4 * kPi), 0.01) << "exposure goes by the whole picture";
}

TEST(PictureLight, aLampThatDoesNotDominateStaysInThePicture) {
    for (const auto& image : {skyWithDisc(130, 40, 2, 300), skyWithDisc(130, -40, 2, 3000), skyWithDisc(0, 90, 0, 1)}) {
        const auto light = render::lightOf(image);
        EXPECT_EQ(light.sun, vec3(0.0f));
        EXPECT_NEAR(light.probe.diffuse[0].x / light.mean, 1, 0.03) << "nothing is lost";
    }
}

TEST(PictureLight, aBlackPictureGivesNoLightAndNoNonsense) {
    model::EnvironmentImage image{.width = 1, .height = 1, .rgb = {0, 0, 0}};
    const auto light = render::lightOf(image);
    EXPECT_EQ(light.sun, vec3(0.0f));
    EXPECT_EQ(light.mean, 0.0f);
    EXPECT_TRUE(std::isfinite(render::pictureExposure(scene::View{}, light)));
    EXPECT_EQ(render::backdropOf(image, 1).texels.size(), 1u);
}

TEST(PictureLight, hugePicturesAreHalvedForTheBackdrop) {
    model::EnvironmentImage image{.width = 5000, .height = 10, .rgb = std::vector<float>(5000 * 10 * 3, 0.5f)};
    const auto backdrop = render::backdropOf(image, 2);
    EXPECT_EQ(backdrop.width, 2500u);
    EXPECT_EQ(backdrop.height, 5u);
}
