#pragma once
// The past that a picture shows while the live state goes on: asked of the state side beside the frames.

#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "core/clock.h"
#include "core/result.h"
#include "twin/state_snapshot.h"

namespace matou {

/// Main lane.
class LookBack {
public:
    /// Called on a thread of its own, one call at a time.
    using Fetch = std::function<core::Result<twin::StateSnapshot>(core::Instant)>;
    explicit LookBack(Fetch fetch) : _fetch(std::move(fetch)) {}

    /// What to show from now on; nothing: the present. `wait`: have it when this returns (clocks that move by frames).
    /// E_HISTORY_…
    core::Result<void> show(std::optional<core::Instant> at, bool wait);
    /// Null: the present is shown, or the past has not come yet.
    const std::shared_ptr<const twin::StateSnapshot>& state() const { return _state; }

private:
    core::Result<void> take();

    Fetch _fetch;
    std::shared_ptr<const twin::StateSnapshot> _state;
    std::future<core::Result<twin::StateSnapshot>> _coming; // its destructor waits
    std::optional<core::Instant> _asked;
};

} // namespace matou
