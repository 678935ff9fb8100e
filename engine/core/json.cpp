#include "core/json.h"

#include <cmath>

#include <simdjson.h>

namespace matou::core {
namespace {

/// Counts nesting before the document is built, so that depth never costs stack or memory. Strings are skipped.
/// Returns the byte where the limit is passed, or npos.
std::size_t depthExceededAt(std::string_view text, int limit) {
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\') ++i;
            else if (c == '"') inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            if (++depth > limit) return i;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return std::string_view::npos;
}

/// "-0" as a whole number: the two readers give it different types.
bool hasNegativeZero(std::string_view text) {
    for (auto at = text.find("-0"); at != std::string_view::npos; at = text.find("-0", at + 2))
        if (at + 2 == text.size() || (text[at + 2] != '.' && text[at + 2] != 'e' && text[at + 2] != 'E')) return true;
    return false;
}

/// Documents up to here are read by simdjson, whose work space is some fourteen times their size.
constexpr std::size_t kQuickBytes = std::size_t{4} << 20;

using Element = simdjson::dom::element;

/// False for what has members of its own.
bool takeScalar(Element from, Json& into) {
    using Type = simdjson::dom::element_type;
    switch (from.type()) {
    case Type::ARRAY:
    case Type::OBJECT: return false;
    case Type::STRING: into = std::string(from.get_string().value_unsafe()); break;
    case Type::DOUBLE: into = from.get_double().value_unsafe(); break;
    case Type::UINT64: into = from.get_uint64().value_unsafe(); break;
    case Type::INT64:
        if (const auto value = from.get_int64().value_unsafe(); value < 0) into = value;
        else into = static_cast<std::uint64_t>(value);
        break;
    case Type::BOOL: into = from.get_bool().value_unsafe(); break;
    case Type::NULL_VALUE: break;
    }
    return true;
}

/// What simdjson takes becomes the same document in a third of the time or less. Nothing where it refuses, or where the two could differ
/// (a name twice in one object): then the slower reader judges, and says where.
std::optional<Json> parseQuickly(std::string_view text, int depth) {
    if (text.size() > kQuickBytes || hasNegativeZero(text)) return std::nullopt;
    simdjson::dom::parser parser;
    struct Open {
        Element from;
        Json* into;
    };
    std::vector<Open> open;
    Json out;
    const auto take = [&open](Element from, Json& into) {
        if (!takeScalar(from, into)) open.push_back({from, &into});
    };
    Element root;
    if (parser.allocate(text.size(), static_cast<std::size_t>(depth)) != simdjson::SUCCESS || parser.parse(text.data(), text.size(), true).get(root) != simdjson::SUCCESS)
        return std::nullopt;
    take(root, out);
    while (!open.empty()) {
        const auto [from, into] = open.back();
        open.pop_back();
        if (from.is_array()) {
            const simdjson::dom::array items = from.get_array().value_unsafe();
            *into = Json::array();
            auto& array = into->get_ref<Json::array_t&>();
            array.resize(static_cast<std::size_t>(std::distance(items.begin(), items.end())));
            auto at = array.begin();
            for (const auto item : items) take(item, *at++);
        } else {
            *into = Json::object();
            auto& object = into->get_ref<Json::object_t&>();
            for (const auto& [name, value] : simdjson::dom::object(from.get_object().value_unsafe())) {
                const auto [at, added] = object.try_emplace(std::string(name));
                if (!added) return std::nullopt;
                take(value, at->second);
            }
        }
    }
    return out;
}

std::string escapePointer(std::string_view name) {
    std::string result;
    for (const char c : name) {
        if (c == '~') result += "~0";
        else if (c == '/') result += "~1";
        else result += c;
    }
    return result;
}

} // namespace

Result<Json> parseJson(std::string_view text, std::string_view where, JsonLimits limits) {
    if (text.size() > limits.bytes) return fail("E_JSON_SIZE", std::string(where), {std::to_string(text.size()), std::to_string(limits.bytes)});
    if (auto quick = parseQuickly(text, limits.depth)) return std::move(*quick);
    if (const auto at = depthExceededAt(text, limits.depth); at != std::string_view::npos)
        return fail("E_JSON_DEPTH", std::string(where) + ":byte " + std::to_string(at), {std::to_string(limits.depth)});
    // The parser takes a NUL for the end; here it is a character that JSON does not have.
    if (const auto nul = text.find('\0'); nul != std::string_view::npos)
        return fail("E_JSON_SYNTAX", std::string(where) + ":byte " + std::to_string(nul), {});
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        return fail("E_JSON_SYNTAX", std::string(where) + ":byte " + std::to_string(error.byte ? error.byte - 1 : 0), {});
    } catch (const Json::exception& error) {
        // A number too large for a double: the parser quotes it and says no place.
        const std::string_view said(error.what());
        const auto from = said.find('\''), to = said.rfind('\'');
        const auto at = from == std::string_view::npos || to == from ? std::string_view::npos : text.find(said.substr(from + 1, to - from - 1));
        return fail("E_JSON_VALUE", std::string(where) + ":byte " + std::to_string(at == std::string_view::npos ? 0 : at), {error.what()});
    }
}

Result<JsonCursor> JsonCursor::member(std::string_view name) const {
    if (!_value->is_object()) return fail("E_JSON_TYPE", where(), {std::string(name), "object", _value->type_name()});
    const auto found = _value->find(name);
    if (found == _value->end()) return fail("E_JSON_MISSING", where(), {std::string(name)});
    return JsonCursor(*found, _where, _pointer + "/" + escapePointer(name));
}

JsonCursor JsonCursor::at(std::size_t index) const { return {(*_value)[index], _where, _pointer + "/" + std::to_string(index)}; }

namespace {

tl::unexpected<Error> wrongType(const JsonCursor& cursor, std::string_view name, const char* expected) {
    return fail("E_JSON_TYPE", cursor.where(), {std::string(name), expected, cursor.json().type_name()});
}

} // namespace

Result<JsonCursor> JsonCursor::object(std::string_view name) const {
    MATOU_TRY(found, member(name));
    if (!found.json().is_object()) return wrongType(found, name, "object");
    return found;
}
Result<JsonCursor> JsonCursor::array(std::string_view name) const {
    MATOU_TRY(found, member(name));
    if (!found.json().is_array()) return wrongType(found, name, "array");
    return found;
}
Result<double> JsonCursor::number(std::string_view name) const {
    MATOU_TRY(found, member(name));
    if (!found.json().is_number()) return wrongType(found, name, "number");
    return found.json().get<double>();
}
Result<std::int64_t> JsonCursor::integer(std::string_view name) const {
    MATOU_TRY(found, member(name));
    if (!found.json().is_number_integer()) return wrongType(found, name, "integer");
    if (found.json().is_number_unsigned() && found.json().get<std::uint64_t>() > std::uint64_t{INT64_MAX}) return wrongType(found, name, "integer");
    return found.json().get<std::int64_t>();
}
Result<std::string> JsonCursor::string(std::string_view name) const {
    MATOU_TRY(found, member(name));
    if (!found.json().is_string()) return wrongType(found, name, "string");
    return found.json().get<std::string>();
}
Result<bool> JsonCursor::boolean(std::string_view name) const {
    MATOU_TRY(found, member(name));
    if (!found.json().is_boolean()) return wrongType(found, name, "boolean");
    return found.json().get<bool>();
}
Result<double> JsonCursor::numberOr(std::string_view name, double fallback) const {
    return has(name) ? number(name) : Result<double>(fallback);
}
Result<std::string> JsonCursor::stringOr(std::string_view name, std::string fallback) const {
    return has(name) ? string(name) : Result<std::string>(std::move(fallback));
}
Result<bool> JsonCursor::booleanOr(std::string_view name, bool fallback) const {
    return has(name) ? boolean(name) : Result<bool>(fallback);
}

Result<std::vector<double>> JsonCursor::numbers(std::string_view name, std::size_t count) const {
    MATOU_TRY(found, array(name));
    if (count && found.size() != count)
        return fail("E_JSON_COUNT", found.where(), {std::string(name), std::to_string(count), std::to_string(found.size())});
    std::vector<double> values;
    values.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        MATOU_TRY(value, found.at(i).asNumber());
        values.push_back(value);
    }
    return values;
}

Result<double> JsonCursor::asNumber() const {
    if (!_value->is_number() || !std::isfinite(_value->get<double>())) return wrongType(*this, "", "number");
    return _value->get<double>();
}
Result<std::string> JsonCursor::asString() const {
    if (!_value->is_string()) return wrongType(*this, "", "string");
    return _value->get<std::string>();
}

} // namespace matou::core
