// Batch tables of 3D Tiles 1.0: JSON arrays, binary columns, and the class hierarchy.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/bounded_reader.h"
#include "decode/property_table.h"
#include "decode/tile_tables.h"

namespace matou::decode {

namespace {

constexpr std::size_t kAncestorsLimit = 64; // of one feature that are looked at

template <typename T>
std::optional<model::PropertyColumn> readColumn(std::span<const std::byte> binary, std::uint64_t offset, std::uint32_t components, std::uint32_t declared,
                                                std::uint32_t rows) {
    const auto values = core::checkedMultiply(declared, components);
    const auto bytes = values ? core::checkedMultiply(*values, sizeof(T)) : std::nullopt;
    const auto end = bytes ? core::checkedAdd(offset, *bytes) : std::nullopt;
    if (!end || *end > binary.size()) return std::nullopt;
    using Out = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
    std::vector<Out> out(std::size_t{rows} * components);
    for (std::size_t i = 0; i < out.size(); ++i) {
        T value;
        std::memcpy(&value, binary.data() + offset + i * sizeof(T), sizeof(T));
        out[i] = static_cast<Out>(value);
    }
    if (components == 1) return out;
    model::ListColumn list;
    list.components = components;
    list.values = std::move(out);
    for (std::uint32_t row = 0; row < rows; ++row) list.ends.push_back((row + 1) * components);
    return list;
}

/// {"byteOffset", "componentType", "type"} into the table's binary part.
std::optional<model::PropertyColumn> binaryColumn(const Json& reference, std::span<const std::byte> binary, std::uint32_t declared, std::uint32_t rows) {
    const auto offset = indexMember(reference, "byteOffset");
    const auto word = [&](const char* name) { return reference.contains(name) && reference[name].is_string() ? reference[name].get<std::string>() : std::string(); };
    const auto shape = word("type"), type = word("componentType");
    const std::uint32_t components = shape == "SCALAR" ? 1 : shape == "VEC2" ? 2 : shape == "VEC3" ? 3 : shape == "VEC4" ? 4 : 0;
    if (!offset || components == 0) return std::nullopt;
    if (type == "BYTE") return readColumn<std::int8_t>(binary, *offset, components, declared, rows);
    if (type == "UNSIGNED_BYTE") return readColumn<std::uint8_t>(binary, *offset, components, declared, rows);
    if (type == "SHORT") return readColumn<std::int16_t>(binary, *offset, components, declared, rows);
    if (type == "UNSIGNED_SHORT") return readColumn<std::uint16_t>(binary, *offset, components, declared, rows);
    if (type == "INT") return readColumn<std::int32_t>(binary, *offset, components, declared, rows);
    if (type == "UNSIGNED_INT") return readColumn<std::uint32_t>(binary, *offset, components, declared, rows);
    if (type == "FLOAT") return readColumn<float>(binary, *offset, components, declared, rows);
    if (type == "DOUBLE") return readColumn<double>(binary, *offset, components, declared, rows);
    return std::nullopt;
}

model::PropertyColumn arrayColumn(const Json& values, std::uint32_t rows) {
    bool integers = true, numbers = true, booleans = true;
    for (const auto& value : values) {
        integers = integers && value.is_number_integer();
        numbers = numbers && (value.is_number() || value.is_null());
        booleans = booleans && value.is_boolean();
    }
    if (integers) {
        std::vector<std::int64_t> out(rows, 0);
        for (std::uint32_t i = 0; i < rows; ++i) out[i] = values[i].get<std::int64_t>();
        return out;
    }
    if (numbers) {
        std::vector<double> out(rows, std::nan(""));
        for (std::uint32_t i = 0; i < rows; ++i)
            if (values[i].is_number()) out[i] = values[i].get<double>();
        return out;
    }
    if (booleans) {
        std::vector<std::uint8_t> out(rows, 0);
        for (std::uint32_t i = 0; i < rows; ++i) out[i] = values[i].get<bool>() ? 1 : 0;
        return out;
    }
    std::vector<std::string> out(rows);
    for (std::uint32_t i = 0; i < rows; ++i)
        out[i] = values[i].is_string() ? values[i].get<std::string>() : values[i].is_null() ? "" : values[i].dump();
    return out;
}

/// 3DTILES_batch_table_hierarchy: instances of classes with parents. The first `rows` instances are the features.
class Hierarchy {
public:
    explicit Hierarchy(const Json& json) : _json(json) {}

    /// Nothing where it does not hold together.
    bool read() {
        const auto count = indexMember(_json, "instancesLength");
        const auto classes = _json.find("classes");
        if (!count || classes == _json.end() || !classes->is_array() || !list("classIds", *count, _classes)) return false;
        std::vector<std::uint32_t> next(classes->size(), 0);
        for (const auto id : _classes) {
            if (id >= classes->size() || !(*classes)[id].is_object()) return false;
            _places.push_back(next[id]++);
        }
        if (!_json.contains("parentIds")) return true;
        std::uint64_t total = *count;
        if (_json.contains("parentCounts")) {
            if (!list("parentCounts", *count, _counts)) return false;
            total = 0;
            for (const auto parents : _counts) total += parents;
        }
        if (!list("parentIds", total, _parents)) return false;
        std::uint64_t at = 0;
        for (std::uint64_t i = 0; i < *count; ++i) {
            _firstParent.push_back(static_cast<std::uint32_t>(at));
            at += _counts.empty() ? 1 : _counts[i];
        }
        return std::all_of(_parents.begin(), _parents.end(), [&](auto parent) { return parent < *count; });
    }

    std::map<std::string, Json> columns(std::uint32_t rows) const {
        std::map<std::string, Json> out;
        for (std::uint32_t row = 0; row < rows && row < _classes.size(); ++row) {
            std::vector<std::uint32_t> open{row};
            for (std::size_t i = 0; i < open.size() && i < kAncestorsLimit; ++i) {
                take(open[i], row, rows, out);
                if (_firstParent.empty()) continue;
                const auto count = _counts.empty() ? 1 : _counts[open[i]];
                for (std::uint32_t p = 0; p < count; ++p) {
                    const auto parent = _parents[_firstParent[open[i]] + p];
                    if (std::find(open.begin(), open.end(), parent) == open.end() && open.size() < kAncestorsLimit) open.push_back(parent); // its own parent: none
                }
            }
        }
        return out;
    }

private:
    bool list(const char* name, std::uint64_t count, std::vector<std::uint32_t>& out) const {
        const auto found = _json.find(name);
        if (found == _json.end() || !found->is_array() || found->size() != count) return false; // binary ids are not read
        for (const auto& value : *found) {
            const auto number = asIndex(value);
            if (!number || *number > UINT32_MAX) return false;
            out.push_back(static_cast<std::uint32_t>(*number));
        }
        return true;
    }
    void take(std::uint32_t instance, std::uint32_t row, std::uint32_t rows, std::map<std::string, Json>& out) const {
        const auto& one = _json["classes"][_classes[instance]];
        const auto values = one.find("instances");
        if (values == one.end() || !values->is_object()) return;
        for (const auto& [name, list] : values->items()) {
            if (!list.is_array() || _places[instance] >= list.size()) continue;
            auto& column = out.try_emplace(name, Json::array()).first->second;
            if (column.empty()) column = Json(std::vector<Json>(rows));
            if (column[row].is_null()) column[row] = list[_places[instance]];
        }
    }

    const Json& _json;
    std::vector<std::uint32_t> _classes, _places, _counts, _parents, _firstParent;
};

} // namespace

model::FeatureTable readBatchTable(const TileTables& tables, std::uint32_t batchLength, std::uint32_t rows, core::Diagnostics& diagnostics) {
    model::FeatureTable table;
    table.count = std::min(rows, batchLength);
    const auto where = tables.at(tables.batchOffset);
    const auto say = [&](const std::string& name, const char* why) { diagnostics.push_back({"W_GLTF_PROPERTY", {name, why}, where, {}}); };
    const Json* hierarchy = nullptr;
    for (const auto& [name, value] : tables.batch.items()) {
        if (name == "extras") continue;
        if (name == "HIERARCHY") hierarchy = &value;
        else if (name == "extensions") {
            if (value.is_object() && value.contains("3DTILES_batch_table_hierarchy")) hierarchy = &value["3DTILES_batch_table_hierarchy"];
        } else if (value.is_array() && value.size() == batchLength) {
            table.columns[name] = arrayColumn(value, table.count);
        } else if (value.is_object()) {
            if (auto column = binaryColumn(value, tables.batchBinary, batchLength, table.count)) table.columns[name] = std::move(*column);
            else say(name, "binary");
        } else {
            say(name, "length");
        }
    }
    if (hierarchy) {
        Hierarchy reader(*hierarchy);
        if (!hierarchy->is_object() || !reader.read()) say("3DTILES_batch_table_hierarchy", "structure");
        else
            for (const auto& [name, values] : reader.columns(table.count))
                if (!table.columns.contains(name)) table.columns[name] = arrayColumn(values, table.count);
    }
    fillIds(table);
    return table;
}

} // namespace matou::decode
