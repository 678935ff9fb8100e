#include "media/radiance.h"

#include <cmath>
#include <cstdio>
#include <string_view>

#include "core/file.h"
#include "media/openexr.h"

namespace matou::media {
namespace {

constexpr std::uint32_t kSideLimit = 16384;
constexpr std::uint64_t kPixelLimit = 64'000'000;
constexpr std::size_t kLineLimit = 4096;

struct Cursor {
    std::span<const std::byte> bytes;
    const std::string& where;
    std::size_t at = 0;

    std::size_t left() const { return bytes.size() - at; }
    std::uint8_t next() { return static_cast<std::uint8_t>(bytes[at++]); }
    tl::unexpected<core::Error> broken(const char* why) const { return core::fail("E_HDR_READ", where + "@" + std::to_string(at), {why}); }
    core::Result<std::string_view> line() {
        const std::string_view rest(reinterpret_cast<const char*>(bytes.data()) + at, std::min(left(), kLineLimit));
        const auto end = rest.find('\n');
        if (end == std::string_view::npos) return broken("header");
        at += end + 1;
        return rest.substr(0, end);
    }
};

/// Four components after each other, each in runs. `row` holds width * 4 bytes.
core::Result<void> readRuns(Cursor& in, std::uint32_t width, std::vector<std::uint8_t>& row) {
    for (std::uint32_t component = 0; component < 4; ++component)
        for (std::uint32_t x = 0; x < width;) {
            if (in.left() < 2) return in.broken("end of data");
            const std::uint8_t count = in.next();
            const bool run = count > 128;
            const std::uint32_t length = run ? count - 128u : count;
            if (length == 0 || length > width - x || (!run && in.left() < length)) return in.broken("run");
            const std::uint8_t value = run ? in.next() : 0;
            for (std::uint32_t i = 0; i < length; ++i, ++x) row[x * 4 + component] = run ? value : in.next();
        }
    return {};
}

} // namespace

core::Result<model::EnvironmentImage> decodeRadiance(std::span<const std::byte> bytes, const std::string& where) {
    Cursor in{bytes, where};
    MATOU_TRY(first, in.line());
    if (!first.starts_with("#?")) return in.broken("header");
    for (;;) {
        MATOU_TRY(line, in.line());
        if (line.empty()) break;
        if (line.starts_with("FORMAT=") && line != "FORMAT=32-bit_rle_rgbe") return in.broken("FORMAT");
    }
    MATOU_TRY(size, in.line());
    unsigned width = 0, height = 0;
    if (size.size() > 40 || std::sscanf(std::string(size).c_str(), "-Y %5u +X %5u", &height, &width) != 2) return in.broken("-Y H +X W");
    if (width == 0 || height == 0 || width > kSideLimit || height > kSideLimit || std::uint64_t{width} * height > kPixelLimit)
        return core::fail("E_HDR_SIZE", where, {std::to_string(width) + "x" + std::to_string(height), std::to_string(kSideLimit)});
    // The shortest that a row can be: runs of 127, two bytes each, of four components.
    const std::uint64_t least = width < 8 ? width * 4u : 4u + 8u * ((width + 126u) / 127u);
    if (in.left() < least * height) return in.broken("end of data");
    model::EnvironmentImage image{width, height, {}};
    image.rgb.reserve(std::size_t{width} * height * 3);
    std::vector<std::uint8_t> row(std::size_t{width} * 4);
    for (unsigned y = 0; y < height; ++y) {
        if (in.left() < 4) return in.broken("end of data");
        const auto byte = [&](std::size_t i) { return static_cast<unsigned>(in.bytes[in.at + i]); };
        if (width >= 8 && width < 32768 && byte(0) == 2 && byte(1) == 2 && (byte(2) << 8 | byte(3)) == width) {
            in.at += 4;
            MATOU_CHECK(readRuns(in, width, row));
        } else {
            if (in.left() < row.size()) return in.broken("end of data");
            for (auto& value : row) value = in.next();
        }
        for (unsigned x = 0; x < width; ++x) {
            const std::uint8_t* p = &row[x * 4];
            const float scale = p[3] == 0 ? 0.0f : std::ldexp(1.0f, int{p[3]} - 136); // at most 2^119 * 255: finite
            for (int c = 0; c < 3; ++c) image.rgb.push_back(static_cast<float>(p[c]) * scale);
        }
    }
    return image;
}

core::Result<model::EnvironmentImage> readEnvironment(const std::filesystem::path& path) {
    const auto kind = path.extension();
    if (kind != ".hdr" && kind != ".exr") return core::fail("E_HDR_KIND", path.string(), {kind.string()});
    MATOU_TRY(bytes, core::readFile(path));
    if (kind == ".exr") return decodeOpenExr(bytes, path.string());
    return decodeRadiance(bytes, path.string());
}

} // namespace matou::media
