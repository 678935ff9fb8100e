#include "decode/accessor.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/bounded_reader.h"

namespace matou::decode {

namespace {

float floatOf(const std::byte* at, int type, bool normalized) {
    switch (type) {
    case 5120: return normalized ? std::max(static_cast<float>(load<std::int8_t>(at)) / 127.0f, -1.0f) : load<std::int8_t>(at);
    case 5121: return normalized ? static_cast<float>(load<std::uint8_t>(at)) / 255.0f : load<std::uint8_t>(at);
    case 5122: return normalized ? std::max(static_cast<float>(load<std::int16_t>(at)) / 32767.0f, -1.0f) : load<std::int16_t>(at);
    case 5123: return normalized ? static_cast<float>(load<std::uint16_t>(at)) / 65535.0f : load<std::uint16_t>(at);
    case 5125: return static_cast<float>(load<std::uint32_t>(at));
    default: return load<float>(at);
    }
}

std::uint32_t unsignedOf(const std::byte* at, int type) {
    const auto fromSigned = [](std::int64_t value) { return value < 0 ? UINT32_MAX : static_cast<std::uint32_t>(value); };
    switch (type) {
    case 5120: return fromSigned(load<std::int8_t>(at));
    case 5121: return load<std::uint8_t>(at);
    case 5122: return fromSigned(load<std::int16_t>(at));
    case 5123: return load<std::uint16_t>(at);
    case 5125: return load<std::uint32_t>(at);
    default: {
        const float value = load<float>(at);
        return value >= 0 && value < 4294967040.0f ? static_cast<std::uint32_t>(value) : UINT32_MAX;
    }
    }
}

/// Calls put(element, component, pointer to the component) for what is stored, then for the sparse values.
template <typename Put>
void walk(const Document& document, const AccessorInfo& info, Put put) {
    const auto components = static_cast<std::uint64_t>(info.components);
    const auto size = info.componentBytes();
    if (info.view) {
        const auto bytes = document.viewBytes(*info.view);
        const auto stride = document.views[*info.view].stride ? document.views[*info.view].stride : info.elementBytes();
        for (std::uint64_t e = 0; e < info.count; ++e)
            for (std::uint64_t c = 0; c < components; ++c) put(e, c, bytes.data() + info.offset + e * stride + c * size);
    }
    if (!info.sparse) return;
    const auto& sparse = *info.sparse;
    const auto indices = document.viewBytes(sparse.indexView);
    const auto values = document.viewBytes(sparse.valueView);
    const std::uint64_t indexBytes = sparse.indexType == 5121 ? 1 : sparse.indexType == 5123 ? 2 : 4;
    for (std::uint64_t s = 0; s < sparse.count; ++s) {
        const auto e = unsignedOf(indices.data() + sparse.indexOffset + s * indexBytes, sparse.indexType);
        if (e >= info.count) continue;
        for (std::uint64_t c = 0; c < components; ++c) put(e, c, values.data() + sparse.valueOffset + (s * components + c) * size);
    }
}

/// Appended piece by piece, so that the large array is written once and not cleared before.
template <typename Stored>
std::vector<std::uint32_t> inPieces(const InPlace& run, std::uint64_t count) {
    std::array<std::uint32_t, 512> piece;
    std::vector<std::uint32_t> out;
    out.reserve(count);
    for (std::uint64_t first = 0; first < count; first += piece.size()) {
        const auto here = std::min<std::uint64_t>(piece.size(), count - first);
        if (run.stride == sizeof(Stored)) // said apart, for then the loop becomes wide
            for (std::uint64_t i = 0; i < here; ++i) piece[i] = load<Stored>(run.at(first) + i * sizeof(Stored));
        else
            for (std::uint64_t i = 0; i < here; ++i) piece[i] = load<Stored>(run.at(first + i));
        out.insert(out.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(here));
    }
    return out;
}

} // namespace

std::vector<float> readFloats(const Document& document, std::uint64_t accessor) {
    const auto& info = document.accessors[accessor];
    const auto components = static_cast<std::uint64_t>(info.components);
    std::vector<float> out(info.count * components, 0.0f);
    walk(document, info, [&](std::uint64_t e, std::uint64_t c, const std::byte* at) {
        out[e * components + c] = floatOf(at, info.componentType, info.normalized);
    });
    return out;
}

InPlace inPlace(const Document& document, std::uint64_t accessor, int componentType) {
    const auto& info = document.accessors[accessor];
    if (!info.view || info.sparse || info.componentType != componentType || info.count == 0) return {};
    const auto& view = document.views[*info.view];
    return {document.viewBytes(*info.view).data() + info.offset, view.stride ? view.stride : info.elementBytes()};
}

std::vector<std::uint32_t> readUnsigned(const Document& document, std::uint64_t accessor) {
    const auto& info = document.accessors[accessor];
    if (info.components == 1) { // indices: most of what is read here
        if (const auto run = inPlace(document, accessor, 5125); run.first) return inPieces<std::uint32_t>(run, info.count);
        if (const auto run = inPlace(document, accessor, 5123); run.first) return inPieces<std::uint16_t>(run, info.count);
    }
    const auto components = static_cast<std::uint64_t>(info.components);
    std::vector<std::uint32_t> out(info.count * components, 0u);
    walk(document, info, [&](std::uint64_t e, std::uint64_t c, const std::byte* at) { out[e * components + c] = unsignedOf(at, info.componentType); });
    return out;
}

std::uint32_t largestOf(std::span<const std::uint32_t> values) {
    std::uint32_t largest = 0;
    for (const auto value : values) largest = std::max(largest, value);
    return largest;
}

bool allFinite(const Document& document, std::uint64_t viewIndex, std::uint64_t offset, std::uint64_t count, int components, bool strided) {
    constexpr std::uint32_t kExponent = 0x7f800000u; // all ones: infinite or not a number
    const auto element = static_cast<std::uint64_t>(components) * 4;
    const auto& view = document.views[viewIndex];
    const auto stride = strided && view.stride ? view.stride : element;
    // One behind another they are as one element. Without a way out of the inner loop the compiler makes it wide.
    const bool packed = stride == element;
    const auto elements = packed ? 1 : count, each = packed ? count * static_cast<std::uint64_t>(components) : static_cast<std::uint64_t>(components);
    const auto* at = document.viewBytes(viewIndex).data() + offset;
    for (std::uint64_t e = 0; e < elements; ++e, at += stride) {
        std::uint32_t bad = 0;
        for (std::uint64_t c = 0; c < each; ++c) bad |= (load<std::uint32_t>(at + c * 4) & kExponent) == kExponent ? 1u : 0u;
        if (bad != 0) return false;
    }
    return true;
}

std::uint64_t bytesToRead(const Document& document, std::uint64_t accessor) {
    const auto& info = document.accessors[accessor];
    // Without a buffer view the count is bound by nothing but this.
    return core::checkedMultiply(info.count, static_cast<std::uint64_t>(info.components) * 4).value_or(UINT64_MAX);
}

} // namespace matou::decode
