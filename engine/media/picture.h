#pragma once
// A picture in memory: RGBA8, sRGB, straight alpha, rows from the top without padding.

#include <cstdint>
#include <vector>

namespace matou::media {

struct Picture {
    std::uint32_t width = 0, height = 0;
    std::vector<std::uint8_t> rgba; // width * height * 4
};

} // namespace matou::media
