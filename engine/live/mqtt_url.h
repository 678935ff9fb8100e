#pragma once
// mqtt://[user[:password]@]host[:port]

#include <cstdint>
#include <string>

#include "core/result.h"

namespace matou::live::mqtt {

struct Address {
    std::string host;
    std::uint16_t port = 1883;
    std::string user, password;
    /// Without the password; for people.
    std::string shown() const;
};

/// E_MQTT_URL. IPv6 hosts in brackets; %XX is decoded in user and password.
core::Result<Address> parseAddress(const std::string& url);

} // namespace matou::live::mqtt
