#include <filesystem>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/file.h"
#include "media/compare.h"
#include "media/png.h"

using namespace matou;
using media::Picture;

namespace {

Picture pattern(std::uint32_t width, std::uint32_t height) {
    Picture picture{width, height, std::vector<std::uint8_t>(std::size_t{width} * height * 4)};
    for (std::uint32_t y = 0; y < height; ++y)
        for (std::uint32_t x = 0; x < width; ++x) {
            std::uint8_t* p = &picture.rgba[(std::size_t{y} * width + x) * 4];
            p[0] = static_cast<std::uint8_t>(x);
            p[1] = static_cast<std::uint8_t>(y);
            p[2] = static_cast<std::uint8_t>(x * y);
            p[3] = static_cast<std::uint8_t>(255 - x / 2);
        }
    return picture;
}

struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("matou-media-" + std::to_string(::getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

} // namespace

TEST(Png, comesBackAsItWent) {
    const Folder folder;
    const Picture picture = pattern(123, 45);
    const auto file = folder.path / "deep" / "a.png";
    ASSERT_TRUE(media::writePng(file, picture, media::PngChannels::rgba));
    const auto back = media::readPng(file);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->width, 123u);
    EXPECT_EQ(back->rgba, picture.rgba);
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".part"));
}

TEST(Png, withoutAlphaIsOpaque) {
    const Picture picture = pattern(20, 20);
    const auto bytes = media::encodePng(20, 20, picture.rgba);
    const auto back = media::decodePng(*bytes, "memory");
    ASSERT_TRUE(back);
    for (std::size_t i = 0; i < back->rgba.size(); ++i) EXPECT_EQ(back->rgba[i], i % 4 == 3 ? 255 : picture.rgba[i]);
}

TEST(Png, sameBytesEachTime) {
    const Picture picture = pattern(300, 200);
    EXPECT_EQ(*media::encodePng(300, 200, picture.rgba), *media::encodePng(300, 200, picture.rgba));
}

TEST(Png, aLargePictureIsFine) {
    const std::vector<std::uint8_t> rgba(std::size_t{4096} * 4096 * 4, 90);
    const auto bytes = media::encodePng(4096, 4096, rgba);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(media::decodePng(*bytes, "memory")->rgba.size(), rgba.size());
}

TEST(Png, everyTruncationIsALocatedError) {
    const auto bytes = media::encodePng(40, 30, pattern(40, 30).rgba);
    for (std::size_t length = 0; length + 12 < bytes->size(); length += 7) {
        const auto result = media::decodePng(std::span(*bytes).first(length), "cut.png");
        ASSERT_FALSE(result) << length;
        EXPECT_EQ(result.error().code, "E_PNG_READ");
        EXPECT_EQ(result.error().where, "cut.png");
    }
}

TEST(Png, hugeClaimsAreRefusedWithoutMemory) {
    auto bytes = *media::encodePng(40, 30, pattern(40, 30).rgba);
    auto wide = bytes;
    wide[16] = std::byte{0x7f}; // width in IHDR; the checksum is wrong now
    EXPECT_FALSE(media::decodePng(wide, "wide.png"));
}

TEST(Png, refusesSizesThatAreNone) {
    EXPECT_EQ(media::encodePng(0, 5, {}).error().code, "E_PNG_SIZE");
    EXPECT_EQ(media::encodePng(2, 2, std::vector<std::uint8_t>(15)).error().code, "E_PNG_SIZE");
}

TEST(Png, whatCannotBeWrittenSaysSo) {
    const auto result = media::writePng("/proc/nowhere/a.png", pattern(4, 4));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_FILE_WRITE");
}

TEST(Compare, equalPicturesDifferByNothing) {
    const auto difference = media::compare(pattern(100, 50), pattern(100, 50));
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->maximum, 0u);
    EXPECT_EQ(difference->meanAbsolute, 0.0);
    EXPECT_EQ(difference->fractionDiffering, 0.0);
    EXPECT_EQ(difference->worstBlock, 0.0);
}

TEST(Compare, findsASmallThing) {
    const Picture a = pattern(100, 50);
    Picture b = a;
    for (std::uint32_t y = 20; y < 24; ++y)
        for (std::uint32_t x = 70; x < 74; ++x) b.rgba[(std::size_t{y} * 100 + x) * 4] ^= 0x40;
    const auto difference = media::compare(a, b);
    EXPECT_EQ(difference->maximum, 64u);
    EXPECT_DOUBLE_EQ(difference->fractionDiffering, 16.0 / 5000.0);
    EXPECT_DOUBLE_EQ(difference->meanAbsolute, 16.0 * 64.0 / 15000.0);
    EXPECT_EQ(difference->firstX, 70u);
    EXPECT_EQ(difference->firstY, 20u);
    EXPECT_EQ(difference->worstX, 64u);
    EXPECT_EQ(difference->worstY, 16u);
    EXPECT_DOUBLE_EQ(difference->worstBlock, 16.0 * 64.0 / (16 * 16 * 3));
}

TEST(Compare, alphaAndSmallNoiseDoNotCount) {
    const Picture a = pattern(10, 10);
    Picture b = a;
    for (std::size_t i = 0; i < b.rgba.size(); i += 4) {
        b.rgba[i + 3] = 0;
        b.rgba[i] = static_cast<std::uint8_t>(b.rgba[i] + 2);
    }
    EXPECT_EQ(media::compare(a, b, 2)->fractionDiffering, 0.0);
    EXPECT_EQ(media::compare(a, b, 1)->fractionDiffering, 1.0);
}

TEST(Compare, sizesMustAgree) {
    const auto result = media::compare(pattern(10, 10), pattern(10, 11));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_COMPARE_SIZE");
    EXPECT_EQ(media::differencePicture(pattern(10, 10), pattern(10, 10))->rgba.size(), 400u);
}
