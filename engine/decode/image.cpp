#include "decode/image.h"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>
#include <png.h>
#include <webp/decode.h>
#include <zlib.h>

#include "decode/ktx2.h"

namespace matou::decode {

using core::fail;
using core::Result;
using model::Image;

namespace {

Result<void> checkSize(std::uint64_t width, std::uint64_t height, const std::string& where, std::uint64_t limit) {
    if (width == 0 || height == 0 || width > 16384 || height > 16384 || width * height > limit)
        return fail("E_IMAGE_SIZE", where, {std::to_string(width), std::to_string(height), std::to_string(limit)});
    return {};
}

std::string at(const std::string& where, std::uint64_t byte) { return where + ":byte " + std::to_string(byte); }

/// Where a PNG that the library refuses is damaged: the first chunk that is cut or fails its sum, else where the pixels begin.
std::uint64_t pngFault(std::span<const std::byte> bytes) {
    const auto big = [&](std::uint64_t offset) {
        std::uint32_t value = 0;
        for (std::uint64_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint32_t>(bytes[offset + i]);
        return value;
    };
    std::uint64_t pixels = 8;
    for (std::uint64_t chunk = 8; chunk < bytes.size();) {
        if (bytes.size() - chunk < 12) return chunk;
        const std::uint64_t length = big(chunk);
        if (length > bytes.size() - chunk - 12) return chunk;
        const auto* body = reinterpret_cast<const Bytef*>(bytes.data() + chunk + 4);
        if (crc32(0, body, static_cast<uInt>(length + 4)) != big(chunk + 8 + length)) return chunk;
        const bool data = std::memcmp(body, "IDAT", 4) == 0;
        if (data && pixels == 8) pixels = chunk;
        chunk += 12 + length;
    }
    return pixels;
}

Result<Image> decodePng(std::span<const std::byte> bytes, const std::string& where, std::uint64_t limit) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) return fail("E_IMAGE_BROKEN", at(where, pngFault(bytes)), {png.message});
    if (auto size = checkSize(png.width, png.height, at(where, 16), limit); !size) {
        png_image_free(&png);
        return tl::unexpected(size.error());
    }
    png.format = PNG_FORMAT_RGBA;
    Image image{.width = png.width, .height = png.height};
    image.rgba.resize(PNG_IMAGE_SIZE(png));
    if (!png_image_finish_read(&png, nullptr, image.rgba.data(), 0, nullptr)) {
        png_image_free(&png);
        return fail("E_IMAGE_BROKEN", at(where, pngFault(bytes)), {png.message});
    }
    return image;
}

struct JpegErrors {
    jpeg_error_mgr base;
    std::jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
};

void jpegFailed(j_common_ptr info) {
    auto* errors = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, errors->message);
    std::longjmp(errors->escape, 1);
}
/// Warnings that mean lost pixels count; files with odd markers or bytes between them are whole.
void jpegWarned(j_common_ptr info, int level) {
    const auto code = info->err->msg_code;
    if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE)) ++info->err->num_warnings;
}
void jpegQuiet(j_common_ptr) {}

/// All that the C library jumps over lives in the caller: no destructor is skipped.
bool jpegRows(std::span<const std::byte> bytes, jpeg_decompress_struct& jpeg, JpegErrors& errors, std::vector<std::uint8_t>& rgba, std::uint64_t limit,
              std::uint32_t& width, std::uint32_t& height, bool& sized) {
    if (setjmp(errors.escape)) return false;
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&jpeg, TRUE);
    width = jpeg.image_width;
    height = jpeg.image_height;
    if (width == 0 || height == 0 || width > 16384 || height > 16384 || std::uint64_t{width} * height > limit) return false;
    sized = true;
    jpeg.out_color_space = JCS_EXT_RGBA;
    jpeg.mem->max_memory_to_use = 256L << 20; // progressive files keep all coefficients
    jpeg_start_decompress(&jpeg);
    rgba.resize(std::size_t{width} * height * 4);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW row = rgba.data() + std::size_t{jpeg.output_scanline} * width * 4;
        jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    return true;
}

Result<Image> decodeJpeg(std::span<const std::byte> bytes, const std::string& where, std::uint64_t limit) {
    jpeg_decompress_struct jpeg{};
    JpegErrors errors{};
    jpeg.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = jpegFailed;
    errors.base.emit_message = jpegWarned;
    errors.base.output_message = jpegQuiet;
    Image image;
    bool sized = false;
    const bool done = jpegRows(bytes, jpeg, errors, image.rgba, limit, image.width, image.height, sized);
    const auto place = at(where, jpeg.src ? bytes.size() - std::min(bytes.size(), jpeg.src->bytes_in_buffer) : 0); // as far as it read
    jpeg_destroy_decompress(&jpeg);
    if (done && errors.base.num_warnings == 0) return image;
    if (!sized && image.width != 0) MATOU_CHECK(checkSize(image.width, image.height, place, limit));
    return fail("E_IMAGE_BROKEN", place, {done ? "damaged data" : errors.message});
}

Result<Image> decodeWebp(std::span<const std::byte> bytes, const std::string& where, std::uint64_t limit) {
    int width = 0, height = 0;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    if (!WebPGetInfo(data, bytes.size(), &width, &height)) return fail("E_IMAGE_BROKEN", at(where, 12), {"WebP header"});
    MATOU_CHECK(checkSize(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), at(where, 12), limit));
    Image image{.width = static_cast<std::uint32_t>(width), .height = static_cast<std::uint32_t>(height)};
    image.rgba.resize(std::size_t{image.width} * image.height * 4);
    if (!WebPDecodeRGBAInto(data, bytes.size(), image.rgba.data(), image.rgba.size(), width * 4)) return fail("E_IMAGE_BROKEN", at(where, 12), {"WebP data"});
    return image;
}

bool startsWith(std::span<const std::byte> bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

} // namespace

Result<Image> decodeImage(std::span<const std::byte> bytes, const std::string& where, std::uint64_t pixelsLimit) {
    using namespace std::string_view_literals;
    if (startsWith(bytes, "\x89PNG\r\n\x1a\n"sv)) return decodePng(bytes, where, pixelsLimit);
    if (startsWith(bytes, "\xff\xd8\xff"sv)) return decodeJpeg(bytes, where, pixelsLimit);
    if (bytes.size() > 12 && startsWith(bytes, "RIFF"sv) && startsWith(bytes.subspan(8), "WEBP"sv)) return decodeWebp(bytes, where, pixelsLimit);
    if (looksLikeKtx2(bytes)) return decodeKtx2(bytes, where, pixelsLimit);
    if (bytes.size() < 8) return fail("E_IMAGE_BROKEN", at(where, bytes.size()), {"too short"});
    return fail("E_IMAGE_KIND", at(where, 0));
}

} // namespace matou::decode
