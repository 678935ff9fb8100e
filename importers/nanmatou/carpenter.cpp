#include "nanmatou/carpenter.h"

#include <cmath>

namespace matou::importers::nanmatou {

glm::dvec3 Carpenter::place(const glm::dvec3& p) const {
    const glm::dvec2 at = _footprint.at(p.x, p.y);
    return {at.x, at.y, _foot + p.z};
}

void Carpenter::vertex(const glm::dvec3& p, const glm::vec3& normal, Color color, const glm::vec2& uv) {
    _mesh.positions.push_back(p);
    _mesh.normals.push_back(normal);
    _mesh.colors.push_back(color);
    _mesh.uvs.push_back(uv);
}

void Carpenter::quad(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, const glm::dvec3& d, Color color) {
    const auto base = static_cast<std::uint32_t>(_mesh.positions.size());
    const glm::dvec3 pa = place(a), pb = place(b), pc = place(c), pd = place(d);
    const glm::vec3 n(glm::normalize(glm::cross(pc - pa, pd - pb)));
    for (const auto& p : {pa, pb, pc, pd})
        vertex(p, n, color, {0, 0});
    for (const std::uint32_t i : {0u, 1u, 2u, 0u, 2u, 3u})
        _mesh.indices.push_back(base + i);
}

void Carpenter::triangle(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, Color color) {
    const auto base = static_cast<std::uint32_t>(_mesh.positions.size());
    const glm::dvec3 pa = place(a), pb = place(b), pc = place(c);
    const glm::vec3 n(glm::normalize(glm::cross(pb - pa, pc - pa)));
    for (const auto& p : {pa, pb, pc})
        vertex(p, n, color, {0, 0});
    for (const std::uint32_t i : {0u, 1u, 2u})
        _mesh.indices.push_back(base + i);
}

void Carpenter::facade(const glm::dvec2& a, const glm::dvec2& b, double z0, double z1, Color color) {
    const auto base = static_cast<std::uint32_t>(_mesh.positions.size());
    const glm::dvec3 pa = place({a.x, a.y, z0}), pb = place({b.x, b.y, z0});
    const glm::dvec3 d = pb - pa;
    const auto length = static_cast<float>(glm::length(d));
    const glm::vec3 n(glm::normalize(glm::dvec3(d.y, -d.x, 0)));
    const auto low = static_cast<float>(z0), high = static_cast<float>(z1);
    // The façade shader fits whole bays into the wall's length: half metres, in the alpha that opaque surfaces leave free.
    color.w = length < 127.0f ? static_cast<std::uint8_t>(std::lround(2.0f * length)) : 255;
    vertex(pa, n, color, {0, low});
    vertex(pb, n, color, {length, low});
    vertex(pb + glm::dvec3(0, 0, z1 - z0), n, color, {length, high});
    vertex(pa + glm::dvec3(0, 0, z1 - z0), n, color, {0, high});
    for (const std::uint32_t i : {0u, 1u, 2u, 0u, 2u, 3u})
        _mesh.indices.push_back(base + i);
}

void Carpenter::box(const Box& b, Color color, unsigned faces) {
    if (faces & south) quad({b.u0, b.v0, b.z0}, {b.u1, b.v0, b.z0}, {b.u1, b.v0, b.z1}, {b.u0, b.v0, b.z1}, color);
    if (faces & east) quad({b.u1, b.v0, b.z0}, {b.u1, b.v1, b.z0}, {b.u1, b.v1, b.z1}, {b.u1, b.v0, b.z1}, color);
    if (faces & north) quad({b.u1, b.v1, b.z0}, {b.u0, b.v1, b.z0}, {b.u0, b.v1, b.z1}, {b.u1, b.v1, b.z1}, color);
    if (faces & west) quad({b.u0, b.v1, b.z0}, {b.u0, b.v0, b.z0}, {b.u0, b.v0, b.z1}, {b.u0, b.v1, b.z1}, color);
    if (faces & top) quad({b.u0, b.v0, b.z1}, {b.u1, b.v0, b.z1}, {b.u1, b.v1, b.z1}, {b.u0, b.v1, b.z1}, color);
    if (faces & bottom) quad({b.u0, b.v1, b.z0}, {b.u1, b.v1, b.z0}, {b.u1, b.v0, b.z0}, {b.u0, b.v0, b.z0}, color);
}

void Carpenter::house(const Box& b, Color wall, Color lid) {
    facade({b.u0, b.v0}, {b.u1, b.v0}, b.z0, b.z1, wall);
    facade({b.u1, b.v0}, {b.u1, b.v1}, b.z0, b.z1, wall);
    facade({b.u1, b.v1}, {b.u0, b.v1}, b.z0, b.z1, wall);
    facade({b.u0, b.v1}, {b.u0, b.v0}, b.z0, b.z1, wall);
    box(b, lid, top);
}

void Carpenter::gable(const Box& b, double ridge, double over, Color roof, Color wall) {
    const double v = 0.5 * (b.v0 + b.v1), slope = (ridge - b.z1) / (v - b.v0), drop = slope * over;
    const double w = b.u0 - over, e = b.u1 + over, s = b.v0 - over, n = b.v1 + over, z = b.z1 - drop;
    quad({w, s, z}, {e, s, z}, {e, v, ridge}, {w, v, ridge}, roof);
    quad({e, n, z}, {w, n, z}, {w, v, ridge}, {e, v, ridge}, roof);
    triangle({b.u1, b.v0, b.z1}, {b.u1, b.v1, b.z1}, {b.u1, v, ridge}, wall);
    triangle({b.u0, b.v1, b.z1}, {b.u0, b.v0, b.z1}, {b.u0, v, ridge}, wall);
}

void Carpenter::parapet(const Box& r, double t, Color color) {
    box({r.u0, r.u1, r.v0, r.v0 + t, r.z0, r.z1}, color, south | north | top);
    box({r.u0, r.u1, r.v1 - t, r.v1, r.z0, r.z1}, color, south | north | top);
    box({r.u0, r.u0 + t, r.v0 + t, r.v1 - t, r.z0, r.z1}, color, east | west | top);
    box({r.u1 - t, r.u1, r.v0 + t, r.v1 - t, r.z0, r.z1}, color, east | west | top);
}

} // namespace matou::importers::nanmatou
