#include "decode/ktx2.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

#include <zlib.h>
#include <zstd.h>

#include "decode/basis_lz.h"
#include "decode/ktx2_container.h"
#include "decode/uastc.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

/// The bytes of a level without supercompression: exactly as many as the level index says.
Result<std::vector<std::byte>> inflated(std::span<const std::byte> bytes, const Ktx2File& file, const Ktx2Level& level, const std::string& where) {
    const auto source = bytes.subspan(level.offset, level.length);
    std::vector<std::byte> out(level.plainLength);
    bool done = false;
    if (file.scheme == Supercompression::zstd) {
        done = ZSTD_decompress(out.data(), out.size(), source.data(), source.size()) == out.size(); // errors are huge numbers
    } else {
        uLongf length = out.size();
        done = uncompress(reinterpret_cast<Bytef*>(out.data()), &length, reinterpret_cast<const Bytef*>(source.data()), source.size()) == Z_OK && length == out.size();
    }
    if (!done) return fail("E_KTX2", where + ":byte " + std::to_string(level.offset), {"damaged supercompression"});
    return out;
}

float halfToFloat(std::uint16_t half) {
    const int exponent = half >> 10 & 31, mantissa = half & 1023;
    const float value = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24) : exponent == 31 ? (mantissa ? 0.0f : 65504.0f) : std::ldexp(static_cast<float>(mantissa | 1024), exponent - 25);
    return half & 0x8000 ? -value : value;
}
std::uint8_t unorm(float value) { return value > 0 ? static_cast<std::uint8_t>(std::min(value, 1.0f) * 255.0f + 0.5f) : 0; } // NaN: 0

void plainTexel(const std::byte* in, const TexelFormat& format, std::uint8_t* out) {
    out[0] = out[1] = out[2] = 0;
    out[3] = 255;
    for (std::size_t c = 0; c < format.channels; ++c) {
        if (format.kind == TexelKind::unorm8) {
            out[c] = static_cast<std::uint8_t>(in[c]);
        } else if (format.kind == TexelKind::float16) {
            std::uint16_t half;
            std::memcpy(&half, in + c * 2, 2);
            out[c] = unorm(halfToFloat(half));
        } else {
            float value;
            std::memcpy(&value, in + c * 4, 4);
            out[c] = unorm(value);
        }
    }
    if (format.bgr) std::swap(out[0], out[2]);
}

/// BC1's colours (Khronos Data Format Specification, "S3TC"); in BC3 there are always four of them.
void bc1Colors(const std::byte* in, bool fourAlways, std::uint8_t* rgba) {
    std::uint16_t ends[2];
    std::uint32_t indices;
    std::memcpy(ends, in, 4);
    std::memcpy(&indices, in + 4, 4);
    int colors[4][3];
    for (int e = 0; e < 2; ++e) {
        const int r = ends[e] >> 11, g = ends[e] >> 5 & 63, b = ends[e] & 31;
        colors[e][0] = r << 3 | r >> 2, colors[e][1] = g << 2 | g >> 4, colors[e][2] = b << 3 | b >> 2;
    }
    const bool four = fourAlways || ends[0] > ends[1];
    for (int c = 0; c < 3; ++c) {
        colors[2][c] = four ? (2 * colors[0][c] + colors[1][c]) / 3 : (colors[0][c] + colors[1][c]) / 2;
        colors[3][c] = four ? (colors[0][c] + 2 * colors[1][c]) / 3 : 0;
    }
    for (int t = 0; t < 16; ++t)
        for (int c = 0; c < 3; ++c) rgba[t * 4 + c] = static_cast<std::uint8_t>(colors[indices >> (t * 2) & 3][c]);
}

void bc3Alpha(const std::byte* in, std::uint8_t* rgba) {
    const int first = static_cast<int>(in[0]), last = static_cast<int>(in[1]);
    std::uint64_t indices = 0;
    std::memcpy(&indices, in + 2, 6);
    for (int t = 0; t < 16; ++t) {
        const int i = static_cast<int>(indices >> (t * 3) & 7);
        int value = i == 0 ? first : last;
        if (i > 1) value = first > last ? ((8 - i) * first + (i - 1) * last) / 7 : i == 6 ? 0 : i == 7 ? 255 : ((6 - i) * first + (i - 1) * last) / 5;
        rgba[t * 4 + 3] = static_cast<std::uint8_t>(value);
    }
}

bool decodeBlock(const std::byte* in, const TexelFormat& format, std::uint8_t (&texels)[64]) {
    switch (format.kind) {
    case TexelKind::uastc: return decodeUastcBlock(std::span<const std::byte, 16>(in, 16), std::span<std::uint8_t, 64>(texels));
    case TexelKind::bc3:
        bc1Colors(in + 8, true, texels);
        bc3Alpha(in, texels);
        return true;
    default:
        std::memset(texels, 255, sizeof texels);
        bc1Colors(in, false, texels);
        return true;
    }
}

Result<void> decodeLevel(std::span<const std::byte> data, const Ktx2File& file, const Ktx2Level& level, const std::string& where, std::uint8_t* out) {
    const auto& format = file.format;
    if (format.blockTexels == 1) {
        for (std::size_t t = 0; t < std::size_t{level.width} * level.height; ++t) plainTexel(data.data() + t * format.blockBytes, format, out + t * 4);
        return {};
    }
    const std::uint32_t across = (level.width + 3) / 4, down = (level.height + 3) / 4;
    std::uint8_t texels[64];
    for (std::uint32_t by = 0; by < down; ++by)
        for (std::uint32_t bx = 0; bx < across; ++bx) {
            const auto block = (std::size_t{by} * across + bx) * format.blockBytes;
            if (!decodeBlock(data.data() + block, format, texels))
                return fail("E_KTX2", where + ":byte " + std::to_string(level.offset + (file.scheme == Supercompression::none ? block : 0)), {"a block of no known mode"});
            for (std::uint32_t y = 0; y < 4 && by * 4 + y < level.height; ++y) {
                const auto width = std::min(4u, level.width - bx * 4);
                std::memcpy(out + (std::size_t{by * 4 + y} * level.width + bx * 4) * 4, texels + y * 16, std::size_t{width} * 4);
            }
        }
    return {};
}

} // namespace

bool looksLikeKtx2(std::span<const std::byte> bytes) {
    static constexpr std::string_view kIdentifier("\xabKTX 20\xbb\r\n\x1a\n", 12);
    return bytes.size() >= kIdentifier.size() && std::memcmp(bytes.data(), kIdentifier.data(), kIdentifier.size()) == 0;
}

Result<model::Image> decodeKtx2(std::span<const std::byte> bytes, const std::string& where, std::uint64_t pixelsLimit) {
    if (!looksLikeKtx2(bytes)) return fail("E_KTX2", where + ":byte 0", {"no KTX2 identifier"});
    MATOU_TRY(file, readKtx2(bytes, where, pixelsLimit));
    model::Image image{.width = file.levels[0].width, .height = file.levels[0].height, .levels = static_cast<std::uint32_t>(file.levels.size()), .srgb = file.format.srgb};
    if (file.format.kind == TexelKind::etc1s) {
        MATOU_CHECK(decodeBasisLz(bytes, file, where, image.rgba));
        return image;
    }
    for (const auto& level : file.levels) {
        std::vector<std::byte> plain;
        auto data = bytes.subspan(level.offset, level.length);
        if (file.scheme != Supercompression::none) {
            MATOU_TRY(inflatedBytes, inflated(bytes, file, level, where));
            plain = std::move(inflatedBytes);
            data = plain;
        }
        const auto first = image.rgba.size();
        image.rgba.resize(first + std::size_t{level.width} * level.height * 4);
        MATOU_CHECK(decodeLevel(data, file, level, where, image.rgba.data() + first));
    }
    return image;
}

} // namespace matou::decode
