#pragma once
// kafka[s]://HOST[:PORT][,HOST…]/TOPIC[,TOPIC…][?group=NAME&from=earliest|latest&session=10&user=NAME&sasl=scram-sha-512&ca=FILE&cert=FILE&key=FILE&crl=FILE]

#include <string>
#include <vector>

#include "core/result.h"
#include "live/tls.h"

namespace matou::live::kafka {

struct Address {
    std::string brokers; // host:port,host:port
    std::vector<std::string> topics;
    std::string group;   // empty: the caller's to choose
    bool fromLatest = false; // where the group has no place yet: what comes from now on, else all that the topics hold
    int sessionSeconds = 10; // without a word from us for so long the partitions go to another; brokers allow 6 and more
    bool tls = false;
    TlsOptions certificates;
    std::string user;
    std::string mechanism = "scram-sha-512"; // with `user`: scram-sha-256, scram-sha-512, plain (with TLS only)
};

/// E_KAFKA_URL. A password has no place in it (the feed's `secret`). %XX is decoded in options.
core::Result<Address> parseAddress(const std::string& url);

} // namespace matou::live::kafka
