#include "service/http_poll_feed.h"

#include <algorithm>
#include <random>

#include "live/http_fetch.h"
#include "service/feed_thread.h"
#include "service/intake.h"
#include "service/options.h"

namespace matou::service {
namespace {

class HttpPollFeed final : public FeedAdapter {
public:
    HttpPollFeed(FeedContext context, Intake intake, live::Fetch fetch)
        : _context(std::move(context)), _intake(std::move(intake)), _fetch(std::move(fetch)), _thread(*_context.inbox, _context.index) {
        _thread.begin([this] { run(); });
    }
    ~HttpPollFeed() override { _thread.end(); }

private:
    void run() {
        std::mt19937 random(std::random_device{}());
        core::Duration pause = _context.config.interval;
        const core::Duration longest = std::max(_context.config.interval, std::min(_context.config.interval * 10, core::Duration(900000)));
        do {
            if (!_thread.waitForRoom()) return;
            pause = ask() ? _context.config.interval : std::min(pause * 2, longest);
        } while (_thread.wait(pause * std::uniform_int_distribution<int>(90, 110)(random) / 100));
    }

    bool ask() {
        auto answer = live::fetch(_fetch, _thread.stopping());
        if (!answer) {
            _thread.troubled(answer.error());
            return false;
        }
        _thread.connected();
        live::FeedNotes heard;
        heard.heard = _context.clock->now();
        _context.inbox->note(_context.index, heard);
        if (answer->status == 304) return true;
        const auto taken = _intake.take(answer->body, live::withoutSecrets(_fetch.url));
        // An answer that says nothing usable is asked for again whole, when its source may have mended it.
        const bool good = taken.messages > 0 || taken.refused == 0;
        _fetch.etag = good ? answer->etag : "";
        _fetch.lastModified = good ? answer->lastModified : "";
        return good;
    }

    FeedContext _context;
    Intake _intake;
    live::Fetch _fetch;
    FeedThread _thread;
};

} // namespace

std::string authorizationOf(const std::string& secret) {
    for (const char* scheme : {"Basic ", "Bearer ", "Digest "})
        if (secret.starts_with(scheme)) return secret;
    return secret.empty() ? "" : "Bearer " + secret;
}

core::Result<std::unique_ptr<FeedAdapter>> openHttpPoll(FeedContext context) {
    MATOU_TRY(intake, Intake::create(context));
    live::Fetch fetch;
    fetch.url = context.config.url;
    fetch.timeout = context.config.timeout;
    if (!context.config.secret.empty()) {
        MATOU_TRY(secret, readToken(context.config.secret));
        fetch.authorization = authorizationOf(secret);
    }
    return std::unique_ptr<FeedAdapter>(std::make_unique<HttpPollFeed>(std::move(context), std::move(intake), std::move(fetch)));
}

} // namespace matou::service
