#pragma once
// UASTC LDR 4x4 blocks into texels. Internal to decode. Source: "UASTC Texture Specification" (Binomial, public domain); partition
// patterns and endpoint values as in ASTC (Khronos Data Format Specification).

#include <cstddef>
#include <cstdint>
#include <span>

namespace matou::decode {

/// 16 bytes to 16 texels of RGBA8, row by row. A block of the reserved mode gives false.
bool decodeUastcBlock(std::span<const std::byte, 16> block, std::span<std::uint8_t, 64> rgba);

} // namespace matou::decode
