#pragma once
// A small MQTT 3.1.1 client on a thread of its own. It is our own because the usual ones confirm a QoS 1 message before
// the program has it; this one confirms when told that the message is stored. Reconnects for ever.

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
    int keepAliveSeconds = 20;
    /// Waits between attempts double from the first to the last, each with ±25 % of jitter.
    core::Duration firstWait{500}, lastWait{5000};
    core::Duration connectTimeout{4000};
    std::size_t maximumPayload = std::size_t{1} << 20;
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
    bool publish(std::string topic, std::string payload, int qos, bool retained = false);
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
