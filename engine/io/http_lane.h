#pragma once
// One thread that drives libcurl's multi interface. Used by NetworkByteSource only.

#include <atomic>
#include <memory>

#include "io/request_ledger.h"

namespace matou::io {

struct SourceCounters {
    std::atomic<std::uint64_t> requests{0}, attempts{0}, failures{0}, bytesDownloaded{0};
};

class HttpLane {
public:
    /// Borrows both; they outlive it.
    HttpLane(const Limits& limits, RequestLedger& ledger, SourceCounters& counters);
    ~HttpLane();
    void start(RequestId id, const Location& location, double priority);
    /// The ledger no longer knows the id; its transfer is broken off.
    void forget(RequestId id);

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::io
