#include "scene/style_functions.h"

#include "scene/css_names.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace matou::scene {

using Kind = StyleValue::Kind;

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr std::size_t kRegexTextLimit = 4096;

StyleValue vectorOf(std::initializer_list<double> values) { return StyleValue::ofVector({values.begin(), values.size()}); }

/// Numbers and vectors, component by component.
template <typename Apply>
StyleValue mapped(const StyleValue& value, Apply apply) {
    if (!value.isNumber() && !value.isVector()) return {};
    auto out = value;
    for (int i = 0; i < (value.isNumber() ? 1 : value.components); ++i) out.numbers[static_cast<std::size_t>(i)] = apply(value.numbers[static_cast<std::size_t>(i)]);
    return out;
}
/// Two of one kind; where `spread`, a number on the right goes with every component.
template <typename Apply>
StyleValue mapped(const StyleValue& a, const StyleValue& b, bool spread, Apply apply) {
    if (a.isNumber() && b.isNumber()) return StyleValue::ofNumber(apply(a.numbers[0], b.numbers[0]));
    const bool same = a.isVector() && b.isVector() && a.components == b.components;
    if (!same && !(spread && a.isVector() && b.isNumber())) return {};
    auto out = a;
    for (std::size_t i = 0; i < a.components; ++i) out.numbers[i] = apply(a.numbers[i], same ? b.numbers[i] : b.numbers[0]);
    return out;
}

double dotOf(const StyleValue& a, const StyleValue& b) {
    double sum = 0;
    for (std::size_t i = 0; i < (a.isNumber() ? 1u : a.components); ++i) sum += a.numbers[i] * b.numbers[i];
    return sum;
}

bool same(const StyleValue& a, const StyleValue& b) {
    if (a.kind != b.kind) return false;
    switch (a.kind) {
    case Kind::undefined:
    case Kind::null: return true;
    case Kind::boolean:
    case Kind::number: return a.numbers[0] == b.numbers[0];
    case Kind::text: return a.text == b.text;
    case Kind::vector:
        for (std::size_t i = 0; i < a.components; ++i)
            if (a.numbers[i] != b.numbers[i]) return false;
        return a.components == b.components;
    case Kind::list: return a.items.data() == b.items.data() && a.items.size() == b.items.size();
    case Kind::regex: return a.pattern == b.pattern;
    }
    return false;
}

StyleValue keptText(std::string text, StyleTexts& texts) {
    texts.push_back(std::move(text));
    return StyleValue::ofText(texts.back());
}

double numberOf(const StyleValue& value) {
    switch (value.kind) {
    case Kind::number:
    case Kind::boolean: return value.numbers[0];
    case Kind::null: return 0;
    case Kind::text: {
        auto text = value.text;
        while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
        while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
        if (text.empty()) return 0;
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        return error == std::errc() && end == text.data() + text.size() ? number : std::numeric_limits<double>::quiet_NaN();
    }
    default: return std::numeric_limits<double>::quiet_NaN();
    }
}

std::array<double, 4> rgbOfHsl(double hue, double saturation, double lightness, double alpha) {
    hue -= std::floor(hue);
    const double c = (1 - std::abs(2 * lightness - 1)) * saturation, m = lightness - c / 2;
    const auto channel = [&](double shift) {
        double h = hue + shift;
        h -= std::floor(h);
        const double x = h < 1.0 / 6 ? 6 * h : h < 0.5 ? 1 : h < 2.0 / 3 ? (2.0 / 3 - h) * 6 : 0;
        return m + c * x;
    };
    return {channel(1.0 / 3), channel(0), channel(-1.0 / 3), alpha};
}

std::optional<double> hexDigits(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return text.size() == 1 ? value * 17 / 255.0 : value / 255.0;
}

/// "rgb(1, 2, 3)", "hsla(120, 50%, 50%, 0.5)".
std::optional<std::array<double, 4>> functional(std::string_view text) {
    const auto open = text.find('(');
    if (open == std::string_view::npos || text.back() != ')') return std::nullopt;
    const auto name = text.substr(0, open);
    std::array<double, 4> numbers{0, 0, 0, 1};
    std::size_t count = 0;
    std::string_view rest = text.substr(open + 1, text.size() - open - 2);
    while (!rest.empty() && count < 4) {
        const auto comma = std::min(rest.find(','), rest.size());
        auto part = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
        double value = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        if (error != std::errc()) return std::nullopt;
        if (end != part.data() + part.size() && *end == '%') value /= name.starts_with("rgb") ? 100.0 / 255.0 : 100.0;
        numbers[count++] = value;
    }
    if (!rest.empty() || count < 3) return std::nullopt;
    if (name == "rgb" || name == "rgba") return std::array{numbers[0] / 255, numbers[1] / 255, numbers[2] / 255, numbers[3]};
    if (name == "hsl" || name == "hsla") return rgbOfHsl(numbers[0] / 360, numbers[1], numbers[2], numbers[3]);
    return std::nullopt;
}

StyleValue colorOf(std::span<const StyleValue> a) {
    if (a.empty()) return vectorOf({1, 1, 1, 1});
    if (!a[0].isText()) return {};
    const auto color = cssColor(a[0].text);
    if (!color) return {};
    if (a.size() > 1 && !a[1].isNumber()) return {};
    return vectorOf({(*color)[0], (*color)[1], (*color)[2], a.size() > 1 ? a[1].numbers[0] : (*color)[3]});
}

/// Components from numbers and vectors one behind another; one number alone goes everywhere.
StyleValue vectorFrom(std::span<const StyleValue> a, std::size_t components) {
    std::array<double, 4> out{};
    std::size_t count = 0;
    for (const auto& value : a) {
        if (!value.isNumber() && !value.isVector()) return {};
        const std::size_t parts = value.isNumber() ? 1 : value.components;
        if (a.size() == 1 && value.isVector() && parts < components) return {};
        for (std::size_t i = 0; i < parts; ++i) {
            if (count == components) {
                if (a.size() == 1) break; // of a longer vector: its first ones
                return {};
            }
            out[count++] = value.numbers[i];
        }
    }
    if (a.size() == 1 && count == 1) out.fill(out[0]), count = components;
    if (a.empty()) count = components;
    return count == components ? StyleValue::ofVector({out.data(), components}) : StyleValue();
}

StyleValue matched(const StyleValue& pattern, const StyleValue& subject) {
    const auto& regex = pattern.kind == Kind::regex ? pattern : subject;
    const auto& text = pattern.kind == Kind::regex ? subject : pattern;
    if (regex.kind != Kind::regex || !text.isText() || text.text.size() > kRegexTextLimit) return StyleValue::ofBoolean(false);
    return StyleValue::ofBoolean(std::regex_search(text.text.begin(), text.text.end(), regex.pattern->pattern));
}

StyleValue captured(const StyleValue& regex, const StyleValue& text) {
    if (regex.kind != Kind::regex || !text.isText() || text.text.size() > kRegexTextLimit) return StyleValue::ofNull();
    std::match_results<std::string_view::const_iterator> found;
    if (!std::regex_search(text.text.begin(), text.text.end(), found, regex.pattern->pattern) || found.size() < 2 || !found[1].matched) return StyleValue::ofNull();
    return StyleValue::ofText(text.text.substr(static_cast<std::size_t>(found.position(1)), static_cast<std::size_t>(found.length(1))));
}

StyleValue compared(StyleOperator operation, const StyleValue& a, const StyleValue& b) {
    if (!a.isNumber() || !b.isNumber()) return {};
    const double x = a.numbers[0], y = b.numbers[0];
    switch (operation) {
    case StyleOperator::less: return StyleValue::ofBoolean(x < y);
    case StyleOperator::greater: return StyleValue::ofBoolean(x > y);
    case StyleOperator::lessEqual: return StyleValue::ofBoolean(x <= y);
    default: return StyleValue::ofBoolean(x >= y);
    }
}

StyleValue logical(bool isAnd, const StyleValue& a, const StyleValue& b) {
    if (a.kind != Kind::boolean) return {};
    if (a.isTrue() != isAnd) return a; // decided by the left one alone
    return b.kind == Kind::boolean ? b : StyleValue();
}

} // namespace

std::shared_ptr<const StyleRegex> compileRegex(std::string_view pattern, std::string_view flags) {
    if (pattern.size() > 256 || flags.find_first_not_of("igmuy") != std::string_view::npos) return nullptr;
    try {
        auto mode = std::regex::ECMAScript | std::regex_constants::__polynomial;
        if (flags.find('i') != std::string_view::npos) mode |= std::regex::icase;
        return std::make_shared<const StyleRegex>(StyleRegex{std::regex(pattern.begin(), pattern.end(), mode)});
    } catch (const std::regex_error&) {
        return nullptr;
    }
}

std::optional<std::array<double, 4>> cssColor(std::string_view given) {
    std::string text(given);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    if (text.starts_with('#')) {
        const auto digits = std::string_view(text).substr(1);
        const std::size_t each = digits.size() == 3 || digits.size() == 4 ? 1 : digits.size() == 6 || digits.size() == 8 ? 2 : 0;
        std::array<double, 4> out{0, 0, 0, 1};
        for (std::size_t i = 0; each && i < digits.size() / each; ++i) {
            const auto value = hexDigits(digits.substr(i * each, each));
            if (!value) return std::nullopt;
            out[i] = *value;
        }
        return each ? std::optional(out) : std::nullopt;
    }
    if (text == "transparent") return std::array{0.0, 0.0, 0.0, 0.0};
    const auto found = std::lower_bound(kCssNames.begin(), kCssNames.end(), std::string_view(text), [](const auto& entry, std::string_view name) { return entry.first < name; });
    if (found != kCssNames.end() && found->first == text)
        return std::array{(found->second >> 16 & 255) / 255.0, (found->second >> 8 & 255) / 255.0, (found->second & 255) / 255.0, 1.0};
    return functional(text);
}

std::optional<StyleFunction> functionNamed(std::string_view name) {
    using F = StyleFunction;
    constexpr std::array<std::pair<std::string_view, F>, 47> names{{
        {"abs", F::abs}, {"sqrt", F::sqrt}, {"cos", F::cos}, {"sin", F::sin}, {"tan", F::tan}, {"acos", F::acos}, {"asin", F::asin}, {"atan", F::atan},
        {"atan2", F::atan2}, {"radians", F::radians}, {"degrees", F::degrees}, {"sign", F::sign}, {"floor", F::floor}, {"ceil", F::ceil}, {"round", F::round},
        {"exp", F::exp}, {"log", F::log}, {"exp2", F::exp2}, {"log2", F::log2}, {"fract", F::fract}, {"pow", F::pow}, {"min", F::min}, {"max", F::max},
        {"clamp", F::clamp}, {"mix", F::mix}, {"length", F::length}, {"distance", F::distance}, {"normalize", F::normalize}, {"dot", F::dot}, {"cross", F::cross},
        {"color", F::color}, {"rgb", F::rgb}, {"rgba", F::rgba}, {"hsl", F::hsl}, {"hsla", F::hsla}, {"vec2", F::vec2}, {"vec3", F::vec3}, {"vec4", F::vec4},
        {"regExp", F::regExp}, {"Boolean", F::boolean}, {"Number", F::number}, {"String", F::string}, {"isNaN", F::isNaN}, {"isFinite", F::isFinite},
        {"isExactClass", F::isExactClass}, {"isClass", F::isClass}, {"getExactClassName", F::getExactClassName},
    }};
    for (const auto& [known, function] : names)
        if (known == name) return function;
    return std::nullopt;
}

std::optional<StyleFunction> methodNamed(std::string_view name) {
    if (name == "test") return StyleFunction::test;
    if (name == "exec") return StyleFunction::exec;
    if (name == "toString") return StyleFunction::toString;
    return std::nullopt;
}

bool argumentsFit(StyleFunction function, std::size_t count) {
    using F = StyleFunction;
    switch (function) {
    case F::atan2: case F::pow: case F::min: case F::max: case F::distance: case F::dot: case F::cross: case F::test: case F::exec: return count == 2;
    case F::clamp: case F::mix: case F::rgb: case F::hsl: return count == 3;
    case F::rgba: case F::hsla: return count == 4;
    case F::color: return count <= 2;
    case F::regExp: return count == 1 || count == 2;
    case F::vec2: case F::vec3: case F::vec4: return count <= 4;
    case F::boolean: case F::number: case F::string: case F::isNaN: case F::isFinite: return count <= 1;
    case F::getExactClassName: return count == 0;
    default: return count == 1;
    }
}

StyleValue applied(StyleOperator operation, const StyleValue& a, const StyleValue& b, StyleTexts& texts) {
    using O = StyleOperator;
    switch (operation) {
    case O::logicalOr: return logical(false, a, b);
    case O::logicalAnd: return logical(true, a, b);
    case O::equal: return StyleValue::ofBoolean(same(a, b));
    case O::notEqual: return StyleValue::ofBoolean(!same(a, b));
    case O::less:
    case O::greater:
    case O::lessEqual:
    case O::greaterEqual: return compared(operation, a, b);
    case O::add:
        if (a.isText() || b.isText()) return keptText(styleText(a) + styleText(b), texts);
        return mapped(a, b, false, [](double x, double y) { return x + y; });
    case O::subtract: return mapped(a, b, false, [](double x, double y) { return x - y; });
    case O::multiply:
        if (a.isNumber() && b.isVector()) return mapped(b, a, true, [](double x, double y) { return x * y; });
        return mapped(a, b, true, [](double x, double y) { return x * y; });
    case O::divide: return mapped(a, b, true, [](double x, double y) { return x / y; });
    case O::remainder: return mapped(a, b, true, [](double x, double y) { return std::fmod(x, y); });
    case O::matches: return matched(a, b);
    case O::matchesNot: return StyleValue::ofBoolean(!matched(a, b).isTrue());
    case O::negate: return mapped(a, [](double x) { return -x; });
    case O::plus: return a.isNumber() || a.isVector() ? a : StyleValue();
    case O::logicalNot: return a.kind == Kind::boolean ? StyleValue::ofBoolean(!a.isTrue()) : StyleValue();
    }
    return {};
}

StyleValue applied(StyleFunction function, std::span<const StyleValue> a, StyleTexts& texts) {
    using F = StyleFunction;
    const auto one = [&](auto apply) { return mapped(a[0], apply); };
    switch (function) {
    case F::abs: return one([](double x) { return std::abs(x); });
    case F::sqrt: return one([](double x) { return std::sqrt(x); });
    case F::cos: return one([](double x) { return std::cos(x); });
    case F::sin: return one([](double x) { return std::sin(x); });
    case F::tan: return one([](double x) { return std::tan(x); });
    case F::acos: return one([](double x) { return std::acos(x); });
    case F::asin: return one([](double x) { return std::asin(x); });
    case F::atan: return one([](double x) { return std::atan(x); });
    case F::radians: return one([](double x) { return x * kPi / 180; });
    case F::degrees: return one([](double x) { return x * 180 / kPi; });
    case F::sign: return one([](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; });
    case F::floor: return one([](double x) { return std::floor(x); });
    case F::ceil: return one([](double x) { return std::ceil(x); });
    case F::round: return one([](double x) { return std::floor(x + 0.5); });
    case F::exp: return one([](double x) { return std::exp(x); });
    case F::log: return one([](double x) { return std::log(x); });
    case F::exp2: return one([](double x) { return std::exp2(x); });
    case F::log2: return one([](double x) { return std::log2(x); });
    case F::fract: return one([](double x) { return x - std::floor(x); });
    case F::atan2: return mapped(a[0], a[1], false, [](double y, double x) { return std::atan2(y, x); });
    case F::pow: return mapped(a[0], a[1], false, [](double x, double y) { return std::pow(x, y); });
    case F::min: return mapped(a[0], a[1], true, [](double x, double y) { return std::min(x, y); });
    case F::max: return mapped(a[0], a[1], true, [](double x, double y) { return std::max(x, y); });
    case F::clamp:
        return mapped(mapped(a[0], a[1], true, [](double x, double low) { return std::max(x, low); }), a[2], true, [](double x, double high) { return std::min(x, high); });
    case F::mix: {
        const auto difference = mapped(a[1], a[0], false, [](double y, double x) { return y - x; });
        const auto part = mapped(difference, a[2], true, [](double d, double t) { return d * t; });
        return mapped(a[0], part, false, [](double x, double d) { return x + d; });
    }
    case F::length: return a[0].isNumber() || a[0].isVector() ? StyleValue::ofNumber(std::sqrt(dotOf(a[0], a[0]))) : StyleValue();
    case F::distance: {
        const auto difference = mapped(a[0], a[1], false, [](double x, double y) { return x - y; });
        return difference.isNumber() || difference.isVector() ? StyleValue::ofNumber(std::sqrt(dotOf(difference, difference))) : StyleValue();
    }
    case F::normalize: {
        const double length = a[0].isNumber() || a[0].isVector() ? std::sqrt(dotOf(a[0], a[0])) : 0;
        return length > 0 ? one([length](double x) { return x / length; }) : StyleValue();
    }
    case F::dot: return a[0].kind == a[1].kind && a[0].components == a[1].components && (a[0].isNumber() || a[0].isVector()) ? StyleValue::ofNumber(dotOf(a[0], a[1])) : StyleValue();
    case F::cross: {
        if (a[0].components != 3 || a[1].components != 3) return {};
        const auto &x = a[0].numbers, &y = a[1].numbers;
        return vectorOf({x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]});
    }
    case F::color: return colorOf(a);
    case F::rgb:
    case F::rgba:
    case F::hsl:
    case F::hsla: {
        for (const auto& value : a)
            if (!value.isNumber()) return {};
        const double alpha = a.size() == 4 ? a[3].numbers[0] : 1.0;
        if (function == F::rgb || function == F::rgba) return vectorOf({a[0].numbers[0] / 255, a[1].numbers[0] / 255, a[2].numbers[0] / 255, alpha});
        const auto color = rgbOfHsl(a[0].numbers[0], a[1].numbers[0], a[2].numbers[0], alpha);
        return StyleValue::ofVector(color);
    }
    case F::vec2: return vectorFrom(a, 2);
    case F::vec3: return vectorFrom(a, 3);
    case F::vec4: return vectorFrom(a, 4);
    case F::boolean: return StyleValue::ofBoolean(!a.empty() && truthy(a[0]));
    case F::number: return StyleValue::ofNumber(a.empty() ? 0 : numberOf(a[0]));
    case F::string: return keptText(a.empty() ? "" : styleText(a[0]), texts);
    case F::toString: return keptText(styleText(a[0]), texts);
    case F::isNaN: return StyleValue::ofBoolean(a.empty() || std::isnan(numberOf(a[0])));
    case F::isFinite: return StyleValue::ofBoolean(!a.empty() && std::isfinite(numberOf(a[0])));
    case F::test: return matched(a[0], a[1]);
    case F::exec: return captured(a[0], a[1]);
    case F::isExactClass:
    case F::isClass: return StyleValue::ofBoolean(false); // a flattened hierarchy keeps no classes
    case F::getExactClassName:
    case F::regExp: return {}; // patterns are made by the evaluator, which keeps them
    }
    return {};
}

StyleValue memberOf(const StyleValue& value, const StyleValue& member) {
    if (value.isVector()) {
        std::size_t index = 4;
        if (member.isNumber() && member.numbers[0] >= 0 && member.numbers[0] < 4) index = static_cast<std::size_t>(member.numbers[0]);
        else if (member.isText() && member.text.size() == 1) {
            const auto place = std::string_view("xyzwrgba").find(member.text[0]);
            if (place != std::string_view::npos) index = place % 4;
        }
        return index < value.components ? StyleValue::ofNumber(value.numbers[index]) : StyleValue();
    }
    if (value.kind == Kind::list && member.isNumber() && member.numbers[0] >= 0 && member.numbers[0] < static_cast<double>(value.items.size()))
        return value.items[static_cast<std::size_t>(member.numbers[0])];
    return {};
}

bool truthy(const StyleValue& value) {
    switch (value.kind) {
    case Kind::undefined:
    case Kind::null: return false;
    case Kind::boolean: return value.numbers[0] != 0;
    case Kind::number: return value.numbers[0] != 0 && !std::isnan(value.numbers[0]);
    case Kind::text: return !value.text.empty();
    default: return true;
    }
}

StyleValue StyleValue::ofNumber(double value) { return {.kind = Kind::number, .numbers = {value}}; }
StyleValue StyleValue::ofBoolean(bool value) { return {.kind = Kind::boolean, .numbers = {value ? 1.0 : 0.0}}; }
StyleValue StyleValue::ofText(std::string_view value) { return {.kind = Kind::text, .text = value}; }
StyleValue StyleValue::ofNull() { return {.kind = Kind::null}; }
StyleValue StyleValue::ofVector(std::span<const double> values) {
    StyleValue out{.kind = Kind::vector, .components = static_cast<std::uint8_t>(values.size())};
    std::copy_n(values.begin(), std::min<std::size_t>(values.size(), 4), out.numbers.begin());
    return out;
}

namespace {

std::string numberText(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    if (value == 0) return "0";
    char buffer[40];
    const bool plain = std::abs(value) >= 1e-6 && std::abs(value) < 1e21;
    const auto end = plain ? std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr : std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    return std::string(buffer, end);
}

} // namespace

std::string styleText(const StyleValue& value) {
    switch (value.kind) {
    case Kind::undefined: return "undefined";
    case Kind::null: return "null";
    case Kind::boolean: return value.numbers[0] != 0 ? "true" : "false";
    case Kind::number: return numberText(value.numbers[0]);
    case Kind::text: return std::string(value.text);
    case Kind::regex: return "regExp";
    case Kind::vector: {
        std::string out = "(";
        for (std::size_t i = 0; i < value.components; ++i) out += (i ? ", " : "") + numberText(value.numbers[i]);
        return out + ")";
    }
    case Kind::list: {
        std::string out = "[";
        for (std::size_t i = 0; i < value.items.size() && i < 1000; ++i) // lists hold no lists of properties; one level is enough
            out += (i ? ", " : "") + (value.items[i].kind == Kind::list ? std::string("[…]") : styleText(value.items[i]));
        return out + "]";
    }
    }
    return "";
}

} // namespace matou::scene
