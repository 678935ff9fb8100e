#pragma once
// One GET that a feed waits for: conditional, bounded, broken off when the program ends.

#include <atomic>
#include <string>

#include "core/clock.h"
#include "core/result.h"

namespace matou::live {

struct Fetch {
    std::string url;                       // http or https; certificates are checked
    std::string authorization;             // whole header value, empty: none
    std::string etag, lastModified;        // of the answer before; empty: none
    core::Duration timeout{10000};
    std::size_t limitBytes = std::size_t{16} << 20;
};

struct Fetched {
    int status = 0; // 200, or 304: as it was
    std::string body, etag, lastModified, contentType;
};

/// Redirects stay on http and https, five at most, and never take the authorization to another host. Errors, `where` the URL without
/// user, password and query: E_FETCH_CONNECT {reason}, E_FETCH_STATUS {status}, E_FETCH_LIMIT {bytes}, E_FETCH_STOPPED. Blocks.
core::Result<Fetched> fetch(const Fetch& wanted, const std::atomic<bool>& stopping);

/// The URL as it may stand in logs.
std::string withoutSecrets(const std::string& url);

} // namespace matou::live
