#pragma once
// The only way to a glTF's numbers: whole accessors, sparse values applied, checked by the strict pass before. Internal to decode.

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "decode/gltf_document.h"

namespace matou::decode {

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

/// take(element, its N floats) for each element of an accessor of N components.
template <int N, typename Take>
void eachFloats(const Document& document, std::uint64_t accessor, Take take) {
    const auto count = document.accessors[accessor].count;
    if (const auto run = inPlace(document, accessor, 5126); run.first) {
        for (std::uint64_t i = 0; i < count; ++i) {
            float values[N];
            std::memcpy(values, run.at(i), sizeof values);
            take(i, values);
        }
        return;
    }
    const auto values = readFloats(document, accessor);
    for (std::uint64_t i = 0; i < count; ++i) take(i, values.data() + i * N);
}

/// Bytes that reading it takes, for the limit.
std::uint64_t bytesToRead(const Document& document, std::uint64_t accessor);

} // namespace matou::decode
