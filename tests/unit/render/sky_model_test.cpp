#include <gtest/gtest.h>

#include "render/sky_model.h"

using namespace matou;

TEST(SkyModel, isBrightAtNoonRedAtSunsetAndDarkAtNight) {
    const auto noon = render::computeSky(1.0, scene::Weather::clear),
               sunset = render::computeSky(0.03, scene::Weather::clear),
               night = render::computeSky(-0.3, scene::Weather::clear);
    EXPECT_NEAR(noon.illuminance, 105, 25); // klx, a clear summer day
    EXPECT_GT(noon.up.z, noon.up.x);        // blue
    EXPECT_GT(sunset.sun.x, 2 * sunset.sun.z);
    EXPECT_GT(noon.illuminance, 10 * sunset.illuminance);
    EXPECT_LT(night.illuminance, 1e-4);
    for (const glm::vec3& texel : noon.table)
        EXPECT_TRUE(texel.x >= 0 && texel.x < 1e5f);
}

TEST(SkyModel, overcastHasNoSunAndIsTheSameEachTime) {
    const auto a = render::computeSky(0.8, scene::Weather::overcast),
               b = render::computeSky(0.8, scene::Weather::overcast);
    EXPECT_LT(a.sun.y, 0.1 * render::computeSky(0.8, scene::Weather::clear).sun.y);
    EXPECT_EQ(a.table, b.table);
}
