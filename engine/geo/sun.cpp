#include "geo/sun.h"

#include <cmath>

namespace matou::geo {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180.0;

/// TT − UTC in seconds; within 2 s over 2015..2035, which moves the sun by less than 0.00003°.
constexpr double kTerrestrialMinusUtc = 69.2;

} // namespace

SunPosition sunPosition(core::Instant instant, double latitudeDegrees, double longitudeDegrees) {
    const double unixDays = static_cast<double>(instant.time_since_epoch().count()) / 86400000.0;
    const double jdUt = unixDays + 2440587.5;
    const double t = (jdUt + kTerrestrialMinusUtc / 86400.0 - 2451545.0) / 36525.0;

    const double meanLongitude = 280.46646 + t * (36000.76983 + t * 0.0003032);
    const double meanAnomaly = (357.52911 + t * (35999.05029 - t * 0.0001537)) * kDegree;
    const double center = (1.914602 - t * (0.004817 + t * 0.000014)) * std::sin(meanAnomaly) +
                          (0.019993 - t * 0.000101) * std::sin(2 * meanAnomaly) + 0.000289 * std::sin(3 * meanAnomaly);
    const double node = (125.04452 - t * 1934.136261) * kDegree;
    const double moonLongitude = (218.3165 + t * 481267.8813) * kDegree, sunLongitude = meanLongitude * kDegree;
    const double nutationLongitude = (-17.20 * std::sin(node) - 1.32 * std::sin(2 * sunLongitude) - 0.23 * std::sin(2 * moonLongitude) +
                                      0.21 * std::sin(2 * node)) / 3600.0;
    const double nutationObliquity = (9.20 * std::cos(node) + 0.57 * std::cos(2 * sunLongitude) + 0.10 * std::cos(2 * moonLongitude) -
                                      0.09 * std::cos(2 * node)) / 3600.0;
    const double apparent = (meanLongitude + center - 0.00569 + nutationLongitude) * kDegree;
    const double obliquity = (23.0 + (26.0 + (21.448 - t * (46.8150 + t * (0.00059 - t * 0.001813))) / 60.0) / 60.0 + nutationObliquity) * kDegree;

    const double rightAscension = std::atan2(std::cos(obliquity) * std::sin(apparent), std::cos(apparent));
    const double declination = std::asin(std::sin(obliquity) * std::sin(apparent));

    const double tu = (jdUt - 2451545.0) / 36525.0;
    const double sidereal = 280.46061837 + 360.98564736629 * (jdUt - 2451545.0) + tu * tu * (0.000387933 - tu / 38710000.0) +
                            nutationLongitude * std::cos(obliquity);
    const double hourAngle = (sidereal + longitudeDegrees) * kDegree - rightAscension;
    const double lat = latitudeDegrees * kDegree;
    const double elevation = std::asin(std::sin(lat) * std::sin(declination) + std::cos(lat) * std::cos(declination) * std::cos(hourAngle));
    double azimuth = std::atan2(-std::cos(declination) * std::sin(hourAngle),
                                std::sin(declination) * std::cos(lat) - std::cos(declination) * std::cos(hourAngle) * std::sin(lat));
    if (azimuth < 0) azimuth += 2 * 3.14159265358979323846;
    return {azimuth / kDegree, elevation / kDegree};
}

glm::dvec3 sunDirectionEnu(const SunPosition& sun) {
    const double a = sun.azimuthDegrees * kDegree, e = sun.elevationDegrees * kDegree;
    return {std::sin(a) * std::cos(e), std::cos(a) * std::cos(e), std::sin(e)};
}

} // namespace matou::geo
