#include "stream/retry_plan.h"

#include <algorithm>

namespace matou::stream {

bool RetryPlan::failed(tiles::TileId id, Failure failure, double now) {
    auto& trouble = _troubles[id];
    if (failure == Failure::broken) {
        trouble.without = true;
        trouble.waitUntil = ++trouble.broken < kBrokenMost ? now + _times.laterSeconds : kNever;
        return true;
    }
    trouble.rounds = static_cast<std::uint8_t>(std::min(trouble.rounds + 1, 255));
    trouble.without = trouble.rounds >= kRounds;
    // A tileset comes first, and whoever opens it wants to know soon.
    const bool outage = id.tile != tiles::kNoTile && ++_failuresInARow >= kOutage;
    if (trouble.without) trouble.waitUntil = now + _times.laterSeconds;
    else if (!outage) trouble.waitUntil = now + soon(trouble);
    else {
        trouble.waitUntil = kNever; // until somebody gets through
        if (_probeWait == 0) {
            _probeWait = _times.probeSeconds;
            _nextProbe = now + _probeWait;
        }
    }
    return trouble.without;
}

void RetryPlan::succeeded(tiles::TileId id, double now) {
    _failuresInARow = 0;
    _probeWait = 0;
    _troubles.erase(id);
    for (auto& [other, trouble] : _troubles)
        if (!trouble.without && trouble.waitUntil == kNever) trouble.waitUntil = now + soon(trouble);
}

bool RetryPlan::mayAsk(tiles::TileId id, double now) {
    const auto found = _troubles.find(id);
    if (found == _troubles.end() || now >= found->second.waitUntil) return true;
    if (found->second.without || found->second.waitUntil != kNever || now < _nextProbe) return false;
    for (const auto& [other, trouble] : _troubles)
        if (!trouble.without && trouble.waitUntil == kNever && trouble.rounds < found->second.rounds) return false;
    _probeWait = std::min(2 * _probeWait, 8 * _times.probeSeconds);
    _nextProbe = now + _probeWait;
    return true;
}

std::vector<tiles::TileId> RetryPlan::due(double now) const {
    std::vector<tiles::TileId> out;
    for (const auto& [id, trouble] : _troubles)
        if (trouble.without && now >= trouble.waitUntil) out.push_back(id);
    return out;
}

} // namespace matou::stream
