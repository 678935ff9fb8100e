#pragma once
// From what a source sent to canonical messages in the inbox: charset, JSON or CSV, mappings, counters.

#include <vector>

#include "live/mapping.h"
#include "service/feed_adapter.h"

namespace matou::service {

/// One per feed thread.
class Intake {
public:
    /// E_FEED_MAPPING where there is none and one is needed; errors of live::Mapping.
    static core::Result<Intake> create(const FeedContext& context);

    struct Taken {
        std::size_t messages = 0, refused = 0;
        std::vector<core::Error> errors; // the first of them
    };
    /// The last message carries `token` (0: none); with no message it is the caller's to know that there is nothing to wait for.
    /// `kept`: it lay somewhere before it came, so that its values are as old as they say (live::Message::retained).
    Taken take(std::string_view bytes, const std::string& where, std::uint64_t token = 0, bool kept = false);
    Taken takeJson(const core::Json& payload, const std::string& where, std::uint64_t token = 0, bool kept = false);
    void push(live::Message message);
    void refuse(core::Error error);
    bool mapped() const { return !_mappings.empty(); }
    core::Instant now() const { return _clock->now(); }

private:
    Intake() = default;
    std::vector<live::Mapping> _mappings;
    std::string _format, _charset;
    char _separator = ',';
    std::uint32_t _index = 0;
    live::Inbox* _inbox = nullptr;
    const core::Clock* _clock = nullptr;
};

} // namespace matou::service
