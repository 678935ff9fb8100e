#include "simulate/signals.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "simulate/noise.h"

namespace matou::simulate {
namespace {

double secondsOf(core::Instant instant) {
    return static_cast<double>(instant.time_since_epoch().count()) / 1000.0;
}

double bump(double hour, double center, double width) {
    double d = std::abs(hour - center);
    d = std::min(d, 24 - d) / width;
    return std::exp(-d * d);
}

/// 0..1 over the day, by kind; the shape only.
double shapeOf(const std::string& kind, double hour, double seconds, std::uint64_t key) {
    using std::numbers::pi;
    if (kind == "water_level" || kind == "tide") // two unequal tides, moving on by 50 minutes a day
        return 0.5 + 0.38 * std::sin(2 * pi * seconds / 44712.0) + 0.1 * std::sin(2 * pi * seconds / 86164.0 + 1.0);
    if (kind == "traffic" || kind == "pedestrian" || kind == "crowd")
        return std::min(1.0, 0.08 + 0.75 * bump(hour, 8, 1.4) + 0.8 * bump(hour, 18, 1.8) + 0.4 * bump(hour, 13, 4));
    if (kind == "noise") return 0.2 + 0.35 * bump(hour, 8, 2) + 0.4 * bump(hour, 18, 2.5) + 0.25 * bump(hour, 13, 4);
    if (kind == "air_pm25" || kind == "air_pm10")
        return 0.35 + 0.22 * bump(hour, 8, 3) + 0.3 * bump(hour, 21, 4) - 0.15 * bump(hour, 14, 3);
    if (kind == "light" || kind == "lamp") return hour < 5.5 || hour > 18.3 ? 0.95 : 0.02;
    if (kind == "temperature") return 0.35 + 0.5 * bump(hour, 14.5, 5);
    if (kind == "smoke" || kind == "ponding" || kind == "gas" || kind == "manhole" || kind == "tilt" || kind == "pump") return 0.05;
    if (kind == "rain") return 0;
    return 0.4 + 0.2 * std::sin(2 * pi * (hour - 9) / 24) + 0.1 * smoothNoise(key ^ 0x51, seconds, 7200);
}

/// An episode beyond the worst-but-one threshold: rises over two minutes, stays, falls. 0..1.
double episode(const twin::Sensor& sensor, std::uint64_t key, double seconds) {
    constexpr double slot = 6 * 3600.0;
    const auto index = static_cast<std::uint64_t>(seconds / slot);
    // A steady smoke, ponding or water sensor matters more than a noisy one, so these have episodes more often.
    const bool sensitive = sensor.kind == "water_level" || sensor.kind == "ponding" || sensor.kind == "air_pm25";
    if (unit(hash(key, index, 11)) >= (sensitive ? 1.0 / 150 : 1.0 / 500)) return 0;
    const double length = 600 + 3000 * unit(hash(key, index, 13));
    const double start = unit(hash(key, index, 12)) * (slot - length);
    const double at = seconds - static_cast<double>(index) * slot - start;
    if (at < 0 || at > length) return 0;
    return std::min({1.0, at / 120, (length - at) / 120});
}

} // namespace

double hourOfDay(core::Instant instant) {
    const auto dayMs = (instant.time_since_epoch().count() + 8 * 3600000ll) % 86400000ll;
    return static_cast<double>(dayMs) / 3600000.0;
}

double signalOf(const twin::Sensor& sensor, std::uint64_t key, core::Instant instant) {
    const double seconds = secondsOf(instant), hour = hourOfDay(instant);
    const double low = sensor.typicalMinimum, span = sensor.typicalMaximum - low;
    const double place = 0.85 + 0.15 * (2 * unit(hash(key, 3)) - 1); // each place has its own strength
    double fraction = shapeOf(sensor.kind, hour, seconds, key) * place;
    fraction += 0.05 * smoothNoise(key, seconds, 600) +
                0.02 * (2 * unit(hash(key, static_cast<std::uint64_t>(seconds), 5)) - 1);
    double value = low + span * std::clamp(fraction, 0.0, 0.97);

    if (!sensor.thresholds.empty()) {
        if (const double rise = episode(sensor, key, seconds); rise > 0) {
            const auto& threshold =
                sensor.thresholds[hash(key, static_cast<std::uint64_t>(seconds / 21600), 17) % 5 == 0
                                      ? sensor.thresholds.size() - 1
                                      : 0];
            const double beyond =
                threshold.value + (threshold.above ? 1 : -1) * (0.02 * std::abs(span) + 1.5 * threshold.hysteresis);
            value += (beyond - value) * rise;
        }
    }
    return value;
}

double reported(const twin::Sensor& sensor, double value) {
    const double span = sensor.typicalMaximum - sensor.typicalMinimum;
    const double digits = span > 50 ? 10 : span > 5 ? 100 : 1000;
    return std::round(value * digits) / digits;
}

} // namespace matou::simulate
