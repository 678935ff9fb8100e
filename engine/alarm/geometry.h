#pragma once
// Small distances on the ground, and what an alarm's key says. Private to this module.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "twin/records.h"
#include "twin/state_snapshot.h"

namespace matou::alarm {

inline constexpr double kMetersPerDegree = 111195.0;
inline constexpr const char* kGatewayLost = "gateway_lost";
inline constexpr const char* kSensorLost = "sensor_lost";

/// East and north metres from a to b; flat, good to a few km.
inline std::pair<double, double> offset(const twin::Place& a, const twin::Place& b) {
    return {(b.longitude - a.longitude) * kMetersPerDegree * std::cos(a.latitude * std::numbers::pi / 180),
            (b.latitude - a.latitude) * kMetersPerDegree};
}
inline double distance(const twin::Place& a, const twin::Place& b) {
    const auto [east, north] = offset(a, b);
    return std::hypot(east, north);
}

inline bool isThreshold(const twin::Alarm& alarm) {
    return alarm.dedupKey.starts_with("threshold|");
}
inline bool isEvent(const twin::Alarm& alarm) {
    return alarm.dedupKey.starts_with("event|");
}

/// When a message counts, whatever its sender's clock says. A stamp from the future would stop the clock for everything after it;
/// one from the past would begin delays, silences and duties in a time that is over. Timers are played 2 s behind the receiver's
/// clock, so that far back a stamp is still news.
inline core::Instant trusted(core::Instant eventTime, core::Instant receiveTime) {
    return std::clamp(eventTime, receiveTime - core::Duration(2000), receiveTime + core::Duration(5000));
}

} // namespace matou::alarm
