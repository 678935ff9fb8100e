#include "decode/vertices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "decode/accessor.h"

namespace matou::decode {

using model::Vertex;

namespace {

/// Four numbers that the processor takes at once, on any of those that we build for.
using Four __attribute__((vector_size(16))) = float;

using FourBits __attribute__((vector_size(16))) = std::int32_t;

/// Three signed bytes, the first the lowest; half away from zero.
std::uint32_t packedBits(float x, float y, float z) {
    const float length = std::sqrt(x * x + y * y + z * z);
    if (!(length > 1e-20f)) return 0;
    auto each = Four{x, y, z, 0} / length * 127.0f;
    each +=
        reinterpret_cast<Four>((reinterpret_cast<FourBits>(each) & INT32_MIN) | 0x3f000000); // a half of its own sign
    const auto whole = __builtin_convertvector(each, FourBits) & 255;
    return static_cast<std::uint32_t>(whole[0] | whole[1] << 8 | whole[2] << 16);
}

/// Half away from zero, like lround, which is a call for each of millions of values.
int nearest(float value) {
    return static_cast<int>(value + (value < 0 ? -0.5f : 0.5f));
}
std::uint8_t unorm(float value) {
    return static_cast<std::uint8_t>(nearest(std::clamp(value, 0.0f, 1.0f) * 255.0f));
}

/// Floats of an accessor where they lie, or a converted copy of them.
class Floats {
public:
    Floats(const Document& document, std::uint64_t accessor) : _run(inPlace(document, accessor, 5126)) {
        if (_run.first) return;
        _converted = readFloats(document, accessor);
        _run = {reinterpret_cast<const std::byte*>(_converted.data()),
                static_cast<std::uint64_t>(document.accessors[accessor].components) * sizeof(float)};
    }
    InPlace run() const { return _run; }

private:
    InPlace _run;
    std::vector<float> _converted;
};

/// The same of colours as eight bits a channel; without an alpha it is full.
class Colors {
public:
    Colors(const Document& document, std::uint64_t accessor) : _alpha(document.accessors[accessor].components == 4) {
        if (document.accessors[accessor].normalized) _run = inPlace(document, accessor, 5121); // the same scale as ours
        if (_run.first) return;
        const auto values = readFloats(document, accessor);
        _converted.resize(values.size());
        std::transform(values.begin(), values.end(), _converted.begin(), unorm);
        _run = {reinterpret_cast<const std::byte*>(_converted.data()), _alpha ? 4u : 3u};
    }
    bool alpha() const { return _alpha; }
    InPlace run() const { return _run; }

private:
    InPlace _run;
    bool _alpha;
    std::vector<std::uint8_t> _converted;
};

/// Vertices are made in a piece that stays in the processor's nearest cache, one attribute after another, and then
/// appended: the large array is written once and never read back. 64 of them are 2.3 KB.
constexpr std::uint64_t kPiece = 64;
using Piece = std::array<Vertex, kPiece>;

Four lower(Four a, Four b) {
    return b < a ? b : a;
}
Four higher(Four a, Four b) {
    return b > a ? b : a;
}

/// Of positions; each is taken together with the number behind it, which nobody looks at.
struct Bounds {
    Four low, high;
};

// Not inlined, all of them: within the one large function the compiler keeps their few variables in memory.
[[gnu::noinline]] void takePositions(InPlace run, std::uint64_t first, std::uint64_t count, Piece& piece,
                                     Bounds& bounds) {
    for (std::uint64_t i = 0; i < count; ++i)
        std::memcpy(&piece[i].position, run.at(first + i), sizeof(glm::vec3));
    auto low = bounds.low, high = bounds.high, low2 = low,
         high2 = high; // two chains: a minimum waits for the one before it
    std::uint64_t i = 0;
    for (; i + 2 < count; i += 2) { // the last has nothing behind it that could be read
        const auto a = load<Four>(run.at(first + i)), b = load<Four>(run.at(first + i + 1));
        low = lower(low, a);
        high = higher(high, a);
        low2 = lower(low2, b);
        high2 = higher(high2, b);
    }
    for (; i < count; ++i) {
        const auto last = load<glm::vec3>(run.at(first + i));
        low = lower(low, Four{last.x, last.y, last.z, 0});
        high = higher(high, Four{last.x, last.y, last.z, 0});
    }
    bounds = {lower(low, low2), higher(high, high2)};
}

[[gnu::noinline]] void takeNormals(InPlace run, std::uint64_t first, std::uint64_t count, Piece& piece) {
    std::uint64_t lastXy = 0; // compared as bits
    std::uint32_t lastZ = 0;
    std::uint32_t packed = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto* at = run.at(first + i);
        const auto xy = load<std::uint64_t>(at);
        const auto z = load<std::uint32_t>(at + sizeof xy);
        if (xy != lastXy || z != lastZ) { // the corners of a wall share theirs
            packed = packedBits(load<float>(at), load<float>(at + 4), load<float>(at + 8));
            lastXy = xy;
            lastZ = z;
        }
        std::memcpy(&piece[i].normal, &packed, sizeof packed);
    }
}

[[gnu::noinline]] void takeUvs(InPlace run, const UvSource& uv, std::uint64_t first, std::uint64_t count,
                               Piece& piece) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto pair = load<glm::vec2>(run.at(first + i));
        piece[i].uv = uv.moved ? uv.matrix * pair + uv.offset : pair;
    }
}

template <std::size_t Channels>
[[gnu::noinline]] void takeColors(InPlace run, std::uint64_t first, std::uint64_t count, Piece& piece) {
    for (std::uint64_t i = 0; i < count; ++i)
        std::memcpy(&piece[i].color, run.at(first + i), Channels);
}

} // namespace

glm::i8vec4 packedNormal(glm::vec3 normal) {
    glm::i8vec4 packed;
    const auto bits = packedBits(normal.x, normal.y, normal.z);
    std::memcpy(&packed, &bits, sizeof packed);
    return packed;
}

void readVertices(const Document& document, const VertexAccessors& from, const UvSource& uv, model::Primitive& out) {
    const auto count = document.accessors[from.position].count;
    const Floats positions(document, from.position);
    std::optional<Floats> normals, uvs;
    std::optional<Colors> colors;
    if (from.normal) normals.emplace(document, *from.normal);
    if (from.uv) uvs.emplace(document, *from.uv);
    if (from.color) colors.emplace(document, *from.color);
    Piece piece;
    for (auto& vertex : piece)
        vertex.normal = {0, 127, 0, 0};
    const auto position = load<glm::vec3>(positions.run().at(0));
    Bounds bounds{{position.x, position.y, position.z, 0}, {position.x, position.y, position.z, 0}};
    out.vertices.reserve(count);
    for (std::uint64_t first = 0; first < count; first += kPiece) {
        const auto here = std::min(kPiece, count - first);
        takePositions(positions.run(), first, here, piece, bounds);
        if (normals) takeNormals(normals->run(), first, here, piece);
        if (uvs) takeUvs(uvs->run(), uv, first, here, piece);
        if (colors)
            colors->alpha() ? takeColors<4>(colors->run(), first, here, piece)
                            : takeColors<3>(colors->run(), first, here, piece);
        out.vertices.insert(out.vertices.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(here));
    }
    out.minimum = {bounds.low[0], bounds.low[1], bounds.low[2]};
    out.maximum = {bounds.high[0], bounds.high[1], bounds.high[2]};
}

} // namespace matou::decode
