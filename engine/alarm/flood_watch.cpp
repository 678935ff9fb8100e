#include "alarm/flood_watch.h"

namespace matou::alarm {

bool FloodWatch::annunciated(const std::string& alarm, core::Instant at) {
    if (!_window.empty()) at = std::max(at, _window.back().first);
    while (!_window.empty() && _window.front().first + _policy.floodWindow <= at)
        _window.pop_front();
    _window.emplace_back(at, alarm);
    _state.annunciated = _window.size();
    if (_state.active || _window.size() < _policy.floodStart) return false;
    _state.active = true;
    _state.since = at;
    _state.firstOut = _window.front().second;
    return true;
}

bool FloodWatch::advance(core::Instant at) {
    while (!_window.empty() && _window.front().first + _policy.floodWindow <= at)
        _window.pop_front();
    _state.annunciated = _window.size();
    if (!_state.active || _window.size() >= _policy.floodEnd) return false;
    _state.active = false;
    _state.since = {};
    _state.firstOut.clear();
    return true;
}

std::optional<core::Instant> FloodWatch::due() const {
    if (!_state.active) return std::nullopt;
    // The flood ends when all but floodEnd - 1 have left the window.
    const std::size_t last = _window.size() < _policy.floodEnd ? 0 : _window.size() - _policy.floodEnd;
    return _window.empty() ? _state.since : _window[last].first + _policy.floodWindow;
}

} // namespace matou::alarm
