#include "nanmatou/builder.h"

#include <array>
#include <cmath>
#include <numbers>

namespace matou::importers::nanmatou {

void Builder::quad(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, const glm::dvec3& d, Color color) {
    const auto base = static_cast<std::uint32_t>(_mesh.positions.size());
    const glm::dvec3 cross = glm::cross(c - a, d - b);
    if (glm::length(cross) < 1e-9) return;
    const glm::vec3 n(glm::normalize(cross));
    for (const auto& p : {a, b, c, d}) {
        _mesh.positions.push_back(p);
        _mesh.normals.push_back(n);
        _mesh.colors.push_back(color);
        _mesh.uvs.push_back({0, 0});
    }
    for (const std::uint32_t i : {0u, 1u, 2u, 0u, 2u, 3u})
        _mesh.indices.push_back(base + i);
}

void Builder::pane(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, const glm::dvec3& d, double left,
                   double right, double foot, Color color) {
    const std::size_t before = _mesh.uvs.size();
    quad(a, b, c, d, color);
    if (_mesh.uvs.size() == before) return;
    const double along[4] = {left, right, right, left}, height[4] = {a.z - foot, b.z - foot, c.z - foot, d.z - foot};
    for (std::size_t i = 0; i < 4; ++i)
        _mesh.uvs[before + i] = {along[i] + 0.01, height[i]}; // 0, 0 would say: no window
}

void Builder::triangle(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, Color color) {
    const auto base = static_cast<std::uint32_t>(_mesh.positions.size());
    const glm::dvec3 cross = glm::cross(b - a, c - a);
    if (glm::length(cross) < 1e-9) return;
    const glm::vec3 n(glm::normalize(cross));
    for (const auto& p : {a, b, c}) {
        _mesh.positions.push_back(p);
        _mesh.normals.push_back(n);
        _mesh.colors.push_back(color);
        _mesh.uvs.push_back({0, 0});
    }
    for (const std::uint32_t i : {0u, 1u, 2u})
        _mesh.indices.push_back(base + i);
}

void Builder::taper(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec2& sectionA, const glm::dvec2& sectionB,
                    const glm::dvec2& across, Color color) {
    const glm::dvec3 axis = glm::normalize(b - a), u = glm::normalize(glm::dvec3(across, 0)),
                     v = glm::normalize(glm::cross(axis, u));
    auto corner = [&](const glm::dvec3& p, const glm::dvec2& s, int i) {
        return p + u * (i == 0 || i == 3 ? -0.5 : 0.5) * s.x + v * (i < 2 ? -0.5 : 0.5) * s.y;
    };
    for (int i = 0; i < 4; ++i) {
        const int j = (i + 1) % 4;
        quad(corner(a, sectionA, i), corner(a, sectionA, j), corner(b, sectionB, j), corner(b, sectionB, i), color);
    }
    quad(corner(b, sectionB, 0), corner(b, sectionB, 1), corner(b, sectionB, 2), corner(b, sectionB, 3), color);
    quad(corner(a, sectionA, 3), corner(a, sectionA, 2), corner(a, sectionA, 1), corner(a, sectionA, 0), color);
}

void Builder::beam(const glm::dvec3& a, const glm::dvec3& b, double width, double depth, Color color) {
    const glm::dvec2 plan(b - a);
    const glm::dvec2 across = glm::length(plan) > 1e-6 ? glm::normalize(glm::dvec2(-plan.y, plan.x)) : glm::dvec2(1, 0);
    taper(a, b, {width, depth}, {width, depth}, across, color);
}

void Builder::stay(const glm::dvec3& a, const glm::dvec3& b, double radius, Color color) {
    const glm::dvec3 axis = glm::normalize(b - a);
    const glm::dvec3 u = glm::normalize(glm::cross(axis, glm::dvec3(0.1, 0.2, 1.0))), v = glm::cross(axis, u);
    std::array<glm::dvec3, 3> ring;
    for (int i = 0; i < 3; ++i) {
        const double t = 2.0 * std::numbers::pi * i / 3.0;
        ring[static_cast<std::size_t>(i)] = radius * (std::cos(t) * u + std::sin(t) * v);
    }
    for (std::size_t i = 0; i < 3; ++i)
        quad(a + ring[i], a + ring[(i + 1) % 3], b + ring[(i + 1) % 3], b + ring[i], color);
}

void Builder::deck(const std::vector<glm::dvec3>& line, double width, double thickness, Color top, Color side) {
    std::vector<glm::dvec3> left, right;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const glm::dvec2 d =
            glm::normalize(glm::dvec2(line[std::min(i + 1, line.size() - 1)] - line[i == 0 ? 0 : i - 1]));
        const glm::dvec3 across(-d.y * 0.5 * width, d.x * 0.5 * width, 0);
        left.push_back(line[i] + across);
        right.push_back(line[i] - across);
    }
    const glm::dvec3 down(0, 0, -thickness), rail(0, 0, 1.0);
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
        quad(right[i], right[i + 1], left[i + 1], left[i], top);
        quad(left[i] + down, left[i + 1] + down, right[i + 1] + down, right[i] + down, side);
        quad(right[i] + down, right[i + 1] + down, right[i + 1] + rail, right[i] + rail, side);
        quad(left[i + 1] + down, left[i] + down, left[i] + rail, left[i + 1] + rail, side);
        quad(right[i + 1], right[i], right[i] + rail, right[i + 1] + rail, side);
        quad(left[i], left[i + 1], left[i + 1] + rail, left[i] + rail, side);
    }
}

void Builder::prism(const Polygon& polygon, double base, double top, Color wall, Color roof, bool windows) {
    ExtrudeOptions options;
    options.base = base;
    options.top = top;
    options.withColors = true;
    options.wallColor = wall;
    options.roofColor = roof;
    Mesh body = extrude(polygon, options);
    if (!windows) body.uvs.assign(body.positions.size(), glm::vec2(0));
    _mesh.append(body);
}

void Builder::lathe(const glm::dvec3& foot, const std::vector<glm::dvec2>& profile, int sides, Color color,
                    double turn) {
    auto at = [&](const glm::dvec2& p, int i) {
        const double t = turn + 2.0 * std::numbers::pi * i / sides;
        return foot + glm::dvec3(p.x * std::cos(t), p.x * std::sin(t), p.y);
    };
    for (std::size_t k = 0; k + 1 < profile.size(); ++k)
        for (int i = 0; i < sides; ++i) {
            const auto a = at(profile[k], i), b = at(profile[k], i + 1), c = at(profile[k + 1], i + 1),
                       d = at(profile[k + 1], i);
            if (profile[k].x < 1e-6)
                triangle(a, c, d, color);
            else if (profile[k + 1].x < 1e-6)
                triangle(a, b, c, color);
            else
                quad(a, b, c, d, color);
        }
    if (profile.back().x > 1e-6)
        for (int i = 1; i + 1 < sides; ++i)
            triangle(at(profile.back(), 0), at(profile.back(), i), at(profile.back(), i + 1), color);
}

void Builder::sphere(const glm::dvec3& middle, double radius, int sides, Color color) {
    std::vector<glm::dvec2> profile;
    const int rings = sides / 2;
    for (int i = 0; i <= rings; ++i) {
        const double t = -0.5 * std::numbers::pi + std::numbers::pi * i / rings;
        profile.push_back({i == 0 || i == rings ? 0.0 : radius * std::cos(t), radius * std::sin(t)});
    }
    lathe(middle, profile, sides, color);
}

std::vector<Station> stations(const Polyline& line, double step) {
    std::vector<Station> out;
    double before = 0, next = 0;
    for (std::size_t k = 0; k + 1 < line.size(); ++k) {
        const double length = glm::length(line[k + 1] - line[k]);
        const glm::dvec2 along = (line[k + 1] - line[k]) / length;
        for (; next <= before + length; next += step)
            out.push_back({line[k] + along * (next - before), along, next});
        before += length;
    }
    if (!out.empty() && before - out.back().distance > 0.1 * step) {
        const glm::dvec2 along = glm::normalize(line.back() - line[line.size() - 2]);
        out.push_back({line.back(), along, before});
    }
    return out;
}

} // namespace matou::importers::nanmatou
