#include <gtest/gtest.h>

#include "render/cascades.h"

using namespace matou;

namespace {
const glm::dvec3 kSun = glm::normalize(glm::dvec3(0.4, -0.5, 0.6));
// Looks north, level.
const glm::dmat3 kNorth(glm::dvec3(1, 0, 0), glm::dvec3(0, 0, 1), glm::dvec3(0, -1, 0));
} // namespace

TEST(Cascades, coverTheirSlicesOfTheView) {
    const render::ViewPlane plane{-0.9, 0.9, -0.5, 0.5, 0.3};
    const auto cascades = render::placeCascades(plane, kNorth, {5000, -3000, 80}, kSun, 1536);
    double begin = 0;
    for (const render::Cascade& cascade : cascades) {
        for (int k = 0; k < 8; ++k) {
            const double d = (k & 4) != 0 ? cascade.farMeters : begin;
            const glm::dvec3 p = kNorth * (glm::dvec3((k & 1) != 0 ? 0.9 : -0.9, (k & 2) != 0 ? 0.5 : -0.5, -1) * d);
            const glm::vec4 c = cascade.shadowFromEye * glm::vec4(glm::vec3(p), 1.0f);
            EXPECT_LE(std::abs(c.x), 1.001f);
            EXPECT_LE(std::abs(c.y), 1.001f);
            EXPECT_GE(c.z, 0.0f);
            EXPECT_LE(c.z, 1.0f);
        }
        begin = cascade.farMeters;
    }
}

TEST(Cascades, standStillInTheWorldUnderSmallSteps) {
    const render::ViewPlane plane{-0.9, 0.9, -0.5, 0.5, 0.3};
    int moves = 0;
    auto before = render::placeCascades(plane, kNorth, {0, 0, 80}, kSun, 1536);
    for (int step = 1; step <= 100; ++step) {
        const auto now = render::placeCascades(plane, kNorth, {0.1 * step, 0, 80}, kSun, 1536);
        for (std::size_t i = 0; i < now.size(); ++i) {
            EXPECT_EQ(now[i].radius, before[i].radius);
            if (now[i].center != before[i].center) ++moves;
        }
        before = now;
    }
    EXPECT_LT(moves, 12); // 10 m of travel; a redraw is due only when a cascade's cell changes
}
