#include "decode/ktx2_container.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <string_view>

#include "core/bounded_reader.h"

namespace matou::decode {

using core::fail;
using core::Result;
using namespace std::string_view_literals;

namespace {

constexpr std::size_t kHeaderBytes = 80, kLevelBytes = 24, kDescriptorBytes = 28, kSampleBytes = 16;
constexpr std::uint64_t kHeldMost = std::uint64_t{448} << 20; // a few packed kilobytes may claim gigabytes
constexpr std::uint8_t kModelRgb = 1, kModelBc1 = 128, kModelBc3 = 130, kModelEtc1s = 163, kModelUastc = 166;
constexpr std::uint8_t kTransferLinear = 1, kTransferSrgb = 2;
constexpr std::uint8_t kAlpha = 15, kLinear = 0x10, kSigned = 0x40, kFloat = 0x80;

constexpr std::array<TexelFormat, 16> kFormats{{
    {9, TexelKind::unorm8, 1, false, false, 1, 1},      {15, TexelKind::unorm8, 1, false, true, 1, 1},
    {16, TexelKind::unorm8, 2, false, false, 2, 1},     {22, TexelKind::unorm8, 2, false, true, 2, 1},
    {23, TexelKind::unorm8, 3, false, false, 3, 1},     {29, TexelKind::unorm8, 3, false, true, 3, 1},
    {37, TexelKind::unorm8, 4, false, false, 4, 1},     {43, TexelKind::unorm8, 4, false, true, 4, 1},
    {44, TexelKind::unorm8, 4, true, false, 4, 1},      {50, TexelKind::unorm8, 4, true, true, 4, 1},
    {97, TexelKind::float16, 4, false, false, 8, 1},    {109, TexelKind::float32, 4, false, false, 16, 1},
    {131, TexelKind::bc1, 3, false, false, 8, 4},       {132, TexelKind::bc1, 3, false, true, 8, 4},
    {137, TexelKind::bc3, 4, false, false, 16, 4},      {138, TexelKind::bc3, 4, false, true, 16, 4},
}};

bool validUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<std::uint8_t>(text[i]);
        const int more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1;
        if (more < 0 || text.size() - i <= static_cast<std::size_t>(more)) return false;
        std::uint32_t point = more == 0 ? first : first & (0x3fu >> more);
        for (int k = 1; k <= more; ++k) {
            const auto next = static_cast<std::uint8_t>(text[i + static_cast<std::size_t>(k)]);
            if ((next & 0xc0) != 0x80) return false;
            point = point << 6 | (next & 0x3f);
        }
        if ((more == 2 && point < 0x800) || (more == 3 && (point < 0x10000 || point > 0x10ffff)) || (point >= 0xd800 && point < 0xe000)) return false;
        i += static_cast<std::size_t>(more) + 1;
    }
    return true;
}

class Reader {
public:
    Reader(std::span<const std::byte> bytes, const std::string& where, std::uint64_t pixelsLimit) : _bytes(bytes), _where(where), _limit(pixelsLimit) {}

    Result<Ktx2File> run() {
        MATOU_CHECK(header());
        MATOU_CHECK(descriptor());
        MATOU_CHECK(keysAndValues());
        MATOU_CHECK(globalData());
        MATOU_CHECK(levels());
        return std::move(_file);
    }

private:
    template <typename T>
    T at(std::uint64_t offset) const {
        T value;
        std::memcpy(&value, _bytes.data() + offset, sizeof value);
        return value;
    }
    tl::unexpected<core::Error> wrong(std::uint64_t byte, std::string reason) const { return fail("E_KTX2", _where + ":byte " + std::to_string(byte), {std::move(reason)}); }

    /// KTX 2.0, "File Structure": all 32-bit numbers of the header, then the index.
    Result<void> header() {
        if (_bytes.size() < kHeaderBytes) return wrong(_bytes.size(), "cut within the header");
        const auto vkFormat = at<std::uint32_t>(12), typeSize = at<std::uint32_t>(16), width = at<std::uint32_t>(20), height = at<std::uint32_t>(24);
        const auto depth = at<std::uint32_t>(28), layers = at<std::uint32_t>(32), faces = at<std::uint32_t>(36), levelCount = at<std::uint32_t>(40);
        const auto scheme = at<std::uint32_t>(44);
        if (vkFormat != 0) {
            const auto known = std::find_if(kFormats.begin(), kFormats.end(), [&](const TexelFormat& format) { return format.vkFormat == vkFormat; });
            if (known == kFormats.end()) return wrong(12, "VkFormat " + std::to_string(vkFormat) + " is not read");
            _file.format = *known;
        }
        const std::uint32_t expectedSize = _file.format.kind == TexelKind::float32 && vkFormat ? 4 : _file.format.kind == TexelKind::float16 && vkFormat ? 2 : 1;
        if (typeSize != expectedSize) return wrong(16, "typeSize " + std::to_string(typeSize));
        if (width == 0 || height == 0 || width > 16384 || height > 16384 || std::uint64_t{width} * height > _limit)
            return fail("E_IMAGE_SIZE", _where + ":byte 20", {std::to_string(width), std::to_string(height), std::to_string(_limit)});
        if (depth != 0) return wrong(28, "a volume");
        if (layers != 0) return wrong(32, "an array");
        if (faces != 1) return wrong(36, faces == 6 ? "a cube map" : std::to_string(faces) + " faces");
        const auto most = static_cast<std::uint32_t>(std::bit_width(std::max(width, height)));
        if (levelCount > most) return wrong(40, std::to_string(levelCount) + " mip levels");
        if (scheme > 3) return wrong(44, "supercompression " + std::to_string(scheme) + " is not read");
        _file.scheme = static_cast<Supercompression>(scheme);
        if (_file.scheme == Supercompression::basisLz && vkFormat != 0) return wrong(12, "BasisLZ with a VkFormat");
        const auto count = std::max(levelCount, 1u);
        if ((_bytes.size() - kHeaderBytes) / kLevelBytes < count) return wrong(_bytes.size(), "cut within the level index");
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto entry = kHeaderBytes + i * kLevelBytes;
            _file.levels.push_back({at<std::uint64_t>(entry), at<std::uint64_t>(entry + 8), at<std::uint64_t>(entry + 16), std::max(width >> i, 1u), std::max(height >> i, 1u)});
        }
        _dfdOffset = at<std::uint32_t>(48), _dfdLength = at<std::uint32_t>(52), _kvdOffset = at<std::uint32_t>(56), _kvdLength = at<std::uint32_t>(60);
        _sgdOffset = at<std::uint64_t>(64), _sgdLength = at<std::uint64_t>(72);
        return {};
    }

    /// Khronos Basic Data Format Descriptor, one block of version 2.
    Result<void> descriptor() {
        if (_dfdOffset != kHeaderBytes + _file.levels.size() * kLevelBytes) return wrong(48, "the descriptor does not follow the level index");
        if (_dfdLength < kDescriptorBytes || _dfdLength > _bytes.size() - _dfdOffset) return wrong(52, "length of the descriptor");
        if (at<std::uint32_t>(_dfdOffset) != _dfdLength) return wrong(_dfdOffset, "dfdTotalSize");
        const auto block = _dfdOffset + 4;
        if (at<std::uint32_t>(block) != 0) return wrong(block, "the first descriptor is not a basic one");
        if (at<std::uint16_t>(block + 4) != 2) return wrong(block + 4, "version of the descriptor");
        const auto size = at<std::uint16_t>(block + 6);
        if (size + std::uint64_t{4} != _dfdLength || size < 24 + kSampleBytes || (size - 24) % kSampleBytes != 0) return wrong(block + 6, "size of the descriptor");
        const auto model = at<std::uint8_t>(block + 8), primaries = at<std::uint8_t>(block + 9), transfer = at<std::uint8_t>(block + 10), flags = at<std::uint8_t>(block + 11);
        const auto samples = (size - 24u) / kSampleBytes;
        auto& format = _file.format;
        const bool basis = format.vkFormat == 0;
        if (basis) {
            if (model != kModelEtc1s && model != kModelUastc) return wrong(block + 8, "color model " + std::to_string(model) + " without a VkFormat is not read");
            const bool etc1s = model == kModelEtc1s;
            if (etc1s != (_file.scheme == Supercompression::basisLz)) return wrong(44, etc1s ? "ETC1S without BasisLZ" : "BasisLZ with another model");
            if (_file.scheme == Supercompression::zlib) return wrong(44, "UASTC with ZLIB");
            format = {0, etc1s ? TexelKind::etc1s : TexelKind::uastc, 4, false, transfer == kTransferSrgb, etc1s ? 8u : 16u, 4};
            // KHR_texture_basisu: BT.709 with sRGB, or unspecified with linear values; sizes in whole blocks.
            if (transfer == kTransferSrgb ? primaries != 1 : transfer != kTransferLinear || primaries != 0) return wrong(block + 9, "primaries and transfer function");
            if (flags != 0) return wrong(block + 11, "premultiplied alpha");
            if (_file.levels[0].width % 4 != 0 || _file.levels[0].height % 4 != 0) return wrong(20, "width or height not a multiple of 4");
        } else {
            const auto expected = format.kind == TexelKind::bc1 ? kModelBc1 : format.kind == TexelKind::bc3 ? kModelBc3 : kModelRgb;
            if (model != expected) return wrong(block + 8, "color model " + std::to_string(model));
            if (primaries > 11) return wrong(block + 9, "color primaries");
            if (transfer != (format.srgb ? kTransferSrgb : kTransferLinear)) return wrong(block + 10, "transfer function");
            if (flags > 1) return wrong(block + 11, "flags");
        }
        const auto dimension = static_cast<std::uint8_t>(format.blockTexels - 1);
        for (std::uint64_t i = 0; i < 4; ++i)
            if (at<std::uint8_t>(block + 12 + i) != (i < 2 ? dimension : 0)) return wrong(block + 12 + i, "texel block dimensions");
        const auto plane = at<std::uint8_t>(block + 16);
        const bool unsized = plane == 0 && _file.scheme != Supercompression::none;
        if (format.kind == TexelKind::etc1s ? plane != 0 : plane != format.blockBytes && !unsized) return wrong(block + 16, "bytes of plane 0");
        for (std::uint64_t i = 1; i < 8; ++i)
            if (at<std::uint8_t>(block + 16 + i) != 0) return wrong(block + 16 + i, "more than one plane");
        return checkSamples(block + 24, samples);
    }

    struct Sample {
        std::uint16_t bitOffset;
        std::uint8_t bits, channel, qualifiers;
        std::uint32_t lower, upper;
    };
    /// What the format's definition says of its samples.
    std::vector<Sample> expectedSamples(std::uint32_t count) const {
        const auto& format = _file.format;
        switch (format.kind) {
        case TexelKind::etc1s: {
            std::vector<Sample> out{{0, 64, 0, 0, 0, UINT32_MAX}};
            if (count == 2) out.push_back({64, 64, kAlpha, 0, 0, UINT32_MAX});
            return out;
        }
        case TexelKind::uastc: return {{0, 128, 0, 0, 0, UINT32_MAX}}; // channel 0 or 3, looked at apart
        case TexelKind::bc1: return {{0, 64, 0, 0, 0, UINT32_MAX}};
        case TexelKind::bc3: return {{0, 64, kAlpha, 0, 0, UINT32_MAX}, {64, 64, 0, 0, 0, UINT32_MAX}};
        default: break;
        }
        std::vector<Sample> out;
        const std::uint8_t bits = format.kind == TexelKind::float32 ? 32 : format.kind == TexelKind::float16 ? 16 : 8;
        for (std::uint8_t c = 0; c < format.channels; ++c) {
            const auto channel = c == 3 ? kAlpha : static_cast<std::uint8_t>(format.bgr ? 2 - c : c);
            if (bits == 8) out.push_back({static_cast<std::uint16_t>(c * 8), 8, channel, 0, 0, 255});
            else out.push_back({static_cast<std::uint16_t>(c * bits), bits, channel, kFloat | kSigned, 0xbf800000u, 0x3f800000u});
        }
        return out;
    }

    Result<void> checkSamples(std::uint64_t first, std::uint32_t count) {
        const auto expected = expectedSamples(count);
        if (expected.size() != count) return wrong(first, std::to_string(count) + " samples");
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto sample = first + i * kSampleBytes;
            const auto& want = expected[i];
            const auto kind = at<std::uint8_t>(sample + 3);
            auto channel = static_cast<std::uint8_t>(kind & 15);
            auto qualifiers = static_cast<std::uint8_t>(kind & 0xf0);
            // Alpha is linear whatever the transfer function of the colours is.
            if (channel == kAlpha && _file.format.srgb) qualifiers &= static_cast<std::uint8_t>(~kLinear);
            if (_file.format.kind == TexelKind::uastc && channel == 3) {
                _file.alpha = true;
                channel = 0;
            }
            if (at<std::uint16_t>(sample) != want.bitOffset) return wrong(sample, "bit offset of a sample");
            if (at<std::uint8_t>(sample + 2) + 1 != want.bits) return wrong(sample + 2, "bit length of a sample");
            if (channel != want.channel || qualifiers != want.qualifiers) return wrong(sample + 3, "channel of a sample");
            if (at<std::uint32_t>(sample + 4) != 0) return wrong(sample + 4, "position of a sample");
            if (at<std::uint32_t>(sample + 8) != want.lower) return wrong(sample + 8, "lower bound of a sample");
            if (at<std::uint32_t>(sample + 12) != want.upper) return wrong(sample + 12, "upper bound of a sample");
        }
        if (_file.format.kind == TexelKind::etc1s) _file.alpha = count == 2;
        return {};
    }

    Result<void> keysAndValues() {
        _end = _dfdOffset + _dfdLength;
        if (_kvdLength == 0) {
            if (_kvdOffset != 0) return wrong(56, "offset of key/value data that is not there");
            return {};
        }
        if (_kvdOffset != _end) return wrong(56, "key/value data do not follow the descriptor");
        if (_kvdLength > _bytes.size() - _kvdOffset) return wrong(60, "length of the key/value data");
        _end = _kvdOffset + _kvdLength;
        std::string_view last;
        bool writer = false;
        for (auto entry = _kvdOffset; entry < _end;) {
            if (_end - entry < 4) return wrong(entry, "cut within the key/value data");
            const auto length = at<std::uint32_t>(entry);
            if (length < 2 || length > _end - entry - 4) return wrong(entry, "length of a key and its value");
            const std::string_view text(reinterpret_cast<const char*>(_bytes.data()) + entry + 4, length);
            const auto zero = text.find('\0');
            if (zero == std::string_view::npos || zero == 0) return wrong(entry + 4, "a key without its end");
            const auto key = text.substr(0, zero), value = text.substr(zero + 1);
            if (!validUtf8(key) || key.starts_with("\xef\xbb\xbf")) return wrong(entry + 4, "a key that is not UTF-8");
            if (!last.empty() && key <= last) return wrong(entry + 4, key == last ? "a key twice" : "keys out of order");
            last = key;
            MATOU_CHECK(checkEntry(key, value, entry + 4, writer));
            const auto next = entry + 4 + length, padded = (next + 3) / 4 * 4;
            if (padded > _end) return wrong(next, "padding of a value");
            for (auto i = next; i < padded; ++i)
                if (_bytes[i] != std::byte{0}) return wrong(i, "padding of a value");
            entry = padded;
        }
        return {};
    }

    /// The keys that the specification reserves; other people's are their own.
    Result<void> checkEntry(std::string_view key, std::string_view value, std::uint64_t byte, bool& writer) {
        const auto place = byte + key.size() + 1;
        if (!key.starts_with("KTX") && !key.starts_with("ktx")) return {};
        if (key == "KTXwriter" || key == "KTXwriterScParams") {
            if (value.empty() || value.back() != '\0' || !validUtf8(value.substr(0, value.size() - 1)) || value.find('\0') != value.size() - 1)
                return wrong(place, std::string(key) + " is not UTF-8 with an end");
            if (key == "KTXwriterScParams" && !writer) return wrong(byte, "KTXwriterScParams without KTXwriter");
            writer = true;
            return {};
        }
        if (key == "KTXorientation") return value == "rd\0"sv ? Result<void>{} : wrong(place, "KTXorientation other than rd");
        if (key == "KTXswizzle") return value == "rgba\0"sv ? Result<void>{} : wrong(place, "KTXswizzle other than rgba");
        if (key == "KTXastcDecodeMode" && _file.format.kind == TexelKind::uastc) return {};
        return wrong(byte, "key " + std::string(key) + " is not for such an image");
    }

    Result<void> globalData() {
        if (_sgdLength == 0) {
            if (_sgdOffset != 0) return wrong(64, "offset of global data that are not there");
            if (_file.scheme == Supercompression::basisLz) return wrong(72, "BasisLZ without global data");
            return {};
        }
        if (_file.scheme != Supercompression::basisLz) return wrong(72, "global data without BasisLZ");
        const auto padded = (_end + 7) / 8 * 8;
        if (_sgdOffset != padded) return wrong(64, "offset of the global data");
        if (_sgdOffset > _bytes.size() || _sgdLength > _bytes.size() - _sgdOffset) return wrong(72, "length of the global data");
        for (auto i = _end; i < padded; ++i)
            if (_bytes[i] != std::byte{0}) return wrong(i, "padding before the global data");
        _file.globalData = _bytes.subspan(_sgdOffset, _sgdLength);
        _file.globalOffset = _sgdOffset;
        _end = _sgdOffset + _sgdLength;
        return {};
    }

    /// The smallest level comes first in the file; each starts at a multiple of the texel block and of four.
    Result<void> levels() {
        const auto& format = _file.format;
        const std::uint64_t alignment = _file.scheme == Supercompression::none ? std::lcm<std::uint64_t>(format.blockBytes, 4) : 1;
        for (auto i = _file.levels.size(); i-- > 0;) {
            const auto& level = _file.levels[i];
            const auto entry = kHeaderBytes + i * kLevelBytes;
            const auto expected = (_end + alignment - 1) / alignment * alignment;
            if (level.offset != expected) return wrong(entry, "offset of mip level " + std::to_string(i));
            if (level.length == 0 || level.offset > _bytes.size() || level.length > _bytes.size() - level.offset) return wrong(entry + 8, "length of mip level " + std::to_string(i));
            for (auto b = _end; b < expected; ++b)
                if (_bytes[b] != std::byte{0}) return wrong(b, "padding before a mip level");
            const auto across = (level.width + format.blockTexels - 1) / format.blockTexels, down = (level.height + format.blockTexels - 1) / format.blockTexels;
            const auto plain = format.kind == TexelKind::etc1s ? 0 : std::uint64_t{across} * down * format.blockBytes;
            if (level.plainLength != plain) return wrong(entry + 16, "uncompressed length of mip level " + std::to_string(i));
            if (_file.scheme == Supercompression::none && level.length != plain) return wrong(entry + 8, "length of mip level " + std::to_string(i));
            _end = level.offset + level.length;
        }
        // What unpacking holds at once: all texels, and the largest level before it was unpacked.
        std::uint64_t held = _file.scheme == Supercompression::none ? 0 : _file.levels[0].plainLength;
        for (const auto& level : _file.levels) held += std::uint64_t{level.width} * level.height * 4;
        if (held > kHeldMost) return fail("E_IMAGE_SIZE", _where + ":byte 20", {std::to_string(_file.levels[0].width), std::to_string(_file.levels[0].height), std::to_string(kHeldMost / 4)});
        if (_end != _bytes.size()) return wrong(_end, "bytes behind the last mip level");
        return {};
    }

    std::span<const std::byte> _bytes;
    const std::string& _where;
    std::uint64_t _limit;
    Ktx2File _file;
    std::uint64_t _dfdOffset = 0, _dfdLength = 0, _kvdOffset = 0, _kvdLength = 0, _sgdOffset = 0, _sgdLength = 0, _end = 0;
};

} // namespace

Result<Ktx2File> readKtx2(std::span<const std::byte> bytes, const std::string& where, std::uint64_t pixelsLimit) { return Reader(bytes, where, pixelsLimit).run(); }

} // namespace matou::decode
