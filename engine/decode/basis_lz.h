#pragma once
// BasisLZ with ETC1S: codebooks and slices into RGBA8. Internal to decode.
// Source: KTX File Format Specification 2.0, appendices "BasisLZ Global Data" and "BasisLZ/ETC1S Bitstream Specification".

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "decode/ktx2_container.h"

namespace matou::decode {

/// Appends the texels of all levels of `file`, largest first, to `rgba`. E_KTX2 {reason}, `WHERE:byte N`.
core::Result<void> decodeBasisLz(std::span<const std::byte> bytes, const Ktx2File& file, const std::string& where, std::vector<std::uint8_t>& rgba);

} // namespace matou::decode
