#include "simulate/noise.h"

#include <cmath>

namespace matou::simulate {

namespace {
/// Finaliser of a 64-bit multiply-xorshift mix (constants: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}
} // namespace

std::uint64_t hash(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    constexpr std::uint64_t step = 0x9e3779b97f4a7c15ull;
    return mix(mix(mix(a + step) + b + step) + c + step);
}

std::uint64_t hash(std::string_view text) {
    std::uint64_t result = 0xcbf29ce484222325ull; // FNV-1a
    for (const char c : text)
        result = (result ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
    return result;
}

double unit(std::uint64_t hashed) {
    return static_cast<double>(hashed >> 11) * 0x1.0p-53;
}

double smoothNoise(std::uint64_t key, double seconds, double periodSeconds) {
    const double position = seconds / periodSeconds;
    const double floor = std::floor(position);
    const auto step = static_cast<std::uint64_t>(static_cast<std::int64_t>(floor));
    const double t = position - floor, eased = t * t * (3 - 2 * t);
    const double a = unit(hash(key, step)), b = unit(hash(key, step + 1));
    return 2 * (a + (b - a) * eased) - 1;
}

} // namespace matou::simulate
