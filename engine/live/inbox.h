#pragma once
// Where feeds leave messages for the state lane. Bounded for values (the newest per topic wins), never losing for
// events.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "live/message.h"

namespace matou::live {

/// Counters of one feed, as they stand.
struct FeedCounts {
    std::uint64_t received = 0;
    std::uint64_t coalesced = 0; // values replaced by newer ones of the same topic before anybody looked
    bool connected = false;
    std::string error; // the last one, empty while connected
    core::Instant heard{}; // words of the source that were no message
    std::uint64_t refused = 0, unclassified = 0, limited = 0, duplicates = 0; // by the feed itself, before a message was made
    std::uint64_t behind = 0;                                                 // that wait at the source
    core::Error lastError;                                                    // of a refusal; code empty: none
};

/// What a feed has to say besides messages.
struct FeedNotes {
    std::uint64_t refused = 0; // could not be understood: counted as received, too
    std::uint64_t unclassified = 0, limited = 0, duplicates = 0;
    core::Error error;        // of a refusal
    std::optional<std::uint64_t> behind; // that wait at the source
    core::Instant heard{};    // not 0: a word of the source, though no message (an unchanged answer, a keepalive)
};

/// Thread-safe. Feeds push, one reader takes. The lock is held for moves only.
class Inbox {
public:
    /// `bound`: messages waiting per feed beyond which observations coalesce by topic.
    explicit Inbox(std::size_t feeds, std::size_t bound = 20000);

    /// A message that its sender waits for (Message::acknowledge) never takes the place of another: it would be confirmed before what lies
    /// between. Such senders wait, so that their messages are bounded, too.
    void push(Message message);
    void note(std::uint32_t feed, FeedNotes notes);
    void setConnected(std::uint32_t feed, bool connected, std::string error = {});
    /// Waits up to `patience` for something; takes at most `maximum` messages in order of arrival.
    std::vector<Message> take(core::Duration patience, std::size_t maximum);
    /// Events waiting of one feed: a feed that can tell its sender to wait does so above kEventsHigh.
    std::size_t eventsWaiting(std::uint32_t feed) const;
    FeedCounts counts(std::uint32_t feed) const;
    /// The clock that messages are stamped with was set by so much.
    void clockSet(core::Duration by);
    /// Ends waiting.
    void wake();

    static constexpr std::size_t kEventsHigh = 50000;

private:
    struct Source {
        FeedCounts counts;
        std::size_t waiting = 0, events = 0;
        std::unordered_map<std::string, std::uint64_t> newest; // topic → ticket, while coalescing
    };
    mutable std::mutex _mutex;
    std::condition_variable _arrived;
    std::deque<Message> _queue;
    std::uint64_t _first = 0; // ticket of _queue.front()
    std::vector<Source> _sources;
    std::size_t _bound;
    bool _woken = false;
};

} // namespace matou::live
