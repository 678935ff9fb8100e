#include "alarm/threshold_watch.h"

namespace matou::alarm {

ThresholdWatch::ThresholdWatch(const twin::Registry& registry) : _registry(registry) {
    std::uint32_t total = 0;
    for (const auto& sensor : registry.sensors) {
        _first.push_back(total);
        total += static_cast<std::uint32_t>(sensor.thresholds.size());
    }
    _states.resize(total, State::normal);
    _due.resize(total);
}

int ThresholdWatch::worst(std::uint32_t sensor) const {
    const auto& thresholds = _registry.sensors[sensor].thresholds;
    int result = -1;
    for (std::size_t i = 0; i < thresholds.size(); ++i)
        if (_states[_first[sensor] + i] == State::active &&
            (result < 0 || thresholds[i].severity < thresholds[static_cast<std::size_t>(result)].severity))
            result = static_cast<int>(i);
    return result;
}

int ThresholdWatch::severity(std::uint32_t sensor) const {
    const int index = worst(sensor);
    return index < 0 ? 0 : _registry.sensors[sensor].thresholds[static_cast<std::size_t>(index)].severity;
}

void ThresholdWatch::setState(std::uint32_t sensor, std::size_t threshold, State state, core::Instant due) {
    const std::size_t slot = _first[sensor] + threshold;
    if (_states[slot] == State::pending) _pending.erase({_due[slot], sensor, threshold});
    _states[slot] = state;
    if (state == State::pending) {
        _due[slot] = due;
        _pending.emplace(due, sensor, threshold);
    }
}

void ThresholdWatch::observe(std::uint32_t sensor, double value, core::Instant at, const Changed& changed) {
    const auto& thresholds = _registry.sensors[sensor].thresholds;
    const int before = worst(sensor);
    for (std::size_t i = 0; i < thresholds.size(); ++i) {
        const auto& threshold = thresholds[i];
        const State state = _states[_first[sensor] + i];
        const bool beyond = threshold.above ? value > threshold.value : value < threshold.value;
        const bool back = threshold.above ? value < threshold.value - threshold.hysteresis
                                          : value > threshold.value + threshold.hysteresis;
        if (state == State::normal && beyond) {
            if (threshold.onDelaySeconds <= 0)
                setState(sensor, i, State::active, at);
            else
                setState(sensor, i, State::pending,
                         at + core::Duration(static_cast<std::int64_t>(threshold.onDelaySeconds * 1000)));
        } else if (state == State::pending && !beyond) {
            setState(sensor, i, State::normal, at);
        } else if (state == State::active && (back || (threshold.hysteresis == 0 && !beyond))) {
            setState(sensor, i, State::normal, at);
        }
    }
    if (const int after = worst(sensor); after != before) changed(sensor, after, at);
}

void ThresholdWatch::advance(core::Instant at, const Changed& changed) {
    while (!_pending.empty() && std::get<0>(*_pending.begin()) <= at) {
        const auto [due, sensor, threshold] = *_pending.begin();
        const int before = worst(sensor);
        setState(sensor, threshold, State::active, due);
        if (const int after = worst(sensor); after != before) changed(sensor, after, due);
    }
}

void ThresholdWatch::shift(core::Duration by) {
    for (auto& due : _due)
        due += by;
    for (const auto& [due, sensor, threshold] : std::exchange(_pending, {}))
        _pending.emplace(due + by, sensor, threshold);
}

void ThresholdWatch::restore(std::uint32_t sensor, int severity) {
    const auto& thresholds = _registry.sensors[sensor].thresholds;
    for (std::size_t i = 0; i < thresholds.size(); ++i)
        if (thresholds[i].severity >= severity) setState(sensor, i, State::active, {});
}

} // namespace matou::alarm
