#pragma once
// Files compiled into the program (cmake/MatouAssets.cmake).

#include <cstddef>
#include <span>
#include <string_view>

namespace matou::assets {
struct EmbeddedFile {
    std::string_view name;
    std::span<const unsigned char> bytes;
};
} // namespace matou::assets
