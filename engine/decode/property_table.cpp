#include "decode/property_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "core/bounded_reader.h"
#include "model/metadata_schema.h"

namespace matou::decode {

using model::PropertyColumn;

namespace {

using NumberType = model::MetadataNumberType;
std::optional<NumberType> numberType(std::string_view name) { return model::metadataNumberType(name); }

double floatAt(std::span<const std::byte> bytes, std::uint64_t index, const NumberType& type) {
    if (type.bytes == 4) {
        float value;
        std::memcpy(&value, bytes.data() + index * 4, 4);
        return value;
    }
    double value;
    std::memcpy(&value, bytes.data() + index * 8, 8);
    return value;
}

std::int64_t integerAt(std::span<const std::byte> bytes, std::uint64_t index, const NumberType& type) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + index * type.bytes, type.bytes);
    if (!type.isSigned || type.bytes == 8) return static_cast<std::int64_t>(value);
    const int shift = static_cast<int>(64 - type.bytes * 8);
    return static_cast<std::int64_t>(value << shift) >> shift;
}

std::string text(const Json& object, const char* member, std::string fallback = "") {
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

/// Numbers of a value that is one, a vector, or an array of them, one behind another.
std::vector<double> flattened(const Json& value) {
    std::vector<double> out;
    if (value.is_number()) out.push_back(value.get<double>());
    else if (value.is_array())
        for (const auto& item : value) {
            if (item.is_number()) out.push_back(item.get<double>());
            else if (item.is_array())
                for (const auto& number : item)
                    if (number.is_number()) out.push_back(number.get<double>());
        }
    return out;
}

/// One column: all its scalars are read flat; what an element and a row of them are is put on top (model::ListColumn).
class Column {
public:
    Column(const Document& document, const Json& definition, const Json& values, const Json& schema, std::uint32_t count)
        : _document(document), _definition(definition), _values(values), _schema(schema), _count(count) {}

    /// Nothing, with a reason, where it cannot be read.
    std::optional<PropertyColumn> read(std::string& reason) {
        const auto type = text(_definition, "type");
        const auto index = indexMember(_values, "values");
        if (!index || *index >= _document.views.size()) return reason = "values", std::nullopt;
        _bytes = _document.viewBytes(*index);
        _components = std::max(1u, model::metadataComponents(type));
        const auto array = _definition.find("array");
        const bool list = array != _definition.end() && array->is_boolean() && array->get<bool>();
        std::vector<std::uint32_t> ends; // in elements
        _total = _count;
        if (list && !findEnds(ends)) return reason = "arrayOffsets", std::nullopt;
        std::optional<PropertyColumn> flat;
        if (model::metadataComponents(type) > 0) flat = numbers(reason);
        else if (type == "BOOLEAN") flat = booleans(reason);
        else if (type == "STRING") flat = strings(reason);
        else if (type == "ENUM") flat = enums(reason);
        else reason = type;
        if (!flat || (!list && _components == 1)) return flat;
        model::ListColumn out;
        out.components = _components;
        out.ends.resize(_count);
        for (std::uint32_t row = 0; row < _count; ++row) out.ends[row] = (list ? ends[row] : row + 1) * _components;
        std::visit(
            [&out](auto& values) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(values)>, model::ListColumn>) out.values = std::move(values);
            },
            *flat);
        return out;
    }

private:
    /// Where the array of each row ends: fixed lengths, or offsets in a view of their own.
    bool findEnds(std::vector<std::uint32_t>& ends) {
        ends.resize(_count);
        if (const auto each = indexMember(_definition, "count")) {
            const auto total = core::checkedMultiply(*each, _count);
            if (!total || *total > _bytes.size() * 8) return false; // an element has a bit at least
            for (std::uint32_t row = 0; row < _count; ++row) ends[row] = static_cast<std::uint32_t>((row + 1) * *each);
            _total = *total;
            return true;
        }
        const auto view = indexMember(_values, "arrayOffsets");
        const auto type = numberType(text(_values, "arrayOffsetType", "UINT32"));
        if (!view || *view >= _document.views.size() || !type || type->floating || type->isSigned) return false;
        const auto offsets = _document.viewBytes(*view);
        const auto need = core::checkedMultiply(std::uint64_t{_count} + 1, type->bytes);
        if (!need || *need > offsets.size()) return false;
        std::uint64_t last = static_cast<std::uint64_t>(integerAt(offsets, 0, *type));
        const auto first = last;
        for (std::uint32_t row = 0; row < _count; ++row) {
            const auto end = static_cast<std::uint64_t>(integerAt(offsets, row + 1u, *type));
            if (end < last || end - first > _bytes.size() * 8) return false;
            ends[row] = static_cast<std::uint32_t>(end - first);
            last = end;
        }
        if (first != 0) return false;
        _total = last;
        return true;
    }

    bool holds(std::uint64_t elementBytes) const {
        const auto need = core::checkedMultiply(_total * _components, elementBytes);
        return need && *need <= _bytes.size();
    }
    std::vector<double> pattern(const char* member) const {
        for (const Json* holder : {&_values, &_definition})
            if (const auto found = holder->find(member); found != holder->end()) return flattened(*found);
        return {};
    }

    std::optional<PropertyColumn> numbers(std::string& reason) {
        const auto type = numberType(text(_definition, "componentType"));
        if (!type) return reason = "componentType", std::nullopt;
        if (!holds(type->bytes)) return reason = "values", std::nullopt;
        const auto count = static_cast<std::size_t>(_total) * _components;
        const auto noData = pattern("noData"), scale = pattern("scale"), offset = pattern("offset"), fallback = pattern("default");
        const auto normalizedMember = _definition.find("normalized");
        const bool normalized = normalizedMember != _definition.end() && normalizedMember->is_boolean() && normalizedMember->get<bool>();
        if (!type->floating && !normalized && noData.empty() && scale.empty() && offset.empty()) {
            std::vector<std::int64_t> out(count);
            for (std::size_t i = 0; i < count; ++i) out[i] = integerAt(_bytes, i, *type);
            return out;
        }
        std::vector<double> out(count);
        const double largest = std::pow(2.0, static_cast<double>(type->bytes * 8 - (type->isSigned ? 1 : 0))) - 1.0;
        const auto raw = [&](std::size_t i) { return type->floating ? floatAt(_bytes, i, *type) : static_cast<double>(integerAt(_bytes, i, *type)); };
        for (std::size_t i = 0; i < count; ++i) {
            double value = raw(i);
            if (normalized) value = std::max(value / largest, -1.0);
            if (!scale.empty()) value *= scale[i % scale.size()];
            if (!offset.empty()) value += offset[i % offset.size()];
            out[i] = value;
        }
        // No data is what it says before anything was done to it, and an element as a whole.
        for (std::size_t begin = 0; !noData.empty() && begin + noData.size() <= count; begin += noData.size()) {
            bool equal = true;
            for (std::size_t i = 0; i < noData.size(); ++i) equal = equal && raw(begin + i) == noData[i];
            for (std::size_t i = 0; equal && i < noData.size(); ++i)
                out[begin + i] = fallback.empty() ? std::numeric_limits<double>::quiet_NaN() : fallback[i % fallback.size()];
        }
        return out;
    }

    std::optional<PropertyColumn> booleans(std::string& reason) {
        if ((_total + 7) / 8 > _bytes.size()) return reason = "values", std::nullopt;
        std::vector<std::uint8_t> out(_total);
        for (std::uint64_t i = 0; i < _total; ++i) out[i] = static_cast<std::uint8_t>(_bytes[i / 8] >> (i % 8) & std::byte{1});
        return out;
    }

    std::optional<PropertyColumn> strings(std::string& reason) {
        const auto view = indexMember(_values, "stringOffsets");
        const auto type = numberType(text(_values, "stringOffsetType", "UINT32"));
        if (!view || *view >= _document.views.size() || !type || type->floating || type->isSigned) return reason = "stringOffsets", std::nullopt;
        const auto offsets = _document.viewBytes(*view);
        const auto need = core::checkedMultiply(_total + 1, type->bytes);
        if (!need || *need > offsets.size()) return reason = "stringOffsets", std::nullopt;
        const auto noData = text(_definition, "noData", "\x01"), fallback = text(_definition, "default");
        std::vector<std::string> out(_total);
        for (std::uint64_t i = 0; i < _total; ++i) {
            const auto begin = static_cast<std::uint64_t>(integerAt(offsets, i, *type)), end = static_cast<std::uint64_t>(integerAt(offsets, i + 1u, *type));
            if (begin > end || end > _bytes.size()) return reason = "stringOffsets", std::nullopt;
            out[i].assign(reinterpret_cast<const char*>(_bytes.data()) + begin, end - begin);
            if (out[i] == noData) out[i] = fallback;
        }
        return out;
    }

    std::optional<PropertyColumn> enums(std::string& reason) {
        const auto all = _schema.find("enums");
        const auto name = text(_definition, "enumType");
        if (all == _schema.end() || !all->is_object() || !all->contains(name) || !(*all)[name].is_object()) return reason = "enumType", std::nullopt;
        const auto& definition = (*all)[name];
        const auto type = numberType(text(definition, "valueType", "UINT16"));
        if (!type || type->floating || !holds(type->bytes)) return reason = "values", std::nullopt;
        std::map<std::int64_t, std::string> names;
        if (const auto values = definition.find("values"); values != definition.end() && values->is_array())
            for (const auto& value : *values)
                if (value.is_object() && value.contains("value") && value["value"].is_number_integer()) names[value["value"].get<std::int64_t>()] = text(value, "name");
        const auto noData = text(_definition, "noData", "\x01"), fallback = text(_definition, "default");
        std::vector<std::string> out(_total);
        for (std::uint64_t i = 0; i < _total; ++i) {
            const auto value = integerAt(_bytes, i, *type);
            const auto found = names.find(value);
            out[i] = found == names.end() ? std::to_string(value) : found->second;
            if (out[i] == noData) out[i] = fallback;
        }
        return out;
    }

    const Document& _document;
    const Json& _definition;
    const Json& _values;
    const Json& _schema;
    std::uint32_t _count;
    std::uint32_t _components = 1;
    std::uint64_t _total = 0; // elements of all rows
    std::span<const std::byte> _bytes;
};

const Json* objectMember(const Json& object, const std::string& name) {
    const auto found = object.find(name);
    return found == object.end() || !found->is_object() ? nullptr : &*found;
}

/// A column of `kind` with `count` empty values.
PropertyColumn emptyLike(const PropertyColumn& kind, std::size_t count) {
    return std::visit(
        [count](const auto& values) -> PropertyColumn {
            using Values = std::decay_t<decltype(values)>;
            if constexpr (std::is_same_v<Values, model::ListColumn>) return std::vector<std::string>(count);
            else if constexpr (std::is_same_v<Values, std::vector<double>>) return Values(count, std::numeric_limits<double>::quiet_NaN());
            else return Values(count);
        },
        kind);
}

/// Integers beside doubles become doubles; otherwise kinds that differ become text.
PropertyColumn asText(const PropertyColumn& column, std::uint32_t count) {
    model::FeatureTable one;
    one.columns["x"] = column;
    std::vector<std::string> out(count);
    for (std::uint32_t i = 0; i < count; ++i) out[i] = model::propertyText(one, "x", i);
    return out;
}

} // namespace

std::map<std::string, PropertyColumn> readPropertyTable(const Document& document, const Json& table, const std::string& pointer, const Json& schema,
                                                        std::uint32_t count, core::Diagnostics& diagnostics) {
    std::map<std::string, PropertyColumn> columns;
    const auto* classes = objectMember(schema, "classes");
    const auto* definition = classes ? objectMember(*classes, text(table, "class")) : nullptr;
    const auto* definitions = definition ? objectMember(*definition, "properties") : nullptr;
    const auto* properties = objectMember(table, "properties");
    if (!definitions || !properties) return columns;
    for (const auto& [name, values] : properties->items()) {
        const auto* property = objectMember(*definitions, name);
        std::string reason = "class";
        std::optional<PropertyColumn> column;
        if (property && values.is_object()) column = Column(document, *property, values, schema, count).read(reason);
        if (column) columns.emplace(name, std::move(*column));
        else diagnostics.push_back({"W_GLTF_PROPERTY", {name, reason}, document.at(pointer + "/properties/" + name), {}});
    }
    return columns;
}

std::optional<std::uint32_t> FeatureRows::propertyTable(const Document& document, std::uint64_t index, const GltfOptions& options,
                                                        core::Diagnostics& diagnostics) {
    for (const auto& block : _blocks)
        if (block.table == index) return block.usable ? std::optional(block.first) : std::nullopt;
    Block block;
    block.table = index;
    block.usable = false;
    const std::string root = "/extensions/EXT_structural_metadata";
    const auto pointer = root + "/propertyTables/" + std::to_string(index);
    const auto* extensions = objectMember(document.json, "extensions");
    const auto* metadata = extensions ? objectMember(*extensions, "EXT_structural_metadata") : nullptr;
    const auto tables = metadata ? metadata->find("propertyTables") : Json::const_iterator{};
    if (!metadata || tables == metadata->end() || !tables->is_array() || index >= tables->size() || !(*tables)[index].is_object()) {
        diagnostics.push_back({"E_GLTF_REFERENCE", {std::to_string(index), "0"}, document.at(root), {}});
        _blocks.push_back(std::move(block));
        return std::nullopt;
    }
    const auto& table = (*tables)[index];
    const auto count = indexMember(table, "count");
    // A row takes at least a bit of some column; a table of more rows than the file has bits is not believed.
    std::uint64_t believable = document.parts.json.size() + 65536;
    for (const auto& buffer : document.buffers) believable += buffer.size() * 8;
    if (!count || *count == 0 || *count > std::min<std::uint64_t>(believable, 1u << 28)) {
        diagnostics.push_back({"E_GLTF_VALUE", {"count", "1 or more"}, document.at(pointer + "/count"), {}});
        _blocks.push_back(std::move(block));
        return std::nullopt;
    }
    Json fetched;
    const Json* schema = objectMember(*metadata, "schema");
    if (const auto uri = text(*metadata, "schemaUri"); !schema && !uri.empty() && options.resolve) {
        const auto bytes = options.resolve(uri);
        auto json = bytes ? core::parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, uri) : core::Result<Json>(tl::unexpected(bytes.error()));
        if (json) {
            fetched = std::move(*json);
            schema = &fetched;
        } else {
            diagnostics.push_back({"E_GLTF_EXTERNAL", {uri}, document.at(root + "/schemaUri"), std::make_shared<core::Error>(json.error())});
        }
    }
    block.usable = true;
    block.count = static_cast<std::uint32_t>(*count);
    block.first = _total;
    if (schema && schema->is_object()) block.columns = readPropertyTable(document, table, pointer, *schema, block.count, diagnostics);
    _total += block.count;
    _blocks.push_back(std::move(block));
    return _blocks.back().first;
}

std::uint32_t FeatureRows::rows(std::uint64_t table) const {
    for (const auto& block : _blocks)
        if (block.table == table) return block.count;
    return 0;
}

std::uint32_t FeatureRows::anonymous(std::uint32_t count) {
    _hasAnonymous = true;
    _anonymousCount = std::max(_anonymousCount, count);
    return 0x80000000u; // moved behind the tables' rows when all are known
}

model::FeatureTable FeatureRows::finish() && {
    model::FeatureTable out;
    out.count = _total + (_hasAnonymous ? _anonymousCount : 0);
    for (auto& block : _blocks) {
        for (auto& [name, column] : block.columns) {
            if (std::holds_alternative<model::ListColumn>(column)) {
                if (block.count == out.count) { // the only table
                    out.columns[name] = std::move(column);
                    continue;
                }
                column = asText(column, block.count);
            }
            auto found = out.columns.find(name);
            if (found == out.columns.end()) found = out.columns.emplace(name, emptyLike(column, out.count)).first;
            if (found->second.index() != column.index()) {
                found->second = asText(found->second, out.count);
                column = asText(column, block.count);
            }
            std::visit(
                [&](auto& values) {
                    using Values = std::decay_t<decltype(values)>;
                    if constexpr (!std::is_same_v<Values, model::ListColumn>) {
                        auto& source = std::get<Values>(column);
                        std::move(source.begin(), source.end(), values.begin() + block.first);
                    }
                },
                found->second);
        }
    }
    fillIds(out);
    return out;
}

void fillIds(model::FeatureTable& table) {
    const model::FeatureTable& read = table;
    std::string source;
    for (const char* name : {"id", "gml:id", "ID", "Id"})
        if (source.empty() && read.columns.contains(name)) source = name;
    table.ids.resize(table.count);
    for (std::uint32_t i = 0; i < table.count; ++i) {
        if (!source.empty()) table.ids[i] = model::propertyText(read, source, i);
        if (table.ids[i].empty()) table.ids[i] = std::to_string(i);
    }
}

} // namespace matou::decode
