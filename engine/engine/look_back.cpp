#include "engine/look_back.h"

namespace matou {
namespace {

/// Finer than people see; each costs the state side a tenth of a second.
constexpr core::Duration kStep{500};

} // namespace

core::Result<void> LookBack::take() {
    auto state = _coming.get();
    if (!state) return tl::unexpected(std::move(state).error());
    // Whoever keeps what he made of a version sees that this is another.
    state->version = static_cast<std::uint64_t>(state->now.time_since_epoch().count());
    _state = std::make_shared<const twin::StateSnapshot>(std::move(*state));
    return {};
}

core::Result<void> LookBack::show(std::optional<core::Instant> at, bool wait) {
    core::Result<void> done;
    if (_coming.valid() && (wait || _coming.wait_for(std::chrono::seconds(0)) == std::future_status::ready))
        done = take();
    if (!at) {
        _state.reset();
        _asked.reset();
        return {};
    }
    // Steps of a grid, so that a pause asks once and a replay at any speed asks at most so often.
    const core::Instant step{core::Duration{at->time_since_epoch() / kStep * kStep}};
    if (_asked != step && !_coming.valid()) {
        _asked = step;
        _coming = std::async(std::launch::async, _fetch, step);
        if (wait) done = take();
    }
    return done;
}

} // namespace matou
