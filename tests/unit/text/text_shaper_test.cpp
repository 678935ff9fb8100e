#include "text/text_shaper.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "core/messages.h"

namespace matou::text {

namespace {

std::unique_ptr<TextShaper> makeShaper(std::uint32_t side = 2048) {
    auto fonts = findCjkFonts();
    if (!fonts) {
        ADD_FAILURE() << core::describe(fonts.error(), core::Language::en);
        return nullptr;
    }
    auto shaper = TextShaper::create(*fonts, side);
    EXPECT_TRUE(shaper);
    return shaper ? std::move(*shaper) : nullptr;
}

/// Coverage of the run's ink above half, in em² of its size, by sampling the atlas like a renderer does.
double inkArea(const AtlasImage& image, const ShapedText& text) {
    double area = 0;
    for (const auto& quad : text.quads) {
        int inside = 0;
        for (int y = 0; y < static_cast<int>(quad.atlasTexels.w); ++y)
            for (int x = 0; x < static_cast<int>(quad.atlasTexels.z); ++x)
                inside += image.texels[static_cast<std::size_t>((static_cast<int>(quad.atlasTexels.y) + y) * static_cast<int>(image.width) +
                                                                static_cast<int>(quad.atlasTexels.x) + x)] > 127;
        area += inside * (quad.rectPixels.z / quad.atlasTexels.z) * (quad.rectPixels.w / quad.atlasTexels.w);
    }
    return area;
}

/// U+4E00 + n as UTF-8.
std::string han(int n) {
    const int c = 0x4E00 + n;
    return {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 63)), static_cast<char>(0x80 | (c & 63))};
}

} // namespace

TEST(Font, isFoundAndAnEmptyMachineIsToldWhichPackage) {
    const auto fonts = findCjkFonts();
    ASSERT_TRUE(fonts);
    EXPECT_TRUE(std::filesystem::exists(fonts->regular.path));
    const core::Error error{"E_NO_CJK_FONT", {}, "/usr/share/fonts", nullptr};
    EXPECT_NE(core::describe(error, core::Language::en).find("fonts-noto-cjk"), std::string::npos);
    EXPECT_NE(core::describe(error, core::Language::zh).find("fonts-noto-cjk"), std::string::npos);
}

TEST(Font, refusesAFileThatIsNoFont) {
    const auto shaper = TextShaper::create({{"/proc/self/exe", 0}, {"/proc/self/exe", 0}});
    ASSERT_FALSE(shaper);
    EXPECT_EQ(shaper.error().code, "E_FONT_OPEN");
    EXPECT_EQ(shaper.error().where, "/proc/self/exe");
}

TEST(TextShaper, setsHanCharactersOneEmApart) {
    const auto shaper = makeShaper();
    ASSERT_TRUE(shaper);
    const auto text = shaper->shape("南码头路街道", 24);
    ASSERT_EQ(text.quads.size(), 6u);
    EXPECT_NEAR(text.width, 6 * 24, 0.5);
    for (std::size_t i = 1; i < 6; ++i)
        EXPECT_NEAR(text.quads[i].rectPixels.x + text.quads[i].rectPixels.z / 2 - text.quads[i - 1].rectPixels.x -
                        text.quads[i - 1].rectPixels.z / 2,
                    24, 4);
    EXPECT_NEAR(shaper->measure("南码头路街道", 24).x, text.width, 1e-3);
    EXPECT_EQ(shaper->counters().tofu, 0u);
}

TEST(TextShaper, scalesWithTheSizeAndKeepsRoomForAHalo) {
    const auto shaper = makeShaper();
    ASSERT_TRUE(shaper);
    for (const float size : {14.0f, 24.0f, 48.0f, 96.0f}) {
        const auto text = shaper->shape("江", size);
        ASSERT_EQ(text.quads.size(), 1u);
        const auto image = shaper->image();
        // Ink of this character is about a fifth of its square at any size.
        EXPECT_NEAR(inkArea(*image, text) / (size * size), 0.2, 0.1) << size;
        // The cell's border is fully outside, kSdfSpreadTexels away from ink.
        const auto& texels = text.quads[0].atlasTexels;
        for (int x = 0; x < static_cast<int>(texels.z); ++x)
            EXPECT_LT(image->texels[static_cast<std::size_t>(texels.y) * image->width + static_cast<std::size_t>(texels.x) + static_cast<std::size_t>(x)], 20);
    }
    EXPECT_EQ(shaper->counters().glyphsMade, 1u);
}

TEST(TextShaper, makesANewImageOnlyWhenAGlyphWasMade) {
    const auto shaper = makeShaper();
    ASSERT_TRUE(shaper);
    shaper->shape("数据", 20);
    const auto first = shaper->image();
    shaper->shape("据数", 40);
    EXPECT_EQ(shaper->image(), first);
    shaper->shape("超时", 20);
    EXPECT_NE(shaper->image()->version, first->version);
}

TEST(TextShaper, staysWithinItsAtlasAndReusesTheOldestCells) {
    const auto shaper = makeShaper(256); // 16 cells
    ASSERT_TRUE(shaper);
    for (int frame = 0; frame < 40; ++frame) {
        shaper->beginFrame();
        const auto text = shaper->shape(han(frame * 2) + han(frame * 2 + 1), 20);
        EXPECT_EQ(text.quads.size(), 2u) << frame;
    }
    EXPECT_EQ(shaper->image()->width, 256u);
    EXPECT_EQ(shaper->image()->height, 256u);
    EXPECT_GT(shaper->counters().glyphsEvicted, 50u);
    EXPECT_EQ(shaper->counters().tofu, 0u);
    // More in one frame than there is room for: the rest is left out and counted, nothing shown is overwritten.
    shaper->beginFrame();
    std::string many;
    for (int i = 0; i < 20; ++i) many += han(1000 + i);
    EXPECT_LT(shaper->shape(many, 20).quads.size(), 17u);
    EXPECT_GT(shaper->counters().tofu, 3u);
}

TEST(TextShaper, drawsABoxForWhatTheFontLacksAndCountsIt) {
    const auto shaper = makeShaper();
    ASSERT_TRUE(shaper);
    EXPECT_FALSE(shaper->shape("\xF3\xB0\x80\x80", 20).quads.empty()); // private use
    EXPECT_EQ(shaper->counters().tofu, 1u);
    EXPECT_FALSE(shaper->shape("\xFF\xFE水", 20).quads.empty());
}

TEST(TextShaper, breaksLines) {
    const auto shaper = makeShaper();
    ASSERT_TRUE(shaper);
    const auto text = shaper->shape("上\n下一", 20);
    EXPECT_EQ(text.lines, 2);
    EXPECT_NEAR(text.width, 40, 0.5);
    ASSERT_EQ(text.quads.size(), 3u);
    EXPECT_GT(text.quads[1].rectPixels.y, text.quads[0].rectPixels.y + 15);
}

TEST(CodePoints, replacesBrokenSequences) {
    EXPECT_EQ(codePoints("a水"), (std::vector<char32_t>{'a', 0x6C34}));
    EXPECT_EQ(codePoints("\xE6\xB0"), (std::vector<char32_t>{0xFFFD, 0xFFFD}));
    EXPECT_EQ(codePoints("\xC0\x80")[0], 0xFFFDu);
    EXPECT_EQ(codePoints("\xF0\x9F\x98\x80"), (std::vector<char32_t>{0x1F600}));
}

} // namespace matou::text
