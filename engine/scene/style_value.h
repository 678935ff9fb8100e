#pragma once
// Values of the 3D Tiles styling language: small and copied freely; texts and lists are views into what outlives an evaluation.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace matou::scene {

struct StyleRegex; // a compiled pattern

struct StyleValue {
    enum class Kind : std::uint8_t { undefined, null, boolean, number, text, vector, list, regex };
    Kind kind = Kind::undefined;
    std::uint8_t components = 0; // of a vector: 2, 3, 4
    std::array<double, 4> numbers{}; // [0] of a number, and of a boolean as 0 or 1
    std::string_view text;
    std::span<const StyleValue> items;
    const StyleRegex* pattern = nullptr;

    static StyleValue ofNumber(double value);
    static StyleValue ofBoolean(bool value);
    static StyleValue ofText(std::string_view value);
    static StyleValue ofVector(std::span<const double> values);
    static StyleValue ofNull();

    bool isNumber() const { return kind == Kind::number; }
    bool isVector() const { return kind == Kind::vector; }
    bool isText() const { return kind == Kind::text; }
    bool isTrue() const { return kind == Kind::boolean && numbers[0] != 0; }
};

/// As ECMAScript writes numbers: 1, 0.5, 1e+21, NaN. Vectors "(1, 2, 3)", lists "[1, 2]".
std::string styleText(const StyleValue& value);

} // namespace matou::scene
