#include "decode/tile_tables.h"

#include <cmath>
#include <cstring>

#include "core/bounded_reader.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

/// Larger numbers here are the first characters of a table's JSON: a header from before 1.0.
constexpr std::uint32_t kText = 0x22000000;

Result<Json> section(std::span<const std::byte> bytes, const std::string& where) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
    if (text.empty()) return Json::object();
    MATOU_TRY(json, core::parseJson(text, where));
    if (!json.is_object()) return fail("E_GLTF_TYPE", where, {"table", "object"});
    return json;
}

template <typename T>
T load(std::span<const std::byte> bytes, std::uint64_t offset) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

} // namespace

Result<TileTables> splitTables(std::span<const std::byte> bytes, const std::string& where) {
    TileTables out;
    out.where = where;
    core::BoundedReader reader(bytes);
    const auto magic = reader.take(4);
    const bool instanced = magic && std::memcmp(magic->data(), "i3dm", 4) == 0, batched = magic && std::memcmp(magic->data(), "b3dm", 4) == 0;
    const std::uint64_t need = instanced ? 32 : 28;
    const auto version = reader.read<std::uint32_t>(), length = reader.read<std::uint32_t>();
    std::array<std::uint32_t, 4> sizes{};
    for (auto& size : sizes) {
        const auto value = reader.read<std::uint32_t>();
        if (!value) return fail("E_GLB_TRUNCATED", out.at(bytes.size()), {std::to_string(bytes.size()), std::to_string(need)});
        size = *value;
    }
    if (*version != 1) return fail("E_GLB_VERSION", out.at(4), {std::to_string(*version)});
    if (*length != bytes.size()) return fail("E_GLB_TRUNCATED", out.at(8), {std::to_string(bytes.size()), std::to_string(*length)});
    std::optional<std::uint32_t> oldBatchLength;
    std::uint64_t start = 28;
    if (batched && sizes[2] >= kText) { // batch length and batch table, no more
        oldBatchLength = sizes[0];
        sizes = {0, 0, sizes[1], 0};
        start = 20;
    } else if (batched && sizes[3] >= kText) {
        oldBatchLength = sizes[2];
        sizes = {0, 0, sizes[0], sizes[1]};
        start = 24;
    }
    if (instanced) {
        const auto format = reader.read<std::uint32_t>();
        if (!format) return fail("E_GLB_TRUNCATED", out.at(bytes.size()), {std::to_string(bytes.size()), "32"});
        if (*format > 1) return fail("E_TILE_SEMANTIC", out.at(28), {"gltfFormat", "0, 1"});
        out.format = *format;
        start = 32;
    }
    reader = core::BoundedReader(bytes);
    reader.skip(start);
    std::array<std::span<const std::byte>, 4> sections;
    std::array<std::uint64_t, 4> starts{};
    for (std::size_t i = 0; i < 4; ++i) {
        starts[i] = reader.offset();
        const auto part = reader.take(sizes[i]);
        if (!part) return fail("E_GLB_CHUNK", out.at(starts[i]), {"table reaches past the end of the file"});
        sections[i] = *part;
    }
    out.featureOffset = starts[0];
    out.batchOffset = starts[2];
    out.bodyOffset = reader.offset();
    out.body = *reader.take(reader.remaining());
    MATOU_TRY(features, section(sections[0], out.at(starts[0])));
    MATOU_TRY(batch, section(sections[2], out.at(starts[2])));
    out.features = std::move(features);
    out.batch = std::move(batch);
    out.featureBinary = sections[1];
    out.batchBinary = sections[3];
    if (oldBatchLength) out.features["BATCH_LENGTH"] = *oldBatchLength;
    return out;
}

Result<std::optional<std::uint32_t>> TileTables::integer(const char* semantic) const {
    const auto found = features.find(semantic);
    if (found == features.end()) return std::optional<std::uint32_t>();
    if (found->is_object()) {
        MATOU_TRY(bytes, elements(semantic, 1, 4));
        return std::optional(load<std::uint32_t>(*bytes, 0));
    }
    const auto value = asIndex(*found);
    if (!value || *value > UINT32_MAX) return fail("E_TILE_SEMANTIC", at(featureOffset), {semantic, "0 … 4294967295"});
    return std::optional(static_cast<std::uint32_t>(*value));
}

Result<std::vector<double>> TileTables::numbers(const char* semantic, std::size_t count) const {
    const auto found = features.find(semantic);
    if (found == features.end()) return std::vector<double>();
    std::vector<double> out(count);
    if (found->is_object()) {
        MATOU_TRY(bytes, elements(semantic, count, 4));
        for (std::size_t i = 0; i < count; ++i) out[i] = load<float>(*bytes, i * 4);
    } else {
        if (!found->is_array() || found->size() != count) return fail("E_TILE_SEMANTIC", at(featureOffset), {semantic, std::to_string(count) + " ×"});
        for (std::size_t i = 0; i < count; ++i) {
            if (!(*found)[i].is_number()) return fail("E_TILE_SEMANTIC", at(featureOffset), {semantic, std::to_string(count) + " ×"});
            out[i] = (*found)[i].get<double>();
        }
    }
    for (const double value : out)
        if (!std::isfinite(value)) return fail("E_TILE_SEMANTIC", at(featureOffset), {semantic, "NaN"});
    return out;
}

Result<std::optional<std::span<const std::byte>>> TileTables::elements(const char* semantic, std::uint64_t count, std::uint64_t elementBytes) const {
    const auto found = features.find(semantic);
    if (found == features.end()) return std::optional<std::span<const std::byte>>();
    const auto offset = found->is_object() ? indexMember(*found, "byteOffset") : std::nullopt;
    if (!offset) return fail("E_TILE_SEMANTIC", at(featureOffset), {semantic, "byteOffset"});
    const auto bytes = core::checkedMultiply(count, elementBytes);
    if (!bytes || *offset > featureBinary.size() || *bytes > featureBinary.size() - *offset)
        return fail("E_TILE_SEMANTIC", at(featureOffset), {semantic, std::to_string(*offset) + " + " + std::to_string(count) + " · " + std::to_string(elementBytes) + " > " + std::to_string(featureBinary.size())});
    return std::optional(featureBinary.subspan(*offset, *bytes));
}

Result<std::vector<std::uint32_t>> TileTables::batchIds(std::uint64_t count) const {
    const auto found = features.find("BATCH_ID");
    if (found == features.end()) return std::vector<std::uint32_t>();
    const auto type = found->is_object() && found->contains("componentType") && (*found)["componentType"].is_string() ? (*found)["componentType"].get<std::string>() : "UNSIGNED_SHORT";
    const std::uint64_t size = type == "UNSIGNED_BYTE" ? 1 : type == "UNSIGNED_INT" ? 4 : 2;
    if (size == 2 && type != "UNSIGNED_SHORT") return fail("E_TILE_SEMANTIC", at(featureOffset), {"BATCH_ID", type});
    MATOU_TRY(bytes, elements("BATCH_ID", count, size));
    std::vector<std::uint32_t> out(count);
    for (std::uint64_t i = 0; i < count; ++i)
        out[i] = size == 1 ? load<std::uint8_t>(*bytes, i) : size == 2 ? load<std::uint16_t>(*bytes, i * 2) : load<std::uint32_t>(*bytes, i * 4);
    return out;
}

Result<TilePositions> readPositions(const TileTables& tables, std::uint64_t count) {
    TilePositions out;
    glm::dvec3 base(0.0);
    MATOU_TRY(rtc, tables.numbers("RTC_CENTER", 3));
    if (!rtc.empty()) base = {rtc[0], rtc[1], rtc[2]};
    MATOU_TRY(plain, tables.elements("POSITION", count, 12));
    if (plain) {
        out.offsets.resize(count);
        for (std::uint64_t i = 0; i < count; ++i)
            for (int axis = 0; axis < 3; ++axis) out.offsets[i][axis] = load<float>(*plain, i * 12 + static_cast<std::uint64_t>(axis) * 4);
    } else {
        MATOU_TRY(quantized, tables.elements("POSITION_QUANTIZED", count, 6));
        if (!quantized) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"POSITION", "-"});
        MATOU_TRY(offset, tables.numbers("QUANTIZED_VOLUME_OFFSET", 3));
        MATOU_TRY(scale, tables.numbers("QUANTIZED_VOLUME_SCALE", 3));
        if (offset.empty() || scale.empty()) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"QUANTIZED_VOLUME_OFFSET, QUANTIZED_VOLUME_SCALE", "-"});
        out.offsets.resize(count);
        for (std::uint64_t i = 0; i < count; ++i)
            for (std::size_t axis = 0; axis < 3; ++axis)
                out.offsets[i][static_cast<int>(axis)] = load<std::uint16_t>(*quantized, i * 6 + axis * 2) / 65535.0 * scale[axis] + offset[axis];
    }
    glm::dvec3 low(0.0), high(0.0);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto& p = out.offsets[i];
        if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"POSITION", "NaN: " + std::to_string(i)});
        low = i == 0 ? p : glm::min(low, p);
        high = i == 0 ? p : glm::max(high, p);
    }
    const auto middle = 0.5 * (low + high);
    for (auto& p : out.offsets) p -= middle;
    out.center = base + middle;
    return out;
}

glm::dvec3 octahedral(double x, double y) {
    const auto sign = [](double value) { return value < 0 ? -1.0 : 1.0; };
    glm::dvec3 v(x, y, 1.0 - std::abs(x) - std::abs(y));
    if (v.z < 0) v = {(1.0 - std::abs(y)) * sign(x), (1.0 - std::abs(x)) * sign(y), v.z};
    return glm::normalize(v);
}

} // namespace matou::decode
