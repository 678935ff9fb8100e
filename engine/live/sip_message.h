#pragma once
// SIP messages (RFC 3261) as far as GB/T 28181 signalling needs them: reading, answering, writing. Pure; input may be hostile.
// Ours rather than osip2 (LGPL, in Debian): that library has no bounds of its own, and this slice of the protocol is small.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace matou::live::sip {

/// All that bounds a message. A whole one fits a datagram, also over TCP.
inline constexpr std::size_t kMaximumMessage = 65535, kMaximumHeaders = 64, kMaximumLine = 8192, kMaximumMethod = 64, kMaximumUri = 512;

struct Message {
    std::string method, uri; // of a request
    int status = 0;          // of a response: 100..699
    std::string reason;
    std::vector<std::pair<std::string, std::string>> headers; // names in lower case and in full ("v" is "via"), in their order
    std::string body;

    bool request() const { return status == 0; }
    /// The first of that name (lower case), or nullptr.
    const std::string* header(std::string_view name) const;
    std::string headerOr(std::string_view name) const;
    void add(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
};

struct Parameters {
    std::vector<std::pair<std::string, std::string>> items; // names in lower case; quotes taken off
    const std::string* find(std::string_view name) const;
};

/// From, To, Contact.
struct Address {
    std::string uri, user, host; // user and host of a sip: URI
    int port = 0;                // 0: none given
    Parameters parameters;       // of the header, not of the URI
};

struct Via {
    std::string transport; // upper case
    std::string host;
    int port = 0;
    Parameters parameters;
    std::string branch() const;
};

struct CSeq {
    std::uint32_t number = 0;
    std::string method;
};

/// One whole message. A datagram may be longer than its Content-Length says (the rest is not looked at) and never shorter; it may do
/// without. Line ends may be LF alone. Checked: the start line to the letter, header names, Via, From, To, Call-ID and CSeq there
/// once and well-formed, the method of CSeq, Contact and Date where there are. E_SIP_SYNTAX {what}, E_SIP_LIMIT {what, limit} at
/// `WHERE:byte N`. Thread: any.
core::Result<Message> parse(std::string_view bytes, const std::string& where);

/// Over a stream: how many bytes from the first on are one message; 0: more must come. Empty lines between messages are of the next one.
/// An error is the end of the connection: without a length nobody knows where the next one begins.
core::Result<std::size_t> wholeMessage(std::string_view bytes, const std::string& where);

/// These expect what parse() let through; of anything else they give an error without a place.
core::Result<Address> parseAddress(std::string_view value);
core::Result<Via> parseVia(std::string_view value);
core::Result<CSeq> parseCSeq(std::string_view value);

/// Via, From, To, Call-ID and CSeq of the request, the latter's To with `tag` where it has none. `host` and `port`: where it came
/// from (RFC 3581).
Message answer(const Message& request, int status, std::string_view reason, const std::string& tag, const std::string& host, int port);
/// With Content-Length. Line ends in values become spaces.
std::string write(const Message& message);

} // namespace matou::live::sip
