#include "live/sip_message.h"

#include <array>

#include "live/sip_syntax.h"

namespace matou::live::sip {
using core::fail;
namespace {

/// Compact forms of RFC 3261 7.3.3 and RFC 6665.
std::string fullName(std::string name) {
    constexpr std::array<std::pair<char, const char*>, 13> kForms{{{'v', "via"}, {'f', "from"}, {'t', "to"}, {'i', "call-id"}, {'m', "contact"}, {'l', "content-length"},
                                                                  {'c', "content-type"}, {'e', "content-encoding"}, {'k', "supported"}, {'s', "subject"}, {'o', "event"},
                                                                  {'u', "allow-events"}, {'r', "refer-to"}}};
    if (name.size() == 1)
        for (const auto& [letter, full] : kForms)
            if (name[0] == letter) return full;
    return name;
}

core::Result<void> checkDate(std::string_view value) {
    // RFC 3261 wants GMT; GB/T 28181 wants local ISO 8601 in the same header.
    if (value.ends_with(" GMT") || (!value.empty() && value[0] >= '0' && value[0] <= '9')) return {};
    return wrong("Date in GMT or ISO 8601");
}

core::Result<void> checkHeader(const std::string& name, const std::string& value) {
    const auto nothing = [](const auto&) {};
    if (name == "via") return parseVia(value).map(nothing);
    if (name == "from" || name == "to") return parseAddress(value).map(nothing);
    if (name == "contact" && value != "*") return parseAddress(value.substr(0, std::min(findOutside(value, 0, ','), value.size()))).map(nothing);
    if (name == "cseq") return parseCSeq(value).map(nothing);
    if (name == "date") return checkDate(value);
    if (name == "call-id" && (value.empty() || std::any_of(value.begin(), value.end(), [](char c) { return isSpace(c) || c == 0; }))) return wrong("Call-ID");
    if (name == "content-length" && !numberOf<std::uint32_t>(value, 1u << 30)) return wrong("Content-Length");
    return {};
}

/// Lines one after the other; a line that begins with a space goes on with the one before it.
struct Lines {
    std::string_view bytes;
    std::size_t at = 0;
    /// The next one without its end; nothing where no end of line comes.
    std::optional<std::string_view> next() {
        const auto end = bytes.find('\n', at);
        if (end == std::string_view::npos) return std::nullopt;
        std::string_view line = bytes.substr(at, end - at);
        at = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }
};

core::Result<void> parseStart(std::string_view line, Message& message) {
    if (line.starts_with("SIP/2.0 ")) {
        const auto status = line.size() >= 12 && line[11] == ' ' ? numberOf<int>(line.substr(8, 3), 699) : std::nullopt;
        if (!status || *status < 100) return wrong("status line");
        message.status = *status;
        message.reason = line.substr(12);
        return {};
    }
    const auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || last <= first || line.substr(last + 1) != "SIP/2.0") return wrong("request line");
    const std::string_view method = line.substr(0, first), uri = line.substr(first + 1, last - first - 1);
    if (method.size() > kMaximumMethod) return fail("E_SIP_LIMIT", "", {"method", std::to_string(kMaximumMethod)});
    if (!isToken(method)) return wrong("method");
    MATOU_CHECK(checkUri(uri, false));
    message.method = method;
    message.uri = uri;
    return {};
}

core::Result<void> parseHeaders(Lines& lines, Message& message, std::vector<std::size_t>& places, std::size_t& place) {
    for (;;) {
        place = lines.at;
        const auto line = lines.next();
        if (!line) return wrong("empty line after the headers");
        if (line->empty()) return {};
        if (line->size() > kMaximumLine) return fail("E_SIP_LIMIT", "", {"line", std::to_string(kMaximumLine)});
        if (line->find('\r') != std::string_view::npos) return wrong("end of line"); // which others would take for one
        if (isSpace(line->front())) {
            if (message.headers.empty()) return wrong("header");
            std::string& value = message.headers.back().second;
            value += " " + std::string(trim(*line));
            if (value.size() > kMaximumLine) return fail("E_SIP_LIMIT", "", {"line", std::to_string(kMaximumLine)});
            continue;
        }
        const auto colon = line->find(':');
        const std::string_view name = trim(line->substr(0, colon));
        if (colon == std::string_view::npos || !isToken(name)) return wrong("header's name");
        if (message.headers.size() >= kMaximumHeaders) return fail("E_SIP_LIMIT", "", {"headers", std::to_string(kMaximumHeaders)});
        message.add(fullName(lower(name)), std::string(trim(line->substr(colon + 1))));
        places.push_back(place);
    }
}

constexpr std::array<std::string_view, 6> kOnce = {"from", "to", "call-id", "cseq", "content-length", "content-type"};

core::Result<void> checkWhole(const Message& message, const std::vector<std::size_t>& places, std::size_t& place) {
    const std::size_t end = place;
    for (std::size_t i = 0; i < message.headers.size(); ++i) {
        const auto& [name, value] = message.headers[i];
        place = places[i];
        MATOU_CHECK(checkHeader(name, value));
        const bool once = std::find(kOnce.begin(), kOnce.end(), name) != kOnce.end();
        if (once && message.header(name) != &value) return fail("E_SIP_SYNTAX", "", {name + " once"});
        if (message.request() && name == "cseq" && parseCSeq(value)->method != message.method) return wrong("CSeq of the same method");
    }
    place = end;
    for (const char* name : {"via", "from", "to", "call-id", "cseq"})
        if (!message.header(name)) return fail("E_SIP_SYNTAX", "", {name});
    return {};
}

} // namespace

const std::string* Message::header(std::string_view name) const {
    for (const auto& header : headers)
        if (header.first == name) return &header.second;
    return nullptr;
}

std::string Message::headerOr(std::string_view name) const {
    const std::string* found = header(name);
    return found ? *found : std::string();
}

core::Result<Message> parse(std::string_view bytes, const std::string& where) {
    std::size_t place = 0;
    const auto at = [&](core::Error error) {
        error.where = where + ":byte " + std::to_string(place);
        return tl::unexpected<core::Error>(std::move(error));
    };
    if (bytes.size() > kMaximumMessage) return at({"E_SIP_LIMIT", {"message", std::to_string(kMaximumMessage)}, "", nullptr});
    Message message;
    Lines lines{bytes};
    const auto first = lines.next();
    if (!first) return at({"E_SIP_SYNTAX", {"request or status line"}, "", nullptr});
    if (auto start = parseStart(*first, message); !start) return at(std::move(start).error());
    std::vector<std::size_t> places;
    if (auto read = parseHeaders(lines, message, places, place); !read) return at(std::move(read).error());
    if (auto sound = checkWhole(message, places, place); !sound) return at(std::move(sound).error());
    place = lines.at;
    std::string_view body = bytes.substr(lines.at);
    if (const std::string* length = message.header("content-length")) {
        const auto size = *numberOf<std::uint32_t>(*length, 1u << 30); // checked above
        if (size > body.size()) return at({"E_SIP_SYNTAX", {"body of " + *length + " bytes"}, "", nullptr});
        body = body.substr(0, size);
    }
    message.body = body;
    return message;
}

core::Result<std::size_t> wholeMessage(std::string_view bytes, const std::string& where) {
    const auto limit = [&] { return fail("E_SIP_LIMIT", where, {"message", std::to_string(kMaximumMessage)}); };
    std::size_t begin = 0;
    while (begin < bytes.size() && (bytes[begin] == '\r' || bytes[begin] == '\n')) ++begin;
    Lines lines{bytes, begin};
    std::optional<std::uint32_t> length;
    for (std::size_t count = 0;; ++count) {
        const auto line = lines.next();
        if (!line) {
            if (bytes.size() - begin > kMaximumMessage) return limit();
            return 0;
        }
        if (line->empty()) break;
        if (lines.at - begin > kMaximumMessage || count > kMaximumHeaders * 2) return limit();
        const auto colon = line->find(':');
        if (colon == std::string_view::npos) continue;
        if (fullName(lower(trim(line->substr(0, colon)))) != "content-length") continue;
        length = numberOf<std::uint32_t>(trim(line->substr(colon + 1)), 1u << 30);
        if (!length) return fail("E_SIP_SYNTAX", where, {"Content-Length"});
    }
    if (!length) return fail("E_SIP_SYNTAX", where, {"Content-Length"});
    if (*length > kMaximumMessage || lines.at - begin + *length > kMaximumMessage) return limit();
    return lines.at + *length <= bytes.size() ? lines.at + *length : 0;
}

Message answer(const Message& request, int status, std::string_view reason, const std::string& tag, const std::string& host, int port) {
    Message result;
    result.status = status;
    result.reason = reason;
    bool top = true;
    for (const auto& [name, value] : request.headers) {
        if (name == "via" && std::exchange(top, false)) {
            std::string via = value;
            const auto parsed = parseVia(value);
            if (parsed) {
                const std::string* rport = parsed->parameters.find("rport");
                if (rport && rport->empty())
                    if (const auto at = via.find(";rport"); at != std::string::npos && (at + 6 == via.size() || via[at + 6] == ';' || via[at + 6] == ','))
                        via.insert(at + 6, "=" + std::to_string(port));
                if ((rport || parsed->host != host) && !parsed->parameters.find("received"))
                    via.insert(std::min(via.find_first_of(",;"), via.size()), ";received=" + host);
            }
            result.add("via", std::move(via));
        } else if (name == "via" || name == "from" || name == "call-id" || name == "cseq") {
            result.add(name, value);
        } else if (name == "to") {
            const auto address = parseAddress(value);
            result.add(name, address && !address->parameters.find("tag") && !tag.empty() ? value + ";tag=" + tag : value);
        }
    }
    return result;
}

std::string write(const Message& message) {
    std::string result = message.request() ? message.method + " " + message.uri + " SIP/2.0\r\n" : "SIP/2.0 " + std::to_string(message.status) + " " + message.reason + "\r\n";
    for (const auto& [name, value] : message.headers) {
        if (name == "content-length") continue;
        // Written as others expect to read them: "Call-ID", "CSeq", "Via".
        std::string written = name == "cseq" ? "CSeq" : name == "call-id" ? "Call-ID" : name == "www-authenticate" ? "WWW-Authenticate" : name == "x-gb-ver" ? "X-GB-Ver" : name;
        for (std::size_t i = 0; i < written.size(); ++i)
            if ((i == 0 || written[i - 1] == '-') && written[i] >= 'a' && written[i] <= 'z') written[i] = static_cast<char>(written[i] - 32);
        std::string clean = value;
        std::replace_if(clean.begin(), clean.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
        result += written + ": " + clean + "\r\n";
    }
    return result + "Content-Length: " + std::to_string(message.body.size()) + "\r\n\r\n" + message.body;
}

} // namespace matou::live::sip
