#pragma once
// Whether the state goes on. One that stands still (a disk that hangs, a lane that is stuck) must not be shown as live.

#include <chrono>
#include <memory>

#include "twin/state_snapshot.h"

namespace matou {

/// Of a service that cannot be reached, or that stands still: no live state, whatever it says.
bool outOfReach(const twin::StateSnapshot& state);

/// Main lane. Time is a steady one, handed in.
class StateWatch {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// `newest` as long as versions follow one another; after kPatience without a new one a copy in which everything goes on ageing, no
    /// feed is connected and a feed `state` says why. Cost then: one copy five times a second.
    std::shared_ptr<const twin::StateSnapshot> see(std::shared_ptr<const twin::StateSnapshot> newest, Time now);

    static constexpr std::chrono::milliseconds kPatience{2000};

private:
    std::shared_ptr<const twin::StateSnapshot> _newest, _aged;
    Time _since{}, _made{};
};

} // namespace matou
