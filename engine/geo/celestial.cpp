#include "geo/celestial.h"

#include <cmath>
#include <numbers>

namespace matou::geo {
namespace {

constexpr double kPi = std::numbers::pi, kDegree = kPi / 180.0;

/// TT − UTC in seconds; within 2 s over 2015..2035, which moves the sun by less than 0.00003°.
constexpr double kTerrestrialMinusUtc = 69.2;

} // namespace

glm::dvec3 directionEnu(const SkyPosition& position) {
    const double a = position.azimuthDegrees * kDegree, e = position.elevationDegrees * kDegree;
    return {std::sin(a) * std::cos(e), std::cos(a) * std::cos(e), std::sin(e)};
}

CelestialTime::CelestialTime(core::Instant instant) {
    const double unixDays = static_cast<double>(instant.time_since_epoch().count()) / 86400000.0;
    daysUt = unixDays + (2440587.5 - 2451545.0);
    centuriesTt = (daysUt + kTerrestrialMinusUtc / 86400.0) / 36525.0;
    const double t = centuriesTt;
    // Meeus, chapter 22, the four largest terms: good to 0.5".
    const double node = (125.04452 - t * 1934.136261) * kDegree;
    const double sun = (280.4665 + t * 36000.7698) * kDegree, moon = (218.3165 + t * 481267.8813) * kDegree;
    nutationLongitude =
        (-17.20 * std::sin(node) - 1.32 * std::sin(2 * sun) - 0.23 * std::sin(2 * moon) + 0.21 * std::sin(2 * node)) /
        3600.0 * kDegree;
    const double nutationObliquity =
        (9.20 * std::cos(node) + 0.57 * std::cos(2 * sun) + 0.10 * std::cos(2 * moon) - 0.09 * std::cos(2 * node)) /
        3600.0;
    const double mean = 23.0 + (26.0 + (21.448 - t * (46.8150 + t * (0.00059 - t * 0.001813))) / 60.0) / 60.0;
    obliquity = (mean + nutationObliquity) * kDegree;
}

Equatorial equatorialOf(const CelestialTime& time, double longitude, double latitude) {
    const double c = std::cos(time.obliquity), s = std::sin(time.obliquity);
    return {std::atan2(std::sin(longitude) * c - std::tan(latitude) * s, std::cos(longitude)),
            std::asin(std::sin(latitude) * c + std::cos(latitude) * s * std::sin(longitude))};
}

double hourAngle(const CelestialTime& time, double rightAscension, double longitudeDegrees) {
    const double t = time.daysUt / 36525.0;
    const double sidereal = 280.46061837 + 360.98564736629 * time.daysUt + t * t * (0.000387933 - t / 38710000.0);
    const double angle = (sidereal + longitudeDegrees) * kDegree + time.nutationLongitude * std::cos(time.obliquity);
    return std::remainder(angle - rightAscension, 2 * kPi);
}

SkyPosition skyPosition(const CelestialTime& time, const Equatorial& body, double parallax, double latitudeDegrees,
                        double longitudeDegrees) {
    const double h = hourAngle(time, body.rightAscension, longitudeDegrees), latitude = latitudeDegrees * kDegree;
    const double sinD = std::sin(body.declination), cosD = std::cos(body.declination);
    const double sinL = std::sin(latitude), cosL = std::cos(latitude);
    // Of a distant body, in units of its distance; then the observer's place is taken off. He stands on the ellipsoid,
    // whose centre lies not quite below him: `flat` towards the equator, `deep` below (squares of the flattening left
    // out).
    constexpr double kFlattening = 1.0 / 298.257223563;
    const double deep = 1 - kFlattening * sinL * sinL, flat = 2 * kFlattening * sinL * cosL;
    const double east = -cosD * std::sin(h);
    const double north = sinD * cosL - cosD * std::cos(h) * sinL + std::sin(parallax) * flat;
    const double up = sinL * sinD + cosL * cosD * std::cos(h) - std::sin(parallax) * deep;
    double azimuth = std::atan2(east, north);
    if (azimuth < 0) azimuth += 2 * kPi;
    return {azimuth / kDegree, std::atan2(up, std::hypot(east, north)) / kDegree};
}

} // namespace matou::geo
