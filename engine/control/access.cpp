#include "control/access.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace matou::control {
namespace {

/// The host of "host[:port]", brackets removed.
std::string hostOf(const std::string& header) {
    if (header.starts_with('[')) return header.substr(1, header.find(']') - 1);
    return header.substr(0, header.find(':'));
}

bool isLiteral(const std::string& host) {
    unsigned char buffer[16];
    return ::inet_pton(AF_INET, host.c_str(), buffer) == 1 || ::inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

} // namespace

std::optional<std::pair<std::string, int>> splitAddress(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string::npos)
        return std::nullopt;
    int port = -1;
    const char* end = address.data() + address.size();
    const auto parsed = std::from_chars(address.data() + colon + 1, end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end || port < 0 || port > 65535 || host.empty()) return std::nullopt;
    return std::pair(host, port);
}

bool isOwnHost(const std::string& hostHeader, const std::string& boundHost) {
    const std::string host = hostOf(hostHeader);
    return host == "localhost" || isLiteral(host) || (!host.empty() && host == boundHost);
}

bool isOwnOrigin(const std::string& originHeader, const std::string& hostHeader) {
    return originHeader.empty() || originHeader == "http://" + hostHeader || originHeader == "https://" + hostHeader;
}

bool hasToken(const std::string& authorizationHeader, const std::string& token) {
    const std::string expected = "Bearer " + token;
    if (token.empty()) return false;
    unsigned difference = authorizationHeader.size() != expected.size();
    for (std::size_t i = 0; i < expected.size(); ++i)
        difference |= static_cast<unsigned char>(expected[i]) ^
                      static_cast<unsigned char>(i < authorizationHeader.size() ? authorizationHeader[i] : '\0');
    return difference == 0;
}

} // namespace matou::control
