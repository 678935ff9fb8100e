#pragma once
// The only way to a glTF's numbers: whole accessors, sparse values applied, checked by the strict pass before. Internal to decode.

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "decode/gltf_document.h"

namespace matou::decode {

/// One number, which may lie anywhere.
template <typename T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// count × components numbers; integers as they are or, if normalized, mapped to 0..1 or -1..1 (glTF 2.0, 3.11).
std::vector<float> readFloats(const Document& document, std::uint64_t accessor);
/// count × components; floats are rounded towards zero (feature ids may be stored as floats), negatives give UINT32_MAX.
std::vector<std::uint32_t> readUnsigned(const Document& document, std::uint64_t accessor);

/// Where an accessor holds what is wanted as it is (component type, no sparse values): its elements are read in place, one by
/// one, instead of through a copy. `first` is null where they are not.
struct InPlace {
    const std::byte* first = nullptr;
    std::uint64_t stride = 0;
    const std::byte* at(std::uint64_t element) const { return first + element * stride; }
};
InPlace inPlace(const Document& document, std::uint64_t accessor, int componentType);

/// 0 where there are none.
std::uint32_t largestOf(std::span<const std::uint32_t> values);

/// Whether all floats of a range that the strict pass has checked are finite; `strided`: the view's stride holds.
bool allFinite(const Document& document, std::uint64_t view, std::uint64_t offset, std::uint64_t count, int components, bool strided);

/// Bytes that reading it takes, for the limit.
std::uint64_t bytesToRead(const Document& document, std::uint64_t accessor);

} // namespace matou::decode
