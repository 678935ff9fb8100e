#include "model/metadata_schema.h"

#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace matou::model {

using core::Diagnostics;
using core::Json;

namespace {

bool isIdentifier(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
    for (const char c : text)
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') return false;
    return true;
}

/// Semantics of the standard ("3D Metadata Semantic Reference"): type, component type ("" any), array, count (0: variable).
struct Semantic {
    std::string_view name, type, component;
    bool array = false;
    std::uint64_t count = 0;
};
constexpr std::array<Semantic, 31> kSemantics{{
    {"ID", "STRING", ""}, {"NAME", "STRING", ""}, {"DESCRIPTION", "STRING", ""}, {"ATTRIBUTION_IDS", "SCALAR", "", true}, {"ATTRIBUTION_STRINGS", "STRING", "", true},
    {"TILESET_FEATURE_ID_LABELS", "STRING", "", true}, {"TILESET_CRS_GEOCENTRIC", "STRING", ""}, {"TILESET_CRS_COORDINATE_EPOCH", "STRING", ""}, {"TILESET_CRS", "STRING", ""},
    {"TILE_BOUNDING_BOX", "SCALAR", "FLOAT", true, 12}, {"TILE_BOUNDING_REGION", "SCALAR", "FLOAT", true, 6}, {"TILE_BOUNDING_SPHERE", "SCALAR", "FLOAT", true, 4},
    {"TILE_BOUNDING_S2_CELL", "SCALAR", "UINT64"}, {"TILE_MINIMUM_HEIGHT", "SCALAR", "FLOAT"}, {"TILE_MAXIMUM_HEIGHT", "SCALAR", "FLOAT"},
    {"TILE_HORIZON_OCCLUSION_POINT", "VEC3", "FLOAT"}, {"TILE_GEOMETRIC_ERROR", "SCALAR", "FLOAT"}, {"TILE_REFINE", "SCALAR", "UINT8"}, {"TILE_TRANSFORM", "MAT4", "FLOAT"},
    {"CONTENT_BOUNDING_BOX", "SCALAR", "FLOAT", true, 12}, {"CONTENT_BOUNDING_REGION", "SCALAR", "FLOAT", true, 6}, {"CONTENT_BOUNDING_SPHERE", "SCALAR", "FLOAT", true, 4},
    {"CONTENT_BOUNDING_S2_CELL", "SCALAR", "UINT64"}, {"CONTENT_MINIMUM_HEIGHT", "SCALAR", "FLOAT"}, {"CONTENT_MAXIMUM_HEIGHT", "SCALAR", "FLOAT"},
    {"CONTENT_HORIZON_OCCLUSION_POINT", "VEC3", "FLOAT"}, {"CONTENT_URI", "STRING", ""}, {"CONTENT_GROUP_ID", "SCALAR", ""}, {"TILE_CONTENT_BOUNDING_BOX", "SCALAR", "FLOAT", true, 12},
    {"TILESET_ATTRIBUTION", "STRING", ""}, {"TILE_ATTRIBUTION", "STRING", ""},
}};

bool isIntegerType(std::string_view component) {
    const auto number = metadataNumberType(component);
    return number && !number->floating;
}

class Checker {
public:
    Checker(std::string where, Diagnostics& out) : _where(std::move(where)), _out(out) {}

    void type(const std::string& pointer, const std::string& member, const char* expected, const Json& found) {
        _out.push_back({"E_METADATA_TYPE", {member, expected, found.type_name()}, _where + "#" + pointer, {}});
    }
    void value(const std::string& pointer, const std::string& member, const std::string& expected) { _out.push_back({"E_METADATA_VALUE", {member, expected}, _where + "#" + pointer, {}}); }
    void missing(const std::string& pointer, const std::string& member) { _out.push_back({"E_METADATA_MISSING", {member}, _where + "#" + pointer, {}}); }
    void warn(const std::string& pointer, const std::string& semantic) { _out.push_back({"W_METADATA_SEMANTIC", {semantic}, _where + "#" + pointer, {}}); }

    /// The member where it is of that kind; a wrong kind is said.
    const Json* string(const Json& object, const std::string& pointer, const char* member) {
        const auto found = object.find(member);
        if (found == object.end()) return nullptr;
        if (found->is_string()) return &*found;
        type(pointer + "/" + member, member, "string", *found);
        return nullptr;
    }
    void describe(const Json& object, const std::string& pointer) {
        for (const char* member : {"name", "description"})
            if (const auto* text = string(object, pointer, member); text && std::string_view(member) == "name" && text->get_ref<const std::string&>().empty())
                value(pointer + "/name", "name", "1 …");
    }
    bool boolean(const Json& object, const std::string& pointer, const char* member) {
        const auto found = object.find(member);
        if (found == object.end()) return false;
        if (found->is_boolean()) return found->get<bool>();
        type(pointer + "/" + member, member, "boolean", *found);
        return false;
    }
    /// Nothing where it is absent or no whole number of at least `least`.
    std::optional<std::uint64_t> whole(const Json& object, const std::string& pointer, const char* member, double least, bool required = false) {
        const auto found = object.find(member);
        if (found == object.end()) {
            if (required) missing(pointer, member);
            return std::nullopt;
        }
        if (!found->is_number()) return type(pointer + "/" + member, member, "integer", *found), std::nullopt;
        const double number = found->get<double>();
        if (!(number >= least) || number > 9e15 || number != std::floor(number)) return value(pointer + "/" + member, member, std::to_string(static_cast<long>(least)) + " …"), std::nullopt;
        return static_cast<std::uint64_t>(number);
    }

    // ---- Schema --------------------------------------------------------------------------------------------------

    void schema(const Json& schema, const std::string& pointer) {
        if (!schema.is_object()) return type(pointer, "schema", "object", schema);
        if (const auto* id = string(schema, pointer, "id"); id && !isIdentifier(id->get_ref<const std::string&>())) value(pointer + "/id", "id", "[A-Za-z_][A-Za-z0-9_]*");
        describe(schema, pointer);
        string(schema, pointer, "version");
        const Json* enums = each(schema, pointer, "enums", [&](const Json& e, const std::string& here) { enumeration(e, here); });
        each(schema, pointer, "classes", [&](const Json& c, const std::string& here) { classOf(c, enums, here); });
    }

    template <typename Look>
    const Json* each(const Json& object, const std::string& pointer, const char* member, Look look) {
        const auto found = object.find(member);
        if (found == object.end()) return nullptr;
        const auto here = pointer + "/" + member;
        if (!found->is_object()) return type(here, member, "object", *found), nullptr;
        for (const auto& [name, item] : found->items()) {
            if (!isIdentifier(name)) value(here + "/" + name, name, "[A-Za-z_][A-Za-z0-9_]*");
            if (item.is_object()) look(item, here + "/" + name);
            else type(here + "/" + name, name, "object", item);
        }
        return &*found;
    }

    void enumeration(const Json& e, const std::string& pointer) {
        describe(e, pointer);
        const auto* typeName = string(e, pointer, "valueType");
        const std::string valueType = typeName ? typeName->get<std::string>() : "UINT16";
        const bool known = isIntegerType(valueType);
        if (!known) value(pointer + "/valueType", "valueType", "INT8 … UINT64");
        const auto values = e.find("values");
        if (values == e.end()) return missing(pointer, "values");
        if (!values->is_array()) return type(pointer + "/values", "values", "array", *values);
        if (values->empty()) value(pointer + "/values", "values", "1 …");
        std::set<std::string> names;
        std::set<double> numbers;
        for (std::size_t i = 0; i < values->size(); ++i) {
            const auto& entry = (*values)[i];
            const auto here = pointer + "/values/" + std::to_string(i);
            if (!entry.is_object()) {
                type(here, "values", "object", entry);
                continue;
            }
            if (!entry.contains("name")) missing(here, "name");
            if (const auto* name = string(entry, here, "name"); name && !names.insert(name->get<std::string>()).second) value(here + "/name", "name", "≠ " + name->get<std::string>());
            string(entry, here, "description");
            const auto number = entry.find("value");
            if (number == entry.end()) missing(here, "value");
            else if (!number->is_number_integer()) type(here + "/value", "value", "integer", *number);
            else {
                const double n = number->get<double>();
                if (!numbers.insert(n).second) value(here + "/value", "value", "≠ " + number->dump());
                const auto kind = metadataNumberType(valueType);
                if (known && (n < (kind->isSigned ? -std::pow(2.0, kind->bytes * 8 - 1) : 0.0) || n > std::pow(2.0, kind->bytes * 8 - (kind->isSigned ? 1 : 0)) - 1))
                    value(here + "/value", "value", valueType);
            }
        }
    }

    void classOf(const Json& c, const Json* enums, const std::string& pointer) {
        describe(c, pointer);
        const auto properties = c.find("properties");
        if (properties != c.end() && properties->is_object() && properties->empty()) value(pointer + "/properties", "properties", "1 …");
        std::set<std::string> semantics;
        each(c, pointer, "properties", [&](const Json& p, const std::string& here) {
            property(p, enums, here);
            if (p.contains("semantic") && p["semantic"].is_string() && !semantics.insert(p["semantic"].get<std::string>()).second)
                value(here + "/semantic", "semantic", "≠ " + p["semantic"].get<std::string>());
        });
    }

    void property(const Json& p, const Json* enums, const std::string& pointer) {
        describe(p, pointer);
        if (!p.contains("type")) return missing(pointer, "type");
        const auto* typeMember = string(p, pointer, "type");
        if (!typeMember) return;
        const auto kind = typeMember->get<std::string>();
        const bool numeric = metadataComponents(kind) > 0;
        if (!numeric && kind != "STRING" && kind != "BOOLEAN" && kind != "ENUM") return value(pointer + "/type", "type", "SCALAR, VEC2, …, STRING, BOOLEAN, ENUM");
        std::string component;
        if (const auto* member = string(p, pointer, "componentType")) {
            component = member->get<std::string>();
            if (!metadataNumberType(component)) value(pointer + "/componentType", "componentType", "INT8 … FLOAT64");
            else if (!numeric) value(pointer + "/componentType", "componentType", "- (" + kind + ")");
        } else if (numeric && !p.contains("componentType")) {
            missing(pointer, "componentType");
        }
        const Json* enumValues = nullptr;
        if (const auto* member = string(p, pointer, "enumType")) {
            const auto name = member->get<std::string>();
            if (kind != "ENUM") value(pointer + "/enumType", "enumType", "- (" + kind + ")");
            else if (!enums || !enums->contains(name)) value(pointer + "/enumType", "enumType", enums ? enumNames(*enums) : "-");
            else if ((*enums)[name].is_object() && (*enums)[name].contains("values")) enumValues = &(*enums)[name]["values"];
        } else if (kind == "ENUM" && !p.contains("enumType")) {
            missing(pointer, "enumType");
        }
        const bool array = boolean(p, pointer, "array");
        const std::uint64_t count = whole(p, pointer, "count", 2).value_or(0);
        if (count > 0 && !array) value(pointer + "/count", "count", "- (array)");
        const bool variable = array && count == 0;
        const bool normalized = boolean(p, pointer, "normalized");
        if (normalized && (!numeric || !isIntegerType(component))) value(pointer + "/normalized", "normalized", "INT8 … UINT64");
        const bool required = boolean(p, pointer, "required");
        const auto number = metadataNumberType(component);
        const bool scalable = numeric && number && (number->floating || normalized);
        for (const char* member : {"offset", "scale"}) {
            if (!p.contains(member)) continue;
            if (!scalable || variable) value(pointer + "/" + member, member, variable ? "- (array)" : "FLOAT32, FLOAT64, normalized");
            else shape(p[member], kind, count, nullptr, pointer + "/" + member, member);
        }
        for (const char* member : {"max", "min"}) {
            if (!p.contains(member)) continue;
            if (!numeric || variable) value(pointer + "/" + member, member, "SCALAR, VECn, MATn");
            else shape(p[member], kind, count, nullptr, pointer + "/" + member, member);
        }
        for (const char* member : {"noData", "default"}) {
            if (!p.contains(member)) continue;
            if (required) value(pointer + "/" + member, member, "- (required)");
            else if (kind == "BOOLEAN" && std::string_view(member) == "noData") value(pointer + "/" + member, member, "- (BOOLEAN)");
            else if (variable) items(p[member], kind, enumValues, pointer + "/" + member, member);
            else shape(p[member], kind, count, enumValues, pointer + "/" + member, member);
        }
        if (const auto* semantic = string(p, pointer, "semantic")) semanticFits(semantic->get<std::string>(), kind, component, array, count, normalized, pointer);
    }

    static std::string enumNames(const Json& enums) {
        std::string out;
        for (const auto& [name, e] : enums.items()) out += (out.empty() ? "" : ", ") + name;
        return out;
    }

    /// One element, or `count` of them where that is not 0.
    void shape(const Json& v, const std::string& kind, std::uint64_t count, const Json* enumValues, const std::string& pointer, const char* member) {
        if (count == 0) return element(v, kind, enumValues, pointer, member);
        if (!v.is_array()) return type(pointer, member, "array", v);
        if (v.size() != count) return value(pointer, member, std::to_string(count) + " ×");
        items(v, kind, enumValues, pointer, member);
    }
    void items(const Json& v, const std::string& kind, const Json* enumValues, const std::string& pointer, const char* member) {
        if (!v.is_array()) return type(pointer, member, "array", v);
        for (std::size_t i = 0; i < v.size(); ++i) element(v[i], kind, enumValues, pointer + "/" + std::to_string(i), member);
    }
    void element(const Json& v, const std::string& kind, const Json* enumValues, const std::string& pointer, const char* member) {
        const auto components = metadataComponents(kind);
        if (components == 1) {
            if (!v.is_number()) type(pointer, member, "number", v);
        } else if (components > 1) {
            if (!v.is_array()) return type(pointer, member, "array", v);
            if (v.size() != components) return value(pointer, member, std::to_string(components) + " ×");
            for (std::size_t i = 0; i < v.size(); ++i)
                if (!v[i].is_number()) type(pointer + "/" + std::to_string(i), member, "number", v[i]);
        } else if (kind == "BOOLEAN") {
            if (!v.is_boolean()) type(pointer, member, "boolean", v);
        } else {
            if (!v.is_string()) return type(pointer, member, "string", v);
            if (kind != "ENUM" || !enumValues || !enumValues->is_array()) return;
            for (const auto& entry : *enumValues)
                if (entry.is_object() && entry.contains("name") && entry["name"] == v) return;
            value(pointer, member, "enum");
        }
    }

    void semanticFits(const std::string& name, const std::string& kind, const std::string& component, bool array, std::uint64_t count, bool normalized,
                      const std::string& pointer) {
        const auto here = pointer + "/semantic";
        if (name.empty()) return value(here, "semantic", "1 …");
        for (const auto& known : kSemantics) {
            if (known.name != name) continue;
            const auto number = metadataNumberType(component);
            const bool componentFits = known.component.empty() || known.component == component || (known.component == "FLOAT" && number && number->floating);
            if (kind != known.type || !componentFits || array != known.array || (known.count && count != known.count) || normalized)
                value(here, name, std::string(known.type) + " " + std::string(known.component) + (known.array ? "[" + std::to_string(known.count) + "]" : ""));
            return;
        }
        warn(here, name);
    }

    // ---- Entities and tables -------------------------------------------------------------------------------------

    static const Json* classNamed(const Json* schema, const std::string& name) {
        if (!schema || !schema->is_object() || !schema->contains("classes") || !(*schema)["classes"].is_object()) return nullptr;
        const auto& classes = (*schema)["classes"];
        return classes.contains(name) && classes[name].is_object() ? &classes[name] : nullptr;
    }
    static const Json& propertiesOf(const Json& definition) {
        static const Json none = Json::object();
        return definition.contains("properties") && definition["properties"].is_object() ? definition["properties"] : none;
    }

    void entity(const Json& e, const Json* schema, const std::string& pointer) {
        if (!e.is_object()) return type(pointer, "metadata", "object", e);
        if (!e.contains("class")) return missing(pointer, "class");
        const auto* name = string(e, pointer, "class");
        if (!name) return;
        if (!schema) return value(pointer, "schema", "-");
        const auto* definition = classNamed(schema, name->get<std::string>());
        if (!definition) return value(pointer + "/class", "class", "schema");
        const auto& known = propertiesOf(*definition);
        static const Json none = Json::object();
        const Json& given = e.contains("properties") && e["properties"].is_object() ? e["properties"] : none;
        for (const auto& [property, v] : known.items())
            if (property.size() && v.is_object() && v.contains("required") && v["required"] == true && !given.contains(property)) missing(pointer + "/properties", property);
        const Json* enums = schema->contains("enums") ? &(*schema)["enums"] : nullptr;
        for (const auto& [property, v] : given.items()) {
            const auto here = pointer + "/properties/" + property;
            if (!known.contains(property)) {
                value(here, property, "class");
                continue;
            }
            entityValue(known[property], v, enums, here, property);
        }
    }

    void entityValue(const Json& definition, const Json& v, const Json* enums, const std::string& pointer, const std::string& name) {
        if (!definition.is_object() || !definition.contains("type") || !definition["type"].is_string()) return;
        const auto kind = definition["type"].get<std::string>();
        const Json* enumValues = nullptr;
        if (enums && definition.contains("enumType") && definition["enumType"].is_string() && enums->contains(definition["enumType"].get<std::string>())) {
            const auto& e = (*enums)[definition["enumType"].get<std::string>()];
            if (e.is_object() && e.contains("values")) enumValues = &e["values"];
        }
        const bool array = definition.contains("array") && definition["array"] == true;
        const std::uint64_t count = array && definition.contains("count") && definition["count"].is_number_unsigned() ? definition["count"].get<std::uint64_t>() : 0;
        if (array && count == 0) items(v, kind, enumValues, pointer, name.c_str());
        else shape(v, kind, count, enumValues, pointer, name.c_str());
        if (array || kind != "SCALAR" || !v.is_number()) return;
        const auto number = [&](const char* member, double fallback) { return definition.contains(member) && definition[member].is_number() ? definition[member].get<double>() : fallback; };
        double x = v.get<double>();
        if (definition.contains("normalized") && definition["normalized"] == true)
            if (const auto type = metadataNumberType(definition.value("componentType", ""))) x /= std::pow(2.0, type->bytes * 8 - (type->isSigned ? 1 : 0)) - 1;
        x = x * number("scale", 1) + number("offset", 0);
        const double low = number("min", -INFINITY), high = number("max", INFINITY);
        if (x < low - 1e-9 * std::abs(low) || x > high + 1e-9 * std::abs(high)) value(pointer, name, "min … max");
    }

    void table(const Json& t, const Json* schema, std::size_t views, const std::string& pointer) {
        if (!t.is_object()) return type(pointer, "propertyTables", "object", t);
        if (!t.contains("class")) missing(pointer, "class");
        const auto* name = string(t, pointer, "class");
        whole(t, pointer, "count", 1, true);
        if (!name) return;
        const auto* definition = classNamed(schema, name->get<std::string>());
        if (schema && !definition) return value(pointer + "/class", "class", "schema");
        const auto properties = t.find("properties");
        if (properties == t.end()) return;
        if (!properties->is_object()) return type(pointer + "/properties", "properties", "object", *properties);
        if (properties->empty()) value(pointer + "/properties", "properties", "1 …");
        for (const auto& [property, p] : properties->items()) {
            const auto here = pointer + "/properties/" + property;
            if (!p.is_object()) {
                type(here, property, "object", p);
                continue;
            }
            const Json* known = definition && propertiesOf(*definition).contains(property) ? &propertiesOf(*definition)[property] : nullptr;
            if (definition && !known) value(here, property, "class");
            const bool array = known && known->contains("array") && (*known)["array"] == true, variable = array && !known->contains("count");
            for (const char* member : {"values", "arrayOffsets", "stringOffsets"}) {
                const auto index = whole(p, here, member, 0, std::string_view(member) == "values");
                if (index && *index >= views) value(here + "/" + member, member, "0 … " + std::to_string(views) + " - 1");
            }
            for (const char* member : {"arrayOffsetType", "stringOffsetType"})
                if (const auto* word = string(p, here, member)) {
                    const auto number = metadataNumberType(word->get<std::string>());
                    if (!number || number->floating || number->isSigned) value(here + "/" + member, member, "UINT8 … UINT64");
                }
            if (known && (*known).value("type", "") == "STRING" && !p.contains("stringOffsets")) missing(here, "stringOffsets");
            if (variable && !p.contains("arrayOffsets")) missing(here, "arrayOffsets");
            for (const char* member : {"min", "max", "offset", "scale"})
                if (variable && p.contains(member)) value(here + "/" + member, member, "- (array)");
        }
    }

    void tables(const Json& document, const Json* schema) {
        const auto list = document.find("propertyTables");
        if (list == document.end()) return;
        if (!list->is_array()) return type("/propertyTables", "propertyTables", "array", *list);
        const auto views = document.find("bufferViews");
        for (std::size_t i = 0; i < list->size(); ++i)
            table((*list)[i], schema, views != document.end() && views->is_array() ? views->size() : 0, "/propertyTables/" + std::to_string(i));
    }

    void buffers(const Json& document) {
        std::vector<std::uint64_t> sizes;
        for (const char* name : {"buffers", "bufferViews"}) {
            const auto list = document.find(name);
            if (list == document.end()) continue;
            const auto here = "/" + std::string(name);
            if (!list->is_array()) {
                type(here, name, "array", *list);
                continue;
            }
            if (list->empty()) value(here, name, "1 …");
            for (std::size_t i = 0; i < list->size(); ++i) {
                const auto& entry = (*list)[i];
                const auto at = here + "/" + std::to_string(i);
                if (!entry.is_object()) {
                    type(at, name, "object", entry);
                    continue;
                }
                describe(entry, at);
                const auto length = whole(entry, at, "byteLength", 1, true);
                if (std::string_view(name) == "buffers") {
                    sizes.push_back(length.value_or(0));
                    if (!entry.contains("uri")) missing(at, "uri");
                    string(entry, at, "uri");
                    continue;
                }
                const auto buffer = whole(entry, at, "buffer", 0, true), offset = whole(entry, at, "byteOffset", 0, true);
                if (buffer && *buffer >= sizes.size()) value(at + "/buffer", "buffer", "0 … " + std::to_string(sizes.size()) + " - 1");
                else if (buffer && offset && length && (*offset > sizes[*buffer] || *length > sizes[*buffer] - *offset)) value(at + "/byteLength", "byteLength", "≤ " + std::to_string(sizes[*buffer]));
            }
        }
    }

private:
    std::string _where;
    Diagnostics& _out;
};

} // namespace

std::optional<MetadataNumberType> metadataNumberType(std::string_view name) {
    if (name == "INT8") return MetadataNumberType{1, false, true};
    if (name == "UINT8") return MetadataNumberType{1, false, false};
    if (name == "INT16") return MetadataNumberType{2, false, true};
    if (name == "UINT16") return MetadataNumberType{2, false, false};
    if (name == "INT32") return MetadataNumberType{4, false, true};
    if (name == "UINT32") return MetadataNumberType{4, false, false};
    if (name == "INT64") return MetadataNumberType{8, false, true};
    if (name == "UINT64") return MetadataNumberType{8, false, false};
    if (name == "FLOAT32") return MetadataNumberType{4, true, true};
    if (name == "FLOAT64") return MetadataNumberType{8, true, true};
    return std::nullopt;
}

std::uint32_t metadataComponents(std::string_view type) {
    if (type == "SCALAR") return 1;
    if (type == "VEC2") return 2;
    if (type == "VEC3") return 3;
    if (type == "VEC4" || type == "MAT2") return 4;
    if (type == "MAT3") return 9;
    if (type == "MAT4") return 16;
    return 0;
}

Diagnostics checkMetadataSchema(const Json& schema, const std::string& where, const std::string& pointer) {
    Diagnostics out;
    Checker(where, out).schema(schema, pointer);
    return out;
}
Diagnostics checkMetadataEntity(const Json& entity, const Json* schema, const std::string& where, const std::string& pointer) {
    Diagnostics out;
    Checker(where, out).entity(entity, schema, pointer);
    return out;
}
Diagnostics checkPropertyTables(const Json& document, const Json* schema, const std::string& where) {
    Diagnostics out;
    Checker(where, out).tables(document, schema);
    return out;
}
Diagnostics checkMetadataBuffers(const Json& document, const std::string& where) {
    Diagnostics out;
    Checker(where, out).buffers(document);
    return out;
}

} // namespace matou::model
