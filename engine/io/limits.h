#pragma once
// Every limit on foreign input that this house reads through io, in one table (`--limits` prints it).

#include <cstdint>
#include <string>
#include <vector>

namespace matou::io {

struct Limits {
    std::uint64_t fileBytes = std::uint64_t{1} << 30;
    std::uint64_t bodyBytes = std::uint64_t{256} << 20;     // as sent
    std::uint64_t unpackedBytes = std::uint64_t{1} << 30;   // after content-encoding
    std::uint64_t unpackRatio = 200;                        // unpacked over sent, once past 1 MiB
    std::uint64_t headerBytes = std::uint64_t{64} << 10;
    int redirects = 5;
    int attempts = 2;                 // per request, for 429, 5xx and broken connections; streams ask again by their own plan
    int connectSeconds = 5;
    int stallBytesPerSecond = 1024;   // slower than this …
    int stallSeconds = 10;            // … for this long is a failure
    int retryAfterSecondsMost = 30;   // a server's Retry-After is obeyed up to this
    int connectionsPerHost = 8;
    int uriCharacters = 4096;
};

struct LimitRow {
    std::string name;  // "http.body_bytes"
    std::string value; // "268435456"
    std::string unit;  // "bytes"
};

/// The rows that `--limits` prints for io.
std::vector<LimitRow> limitRows(const Limits& limits = {});

} // namespace matou::io
