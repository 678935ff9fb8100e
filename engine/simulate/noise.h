#pragma once
// Hashes in the place of random numbers: the same (seed, thing, step) gives the same value wherever a run starts.

#include <cstdint>
#include <string_view>

namespace matou::simulate {

std::uint64_t hash(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0);
std::uint64_t hash(std::string_view text);
/// [0, 1).
double unit(std::uint64_t hashed);
/// Smooth in time, mean 0, within ±1: value noise between steps of `periodSeconds`.
double smoothNoise(std::uint64_t key, double seconds, double periodSeconds);

} // namespace matou::simulate
