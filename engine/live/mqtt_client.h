#pragma once
// A small MQTT client (5, and 3.1.1 for brokers that do not know it; TLS) on a thread of its own. It is our own because the
// usual ones confirm a QoS 1 message before the program has it; this one confirms when told that the message is stored.
// Reconnects for ever.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "live/mqtt_packet.h"
#include "live/mqtt_url.h"

namespace matou::live::mqtt {

struct ClientOptions {
    Address address;
    std::string clientId;
    bool cleanSession = false; // false: the broker keeps QoS 1 messages for this client id while it is away
    std::vector<Subscription> subscriptions;
    /// A ping after half of it without a word; no answer within the other half is a lost connection.
    int keepAliveSeconds = 10;
    /// How long the broker keeps a session that is not clean (MQTT 5; 3.1.1 brokers have their own time).
    std::uint32_t sessionExpirySeconds = 7 * 86400;
    /// QoS 1 messages that may wait for acknowledge() at a time (MQTT 5): while a disk fails, all that comes is still shown.
    std::uint16_t receiveMaximum = 65535;
    /// Not empty: {"online":true,"ts"} is published here, retained, at each connection, and {"online":false} at its end, by
    /// us or as the last will by the broker.
    std::string presenceTopic;
    /// Waits between attempts double from the first to the last, each with ±25 % of jitter.
    core::Duration firstWait{500}, lastWait{5000};
    core::Duration connectTimeout{4000};
    std::size_t maximumPayload = std::size_t{1} << 20;
    /// QoS 1 messages are confirmed as soon as `message` returns: for what can be asked for again.
    bool confirmAtOnce = false;
};

struct Received {
    Publish publish;
    bool oversize = false;   // payload over the limit: cut
    std::uint64_t token = 0; // not 0 for QoS 1: give it to acknowledge() when stored
};

struct ClientCallbacks {
    /// On the client's thread. Returns false to ask for a pause (the socket is not read for a while).
    std::function<bool(Received)> message;
    /// On the client's thread; `error` is one line (empty when connected).
    std::function<void(bool connected, const core::Error* error)> state;
    /// On the client's thread: the broker has taken the subscriptions of this connection.
    std::function<void()> subscribed;
    /// On the client's thread: the broker has the QoS 1 message that was published with this tag (not 0).
    std::function<void(std::uint64_t tag)> delivered;
};

class Client {
public:
    Client(ClientOptions options, ClientCallbacks callbacks);
    /// Disconnects cleanly; unconfirmed messages stay with the broker.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Confirms a QoS 1 message to the broker. A token of an earlier connection does nothing: the broker sends again.
    /// Thread: any.
    void acknowledge(std::uint64_t token);
    /// QoS 0: dropped while there is no connection (false). QoS 1: kept and repeated until the broker confirms it;
    /// false when `kMaximumUnconfirmed` wait already. Thread: any.
    bool publish(std::string topic, std::string payload, int qos, bool retained = false, std::uint64_t tag = 0);
    /// QoS 1 messages not yet confirmed.
    std::size_t unconfirmed() const;
    /// Bytes accepted by publish and not yet given to the system.
    std::size_t unsent() const;
    bool connected() const;

    static constexpr std::size_t kMaximumUnconfirmed = 20000;

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::live::mqtt
