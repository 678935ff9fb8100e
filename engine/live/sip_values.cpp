#include "live/sip_message.h"

#include "live/sip_syntax.h"

namespace matou::live::sip {
using core::fail;
namespace {

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

} // namespace

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

} // namespace matou::live::sip
