// The styling language as a table of expression and result, after the examples of the 3D Tiles specification.

#include "scene/tileset_style.h"

#include <chrono>
#include <cmath>
#include <iostream>

#include <gtest/gtest.h>

#include "scene/style_functions.h"

using namespace matou;
using scene::StyleExpression;

namespace {

model::FeatureTable features() {
    model::FeatureTable table;
    table.count = 2;
    table.ids = {"a", "b"};
    table.columns["Height"] = std::vector<double>{180, std::nan("")};
    table.columns["floors"] = std::vector<std::int64_t>{12, 3};
    table.columns["name"] = std::vector<std::string>{"Tower 101", "shed"};
    table.columns["listed"] = std::vector<std::uint8_t>{1, 0};
    table.columns["odd.name"] = std::vector<std::int64_t>{5, 6};
    table.columns["address"] = std::vector<std::string>{R"({"street":"Example","numbers":[4,8]})", "{}"};
    model::ListColumn vector{std::vector<double>{1, 2, 3, 4, 5, 6}, {3, 6}, 3};
    table.columns["size"] = vector;
    model::ListColumn list{std::vector<std::string>{"x", "y", "z"}, {2, 3}, 1};
    table.columns["tags"] = list;
    return table;
}

std::string result(const std::string& text, std::uint32_t row = 0) {
    const auto compiled = StyleExpression::compile(text, "s");
    if (!compiled) return compiled.error().code + " " + compiled.error().where;
    const auto table = features();
    std::deque<std::vector<scene::StyleValue>> lists;
    std::deque<std::string> texts;
    scene::StyleEvaluator evaluator;
    const auto value = evaluator.evaluate(*compiled, [&](std::string_view name) { return scene::propertyValue(table, row, name, lists, texts); });
    return scene::styleText(value);
}

} // namespace

TEST(StyleExpression, givesWhatTheStandardSays) {
    const std::vector<std::pair<std::string, std::string>> table{
        // Literals, operators and their order
        {"1 + 2 * 3", "7"}, {"(1 + 2) * 3", "9"}, {"10 - 4 - 3", "3"}, {"7 % 4", "3"}, {"-2 * -3", "6"}, {"+5", "5"}, {"1.5e3", "1500"}, {".5 + .25", "0.75"},
        {"true && false || true", "true"}, {"!(1 > 2)", "true"}, {"1 < 2 === true", "true"}, {"'a' === 'a'", "true"}, {"1 === '1'", "false"}, {"1 !== 2", "true"},
        {"true ? 'y' : 'n'", "y"}, {"false ? 1 : true ? 2 : 3", "2"}, {"(false ? 1 : 2) + 1", "3"}, {"null === null", "true"}, {"undefined", "undefined"}, {"[1, 2 + 3, 'x'][1]", "5"},
        {"1 / 0", "Infinity"}, {"0.1 + 0.2", "0.30000000000000004"}, {"'a' + 1 + true", "a1true"}, {"1 + 2 + 'a'", "3a"},
        // What does not fit is undefined, and does not stop the rest
        {"1 + true", "undefined"}, {"!5", "undefined"}, {"'a' < 'b'", "undefined"}, {"5 && true", "undefined"}, {"false && 5", "false"}, {"${none} !== undefined && ${none} > 3", "false"},
        // Conversions
        {"Boolean('')", "false"}, {"Boolean('0')", "true"}, {"Boolean(0)", "false"}, {"Number('12.5')", "12.5"}, {"Number('x')", "NaN"}, {"Number(true)", "1"}, {"String(4)", "4"},
        {"isNaN(Number('x'))", "true"}, {"isFinite(1 / 0)", "false"}, {"Number()", "0"}, {"isNaN()", "true"},
        // Variables
        {"${Height}", "180"}, {"${Height} > 100", "true"}, {"${feature.Height}", "180"}, {"${feature['Height']}", "180"}, {"${floors} + 1", "13"}, {"${odd.name}", "5"}, {"${nothing}", "undefined"},
        {"${listed}", "true"}, {"${address.street}", "Example"}, {"${address['street']}", "Example"}, {"${address.numbers[1]}", "8"}, {"${address.none}", "undefined"},
        {"${size}", "(1, 2, 3)"}, {"${size}.y", "2"}, {"${size[2]}", "3"}, {"${size.x}", "1"}, {"${tags}[1]", "y"}, {"${tags}", "[x, y]"},
        {"'${name}: ${floors} floors'", "Tower 101: 12 floors"}, {"\"it's ${floors}\"", "it's 12"}, {"'${floors}'", "12"},
        // Colours
        {"color()", "(1, 1, 1, 1)"}, {"color('red')", "(1, 0, 0, 1)"}, {"color('#0f0')", "(0, 1, 0, 1)"}, {"color('#0000ff', 0.5)", "(0, 0, 1, 0.5)"}, {"color('RebeccaPurple').r * 255", "102"},
        {"color('rgb(255, 0, 255)')", "(1, 0, 1, 1)"}, {"color('rgba(0,0,255,0.25)').a", "0.25"}, {"color('hsl(120, 100%, 50%)')", "(0, 1, 0, 1)"}, {"color('no such')", "undefined"},
        {"rgb(255, 51, 0)", "(1, 0.2, 0, 1)"}, {"rgba(0, 0, 255, 0.5)", "(0, 0, 1, 0.5)"}, {"hsl(0, 1, 0.5)", "(1, 0, 0, 1)"}, {"hsla(1/3, 1, 0.5, 0.1)", "(0, 1, 0, 0.1)"},
        {"color('red') * 0.5", "(0.5, 0, 0, 0.5)"}, {"color('red') + color('lime')", "(1, 1, 0, 2)"}, {"color('red').red", "undefined"}, {"color('red') === rgb(255, 0, 0)", "true"},
        // Vectors
        {"vec2(1, 2)", "(1, 2)"}, {"vec3(1.5)", "(1.5, 1.5, 1.5)"}, {"vec4(vec2(1, 2), 3, 4)", "(1, 2, 3, 4)"}, {"vec3(vec4(1, 2, 3, 4))", "(1, 2, 3)"}, {"vec3(1, 2)", "undefined"},
        {"vec2(1, 2) * vec2(3, 4)", "(3, 8)"}, {"vec2(6, 8) / 2", "(3, 4)"}, {"2 * vec2(1, 2)", "(2, 4)"}, {"-vec2(1, -2)", "(-1, 2)"}, {"vec2(5, 7) % vec2(3, 4)", "(2, 3)"}, {"vec3(1, 2, 3) + 1", "undefined"},
        {"vec3(1, 2, 3).z", "3"}, {"vec3(1, 2, 3)[0]", "1"}, {"vec3(1, 2, 3)['g']", "2"}, {"vec2(1, 2) === vec2(1, 2)", "true"}, {"vec2(0, 0).z", "undefined"}, {"vec4(1, 2, 3, 4).toString()", "(1, 2, 3, 4)"},
        // Functions
        {"abs(-3)", "3"}, {"abs(vec2(-1, 2))", "(1, 2)"}, {"sqrt(16)", "4"}, {"cos(0)", "1"}, {"round(radians(180) * 1000)", "3142"}, {"degrees(Math.PI)", "180"}, {"sign(-2)", "-1"}, {"floor(1.9)", "1"},
        {"ceil(1.1)", "2"}, {"round(2.5)", "3"}, {"exp(0)", "1"}, {"log(1)", "0"}, {"exp2(3)", "8"}, {"log2(8)", "3"}, {"fract(1.25)", "0.25"}, {"pow(2, 10)", "1024"}, {"atan2(0, 1)", "0"}, {"min(3, 4)", "3"},
        {"max(vec2(1, 5), 3)", "(3, 5)"}, {"clamp(5, 1, 3)", "3"}, {"clamp(vec2(0, 9), vec2(1, 1), vec2(3, 3))", "(1, 3)"}, {"mix(0, 10, 0.25)", "2.5"}, {"mix(vec2(0, 0), vec2(2, 4), 0.5)", "(1, 2)"},
        {"length(vec2(3, 4))", "5"}, {"length(-2)", "2"}, {"distance(vec2(0, 0), vec2(3, 4))", "5"}, {"normalize(vec2(0, 4))", "(0, 1)"}, {"dot(vec3(1, 2, 3), vec3(4, 5, 6))", "32"}, {"cross(vec3(1, 0, 0), vec3(0, 1, 0))", "(0, 0, 1)"},
        // Regular expressions
        {"regExp('a').test('cat')", "true"}, {"regExp('A').test('cat')", "false"}, {"regExp('A', 'i').test('cat')", "true"}, {"regExp('\\d+').test(${name})", "true"}, {"regExp('Tower (.+)').exec(${name})", "101"},
        {"regExp('q(.)').exec(${name})", "null"}, {"regExp('T.+1') =~ ${name}", "true"}, {"${name} !~ regExp('x')", "true"}, {"regExp('${floors}').test('12')", "true"}, {"regExp(${name}).test('Tower 101')", "true"},
        {"Number(regExp('(\\d+)').exec(${name})) > 100", "true"},
    };
    for (const auto& [expression, expected] : table) EXPECT_EQ(result(expression), expected) << expression;
    std::cout << table.size() << " expressions\n";
    EXPECT_EQ(result("${Height} === null", 1), "true"); // no data
}

TEST(StyleExpression, locatesWhatItCannotRead) {
    for (const auto& [expression, expected] : std::vector<std::pair<std::string, std::string>>{
             {"", "E_STYLE_SYNTAX s:char 0"}, {"1 +", "E_STYLE_SYNTAX s:char 3"}, {"(1", "E_STYLE_SYNTAX s:char 0"}, {"1)", "E_STYLE_SYNTAX s:char 1"}, {"1 2", "E_STYLE_SYNTAX s:char 2"}, {"1 == 2", "E_STYLE_SYNTAX s:char 2"},
             {"nope(1)", "E_STYLE_NAME s:char 0"}, {"1 + window", "E_STYLE_NAME s:char 4"}, {"'open", "E_STYLE_SYNTAX s:char 0"}, {"${open", "E_STYLE_SYNTAX s:char 0"}, {"1 ? 2", "E_STYLE_SYNTAX s:char 2"}, {"a ? b : c", "E_STYLE_NAME s:char 0"},
             {"1 : 2", "E_STYLE_SYNTAX s:char 2"}, {"[1, 2", "E_STYLE_SYNTAX s:char 0"}, {"(1]", "E_STYLE_SYNTAX s:char 2"}, {"1, 2", "E_STYLE_SYNTAX s:char 1"}, {"rgb(1, 2)", "E_STYLE_ARGUMENTS s:char 0"}, {"regExp('(')", "E_STYLE_REGEX s:char 0"},
             {"1 << 2", "E_STYLE_SYNTAX s:char 3"}, {"3x", "E_STYLE_SYNTAX s:char 1"}, {"#", "E_STYLE_SYNTAX s:char 0"}})
        EXPECT_EQ(result(expression), expected) << expression;
}

TEST(StyleExpression, doesNotRecurseOrGrowWithoutBound) {
    EXPECT_EQ(result(std::string(100, '(') + "1" + std::string(100, ')')), "1");
    EXPECT_EQ(result(std::string(50'000, '(')).substr(0, 13), "E_STYLE_DEPTH");
    EXPECT_EQ(result(std::string(50'000, '!') + "true").substr(0, 13), "E_STYLE_DEPTH");
    std::string sum = "1";
    for (int i = 0; i < 5000; ++i) sum += "+1";
    EXPECT_EQ(result(sum), "5001");
    EXPECT_EQ(result(std::string(70'000, ' ') + "1").substr(0, 12), "E_STYLE_SIZE");
    // A pattern that would take for ever with backtracking.
    EXPECT_EQ(result("regExp('(a+)+b').test('" + std::string(200, 'a') + "')"), "false");
}

TEST(TilesetStyle, decidesByTheFirstConditionThatHolds) {
    const auto style = scene::TilesetStyle::parse(R"JSON({
        "defines": {"tall": "${Height} > 100", "tint": "color('red')"},
        "show": "${floors} > 2",
        "color": {"conditions": [["${tall} && ${listed}", "${tint} * vec4(0.5, 1, 1, 1)"], ["${floors} < 5", "rgba(0, 0, 255, 0.5)"], ["true", "color('white')"]]},
        "meta": {"label": "'${name} (' + ${floors} + ')'"}, "pointSize": 3})JSON", "style.json");
    ASSERT_TRUE(style) << style.error().code << style.error().where;
    const auto table = features();
    scene::StyleEvaluator evaluator;
    const auto first = style->apply(table, 0, evaluator), second = style->apply(table, 1, evaluator);
    EXPECT_TRUE(first.show);
    EXPECT_EQ(first.color, (std::array{0.5, 0.0, 0.0, 1.0}));
    EXPECT_EQ(second.color, (std::array{0.0, 0.0, 1.0, 0.5}));
    EXPECT_EQ(style->meta(table, 0, evaluator).at("label"), "Tower 101 (12)");
    const auto hides = scene::TilesetStyle::parse(R"({"show": {"conditions": [["${floors} === 3", "false"]]}})", "s");
    ASSERT_TRUE(hides);
    EXPECT_TRUE(hides->apply(table, 0, evaluator).show); // no condition holds
    EXPECT_FALSE(hides->apply(table, 1, evaluator).show);
    EXPECT_FALSE(scene::TilesetStyle::parse(R"({"show": false})", "s")->apply(table, 0, evaluator).show);
}

TEST(TilesetStyle, locatesWhatIsWrong) {
    const auto failure = [](const char* json) {
        const auto style = scene::TilesetStyle::parse(json, "s.json");
        return style ? "ok" : style.error().code + " " + style.error().where;
    };
    EXPECT_EQ(failure("{"), "E_JSON_SYNTAX s.json:byte 1");
    EXPECT_EQ(failure("[]"), "E_JSON_TYPE s.json#/");
    EXPECT_EQ(failure(R"({"color":"1 +"})"), "E_STYLE_SYNTAX s.json#/color:char 3");
    EXPECT_EQ(failure(R"JSON({"color":{"conditions":[["true","nope()"]]}})JSON"), "E_STYLE_NAME s.json#/color/conditions/0/1:char 0");
    EXPECT_EQ(failure(R"({"color":{"conditions":[["true"]]}})"), "E_JSON_TYPE s.json#/color/conditions/0");
    EXPECT_EQ(failure(R"({"show":[]})"), "E_JSON_TYPE s.json#/show");
    EXPECT_EQ(failure(R"({"defines":{"a":"("}})"), "E_STYLE_SYNTAX s.json#/defines/a:char 1");
}

TEST(TilesetStyle, printsWhatAHundredThousandFeaturesCost) {
    model::FeatureTable table;
    table.count = 100'000;
    std::vector<double> heights(table.count);
    std::vector<std::string> names(table.count);
    for (std::uint32_t i = 0; i < table.count; ++i) heights[i] = i % 500, names[i] = i % 3 ? "house" : "tower";
    table.columns["Height"] = heights;
    table.columns["name"] = names;
    const auto style = scene::TilesetStyle::parse(R"JSON({"show":"${Height} > 10","color":{"conditions":[["${Height} > 300","color('red')"],["${name} === 'tower'","rgba(0,0,255,1)"],["true","mix(vec4(0,0,0,1), color('lime'), ${Height} / 300)"]]}})JSON", "s");
    ASSERT_TRUE(style);
    scene::StyleEvaluator evaluator;
    const auto start = std::chrono::steady_clock::now();
    std::size_t shown = 0;
    for (std::uint32_t i = 0; i < table.count; ++i) shown += style->apply(table, i, evaluator).show;
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(shown, 100'000u / 500u * 489u);
    std::cout << "100,000 features: " << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms\n";
}
