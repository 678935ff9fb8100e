#pragma once
// What a sensor of a kind reads at an instant.

#include <cstdint>

#include "core/clock.h"
#include "twin/records.h"

namespace matou::simulate {

/// Beijing hours of the day, 0..24.
double hourOfDay(core::Instant instant);

double signalOf(const twin::Sensor& sensor, std::uint64_t key, core::Instant instant);
/// Rounded as a device of this kind would report.
double reported(const twin::Sensor& sensor, double value);

} // namespace matou::simulate
