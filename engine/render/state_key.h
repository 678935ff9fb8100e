#pragma once
// Keys of what a kept image shows: it is made again only when its key changed.

#include <cstdint>
#include <cstring>

namespace matou::render {

inline std::uint64_t mixKey(std::uint64_t key, std::uint64_t value) {
    return (key ^ value) * 0x9e3779b97f4a7c15ull + (key >> 29);
}
inline std::uint64_t bitsOf(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, 8);
    return bits;
}

} // namespace matou::render
