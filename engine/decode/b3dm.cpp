#include "decode/b3dm.h"

#include <cmath>
#include <cstring>

#include "core/bounded_reader.h"
#include "decode/property_table.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

std::string at(const std::string& where, std::uint64_t byte) { return where + ":byte " + std::to_string(byte); }

Result<Json> section(std::span<const std::byte> bytes, const std::string& where) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
    if (text.empty()) return Json::object();
    MATOU_TRY(json, core::parseJson(text, where));
    if (!json.is_object()) return fail("E_GLTF_TYPE", where, {"table", "object"});
    return json;
}

/// {"byteOffset", "componentType", "type": "SCALAR"} into the table's binary part.
std::optional<model::PropertyColumn> binaryColumn(const Json& reference, std::span<const std::byte> binary, std::uint32_t count) {
    const auto offset = reference.contains("byteOffset") ? asIndex(reference["byteOffset"]) : std::nullopt;
    if (!offset || reference.value("type", "") != "SCALAR" || !reference.contains("componentType") || !reference["componentType"].is_string()) return std::nullopt;
    const auto type = reference["componentType"].get<std::string>();
    const auto read = [&](auto sample) -> std::optional<model::PropertyColumn> {
        using T = decltype(sample);
        const auto bytes = core::checkedMultiply(count, sizeof(T));
        const auto end = bytes ? core::checkedAdd(*offset, *bytes) : std::nullopt;
        if (!end || *end > binary.size()) return std::nullopt;
        using Out = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
        std::vector<Out> out(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            T value;
            std::memcpy(&value, binary.data() + *offset + i * sizeof(T), sizeof(T));
            out[i] = static_cast<Out>(value);
        }
        return out;
    };
    if (type == "BYTE") return read(std::int8_t{});
    if (type == "UNSIGNED_BYTE") return read(std::uint8_t{});
    if (type == "SHORT") return read(std::int16_t{});
    if (type == "UNSIGNED_SHORT") return read(std::uint16_t{});
    if (type == "INT") return read(std::int32_t{});
    if (type == "UNSIGNED_INT") return read(std::uint32_t{});
    if (type == "FLOAT") return read(float{});
    if (type == "DOUBLE") return read(double{});
    return std::nullopt;
}

model::PropertyColumn arrayColumn(const Json& values, std::uint32_t count) {
    bool integers = true, numbers = true, booleans = true;
    for (const auto& value : values) {
        integers = integers && value.is_number_integer();
        numbers = numbers && (value.is_number() || value.is_null());
        booleans = booleans && value.is_boolean();
    }
    if (integers) {
        std::vector<std::int64_t> out(count, 0);
        for (std::uint32_t i = 0; i < count; ++i) out[i] = values[i].get<std::int64_t>();
        return out;
    }
    if (numbers) {
        std::vector<double> out(count, std::nan(""));
        for (std::uint32_t i = 0; i < count; ++i)
            if (values[i].is_number()) out[i] = values[i].get<double>();
        return out;
    }
    if (booleans) {
        std::vector<std::uint8_t> out(count, 0);
        for (std::uint32_t i = 0; i < count; ++i) out[i] = values[i].get<bool>() ? 1 : 0;
        return out;
    }
    std::vector<std::string> out(count);
    for (std::uint32_t i = 0; i < count; ++i)
        out[i] = values[i].is_string() ? values[i].get<std::string>() : values[i].is_null() ? "" : values[i].dump();
    return out;
}

} // namespace

Result<B3dmParts> splitB3dm(std::span<const std::byte> bytes, const std::string& where) {
    core::BoundedReader reader(bytes);
    reader.skip(4); // magic
    const auto version = reader.read<std::uint32_t>();
    const auto length = reader.read<std::uint32_t>();
    std::array<std::uint32_t, 4> sizes{};
    for (auto& size : sizes) {
        const auto value = reader.read<std::uint32_t>();
        if (!value) return fail("E_GLB_TRUNCATED", at(where, bytes.size()), {std::to_string(bytes.size()), "28"});
        size = *value;
    }
    if (*version != 1) return fail("E_GLB_VERSION", at(where, 4), {std::to_string(*version)});
    if (*length != bytes.size()) return fail("E_GLB_TRUNCATED", at(where, 8), {std::to_string(bytes.size()), std::to_string(*length)});
    std::array<std::span<const std::byte>, 4> sections;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto start = reader.offset();
        const auto part = reader.take(sizes[i]);
        if (!part) return fail("E_GLB_CHUNK", at(where, start), {"table reaches past the end of the file"});
        sections[i] = *part;
    }
    B3dmParts parts;
    parts.glbOffset = reader.offset();
    parts.glb = *reader.take(reader.remaining());
    // Tiles are padded to 8 bytes behind the GLB, whose own length says where it ends.
    if (parts.glb.size() >= 12) {
        std::uint32_t glbLength = 0;
        std::memcpy(&glbLength, parts.glb.data() + 8, 4);
        if (glbLength < parts.glb.size() && parts.glb.size() - glbLength < 8) parts.glb = parts.glb.first(glbLength);
    }
    MATOU_TRY(featureTable, section(sections[0], at(where, 28)));
    MATOU_TRY(batchTable, section(sections[2], at(where, 28 + sizes[0] + sizes[1])));
    const auto batch = featureTable.contains("BATCH_LENGTH") ? asIndex(featureTable["BATCH_LENGTH"]) : std::nullopt;
    if (!batch || *batch > (1u << 26)) return fail("E_GLTF_MISSING", at(where, 28), {"BATCH_LENGTH"});
    parts.batchLength = static_cast<std::uint32_t>(*batch);
    if (featureTable.contains("RTC_CENTER") && featureTable["RTC_CENTER"].is_array() && featureTable["RTC_CENTER"].size() == 3)
        for (std::size_t i = 0; i < 3; ++i)
            if (featureTable["RTC_CENTER"][i].is_number()) parts.rtcCenter[static_cast<int>(i)] = featureTable["RTC_CENTER"][i].get<double>();
    parts.batchTable = std::move(batchTable);
    parts.tableOffset = 28 + sizes[0] + sizes[1];
    parts.batchBinary = sections[3];
    return parts;
}

void applyBatchTable(const B3dmParts& parts, const std::string& where, model::Content& content) {
    content.rtcCenter += parts.rtcCenter;
    model::FeatureTable table;
    std::uint32_t used = 0; // rows that vertices speak of; a lying BATCH_LENGTH allocates nothing
    for (const auto& primitive : content.primitives)
        for (const auto& vertex : primitive.vertices)
            if (vertex.feature < parts.batchLength) used = std::max(used, vertex.feature + 1);
    bool outside = false;
    for (auto& primitive : content.primitives)
        for (auto& vertex : primitive.vertices)
            if (vertex.feature != model::kNoFeature && vertex.feature >= parts.batchLength) {
                vertex.feature = model::kNoFeature;
                outside = true;
            }
    if (outside) content.diagnostics.push_back({"W_GLTF_FEATURE_RANGE", {std::to_string(parts.batchLength)}, at(where, parts.tableOffset), {}});
    table.count = used;
    for (const auto& [name, value] : parts.batchTable.items()) {
        if (name == "extensions" || name == "extras" || name == "HIERARCHY") continue;
        if (value.is_array() && value.size() == parts.batchLength) {
            if (table.count <= value.size()) table.columns[name] = arrayColumn(value, table.count);
        } else if (value.is_object()) {
            if (auto column = binaryColumn(value, parts.batchBinary, table.count)) table.columns[name] = std::move(*column);
            else content.diagnostics.push_back({"W_GLTF_PROPERTY", {name, "binary"}, at(where, parts.tableOffset), {}});
        } else {
            content.diagnostics.push_back({"W_GLTF_PROPERTY", {name, "length"}, at(where, parts.tableOffset), {}});
        }
    }
    fillIds(table);
    content.features = std::move(table);
}

} // namespace matou::decode
