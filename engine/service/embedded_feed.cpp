#include "service/embedded_feed.h"

#include <algorithm>

namespace matou::service {

EmbeddedFeed::EmbeddedFeed(const district::District& district, const district::Feed& feed, std::uint32_t index)
    : _simulator(district.registry, {district.id, feed.seed, district.simulation.ratePerSecond}), _index(index) {}

std::vector<live::Message> EmbeddedFeed::until(core::Instant now) {
    std::vector<live::Message> result;
    const auto sink = [&](const simulate::Message& message) {
        live::Message out;
        out.topic = message.topic;
        out.payload = message.payload;
        out.received = message.at;
        out.feed = _index;
        result.push_back(std::move(out));
    };
    if (_reached == core::Instant{} || now < _reached || now - _reached > kJump) {
        _simulator.events(now - kEventsBefore, now, sink);
        _simulator.last(now, sink);
        std::stable_sort(result.begin(), result.end(),
                         [](const auto& a, const auto& b) { return a.received < b.received; });
    } else {
        _simulator.play(_reached, now, sink);
    }
    _reached = now;
    return result;
}

} // namespace matou::service
