#include "decode/vertices.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "decode/accessor.h"

namespace matou::decode {

using model::Vertex;

namespace {

/// Half away from zero, like lround, which is a call for each of millions of values.
int nearest(float value) { return static_cast<int>(value + (value < 0 ? -0.5f : 0.5f)); }
std::int8_t snorm(float value) { return static_cast<std::int8_t>(nearest(std::clamp(value, -1.0f, 1.0f) * 127.0f)); }
std::uint8_t unorm(float value) { return static_cast<std::uint8_t>(nearest(std::clamp(value, 0.0f, 1.0f) * 255.0f)); }

/// Floats of an accessor where they lie, or a converted copy of them.
class Floats {
public:
    Floats(const Document& document, std::uint64_t accessor) : _run(inPlace(document, accessor, 5126)) {
        if (_run.first) return;
        _converted = readFloats(document, accessor);
        _run = {reinterpret_cast<const std::byte*>(_converted.data()), static_cast<std::uint64_t>(document.accessors[accessor].components) * sizeof(float)};
    }
    template <typename Vector>
    Vector at(std::uint64_t element) const {
        Vector value;
        std::memcpy(&value, _run.at(element), sizeof value);
        return value;
    }

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
    const std::byte* at(std::uint64_t element) const { return _run.at(element); }

private:
    InPlace _run;
    bool _alpha;
    std::vector<std::uint8_t> _converted;
};

/// Vertices are made in a piece that stays in the processor's nearest cache, one attribute after another, and then appended: the
/// large array is written once and never read back. 64 of them are 2.3 KB.
constexpr std::uint64_t kPiece = 64;
using Piece = std::array<Vertex, kPiece>;

void takeNormals(const Floats& normals, std::uint64_t first, std::uint64_t count, Piece& piece) {
    glm::vec3 last(0.0f);
    glm::i8vec4 packed(0);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto normal = normals.at<glm::vec3>(first + i);
        if (std::memcmp(&normal, &last, sizeof normal) != 0) { // the corners of a wall share theirs
            packed = packedNormal(normal);
            last = normal;
        }
        piece[i].normal = packed;
    }
}

void takeUvs(const Floats& uvs, const UvSource& uv, std::uint64_t first, std::uint64_t count, Piece& piece) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto pair = uvs.at<glm::vec2>(first + i);
        piece[i].uv = uv.moved ? uv.matrix * pair + uv.offset : pair;
    }
}

void takeColors(const Colors& colors, std::uint64_t first, std::uint64_t count, Piece& piece) {
    if (colors.alpha())
        for (std::uint64_t i = 0; i < count; ++i) std::memcpy(&piece[i].color, colors.at(first + i), 4);
    else
        for (std::uint64_t i = 0; i < count; ++i) std::memcpy(&piece[i].color, colors.at(first + i), 3);
}

} // namespace

glm::i8vec4 packedNormal(glm::vec3 normal) {
    const float length = glm::length(normal);
    if (!(length > 1e-20f)) return {0, 0, 0, 0};
    normal /= length;
    return {snorm(normal.x), snorm(normal.y), snorm(normal.z), 0};
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
    for (auto& vertex : piece) vertex.normal = {0, 127, 0, 0};
    auto low = positions.at<glm::vec3>(0), high = low;
    out.vertices.reserve(count);
    for (std::uint64_t first = 0; first < count; first += kPiece) {
        const auto here = std::min(kPiece, count - first);
        for (std::uint64_t i = 0; i < here; ++i) {
            const auto position = positions.at<glm::vec3>(first + i);
            piece[i].position = position;
            low = glm::min(low, position);
            high = glm::max(high, position);
        }
        if (normals) takeNormals(*normals, first, here, piece);
        if (uvs) takeUvs(*uvs, uv, first, here, piece);
        if (colors) takeColors(*colors, first, here, piece);
        out.vertices.insert(out.vertices.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(here));
    }
    out.minimum = low;
    out.maximum = high;
}

} // namespace matou::decode
