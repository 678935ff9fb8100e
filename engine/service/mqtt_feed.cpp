#include "service/mqtt_feed.h"

#include "core/log.h"
#include "core/messages.h"

namespace matou::service {

core::Result<std::unique_ptr<MqttFeed>> MqttFeed::open(const std::string& url, const std::string& clientId,
                                                       bool persistent, const std::string& district,
                                                       std::uint32_t index, live::Inbox& inbox,
                                                       const core::Clock& clock,
                                                       std::function<void(std::uint64_t)> delivered) {
    MATOU_TRY(address, live::mqtt::parseAddress(url));
    const std::string prefix = "matou/v1/" + district + "/";
    live::mqtt::ClientOptions options;
    options.address = address;
    options.clientId = clientId;
    options.cleanSession = !persistent;
    const std::string shared = address.share.empty() ? prefix : "$share/" + address.share + "/" + prefix;
    options.subscriptions = {{shared + "event/+", 1}, {shared + "project/+", 1}, {shared + "case/+", 1}, {shared + "flood/+", 1}, {shared + "obs/+", 0}};
    options.presenceTopic = prefix + "$state/" + clientId;
    options.maximumPayload = live::kMaximumPayload;

    live::mqtt::ClientCallbacks callbacks;
    callbacks.delivered = std::move(delivered);
    callbacks.message = [index, &inbox, &clock](live::mqtt::Received received) {
        live::Message message;
        message.topic = std::move(received.publish.topic);
        message.payload = std::move(received.publish.payload);
        message.cut = received.oversize;
        message.received = clock.now();
        if (received.publish.expirySeconds) message.life = std::chrono::seconds(*received.publish.expirySeconds);
        message.retained = received.publish.retained;
        message.feed = index;
        message.acknowledge = received.token;
        inbox.push(std::move(message));
        return inbox.eventsWaiting(index) < live::Inbox::kEventsHigh;
    };
    callbacks.state = [index, &inbox, said = std::string()](bool connected, const core::Error* error) mutable {
        const std::string line = error ? core::describe(*error, core::Language::zh) : std::string();
        inbox.setConnected(index, connected, line);
        // Once for each kind of trouble, not for each attempt.
        const std::string code = error ? error->code : "";
        if (error && code != said) core::logError(*error);
        said = code;
    };
    auto feed = std::make_unique<MqttFeed>();
    feed->_client = std::make_unique<live::mqtt::Client>(std::move(options), std::move(callbacks));
    return feed;
}

} // namespace matou::service
