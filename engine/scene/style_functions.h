#pragma once
// Operators and functions of the styling language, on values alone. Internal to scene.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <regex>
#include <span>
#include <string>
#include <string_view>

#include "scene/style_value.h"

namespace matou::scene {

struct StyleRegex {
    std::regex pattern;
};
/// A pattern of at most 256 characters, matched in polynomial time (libstdc++'s breadth-first matcher: a hostile pattern cannot
/// hang a frame). Nothing where it is malformed. Flags: i, g, m, u, y, of which i counts.
std::shared_ptr<const StyleRegex> compileRegex(std::string_view pattern, std::string_view flags);

enum class StyleOperator : std::uint8_t {
    logicalOr, logicalAnd, equal, notEqual, less, greater, lessEqual, greaterEqual, add, subtract, multiply, divide, remainder, matches, matchesNot,
    negate, plus, logicalNot,
};

enum class StyleFunction : std::uint8_t {
    abs, sqrt, cos, sin, tan, acos, asin, atan, atan2, radians, degrees, sign, floor, ceil, round, exp, log, exp2, log2, fract, pow, min, max, clamp, mix,
    length, distance, normalize, dot, cross, color, rgb, rgba, hsl, hsla, vec2, vec3, vec4, regExp, boolean, number, string, isNaN, isFinite,
    test, exec, toString, isExactClass, isClass, getExactClassName,
};

/// Where texts that an evaluation makes are kept.
using StyleTexts = std::deque<std::string>;

std::optional<StyleFunction> functionNamed(std::string_view name);
/// test, exec, toString.
std::optional<StyleFunction> methodNamed(std::string_view name);
bool argumentsFit(StyleFunction function, std::size_t count);

StyleValue applied(StyleOperator operation, const StyleValue& left, const StyleValue& right, StyleTexts& texts);
StyleValue applied(StyleFunction function, std::span<const StyleValue> arguments, StyleTexts& texts);
/// A component, an item; `undefined` where there is none.
StyleValue memberOf(const StyleValue& value, const StyleValue& member);
bool truthy(const StyleValue& value);
/// CSS colour: #rgb, #rrggbb, with alpha, rgb(), rgba(), hsl(), hsla(), a name. As linear-free 0 … 1 numbers, sRGB.
std::optional<std::array<double, 4>> cssColor(std::string_view text);

} // namespace matou::scene
