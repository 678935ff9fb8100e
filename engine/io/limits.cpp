#include "io/limits.h"

namespace matou::io {

std::vector<LimitRow> limitRows(const Limits& limits) {
    const auto number = [](auto value) { return std::to_string(value); };
    return {
        {"file.bytes", number(limits.fileBytes), "bytes"},
        {"http.body_bytes", number(limits.bodyBytes), "bytes"},
        {"http.unpacked_bytes", number(limits.unpackedBytes), "bytes"},
        {"http.unpack_ratio", number(limits.unpackRatio), "unpacked:sent"},
        {"http.header_bytes", number(limits.headerBytes), "bytes"},
        {"http.redirects", number(limits.redirects), ""},
        {"http.attempts", number(limits.attempts), ""},
        {"http.connect", number(limits.connectSeconds), "s"},
        {"http.stall_rate", number(limits.stallBytesPerSecond), "bytes/s"},
        {"http.stall", number(limits.stallSeconds), "s"},
        {"http.retry_after_most", number(limits.retryAfterSecondsMost), "s"},
        {"http.connections_per_host", number(limits.connectionsPerHost), ""},
        {"uri.characters", number(limits.uriCharacters), "characters"},
    };
}

} // namespace matou::io
