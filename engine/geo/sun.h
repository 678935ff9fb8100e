#pragma once
// Where the sun stands.

#include <glm/glm.hpp>

#include "core/clock.h"
#include "geo/frames.h"

namespace matou::geo {

/// Azimuth clockwise from north, elevation above the horizon without refraction, degrees.
struct SunPosition {
    double azimuthDegrees = 0;
    double elevationDegrees = 0;
};

/// Meeus, Astronomical Algorithms, 2nd ed., chapter 25 (low accuracy, 0.01°), with nutation in longitude and aberration.
SunPosition sunPosition(core::Instant instant, double latitudeDegrees, double longitudeDegrees);
/// Unit vector towards the sun in the local east-north-up frame.
glm::dvec3 sunDirectionEnu(const SunPosition& sun);

} // namespace matou::geo
