#pragma once
// What both readers of tilesets (parse_tileset.cpp, plain_tiles.cpp) ask of values. Internal to tiles.

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <glm/glm.hpp>

#include "geo/bounding_volume.h"

namespace matou::tiles {

/// Radians, south of north and low of high, within the ellipsoid's angles.
inline bool isRegion(const geo::Region& r) {
    constexpr double pi = 3.14159265358979323846, slack = 1e-9;
    return r.south <= r.north && r.minimumHeight <= r.maximumHeight && std::abs(r.west) <= pi + slack && std::abs(r.east) <= pi + slack &&
           std::abs(r.south) <= pi / 2 + slack && std::abs(r.north) <= pi / 2 + slack;
}

/// By columns; false where it is not affine.
inline bool affineFrom(const std::array<double, 16>& m, glm::dmat4& out) {
    for (int i = 0; i < 16; ++i) out[i / 4][i % 4] = m[static_cast<std::size_t>(i)];
    return std::abs(out[0][3]) + std::abs(out[1][3]) + std::abs(out[2][3]) <= 1e-9 && std::abs(out[3][3] - 1.0) <= 1e-9;
}

inline double largestScale(const glm::dmat4& m) {
    return std::max({glm::length(glm::dvec3(m[0])), glm::length(glm::dvec3(m[1])), glm::length(glm::dvec3(m[2]))});
}

/// A content of that name is another tileset.
inline bool namesTileset(std::string_view uri) {
    const auto path = uri.substr(0, uri.find_first_of("?#"));
    return path.ends_with(".json") || path.ends_with(".3tz");
}

} // namespace matou::tiles
