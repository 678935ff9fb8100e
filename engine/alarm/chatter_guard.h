#pragma once
// Which alarms come and go too often to be looked at each time (ISA-18.2: chattering).

#include <deque>
#include <map>
#include <string>

#include "core/clock.h"
#include "twin/alarm_policy.h"

namespace matou::alarm {

/// Not thread-safe. Remembers a key for the chatter window only.
class ChatterGuard {
public:
    explicit ChatterGuard(const twin::AlarmPolicy& policy) : _policy(policy) {}
    /// true: with this activation the alarm of `key` chatters.
    bool activated(const std::string& key, core::Instant at) {
        auto& times = _times[key];
        times.push_back(at);
        while (times.front() + _policy.chatterWindow < at)
            times.pop_front();
        const bool chatters = times.size() >= static_cast<std::size_t>(_policy.chatterCount);
        if (_times.size() > kSwept) sweep(at);
        return chatters;
    }
    void forget(const std::string& key) { _times.erase(key); }
    void shift(core::Duration by) {
        for (auto& [key, times] : _times)
            for (auto& at : times)
                at += by;
    }

private:
    static constexpr std::size_t kSwept = 1000;
    void sweep(core::Instant at) {
        std::erase_if(_times, [&](const auto& entry) { return entry.second.back() + _policy.chatterWindow < at; });
    }
    const twin::AlarmPolicy& _policy;
    std::map<std::string, std::deque<core::Instant>> _times;
};

} // namespace matou::alarm
