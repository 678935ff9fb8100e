#pragma once
// Small geometry for spatial tests, in a content's frame (z up).

#include <random>
#include <vector>

#include "geo/frames.h"
#include "spatial/spatial_index.h"

namespace matou::test {

inline const geo::Geodetic kPlace{31.19, 121.5, 15.0};
/// East, north, up metres about kPlace.
inline glm::dmat4 placeMatrix() { return geo::ecefFromEnu(geo::ecefFromGeodetic(kPlace)); }
inline geo::Ecef at(double east, double north, double up) {
    return {glm::dvec3(placeMatrix() * glm::dvec4(east, north, up, 1.0))};
}

inline void addQuad(std::vector<spatial::Triangle>& out, glm::vec3 a, glm::vec3 b, glm::vec3 c, glm::vec3 d, std::uint32_t feature = 0,
                    bool twoSided = false) {
    out.push_back({a, b, c, feature, twoSided ? 1u : 0u});
    out.push_back({a, c, d, feature, twoSided ? 1u : 0u});
}

/// Closed box, faces outwards.
inline void addBox(std::vector<spatial::Triangle>& out, glm::vec3 lo, glm::vec3 hi, std::uint32_t feature = 0) {
    const glm::vec3 p000(lo.x, lo.y, lo.z), p100(hi.x, lo.y, lo.z), p110(hi.x, hi.y, lo.z), p010(lo.x, hi.y, lo.z);
    const glm::vec3 p001(lo.x, lo.y, hi.z), p101(hi.x, lo.y, hi.z), p111(hi.x, hi.y, hi.z), p011(lo.x, hi.y, hi.z);
    addQuad(out, p000, p010, p110, p100, feature);
    addQuad(out, p001, p101, p111, p011, feature);
    addQuad(out, p000, p100, p101, p001, feature);
    addQuad(out, p110, p010, p011, p111, feature);
    addQuad(out, p010, p000, p001, p011, feature);
    addQuad(out, p100, p110, p111, p101, feature);
}

/// Faces up.
inline void addFloor(std::vector<spatial::Triangle>& out, float x0, float y0, float x1, float y1, float z, std::uint32_t feature = 0) {
    addQuad(out, {x0, y0, z}, {x1, y0, z}, {x1, y1, z}, {x0, y1, z}, feature);
}

inline std::vector<spatial::Triangle> randomTriangles(std::size_t count, unsigned seed, float spread = 50.0f, float size = 5.0f) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> place(-spread, spread), edge(-size, size);
    std::vector<spatial::Triangle> result(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        const glm::vec3 a(place(random), place(random), place(random));
        result[i] = {a, a + glm::vec3(edge(random), edge(random), edge(random)), a + glm::vec3(edge(random), edge(random), edge(random)), i};
    }
    return result;
}

} // namespace matou::test
