#include "live/sip_message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace matou::live::sip {
using core::fail;
namespace {

bool isTokenCharacter(char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u < 0x80 && u != 0 && std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos);
}
bool isToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter); }
bool isSpace(char c) { return c == ' ' || c == '\t'; }

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return result;
}
std::string_view trim(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

template <typename Number>
std::optional<Number> numberOf(std::string_view text, Number most) {
    Number number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    // A sign would be taken by from_chars of signed types only; "+5" never is.
    if (text.empty() || text[0] == '-' || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number > most) return std::nullopt;
    return number;
}

tl::unexpected<core::Error> wrong(const char* what) { return fail("E_SIP_SYNTAX", "", {what}); }

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

/// Index of the first `stop` outside of quotes and angle brackets, from `at` on; npos without one, and -2 where a quote is not closed.
constexpr std::size_t kUnbalanced = static_cast<std::size_t>(-2);
std::size_t findOutside(std::string_view text, std::size_t at, char stop) {
    bool quoted = false, angled = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            if (c == '\\') ++at;
            else if (c == '"') quoted = false;
        } else if (c == stop && !angled)
            return at;
        else if (c == '"' && !angled)
            quoted = true;
        else if (c == '<')
            angled = true;
        else if (c == '>')
            angled = false;
    }
    return quoted || angled ? kUnbalanced : std::string_view::npos;
}

std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string result;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) ++i;
        result += text[i];
    }
    return result;
}

/// ";name=value;name", from its first semicolon on.
core::Result<Parameters> parseParameters(std::string_view text) {
    Parameters result;
    text = trim(text);
    while (!text.empty()) {
        if (text.front() != ';') return wrong("parameter");
        const std::size_t end = findOutside(text, 1, ';');
        if (end == kUnbalanced) return wrong("closing quotation mark");
        const std::string_view one = trim(text.substr(1, end == std::string_view::npos ? end : end - 1));
        const auto equals = one.find('=');
        const std::string_view name = trim(one.substr(0, equals));
        if (!isToken(name)) return wrong("parameter's name");
        if (result.items.size() >= kMaximumHeaders) return fail("E_SIP_LIMIT", "", {"parameters", std::to_string(kMaximumHeaders)});
        result.items.emplace_back(lower(name), equals == std::string_view::npos ? std::string() : unquoted(trim(one.substr(equals + 1))));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end);
    }
    return result;
}

/// "host", "host:port", "[v6]:port".
core::Result<std::pair<std::string, int>> parseHostPort(std::string_view text) {
    std::size_t colon = text.starts_with('[') ? text.find(':', std::min(text.find(']'), text.size())) : text.find(':');
    const std::string_view host = text.substr(0, colon);
    int port = 0;
    if (colon != std::string_view::npos) {
        const auto number = numberOf<int>(text.substr(colon + 1), 65535);
        if (!number) return wrong("port");
        port = *number;
    }
    const auto allowed = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_' || c == '[' || c == ']' || c == ':'; };
    if (host.empty() || !std::all_of(host.begin(), host.end(), allowed)) return wrong("host");
    return std::pair{std::string(host), port};
}

/// No spaces and controls; of a sip URI no header part ("?…", which would become headers of what is made of it).
core::Result<void> checkUri(std::string_view uri, bool headersAllowed) {
    if (uri.size() > kMaximumUri) return fail("E_SIP_LIMIT", "", {"URI", std::to_string(kMaximumUri)});
    const auto colon = uri.find(':');
    if (colon == std::string_view::npos || !isToken(uri.substr(0, colon))) return wrong("URI with its scheme");
    for (const char c : uri)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == '"') return wrong("URI");
    const std::string scheme = lower(uri.substr(0, colon));
    if (scheme != "sip" && scheme != "sips") return {};
    const auto at = uri.rfind('@');
    const std::string_view place = uri.substr(at == std::string_view::npos ? colon + 1 : at + 1);
    if (!headersAllowed && place.find('?') != std::string_view::npos) return wrong("URI without header part");
    MATOU_CHECK(parseHostPort(place.substr(0, place.find_first_of(";?"))).map([](const auto&) {}));
    return {};
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

const std::string* Parameters::find(std::string_view name) const {
    for (const auto& item : items)
        if (item.first == name) return &item.second;
    return nullptr;
}

std::string Via::branch() const {
    const std::string* found = parameters.find("branch");
    return found ? *found : std::string();
}

core::Result<Address> parseAddress(std::string_view value) {
    Address result;
    value = trim(value);
    std::string_view uri, rest;
    // The display name may hold brackets only in quotation marks.
    std::size_t open = 0;
    if (value.starts_with('"')) {
        open = 1;
        while (open < value.size() && value[open] != '"') open += value[open] == '\\' ? 2 : 1;
        if (open >= value.size()) return wrong("closing quotation mark");
        open = value.find_first_not_of(" \t", open + 1);
        if (open == std::string_view::npos || value[open] != '<') return wrong("<URI> after the name");
    } else {
        open = value.find('<');
        if (open != std::string_view::npos)
            for (const char c : value.substr(0, open))
                if (!isSpace(c) && !isTokenCharacter(c)) return wrong("name in quotation marks");
    }
    if (open != std::string_view::npos) {
        const auto close = value.find('>', open);
        if (close == std::string_view::npos) return wrong("closing bracket");
        uri = value.substr(open + 1, close - open - 1);
        rest = value.substr(close + 1);
        MATOU_CHECK(checkUri(uri, true));
    } else {
        // Without brackets "?" and "," would be ambiguous, and what follows ";" is the header's.
        const auto semicolon = value.find(';');
        uri = trim(value.substr(0, semicolon));
        if (semicolon != std::string_view::npos) rest = value.substr(semicolon);
        if (uri.find(',') != std::string_view::npos) return wrong("<URI>");
        MATOU_CHECK(checkUri(uri, false));
    }
    MATOU_TRY(parameters, parseParameters(rest));
    result.parameters = std::move(parameters);
    result.uri = uri;
    const auto colon = uri.find(':'), at = uri.rfind('@');
    const std::string scheme = lower(uri.substr(0, colon));
    if (scheme == "sip" || scheme == "sips") {
        std::string_view place = uri.substr(at == std::string_view::npos ? colon + 1 : at + 1);
        place = place.substr(0, place.find_first_of(";?"));
        MATOU_TRY(host, parseHostPort(place));
        result.host = host.first;
        result.port = host.second;
        if (at != std::string_view::npos) result.user = uri.substr(colon + 1, at - colon - 1);
    }
    return result;
}

core::Result<Via> parseVia(std::string_view value) {
    // Several in one line: the topmost is the first.
    const auto comma = findOutside(value, 0, ',');
    if (comma == kUnbalanced) return wrong("closing quotation mark");
    value = trim(value.substr(0, comma));
    const auto space = value.find_first_of(" \t");
    std::string protocol(value.substr(0, space));
    if (space == std::string_view::npos || !protocol.starts_with("SIP/2.0/") || !isToken(std::string_view(protocol).substr(8))) return wrong("Via with SIP/2.0/TRANSPORT");
    const std::string_view rest = trim(value.substr(space));
    const auto semicolon = rest.find(';');
    Via result;
    result.transport = protocol.substr(8);
    for (char& c : result.transport)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    MATOU_TRY(host, parseHostPort(trim(rest.substr(0, semicolon))));
    result.host = host.first;
    result.port = host.second;
    if (semicolon != std::string_view::npos) {
        MATOU_TRY(parameters, parseParameters(rest.substr(semicolon)));
        result.parameters = std::move(parameters);
    }
    return result;
}

core::Result<CSeq> parseCSeq(std::string_view value) {
    const auto space = value.find_first_of(" \t");
    const auto number = numberOf<std::uint32_t>(value.substr(0, space), 0x7fffffff);
    const std::string_view method = space == std::string_view::npos ? std::string_view() : trim(value.substr(space));
    if (!number || !isToken(method)) return wrong("CSeq");
    return CSeq{*number, std::string(method)};
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
