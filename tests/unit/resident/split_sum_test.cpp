#include <cmath>
#include <cstring>
#include <random>

#include <glm/gtc/packing.hpp>
#include <gtest/gtest.h>

#include "resident/split_sum.h"

using namespace matou;

namespace {

/// As shaders/lib/brdf.glsl reads the table.
glm::dvec3 readTable(double cosine, double roughness) {
    const auto bytes = resident::embeddedSplitSum();
    constexpr int n = resident::kSplitSumSize;
    const auto texel = [&](int x, int y) {
        std::uint64_t half = 0;
        std::memcpy(&half, bytes.data() + (static_cast<std::size_t>(y) * n + static_cast<std::size_t>(x)) * 8, 8);
        return glm::dvec3(glm::unpackHalf4x16(half));
    };
    const double x = std::sqrt(cosine) * (n - 1), y = roughness * (n - 1);
    const int x0 = std::min(static_cast<int>(x), n - 2), y0 = std::min(static_cast<int>(y), n - 2);
    return glm::mix(glm::mix(texel(x0, y0), texel(x0 + 1, y0), x - x0), glm::mix(texel(x0, y0 + 1), texel(x0 + 1, y0 + 1), x - x0), y - y0);
}

/// Another way to the same integral: all directions of light, weighed by their share of the hemisphere (no importance sampling).
glm::dvec2 bruteForce(double nv, double roughness) {
    constexpr double kPi = 3.14159265358979323846;
    constexpr int kRings = 500, kSectors = 250;
    const double a2 = std::pow(roughness, 4.0);
    const glm::dvec3 v(std::sqrt(1 - nv * nv), 0, nv);
    double scale = 0, bias = 0;
    for (int i = 0; i < kRings; ++i)
        for (int j = 0; j < kSectors; ++j) {
            const double nl = (i + 0.5) / kRings, phi = kPi * (j + 0.5) / kSectors;
            const glm::dvec3 l(std::sqrt(1 - nl * nl) * std::cos(phi), std::sqrt(1 - nl * nl) * std::sin(phi), nl);
            const glm::dvec3 h = glm::normalize(l + v);
            const double d = h.z * h.z * (a2 - 1) + 1;
            const double visibility = 0.5 / (nl * std::sqrt(nv * nv * (1 - a2) + a2) + nv * std::sqrt(nl * nl * (1 - a2) + a2));
            const double share = a2 / (kPi * d * d) * visibility * nl * 2 * kPi / (kRings * kSectors);
            const double f = std::pow(1 - glm::dot(v, h), 5.0);
            scale += share * (1 - f);
            bias += share * f;
        }
    return {scale, bias};
}

} // namespace

TEST(SplitSum, tableIsWithinHalfAPercentOfTheIntegral) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> cosines(0.02, 1.0), roughnesses(0.0, 1.0);
    double worst = 0, worstShare = 0;
    for (int i = 0; i < 300; ++i) {
        const double cosine = cosines(random), roughness = roughnesses(random);
        const auto table = readTable(cosine, roughness), exact = resident::splitSum(cosine, roughness, 96);
        worst = std::max({worst, std::abs(table.x - exact.x), std::abs(table.y - exact.y)});
        for (const double f0 : {0.04, 1.0})
            worstShare = std::max(worstShare, std::abs((f0 * table.x + table.y) / (f0 * exact.x + exact.y) - 1));
    }
    RecordProperty("worst", std::to_string(worst));
    std::printf("split sum: scale and bias within %.5f, reflected share within %.3f %%\n", worst, worstShare * 100);
    EXPECT_LT(worst, 0.005);
    EXPECT_LT(worstShare, 0.005);
}

TEST(SplitSum, quadratureAgreesWithSummingOverTheHemisphere) {
    for (const double roughness : {0.4, 0.7, 1.0})
        for (const double cosine : {0.15, 0.5, 0.9}) {
            const auto exact = resident::splitSum(cosine, roughness, 96);
            const auto other = bruteForce(cosine, roughness);
            EXPECT_NEAR(exact.x, other.x, 0.002) << roughness << " " << cosine;
            EXPECT_NEAR(exact.y, other.y, 0.002) << roughness << " " << cosine;
        }
}
