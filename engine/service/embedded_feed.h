#pragma once
// The simulator as a feed: the same bytes as `matou simulate` publishes, received at the very time in them.

#include <vector>

#include "core/clock.h"
#include "district/district.h"
#include "live/message.h"
#include "simulate/simulator.h"

namespace matou::service {

class EmbeddedFeed {
public:
    EmbeddedFeed(const district::District& district, const district::Feed& feed, std::uint32_t index);

    /// Everything up to `now` since the last call. The first call, and one after a jump of more than kJump, gives the
    /// last word of every thing and the events of the half hour before.
    std::vector<live::Message> until(core::Instant now);

    static constexpr core::Duration kJump{120000};
    static constexpr core::Duration kEventsBefore{1800000};

private:
    simulate::Simulator _simulator;
    std::uint32_t _index;
    core::Instant _reached{};
};

} // namespace matou::service
