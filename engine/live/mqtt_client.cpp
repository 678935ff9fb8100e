#include "live/mqtt_client.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/log.h"
#include "live/tls.h"

namespace matou::live::mqtt {
namespace {

using Steady = std::chrono::steady_clock; // timers only

struct Socket {
    int fd = -1;
    Socket() = default;
    explicit Socket(int descriptor) : fd(descriptor) {}
    Socket(Socket&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(fd, other.fd);
        return *this;
    }
    ~Socket() {
        if (fd >= 0) ::close(fd);
    }
};

/// A socket, plain or under TLS, with one way to read and write.
struct Wire {
    Socket socket;
    std::optional<TlsStream> tls;
    TlsStream::Wants readWants = TlsStream::Wants::read, writeWants = TlsStream::Wants::write;

    TlsStream::Moved read(char* data, std::size_t size) {
        if (tls) {
            const auto moved = tls->read(data, size);
            readWants = moved.wants == TlsStream::Wants::nothing ? TlsStream::Wants::read : moved.wants;
            return moved;
        }
        const auto got = ::recv(socket.fd, data, size, 0);
        if (got == 0) return {-1, TlsStream::Wants::nothing, {}};
        return outcome(got);
    }
    TlsStream::Moved write(const char* data, std::size_t size) {
        if (tls) {
            const auto moved = tls->write(data, size);
            writeWants = moved.wants == TlsStream::Wants::nothing ? TlsStream::Wants::write : moved.wants;
            return moved;
        }
        return outcome(::send(socket.fd, data, size, MSG_NOSIGNAL));
    }
    /// What poll() should wait for.
    short events(bool reading, bool writing) const {
        int result = 0;
        const auto add = [&](TlsStream::Wants wants) { result |= wants == TlsStream::Wants::write ? POLLOUT : POLLIN; };
        if (reading) add(readWants);
        if (writing) add(writeWants);
        return static_cast<short>(result);
    }

private:
    static TlsStream::Moved outcome(ssize_t moved) {
        if (moved >= 0) return {moved, TlsStream::Wants::nothing, {}};
        if (errno == EAGAIN || errno == EINTR) return {};
        return {-1, TlsStream::Wants::nothing, std::strerror(errno)};
    }
};

std::string presence(bool online) {
    return std::string("{\"online\":") + (online ? "true" : "false") + ",\"ts\":\"" +
           core::formatInstant(core::RealClock().now()) + "\"}";
}

} // namespace

struct Client::Impl {
    ClientOptions options;
    ClientCallbacks callbacks;
    std::string where;

    mutable std::mutex mutex;
    std::string outgoing;                         // bytes of this connection not yet written
    std::map<std::uint16_t, Publish> unconfirmed; // QoS 1 of ours
    std::deque<std::uint16_t> order;              // of unconfirmed, as published
    std::size_t inFlight = 0;                     // so many of them, from the first, are sent over this connection
    std::size_t quota = 65535;                    // the broker takes so many at a time
    Version version = Version::v5;
    Steady::duration keepAlive{};
    std::uint16_t lastPacketId = 0;
    std::uint64_t generation = 0; // of the connection; tokens carry it
    std::atomic<bool> isConnected{false}, ending{false};
    Socket wakeup;
    std::thread thread;

    void wake() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto put = ::write(wakeup.fd, &one, sizeof one);
    }
    void drainWakeup() {
        std::uint64_t count;
        [[maybe_unused]] const auto got = ::read(wakeup.fd, &count, sizeof count);
    }
    /// Sleeps, but ends at once when the client does.
    void pause(Steady::duration time) {
        const auto until = Steady::now() + time;
        while (!ending) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
            if (left <= 0) return;
            pollfd poll{wakeup.fd, POLLIN, 0};
            if (::poll(&poll, 1, static_cast<int>(left)) > 0) drainWakeup();
        }
    }

    core::Error problem(const char* code, std::string reason) const {
        return {code, {std::move(reason)}, where, nullptr};
    }

    core::Result<Socket> open() const;
    core::Result<Wire> secure(Socket socket) const;
    core::Result<void> talk(Wire wire);
    core::Result<void> greet(const Packet& packet);
    core::Result<void> handle(Packet packet, bool& greeted, bool& wait);
    core::Result<void> confirmed(const Packet& packet);
    std::string greeting() const;
    void sendMore(); // of unconfirmed, as far as the quota goes; under the mutex
    std::uint16_t freePacketId();
    bool allSent() const {
        const std::lock_guard lock(mutex);
        return outgoing.empty();
    }
    /// A broker that hung up on 5 and on 3.1.1 may have had other troubles: 5 is tried again.
    Version nextVersion(bool was) const {
        return was || options.address.version == "3.1.1" ? Version::v311 : Version::v5;
    }
    /// What it means that the peer ended the connection. A broker that wants a certificate says so after the handshake
    /// (TLS 1.3); one that does not know MQTT 5 may just hang up on it.
    const char* endOf(const Wire& wire, bool greeted, const std::string& reason) const {
        if (greeted) return "E_MQTT_LOST";
        if (wire.tls && !reason.empty()) return "E_MQTT_TLS";
        return version == Version::v5 ? "E_MQTT_VERSION" : "E_MQTT_LOST";
    }
    void run();
};

core::Result<Socket> Client::Impl::open() const {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int found =
        ::getaddrinfo(options.address.host.c_str(), std::to_string(options.address.port).c_str(), &hints, &list);
    if (found != 0) return tl::unexpected(problem("E_MQTT_CONNECT", ::gai_strerror(found)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    std::string reason = "no address";
    for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
        Socket socket(
            ::socket(entry->ai_family, entry->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, entry->ai_protocol));
        if (socket.fd < 0) continue;
        int status = ::connect(socket.fd, entry->ai_addr, entry->ai_addrlen) == 0 ? 0 : errno;
        if (status == EINPROGRESS) {
            pollfd polls[2] = {{socket.fd, POLLOUT, 0}, {wakeup.fd, 0, 0}};
            const auto until = Steady::now() + options.connectTimeout;
            status = ETIMEDOUT;
            while (!ending && Steady::now() < until)
                if (::poll(polls, 2, 50) > 0 && polls[0].revents) {
                    socklen_t size = sizeof status;
                    ::getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &status, &size);
                    break;
                }
        }
        if (status == 0) {
            const int on = 1;
            ::setsockopt(socket.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            return socket;
        }
        reason = std::strerror(status);
    }
    return tl::unexpected(problem("E_MQTT_CONNECT", reason));
}

/// The handshake, on the time that a connection may take.
core::Result<Wire> Client::Impl::secure(Socket socket) const {
    Wire wire;
    wire.socket = std::move(socket);
    if (!options.address.tls) return wire;
    MATOU_TRY(stream, TlsStream::open(wire.socket.fd, options.address.host, options.address.certificates));
    wire.tls = std::move(stream);
    const auto until = Steady::now() + options.connectTimeout;
    while (!ending && Steady::now() < until) {
        const auto shake = wire.tls->shake();
        if (shake.done) return wire;
        if (shake.failed) return tl::unexpected(problem("E_MQTT_TLS", shake.reason));
        pollfd waiting{wire.socket.fd, static_cast<short>(shake.wants == TlsStream::Wants::write ? POLLOUT : POLLIN), 0};
        ::poll(&waiting, 1, 50);
    }
    return tl::unexpected(problem("E_MQTT_TLS", "no answer"));
}

std::string Client::Impl::greeting() const {
    Connect connect;
    connect.clientId = options.clientId;
    connect.clean = options.cleanSession;
    connect.keepAliveSeconds = static_cast<std::uint16_t>(options.keepAliveSeconds);
    connect.user = options.address.user;
    connect.password = options.address.password;
    connect.sessionExpirySeconds = options.sessionExpirySeconds;
    connect.receiveMaximum = options.receiveMaximum;
    if (!options.presenceTopic.empty()) {
        Publish will;
        will.topic = options.presenceTopic;
        will.payload = "{\"online\":false}"; // nobody knows now when that will be
        will.qos = 1;
        will.retained = true;
        connect.will = std::move(will);
        connect.willDelaySeconds = 5; // a short break is no news
    }
    return connectPacket(connect, version);
}

std::uint16_t Client::Impl::freePacketId() {
    do
        lastPacketId = static_cast<std::uint16_t>(lastPacketId % 65000 + 1);
    while (unconfirmed.contains(lastPacketId));
    return lastPacketId;
}

void Client::Impl::sendMore() {
    while (inFlight < std::min(quota, order.size())) {
        auto& publish = unconfirmed.at(order[inFlight++]);
        outgoing += publishPacket(publish, version);
        publish.duplicate = true;
    }
}

core::Result<void> Client::Impl::greet(const Packet& packet) {
    const auto answer = readConnack(packet, version);
    if (!answer)
        return tl::unexpected(problem("E_MQTT_PROTOCOL", answer.error().arguments.empty() ? "" : answer.error().arguments[0]));
    if (version == Version::v5 && (answer->reason == 0x84 || answer->reason == 1))
        return tl::unexpected(problem("E_MQTT_VERSION", reasonText(answer->reason)));
    if (answer->reason)
        return tl::unexpected(problem("E_MQTT_REFUSED", answer->reasonText.empty()
                                                            ? reasonText(answer->reason)
                                                            : reasonText(answer->reason) + ": " + answer->reasonText));
    if (answer->keepAliveSeconds && *answer->keepAliveSeconds) keepAlive = std::chrono::seconds(*answer->keepAliveSeconds);
    {
        const std::lock_guard lock(mutex);
        quota = answer->receiveMaximum;
        if (!options.subscriptions.empty()) outgoing += subscribePacket(65535, options.subscriptions, version);
        if (!options.presenceTopic.empty()) {
            // Not kept: the next connection has a newer word.
            Publish birth{options.presenceTopic, presence(true), 0, 0, false, true, 0, {}};
            outgoing += publishPacket(birth, version);
        }
        sendMore();
        isConnected = true;
    }
    callbacks.state(true, nullptr);
    return {};
}

core::Result<void> Client::Impl::confirmed(const Packet& packet) {
    const auto id = readPacketId(packet);
    const auto reasons = readReasons(packet, version);
    if (!id || !reasons) return tl::unexpected(problem("E_MQTT_PROTOCOL", "PUBACK that is none"));
    Publish publish;
    {
        const std::lock_guard lock(mutex);
        const auto found = unconfirmed.find(*id);
        if (found == unconfirmed.end()) return {};
        publish = std::move(found->second);
        unconfirmed.erase(found);
        const auto place = std::find(order.begin(), order.end(), *id);
        if (static_cast<std::size_t>(place - order.begin()) < inFlight) --inFlight;
        order.erase(place);
        sendMore();
    }
    if (const int reason = reasons->front(); reason >= 0x80) // it will not take it another time either
        core::logWarning({"W_MQTT_NOT_TAKEN", {publish.topic, reasonText(reason)}, where, nullptr});
    if (publish.tag && callbacks.delivered) callbacks.delivered(publish.tag);
    return {};
}

core::Result<void> Client::Impl::handle(Packet packet, bool& greeted, bool& wait) {
    const auto broken = [&](std::string what) { return tl::unexpected(problem("E_MQTT_PROTOCOL", std::move(what))); };
    if (!greeted) {
        MATOU_CHECK(greet(packet));
        greeted = true;
        return {};
    }
    switch (packet.type) {
    case Type::publish: {
        const bool oversize = packet.oversize;
        auto publish = readPublish(std::move(packet), version);
        if (!publish) return broken(publish.error().arguments.empty() ? "" : publish.error().arguments[0]);
        if (publish->qos == 2) return broken("QoS 2 was not asked for");
        Received received;
        if (publish->qos == 1) received.token = generation << 16 | publish->packetId;
        received.oversize = oversize;
        received.publish = std::move(*publish);
        const int qos = received.publish.qos;
        const std::uint16_t packetId = received.publish.packetId;
        if (callbacks.message && !callbacks.message(std::move(received))) wait = true;
        if (options.confirmAtOnce && qos == 1) {
            const std::lock_guard lock(mutex);
            outgoing += acknowledgePacket(Type::puback, packetId);
        }
        return {};
    }
    case Type::puback:
        return confirmed(packet);
    case Type::suback: {
        const auto reasons = readReasons(packet, version);
        if (!reasons) return broken("SUBACK that is none");
        for (std::size_t i = 0; i < reasons->size() && i < options.subscriptions.size(); ++i)
            if ((*reasons)[i] >= 0x80)
                return tl::unexpected(problem("E_MQTT_SUBSCRIBE", options.subscriptions[i].filter));
        if (callbacks.subscribed) callbacks.subscribed();
        return {};
    }
    case Type::pingresp:
        return {};
    case Type::disconnect:
        if (version == Version::v5) {
            const auto reasons = readReasons(packet, version);
            if (!reasons) return broken("DISCONNECT that is none");
            return tl::unexpected(problem("E_MQTT_LOST", reasonText(reasons->front())));
        }
        [[fallthrough]];
    default:
        return broken("packet type " + std::to_string(static_cast<int>(packet.type)) + " from a broker");
    }
}

core::Result<void> Client::Impl::talk(Wire wire) {
    {
        const std::lock_guard lock(mutex);
        ++generation;
        inFlight = 0;
        outgoing = greeting();
    }
    PacketReader reader(options.maximumPayload + 2048);
    keepAlive = std::chrono::seconds(options.keepAliveSeconds);
    auto heard = Steady::now(), said = heard, quietUntil = heard, pinged = Steady::time_point{};
    bool greeted = false, leaving = false; // leaving: our last words are in `outgoing`, and there is time for them
    auto until = heard;
    std::optional<core::Error> lost; // nothing can be written any more
    std::vector<char> buffer(65536);
    while (true) {
        const auto now = Steady::now();
        const bool waitsForPing = pinged != Steady::time_point{};
        if (greeted ? waitsForPing && now - pinged > keepAlive / 2 : now - heard > options.connectTimeout)
            return tl::unexpected(problem("E_MQTT_SILENT", options.address.shown()));
        if (greeted && !waitsForPing && now - std::min(heard, said) > keepAlive / 2) {
            const std::lock_guard lock(mutex);
            outgoing += emptyPacket(Type::pingreq);
            pinged = said = now;
        }
        std::size_t waiting;
        const bool takesLeave = ending && greeted && !std::exchange(leaving, true);
        {
            const std::lock_guard lock(mutex);
            if (takesLeave) {
                until = now + std::chrono::milliseconds(500);
                if (!options.presenceTopic.empty())
                    outgoing += publishPacket({options.presenceTopic, presence(false), 0, 0, false, true, 0, {}}, version);
                outgoing += emptyPacket(Type::disconnect);
            }
            waiting = outgoing.size();
        }
        const bool reading = now >= quietUntil;
        if (!reading && waitsForPing) pinged = now; // we are the silent side
        pollfd polls[2] = {{wire.socket.fd, wire.events(reading, waiting > 0), 0}, {wakeup.fd, POLLIN, 0}};
        ::poll(polls, 2, reading ? 500 : 20);
        if (polls[1].revents) drainWakeup();
        if (waiting && polls[0].revents && !lost) {
            const std::lock_guard lock(mutex);
            const auto put = wire.write(outgoing.data(), outgoing.size());
            // What came before the end is still to be read: a broker that died may not remember that it sent it.
            if (put.bytes < 0) lost = problem("E_MQTT_LOST", put.reason.empty() ? "closed by the broker" : put.reason);
            if (put.bytes > 0) {
                outgoing.erase(0, static_cast<std::size_t>(put.bytes));
                said = Steady::now();
            }
        }
        if (ending && (!greeted || (leaving && (Steady::now() > until || allSent())))) return {};
        if (!reading || !polls[0].revents) continue;
        // Under TLS there may be more in hand than the socket shows: until it says that there is nothing.
        bool wait = false;
        while (!wait) {
            const auto got = wire.read(buffer.data(), buffer.size());
            if (got.bytes < 0)
                return tl::unexpected(problem(endOf(wire, greeted, got.reason),
                                              got.reason.empty() ? "closed by the broker" : got.reason));
            if (got.bytes == 0) {
                if (lost) return tl::unexpected(*lost);
                break;
            }
            heard = Steady::now();
            pinged = {};
            reader.append({buffer.data(), static_cast<std::size_t>(got.bytes)});
            while (true) {
                auto packet = reader.next();
                if (!packet) return tl::unexpected(problem("E_MQTT_PROTOCOL", packet.error().arguments[0]));
                if (!*packet) break;
                MATOU_CHECK(handle(std::move(**packet), greeted, wait));
            }
        }
        if (wait) quietUntil = Steady::now() + std::chrono::milliseconds(20);
    }
}

void Client::Impl::run() {
    // OpenSSL writes with write(): a closed peer must be an answer, not a signal.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    std::minstd_rand jitter(std::random_device{}());
    auto wait = options.firstWait;
    if (options.address.version == "3.1.1") version = Version::v311;
    while (!ending) {
        auto socket = open();
        auto wire = socket ? secure(std::move(*socket)) : core::Result<Wire>(tl::unexpected(std::move(socket).error()));
        auto result = wire ? talk(std::move(*wire)) : core::Result<void>(tl::unexpected(std::move(wire).error()));
        const bool was = isConnected.exchange(false);
        if (ending) break;
        if (was) wait = options.firstWait;
        const bool older = !result && result.error().code == "E_MQTT_VERSION" && options.address.version.empty();
        if (older || version == Version::v311) version = older ? Version::v311 : nextVersion(was);
        if (older) continue; // at once: it is there
        if (!result) callbacks.state(false, &result.error());
        const double factor = 0.75 + 0.5 * static_cast<double>(jitter() % 1000) / 1000;
        pause(std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(wait.count()) * factor)));
        wait = std::min(wait * 2, options.lastWait);
    }
}

Client::Client(ClientOptions options, ClientCallbacks callbacks) : _impl(std::make_unique<Impl>()) {
    _impl->options = std::move(options);
    _impl->callbacks = std::move(callbacks);
    if (!_impl->callbacks.state) _impl->callbacks.state = [](bool, const core::Error*) {};
    _impl->where = _impl->options.address.shown();
    _impl->wakeup.fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    _impl->thread = std::thread([impl = _impl.get()] { impl->run(); });
}

Client::~Client() {
    _impl->ending = true;
    _impl->wake();
    _impl->thread.join();
}

void Client::acknowledge(std::uint64_t token) {
    {
        const std::lock_guard lock(_impl->mutex);
        if (token >> 16 != _impl->generation || !_impl->isConnected) return;
        _impl->outgoing += acknowledgePacket(Type::puback, static_cast<std::uint16_t>(token & 0xffff));
    }
    _impl->wake();
}

bool Client::publish(std::string topic, std::string payload, int qos, bool retained, std::uint64_t tag) {
    {
        const std::lock_guard lock(_impl->mutex);
        Publish publish{std::move(topic), std::move(payload), 0, qos, false, retained, tag, {}};
        if (qos == 0) {
            if (!_impl->isConnected) return false;
            _impl->outgoing += publishPacket(publish, _impl->version);
        } else {
            if (_impl->unconfirmed.size() >= kMaximumUnconfirmed) return false;
            publish.packetId = _impl->freePacketId();
            _impl->order.push_back(publish.packetId);
            _impl->unconfirmed.emplace(publish.packetId, std::move(publish));
            if (_impl->isConnected) _impl->sendMore();
        }
    }
    _impl->wake();
    return true;
}

std::size_t Client::unconfirmed() const {
    const std::lock_guard lock(_impl->mutex);
    return _impl->unconfirmed.size();
}
std::size_t Client::unsent() const {
    const std::lock_guard lock(_impl->mutex);
    return _impl->isConnected ? _impl->outgoing.size() : 0;
}
bool Client::connected() const {
    return _impl->isConnected;
}

} // namespace matou::live::mqtt
