// KTX2: what independent encoders made comes out right; containers that lie are refused with their byte.

#include <array>
#include <algorithm>

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "core/file.h"
#include "decode/image.h"
#include "decode/uastc.h"
#include "support/generated_gltf.h"
#include "support/test_data.h"

using namespace matou;
using namespace matou::test;

namespace {

template <typename T>
void put(Bytes& out, T value) {
    const auto* p = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), p, p + sizeof value);
}

/// A container of RGBA8 (VkFormat 37) levels, the largest first; `scheme` packs each of them.
Bytes plainKtx2(std::uint32_t width, std::uint32_t height, const std::vector<Bytes>& levels, std::uint32_t scheme = 0) {
    Bytes out;
    for (const int c : {0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a}) put(out, static_cast<std::uint8_t>(c));
    for (const std::uint32_t v : {37u, 1u, width, height, 0u, 0u, 1u, static_cast<std::uint32_t>(levels.size()), scheme}) put(out, v);
    const auto index = static_cast<std::uint32_t>(80 + levels.size() * 24);
    for (const std::uint32_t v : {index, 92u, 0u, 0u}) put(out, v);
    put(out, std::uint64_t{0}), put(out, std::uint64_t{0});
    std::vector<Bytes> packed;
    for (const auto& level : levels) {
        Bytes bytes = level;
        if (scheme == 2) {
            bytes.resize(ZSTD_compressBound(level.size()));
            bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), level.data(), level.size(), 3));
        } else if (scheme == 3) {
            uLongf size = compressBound(level.size());
            bytes.resize(size);
            compress(reinterpret_cast<Bytef*>(bytes.data()), &size, reinterpret_cast<const Bytef*>(level.data()), level.size());
            bytes.resize(size);
        }
        packed.push_back(std::move(bytes));
    }
    std::uint64_t end = index + 92;
    std::vector<std::uint64_t> offsets(levels.size());
    for (auto i = levels.size(); i-- > 0;) offsets[i] = end, end += packed[i].size();
    for (std::size_t i = 0; i < levels.size(); ++i) put(out, offsets[i]), put(out, std::uint64_t{packed[i].size()}), put(out, std::uint64_t{levels[i].size()});
    put(out, std::uint32_t{92}), put(out, std::uint32_t{0}), put(out, std::uint16_t{2}), put(out, std::uint16_t{88});
    for (const int v : {1, 1, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0}) put(out, static_cast<std::uint8_t>(v));
    for (std::uint16_t c = 0; c < 4; ++c) {
        put(out, static_cast<std::uint16_t>(c * 8));
        put(out, std::uint8_t{7}), put(out, static_cast<std::uint8_t>(c == 3 ? 15 : c)), put(out, std::uint32_t{0}), put(out, std::uint32_t{0}), put(out, std::uint32_t{255});
    }
    for (auto i = levels.size(); i-- > 0;) out.insert(out.end(), packed[i].begin(), packed[i].end());
    return out;
}

std::vector<Bytes> twoLevels() {
    std::vector<Bytes> levels{Bytes(4 * 2 * 4), Bytes(2 * 1 * 4)};
    for (std::size_t i = 0; i < levels[0].size(); ++i) levels[0][i] = static_cast<std::byte>(i);
    for (std::size_t i = 0; i < levels[1].size(); ++i) levels[1][i] = static_cast<std::byte>(200 + i);
    return levels;
}

std::string wrongOf(const core::Result<model::Image>& image) { return image ? "ok" : image.error().code + " " + image.error().where; }

} // namespace

TEST(Ktx2, readsPlainLevelsWhateverTheirSupercompression) {
    for (const std::uint32_t scheme : {0u, 2u, 3u}) {
        const auto image = decode::decodeImage(plainKtx2(4, 2, twoLevels(), scheme), "a.ktx2");
        ASSERT_TRUE(image) << scheme << " " << wrongOf(image) << " " << image.error().arguments[0];
        EXPECT_EQ(image->levels, 2u);
        EXPECT_FALSE(image->srgb);
        ASSERT_EQ(image->rgba.size(), 40u);
        EXPECT_EQ(image->rgba[5], 5);
        EXPECT_EQ(image->rgba[32], 200);
    }
}

TEST(Ktx2, refusesWhatLiesWithItsByte) {
    const auto whole = plainKtx2(4, 2, twoLevels());
    const auto with = [&](std::size_t byte, std::uint8_t value) {
        auto changed = whole;
        changed[byte] = std::byte{value};
        return wrongOf(decode::decodeImage(changed, "a.ktx2"));
    };
    EXPECT_EQ(with(12, 38), "E_KTX2 a.ktx2:byte 12");
    EXPECT_EQ(with(16, 4), "E_KTX2 a.ktx2:byte 16");
    EXPECT_EQ(with(23, 1), "E_IMAGE_SIZE a.ktx2:byte 20");
    EXPECT_EQ(with(28, 2), "E_KTX2 a.ktx2:byte 28");
    EXPECT_EQ(with(36, 6), "E_KTX2 a.ktx2:byte 36");
    EXPECT_EQ(with(40, 9), "E_KTX2 a.ktx2:byte 40");
    EXPECT_EQ(with(44, 1), "E_KTX2 a.ktx2:byte 12"); // BasisLZ has no VkFormat
    EXPECT_EQ(with(88, 1), "E_KTX2 a.ktx2:byte 88"); // length of level 0
    EXPECT_EQ(with(148, 0), "E_KTX2 a.ktx2:byte 148"); // bytes of a texel
    EXPECT_EQ(with(159, 3), "E_KTX2 a.ktx2:byte 159"); // channel of the first sample
    EXPECT_EQ(wrongOf(decode::decodeImage(std::span(whole).first(40), "a.ktx2")), "E_KTX2 a.ktx2:byte 40");
    EXPECT_EQ(wrongOf(decode::decodeImage(whole, "a.ktx2", 7)), "E_IMAGE_SIZE a.ktx2:byte 20");
    for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_FALSE(decode::decodeImage(std::span(whole).first(cut), "a.ktx2")) << cut;
    const auto packed = plainKtx2(4, 2, twoLevels(), 2);
    for (std::size_t i = 0; i < packed.size(); ++i) { // any bit may be wrong; nothing may break
        auto changed = packed;
        changed[i] ^= std::byte{0x41};
        static_cast<void>(decode::decodeImage(changed, "a.ktx2"));
    }
}

TEST(Uastc, solidBlocksAndTheReservedMode) {
    std::array<std::byte, 16> block{};
    std::array<std::uint8_t, 64> texels{};
    // Mode 8 (code 0x17 of 5 bits), then R, G, B, A of 8 bits.
    const std::uint64_t bits = 0x17 | std::uint64_t{10} << 5 | std::uint64_t{20} << 13 | std::uint64_t{30} << 21 | std::uint64_t{40} << 29;
    std::memcpy(block.data(), &bits, 8);
    ASSERT_TRUE(decode::decodeUastcBlock(block, texels));
    for (std::size_t t = 0; t < 16; ++t) EXPECT_EQ((std::array<int, 4>{texels[t * 4], texels[t * 4 + 1], texels[t * 4 + 2], texels[t * 4 + 3]}), (std::array<int, 4>{10, 20, 30, 40}));
    block[0] = std::byte{0x45};
    EXPECT_FALSE(decode::decodeUastcBlock(block, texels));
}

/// Mode 2 (two subsets, 16 levels an endpoint): subset 0 all black, subset 1 all white, so the pattern itself shows.
TEST(Uastc, patternsAreThoseOfTheSpecification) {
    const auto patternOf = [](std::uint32_t index) {
        std::array<std::byte, 16> block{};
        std::uint64_t low = 0x1d | std::uint64_t{index} << 20, high = 0;
        for (int i = 6; i < 12; ++i) { // endpoints of subset 1: 15 each
            const int at = 25 + i * 4;
            if (at < 64) low |= std::uint64_t{15} << at;
            if (at + 4 > 64) high |= at >= 64 ? std::uint64_t{15} << (at - 64) : std::uint64_t{15} >> (64 - at);
        }
        std::memcpy(block.data(), &low, 8);
        std::memcpy(block.data() + 8, &high, 8);
        std::array<std::uint8_t, 64> texels{};
        EXPECT_TRUE(decode::decodeUastcBlock(block, texels));
        std::string out;
        for (std::size_t t = 0; t < 16; ++t) out += texels[t * 4] > 127 ? '1' : '0';
        return out;
    };
    EXPECT_EQ(patternOf(0), "0011001100110011");
    EXPECT_EQ(patternOf(4), "1111111011101100");
    EXPECT_EQ(patternOf(16), "1000111011111111");
    EXPECT_EQ(patternOf(29), "1001001101101100");
}

/// One endpoint, (16 + 4) << 3 | (16 + 4) >> 2 = 165 in each channel, with the lowest modifier of table 0, -8; written by hand.
TEST(Ktx2, readsASmallestBasisLz) {
    const auto bytes = core::readFile(std::filesystem::path(MATOU_SOURCE_DIR) / "tests/fuzz/corpus/image/etc1s.ktx2");
    ASSERT_TRUE(bytes);
    const auto image = decode::decodeImage(*bytes, "a.ktx2");
    ASSERT_TRUE(image) << wrongOf(image) << " " << image.error().arguments[0];
    ASSERT_EQ(image->rgba.size(), 8u * 8 * 4);
    for (std::size_t i = 0; i < image->rgba.size(); ++i) ASSERT_EQ(image->rgba[i], i % 4 == 3 ? 255 : 157) << i;
}

/// Each picture has its kind's name in white on one colour; the two Basis pictures are of one source but for a line of text.
TEST(Ktx2, picturesOfOtherEncodersComeOutRight) {
    MATOU_NEEDS_TEST_DATA(folder, "data/ktx2");
    const struct {
        const char* name;
        std::array<int, 3> ground;
        int tolerance;
    } pictures[]{{"2d_rgba8.ktx2", {77, 175, 74}, 8}, {"2d_rgb8.ktx2", {77, 175, 74}, 8}, {"2d_uastc.ktx2", {185, 149, 0}, 8}, {"2d_etc1s.ktx2", {185, 149, 0}, 8}, {"2d_bc1.ktx2", {255, 127, 0}, 8}};
    for (const auto& picture : pictures) {
        const auto bytes = core::readFile(folder / picture.name);
        ASSERT_TRUE(bytes);
        const auto image = decode::decodeImage(*bytes, picture.name);
        ASSERT_TRUE(image) << picture.name << " " << wrongOf(image);
        EXPECT_EQ(image->levels, 6u) << picture.name;
        EXPECT_TRUE(image->srgb) << picture.name;
        std::size_t at = 0;
        for (std::uint32_t level = 0; level < image->levels; ++level) {
            const auto size = std::max(40u >> level, 1u);
            const auto* corner = image->rgba.data() + at + (std::size_t{size} * size - 1) * 4; // below the text
            for (std::size_t c = 0; c < 3 && level < 4; ++c) EXPECT_NEAR(corner[c], picture.ground[c], picture.tolerance) << picture.name << " level " << level;
            EXPECT_EQ(corner[3], 255) << picture.name;
            at += std::size_t{size} * size * 4;
        }
        ASSERT_EQ(at, image->rgba.size()) << picture.name;
        std::size_t white = 0;
        for (std::size_t t = 0; t < 40 * 40; ++t) white += image->rgba[t * 4] > 225 && image->rgba[t * 4 + 1] > 225 && image->rgba[t * 4 + 2] > 100;
        EXPECT_GT(white, 20u) << picture.name;
        EXPECT_LT(white, 200u) << picture.name;
    }
    for (const char* name : {"2d_rgba16_linear.ktx2", "2d_rgba32_linear.ktx2"}) {
        const auto bytes = core::readFile(folder / name);
        const auto image = decode::decodeImage(*bytes, name);
        ASSERT_TRUE(image) << name << " " << wrongOf(image);
        EXPECT_FALSE(image->srgb);
    }
    const std::pair<const char*, const char*> refused[]{{"2d_bc7.ktx2", ":byte 12"}, {"2d_astc4x4.ktx2", ":byte 12"}, {"test.ktx2", ":byte 135"}}; // the last has one channel
    for (const auto& [name, place] : refused) {
        const auto bytes = core::readFile(folder / name);
        EXPECT_EQ(wrongOf(decode::decodeImage(*bytes, name)), std::string("E_KTX2 ") + name + place);
    }
}
