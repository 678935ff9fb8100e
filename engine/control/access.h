#pragma once
// Who may talk to the control API.

#include <optional>
#include <string>
#include <utility>

namespace matou::control {

/// "host:port" or "[v6]:port" → host (without brackets) and port; nothing where it is none.
std::optional<std::pair<std::string, int>> splitAddress(const std::string& address);

/// A Host header that a browser on a foreign page could not have sent by a rebound name: an IP literal, localhost, or
/// the name that the server was bound to.
bool isOwnHost(const std::string& hostHeader, const std::string& boundHost);
/// No Origin (no browser), or one that is the very Host asked.
bool isOwnOrigin(const std::string& originHeader, const std::string& hostHeader);
/// "Bearer <token>", compared in constant time.
bool hasToken(const std::string& authorizationHeader, const std::string& token);

} // namespace matou::control
