#pragma once
// From ecliptic coordinates of date to a place's own sky: what sun and moon share. Angles in radians.

#include <glm/glm.hpp>

#include "core/clock.h"

namespace matou::geo {

/// Azimuth clockwise from north, elevation above the horizon without refraction, degrees.
struct SkyPosition {
    double azimuthDegrees = 0;
    double elevationDegrees = 0;
};

/// Unit vector towards it in the local east-north-up frame.
glm::dvec3 directionEnu(const SkyPosition& position);

/// An instant in the time scales that ephemerides and the turning Earth need.
struct CelestialTime {
    double centuriesTt = 0; // Julian centuries of terrestrial time since J2000
    double daysUt = 0;      // days of UT since J2000; UTC stands for it (0.9 s at most: 0.004 degrees of hour angle)
    double nutationLongitude = 0, obliquity = 0; // obliquity of date, with nutation

    explicit CelestialTime(core::Instant instant);
};

struct Equatorial {
    double rightAscension = 0, declination = 0;
};
/// Apparent: `longitude` holds nutation already.
Equatorial equatorialOf(const CelestialTime& time, double longitude, double latitude);

/// Hour angle at a place, of apparent sidereal time (Meeus, chapter 12), -pi..pi.
double hourAngle(const CelestialTime& time, double rightAscension, double longitudeDegrees);

/// As seen from the ground: `parallax` is the body's horizontal parallax, which lowers it.
SkyPosition skyPosition(const CelestialTime& time, const Equatorial& body, double parallax, double latitudeDegrees,
                        double longitudeDegrees);

} // namespace matou::geo
