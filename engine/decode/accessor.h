#pragma once
// The only way to a glTF's numbers: whole accessors, sparse values applied, checked by the strict pass before. Internal to decode.

#include <cstdint>
#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "decode/gltf_document.h"

namespace matou::decode {

/// count × components numbers; integers as they are or, if normalized, mapped to 0..1 or -1..1 (glTF 2.0, 3.11).
std::vector<float> readFloats(const Document& document, std::uint64_t accessor);
/// count × components; floats are rounded towards zero (feature ids may be stored as floats), negatives give UINT32_MAX.
std::vector<std::uint32_t> readUnsigned(const Document& document, std::uint64_t accessor);

/// Bytes that reading it takes, for the limit.
std::uint64_t bytesToRead(const Document& document, std::uint64_t accessor);

} // namespace matou::decode
