#pragma once
// JSON reading with located errors. Small documents (configuration, payloads, metadata) go through here; tilesets, where
// speed counts, through simdjson in the module that needs it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/result.h"

namespace matou::core {

using Json = nlohmann::json;

struct JsonLimits {
    int depth = 64;
    std::size_t bytes = std::size_t{256} << 20;
};

/// Strict RFC 8259 (UTF-8 checked, no comments, no duplicate root). `where` names the source; errors carry
/// `WHERE:byte N` (E_JSON_SYNTAX), or E_JSON_DEPTH, E_JSON_SIZE. No recursion on input depth.
Result<Json> parseJson(std::string_view text, std::string_view where, JsonLimits limits = {});

/// A value with the place it stands at, so that every wrong type or missing member is one located error.
///     MATOU_TRY(height, cursor.number("height"));
class JsonCursor {
public:
    JsonCursor(const Json& value, std::string where, std::string pointer = "")
        : _value(&value), _where(std::move(where)), _pointer(std::move(pointer)) {}

    const Json& json() const { return *_value; }
    /// `FILE#/json/pointer`.
    std::string where() const { return _where + "#" + (_pointer.empty() ? "/" : _pointer); }
    bool has(std::string_view member) const { return _value->is_object() && _value->contains(member); }
    std::size_t size() const { return _value->size(); }

    /// Members. E_JSON_MISSING {member}; E_JSON_TYPE {member, expected, found}.
    Result<JsonCursor> member(std::string_view name) const;
    Result<JsonCursor> object(std::string_view name) const;
    Result<JsonCursor> array(std::string_view name) const;
    /// Array element.
    JsonCursor at(std::size_t index) const;

    Result<double> number(std::string_view name) const;
    Result<std::int64_t> integer(std::string_view name) const;
    Result<std::string> string(std::string_view name) const;
    Result<bool> boolean(std::string_view name) const;
    /// `fallback` where the member is absent; a present member of a wrong type is still an error.
    Result<double> numberOr(std::string_view name, double fallback) const;
    Result<std::string> stringOr(std::string_view name, std::string fallback) const;
    Result<bool> booleanOr(std::string_view name, bool fallback) const;
    /// Exactly `count` finite numbers (count 0: any number of them).
    Result<std::vector<double>> numbers(std::string_view name, std::size_t count = 0) const;

    Result<double> asNumber() const;
    Result<std::string> asString() const;

private:
    const Json* _value;
    std::string _where;
    std::string _pointer;
};

} // namespace matou::core
