#pragma once
// mqtt[s]://[user[:password]@]host[:port][?ca=FILE&cert=FILE&key=FILE&crl=FILE&password=@FILE|env:NAME&version=5|3.1.1&share=GROUP]

#include <cstdint>
#include <string>

#include "core/result.h"
#include "live/tls.h"

namespace matou::live::mqtt {

struct Address {
    std::string host;
    std::uint16_t port = 1883;
    std::string user, password;
    bool tls = false;
    TlsOptions certificates;
    std::string version; // "5", "3.1.1" or empty: 5, and 3.1.1 where the broker does not know it
    std::string share;   // group of a shared subscription; empty: alone
    /// Without the password; for people.
    std::string shown() const;
};

/// E_MQTT_URL, E_MQTT_PASSWORD (no such file or variable). Files that do not exist are said at the connection. IPv6 hosts in brackets; %XX is decoded in user and password.
core::Result<Address> parseAddress(const std::string& url);

} // namespace matou::live::mqtt
