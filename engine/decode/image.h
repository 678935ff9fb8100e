#pragma once
// PNG, JPEG, WebP and KTX2 into RGBA8. Sizes are read and checked before anything is unpacked.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/result.h"
#include "model/content.h"

namespace matou::decode {

/// `WHERE:byte N`: E_KTX2, E_IMAGE_KIND, E_IMAGE_SIZE {width, height, limit}, E_IMAGE_BROKEN {reason}. Thread: any.
core::Result<model::Image> decodeImage(std::span<const std::byte> bytes, const std::string& where,
                                       std::uint64_t pixelsLimit = 8192u * 8192u);

} // namespace matou::decode
