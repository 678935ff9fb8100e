#pragma once
// A feed that systems post to over HTTP: signed, fresh, each message once, answered when it is stored.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "live/inbox.h"
#include "service/feed_adapter.h"

namespace matou::service {

/// POST /v1/obs/<sensorId>, /v1/event/<sourceId>, /v1/project/<projectId>: a canonical payload. Headers: X-Matou-Timestamp (RFC 3339
/// or seconds since 1970, within 300 s of here), X-Matou-Signature ("sha256=<hex>" or "sm3=<hex>": HMAC of timestamp "." path "." body).
/// 200 when stored (also an event stored before: senders may repeat with a new signature); 202 for values; 401 no or wrong
/// signature, or too old; 409 this very signature came before; 413 over 1 MB; 429 more than kPerSecond from one address; 503
/// the history does not take it now, or too much waits: send again.
class WebhookFeed final : public FeedAdapter {
public:
    struct Options {
        std::string address; // "127.0.0.1:8090", port 0: any free one
        std::string secret;  // not empty
        std::string district;
        std::uint32_t index = 0;
        std::vector<std::string> nonces; // signatures of the last minutes, of an earlier run
        core::Duration patience{5000};   // how long an event's sender waits for its commit; once in vain, the next ones do not
    };
    /// `inbox` and `clock` outlive this. E_CONTROL_ADDRESS, E_CONTROL_PORT, E_WEBHOOK_SECRET.
    static core::Result<std::unique_ptr<WebhookFeed>> open(Options options, live::Inbox& inbox, const core::Clock& clock);
    ~WebhookFeed() override;
    int port() const override;
    /// The message with this token is durable: its sender is answered. Thread: any.
    void acknowledge(std::uint64_t token) override;

    static constexpr core::Duration kWindow{300000};
    static constexpr int kPerSecond = 50;

private:
    struct Impl;
    explicit WebhookFeed(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

/// The hex of the signature that such a request carries. `hash`: sha256 or sm3; empty for another word.
std::string webhookSignature(const std::string& hash, const std::string& secret, const std::string& timestamp,
                             const std::string& path, const std::string& body);

} // namespace matou::service
