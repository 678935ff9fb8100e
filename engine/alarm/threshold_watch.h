#pragma once
// Thresholds with hysteresis and on-delay: one small machine per sensor and threshold.

#include <cstdint>
#include <functional>
#include <set>
#include <tuple>
#include <vector>

#include "core/clock.h"
#include "twin/records.h"

namespace matou::alarm {

/// Not thread-safe. Time is the event time of what it is told.
class ThresholdWatch {
public:
    explicit ThresholdWatch(const twin::Registry& registry);

    /// Called when a sensor's worst active threshold changes: its index in sensor.thresholds, or -1 for none.
    using Changed = std::function<void(std::uint32_t sensor, int threshold, core::Instant at)>;
    void observe(std::uint32_t sensor, double value, core::Instant at, const Changed& changed);
    /// On-delays that end at or before `at`, in order of time.
    void advance(core::Instant at, const Changed& changed);
    /// Severity of the worst active threshold, 0 for none.
    int severity(std::uint32_t sensor) const;
    /// What was active before a restart: the worst threshold of this severity or milder is taken as active.
    void restore(std::uint32_t sensor, int severity);
    void shift(core::Duration by);

private:
    enum class State : std::uint8_t { normal, pending, active };
    int worst(std::uint32_t sensor) const;
    void setState(std::uint32_t sensor, std::size_t threshold, State state, core::Instant due);

    const twin::Registry& _registry;
    std::vector<std::uint32_t> _first; // of each sensor in _states
    std::vector<State> _states;
    std::vector<core::Instant> _due; // of pending ones
    std::set<std::tuple<core::Instant, std::uint32_t, std::size_t>> _pending;
};

} // namespace matou::alarm
