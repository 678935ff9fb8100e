#pragma once
// The three frames of the engine, as different types, all double. The world is ECEF; people, water, walking and analysis
// think in the district frame; a POSE of a camera file is geodetic.

#include <glm/glm.hpp>

namespace matou::geo {

/// Earth-centred earth-fixed, WGS 84 (equal to CGCS2000 within 0.1 mm in shape), metres.
struct Ecef {
    glm::dvec3 meters{0.0};
};

/// WGS 84 geodetic; height above the ellipsoid.
struct Geodetic {
    double latitudeDegrees = 0;
    double longitudeDegrees = 0;
    double heightMeters = 0;
};

/// Projected easting and northing of the district's CRS and height above its vertical datum, metres.
struct DistrictPosition {
    double east = 0;
    double north = 0;
    double height = 0;
    glm::dvec3 vector() const { return {east, north, height}; }
    static DistrictPosition from(const glm::dvec3& v) { return {v.x, v.y, v.z}; }
};

inline constexpr double kEllipsoidA = 6378137.0;
inline constexpr double kEllipsoidF = 1.0 / 298.257223563;

Ecef ecefFromGeodetic(const Geodetic& position);
/// Error under 1e-9 m for heights within ±100 km (Bowring's formula, two refinements).
Geodetic geodeticFromEcef(const Ecef& position);
/// Columns: east, north, up, origin. Maps metres in the local tangent frame to ECEF.
glm::dmat4 ecefFromEnu(const Ecef& origin);

} // namespace matou::geo
