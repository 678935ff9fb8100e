#pragma once
// Where the moon stands and how much of it is lit.

#include "core/clock.h"
#include "geo/celestial.h"

namespace matou::geo {

struct Moon {
    SkyPosition position;   // from the ground, with parallax
    double litFraction = 0; // 0 new, 1 full
    double distanceMeters = 0;
    bool waxing = false;
};

/// Meeus, Astronomical Algorithms, 2nd ed., chapter 47 (after ELP-2000/82) without the terms below 0.002 degrees and
/// 30 km; good to 0.02 degrees. Phase: chapter 48.
Moon moonAt(core::Instant instant, double latitudeDegrees, double longitudeDegrees);

} // namespace matou::geo
