#include "text/signed_distance.h"

#include <algorithm>
#include <cmath>

namespace matou::text {

namespace {

constexpr float kFar = 1e10f;

/// Squared distance to the nearest parabola of one row or column, in place.
void transformLine(float* grid, int stride, int count, DistanceScratch& scratch) {
    auto& f = scratch.line;
    auto& hull = scratch.hull;
    auto& at = scratch.parabola;
    for (int q = 0; q < count; ++q) f[static_cast<std::size_t>(q)] = grid[q * stride];
    int k = 0;
    at[0] = 0;
    hull[0] = -kFar;
    hull[1] = kFar;
    for (int q = 1; q < count; ++q) {
        float s = 0;
        do {
            const int r = at[static_cast<std::size_t>(k)];
            s = (f[static_cast<std::size_t>(q)] - f[static_cast<std::size_t>(r)] + static_cast<float>(q * q - r * r)) /
                static_cast<float>(2 * (q - r));
        } while (s <= hull[static_cast<std::size_t>(k)] && --k >= 0);
        ++k;
        at[static_cast<std::size_t>(k)] = q;
        hull[static_cast<std::size_t>(k)] = s;
        hull[static_cast<std::size_t>(k) + 1] = kFar;
    }
    k = 0;
    for (int q = 0; q < count; ++q) {
        while (hull[static_cast<std::size_t>(k) + 1] < static_cast<float>(q)) ++k;
        const int r = at[static_cast<std::size_t>(k)];
        grid[q * stride] = f[static_cast<std::size_t>(r)] + static_cast<float>((q - r) * (q - r));
    }
}

void transformGrid(std::vector<float>& grid, int width, int height, DistanceScratch& scratch) {
    for (int x = 0; x < width; ++x) transformLine(grid.data() + x, width, height, scratch);
    for (int y = 0; y < height; ++y) transformLine(grid.data() + static_cast<std::ptrdiff_t>(y) * width, 1, width, scratch);
}

} // namespace

std::vector<std::uint8_t> signedDistance(const std::vector<std::uint8_t>& coverage, int width, int height, float spread,
                                         DistanceScratch& scratch) {
    const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    scratch.outer.resize(count);
    scratch.inner.resize(count);
    const auto longest = static_cast<std::size_t>(std::max(width, height));
    scratch.line.resize(longest);
    scratch.hull.resize(longest + 1);
    scratch.parabola.resize(longest);
    for (std::size_t i = 0; i < count; ++i) {
        const float a = static_cast<float>(coverage[i]) / 255.0f;
        const float d = 0.5f - a;
        scratch.outer[i] = a >= 1.0f ? 0.0f : a <= 0.0f ? kFar : d > 0 ? d * d : 0.0f;
        scratch.inner[i] = a >= 1.0f ? kFar : a <= 0.0f ? 0.0f : d < 0 ? d * d : 0.0f;
    }
    transformGrid(scratch.outer, width, height, scratch);
    transformGrid(scratch.inner, width, height, scratch);
    const int halfWidth = width / 2, halfHeight = height / 2;
    std::vector<std::uint8_t> result(static_cast<std::size_t>(halfWidth) * static_cast<std::size_t>(halfHeight));
    for (int y = 0; y < halfHeight; ++y)
        for (int x = 0; x < halfWidth; ++x) {
            float sum = 0;
            for (int k = 0; k < 4; ++k) {
                const auto i = static_cast<std::size_t>((2 * y + k / 2) * width + 2 * x + k % 2);
                sum += std::sqrt(scratch.inner[i]) - std::sqrt(scratch.outer[i]);
            }
            const float texels = sum / 4.0f / 2.0f; // doubled resolution
            const float value = 128.0f + texels / spread * 127.5f;
            result[static_cast<std::size_t>(y * halfWidth + x)] =
                static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f)));
        }
    return result;
}

} // namespace matou::text
