#pragma once
// What the service asks of any feed that speaks by itself, whatever its protocol: it pushes into the inbox from threads of its own,
// and hears which of its messages are stored. Ends its threads when destroyed.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "district/district.h"
#include "live/inbox.h"

namespace matou::service {

class FeedAdapter {
public:
    virtual ~FeedAdapter() = default;
    /// The message with this token (live::Message::acknowledge) is durable. Thread: the state lane's; returns at once.
    virtual void acknowledge(std::uint64_t token) { (void)token; }
    /// Of one that listens.
    virtual int port() const { return 0; }
};

/// What feeds are made of. `inbox` and `clock` outlive them.
struct FeedContext {
    district::Feed config;
    std::shared_ptr<const district::District> district;
    std::uint32_t index = 0; // in the inbox
    live::Inbox* inbox = nullptr;
    const core::Clock* clock = nullptr;
    std::string clientId;            // ours, towards brokers
    bool persistent = false;         // what is stored outlives this run
    std::vector<std::string> nonces; // of an earlier run
    std::function<void(std::uint64_t)> delivered; // an outgoing message has arrived
    std::filesystem::path memory;                 // a file of this feed's own beside the history; empty: nothing outlives this run
};

/// Kinds: mqtt, webhook, http-poll, file-drop, gb28181, kafka. Errors of the configuration with its place (checkFeed),
/// else of the kind.
core::Result<std::unique_ptr<FeedAdapter>> openFeed(FeedContext context);
bool feedKindKnown(const std::string& kind);
/// What is wrong with a feed's configuration, without opening anything: what `matou validate` says. Secrets are not looked for.
core::Diagnostics checkFeed(const district::Feed& feed, const district::District& district);

} // namespace matou::service
