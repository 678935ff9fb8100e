#include "media/openexr.h"

#include <cmath>
#include <cstring>
#include <exception>
#include <stdexcept>

#include <ImfHeader.h>
#include <ImfIO.h>
#include <ImfRgbaFile.h>

namespace matou::media {
namespace {

constexpr int kSideLimit = 16384;
constexpr std::uint64_t kPixelLimit = 64'000'000;
constexpr int kRowsAtOnce = 64;

class Bytes : public Imf::IStream {
public:
    Bytes(std::span<const std::byte> bytes, const std::string& where) : IStream(where.c_str()), _bytes(bytes) {}
    bool read(char out[], int count) override {
        if (count < 0 || static_cast<std::size_t>(count) > _bytes.size() - _at) throw std::runtime_error("end of data");
        std::memcpy(out, _bytes.data() + _at, static_cast<std::size_t>(count));
        _at += static_cast<std::size_t>(count);
        return _at < _bytes.size();
    }
    std::uint64_t tellg() override { return _at; }
    void seekg(std::uint64_t to) override { _at = std::min<std::uint64_t>(to, _bytes.size()); }

private:
    std::span<const std::byte> _bytes;
    std::size_t _at = 0;
};

float light(float value) { return std::isnan(value) || value < 0 ? 0.0f : std::min(value, 65504.0f); }

} // namespace

core::Result<model::EnvironmentImage> decodeOpenExr(std::span<const std::byte> bytes, const std::string& where) {
    try {
        Imf::Header::setMaxImageSize(kSideLimit, kSideLimit); // before it allocates by what a header says
        Imf::Header::setMaxTileSize(kSideLimit, kSideLimit);
        Bytes stream(bytes, where);
        Imf::RgbaInputFile file(stream, 1);
        const auto window = file.dataWindow();
        const std::int64_t width = std::int64_t{window.max.x} - window.min.x + 1, height = std::int64_t{window.max.y} - window.min.y + 1;
        if (width < 1 || height < 1 || width > kSideLimit || height > kSideLimit || static_cast<std::uint64_t>(width * height) > kPixelLimit)
            return core::fail("E_HDR_SIZE", where, {std::to_string(width) + "x" + std::to_string(height), std::to_string(kSideLimit)});
        model::EnvironmentImage image{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), {}};
        image.rgb.reserve(static_cast<std::size_t>(width * height) * 3);
        std::vector<Imf::Rgba> rows(static_cast<std::size_t>(width) * kRowsAtOnce);
        for (int y = window.min.y; y <= window.max.y; y += kRowsAtOnce) {
            const int last = std::min(y + kRowsAtOnce - 1, window.max.y);
            file.setFrameBuffer(rows.data() - window.min.x - std::int64_t{y} * width, 1, static_cast<std::size_t>(width));
            file.readPixels(y, last);
            for (std::size_t i = 0; i < static_cast<std::size_t>((last - y + 1) * width); ++i)
                for (const float value : {float(rows[i].r), float(rows[i].g), float(rows[i].b)}) image.rgb.push_back(light(value));
        }
        return image;
    } catch (const std::exception& reason) { // the library's way to say so
        std::string text = reason.what();
        for (char& c : text)
            if (c == '\n') c = ' ';
        return core::fail("E_HDR_READ", where, {text.substr(0, 200)});
    }
}

} // namespace matou::media
