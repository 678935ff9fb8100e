#include "render/light_probe.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matou::render {
namespace {

using glm::vec2;
using glm::vec3;

constexpr float kPi = std::numbers::pi_v<float>;

/// A square of directions, without rim.
struct Square {
    std::uint32_t size = 0;
    std::vector<vec3> texels;

    const vec3& at(std::uint32_t x, std::uint32_t y) const { return texels[y * size + x]; }
    vec3 direction(std::uint32_t x, std::uint32_t y) const {
        return fromOctahedral(
            (vec2(static_cast<float>(x), static_cast<float>(y)) + 0.5f) / static_cast<float>(size) * 2.0f - 1.0f);
    }
    vec3 nearest(const vec3& d) const {
        const vec2 p = (octahedralOf(d) * 0.5f + 0.5f) * static_cast<float>(size);
        return at(std::min(static_cast<std::uint32_t>(std::max(p.x, 0.0f)), size - 1),
                  std::min(static_cast<std::uint32_t>(std::max(p.y, 0.0f)), size - 1));
    }
    /// Between the four texels about it; across an edge the square goes on mirrored about the edge's middle.
    vec3 between(const vec3& d) const {
        const vec2 p = (octahedralOf(d) * 0.5f + 0.5f) * static_cast<float>(size) - 0.5f;
        const vec2 base = glm::floor(p), part = p - base;
        const auto beyond = [last = static_cast<int>(size) - 1](int& along, int& across) {
            if (along >= 0 && along <= last) return;
            along = std::clamp(along, 0, last);
            across = last - across;
        };
        vec3 sum(0.0f);
        for (int i = 0; i < 4; ++i) {
            int x = static_cast<int>(base.x) + (i & 1), y = static_cast<int>(base.y) + (i >> 1);
            beyond(x, y);
            beyond(y, x);
            sum += at(static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y)) *
                   (((i & 1) ? part.x : 1 - part.x) * ((i >> 1) ? part.y : 1 - part.y));
        }
        return sum;
    }
    Square halved() const {
        Square half{size / 2, std::vector<vec3>(size / 2 * (size / 2))};
        for (std::uint32_t y = 0; y < half.size; ++y)
            for (std::uint32_t x = 0; x < half.size; ++x)
                half.texels[y * half.size + x] =
                    0.25f * (at(2 * x, 2 * y) + at(2 * x + 1, 2 * y) + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1));
        return half;
    }
};

std::array<vec3, 9> diffuseOf(const Square& square) {
    std::array<vec3, 9> moments{};
    double whole = 0;
    for (std::uint32_t y = 0; y < square.size; ++y)
        for (std::uint32_t x = 0; x < square.size; ++x) {
            const vec2 p =
                (vec2(static_cast<float>(x), static_cast<float>(y)) + 0.5f) / static_cast<float>(square.size) * 2.0f -
                1.0f;
            const vec3 d = fromOctahedral(p);
            // The octahedron's face, |x| + |y| + |z| = 1, seen from its middle: solid angle grows with 1 / distance³.
            const float flat = 1.0f - std::abs(p.x) - std::abs(p.y);
            const vec3 face(std::abs(p.x) + std::abs(p.y) <= 1
                                ? vec3(p, flat)
                                : vec3((1 - std::abs(p.y)) * std::copysign(1.0f, p.x),
                                       (1 - std::abs(p.x)) * std::copysign(1.0f, p.y), flat));
            const float weight = std::pow(glm::dot(face, face), -1.5f);
            whole += weight;
            const float basis[9] = {
                1, d.x, d.y, d.z, d.x * d.y, d.y * d.z, d.z * d.x, d.z * d.z - 1.0f / 3.0f, d.x * d.x - d.y * d.y};
            for (int i = 0; i < 9; ++i)
                moments[static_cast<std::size_t>(i)] += square.at(x, y) * (basis[i] * weight);
        }
    // Means over the sphere times (2l + 1)-like norms of each basis and the cosine lobe's 1, 2/3, 1/4 (of irradiance /
    // π).
    constexpr float kNorm[9] = {1,          3 * 2.0f / 3, 3 * 2.0f / 3,   3 * 2.0f / 3, 15 * 0.25f,
                                15 * 0.25f, 15 * 0.25f,   11.25f * 0.25f, 3.75f * 0.25f};
    for (std::size_t i = 0; i < 9; ++i)
        moments[i] *= kNorm[i] / static_cast<float>(whole);
    return moments;
}

/// Where a ray of low-discrepancy sample `i` of `n` leaves the GGX lobe about +z, seen along +z; w: its share.
glm::vec4 lobeSample(std::uint32_t i, std::uint32_t n, float alpha) {
    std::uint32_t bits = i;
    bits = (bits << 16) | (bits >> 16);
    bits = ((bits & 0x55555555u) << 1) | ((bits & 0xaaaaaaaau) >> 1);
    bits = ((bits & 0x33333333u) << 2) | ((bits & 0xccccccccu) >> 2);
    bits = ((bits & 0x0f0f0f0fu) << 4) | ((bits & 0xf0f0f0f0u) >> 4);
    bits = ((bits & 0x00ff00ffu) << 8) | ((bits & 0xff00ff00u) >> 8);
    const float u = (static_cast<float>(i) + 0.5f) / static_cast<float>(n),
                phi = 2 * kPi * static_cast<float>(bits) * 2.3283064e-10f;
    const float cosine = std::sqrt((1 - u) / (1 + (alpha * alpha - 1) * u)),
                sine = std::sqrt(std::max(0.0f, 1 - cosine * cosine));
    const vec3 half(sine * std::cos(phi), sine * std::sin(phi), cosine);
    const vec3 out = 2.0f * half.z * half - vec3(0, 0, 1);
    return {out, out.z};
}

Square blurred(const std::vector<Square>& copies, float roughness, std::uint32_t size, ProbeCare care) {
    const float alpha = roughness * roughness;
    const bool thorough = care == ProbeCare::thorough;
    const std::uint32_t samples = thorough ? 320u : std::min(24u * (128u / std::min(size, 128u)), 96u);
    const float wider = thorough ? 1.25f : 0.5f; // of what a ray stands for, so that a strong lamp's share does not come and go
    std::vector<glm::vec4> lobe;
    std::vector<std::size_t> copyOf;
    for (std::uint32_t i = 0; i < samples; ++i) {
        const glm::vec4 s = lobeSample(i, samples, alpha);
        if (s.w <= 0) continue;
        const float nh = std::sqrt(0.5f + 0.5f * s.z), d = nh * nh * (alpha * alpha - 1) + 1;
        const float density = alpha * alpha / (kPi * d * d) / 4.0f; // per steradian of the ray
        const float texels = static_cast<float>(copies[0].size) * static_cast<float>(copies[0].size) / (4 * kPi);
        const float level = 0.5f * std::log2(std::max(1.0f, texels / (density * static_cast<float>(samples)))) + wider;
        lobe.push_back(s);
        copyOf.push_back(std::min(static_cast<std::size_t>(level), copies.size() - 1));
    }
    Square out{size, std::vector<vec3>(std::size_t{size} * size)};
    for (std::uint32_t y = 0; y < size; ++y)
        for (std::uint32_t x = 0; x < size; ++x) {
            const vec3 n = out.direction(x, y);
            const vec3 side = glm::normalize(std::abs(n.z) < 0.9f ? glm::cross(vec3(0, 0, 1), n)
                                                                  : glm::cross(vec3(1, 0, 0), n)),
                       other = glm::cross(n, side);
            vec3 sum(0.0f);
            float whole = 0;
            for (std::size_t i = 0; i < lobe.size(); ++i) {
                const Square& copy = copies[copyOf[i]];
                const vec3 ray = side * lobe[i].x + other * lobe[i].y + n * lobe[i].z;
                sum += (thorough ? copy.between(ray) : copy.nearest(ray)) * lobe[i].w;
                whole += lobe[i].w;
            }
            out.texels[y * size + x] = sum / whole;
        }
    return out;
}

/// Puts a level into the picture at row `top`, with its rim.
void paste(LightProbe& probe, const Square& level, std::uint32_t top) {
    const auto last = static_cast<int>(level.size) - 1;
    for (int y = -1; y <= last + 1; ++y)
        for (int x = -1; x <= last + 1; ++x) {
            int sx = x, sy = y;
            // Across an edge the square goes on mirrored about the edge's middle.
            if (sx < 0 || sx > last) sx = std::clamp(sx, 0, last), sy = last - sy;
            if (sy < 0 || sy > last) sy = std::clamp(sy, 0, last), sx = last - sx;
            probe
                .texels[(top + static_cast<std::uint32_t>(y + 1)) * probe.width() + static_cast<std::uint32_t>(x + 1)] =
                level.at(static_cast<std::uint32_t>(sx), static_cast<std::uint32_t>(sy));
        }
}

} // namespace

vec2 octahedralOf(const vec3& direction) {
    const vec3 d = direction / (std::abs(direction.x) + std::abs(direction.y) + std::abs(direction.z));
    if (d.z >= 0) return {d.x, d.y};
    return {(1 - std::abs(d.y)) * std::copysign(1.0f, d.x), (1 - std::abs(d.x)) * std::copysign(1.0f, d.y)};
}

vec3 fromOctahedral(const vec2& p) {
    vec3 d(p, 1 - std::abs(p.x) - std::abs(p.y));
    if (d.z < 0) {
        d.x = (1 - std::abs(p.y)) * std::copysign(1.0f, p.x);
        d.y = (1 - std::abs(p.x)) * std::copysign(1.0f, p.y);
    }
    return glm::normalize(d);
}

LightProbe makeProbe(const std::function<vec3(const vec3&)>& radiance, std::uint32_t size, ProbeCare care) {
    std::vector<Square> copies(1);
    copies[0].size = size;
    copies[0].texels.resize(std::size_t{size} * size);
    for (std::uint32_t y = 0; y < size; ++y)
        for (std::uint32_t x = 0; x < size; ++x)
            copies[0].texels[y * size + x] = radiance(copies[0].direction(x, y));
    while (copies.back().size > 4)
        copies.push_back(copies.back().halved());
    LightProbe probe;
    probe.size = size;
    probe.texels.resize(std::size_t{probe.width()} * probe.height());
    const auto& coarse = *std::find_if(copies.begin(), copies.end(), [](const Square& s) { return s.size <= 64; });
    probe.diffuse = diffuseOf(coarse);
    std::uint32_t top = 0;
    for (std::uint32_t level = 0; level < LightProbe::kLevels; ++level) {
        const std::uint32_t width = size >> level;
        paste(probe,
              level == 0 ? copies[0]
                         : blurred(copies, static_cast<float>(level) / (LightProbe::kLevels - 1), width, care),
              top);
        top += width + 2;
    }
    return probe;
}

LightProbe plainProbe(const vec3& up, const vec3& side, const vec3& down) {
    // A quadratic through the three, which nine coefficients hold exactly.
    const vec3 slope = 0.5f * (up - down), bend = 0.5f * (up + down) - side;
    LightProbe probe;
    probe.size = 32;
    probe.texels.resize(std::size_t{probe.width()} * probe.height());
    probe.diffuse[0] = side + bend / 3.0f;
    probe.diffuse[3] = slope;
    probe.diffuse[7] = bend;
    std::uint32_t top = 0;
    for (std::uint32_t level = 0; level < LightProbe::kLevels; ++level) {
        Square square{probe.size >> level, {}};
        square.texels.resize(std::size_t{square.size} * square.size);
        for (std::uint32_t y = 0; y < square.size; ++y)
            for (std::uint32_t x = 0; x < square.size; ++x) {
                const float z = square.direction(x, y).z;
                square.texels[y * square.size + x] = side + slope * z + bend * (z * z);
            }
        paste(probe, square, top);
        top += square.size + 2;
    }
    return probe;
}

} // namespace matou::render
