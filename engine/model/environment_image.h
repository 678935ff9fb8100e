#pragma once
// Light from all directions as a picture: equirectangular, linear, rows from the zenith down, the middle column looks north.

#include <cstdint>
#include <vector>

namespace matou::model {

struct EnvironmentImage {
    std::uint32_t width = 0, height = 0;
    std::vector<float> rgb; // width * height * 3, finite and not negative
};

} // namespace matou::model
