#include "service/sip_sockets.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace matou::service {
namespace {

constexpr std::size_t kPiece = 65536;
constexpr int kDatagramsAtOnce = 500; // then the timers and the connections have their turn

live::sip::Peer peerOf(const sockaddr_storage& address) {
    char text[INET6_ADDRSTRLEN] = {};
    live::sip::Peer peer;
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        peer.port = ntohs(v4.sin_port);
    } else {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        peer.port = ntohs(v6.sin6_port);
    }
    peer.host = text;
    if (peer.host.starts_with("::ffff:")) peer.host.erase(0, 7);
    return peer;
}

/// The size of what was filled in; 0 where `peer` is no numeric address of that family.
socklen_t addressOf(const live::sip::Peer& peer, int family, sockaddr_storage& out) {
    out = {};
    if (family == AF_INET) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(out);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(static_cast<std::uint16_t>(peer.port));
        return ::inet_pton(AF_INET, peer.host.c_str(), &v4.sin_addr) == 1 ? sizeof v4 : 0;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<std::uint16_t>(peer.port));
    const std::string host = peer.host.find(':') == std::string::npos ? "::ffff:" + peer.host : peer.host;
    return ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1 ? sizeof v6 : 0;
}

} // namespace

core::Duration SipSockets::now() { return std::chrono::duration_cast<core::Duration>(std::chrono::steady_clock::now().time_since_epoch()); }

core::Result<std::unique_ptr<SipSockets>> SipSockets::open(const std::string& host, int port, Handlers handlers) {
    std::unique_ptr<SipSockets> result(new SipSockets(std::move(handlers)));
    // A free port of one kind may be taken of the other: then another one.
    for (int attempt = 0;; ++attempt) {
        const auto bound = result->bind(host, port);
        if (bound) break;
        if (port != 0 || attempt == 20) return tl::unexpected(bound.error());
    }
    result->_wakeup = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    result->_buffer.resize(kPiece);
    return result;
}

core::Result<void> SipSockets::bind(const std::string& host, int port) {
    const auto failed = [&](const char* reason) -> core::Result<void> {
        const std::string said = reason;
        if (_udp >= 0) ::close(std::exchange(_udp, -1));
        if (_listener >= 0) ::close(std::exchange(_listener, -1));
        return core::fail("E_GB_PORT", host + ":" + std::to_string(port), {said});
    };
    addrinfo hints{}, *found = nullptr;
    hints.ai_flags = AI_PASSIVE;
    hints.ai_socktype = SOCK_DGRAM;
    if (const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) return failed(::gai_strerror(error));
    sockaddr_storage address{};
    std::memcpy(&address, found->ai_addr, found->ai_addrlen);
    socklen_t size = found->ai_addrlen;
    ::freeaddrinfo(found);
    _family = address.ss_family;
    const int on = 1, buffer = 4 << 20;
    _udp = ::socket(_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (_udp < 0) return failed(std::strerror(errno));
    ::setsockopt(_udp, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer); // a burst must not be lost while the state lane writes
    if (::bind(_udp, reinterpret_cast<sockaddr*>(&address), size) != 0) return failed(std::strerror(errno));
    ::getsockname(_udp, reinterpret_cast<sockaddr*>(&address), &size);
    _port = peerOf(address).port;
    _host = peerOf(address).host;
    _listener = ::socket(_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (_listener < 0) return failed(std::strerror(errno));
    ::setsockopt(_listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(_listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(_listener, 512) != 0) return failed(std::strerror(errno));
    return {};
}

SipSockets::~SipSockets() {
    for (auto& [id, connection] : _connections) ::close(connection.fd);
    for (const int fd : {_udp, _listener, _wakeup})
        if (fd >= 0) ::close(fd);
}

std::string SipSockets::reachable() const {
    std::string host = _host;
    if (host == "0.0.0.0" || host == "::") {
        // Connecting a datagram socket sends nothing; it only asks the routing table (192.0.2.0/24 and 2001:db8::/32 are nobody's).
        const int fd = ::socket(_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_storage address{};
        const socklen_t to = addressOf({_family == AF_INET ? "192.0.2.1" : "2001:db8::1", 9, 0}, _family, address);
        socklen_t size = sizeof address;
        host = _family == AF_INET ? "127.0.0.1" : "::1";
        if (fd >= 0 && ::connect(fd, reinterpret_cast<sockaddr*>(&address), to) == 0 && ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) host = peerOf(address).host;
        if (fd >= 0) ::close(fd);
    }
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(_port);
}

void SipSockets::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(_wakeup, &one, sizeof one);
}

void SipSockets::wait(core::Duration patience) {
    std::vector<pollfd> polled{{_wakeup, POLLIN, 0}, {_udp, POLLIN, 0}, {_listener, static_cast<short>(now() >= _acceptAgain ? POLLIN : 0), 0}};
    std::vector<std::uint64_t> ids;
    for (const auto& [id, connection] : _connections) {
        const short events = static_cast<short>((_handlers.mayRead(connection.peer.host) ? POLLIN : 0) | (connection.out.empty() ? 0 : POLLOUT));
        polled.push_back({connection.fd, events, 0});
        ids.push_back(id);
    }
    if (::poll(polled.data(), polled.size(), static_cast<int>(patience.count())) < 0) return;
    if (polled[0].revents) {
        std::uint64_t count;
        [[maybe_unused]] const auto got = ::read(_wakeup, &count, sizeof count);
    }
    if (polled[1].revents) readDatagrams();
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto found = _connections.find(ids[i]);
        if (found == _connections.end()) continue;
        Connection& connection = found->second;
        const short happened = polled[i + 3].revents;
        bool alive = true;
        if (happened & POLLOUT) alive = write(connection);
        if (alive && (happened & (POLLIN | POLLHUP | POLLERR)) && (polled[i + 3].events & POLLIN)) alive = read(connection);
        const core::Duration quiet = now() - (connection.spoke ? connection.heard : connection.since);
        if (!alive || quiet > (connection.spoke ? kIdle : kFirstMessage)) close(ids[i]);
    }
    if (polled[2].revents) accept();
}

void SipSockets::readDatagrams() {
    for (int i = 0; i < kDatagramsAtOnce; ++i) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        const ssize_t got = ::recvfrom(_udp, _buffer.data(), _buffer.size(), 0, reinterpret_cast<sockaddr*>(&address), &size);
        if (got < 0) return; // nothing more, or an ICMP error of an earlier answer
        _handlers.message(peerOf(address), std::string_view(_buffer.data(), static_cast<std::size_t>(got)));
    }
}

void SipSockets::accept() {
    for (int i = 0; i < 64; ++i) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        const int fd = ::accept4(_listener, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            // No more descriptors: the others go on, and it is tried again in a while.
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) _acceptAgain = now() + core::Duration(1000);
            return;
        }
        Connection connection;
        connection.fd = fd;
        connection.peer = peerOf(address);
        connection.peer.connection = ++_last;
        connection.since = now();
        if (_connections.size() >= kConnections || _ofHost[connection.peer.host] >= kConnectionsOfHost) {
            ::close(fd);
            continue;
        }
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ++_ofHost[connection.peer.host];
        _connections.emplace(_last, std::move(connection));
    }
}

bool SipSockets::read(Connection& connection) {
    const ssize_t got = ::recv(connection.fd, _buffer.data(), _buffer.size(), 0);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    connection.in.append(_buffer.data(), static_cast<std::size_t>(got));
    connection.heard = now();
    return take(connection);
}

bool SipSockets::take(Connection& connection) {
    std::size_t at = 0;
    const live::sip::Peer peer = connection.peer;
    while (at < connection.in.size()) {
        const std::string_view rest = std::string_view(connection.in).substr(at);
        const auto whole = live::sip::wholeMessage(rest, peer.text());
        if (!whole) {
            _handlers.refused(peer, whole.error());
            return false;
        }
        if (*whole == 0) break;
        connection.spoke = true;
        _handlers.message(peer, rest.substr(0, *whole));
        at += *whole;
    }
    connection.in.erase(0, at);
    return true;
}

bool SipSockets::write(Connection& connection) {
    while (!connection.out.empty()) {
        const ssize_t put = ::send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
        if (put < 0) return errno == EAGAIN || errno == EINTR;
        connection.out.erase(0, static_cast<std::size_t>(put));
    }
    return true;
}

void SipSockets::close(std::uint64_t id) {
    const auto found = _connections.find(id);
    if (found == _connections.end()) return;
    ::close(found->second.fd);
    if (const auto host = _ofHost.find(found->second.peer.host); host != _ofHost.end() && --host->second == 0) _ofHost.erase(host);
    _connections.erase(found);
}

void SipSockets::send(const live::sip::Datagram& datagram) {
    if (datagram.to.tcp()) {
        const auto found = _connections.find(datagram.to.connection);
        if (found == _connections.end()) return; // it is gone; who waits for this asks again
        found->second.out += datagram.bytes;
        if (found->second.out.size() > kUnsent || !write(found->second)) close(datagram.to.connection);
        return;
    }
    sockaddr_storage address{};
    const socklen_t size = addressOf(datagram.to, _family, address);
    if (size) [[maybe_unused]] const auto put = ::sendto(_udp, datagram.bytes.data(), datagram.bytes.size(), 0, reinterpret_cast<sockaddr*>(&address), size);
}

} // namespace matou::service
