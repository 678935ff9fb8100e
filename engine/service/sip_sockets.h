#pragma once
// SIP's sockets: one port, UDP and TCP. Whole messages come out of it, whatever the pieces they came in.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "live/sip_transactions.h"

namespace matou::service {

/// Not thread-safe, but for wake(). One owner calls wait() in turn.
class SipSockets {
public:
    struct Handlers {
        std::function<void(const live::sip::Peer&, std::string_view)> message;
        std::function<void(const live::sip::Peer&, core::Error)> refused; // a stream that cannot be followed; it is closed
        std::function<bool(const std::string& host)> mayRead;             // of TCP; false: its bytes stay where they are
    };
    /// Port 0: any free one, the same for both. E_GB_PORT {reason}.
    static core::Result<std::unique_ptr<SipSockets>> open(const std::string& host, int port, Handlers handlers);
    ~SipSockets();
    SipSockets(const SipSockets&) = delete;
    SipSockets& operator=(const SipSockets&) = delete;

    int port() const { return _port; }
    /// HOST:PORT as others reach us: the address that was bound, or, where that is all of them, the one that packets leave from.
    std::string reachable() const;
    /// Waits for something, `patience` at most, and hands over what came.
    void wait(core::Duration patience);
    void send(const live::sip::Datagram& datagram);
    /// Ends a wait. Thread: any.
    void wake();

    static constexpr std::size_t kConnections = 4000, kConnectionsOfHost = 500;
    static constexpr std::size_t kUnsent = std::size_t{1} << 20; // of a connection whose other end does not read
    static constexpr core::Duration kFirstMessage{10000}, kIdle{600000};

private:
    struct Connection {
        int fd = -1;
        live::sip::Peer peer;
        std::string in, out;
        core::Duration since{}, heard{};
        bool spoke = false;
    };
    explicit SipSockets(Handlers handlers) : _handlers(std::move(handlers)) {}
    core::Result<void> bind(const std::string& host, int port);
    void readDatagrams();
    void accept();
    /// false: it is over.
    bool read(Connection& connection);
    bool take(Connection& connection);
    static bool write(Connection& connection);
    void close(std::uint64_t id);
    static core::Duration now();

    Handlers _handlers;
    int _udp = -1, _listener = -1, _wakeup = -1, _port = 0, _family = 0;
    std::string _host;
    std::map<std::uint64_t, Connection> _connections;
    std::map<std::string, std::size_t> _ofHost;
    std::uint64_t _last = 0;
    core::Duration _acceptAgain{};
    std::string _buffer;
};

} // namespace matou::service
