#pragma once
// KTX2 images (KHR_texture_basisu and a few plain formats) into RGBA8 with their mip levels.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/result.h"
#include "model/content.h"

namespace matou::decode {

bool looksLikeKtx2(std::span<const std::byte> bytes);

/// Read: BasisLZ/ETC1S, UASTC (plain or Zstandard), R8 to RGBA8, BGRA8, RGBA16F and RGBA32F (0..1 kept), BC1 and BC3 (plain,
/// Zstandard or ZLIB). E_KTX2 {reason} with its byte for all else, E_IMAGE_SIZE. Thread: any.
core::Result<model::Image> decodeKtx2(std::span<const std::byte> bytes, const std::string& where, std::uint64_t pixelsLimit);

} // namespace matou::decode
