#pragma once
// Coverage picture to signed distance.

#include <cstdint>
#include <vector>

namespace matou::text {

/// Buffers kept between calls.
struct DistanceScratch {
    std::vector<float> outer, inner, line, hull;
    std::vector<int> parabola;
};

/// `coverage`: width × height, 0..255, made at twice the wanted resolution and already padded; even sizes. Gives a picture of
/// half the size: 128 on the outline, rising inwards, 127.5 steps over `spread` output texels. Exact Euclidean distance
/// transform (Felzenszwalb and Huttenlocher, 2012), grey edge pixels taken as sub-pixel offsets.
std::vector<std::uint8_t> signedDistance(const std::vector<std::uint8_t>& coverage, int width, int height, float spread,
                                         DistanceScratch& scratch);

} // namespace matou::text
