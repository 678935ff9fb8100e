#pragma once
// The two halves of SIP's request and answer over a network that loses and repeats (RFC 3261 17): what was answered is answered the
// same again, what was asked is asked until it is answered. Pure: times come in, bytes go out.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "live/sip_message.h"

namespace matou::live::sip {

/// The other end of a message.
struct Peer {
    std::string host; // numeric
    int port = 0;
    std::uint64_t connection = 0; // of TCP; 0: UDP
    bool tcp() const { return connection != 0; }
    std::string text() const { return host + ":" + std::to_string(port); }
};

struct Datagram {
    Peer to;
    std::string bytes;
};

inline constexpr core::Duration kT1{500}, kT2{4000}, kTransactionLife{32000};

/// Requests of others, for as long as they may be repeated. At most kKept, the oldest go first.
class ServerTransactions {
public:
    /// Branch, sent-by and method (17.2.3); of old branches Call-ID and CSeq besides. Whose it is belongs to it: nobody answers for another.
    static std::string keyOf(const Message& request, const Via& via, const Peer& from);
    enum class Seen : std::uint8_t { fresh, waiting, answered };
    /// Fresh ones are remembered as waiting for their answer.
    Seen see(const std::string& key, core::Duration now);
    void answered(const std::string& key, Datagram bytes);
    /// Of an answered one.
    const Datagram* answerOf(const std::string& key) const;
    void expire(core::Duration now);
    std::size_t size() const { return _all.size(); }

    static constexpr std::size_t kKept = 50000;

private:
    struct Entry {
        std::optional<Datagram> answer;
    };
    std::unordered_map<std::string, Entry> _all;
    std::deque<std::pair<core::Duration, std::string>> _order;
};

/// Requests of ours. `context` is the caller's, given back with the end.
class ClientTransactions {
public:
    void begin(const std::string& branch, Datagram bytes, std::uint64_t context, core::Duration now);
    /// The context of the request that this branch is of; it is forgotten unless the answer is provisional.
    std::optional<std::uint64_t> answered(const std::string& branch, int status, core::Duration now);
    /// What to send again; contexts of those that nobody answered go to `lost`.
    std::vector<Datagram> due(core::Duration now, std::vector<std::uint64_t>& lost);
    std::size_t size() const { return _all.size(); }

private:
    struct Entry {
        Datagram bytes;
        std::uint64_t context = 0;
        core::Duration until{}, next{}, wait{};
    };
    std::map<std::string, Entry> _all;
};

} // namespace matou::live::sip
