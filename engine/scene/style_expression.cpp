#include "scene/style_expression.h"

#include <algorithm>
#include <charconv>
#include <cctype>
#include <cmath>
#include <limits>

#include "scene/style_functions.h"

namespace matou::scene {

using core::fail;
using core::Result;

namespace {

enum Code : std::uint8_t { kPush, kProperty, kOperate, kUnary, kCall, kMember, kSelect, kList, kRegex };

struct OperatorInfo {
    std::string_view text;
    StyleOperator operation;
    int precedence;
};
// Longest first. The standard says nothing of how tightly =~ and !~ bind; the reference client binds them loosest.
constexpr std::array<OperatorInfo, 15> kBinary{{
    {"===", StyleOperator::equal, 5}, {"!==", StyleOperator::notEqual, 5}, {"||", StyleOperator::logicalOr, 3}, {"&&", StyleOperator::logicalAnd, 4},
    {"<=", StyleOperator::lessEqual, 6}, {">=", StyleOperator::greaterEqual, 6}, {"=~", StyleOperator::matches, 2}, {"!~", StyleOperator::matchesNot, 2},
    {"<", StyleOperator::less, 6}, {">", StyleOperator::greater, 6}, {"+", StyleOperator::add, 7}, {"-", StyleOperator::subtract, 7},
    {"*", StyleOperator::multiply, 8}, {"/", StyleOperator::divide, 8}, {"%", StyleOperator::remainder, 8},
}};
constexpr int kTernary = 1, kUnaryPrecedence = 9;

bool startsName(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }
bool inName(char c) { return startsName(c) || std::isdigit(static_cast<unsigned char>(c)); }

} // namespace

/// Shunting-yard: values go to the program at once, what waits for its operands stands on a stack.
class StyleCompiler {
public:
    StyleCompiler(std::string_view text, const std::string& where, const StyleExpression::Defines& defines) : _text(text), _where(where), _defines(defines) {
        _out._texts = std::make_shared<std::deque<std::string>>();
    }

    Result<StyleExpression> run() {
        if (_text.size() > kStyleTextLimit) return fail("E_STYLE_SIZE", at(0), {std::to_string(_text.size()), std::to_string(kStyleTextLimit)});
        bool expectOperand = true;
        for (skipSpace(); _at < _text.size(); skipSpace()) {
            if (expectOperand) MATOU_CHECK(operand(expectOperand));
            else MATOU_CHECK(operation(expectOperand));
            if (_waiting.size() > kStyleDepthLimit) return fail("E_STYLE_DEPTH", at(_at), {std::to_string(kStyleDepthLimit)});
            if (_out._program.size() > kStyleProgramLimit) return fail("E_STYLE_SIZE", at(_at), {std::to_string(_out._program.size()), std::to_string(kStyleProgramLimit)});
        }
        if (expectOperand) return syntax("the end");
        while (!_waiting.empty()) {
            if (_waiting.back().kind != Waiting::Kind::binary && _waiting.back().kind != Waiting::Kind::unary && _waiting.back().kind != Waiting::Kind::otherwise)
                return fail("E_STYLE_SYNTAX", at(_waiting.back().place), {std::string(_text.substr(_waiting.back().place, 12))});
            finish();
        }
        return std::move(_out);
    }

private:
    struct Waiting {
        enum class Kind : std::uint8_t { binary, unary, group, call, method, list, index, question, otherwise };
        Kind kind = Kind::group;
        int precedence = 0;
        std::uint8_t operation = 0;
        std::uint16_t arguments = 0; // finished ones
        std::size_t place = 0;
    };
    using Kind = Waiting::Kind;

    std::string at(std::size_t place) const { return _where + ":char " + std::to_string(place); }
    tl::unexpected<core::Error> syntax(const std::string& found = "") const {
        return fail("E_STYLE_SYNTAX", at(_at), {found.empty() ? std::string(_text.substr(_at, 12)) : found});
    }
    void skipSpace() {
        while (_at < _text.size() && std::isspace(static_cast<unsigned char>(_text[_at]))) ++_at;
    }
    bool take(std::string_view word) {
        if (!_text.substr(_at).starts_with(word)) return false;
        _at += word.size();
        return true;
    }
    std::string_view takeName() {
        const auto begin = _at;
        while (_at < _text.size() && inName(_text[_at])) ++_at;
        return _text.substr(begin, _at - begin);
    }

    void emit(Code code, std::uint8_t operation = 0, std::uint16_t arguments = 0, std::uint32_t index = 0) { _out._program.push_back({code, operation, arguments, index}); }
    void push(StyleValue value) {
        emit(kPush, 0, 0, static_cast<std::uint32_t>(_out._constants.size()));
        _out._constants.push_back(value);
    }
    std::string_view keep(std::string text) {
        _out._texts->push_back(std::move(text));
        return _out._texts->back();
    }

    void finish() {
        const auto top = _waiting.back();
        _waiting.pop_back();
        switch (top.kind) {
        case Kind::binary: emit(kOperate, top.operation); break;
        case Kind::unary: emit(kUnary, top.operation); break;
        case Kind::otherwise: emit(kSelect); break;
        default: break;
        }
    }
    /// Finishes what binds at least as tightly.
    void settle(int precedence) {
        while (!_waiting.empty() && _waiting.back().precedence >= precedence && _waiting.back().precedence > 0) finish();
    }
    void wait(Kind kind, int precedence, std::uint8_t operation, std::size_t place, std::uint16_t arguments = 0) {
        _waiting.push_back({kind, precedence, operation, arguments, place});
    }

    Result<void> operand(bool& expect) {
        const auto place = _at;
        const char c = _text[_at];
        if (std::isdigit(static_cast<unsigned char>(c)) || (c == '.' && _at + 1 < _text.size() && std::isdigit(static_cast<unsigned char>(_text[_at + 1])))) {
            expect = false;
            return number();
        }
        if (c == '\'' || c == '"') {
            expect = false;
            return text(c);
        }
        if (take("${")) {
            expect = false;
            const auto end = closing(_at);
            if (!end) return fail("E_STYLE_SYNTAX", at(place), {"${"});
            const auto name = _text.substr(_at, *end - _at);
            _at = *end + 1;
            return variable(name, place);
        }
        if (take("(")) return wait(Kind::group, 0, 0, place), Result<void>();
        if (take("[")) {
            skipSpace();
            if (take("]")) {
                emit(kList);
                expect = false;
            } else {
                wait(Kind::list, 0, 0, place);
            }
            return {};
        }
        for (const auto& [sign, operation] : {std::pair{"-", StyleOperator::negate}, std::pair{"+", StyleOperator::plus}, std::pair{"!", StyleOperator::logicalNot}})
            if (take(sign)) return wait(Kind::unary, kUnaryPrecedence, static_cast<std::uint8_t>(operation), place), Result<void>();
        if (!startsName(c)) return syntax();
        return word(expect, place);
    }

    Result<void> number() {
        double value = 0;
        const auto [end, error] = std::from_chars(_text.data() + _at, _text.data() + _text.size(), value);
        if (error != std::errc()) return syntax();
        _at = static_cast<std::size_t>(end - _text.data());
        if (_at < _text.size() && inName(_text[_at])) return syntax();
        push(StyleValue::ofNumber(value));
        return {};
    }

    /// The place of the `}` that ends a variable.
    std::optional<std::size_t> closing(std::size_t from) const {
        char quote = 0;
        for (auto i = from; i < _text.size(); ++i) {
            if (quote) {
                if (_text[i] == quote) quote = 0;
            } else if (_text[i] == '\'' || _text[i] == '"') {
                quote = _text[i];
            } else if (_text[i] == '}') {
                return i;
            }
        }
        return std::nullopt;
    }

    /// A text with `${…}` in it becomes the sum of its parts.
    Result<void> text(char quote) {
        const auto place = _at++;
        std::string part;
        int parts = 0;
        const auto flush = [&] {
            push(StyleValue::ofText(keep(std::exchange(part, {}))));
            if (parts++ > 0) emit(kOperate, static_cast<std::uint8_t>(StyleOperator::add));
        };
        while (_at < _text.size() && _text[_at] != quote) {
            if (_text[_at] == '\\' && _at + 1 < _text.size()) {
                const char c = _text[_at + 1];
                part += c == 'n' ? "\n" : c == 't' ? "\t" : c == '\'' || c == '"' || c == '\\' ? std::string(1, c) : std::string{'\\', c};
                _at += 2;
            } else if (_text.substr(_at).starts_with("${")) {
                const auto end = _text.find('}', _at);
                if (end == std::string_view::npos) return fail("E_STYLE_SYNTAX", at(_at), {"${"});
                flush();
                const auto here = _at;
                const auto name = _text.substr(_at + 2, end - _at - 2);
                _at = end + 1;
                MATOU_CHECK(variable(name, here));
                emit(kOperate, static_cast<std::uint8_t>(StyleOperator::add));
            } else {
                part += _text[_at++];
            }
        }
        if (_at >= _text.size()) return fail("E_STYLE_SYNTAX", at(place), {std::string(1, quote)});
        ++_at;
        if (!part.empty() || parts == 0) flush();
        return {};
    }

    Result<void> variable(std::string_view name, std::size_t place) {
        while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
        while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
        if (name.empty()) return fail("E_STYLE_SYNTAX", at(place), {"${}"});
        if (const auto define = _defines.find(name); define != _defines.end()) {
            append(define->second);
            return {};
        }
        const auto known = std::find(_out._properties.begin(), _out._properties.end(), name);
        emit(kProperty, 0, 0, static_cast<std::uint32_t>(known - _out._properties.begin()));
        if (known == _out._properties.end()) _out._properties.emplace_back(name);
        return {};
    }

    /// Another program in this place, its numbers made ours. Its texts and patterns are held by our own copies.
    void append(const StyleExpression& other) {
        for (auto instruction : other._program) {
            if (instruction.code == kPush) {
                auto value = other._constants[instruction.index];
                if (value.isText()) value.text = keep(std::string(value.text));
                push(value);
                continue;
            }
            if (instruction.code == kProperty) {
                const auto& name = other._properties[instruction.index];
                const auto known = std::find(_out._properties.begin(), _out._properties.end(), name);
                instruction.index = static_cast<std::uint32_t>(known - _out._properties.begin());
                if (known == _out._properties.end()) _out._properties.push_back(name);
            }
            _out._program.push_back(instruction);
        }
    }

    Result<void> word(bool& expect, std::size_t place) {
        auto name = std::string(takeName());
        if ((name == "Math" || name == "Number") && take(".")) name += "." + std::string(takeName());
        expect = false;
        if (name == "true" || name == "false") return push(StyleValue::ofBoolean(name == "true")), Result<void>();
        if (name == "null") return push(StyleValue::ofNull()), Result<void>();
        if (name == "undefined") return push({}), Result<void>();
        if (name == "NaN") return push(StyleValue::ofNumber(std::numeric_limits<double>::quiet_NaN())), Result<void>();
        if (name == "Infinity" || name == "Number.POSITIVE_INFINITY") return push(StyleValue::ofNumber(std::numeric_limits<double>::infinity())), Result<void>();
        if (name == "Math.PI") return push(StyleValue::ofNumber(3.14159265358979323846)), Result<void>();
        if (name == "Math.E") return push(StyleValue::ofNumber(2.71828182845904523536)), Result<void>();
        const auto function = functionNamed(name);
        skipSpace();
        if (!function || !take("(")) return fail("E_STYLE_NAME", at(place), {name});
        return open(Kind::call, *function, place, 0, expect);
    }

    /// Behind the bracket of a call; `given` arguments stand in the program already.
    Result<void> open(Kind kind, StyleFunction function, std::size_t place, std::uint16_t given, bool& expect) {
        skipSpace();
        if (take(")")) {
            expect = false;
            return call(function, given, place);
        }
        wait(kind, 0, static_cast<std::uint8_t>(function), place, given);
        expect = true;
        return {};
    }

    Result<void> call(StyleFunction function, std::uint16_t arguments, std::size_t place) {
        if (!argumentsFit(function, arguments)) return fail("E_STYLE_ARGUMENTS", at(place), {std::string(_text.substr(place, 20)), std::to_string(arguments)});
        if (function == StyleFunction::regExp) {
            // A pattern that is written out is compiled now, so that a wrong one is said now.
            if (arguments == 1 && _out._program.back().code == kPush) {
                const auto& pattern = _out._constants[_out._program.back().index];
                if (pattern.isText() && !compileRegex(pattern.text, "")) return fail("E_STYLE_REGEX", at(place), {std::string(pattern.text)});
            }
            emit(kRegex, 0, arguments);
            return {};
        }
        emit(kCall, static_cast<std::uint8_t>(function), arguments);
        return {};
    }

    Result<void> operation(bool& expect) {
        const auto place = _at;
        if (take(")") || take("]")) return close(_text[place], place, expect);
        if (take(",")) {
            settle(1);
            if (_waiting.empty() || (_waiting.back().kind != Kind::call && _waiting.back().kind != Kind::method && _waiting.back().kind != Kind::list))
                return fail("E_STYLE_SYNTAX", at(place), {","});
            if (++_waiting.back().arguments > 1000) return fail("E_STYLE_SIZE", at(place), {"1001", "1000"});
            expect = true;
            return {};
        }
        if (take(".")) {
            const auto name = takeName();
            if (name.empty()) return syntax();
            skipSpace();
            if (const auto method = methodNamed(name); method && take("(")) {
                settle(kUnaryPrecedence + 1);
                return open(Kind::method, *method, place, 1, expect);
            }
            push(StyleValue::ofText(keep(std::string(name))));
            emit(kMember);
            return {};
        }
        if (take("[")) {
            wait(Kind::index, 0, 0, place);
            expect = true;
            return {};
        }
        if (take("?")) {
            settle(kTernary + 1);
            wait(Kind::question, 0, 0, place);
            expect = true;
            return {};
        }
        if (take(":")) {
            settle(1);
            if (_waiting.empty() || _waiting.back().kind != Kind::question) return fail("E_STYLE_SYNTAX", at(place), {":"});
            _waiting.back().kind = Kind::otherwise;
            _waiting.back().precedence = kTernary;
            expect = true;
            return {};
        }
        for (const auto& known : kBinary)
            if (take(known.text)) {
                if ((known.text == "<" || known.text == ">") && _at < _text.size() && _text[_at] == known.text[0]) return syntax(); // no shifts
                settle(known.precedence);
                wait(Kind::binary, known.precedence, static_cast<std::uint8_t>(known.operation), place);
                expect = true;
                return {};
            }
        return syntax();
    }

    Result<void> close(char bracket, std::size_t place, bool& expect) {
        settle(1);
        expect = false;
        const bool round = bracket == ')';
        const auto opened = _waiting.empty() ? Kind::question : _waiting.back().kind;
        const bool fits = round ? opened == Kind::group || opened == Kind::call || opened == Kind::method : opened == Kind::list || opened == Kind::index;
        if (!fits) return fail("E_STYLE_SYNTAX", at(place), {std::string(1, bracket)});
        const auto top = _waiting.back();
        _waiting.pop_back();
        if (opened == Kind::list) emit(kList, 0, static_cast<std::uint16_t>(top.arguments + 1));
        else if (opened == Kind::index) emit(kMember);
        else if (opened != Kind::group) return call(static_cast<StyleFunction>(top.operation), static_cast<std::uint16_t>(top.arguments + 1), top.place);
        return {};
    }

    std::string_view _text;
    const std::string& _where;
    const StyleExpression::Defines& _defines;
    std::size_t _at = 0;
    std::vector<Waiting> _waiting;
    StyleExpression _out;
};

Result<StyleExpression> StyleExpression::compile(std::string_view text, const std::string& where, const Defines& defines) {
    return StyleCompiler(text, where, defines).run();
}

StyleExpression StyleExpression::constant(bool value) {
    StyleExpression out;
    out._program.push_back({kPush, 0, 0, 0});
    out._constants.push_back(StyleValue::ofBoolean(value));
    return out;
}

StyleValue StyleEvaluator::evaluate(const StyleExpression& expression, const StyleProperties& properties) {
    _stack.clear();
    _texts.clear();
    _lists.clear();
    _patterns.clear();
    const auto pop = [this] {
        const auto value = _stack.back();
        _stack.pop_back();
        return value;
    };
    for (const auto& step : expression._program) {
        switch (step.code) {
        case kPush: _stack.push_back(expression._constants[step.index]); break;
        case kProperty: _stack.push_back(properties(expression._properties[step.index])); break;
        case kOperate: {
            const auto right = pop();
            _stack.back() = applied(static_cast<StyleOperator>(step.operation), _stack.back(), right, _texts);
            break;
        }
        case kUnary: _stack.back() = applied(static_cast<StyleOperator>(step.operation), _stack.back(), {}, _texts); break;
        case kMember: {
            const auto member = pop();
            _stack.back() = memberOf(_stack.back(), member);
            break;
        }
        case kSelect: {
            const auto otherwise = pop(), then = pop();
            _stack.back() = _stack.back().kind == StyleValue::Kind::boolean ? (_stack.back().isTrue() ? then : otherwise) : StyleValue();
            break;
        }
        case kCall: {
            const auto first = _stack.size() - step.arguments;
            const auto result = applied(static_cast<StyleFunction>(step.operation), std::span<const StyleValue>(_stack).subspan(first), _texts);
            _stack.resize(first);
            _stack.push_back(result);
            break;
        }
        case kList: {
            const auto first = _stack.size() - step.arguments;
            _lists.emplace_back(_stack.begin() + static_cast<std::ptrdiff_t>(first), _stack.end());
            _stack.resize(first);
            _stack.push_back({.kind = StyleValue::Kind::list, .items = _lists.back()});
            break;
        }
        case kRegex: {
            const auto flags = step.arguments == 2 ? pop() : StyleValue();
            const auto pattern = pop();
            _stack.push_back(regexOf(pattern, flags));
            break;
        }
        default: break;
        }
    }
    return _stack.empty() ? StyleValue() : _stack.back();
}

/// Patterns of an expression are the same for every feature: compiled once and kept by their text.
StyleValue StyleEvaluator::regexOf(const StyleValue& pattern, const StyleValue& flags) {
    if (!pattern.isText()) return {};
    const auto key = std::string(flags.isText() ? flags.text : "") + "/" + std::string(pattern.text);
    auto found = _known.find(key);
    if (found == _known.end()) {
        if (_known.size() > 256) _known.clear(); // patterns made of properties
        found = _known.emplace(key, compileRegex(pattern.text, flags.isText() ? flags.text : "")).first;
    }
    if (!found->second) return {};
    _patterns.push_back(found->second);
    return {.kind = StyleValue::Kind::regex, .pattern = found->second.get()};
}

} // namespace matou::scene
