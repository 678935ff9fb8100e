// Meshes made of plan geometry: flat areas, extrusions, ledges, roofs, posts.

#include <array>
#include <cmath>

#include "common/geometry.h"

namespace matou::importers {
namespace {

void addQuad(Mesh& mesh, const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, const glm::dvec3& d, const glm::vec3& normal,
             const glm::vec4& u01v01, bool withColor, const glm::u8vec4& color) {
    const auto base = static_cast<std::uint32_t>(mesh.positions.size());
    for (const auto& p : {a, b, c, d}) {
        mesh.positions.push_back(p);
        mesh.normals.push_back(normal);
        if (withColor) mesh.colors.push_back(color);
    }
    mesh.uvs.insert(mesh.uvs.end(), {{u01v01.x, u01v01.z}, {u01v01.y, u01v01.z}, {u01v01.y, u01v01.w}, {u01v01.x, u01v01.w}});
    mesh.indices.insert(mesh.indices.end(), {base, base + 1, base + 2, base, base + 2, base + 3});
}

void addTriangle(Mesh& mesh, const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, bool withColor, const glm::u8vec4& color) {
    const auto base = static_cast<std::uint32_t>(mesh.positions.size());
    const glm::vec3 normal = glm::vec3(glm::normalize(glm::cross(b - a, c - a)));
    for (const auto& p : {a, b, c}) {
        mesh.positions.push_back(p);
        mesh.normals.push_back(normal);
        mesh.uvs.push_back(glm::vec2(0));
        if (withColor) mesh.colors.push_back(color);
    }
    mesh.indices.insert(mesh.indices.end(), {base, base + 1, base + 2});
}

/// Walls over a ring that has its solid on the left.
void addWalls(Mesh& mesh, const Ring& ring, double from, double to, double foot, bool withColor, const glm::u8vec4& color) {
    double u = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const glm::dvec2 a = ring[i], b = ring[(i + 1) % ring.size()], along = b - a;
        const double length = glm::length(along);
        if (length <= 0) continue;
        const glm::vec3 normal(glm::vec2(glm::dvec2(along.y, -along.x) / length), 0.0f);
        addQuad(mesh, {a, from}, {b, from}, {b, to}, {a, to}, normal,
                glm::vec4(glm::dvec4(u, u + length, from - foot, to - foot)), withColor, color);
        u += length;
    }
}

void addFlat(Mesh& mesh, const Polygon& polygon, double height, bool up, bool withColor, const glm::u8vec4& color) {
    const Triangulation flat = triangulate(polygon);
    const auto base = static_cast<std::uint32_t>(mesh.positions.size());
    for (const auto& p : flat.points) {
        mesh.positions.push_back({p, height});
        mesh.normals.push_back({0, 0, up ? 1 : -1});
        mesh.uvs.push_back(glm::vec2(0));
        if (withColor) mesh.colors.push_back(color);
    }
    for (std::size_t t = 0; t < flat.indices.size(); t += 3) {
        mesh.indices.push_back(base + flat.indices[t]);
        mesh.indices.push_back(base + flat.indices[t + (up ? 1 : 2)]);
        mesh.indices.push_back(base + flat.indices[t + (up ? 2 : 1)]);
    }
}

/// The ring moved `meters` to its right (outwards for an outer ring); corners mitred, sharp ones capped.
Ring moved(const Ring& ring, double meters) {
    Ring out;
    const auto count = ring.size();
    for (std::size_t i = 0; i < count; ++i) {
        const glm::dvec2 before = glm::normalize(ring[i] - ring[(i + count - 1) % count]);
        const glm::dvec2 after = glm::normalize(ring[(i + 1) % count] - ring[i]);
        const glm::dvec2 sum = glm::dvec2(before.y, -before.x) + glm::dvec2(after.y, -after.x);
        const double cosine = 0.5 * glm::dot(sum, sum); // 1 + cos of the turn
        out.push_back(ring[i] + meters * sum / std::max(cosine, 0.5));
    }
    return out;
}

} // namespace

Mesh meshOf(const BoxShape& box) {
    Mesh mesh;
    const glm::dvec2 along(std::cos(box.angleRadians), std::sin(box.angleRadians)), across(-along.y, along.x);
    const double low = box.foot.z, high = box.foot.z + box.size.z;
    std::array<glm::dvec2, 4> corners;
    constexpr std::array<glm::dvec2, 4> kSides{glm::dvec2(-0.5, -0.5), {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}};
    for (std::size_t i = 0; i < 4; ++i)
        corners[i] = glm::dvec2(box.foot) + along * (kSides[i].x * box.size.x) + across * (kSides[i].y * box.size.y);
    for (std::size_t i = 0; i < 4; ++i) {
        const auto &a = corners[i], &b = corners[(i + 1) % 4];
        const double length = i % 2 == 0 ? box.size.x : box.size.y;
        const glm::dvec2 out = glm::dvec2(b.y - a.y, a.x - b.x) / length;
        addQuad(mesh, {a, low}, {b, low}, {b, high}, {a, high}, glm::vec3(glm::vec2(out), 0.0f), glm::vec4(0.0f, length, 0.0f, box.size.z), true, box.wall);
    }
    addQuad(mesh, {corners[0], high}, {corners[1], high}, {corners[2], high}, {corners[3], high}, {0, 0, 1}, glm::vec4(0), true, box.roof);
    return mesh;
}

Mesh flatMesh(const MultiPolygon& polygons, double height, glm::u8vec4 color, bool withColor) {
    Mesh mesh;
    for (const auto& polygon : polygons) addFlat(mesh, polygon, height, true, withColor, color);
    return mesh;
}

Mesh extrude(const Polygon& polygon, const ExtrudeOptions& options) {
    Mesh mesh;
    const bool colors = options.withColors;
    const auto walls = [&](const Ring& ring) { addWalls(mesh, ring, options.base, options.top, options.base, colors, options.wallColor); };
    walls(polygon.outer);
    for (const auto& hole : polygon.holes) walls(hole);
    if (options.floor) addFlat(mesh, polygon, options.base, false, colors, options.wallColor);
    if (!options.roof) return mesh;
    if (options.parapetHeight > 0 && options.parapetThickness > 0) {
        Polygon inner{moved(polygon.outer, -options.parapetThickness), {}};
        for (const auto& hole : polygon.holes) inner.holes.push_back(moved(hole, -options.parapetThickness));
        // A building thinner than its two parapets gets a plain roof.
        if (signedArea(inner.outer) > 0.3 * signedArea(polygon.outer) && isValid(inner)) {
            const double roof = std::max(options.base, options.top - options.parapetHeight);
            const auto rim = [&](const Ring& outside, const Ring& inside) {
                for (std::size_t i = 0; i < outside.size(); ++i) {
                    const std::size_t j = (i + 1) % outside.size();
                    addQuad(mesh, {outside[i], options.top}, {outside[j], options.top}, {inside[j], options.top}, {inside[i], options.top},
                            {0, 0, 1}, glm::vec4(0), colors, options.wallColor);
                    const glm::dvec2 along = inside[j] - inside[i];
                    const double length = std::max(glm::length(along), 1e-9);
                    addQuad(mesh, {inside[j], roof}, {inside[i], roof}, {inside[i], options.top}, {inside[j], options.top},
                            glm::vec3(glm::vec2(glm::dvec2(-along.y, along.x) / length), 0.0f), glm::vec4(0), colors, options.wallColor);
                }
            };
            rim(polygon.outer, inner.outer);
            for (std::size_t h = 0; h < polygon.holes.size(); ++h) rim(polygon.holes[h], inner.holes[h]);
            addFlat(mesh, inner, roof, true, colors, options.roofColor);
            return mesh;
        }
    }
    addFlat(mesh, polygon, options.top, true, colors, options.roofColor);
    return mesh;
}

Mesh extrude(const MultiPolygon& polygons, const ExtrudeOptions& options) {
    Mesh mesh;
    for (const auto& polygon : polygons) mesh.append(extrude(polygon, options));
    return mesh;
}

Mesh ledge(const Polygon& polygon, double from, double to, double outMeters, glm::u8vec4 color, bool withColor) {
    Mesh mesh;
    const auto around = [&](const Ring& ring) {
        const Ring outside = moved(ring, outMeters);
        addWalls(mesh, outside, from, to, from, withColor, color);
        for (auto& uv : mesh.uvs) uv = glm::vec2(0);
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const std::size_t j = (i + 1) % ring.size();
            addQuad(mesh, {outside[i], to}, {outside[j], to}, {ring[j], to}, {ring[i], to}, {0, 0, 1}, glm::vec4(0), withColor, color);
            addQuad(mesh, {ring[i], from}, {ring[j], from}, {outside[j], from}, {outside[i], from}, {0, 0, -1}, glm::vec4(0), withColor, color);
        }
    };
    around(polygon.outer);
    for (const auto& hole : polygon.holes) around(hole);
    return mesh;
}

Mesh gableRoof(const Polygon& box, double eaves, double ridge, glm::u8vec4 color, bool withColor) {
    Mesh mesh;
    if (box.outer.size() != 4) return mesh;
    Ring c = box.outer;
    if (glm::length(c[1] - c[0]) < glm::length(c[2] - c[1])) c = {c[1], c[2], c[3], c[0]};
    const glm::dvec3 a(c[0], eaves), b(c[1], eaves), d(c[2], eaves), e(c[3], eaves);
    const glm::dvec3 left(0.5 * (c[3] + c[0]), ridge), right(0.5 * (c[1] + c[2]), ridge);
    const auto slope = [&](const glm::dvec3& p, const glm::dvec3& q, const glm::dvec3& r, const glm::dvec3& s) {
        addQuad(mesh, p, q, r, s, glm::vec3(glm::normalize(glm::cross(q - p, r - p))), glm::vec4(0), withColor, color);
    };
    slope(a, b, right, left);
    slope(d, e, left, right);
    addTriangle(mesh, b, d, right, withColor, color);
    addTriangle(mesh, e, a, left, withColor, color);
    return mesh;
}

Mesh cylinder(const glm::dvec3& foot, double radius, double topRadius, double height, int sides, glm::u8vec4 color, bool withColor) {
    Mesh mesh;
    const int count = std::max(sides, 3);
    const auto at = [&](int i, double r, double z) {
        const double angle = 2.0 * 3.14159265358979323846 * i / count;
        return foot + glm::dvec3(r * std::cos(angle), r * std::sin(angle), z);
    };
    for (int i = 0; i < count; ++i) {
        const glm::dvec3 a = at(i, radius, 0), b = at(i + 1, radius, 0);
        if (topRadius <= 0) {
            addTriangle(mesh, a, b, foot + glm::dvec3(0, 0, height), withColor, color);
            continue;
        }
        const glm::dvec3 c = at(i + 1, topRadius, height), d = at(i, topRadius, height);
        addQuad(mesh, a, b, c, d, glm::vec3(glm::normalize(glm::cross(b - a, d - a))), glm::vec4(0), withColor, color);
    }
    for (int i = 1; topRadius > 0 && i + 1 < count; ++i)
        addTriangle(mesh, at(0, topRadius, height), at(i, topRadius, height), at(i + 1, topRadius, height), withColor, color);
    return mesh;
}

Mesh box(const glm::dvec3& footMiddle, const glm::dvec3& size, double headingDegrees, glm::u8vec4 color, bool withColor) {
    ExtrudeOptions options;
    options.base = footMiddle.z;
    options.top = footMiddle.z + size.z;
    options.withColors = withColor;
    options.wallColor = options.roofColor = color;
    return extrude(rectangle(glm::dvec2(footMiddle), size.x, size.y, headingDegrees), options);
}

} // namespace matou::importers
