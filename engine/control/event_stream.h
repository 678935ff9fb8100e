#pragma once
// GET /api/v1/events in pieces, so that a million rows never stand in memory.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "history/history.h"

namespace matou::control {

/// Pulls pages from history and writes {"events":[…],"next":N}: `next` is what `after` of the next request should be.
class EventStream {
public:
    using Fetch = std::function<core::Result<std::vector<history::StoredEvent>>(const history::EventQuery&)>;
    EventStream(Fetch fetch, history::EventQuery query)
        : _fetch(std::move(fetch)), _query(std::move(query)), _left(_query.limit) {}
    /// The next piece of text; nothing after the last. An error must break the answer off: what was sent would look whole.
    core::Result<std::optional<std::string>> next();

private:
    static constexpr std::int64_t kPage = 1000;
    Fetch _fetch;
    history::EventQuery _query;
    std::int64_t _left;
    bool _begun = false, _ended = false;
};

} // namespace matou::control
