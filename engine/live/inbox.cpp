#include "live/inbox.h"

#include <algorithm>
#include <chrono>

#include "core/expect.h"

namespace matou::live {

namespace {
bool isObservation(const std::string& topic) {
    return topic.find("/obs/") != std::string::npos;
}
} // namespace

Inbox::Inbox(std::size_t feeds, std::size_t bound) : _sources(feeds), _bound(bound) {}

void Inbox::push(Message message) {
    {
        const std::lock_guard lock(_mutex);
        MATOU_EXPECT(message.feed < _sources.size());
        Source& source = _sources[message.feed];
        ++source.counts.received;
        const bool observation = isObservation(message.topic);
        // One that somebody waits for keeps its own place: its token is the last of what came before it.
        if (observation && !message.acknowledge && source.waiting >= _bound) {
            const std::uint64_t ticket = _first + _queue.size();
            const auto [found, fresh] = source.newest.emplace(message.topic, ticket);
            if (!fresh && found->second >= _first) {
                // The place in the queue stays: a chatty sensor cannot push itself behind the others.
                ++source.counts.coalesced;
                _queue[found->second - _first] = std::move(message);
                return;
            }
            found->second = ticket;
        }
        ++source.waiting;
        if (!observation) ++source.events;
        _queue.push_back(std::move(message));
    }
    _arrived.notify_one();
}

void Inbox::note(std::uint32_t feed, FeedNotes notes) {
    const std::lock_guard lock(_mutex);
    FeedCounts& counts = _sources[feed].counts;
    counts.received += notes.refused;
    counts.refused += notes.refused;
    counts.unclassified += notes.unclassified;
    counts.limited += notes.limited;
    counts.duplicates += notes.duplicates;
    if (!notes.error.code.empty()) counts.lastError = std::move(notes.error);
    if (notes.behind) counts.behind = *notes.behind;
    counts.heard = std::max(counts.heard, notes.heard);
}

void Inbox::clockSet(core::Duration by) {
    const std::lock_guard lock(_mutex);
    for (Source& source : _sources)
        if (source.counts.heard != core::Instant{}) source.counts.heard += by;
    for (Message& message : _queue)
        message.received += by;
}

void Inbox::setConnected(std::uint32_t feed, bool connected, std::string error) {
    const std::lock_guard lock(_mutex);
    _sources[feed].counts.connected = connected;
    _sources[feed].counts.error = connected ? std::string() : std::move(error);
}

std::vector<Message> Inbox::take(core::Duration patience, std::size_t maximum) {
    std::unique_lock lock(_mutex);
    _arrived.wait_for(lock, patience, [&] { return !_queue.empty() || _woken; });
    _woken = false;
    std::vector<Message> result;
    const std::size_t count = std::min(maximum, _queue.size());
    result.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        Source& source = _sources[_queue.front().feed];
        --source.waiting;
        if (!isObservation(_queue.front().topic)) --source.events;
        result.push_back(std::move(_queue.front()));
        _queue.pop_front();
        ++_first;
    }
    for (Source& source : _sources)
        if (source.waiting < _bound && !source.newest.empty()) source.newest.clear();
    return result;
}

std::size_t Inbox::eventsWaiting(std::uint32_t feed) const {
    const std::lock_guard lock(_mutex);
    return _sources[feed].events;
}

FeedCounts Inbox::counts(std::uint32_t feed) const {
    const std::lock_guard lock(_mutex);
    return _sources[feed].counts;
}

void Inbox::wake() {
    {
        const std::lock_guard lock(_mutex);
        _woken = true;
    }
    _arrived.notify_one();
}

} // namespace matou::live
