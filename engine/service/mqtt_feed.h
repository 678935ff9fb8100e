#pragma once
// A broker as a feed.

#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "live/inbox.h"
#include "live/mqtt_client.h"
#include "service/feed_adapter.h"

namespace matou::service {

class MqttFeed final : public FeedAdapter {
public:
    /// Subscribes to matou/v1/<district>/…: values at QoS 0, events and projects at QoS 1. `persistent`: the broker
    /// keeps events for `clientId` while we are away. `inbox` and `clock` outlive this. E_MQTT_URL.
    static core::Result<std::unique_ptr<MqttFeed>> open(const std::string& url, const std::string& clientId,
                                                        bool persistent, const std::string& district,
                                                        std::uint32_t index, live::Inbox& inbox,
                                                        const core::Clock& clock,
                                                        std::function<void(std::uint64_t tag)> delivered = {});
    /// QoS 1; `delivered` says the tag once the broker has it. false: too many wait already.
    bool publish(std::string topic, std::string payload, std::uint64_t tag) {
        return _client->publish(std::move(topic), std::move(payload), 1, false, tag);
    }
    /// QoS 1 and retained: the last word on a topic, for whoever comes later.
    void retain(std::string topic, std::string payload) { _client->publish(std::move(topic), std::move(payload), 1, true); }
    void acknowledge(std::uint64_t token) override { _client->acknowledge(token); }

private:
    std::unique_ptr<live::mqtt::Client> _client;
};

} // namespace matou::service
