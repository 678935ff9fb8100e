#include "geo/sun.h"

#include <cmath>
#include <numbers>

namespace matou::geo {
namespace {

constexpr double kPi = std::numbers::pi, kDegree = kPi / 180.0;

Equatorial sunOf(const CelestialTime& time) {
    const double t = time.centuriesTt;
    const double meanLongitude = 280.46646 + t * (36000.76983 + t * 0.0003032);
    const double meanAnomaly = (357.52911 + t * (35999.05029 - t * 0.0001537)) * kDegree;
    const double center = (1.914602 - t * (0.004817 + t * 0.000014)) * std::sin(meanAnomaly) +
                          (0.019993 - t * 0.000101) * std::sin(2 * meanAnomaly) + 0.000289 * std::sin(3 * meanAnomaly);
    // Venus twice, Jupiter, the moon; arguments are of centuries since 1900.
    const double t1900 = t + 1.0;
    const double pull = 0.00134 * std::cos((153.23 + 22518.7541 * t1900) * kDegree) +
                        0.00154 * std::cos((216.57 + 45037.5082 * t1900) * kDegree) +
                        0.00200 * std::cos((312.69 + 32964.3577 * t1900) * kDegree) +
                        0.00179 * std::sin((350.74 + 445267.1142 * t1900) * kDegree);
    const double aberration = -0.00569;
    return equatorialOf(time, (meanLongitude + center + pull + aberration) * kDegree + time.nutationLongitude, 0.0);
}

core::Instant later(core::Instant instant, double hours) {
    return instant + core::Duration(std::llround(hours * 3600e3));
}

} // namespace

SunPosition sunPosition(core::Instant instant, double latitudeDegrees, double longitudeDegrees) {
    constexpr double kParallax = 8.794 / 3600.0 * kDegree;
    const CelestialTime time(instant);
    return skyPosition(time, sunOf(time), kParallax, latitudeDegrees, longitudeDegrees);
}

double trueSolarHours(core::Instant instant, double longitudeDegrees) {
    const CelestialTime time(instant);
    const double hours = hourAngle(time, sunOf(time).rightAscension, longitudeDegrees) / kPi * 12.0 + 12.0;
    return hours < 24.0 ? hours : 0.0;
}

core::Instant instantAtTrueSolarHours(core::Instant day, double hours, double longitudeDegrees) {
    core::Instant instant = later(day, hours - trueSolarHours(day, longitudeDegrees));
    // The equation of time drifts by half a minute a day; one more step leaves less than a millisecond.
    for (int i = 0; i < 2; ++i)
        instant = later(instant, std::remainder(hours - trueSolarHours(instant, longitudeDegrees), 24.0));
    return instant;
}

SunTimes sunTimes(core::Instant day, double latitudeDegrees, double longitudeDegrees, double horizonDegrees) {
    SunTimes times;
    times.noon = instantAtTrueSolarHours(day, 12.0, longitudeDegrees);
    const auto above = [&](double hours) {
        return sunPosition(later(times.noon, hours), latitudeDegrees, longitudeDegrees).elevationDegrees >
               horizonDegrees;
    };
    const auto crossing = [&](double midnight) -> std::optional<core::Instant> {
        if (!above(0.0) || above(midnight)) return std::nullopt;
        double up = 0.0, down = midnight;
        for (int i = 0; i < 26; ++i) { // 12 h / 2^26: below a millisecond
            const double middle = 0.5 * (up + down);
            (above(middle) ? up : down) = middle;
        }
        return later(times.noon, up);
    };
    times.rise = crossing(-12.0);
    times.set = crossing(12.0);
    return times;
}

} // namespace matou::geo
