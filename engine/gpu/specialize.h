#pragma once
// A shader for given specialization constants, before the driver sees it: one shader serves many materials, and of each only what
// its constants leave is worth compiling.

#include <cstdint>
#include <span>
#include <vector>

namespace matou::gpu {

/// SPIR-V with its specialization constants 0, 1, 2, … set to `constants` (those beyond keep their defaults), without the branches,
/// functions and values that can then not be reached or used. Means the same as the driver's own specialization. Where something
/// is met that it does not know it returns what it was given. Cost: linear; about 2 ms for 250 kB. Thread: any.
std::vector<std::uint32_t> specialized(std::span<const unsigned char> spirv, std::span<const std::uint32_t> constants);

} // namespace matou::gpu
