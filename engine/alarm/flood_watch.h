#pragma once
// Annunciations in a sliding window: when they are a flood, and with which alarm it began.

#include <deque>
#include <optional>
#include <string>

#include "core/clock.h"
#include "twin/alarm_policy.h"
#include "twin/state_snapshot.h"

namespace matou::alarm {

/// Not thread-safe. Times must not go back.
class FloodWatch {
public:
    explicit FloodWatch(const twin::AlarmPolicy& policy) : _policy(policy) {}
    /// true: a flood begins with this one.
    bool annunciated(const std::string& alarm, core::Instant at);
    /// true: the flood ends at `at`.
    bool advance(core::Instant at);
    /// When advance() should be called next; nothing while there is no flood.
    std::optional<core::Instant> due() const;
    const twin::Flood& state() const { return _state; }
    void shift(core::Duration by) {
        for (auto& [at, alarm] : _window)
            at += by;
        if (_state.active) _state.since += by;
    }

private:
    const twin::AlarmPolicy& _policy;
    std::deque<std::pair<core::Instant, std::string>> _window;
    twin::Flood _state;
};

} // namespace matou::alarm
