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
    int kind = 0;                // of spray: shaders/lib/spray.glsl
    glm::dvec2 spray{1.2, 1.3};  // its width and length, metres
    double cover = 1.0;          // area of sprays by that of the cluster's surface
    double droop = 0.2;
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

/// A spray of leaves is a quad in whose plane the shader cuts leaves (shaders/lib/spray.glsl): `at` its foot, where the twig
/// comes from, `along` the twig, `facing` about its normal. Normals as all leaves have them, so that a crown is lit as a whole.
struct Spray {
    glm::dvec3 at, along, facing;
    double length, width;
    double light = 1; // of the colour
};

void addSpray(Mesh& mesh, const Shape& shape, const Blob& cluster, const Spray& spray, int kind, Random& random) {
    const glm::dvec3 across = glm::normalize(glm::cross(spray.along, spray.facing));
    const auto base = static_cast<std::uint32_t>(mesh.positions.size());
    const auto mark = static_cast<std::uint8_t>(128 + 16 * kind + random.integer(0, 15));
    for (const glm::dvec2 corner : {glm::dvec2(-1, 0), {1, 0}, {1, 1}, {-1, 1}}) {
        const glm::dvec3 p = spray.at + 0.5 * spray.width * corner.x * across + spray.length * corner.y * spray.along;
        const glm::dvec3 outward = glm::normalize((p - shape.middle) / shape.radii / shape.radii);
        const glm::dvec3 away = glm::normalize((p - cluster.middle) / cluster.radii + 1e-6);
        Color color = shaded(shape.leaf, spray.light * openness(shape, p, 0) * 1.25);
        color.w = mark;
        vertex(mesh, p, 0.5 * away + 0.5 * outward + glm::dvec3(0, 0, 0.12), color, 0);
        mesh.uvs.back() = glm::vec2(corner);
    }
    for (const std::uint32_t i : {0u, 1u, 2u, 0u, 2u, 3u})
        mesh.indices.push_back(base + i);
}

glm::dvec3 anyDirection(Random& random) {
    const double z = random.range(-1, 1), t = random.range(0, kTurn), r = std::sqrt(1 - z * z);
    return {r * std::cos(t), r * std::sin(t), z};
}

/// Sprays over a cluster of leaves, as dense as its surface needs; they lie like tiles on it, loosely, and point out and down.
void addSprays(Mesh& mesh, const Shape& shape, const Blob& cluster, Random& random) {
    const double area = 4 * std::numbers::pi * cluster.radii.x * cluster.radii.z;
    const int count = static_cast<int>(std::lround(shape.cover * area / (shape.spray.x * shape.spray.y)));
    const double turn = random.range(0, kTurn);
    for (int i = 0; i < count; ++i) { // directions spread evenly (Fibonacci's spiral), from the top
        const double z = 1 - 2 * (i + 0.5) / count, t = turn + 2.39996323 * i, r = std::sqrt(1 - z * z);
        const glm::dvec3 d(r * std::cos(t), r * std::sin(t), z);
        const glm::dvec3 p = cluster.middle + d * cluster.radii * random.range(0.56, 0.92);
        if (const glm::dvec3 q = (p - shape.middle) / shape.radii; glm::length(q) < 0.45 && random.chance(0.6)) continue; // deep inside
        const double size = random.range(0.85, 1.15);
        Spray spray;
        spray.length = shape.spray.y * size, spray.width = shape.spray.x * size;
        spray.along = glm::normalize(0.42 * d + 0.75 * anyDirection(random) + glm::dvec3(0, 0, -shape.droop));
        spray.facing = d + 0.55 * anyDirection(random);
        spray.at = p - 0.55 * spray.length * spray.along;
        addSpray(mesh, shape, cluster, spray, shape.kind, random);
    }
}

/// From the trunk's fork to every cluster, in two pieces with a bend, and twigs on into it.
void addBranches(Mesh& mesh, const Shape& shape, Random& random) {
    const glm::dvec3 fork = shape.limbs.front().to;
    for (const Blob& cluster : shape.blobs) {
        const glm::dvec3 way = cluster.middle - fork;
        if (glm::length(glm::dvec2(way)) < 0.6 && shape.kind != willow) continue; // the trunk itself goes there
        const double thick = std::clamp(0.028 * glm::length(way), 0.045, 0.13);
        const glm::dvec3 knee = fork + 0.5 * way + glm::dvec3(0.1 * way.y, -0.1 * way.x, -0.1 * glm::length(way)) * random.range(-1, 1);
        const glm::dvec3 from = fork + glm::dvec3(0, 0, std::clamp(0.35 * (way.z - 1.2), -0.2, 1.6));
        addLimb(mesh, {from, knee, thick, 0.7 * thick}, 4, shape.bark);
        addLimb(mesh, {knee, cluster.middle + 0.45 * cluster.radii * glm::normalize(way), 0.7 * thick, 0.2 * thick}, 3, shape.bark);
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
        s.kind = 0, s.spray = {1.25, 1.35}, s.cover = 1.05, s.droop = 0.1;
        ring(s, random, 6, 2.05, 4.2, 1.35, 0.82);
        ring(s, random, 5, 1.5, 5.9, 1.25, 0.85);
        s.blobs.push_back({{0.2, -0.1, 6.9}, {1.35, 1.35, 1.15}});
        s.blobs.push_back({{0, 0, 5.0}, {1.9, 1.9, 1.9}});
        s.limbs = {{{0, 0, -0.1}, {0.1, 0, 2.6}, 0.24, 0.17}, {{0.1, 0, 2.4}, {1.3, 0.6, 4.2}, 0.13, 0.06}, {{0.1, 0, 2.4}, {-1.1, -0.7, 4.3}, 0.13, 0.06}};
    } else if (species == plane) { // 悬铃木: mottled trunk, forked above head height, a wide open crown
        s.leaf = {70, 84, 46, 255}, s.bark = {150, 146, 126, 255};
        s.middle = {0, 0, 6.3}, s.radii = {4.2, 4.2, 3.2}, s.ragged = 0.24;
        s.kind = 1, s.spray = {1.55, 1.6}, s.cover = 0.85, s.droop = 0.15;
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
        s.kind = 5, s.spray = {1.1, 2.5}, s.cover = 1.3, s.droop = 1.6;
        ring(s, random, 7, 2.1, 3.5, 1.05, 1.75);
        ring(s, random, 4, 1.1, 5.7, 1.35, 1.0);
        s.blobs.push_back({{0, 0, 5.0}, {1.7, 1.7, 1.6}});
        s.limbs = {{{0, 0, -0.1}, {0.2, 0.1, 3.6}, 0.22, 0.14}};
    } else { // 银杏: upright, loose tiers
        s.leaf = {84, 96, 48, 255}, s.bark = {96, 88, 78, 255};
        s.middle = {0, 0, 5.2}, s.radii = {2.1, 2.1, 4.0}, s.ragged = 0.28;
        s.kind = 2, s.spray = {1.05, 1.2}, s.cover = 1.0, s.droop = -0.2;
        ring(s, random, 5, 1.15, 2.9, 0.95, 0.85);
        ring(s, random, 4, 1.05, 4.4, 1.0, 0.85);
        ring(s, random, 4, 0.8, 6.0, 0.85, 0.95);
        s.blobs.push_back({{0, 0, 7.7}, {0.75, 0.75, 1.3}});
        s.blobs.push_back({{0, 0, 4.8}, {1.05, 1.05, 2.6}});
        s.limbs = {{{0, 0, -0.1}, {0, 0, 6.0}, 0.19, 0.07}};
    }
    return s;
}

/// 水杉, planted in rows along the water: straight, slender, its branches in loose tiers that hang like feathers.
Shape conifer() {
    Shape s;
    s.leaf = {72, 90, 46, 255}, s.bark = {92, 76, 62, 255};
    s.middle = {0, 0, 6.4}, s.radii = {1.55, 1.55, 6.1};
    s.blobs = {{s.middle, s.radii}};
    s.limbs = {{{0, 0, -0.1}, {0, 0, 5.0}, 0.19, 0.12}, {{0, 0, 5.0}, {0, 0, 12.3}, 0.12, 0.02}};
    s.kind = 4;
    return s;
}

/// From some way off: four tiers about the trunk.
void addCone(Mesh& mesh, const Shape& shape) {
    constexpr int kTiers = 4, kSides = 5;
    const double top = 12.5, foot = 1.5;
    addLimb(mesh, {{0, 0, -0.1}, {0, 0, 3.0}, 0.24, 0.08}, 3, shape.bark);
    for (int k = 0; k < kTiers; ++k) {
        const double t = static_cast<double>(k) / kTiers, z = foot + (top - foot) * t;
        const double radius = 1.75 * std::pow(1.0 - t, 0.8) + 0.22, height = (top - foot) / kTiers * 2.2;
        const auto base = static_cast<std::uint32_t>(mesh.positions.size());
        for (int i = 0; i < kSides; ++i) {
            const double a = kTurn * (i + 0.5 * (k % 2)) / kSides;
            const double r = radius * (1.0 + 0.42 * noise({std::cos(a) * 2.3, std::sin(a) * 2.3, k * 1.7}, 5));
            const glm::dvec3 out(std::cos(a), std::sin(a), 0);
            vertex(mesh, out * r + glm::dvec3(0, 0, z + 0.45 * height * noise({std::cos(a) * 2.9, std::sin(a) * 2.9, k * 2.3}, 6)), out + glm::dvec3(0, 0, 0.25), shaded(shape.leaf, 0.92 + 0.2 * t), 1);
        }
        const auto peak = static_cast<std::uint32_t>(mesh.positions.size());
        vertex(mesh, {0, 0, std::min(z + height, top + 0.4)}, {0, 0, 1}, shaded(shape.leaf, 0.55 + 0.5 * t), 1);
        vertex(mesh, {0, 0, z + 0.25 * height}, {0, 0, -1}, shaded(shape.leaf, 0.3), 1);
        for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(kSides); ++i) {
            const std::uint32_t j = (i + 1) % static_cast<std::uint32_t>(kSides);
            for (const std::uint32_t n : {base + i, base + j, peak, base + j, base + i, peak + 1})
                mesh.indices.push_back(n);
        }
    }
}

/// Every branch of the conifer: a spray that lies and one that hangs, so that it shows from below and from the side.
void addTiers(Mesh& mesh, const Shape& shape, Random& random) {
    const double top = 12.6, foot = 1.7;
    double turn = 0;
    for (double z = foot; z < top - 0.25; z += 0.27 - 0.06 * (z - foot) / (top - foot)) {
        const double up = (z - foot) / (top - foot);
        for (int i = 0; i < 4; ++i) {
            turn += kTurn / 4 + random.range(-0.35, 0.35) + (i == 0 ? 0.7 : 0);
            const glm::dvec3 out(std::cos(turn), std::sin(turn), 0);
            Spray spray;
            spray.length = (1.95 * std::pow(1 - up, 0.72) + 0.38) * random.range(0.78, 1.1);
            spray.width = std::clamp(0.7 * spray.length, 0.5, 1.15);
            spray.along = glm::normalize(out + glm::dvec3(0, 0, 0.10 + 0.75 * up * up + random.range(-0.14, 0.14)));
            spray.at = out * 0.05 + glm::dvec3(0, 0, z + random.range(-0.12, 0.12));
            spray.light = 0.85 + 0.25 * up;
            const glm::dvec3 aside(-out.y, out.x, 0);
            const double roll = (i + static_cast<int>(10 * z)) % 2 == 0 ? random.range(0.25, 0.8) : random.range(-0.8, -0.25);
            spray.facing = glm::dvec3(0, 0, 1) * std::cos(roll) + aside * std::sin(roll);
            addSpray(mesh, shape, shape.blobs.front(), spray, shape.kind, random);
        }
    }
    Spray tip;
    tip.at = {0, 0, top - 0.75}, tip.along = {0, 0, 1}, tip.facing = {1, 0.3, 0}, tip.length = 0.9, tip.width = 0.4;
    addSpray(mesh, shape, shape.blobs.front(), tip, shape.kind, random);
}

Shape shapeOf(int species) {
    if (species == metasequoia) return conifer();
    if (species != shrub) return broadleaf(species);
    Shape s;
    s.leaf = {58, 72, 40, 255}, s.middle = {0, 0, 0.4}, s.radii = {0.85, 0.85, 0.9};
    s.blobs = {{{0.25, 0.1, 0.55}, {0.7, 0.65, 0.6}}, {{-0.35, -0.15, 0.45}, {0.6, 0.65, 0.5}}};
    s.kind = 3, s.spray = {0.55, 0.6}, s.cover = 1.1, s.droop = -0.3;
    return s;
}

} // namespace

Mesh sprayMesh(int species) {
    Mesh mesh;
    if (species == hedge) return mesh; // clipped: a hull is right from nearby too
    const Shape shape = shapeOf(species);
    Random random(static_cast<std::uint64_t>(species), "sprays");
    if (species == metasequoia) {
        addTiers(mesh, shape, random);
        return mesh;
    }
    for (const Blob& cluster : shape.blobs)
        addSprays(mesh, shape, cluster, random);
    return mesh;
}

Mesh treeMesh(int species, int detail) {
    Mesh mesh;
    const Shape shape = species == hedge ? Shape{} : shapeOf(species);
    if (species == shrub) {
        std::vector<Blob> blobs{{{0, 0, 0.5}, {0.85, 0.8, 0.62}}};
        if (detail == 0) { // what one sees between the sprays
            blobs = shape.blobs;
            for (Blob& blob : blobs)
                blob.radii *= 0.72;
        }
        for (std::size_t i = 0; i < blobs.size(); ++i)
            addBlob(mesh, shape, blobs, i, detail == 0 ? icosahedron() : octahedron(), 0.0);
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
    if (detail == 0) {
        Random random(static_cast<std::uint64_t>(species), "branches");
        for (const auto& limb : shape.limbs)
            addLimb(mesh, limb, &limb == &shape.limbs.front() ? 9 : 5, shape.bark);
        if (species != metasequoia) addBranches(mesh, shape, random);
        return mesh;
    }
    if (species == metasequoia && detail == 1) {
        addCone(mesh, shape);
        return mesh;
    }
    const Blob whole{shape.middle, shape.radii * (detail == 1 ? 0.97 : 1.0)};
    if (detail == 1) addLimb(mesh, shape.limbs.front(), 3, shape.bark);
    addBlob(mesh, shape, {whole}, 0, detail == 1 ? divided(icosahedron()) : octahedron(), detail == 1 ? 0.2 : 0.0);
    return mesh;
}

} // namespace matou::importers::nanmatou
