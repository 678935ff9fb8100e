#include "engine/state_watch.h"

#include <algorithm>

#include "core/messages.h"

namespace matou {

bool outOfReach(const twin::StateSnapshot& state) {
    return std::any_of(state.feeds.begin(), state.feeds.end(),
                       [](const auto& feed) { return (feed.kind == "attach" || feed.kind == "state") && !feed.connected; });
}

std::shared_ptr<const twin::StateSnapshot> StateWatch::see(std::shared_ptr<const twin::StateSnapshot> newest, Time now) {
    if (newest != _newest) {
        _newest = std::move(newest);
        _since = now;
        _aged.reset();
    }
    if (!_newest || now - _since <= kPatience) return _newest;
    if (_aged && now - _made < std::chrono::milliseconds(200)) return _aged;
    const auto stood = std::chrono::duration_cast<core::Duration>(now - _since);
    auto aged = std::make_shared<twin::StateSnapshot>(*_newest);
    aged->now += stood;
    for (std::size_t i = 0; i < aged->sensors.size(); ++i) {
        auto& sensor = aged->sensors[i];
        if (sensor.known) sensor.age = std::max(sensor.age, twin::ageOf(aged->now - sensor.receiveTime, aged->registry->sensors[i].expectedInterval));
    }
    for (auto& feed : aged->feeds) feed.connected = false; // what it brings does not arrive
    twin::FeedState state;
    state.id = state.kind = "state";
    state.lastReceived = _newest->now;
    state.age = twin::Age::lost;
    state.lastError = core::text(core::Language::zh, "UI_STATE_STANDS", {std::to_string(stood.count() / 1000)});
    aged->feeds.push_back(std::move(state));
    _aged = std::move(aged);
    _made = now;
    return _aged;
}

} // namespace matou
