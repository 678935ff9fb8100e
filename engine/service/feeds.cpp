#include <algorithm>
#include <array>

#include "control/access.h"
#include "live/gb_body.h"
#include "live/mapping.h"
#include "live/mqtt_url.h"
#include "service/feed_adapter.h"
#include "service/file_drop_feed.h"
#include "service/gb28181_feed.h"
#include "service/http_poll_feed.h"
#include "service/kafka_feed.h"
#include "service/ledger_feed.h"
#include "service/mqtt_feed.h"
#include "service/options.h"
#include "service/sensor_things_feed.h"
#include "service/webhook_feed.h"

namespace matou::service {
namespace {

constexpr std::array kKinds = {"embedded", "mqtt", "webhook", "http-poll", "file-drop", "gb28181", "kafka", "sensorthings", "ledger"};

core::Result<std::unique_ptr<FeedAdapter>> openMqtt(FeedContext context) {
    return MqttFeed::open(context.config.url, context.clientId, context.persistent, context.district->id, context.index, *context.inbox, *context.clock,
                          context.delivered);
}

core::Result<std::unique_ptr<FeedAdapter>> openWebhook(FeedContext context) {
    MATOU_TRY(secret, readToken(context.config.secret));
    return WebhookFeed::open({context.config.url, secret, context.district->id, context.index, context.nonces}, *context.inbox, *context.clock);
}

/// user:password@ before the host of an address that is no broker's (those refuse it themselves).
bool holdsPassword(const std::string& url) {
    const auto host = url.find("://");
    return host != std::string::npos && url.rfind('@', url.find_first_of("/?#", host + 3)) != std::string::npos &&
           url.rfind('@', url.find_first_of("/?#", host + 3)) > host;
}

} // namespace

bool feedKindKnown(const std::string& kind) {
    return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

core::Diagnostics checkFeed(const district::Feed& feed, const district::District& district) {
    core::Diagnostics said;
    const auto wrong = [&](const char* key, const char* expected) { said.push_back({"E_FEED_SETTING", {feed.id, key, expected}, feed.where, nullptr}); };
    if (!feedKindKnown(feed.kind)) said.push_back({"W_SERVICE_FEED_KIND", {feed.id, feed.kind}, feed.where, nullptr});
    const bool http = feed.url.starts_with("http://") || feed.url.starts_with("https://");
    if (feed.kind == "http-poll") {
        if (!http) wrong("url", "http://… or https://…");
        if (holdsPassword(feed.url)) wrong("url", "an address without password (secret = \"env:NAME\" or \"@FILE\")");
    }
    if (feed.handOut && feed.kind != "mqtt") wrong("hand_out", "only of an mqtt feed");
    if (feed.kind == "file-drop" && feed.folder.empty()) wrong("folder", "the folder that files come into");
    if ((feed.kind == "http-poll" || feed.kind == "file-drop") && feed.mappings.empty()) wrong("mapping", "at least one [[feed.mapping]]");
    // These carry canonical payloads: a mapping would be read and never used.
    if ((feed.kind == "mqtt" || feed.kind == "webhook") && (!feed.mappings.empty() || !feed.ids.empty())) wrong("mapping", "none (payloads are canonical)");
    if (feed.kind == "kafka")
        if (const auto [key, expected] = checkKafka(feed); !key.empty()) wrong(key.c_str(), expected.c_str());
    if (feed.kind == "sensorthings") {
        if (const auto [key, expected] = checkSensorThings(feed); !key.empty()) wrong(key.c_str(), expected.c_str());
        if (holdsPassword(feed.url)) wrong("url", "an address without password (secret = \"env:NAME\" or \"@FILE\")");
    }
    if (feed.kind == "ledger")
        if (const auto [key, expected] = checkLedger(feed); !key.empty()) wrong(key.c_str(), expected.c_str());
    if (feed.kind == "webhook") {
        if (!control::splitAddress(feed.url)) wrong("url", "HOST:PORT");
        if (feed.secret.empty()) wrong("secret", "@FILE or env:NAME");
    }
    auto configured = feed.mappings;
    if (feed.kind == "gb28181") {
        if (!control::splitAddress(feed.url)) wrong("url", "HOST:PORT");
        if (feed.secret.empty()) wrong("secret", "@FILE or env:NAME");
        configured = live::gb::mappingsWithDefaults(std::move(configured), feed.ids, feed.video.crs);
    }
    if (const auto mappings = live::createMappings(configured, district.id, district.registry); !mappings) said.push_back(mappings.error());
    return said;
}

core::Result<std::unique_ptr<FeedAdapter>> openFeed(FeedContext context) {
    for (auto& problem : checkFeed(context.config, *context.district))
        if (problem.code.starts_with("E_")) return tl::unexpected(std::move(problem));
    const std::string kind = context.config.kind;
    if (kind == "webhook") return openWebhook(std::move(context));
    if (kind == "http-poll") return openHttpPoll(std::move(context));
    if (kind == "file-drop") return openFileDrop(std::move(context));
    if (kind == "gb28181") return openGb28181(std::move(context));
    if (kind == "kafka") return openKafka(std::move(context));
    if (kind == "sensorthings") return openSensorThings(std::move(context));
    if (kind == "ledger") return openLedger(std::move(context));
    return openMqtt(std::move(context));
}

} // namespace matou::service
