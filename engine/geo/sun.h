#pragma once
// Where the sun stands, and the time that it shows.

#include <optional>

#include "core/clock.h"
#include "geo/celestial.h"

namespace matou::geo {

using SunPosition = SkyPosition;

/// Meeus, Astronomical Algorithms, 2nd ed., chapter 25 (low accuracy) with the planets' and the moon's perturbations of
/// Astronomical Formulae for Calculators, chapter 18, nutation, aberration and parallax. Refraction is left out.
SunPosition sunPosition(core::Instant instant, double latitudeDegrees, double longitudeDegrees);

/// True solar time (真太阳时) in hours, 0..24: at 12 the sun crosses the meridian.
double trueSolarHours(core::Instant instant, double longitudeDegrees);
/// When the true solar day that holds `day` reaches that hour. `hours` 0..24.
core::Instant instantAtTrueSolarHours(core::Instant day, double hours, double longitudeDegrees);

/// Of the true solar day that holds the instant asked for. Rise and set are none where the sun stays up or down.
struct SunTimes {
    std::optional<core::Instant> rise, set;
    core::Instant noon;
};
/// As almanacs have them: the centre 50' below the level horizon (34' of refraction, 16' of radius).
inline constexpr double kAlmanacHorizonDegrees = -50.0 / 60.0;
SunTimes sunTimes(core::Instant day, double latitudeDegrees, double longitudeDegrees,
                  double horizonDegrees = kAlmanacHorizonDegrees);

} // namespace matou::geo
