#include "engine/sun_reference.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <thread>

#include "view/picking.h"

namespace matou {
namespace {

constexpr double kSeenMeters = 40'000, kShadeMeters = 20'000;
/// Off the surface: positions in contents are floats about a centre some kilometres away at most.
constexpr double kLiftMeters = 0.01;
constexpr double kSunTangent = 0.00465; // of the disc's radius
constexpr std::size_t kFirst = 4, kAll = 32;

/// Directions to the disc: the first few lie at its rim, where they differ first; then Vogel's even spiral.
std::array<glm::dvec3, kFirst + kAll> discDirections(const glm::dvec3& light) {
    const glm::dvec3 side = glm::normalize(glm::cross(light, std::abs(light.z) < 0.9 ? glm::dvec3(0, 0, 1) : glm::dvec3(1, 0, 0)));
    const glm::dvec3 up = glm::cross(side, light);
    std::array<glm::dvec3, kFirst + kAll> result;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const bool rim = i < kFirst;
        const double n = static_cast<double>(rim ? i : i - kFirst);
        const double angle = rim ? n * 1.5707963267948966 + 0.3 : n * 2.399963229728653;
        const double radius = kSunTangent * (rim ? 0.97 : std::sqrt((n + 0.5) / static_cast<double>(kAll)));
        result[i] = glm::normalize(light + radius * (std::cos(angle) * side + std::sin(angle) * up));
    }
    return result;
}

} // namespace

std::shared_ptr<const std::vector<std::uint8_t>> traceSun(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight,
                                                          const spatial::SpatialIndex& geometry, const spatial::Filter& filter,
                                                          spatial::LayerMask shades) {
    const int width = std::max(0, view.target.z), height = std::max(0, view.target.w);
    auto mask = std::make_shared<std::vector<std::uint8_t>>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), std::uint8_t{255});
    const glm::dvec3 light = glm::dmat3(geo::ecefFromEnu(anchor)) * towardsLight;
    const auto disc = discDirections(light);
    spatial::Filter shading = filter;
    shading.layers &= shades;
    const auto pixel = [&](int x, int y) -> std::uint8_t {
        const auto ray = view::pickRay(view, view.target.x + x + 0.5, view.target.y + y + 0.5);
        const auto seen = geometry.castRay(ray, kSeenMeters, filter);
        if (!seen) return 255;
        const glm::dvec3 normal = glm::dot(seen->normalEcef, ray.direction) > 0 ? -seen->normalEcef : seen->normalEcef;
        if (glm::dot(normal, light) <= 0) return 0;
        const glm::dvec3 from = seen->positionEcef + normal * kLiftMeters;
        const auto open = [&](std::size_t begin, std::size_t end) {
            std::size_t count = 0;
            for (std::size_t i = begin; i < end; ++i) count += !geometry.castRay({from, disc[i]}, kShadeMeters, shading);
            return count;
        };
        const std::size_t first = open(0, kFirst);
        if (first == 0 || first == kFirst) return first ? 255 : 0;
        return static_cast<std::uint8_t>(std::lround(255.0 * static_cast<double>(open(kFirst, disc.size())) / static_cast<double>(kAll)));
    };
    std::atomic<int> next{0};
    std::vector<std::jthread> lanes;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
        lanes.emplace_back([&] {
            for (int y = next++; y < height; y = next++)
                for (int x = 0; x < width; ++x) (*mask)[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] = pixel(x, y);
        });
    lanes.clear(); // joins
    return mask;
}

} // namespace matou
