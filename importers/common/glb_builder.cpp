#include "common/glb_builder.h"

#include <algorithm>
#include <cstring>

namespace matou::importers {
namespace {

constexpr int kFloat = 5126, kUnsignedByte = 5121, kUnsignedShort = 5123, kUnsignedInt = 5125;

void appendWord(std::vector<std::byte>& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>((value >> shift) & 0xffu));
}

} // namespace

std::size_t GlbBuilder::addView(std::span<const std::byte> bytes, Target target) {
    _binary.resize((_binary.size() + 7) / 8 * 8, std::byte{0});
    core::Json view = {{"buffer", 0}, {"byteOffset", _binary.size()}, {"byteLength", bytes.size()}};
    if (target == Target::vertices) view["target"] = 34962;
    if (target == Target::indices) view["target"] = 34963;
    _binary.insert(_binary.end(), bytes.begin(), bytes.end());
    _json["bufferViews"].push_back(std::move(view));
    return _json["bufferViews"].size() - 1;
}

std::size_t GlbBuilder::addAccessor(core::Json accessor) {
    _json["accessors"].push_back(std::move(accessor));
    return _json["accessors"].size() - 1;
}

std::size_t GlbBuilder::addVec3(const std::vector<glm::vec3>& values, bool withBounds, Target target) {
    core::Json accessor = {{"bufferView", addView(values, target)}, {"componentType", kFloat}, {"count", values.size()}, {"type", "VEC3"}};
    if (withBounds && !values.empty()) {
        glm::vec3 low = values.front(), high = low;
        for (const auto& v : values) {
            low = glm::min(low, v);
            high = glm::max(high, v);
        }
        accessor["min"] = {low.x, low.y, low.z};
        accessor["max"] = {high.x, high.y, high.z};
    }
    return addAccessor(std::move(accessor));
}

std::size_t GlbBuilder::addVec2(const std::vector<glm::vec2>& values) {
    return addAccessor(
        {{"bufferView", addView(values, Target::vertices)}, {"componentType", kFloat}, {"count", values.size()}, {"type", "VEC2"}});
}

std::size_t GlbBuilder::addVec4(const std::vector<glm::vec4>& values, Target target) {
    return addAccessor(
        {{"bufferView", addView(values, target)}, {"componentType", kFloat}, {"count", values.size()}, {"type", "VEC4"}});
}

std::size_t GlbBuilder::addColors(const std::vector<glm::u8vec4>& values, Target target) {
    return addAccessor({{"bufferView", addView(values, target)},
                        {"componentType", kUnsignedByte},
                        {"normalized", true},
                        {"count", values.size()},
                        {"type", "VEC4"}});
}

std::size_t GlbBuilder::addScalars(const std::vector<float>& values, Target target) {
    return addAccessor(
        {{"bufferView", addView(values, target)}, {"componentType", kFloat}, {"count", values.size()}, {"type", "SCALAR"}});
}

std::size_t GlbBuilder::addIndices(const std::vector<std::uint32_t>& values) {
    // Half the bytes where they suffice; the largest number of a width means "restart" and is no vertex.
    const bool narrow = std::ranges::all_of(values, [](std::uint32_t v) { return v < 0xffffu; });
    const std::size_t view = narrow ? addView(std::vector<std::uint16_t>(values.begin(), values.end()), Target::indices) : addView(values, Target::indices);
    return addAccessor(
        {{"bufferView", view}, {"componentType", narrow ? kUnsignedShort : kUnsignedInt}, {"count", values.size()}, {"type", "SCALAR"}});
}

std::vector<std::byte> GlbBuilder::finish() {
    _binary.resize((_binary.size() + 7) / 8 * 8, std::byte{0});
    _json["buffers"] = core::Json::array({{{"byteLength", _binary.size()}}});
    std::string text = _json.dump();
    // 28 bytes of headers come before the binary chunk's data, which then begins at a multiple of 8.
    while (text.size() % 8 != 4) text.push_back(' ');

    std::vector<std::byte> out;
    out.reserve(28 + text.size() + _binary.size());
    appendWord(out, 0x46546c67u); // "glTF"
    appendWord(out, 2);
    appendWord(out, static_cast<std::uint32_t>(28 + text.size() + _binary.size()));
    appendWord(out, static_cast<std::uint32_t>(text.size()));
    appendWord(out, 0x4e4f534au); // "JSON"
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    out.insert(out.end(), begin, begin + text.size());
    appendWord(out, static_cast<std::uint32_t>(_binary.size()));
    appendWord(out, 0x004e4942u); // "BIN"
    out.insert(out.end(), _binary.begin(), _binary.end());
    return out;
}

} // namespace matou::importers
