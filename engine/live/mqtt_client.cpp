#include "live/mqtt_client.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

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

} // namespace

struct Client::Impl {
    ClientOptions options;
    ClientCallbacks callbacks;
    std::string where;

    mutable std::mutex mutex;
    std::string outgoing;                         // bytes of this connection not yet written
    std::map<std::uint16_t, Publish> unconfirmed; // QoS 1 of ours
    std::deque<std::uint16_t> order;              // of unconfirmed, as published
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
    core::Result<void> talk(Socket socket);
    core::Result<void> handle(Packet packet, bool& greeted, bool& wait);
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

core::Result<void> Client::Impl::handle(Packet packet, bool& greeted, bool& wait) {
    const auto broken = [&](std::string what) { return tl::unexpected(problem("E_MQTT_PROTOCOL", std::move(what))); };
    if (!greeted) {
        if (packet.type != Type::connack || packet.body.size() != 2) return broken("no CONNACK");
        const int code = static_cast<unsigned char>(packet.body[1]);
        if (code) return tl::unexpected(problem("E_MQTT_REFUSED", std::to_string(code)));
        greeted = true;
        {
            const std::lock_guard lock(mutex);
            if (!options.subscriptions.empty()) outgoing += subscribePacket(65535, options.subscriptions);
            for (const auto id : order) {
                auto& publish = unconfirmed.at(id);
                outgoing += publishPacket(publish);
                publish.duplicate = true;
            }
            isConnected = true;
        }
        callbacks.state(true, nullptr);
        return {};
    }
    switch (packet.type) {
    case Type::publish: {
        const bool oversize = packet.oversize;
        auto publish = readPublish(std::move(packet));
        if (!publish) return broken(publish.error().arguments.empty() ? "" : publish.error().arguments[0]);
        if (publish->qos == 2) return broken("QoS 2 was not asked for");
        Received received;
        if (publish->qos == 1) received.token = generation << 16 | publish->packetId;
        received.oversize = oversize;
        received.publish = std::move(*publish);
        if (callbacks.message && !callbacks.message(std::move(received))) wait = true;
        return {};
    }
    case Type::puback: {
        const auto id = readPacketId(packet);
        if (!id) return broken("PUBACK too short");
        const std::lock_guard lock(mutex);
        if (unconfirmed.erase(*id)) order.erase(std::find(order.begin(), order.end(), *id));
        return {};
    }
    case Type::suback:
        for (std::size_t i = 2; i < packet.body.size(); ++i)
            if (static_cast<unsigned char>(packet.body[i]) == 0x80 && i - 2 < options.subscriptions.size())
                return tl::unexpected(problem("E_MQTT_SUBSCRIBE", options.subscriptions[i - 2].filter));
        return {};
    case Type::pingresp:
        return {};
    default:
        return broken("packet type " + std::to_string(static_cast<int>(packet.type)) + " from a broker");
    }
}

core::Result<void> Client::Impl::talk(Socket socket) {
    {
        const std::lock_guard lock(mutex);
        ++generation;
        outgoing =
            connectPacket(options.clientId, options.cleanSession, static_cast<std::uint16_t>(options.keepAliveSeconds),
                          options.address.user, options.address.password);
    }
    PacketReader reader(options.maximumPayload + 2048);
    const auto keepAlive = std::chrono::seconds(options.keepAliveSeconds);
    auto heard = Steady::now(), said = heard, quietUntil = heard;
    bool greeted = false, pinged = false;
    std::vector<char> buffer(65536);
    while (true) {
        const auto now = Steady::now();
        if (now - heard > (greeted ? keepAlive * 3 / 2 : Steady::duration(options.connectTimeout)))
            return tl::unexpected(problem("E_MQTT_SILENT", options.address.shown()));
        if (greeted && !pinged && now - std::min(heard, said) > keepAlive / 2) {
            const std::lock_guard lock(mutex);
            outgoing += emptyPacket(Type::pingreq);
            pinged = true;
        }
        std::size_t waiting;
        {
            const std::lock_guard lock(mutex);
            if (ending && greeted) outgoing += emptyPacket(Type::disconnect);
            waiting = outgoing.size();
        }
        const bool reading = now >= quietUntil;
        if (!reading) heard = now; // we are the silent side
        pollfd polls[2] = {{socket.fd, static_cast<short>((reading ? POLLIN : 0) | (waiting ? POLLOUT : 0)), 0},
                           {wakeup.fd, POLLIN, 0}};
        ::poll(polls, 2, reading ? 500 : 20);
        if (polls[1].revents) drainWakeup();
        if (waiting && (polls[0].revents & POLLOUT)) {
            const std::lock_guard lock(mutex);
            const auto put = ::send(socket.fd, outgoing.data(), outgoing.size(), MSG_NOSIGNAL);
            if (put < 0 && errno != EAGAIN && errno != EINTR)
                return tl::unexpected(problem("E_MQTT_LOST", std::strerror(errno)));
            if (put > 0) {
                outgoing.erase(0, static_cast<std::size_t>(put));
                said = Steady::now();
            }
        }
        if (ending) return {};
        if (polls[0].revents & (POLLIN | POLLHUP | POLLERR)) {
            const auto got = ::recv(socket.fd, buffer.data(), buffer.size(), 0);
            if (got == 0) return tl::unexpected(problem("E_MQTT_LOST", "closed by the broker"));
            if (got < 0 && errno != EAGAIN && errno != EINTR)
                return tl::unexpected(problem("E_MQTT_LOST", std::strerror(errno)));
            if (got > 0) {
                heard = Steady::now();
                pinged = false;
                reader.append({buffer.data(), static_cast<std::size_t>(got)});
                bool wait = false;
                while (true) {
                    auto packet = reader.next();
                    if (!packet) return tl::unexpected(problem("E_MQTT_PROTOCOL", packet.error().arguments[0]));
                    if (!*packet) break;
                    MATOU_CHECK(handle(std::move(**packet), greeted, wait));
                }
                if (wait) quietUntil = Steady::now() + std::chrono::milliseconds(20);
            }
        }
    }
}

void Client::Impl::run() {
    std::minstd_rand jitter(std::random_device{}());
    auto wait = options.firstWait;
    while (!ending) {
        auto socket = open();
        auto result = socket ? talk(std::move(*socket)) : core::Result<void>(tl::unexpected(std::move(socket).error()));
        const bool was = isConnected.exchange(false);
        if (ending) break;
        if (was) wait = options.firstWait;
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

bool Client::publish(std::string topic, std::string payload, int qos, bool retained) {
    {
        const std::lock_guard lock(_impl->mutex);
        Publish publish{std::move(topic), std::move(payload), 0, qos, false, retained};
        if (qos == 0) {
            if (!_impl->isConnected) return false;
            _impl->outgoing += publishPacket(publish);
        } else {
            if (_impl->unconfirmed.size() >= kMaximumUnconfirmed) return false;
            do
                _impl->lastPacketId = static_cast<std::uint16_t>(_impl->lastPacketId % 65000 + 1);
            while (_impl->unconfirmed.contains(_impl->lastPacketId));
            publish.packetId = _impl->lastPacketId;
            if (_impl->isConnected) {
                _impl->outgoing += publishPacket(publish);
                publish.duplicate = true;
            }
            _impl->order.push_back(publish.packetId);
            _impl->unconfirmed.emplace(publish.packetId, std::move(publish));
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
