#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "core/file.h"
#include "media/openexr.h"
#include "media/perceptual.h"
#include "media/radiance.h"
#include "support/test_data.h"

using namespace matou;

namespace {

std::vector<std::byte> bytesOf(const std::string& text) {
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}
/// 16 x 2: the first row in runs, the second flat.
std::string smallPicture() {
    std::string s = "#?RADIANCE\n# comment\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 16\n";
    s += std::string("\x02\x02\x00\x10", 4);
    for (const char value : {char(128), char(64), char(0), char(129)}) { // 1, 0.5, 0 of 2^1
        s += char(128 + 10);
        s += value;
        s += char(6);
        s += std::string(6, value);
    }
    for (int x = 0; x < 16; ++x) s += std::string("\xff\x00\x00\x88", 4); // 255 * 2^0
    return s;
}

media::Picture plain(std::uint32_t w, std::uint32_t h, std::uint8_t r, std::uint8_t g, std::uint8_t b) {
    media::Picture p{w, h, {}};
    for (std::uint32_t i = 0; i < w * h; ++i) p.rgba.insert(p.rgba.end(), {r, g, b, 255});
    return p;
}

} // namespace

TEST(Radiance, readsRunsAndFlatRows) {
    const auto image = media::decodeRadiance(bytesOf(smallPicture()), "small.hdr");
    ASSERT_TRUE(image) << image.error().code;
    EXPECT_EQ(image->width, 16u);
    EXPECT_FLOAT_EQ(image->rgb[0], 1.0f);
    EXPECT_FLOAT_EQ(image->rgb[15 * 3 + 1], 0.5f);
    EXPECT_FLOAT_EQ(image->rgb[16 * 3], 255.0f);
    EXPECT_FLOAT_EQ(image->rgb[16 * 3 + 2], 0.0f);
}

TEST(Radiance, refusesEveryCutAndEveryBrokenByteWithAnError) {
    const std::string whole = smallPicture();
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(media::decodeRadiance(bytesOf(whole.substr(0, length)), "cut")) << length;
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const char value : {char(0), char(255), char(129)}) {
            std::string broken = whole;
            broken[at] = value;
            const auto image = media::decodeRadiance(bytesOf(broken), "broken");
            if (image) { EXPECT_EQ(image->rgb.size(), std::size_t{image->width} * image->height * 3); }
        }
    const auto huge = media::decodeRadiance(bytesOf("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 16384 +X 16384\n\x02\x02\x40"), "huge");
    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error().code, "E_HDR_SIZE");
    EXPECT_EQ(media::readEnvironment("/nowhere/x.jpg").error().code, "E_HDR_KIND");
}

TEST(Flip, isZeroForTheSameAndOneForTheFarthest) {
    const auto same = media::perceive(plain(32, 32, 90, 120, 40), plain(32, 32, 90, 120, 40));
    ASSERT_TRUE(same);
    EXPECT_EQ(same->mean, 0.0);
    // The paper's scale ends at green against blue.
    EXPECT_NEAR(media::perceive(plain(32, 32, 0, 255, 0), plain(32, 32, 0, 0, 255))->mean, 1.0, 1e-3);
    // Black against white: HyAB is 100 without colour, by the paper's formula (independent of its filters).
    const auto contrast = media::perceive(plain(32, 32, 0, 0, 0), plain(32, 32, 255, 255, 255));
    EXPECT_GT(contrast->mean, 0.85);
    EXPECT_LT(contrast->mean, 1.0);
    EXPECT_FALSE(media::perceive(plain(8, 8, 0, 0, 0), plain(8, 9, 0, 0, 0)));
}

TEST(Flip, smallThingsShowInTheirBlockAndNoiseLessThanEdges) {
    auto a = plain(96, 96, 128, 128, 128), b = a, noise = a;
    for (int y = 40; y < 46; ++y)
        for (int x = 64; x < 70; ++x) b.rgba[std::size_t((y * 96 + x) * 4)] = 255;
    for (std::size_t i = 0; i < noise.rgba.size(); i += 4) noise.rgba[i] = static_cast<std::uint8_t>(127 + (i / 4 * 7919) % 3);
    const auto thing = media::perceive(a, b), grain = media::perceive(a, noise);
    EXPECT_EQ(thing->worstX, 64u);
    EXPECT_EQ(thing->worstY, 32u);
    EXPECT_GT(thing->worstBlock, 0.1);
    EXPECT_LT(thing->mean, 0.02);
    EXPECT_LT(grain->worstBlock, 0.05);
    // Symmetric in its arguments.
    EXPECT_NEAR(media::perceive(b, a)->mean, thing->mean, 1e-6);
}

TEST(Radiance, readsThePicturesOfTheTestData) {
    MATOU_NEEDS_TEST_DATA(path, "data/hdri/royal_esplanade_1k.hdr");
    const auto image = media::readEnvironment(path);
    ASSERT_TRUE(image) << image.error().code;
    EXPECT_EQ(image->width, 2 * image->height);
    double sum = 0;
    for (const float v : image->rgb) sum += v;
    EXPECT_GT(sum, 0);
    EXPECT_TRUE(std::isfinite(sum));
}

TEST(OpenExr, readsSkiesAndRefusesWhatIsCut) {
    EXPECT_EQ(media::decodeOpenExr(bytesOf("no picture at all"), "a.exr").error().code, "E_HDR_READ");
    EXPECT_EQ(media::decodeOpenExr({}, "a.exr").error().code, "E_HDR_READ");
    MATOU_NEEDS_TEST_DATA(folder, "data/hdri");
    for (const char* name : {"pmndrs_city.exr", "pmndrs_dawn.exr", "pmndrs_night.exr", "pmndrs_sky.exr"}) {
        const auto image = media::readEnvironment(folder / name);
        ASSERT_TRUE(image) << image.error().code << image.error().where;
        EXPECT_EQ(image->width, 512u);
        EXPECT_EQ(image->height, 256u);
        double sum = 0;
        for (const float v : image->rgb) {
            ASSERT_TRUE(std::isfinite(v) && v >= 0);
            sum += v;
        }
        EXPECT_GT(sum, 0);
    }
    auto bytes = core::readFile(folder / "pmndrs_sky.exr").value();
    for (const std::size_t at : {std::size_t{4}, std::size_t{40}, std::size_t{300}, bytes.size() / 2, bytes.size() - 20}) { // no crash, whatever it says
        static_cast<void>(media::decodeOpenExr(std::span(bytes).first(at), "cut.exr"));
        auto changed = bytes;
        changed[at] ^= std::byte{0xff};
        static_cast<void>(media::decodeOpenExr(changed, "changed.exr"));
    }
    EXPECT_FALSE(media::decodeOpenExr(std::span(bytes).first(300), "cut.exr"));
}
