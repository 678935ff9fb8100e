#include "nanmatou/tree_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "nanmatou/random.h"

namespace matou::importers::nanmatou {

namespace {

using Color = glm::u8vec4;
constexpr double kTurn = 2.0 * std::numbers::pi;

struct Blob {
    glm::dvec3 middle, radii;
};

struct Limb {
    glm::dvec3 from, to;
    double thick, thin;
};

struct Shape {
    Color leaf, bark;
    glm::dvec3 middle, radii; // of the whole crown
    std::vector<Blob> blobs;
    std::vector<Limb> limbs;
    double ragged = 0.2; // displacement, share of the radius
};

/// Smooth noise in [-1, 1]: values at whole numbers, hashed, blended by a cubic.
double noise(const glm::dvec3& p, std::uint64_t seed) {
    const glm::dvec3 low = glm::floor(p);
    const glm::dvec3 f = p - low, t = f * f * (3.0 - 2.0 * f);
    double sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
        const glm::ivec3 o(corner & 1, corner >> 1 & 1, corner >> 2);
        const auto at = [&](double v, int d) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(v) + d + 4096); };
        Random random(seed ^ at(low.x, o.x) * 0x9e3779b1ull ^ at(low.y, o.y) << 21 ^ at(low.z, o.z) << 42);
        const double w = (o.x ? t.x : 1 - t.x) * (o.y ? t.y : 1 - t.y) * (o.z ? t.z : 1 - t.z);
        sum += w * random.range(-1, 1);
    }
    return sum;
}

struct Ball { // unit sphere
    std::vector<glm::dvec3> points;
    std::vector<glm::uvec3> triangles;
};

Ball octahedron() {
    return {{{1, 0, 0}, {0, 1, 0}, {-1, 0, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}},
            {{0, 1, 4}, {1, 2, 4}, {2, 3, 4}, {3, 0, 4}, {1, 0, 5}, {2, 1, 5}, {3, 2, 5}, {0, 3, 5}}};
}

Ball icosahedron() {
    const double g = 0.5 * (1.0 + std::sqrt(5.0));
    Ball ball{{{-1, g, 0}, {1, g, 0}, {-1, -g, 0}, {1, -g, 0}, {0, -1, g}, {0, 1, g},
               {0, -1, -g}, {0, 1, -g}, {g, 0, -1}, {g, 0, 1}, {-g, 0, -1}, {-g, 0, 1}},
              {{0, 11, 5}, {0, 5, 1},  {0, 1, 7},   {0, 7, 10}, {0, 10, 11}, {1, 5, 9}, {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
               {3, 9, 4},  {3, 4, 2},  {3, 2, 6},   {3, 6, 8},  {3, 8, 9},   {4, 9, 5}, {2, 4, 11}, {6, 2, 10},  {8, 6, 7},  {9, 8, 1}}};
    for (auto& p : ball.points)
        p = glm::normalize(p);
    return ball;
}

/// Every triangle into four.
Ball divided(const Ball& from) {
    Ball ball{from.points, {}};
    std::map<std::pair<unsigned, unsigned>, unsigned> middles;
    const auto between = [&](unsigned a, unsigned b) {
        const auto [at, isNew] =
            middles.try_emplace({std::min(a, b), std::max(a, b)}, static_cast<unsigned>(ball.points.size()));
        if (isNew) ball.points.push_back(glm::normalize(from.points[a] + from.points[b]));
        return at->second;
    };
    for (const auto& t : from.triangles) {
        const unsigned a = between(t.x, t.y), b = between(t.y, t.z), c = between(t.z, t.x);
        for (const glm::uvec3& piece : {glm::uvec3(t.x, a, c), {t.y, b, a}, {t.z, c, b}, {a, b, c}})
            ball.triangles.push_back(piece);
    }
    return ball;
}

Color shaded(Color c, double k) {
    const auto one = [&](std::uint8_t v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v * k), 0l, 255l)); };
    return {one(c.x), one(c.y), one(c.z), 255};
}

void vertex(Mesh& mesh, const glm::dvec3& p, const glm::dvec3& normal, Color color, float leaf) {
    mesh.positions.push_back(p);
    mesh.normals.push_back(glm::vec3(glm::normalize(normal)));
    mesh.colors.push_back(color);
    mesh.uvs.push_back({leaf, 0});
}

/// How far inside the crown's other blobs a point lies: 0 outside, 1 in the middle of one.
double buried(const std::vector<Blob>& blobs, std::size_t own, const glm::dvec3& p) {
    double deepest = 0;
    for (std::size_t i = 0; i < blobs.size(); ++i)
        if (i != own) deepest = std::max(deepest, 1.0 - glm::length((p - blobs[i].middle) / blobs[i].radii));
    return deepest;
}

/// Leaves shade each other: less light low in the crown, near its middle and where clusters meet.
double openness(const Shape& shape, const glm::dvec3& p, double depth) {
    const glm::dvec3 q = (p - shape.middle) / shape.radii;
    const double out = std::clamp(glm::length(q), 0.0, 1.0), high = std::clamp(0.5 + 0.5 * q.z, 0.0, 1.0);
    return (0.42 + 0.58 * out * out) * (0.66 + 0.34 * high) * (1.0 - 0.45 * std::clamp(depth / 0.3, 0.0, 1.0));
}

void addBlob(Mesh& mesh, const Shape& shape, const std::vector<Blob>& blobs, std::size_t own, const Ball& ball, double ragged) {
    const Blob& blob = blobs[own];
    std::vector<glm::dvec3> points;
    std::vector<double> depth;
    for (const auto& d : ball.points) {
        const double push = 1.0 + ragged * noise(d * 1.9 + glm::dvec3(3.7 * static_cast<double>(own)), 11 + own) +
                            0.5 * ragged * noise(d * 4.3, 77 + own);
        points.push_back(blob.middle + d * blob.radii * push);
        depth.push_back(buried(blobs, own, points.back()));
    }
    std::vector<int> placed(points.size(), -1);
    for (const auto& t : ball.triangles) {
        if (std::min({depth[t.x], depth[t.y], depth[t.z]}) > 0.14) continue; // nobody sees it
        for (const unsigned i : {t.x, t.y, t.z}) {
            if (placed[i] < 0) {
                placed[i] = static_cast<int>(mesh.positions.size());
                const glm::dvec3 outward = glm::normalize((points[i] - shape.middle) / shape.radii / shape.radii);
                vertex(mesh, points[i], 0.5 * ball.points[i] + 0.5 * outward + glm::dvec3(0, 0, 0.12),
                       shaded(shape.leaf, openness(shape, points[i], depth[i]) * 1.15), 1);
            }
            mesh.indices.push_back(static_cast<std::uint32_t>(placed[i]));
        }
    }
}

void addLimb(Mesh& mesh, const Limb& limb, int sides, Color color) {
    const glm::dvec3 axis = glm::normalize(limb.to - limb.from);
    const glm::dvec3 u = glm::normalize(glm::cross(axis, glm::dvec3(0.31, 0.95, 0.05))), v = glm::cross(axis, u);
    const auto base = static_cast<std::uint32_t>(mesh.positions.size());
    for (int i = 0; i < sides; ++i) {
        const double t = kTurn * i / sides;
        const glm::dvec3 out = std::cos(t) * u + std::sin(t) * v;
        vertex(mesh, limb.from + out * limb.thick, out, shaded(color, 0.8), 0);
        vertex(mesh, limb.to + out * limb.thin, out, shaded(color, 0.6), 0);
    }
    for (int i = 0; i < sides; ++i) {
        const auto a = base + static_cast<std::uint32_t>(2 * i), b = base + static_cast<std::uint32_t>(2 * ((i + 1) % sides));
        for (const std::uint32_t n : {a, b, b + 1, a, b + 1, a + 1})
            mesh.indices.push_back(n);
    }
}

/// Clusters on a ring about the trunk.
void ring(Shape& shape, Random& random, int count, double radius, double z, double size, double flat) {
    const double turn = random.range(0, kTurn);
    for (int i = 0; i < count; ++i) {
        const double t = turn + kTurn * i / count + random.range(-0.25, 0.25), r = radius * random.range(0.85, 1.12);
        const double s = size * random.range(0.85, 1.15);
        shape.blobs.push_back({{r * std::cos(t), r * std::sin(t), z + random.range(-0.35, 0.35) * size}, {s, s, s * flat}});
    }
}

Shape broadleaf(int species) {
    Random random(static_cast<std::uint64_t>(species), "crown");
    Shape s;
    if (species == camphor) { // 香樟: evergreen, a dense round head
        s.leaf = {58, 74, 42, 255}, s.bark = {84, 74, 62, 255};
        s.middle = {0, 0, 5.1}, s.radii = {3.3, 3.3, 2.9};
        ring(s, random, 6, 2.05, 4.2, 1.35, 0.82);
        ring(s, random, 5, 1.5, 5.9, 1.25, 0.85);
        s.blobs.push_back({{0.2, -0.1, 6.9}, {1.35, 1.35, 1.15}});
        s.blobs.push_back({{0, 0, 5.0}, {1.9, 1.9, 1.9}});
        s.limbs = {{{0, 0, -0.1}, {0.1, 0, 2.6}, 0.24, 0.17}, {{0.1, 0, 2.4}, {1.3, 0.6, 4.2}, 0.13, 0.06}, {{0.1, 0, 2.4}, {-1.1, -0.7, 4.3}, 0.13, 0.06}};
    } else if (species == plane) { // 悬铃木: mottled trunk, forked above head height, a wide open crown
        s.leaf = {70, 84, 46, 255}, s.bark = {150, 146, 126, 255};
        s.middle = {0, 0, 6.3}, s.radii = {4.2, 4.2, 3.2}, s.ragged = 0.24;
        ring(s, random, 7, 2.9, 5.4, 1.5, 0.78);
        ring(s, random, 5, 1.9, 7.3, 1.45, 0.8);
        s.blobs.push_back({{-0.2, 0.2, 8.4}, {1.5, 1.5, 1.1}});
        s.blobs.push_back({{0, 0, 6.4}, {1.9, 1.9, 1.7}});
        s.limbs = {{{0, 0, -0.1}, {0, 0, 2.9}, 0.3, 0.24},
                   {{0, 0, 2.7}, {1.9, 0.6, 5.4}, 0.18, 0.08},
                   {{0, 0, 2.7}, {-1.5, 1.2, 5.6}, 0.18, 0.08},
                   {{0, 0, 2.7}, {-0.3, -1.9, 5.4}, 0.18, 0.08}};
    } else if (species == willow) { // 垂柳: hangs towards the water
        s.leaf = {86, 98, 54, 255}, s.bark = {92, 80, 64, 255};
        s.middle = {0, 0, 4.6}, s.radii = {3.2, 3.2, 3.4}, s.ragged = 0.26;
        ring(s, random, 7, 2.1, 3.5, 1.05, 1.75);
        ring(s, random, 4, 1.1, 5.7, 1.35, 1.0);
        s.blobs.push_back({{0, 0, 5.0}, {1.7, 1.7, 1.6}});
        s.limbs = {{{0, 0, -0.1}, {0.2, 0.1, 3.6}, 0.22, 0.14}};
    } else { // 银杏: upright, loose tiers
        s.leaf = {84, 96, 48, 255}, s.bark = {96, 88, 78, 255};
        s.middle = {0, 0, 5.2}, s.radii = {2.1, 2.1, 4.0}, s.ragged = 0.28;
        ring(s, random, 5, 1.15, 2.9, 0.95, 0.85);
        ring(s, random, 4, 1.05, 4.4, 1.0, 0.85);
        ring(s, random, 4, 0.8, 6.0, 0.85, 0.95);
        s.blobs.push_back({{0, 0, 7.7}, {0.75, 0.75, 1.3}});
        s.blobs.push_back({{0, 0, 4.8}, {1.05, 1.05, 2.6}});
        s.limbs = {{{0, 0, -0.1}, {0, 0, 6.0}, 0.19, 0.07}};
    }
    return s;
}

/// 水杉, planted in rows along the water: a narrow cone of drooping tiers.
Mesh conifer(int detail) {
    Mesh mesh;
    Shape s;
    s.leaf = {66, 82, 44, 255}, s.bark = {104, 76, 56, 255};
    const int tiers = detail == 0 ? 15 : 4, sides = detail == 0 ? 8 : 5;
    const double top = 12.5, foot = 1.5;
    if (detail == 2) { // two rings and a tip
        const Blob whole{{0, 0, 6.4}, {1.55, 1.55, 6.1}};
        s.middle = whole.middle, s.radii = whole.radii;
        addBlob(mesh, s, {whole}, 0, octahedron(), 0);
        return mesh;
    }
    addLimb(mesh, {{0, 0, -0.1}, {0, 0, detail == 0 ? 9.0 : 3.0}, 0.24, 0.08}, detail == 0 ? 6 : 3, s.bark);
    for (int k = 0; k < tiers; ++k) {
        const double t = static_cast<double>(k) / tiers, z = foot + (top - foot) * t;
        const double radius = 1.75 * std::pow(1.0 - t, 0.8) + 0.22, height = (top - foot) / tiers * 2.2;
        const auto base = static_cast<std::uint32_t>(mesh.positions.size());
        for (int i = 0; i < sides; ++i) {
            const double a = kTurn * (i + 0.5 * (k % 2)) / sides;
            const double r = radius * (1.0 + 0.42 * noise({std::cos(a) * 2.3, std::sin(a) * 2.3, k * 1.7}, 5));
            const glm::dvec3 out(std::cos(a), std::sin(a), 0);
            vertex(mesh, out * r + glm::dvec3(0, 0, z + 0.45 * height * noise({std::cos(a) * 2.9, std::sin(a) * 2.9, k * 2.3}, 6)), out + glm::dvec3(0, 0, 0.25), shaded(s.leaf, 0.92 + 0.2 * t), 1);
        }
        const auto peak = static_cast<std::uint32_t>(mesh.positions.size());
        vertex(mesh, {0, 0, std::min(z + height, top + 0.4)}, {0, 0, 1}, shaded(s.leaf, 0.55 + 0.5 * t), 1);
        vertex(mesh, {0, 0, z + 0.25 * height}, {0, 0, -1}, shaded(s.leaf, 0.3), 1);
        for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(sides); ++i) {
            const std::uint32_t j = (i + 1) % static_cast<std::uint32_t>(sides);
            for (const std::uint32_t n : {base + i, base + j, peak, base + j, base + i, peak + 1})
                mesh.indices.push_back(n);
        }
    }
    return mesh;
}

} // namespace

Mesh treeMesh(int species, int detail) {
    if (species == metasequoia) return conifer(detail);
    Mesh mesh;
    if (species == shrub) {
        Shape s;
        s.leaf = {58, 72, 40, 255}, s.middle = {0, 0, 0.4}, s.radii = {0.85, 0.85, 0.9};
        const std::vector<Blob> blobs = detail == 0 ? std::vector<Blob>{{{0.25, 0.1, 0.55}, {0.7, 0.65, 0.6}}, {{-0.35, -0.15, 0.45}, {0.6, 0.65, 0.5}}}
                                                    : std::vector<Blob>{{{0, 0, 0.5}, {0.85, 0.8, 0.62}}};
        for (std::size_t i = 0; i < blobs.size(); ++i)
            addBlob(mesh, s, blobs, i, detail == 0 ? divided(icosahedron()) : octahedron(), detail == 0 ? 0.2 : 0.0);
        return mesh;
    }
    if (species == hedge) { // a clipped run of 4 m, along x
        Shape s;
        s.leaf = {58, 72, 40, 255}, s.middle = {0, 0, 0.2}, s.radii = {2.2, 0.55, 0.8};
        if (detail == 2) return mesh; // a line of a pixel
        std::vector<Blob> blobs;
        for (int i = 0; i < (detail == 0 ? 4 : 1); ++i)
            blobs.push_back({{detail == 0 ? -1.5 + i : 0.0, 0, 0.42}, {detail == 0 ? 0.78 : 2.1, 0.5, 0.52}});
        for (std::size_t i = 0; i < blobs.size(); ++i)
            addBlob(mesh, s, blobs, i, detail == 0 ? divided(icosahedron()) : octahedron(), detail == 0 ? 0.12 : 0.0);
        return mesh;
    }
    const Shape shape = broadleaf(species);
    if (detail == 0) {
        static const Ball ball = divided(icosahedron());
        for (const auto& limb : shape.limbs)
            addLimb(mesh, limb, &limb == &shape.limbs.front() ? 7 : 4, shape.bark);
        for (std::size_t i = 0; i < shape.blobs.size(); ++i)
            addBlob(mesh, shape, shape.blobs, i, ball, shape.ragged);
        return mesh;
    }
    const Blob whole{shape.middle, shape.radii * (detail == 1 ? 0.97 : 1.0)};
    if (detail == 1) addLimb(mesh, shape.limbs.front(), 3, shape.bark);
    addBlob(mesh, shape, {whole}, 0, detail == 1 ? divided(icosahedron()) : octahedron(), detail == 1 ? 0.2 : 0.0);
    return mesh;
}

} // namespace matou::importers::nanmatou
