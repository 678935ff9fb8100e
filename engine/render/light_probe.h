#pragma once
// Light of the surroundings from all sides: irradiance as nine coefficients (Ramamoorthi and Hanrahan 2001), mirror
// images as an octahedral picture blurred in steps of roughness (Karis 2013, prefiltered with GGX; sampled from coarser
// copies after Krivanek and Colbert 2008). Pure.

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <glm/glm.hpp>

namespace matou::render {

struct LightProbe {
    /// Irradiance / π of a normal (x, y, z): the dot product with 1, x, y, z, xy, yz, zx, z² - 1/3, x² - y².
    std::array<glm::vec3, 9> diffuse{};
    /// Levels of roughness 0, 1/4, 1/2, 3/4, 1, each half as wide as the one before, under each other; each has a rim
    /// of one texel that repeats what lies across its edge.
    static constexpr std::uint32_t kLevels = 5;
    std::uint32_t size = 0; // of the first level, without rim
    std::vector<glm::vec3> texels;

    std::uint32_t width() const { return size + 2; }
    std::uint32_t height() const { return size * 2 - (size >> (kLevels - 1)) + 2 * kLevels; }
};

/// How a probe is blurred: `quick` suits skies, which are smooth and change as the sun moves; `thorough` takes many
/// more rays, each between texels and wider, for pictures with small strong lamps, which are blurred once.
enum class ProbeCare : std::uint8_t { quick, thorough };

/// `radiance` of unit directions. `size`: a power of two, 32 at least. Cost: 8 ms at 128 (quick), mostly blurring.
LightProbe makeProbe(const std::function<glm::vec3(const glm::vec3&)>& radiance, std::uint32_t size,
                     ProbeCare care = ProbeCare::quick);

/// Light that is the same for every azimuth, up, sideways and down, at every roughness.
LightProbe plainProbe(const glm::vec3& up, const glm::vec3& side, const glm::vec3& down);

/// On the square [-1, 1]²; and back.
glm::vec2 octahedralOf(const glm::vec3& direction);
glm::vec3 fromOctahedral(const glm::vec2& square);

} // namespace matou::render
