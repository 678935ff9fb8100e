#include <gtest/gtest.h>

#include "render/sky_model.h"

using namespace matou;

namespace {

constexpr double kDegree = 3.14159265358979 / 180;

render::SkyModel skyOf(double degrees, scene::Weather weather) {
    return render::computeSky(render::Atmosphere(render::aerosolOf(weather)), degrees * kDegree, weather);
}
float brightness(const glm::vec3& c) { return glm::dot(c, glm::vec3(0.2126f, 0.7152f, 0.0722f)); }

} // namespace

// Measured daylight: Krochmann's clear sky, 300 + 21,000 sin h lux, and the sun's beam of 60 to 100 klx when it is high;
// some 700 lx at sunset and 3.4 lx at the end of civil twilight (IES tables). Nothing of ours is fitted to them.
TEST(SkyModel, throwsAsMuchLightAsIsMeasured) {
    const render::Atmosphere air(render::aerosolOf(scene::Weather::clear));
    for (const double degrees : {60.0, 30.0, 10.0}) {
        const auto sky = render::computeSky(air, degrees * kDegree, scene::Weather::clear);
        const double diffuse = brightness(sky.up) * 3.14159, krochmann = 300 + 21000 * std::sin(degrees * kDegree);
        std::printf("[ figures  ] sun at %2.0f: sky %.0f lx (Krochmann %.0f), beam %.0f lx\n", degrees, diffuse, krochmann, brightness(sky.sun));
        EXPECT_GT(diffuse, 0.6 * krochmann);
        EXPECT_LT(diffuse, 2.2 * krochmann); // hazier air than Krochmann's
    }
    const auto noon = render::computeSky(air, 60 * kDegree, scene::Weather::clear);
    EXPECT_GT(brightness(noon.sun), 60e3);
    EXPECT_LT(brightness(noon.sun), 110e3);
    EXPECT_NEAR(render::computeSky(air, 0.0, scene::Weather::clear).illuminance, 700, 300);
    const auto twilight = render::computeSky(air, -6 * kDegree, scene::Weather::clear);
    EXPECT_GT(twilight.illuminance, 2);  // the city's glow is in it
    EXPECT_LT(twilight.illuminance, 25);
}

TEST(SkyModel, isBlueAtNoonRedAtSunsetAndGlowsAtNight) {
    const auto noon = skyOf(57, scene::Weather::clear), sunset = skyOf(1.7, scene::Weather::clear), night = skyOf(-18, scene::Weather::clear);
    EXPECT_GT(noon.up.z, noon.up.x);
    EXPECT_GT(sunset.sun.x, 2 * sunset.sun.z);
    EXPECT_GT(noon.illuminance, 10 * sunset.illuminance);
    EXPECT_LT(night.illuminance, 20);
    EXPECT_GT(night.radiance(0.02f, 0).x, 2 * night.radiance(1.5f, 0).x); // brightest at the rim
    EXPECT_GT(sunset.radiance(0.05f, 1).x, 4 * sunset.radiance(0.05f, -1).x);
    for (const auto* sky : {&noon, &sunset, &night})
        for (const glm::vec3& texel : sky->table)
            EXPECT_TRUE(texel.x >= 0 && texel.y >= 0 && texel.z >= 0 && texel.x < 1e7f);
}

TEST(SkyModel, farAirEndsInTheHorizon) {
    const auto sky = skyOf(30, scene::Weather::haze);
    const auto row = [&](std::uint32_t y, std::uint32_t x) { return brightness(sky.table[y * render::SkyModel::kWidth + x]); };
    constexpr auto kFirst = render::SkyModel::kHeight, kLast = kFirst + render::SkyModel::kAirRows - 1;
    for (const std::uint32_t x : {0u, 20u, 63u}) {
        EXPECT_EQ(row(kFirst, x), 0);
        for (std::uint32_t y = kFirst; y < kLast; ++y) EXPECT_LE(row(y, x), row(y + 1, x) * 1.001f) << x;
        EXPECT_NEAR(row(kLast, x) / row(kLast - 1, x), 1.0, 0.15) << x;
    }
}

TEST(SkyModel, overcastHasNoSunAndIsTheSameEachTime) {
    const auto a = skyOf(45, scene::Weather::overcast), b = skyOf(45, scene::Weather::overcast);
    EXPECT_LT(a.sun.y, 0.1 * skyOf(45, scene::Weather::clear).sun.y);
    EXPECT_NEAR(brightness(a.radiance(1.57f, 0)) / brightness(a.radiance(0.0f, 0)), 3.0, 0.2); // CIE
    EXPECT_EQ(a.table, b.table);
}

// Weakening of the beam by clean air and ozone alone at the zenith: some 0.10 at 550 nm (Bucholtz 1995, Rayleigh 0.097 and ozone
// 0.03 or so).
TEST(Atmosphere, dimsTheBeamAsCleanAirDoes) {
    render::Aerosol none;
    none.extinction = glm::vec3(0.0f);
    const auto light = render::Atmosphere(none).sunlight(0.0, 90 * kDegree);
    EXPECT_NEAR(-std::log(light.y), 0.097 + 0.03, 0.03);
    EXPECT_GT(light.x, light.y);
    EXPECT_GT(light.y, light.z);
}
