#pragma once
// Expressions of the 3D Tiles styling language (3D Tiles 1.1, "Declarative styling"): compiled once to a postfix program, evaluated
// per feature with a stack. Neither recurses. An operation that its operands do not allow gives `undefined`; nothing throws.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "scene/style_value.h"

namespace matou::scene {

/// Brackets, calls, unary operators and ternaries that stand within each other.
inline constexpr std::size_t kStyleDepthLimit = 128;
inline constexpr std::size_t kStyleTextLimit = 64 * 1024;
inline constexpr std::size_t kStyleProgramLimit = 16 * 1024; // instructions, defines put in

/// Gives a property by the name between `${` and `}`; its texts must stay until the evaluation ends.
using StyleProperties = std::function<StyleValue(std::string_view name)>;

class StyleExpression {
public:
    using Defines = std::map<std::string, StyleExpression, std::less<>>;

    /// Errors `WHERE:char N`: E_STYLE_SYNTAX {what}, E_STYLE_NAME {name}, E_STYLE_DEPTH, E_STYLE_SIZE, E_STYLE_ARGUMENTS,
    /// E_STYLE_REGEX.
    /// `${name}` of a define stands for its expression.
    static core::Result<StyleExpression> compile(std::string_view text, const std::string& where, const Defines& defines = {});
    static StyleExpression constant(bool value);

    /// Names of the properties that it asks for, by the numbers in its program.
    const std::vector<std::string>& properties() const { return _properties; }

private:
    friend class StyleCompiler;
    friend class StyleEvaluator;
    struct Instruction {
        std::uint8_t code = 0;
        std::uint8_t operation = 0;  // operator or function
        std::uint16_t arguments = 0;
        std::uint32_t index = 0; // constant, property
    };
    std::vector<Instruction> _program;
    std::vector<StyleValue> _constants; // texts lie in _texts
    std::vector<std::string> _properties;
    std::shared_ptr<std::deque<std::string>> _texts;
};

/// Scratch memory for evaluating: one per lane. A value's texts stay valid until the next evaluate().
class StyleEvaluator {
public:
    StyleValue evaluate(const StyleExpression& expression, const StyleProperties& properties);

private:
    StyleValue regexOf(const StyleValue& pattern, const StyleValue& flags);

    std::vector<StyleValue> _stack;
    std::deque<std::string> _texts;
    std::deque<std::vector<StyleValue>> _lists;
    std::deque<std::shared_ptr<const StyleRegex>> _patterns; // in use
    std::map<std::string, std::shared_ptr<const StyleRegex>> _known;
};

} // namespace matou::scene
