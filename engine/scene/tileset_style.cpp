#include "scene/tileset_style.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/json.h"
#include "scene/style_functions.h"

namespace matou::scene {

using core::fail;
using core::Json;
using core::JsonCursor;
using core::Result;

namespace {

StyleValue fromJson(const Json& json, std::deque<std::vector<StyleValue>>& lists, std::deque<std::string>& texts) {
    if (json.is_number()) return StyleValue::ofNumber(json.get<double>());
    if (json.is_boolean()) return StyleValue::ofBoolean(json.get<bool>());
    if (json.is_null()) return StyleValue::ofNull();
    if (json.is_array()) { // lists within lists stay as their text
        std::vector<StyleValue> items;
        for (const auto& item : json) {
            if (item.is_number()) items.push_back(StyleValue::ofNumber(item.get<double>()));
            else if (item.is_boolean()) items.push_back(StyleValue::ofBoolean(item.get<bool>()));
            else items.push_back(StyleValue::ofText(texts.emplace_back(item.is_string() ? item.get<std::string>() : item.dump())));
        }
        lists.push_back(std::move(items));
        return {.kind = StyleValue::Kind::list, .items = lists.back()};
    }
    return StyleValue::ofText(texts.emplace_back(json.is_string() ? json.get<std::string>() : json.dump()));
}

StyleValue listValue(const model::ListColumn& list, std::uint32_t row, std::deque<std::vector<StyleValue>>& lists) {
    if (row >= list.size()) return {};
    const auto begin = list.begin(row), end = list.ends[row];
    return std::visit(
        [&](const auto& values) -> StyleValue {
            using Value = typename std::decay_t<decltype(values)>::value_type;
            const auto one = [&](std::uint32_t i) {
                if constexpr (std::is_same_v<Value, std::string>) return StyleValue::ofText(values[i]);
                else if constexpr (std::is_same_v<Value, std::uint8_t>) return StyleValue::ofBoolean(values[i] != 0);
                else return StyleValue::ofNumber(static_cast<double>(values[i]));
            };
            std::vector<StyleValue> items;
            for (auto i = begin; i < end; ++i) items.push_back(one(i));
            if (list.components >= 2 && list.components <= 4 && end - begin == list.components) {
                std::array<double, 4> numbers{};
                for (std::size_t i = 0; i < items.size(); ++i) numbers[i] = items[i].numbers[0];
                return StyleValue::ofVector({numbers.data(), list.components});
            }
            lists.push_back(std::move(items));
            return {.kind = StyleValue::Kind::list, .items = lists.back()};
        },
        list.values);
}

StyleValue columnValue(const model::PropertyColumn& column, std::uint32_t row, std::deque<std::vector<StyleValue>>& lists) {
    return std::visit(
        [&](const auto& values) -> StyleValue {
            using Values = std::decay_t<decltype(values)>;
            if constexpr (std::is_same_v<Values, model::ListColumn>) return listValue(values, row, lists);
            else if (row >= values.size()) return {};
            else if constexpr (std::is_same_v<Values, std::vector<std::string>>) return StyleValue::ofText(values[row]);
            else if constexpr (std::is_same_v<Values, std::vector<std::uint8_t>>) return StyleValue::ofBoolean(values[row] != 0);
            else if constexpr (std::is_same_v<Values, std::vector<double>>) return std::isnan(values[row]) ? StyleValue::ofNull() : StyleValue::ofNumber(values[row]);
            else return StyleValue::ofNumber(static_cast<double>(values[row]));
        },
        column);
}

/// One step of ".name", "['name']", "[3]" from `path`; empty where it is no such thing.
std::string_view nextMember(std::string_view& path) {
    if (path.starts_with('.')) {
        path.remove_prefix(1);
        const auto end = std::min(path.find_first_of(".["), path.size());
        const auto name = path.substr(0, end);
        path.remove_prefix(end);
        return name;
    }
    const auto close = path.starts_with('[') ? path.find(']') : std::string_view::npos;
    if (close == std::string_view::npos) return {};
    auto name = path.substr(1, close - 1);
    path.remove_prefix(close + 1);
    if (name.size() >= 2 && (name.front() == '\'' || name.front() == '"')) name = name.substr(1, name.size() - 2);
    return name;
}

} // namespace

StyleValue propertyValue(const model::FeatureTable& table, std::uint32_t row, std::string_view name, std::deque<std::vector<StyleValue>>& lists,
                         std::deque<std::string>& texts) {
    const auto column = [&](std::string_view wanted) { return table.columns.find(std::string(wanted)); };
    if (const auto found = column(name); found != table.columns.end()) return columnValue(found->second, row, lists);
    if (name.starts_with("feature.") || name.starts_with("feature[")) {
        auto rest = name.substr(7);
        const auto whole = rest.starts_with('.') ? rest.substr(1) : nextMember(rest);
        if (const auto found = column(whole); found != table.columns.end()) return columnValue(found->second, row, lists);
        if (name[7] == '.') name = whole;
    }
    auto rest = name;
    const auto base = name.substr(0, std::min(name.find_first_of(".["), name.size()));
    const auto found = column(base);
    if (found == table.columns.end() || base.size() == name.size()) return {};
    rest.remove_prefix(base.size());
    auto value = columnValue(found->second, row, lists);
    Json json;
    if (value.isText() && (value.text.starts_with('{') || value.text.starts_with('['))) {
        auto parsed = core::parseJson(value.text, "property");
        if (!parsed) return {};
        json = std::move(*parsed);
    }
    while (!rest.empty()) {
        const auto member = nextMember(rest);
        if (member.empty()) return {};
        std::size_t number = 0;
        const bool isNumber = std::from_chars(member.data(), member.data() + member.size(), number).ec == std::errc();
        if (json.is_object() && json.contains(std::string(member))) {
            Json below = json[std::string(member)];
            json = std::move(below);
        } else if (json.is_array() && isNumber && number < json.size()) {
            Json below = json[number];
            json = std::move(below);
        } else if (json.is_null()) {
            value = memberOf(value, isNumber ? StyleValue::ofNumber(static_cast<double>(number)) : StyleValue::ofText(member));
            continue;
        } else {
            return {};
        }
        value = fromJson(json, lists, texts);
    }
    return value;
}

Result<TilesetStyle::Conditions> TilesetStyle::conditionsOf(const JsonCursor& value, const StyleExpression::Defines& defines) {
    Conditions out;
    const auto& json = value.json();
    const auto expression = [&](const JsonCursor& cursor) -> Result<StyleExpression> {
        const auto& text = cursor.json();
        if (text.is_boolean()) return StyleExpression::constant(text.get<bool>());
        if (text.is_number()) return StyleExpression::compile(text.dump(), cursor.where(), defines);
        if (!text.is_string()) return fail("E_JSON_TYPE", cursor.where(), {"expression", "string", text.type_name()});
        return StyleExpression::compile(text.get<std::string>(), cursor.where(), defines);
    };
    if (!json.is_object()) {
        MATOU_TRY(only, expression(value));
        out.push_back({StyleExpression::constant(true), std::move(only)});
        return out;
    }
    MATOU_TRY(list, value.array("conditions"));
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto pair = list.at(i);
        if (!pair.json().is_array() || pair.size() != 2) return fail("E_JSON_TYPE", pair.where(), {"condition", "[string, string]", pair.json().type_name()});
        MATOU_TRY(when, expression(pair.at(0)));
        MATOU_TRY(then, expression(pair.at(1)));
        out.push_back({std::move(when), std::move(then)});
    }
    return out;
}

Result<TilesetStyle> TilesetStyle::parse(std::string_view text, const std::string& where) {
    MATOU_TRY(json, core::parseJson(text, where));
    const JsonCursor top(json, where);
    if (!json.is_object()) return fail("E_JSON_TYPE", top.where(), {"style", "object", json.type_name()});
    StyleExpression::Defines defines;
    if (top.has("defines")) {
        MATOU_TRY(list, top.object("defines"));
        for (const auto& [name, value] : list.json().items()) {
            MATOU_TRY(source, list.string(name));
            MATOU_TRY(compiled, StyleExpression::compile(source, where + "#/defines/" + name)); // a define knows no other
            defines.emplace(name, std::move(compiled));
        }
    }
    TilesetStyle out;
    if (top.has("show")) {
        MATOU_TRY(show, conditionsOf(*top.member("show"), defines));
        out._show = std::move(show);
    }
    if (top.has("color")) {
        MATOU_TRY(color, conditionsOf(*top.member("color"), defines));
        out._color = std::move(color);
    }
    if (top.has("pointSize")) MATOU_CHECK(conditionsOf(*top.member("pointSize"), defines)); // checked; points have one size
    if (top.has("meta")) {
        MATOU_TRY(list, top.object("meta"));
        for (const auto& [name, value] : list.json().items()) {
            MATOU_TRY(source, list.string(name));
            MATOU_TRY(compiled, StyleExpression::compile(source, where + "#/meta/" + name, defines));
            out._meta.emplace(name, std::move(compiled));
        }
    }
    return out;
}

StyleValue TilesetStyle::decide(const Conditions& conditions, const StyleProperties& properties, StyleEvaluator& evaluator) {
    for (const auto& condition : conditions)
        if (evaluator.evaluate(condition.when, properties).isTrue()) return evaluator.evaluate(condition.then, properties);
    return {};
}

StyledFeature TilesetStyle::apply(const model::FeatureTable& table, std::uint32_t row, StyleEvaluator& evaluator) const {
    std::deque<std::vector<StyleValue>> lists;
    std::deque<std::string> texts;
    const StyleProperties properties = [&](std::string_view name) { return propertyValue(table, row, name, lists, texts); };
    StyledFeature out;
    const auto show = decide(_show, properties, evaluator);
    if (show.kind == StyleValue::Kind::boolean) out.show = show.isTrue();
    const auto color = decide(_color, properties, evaluator);
    if (color.isVector() && color.components >= 3) {
        std::array<double, 4> rgba{0, 0, 0, 1};
        for (std::size_t i = 0; i < color.components; ++i) rgba[i] = std::isfinite(color.numbers[i]) ? std::clamp(color.numbers[i], 0.0, 1.0) : 0.0;
        out.color = rgba;
    }
    return out;
}

std::map<std::string, std::string> TilesetStyle::meta(const model::FeatureTable& table, std::uint32_t row, StyleEvaluator& evaluator) const {
    std::deque<std::vector<StyleValue>> lists;
    std::deque<std::string> texts;
    const StyleProperties properties = [&](std::string_view name) { return propertyValue(table, row, name, lists, texts); };
    std::map<std::string, std::string> out;
    for (const auto& [name, expression] : _meta) out[name] = styleText(evaluator.evaluate(expression, properties));
    return out;
}

} // namespace matou::scene
