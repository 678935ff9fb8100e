#include <gtest/gtest.h>

#include "core/bounded_reader.h"
#include "core/json.h"

using namespace matou::core;

TEST(JsonReading, locatesSyntaxErrorsByByte) {
    const auto broken = parseJson(R"({"a": 1,, "b": 2})", "f.json");
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, "E_JSON_SYNTAX");
    EXPECT_EQ(broken.error().where, "f.json:byte 8");
}

TEST(JsonReading, refusesDepthBeforeBuildingIt) {
    const std::string deep(100000, '[');
    EXPECT_EQ(parseJson(deep, "f").error().code, "E_JSON_DEPTH");
    EXPECT_TRUE(parseJson(std::string(64, '[') + std::string(64, ']'), "f"));
    EXPECT_FALSE(parseJson(std::string(65, '[') + std::string(65, ']'), "f"));
    EXPECT_TRUE(parseJson(R"({"s": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["})", "f"));
}

TEST(JsonReading, refusesBadUtf8AndHugeNumbersWithoutHarm) {
    EXPECT_FALSE(parseJson("\"\xff\xfe\"", "f"));
    EXPECT_FALSE(parseJson("[1e999]", "f"));
}

/// Two readers stand behind parseJson; which one took a document must not be seen.
TEST(JsonReading, givesWhatThePlainReaderGives) {
    const std::string texts[] = {
        R"({"b": [1, -2, 3.0, 1e3, -0.5, -0.0, {"x": null, "y": [true, false, []], "z": {}}], "a": "\u00e9\ud83d\ude00\n\u0000"})",
        "[9223372036854775807, 9223372036854775808, 18446744073709551615, 18446744073709551616, -9223372036854775808, -9223372036854775809]",
        "[-0, 1]", "[-0.0]", "[-0e1]", "-0", "[1E5, 5e-324, 1e-400, 123456789012345678901234567890]", "  7 ", "\"text\"", "null", "[]", "{}",
        R"({"twice": {"a": 1}, "twice": [2], "twice": {"b": [3]}})", "\xEF\xBB\xBF[1]", "[0.1, 0.30000000000000004, 754.862060546875]"};
    for (const auto& text : texts) {
        const auto read = parseJson(text, "f");
        ASSERT_TRUE(read) << text;
        const auto plain = Json::parse(text);
        EXPECT_EQ(*read, plain) << text;
        EXPECT_EQ(read->dump(), plain.dump()) << text;
        const auto types = [](const Json& json) { // equal numbers may still be of different types
            std::string out;
            const auto flat = json.flatten();
            for (const auto& [pointer, value] : flat.items()) out += pointer + ":" + std::to_string(static_cast<int>(value.type())) + " ";
            return out;
        };
        if (read->is_structured()) EXPECT_EQ(types(*read), types(plain)) << text;
        else EXPECT_EQ(read->type(), plain.type()) << text;
    }
    for (const std::string text : {"", " ", "[1,]", "{\"a\" 1}", "[01]", "[1] 2", "[+1]", "[.5]", "[NaN]", "\"\x01\"", "[\"\\ud800\"]", "[tru]", "{\"a\":1,}"})
        EXPECT_FALSE(parseJson(text, "f")) << text;
    EXPECT_FALSE(parseJson(std::string_view("[1]\0", 4), "f"));
}

TEST(JsonCursors, pointAtTheMember) {
    const auto json = *parseJson(R"({"a/b": {"list": [1, "x"]}, "n": 3, "big": 18446744073709551615})", "f.json");
    const JsonCursor root(json, "f.json");
    EXPECT_EQ(*root.integer("n"), 3);
    EXPECT_EQ(root.integer("big").error().code, "E_JSON_TYPE");
    const auto missing = root.number("absent");
    EXPECT_EQ(missing.error().code, "E_JSON_MISSING");
    EXPECT_EQ(missing.error().where, "f.json#/");
    const auto list = root.object("a/b")->numbers("list");
    EXPECT_EQ(list.error().where, "f.json#/a~1b/list/1");
    EXPECT_EQ(root.object("a/b")->numbers("list", 3).error().code, "E_JSON_COUNT");
    EXPECT_EQ(*root.numberOr("absent", 7), 7);
    EXPECT_FALSE(root.stringOr("n", "x")); // present with a wrong type is still an error
}

TEST(BoundedReaders, neverPassTheEnd) {
    const std::uint32_t words[2] = {1, 2};
    BoundedReader reader(std::as_bytes(std::span(words)));
    EXPECT_EQ(*reader.read<std::uint32_t>(), 1u);
    EXPECT_FALSE(reader.read<std::uint64_t>());
    EXPECT_EQ(reader.offset(), 4u);
    EXPECT_FALSE(reader.take(UINT64_MAX));
    EXPECT_EQ(*reader.read<std::uint32_t>(), 2u);
    EXPECT_FALSE(reader.read<std::uint8_t>());
    EXPECT_FALSE(checkedMultiply(UINT64_MAX, 2));
    EXPECT_FALSE(checkedAdd(UINT64_MAX, 1));
}
