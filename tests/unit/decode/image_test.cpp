#include <gtest/gtest.h>
#include <png.h>

#include "decode/image.h"
#include "support/generated_gltf.h"

using namespace matou;

namespace {
test::Bytes pngOf(std::uint32_t width, std::uint32_t height, const std::vector<std::uint8_t>& rgba) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGBA;
    png_alloc_size_t size = 0;
    png_image_write_to_memory(&image, nullptr, &size, 0, rgba.data(), 0, nullptr);
    test::Bytes out(size);
    png_image_write_to_memory(&image, out.data(), &size, 0, rgba.data(), 0, nullptr);
    return out;
}
} // namespace

TEST(Image, readsPng) {
    const std::vector<std::uint8_t> rgba{255, 0, 0, 255, 0, 255, 0, 128};
    const auto image = decode::decodeImage(pngOf(2, 1, rgba), "a.png");
    ASSERT_TRUE(image);
    EXPECT_EQ(image->width, 2u);
    EXPECT_EQ(image->rgba, rgba);
}

TEST(Image, looksAtTheSizeBeforeUnpacking) {
    const auto bytes = pngOf(64, 64, std::vector<std::uint8_t>(64 * 64 * 4));
    const auto image = decode::decodeImage(bytes, "a.png", 1000);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, "E_IMAGE_SIZE");
}

TEST(Image, refusesWhatIsCutOrUnknown) {
    auto bytes = pngOf(64, 64, std::vector<std::uint8_t>(64 * 64 * 4, 7));
    bytes.resize(bytes.size() / 2);
    EXPECT_EQ(decode::decodeImage(bytes, "a.png").error().code, "E_IMAGE_BROKEN");
    EXPECT_EQ(decode::decodeImage(test::bytesOf("GIF89a......"), "a.gif").error().code, "E_IMAGE_KIND");
    EXPECT_EQ(decode::decodeImage(test::bytesOf("\xff\xd8\xff\xe0 not a jpeg at all"), "a.jpg").error().code, "E_IMAGE_BROKEN");
    EXPECT_EQ(decode::decodeImage({}, "none").error().code, "E_IMAGE_BROKEN");
}
