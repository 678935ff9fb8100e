#include "decode/meshopt_stream.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>

#include <meshoptimizer.h>

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

/// KHR_meshopt_compression, "Filter 4: color": Y, Co, Cg and A of K bits; K is where alpha's highest bit stands.
template <typename T>
void unfilterColors(std::vector<std::byte>& bytes, std::size_t count) {
    using Signed = std::make_signed_t<T>;
    constexpr float kMost = static_cast<float>(std::numeric_limits<T>::max());
    for (std::size_t i = 0; i < count; ++i) {
        T raw[4];
        std::memcpy(raw, bytes.data() + i * sizeof raw, sizeof raw);
        const int y = raw[0], co = static_cast<Signed>(raw[1]), cg = static_cast<Signed>(raw[2]);
        const int most = (1 << std::max(static_cast<int>(std::bit_width(raw[3])), 1)) - 1;
        const int alpha = (raw[3] << 1 & most) | (raw[3] & 1); // its lowest bit stands for the one that the mark took
        const auto scaled = [&](int value) { return static_cast<T>(std::clamp(static_cast<float>(value) / static_cast<float>(most), 0.0f, 1.0f) * kMost + 0.5f); };
        const T out[4] = {scaled(y + co - cg), scaled(y + cg), scaled(y - co - cg), scaled(alpha)};
        std::memcpy(bytes.data() + i * sizeof out, out, sizeof out);
    }
}

/// KHR_meshopt_compression, "Mode 0: attributes", version 1: Debian's library reads version 0 only.
class AttributesV1 {
public:
    AttributesV1(std::span<const std::byte> bytes, std::size_t count, std::size_t stride) : _bytes(bytes), _count(count), _stride(stride) {}

    /// False where the stream is damaged.
    bool decode(std::vector<std::byte>& out) {
        const std::size_t tail = _stride + _stride / 4, padded = std::max<std::size_t>(tail, 24);
        if (_bytes.size() < 1 + padded) return false;
        _end = _bytes.size() - padded;
        _at = 1;
        const auto baseline = _bytes.subspan(_bytes.size() - tail, _stride);
        const auto modes = _bytes.last(_stride / 4);
        for (const auto mode : modes)
            if ((static_cast<unsigned>(mode) & 15) > 2 || ((static_cast<unsigned>(mode) & 15) < 2 && static_cast<unsigned>(mode) > 15)) return false;
        std::vector<std::uint8_t> last(_stride);
        std::memcpy(last.data(), baseline.data(), _stride);
        const std::size_t most = std::min<std::size_t>(8192 / _stride & ~std::size_t{15}, kBlockMost);
        for (std::size_t first = 0; first < _count; first += most)
            if (!block(std::min(most, _count - first), modes, last, out.data() + first * _stride)) return false;
        return _at == _end;
    }

private:
    static constexpr std::size_t kBlockMost = 256;

    bool block(std::size_t elements, std::span<const std::byte> modes, std::vector<std::uint8_t>& last, std::byte* out) {
        if (_end - _at < _stride / 4) return false;
        const auto control = _bytes.subspan(_at, _stride / 4);
        _at += _stride / 4;
        _deltas.assign(_stride * kBlockMost, 0);
        for (std::size_t b = 0; b < _stride; ++b)
            if (!channel(static_cast<unsigned>(control[b / 4]) >> b % 4 * 2 & 3, elements, _deltas.data() + b * kBlockMost)) return false;
        for (std::size_t e = 0; e < elements; ++e)
            for (std::size_t c = 0; c < _stride / 4; ++c) {
                std::uint8_t delta[4];
                for (std::size_t b = 0; b < 4; ++b) delta[b] = _deltas[(c * 4 + b) * kBlockMost + e];
                apply(static_cast<unsigned>(modes[c]), delta, last.data() + c * 4);
                std::memcpy(out + e * _stride + c * 4, last.data() + c * 4, 4);
            }
        return true;
    }

    /// One byte of every element: groups of sixteen, each with its own width.
    bool channel(unsigned control, std::size_t elements, std::uint8_t* out) {
        if (control == 2) return true;
        if (control == 3) {
            if (_end - _at < elements) return false;
            std::memcpy(out, _bytes.data() + _at, elements);
            _at += elements;
            return true;
        }
        const std::size_t groups = (elements + 15) / 16, header = (groups + 3) / 4;
        if (_end - _at < header) return false;
        const auto widths = _bytes.subspan(_at, header);
        _at += header;
        static constexpr unsigned kBits[2][4] = {{0, 1, 2, 4}, {1, 2, 4, 8}};
        for (std::size_t g = 0; g < groups; ++g)
            if (!group(kBits[control][static_cast<unsigned>(widths[g / 4]) >> g % 4 * 2 & 3], out + g * 16)) return false;
        return true;
    }

    bool group(unsigned bits, std::uint8_t* out) {
        if (bits == 0) return true;
        if (_end - _at < std::size_t{2} * bits) return false;
        const auto packed = _bytes.subspan(_at, std::size_t{2} * bits);
        _at += packed.size();
        const unsigned sentinel = (1u << bits) - 1;
        for (unsigned i = 0; i < 16; ++i) {
            const unsigned byte = static_cast<unsigned>(packed[i * bits / 8]), place = i * bits % 8;
            // One-bit deltas go from the lowest bit up, wider ones from the highest down.
            const unsigned value = byte >> (bits == 1 ? place : 8 - bits - place) & sentinel;
            if (bits < 8 && value == sentinel) {
                if (_at == _end) return false;
                out[i] = static_cast<std::uint8_t>(_bytes[_at++]);
            } else {
                out[i] = static_cast<std::uint8_t>(value);
            }
        }
        return true;
    }

    static void apply(unsigned mode, const std::uint8_t delta[4], std::uint8_t* value) {
        if ((mode & 15) == 0) {
            for (int b = 0; b < 4; ++b) value[b] = static_cast<std::uint8_t>(value[b] + (delta[b] & 1 ? ~(delta[b] >> 1) : delta[b] >> 1));
        } else if ((mode & 15) == 1) {
            for (int h = 0; h < 4; h += 2) {
                const unsigned d = delta[h] | static_cast<unsigned>(delta[h + 1]) << 8;
                const unsigned v = (value[h] | static_cast<unsigned>(value[h + 1]) << 8) + (d & 1 ? ~(d >> 1) : d >> 1);
                value[h] = static_cast<std::uint8_t>(v);
                value[h + 1] = static_cast<std::uint8_t>(v >> 8);
            }
        } else {
            std::uint32_t d, v;
            std::memcpy(&d, delta, 4);
            std::memcpy(&v, value, 4);
            v ^= std::rotl(d, static_cast<int>(mode >> 4));
            std::memcpy(value, &v, 4);
        }
    }

    std::span<const std::byte> _bytes;
    std::size_t _count, _stride, _at = 0, _end = 0;
    std::vector<std::uint8_t> _deltas;
};

/// The fewest bytes that can stand for so many elements (by the bitstream's headers), so that a short stream allocates little.
std::uint64_t leastBytes(const MeshoptStream& stream, bool version1) {
    switch (stream.mode) {
    case MeshoptStream::Mode::triangles: return stream.count / 3;
    case MeshoptStream::Mode::indices: return stream.count;
    default: return stream.count / (version1 ? 1024 : 64) * stream.stride;
    }
}

} // namespace

Result<std::vector<std::byte>> decodeMeshopt(std::span<const std::byte> bytes, const MeshoptStream& stream, const std::string& where) {
    const bool version1 = stream.mode == MeshoptStream::Mode::attributes && !bytes.empty() && bytes[0] == std::byte{0xa1};
    if (bytes.size() < leastBytes(stream, version1)) return fail("E_GLTF_MESHOPT", where, {"too short for " + std::to_string(stream.count) + " elements"});
    std::vector<std::byte> out(stream.count * stream.stride);
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    int failed = 0;
    switch (stream.mode) {
    case MeshoptStream::Mode::attributes:
        if (version1) failed = AttributesV1(bytes, stream.count, stream.stride).decode(out) ? 0 : -1;
        else failed = meshopt_decodeVertexBuffer(out.data(), stream.count, stream.stride, data, bytes.size());
        break;
    case MeshoptStream::Mode::triangles: failed = meshopt_decodeIndexBuffer(out.data(), stream.count, stream.stride, data, bytes.size()); break;
    case MeshoptStream::Mode::indices: failed = meshopt_decodeIndexSequence(out.data(), stream.count, stream.stride, data, bytes.size()); break;
    }
    if (failed != 0) return fail("E_GLTF_MESHOPT", where, {"damaged stream"});
    switch (stream.filter) {
    case MeshoptStream::Filter::none: break;
    case MeshoptStream::Filter::octahedral: meshopt_decodeFilterOct(out.data(), stream.count, stream.stride); break;
    case MeshoptStream::Filter::quaternion: meshopt_decodeFilterQuat(out.data(), stream.count, stream.stride); break;
    case MeshoptStream::Filter::exponential: meshopt_decodeFilterExp(out.data(), stream.count, stream.stride); break;
    case MeshoptStream::Filter::color:
        if (stream.stride == 4) unfilterColors<std::uint8_t>(out, stream.count);
        else unfilterColors<std::uint16_t>(out, stream.count);
        break;
    }
    return out;
}

} // namespace matou::decode
