#pragma once
// One thread that drives libcurl's multi interface. Used by NetworkByteSource only.

#include <atomic>
#include <memory>

#include "io/disk_cache.h"
#include "io/request_ledger.h"

namespace matou::io {

struct SourceCounters {
    std::atomic<std::uint64_t> requests{0}, attempts{0}, failures{0}, bytesDownloaded{0}, cacheHits{0}, cacheRenewed{0};
};

/// What is kept of an answer to an earlier request: the server may say that it is still right.
struct HttpValidators {
    std::string etag, lastModified;
    bool any() const { return !etag.empty() || !lastModified.empty(); }
};

/// Whoever keeps answers. Called on the lane; short work only.
class HttpKeeper {
public:
    virtual ~HttpKeeper() = default;
    /// A whole body of status 200 that came without a redirect.
    virtual void arrived(const Location& location, const HttpFreshness& freshness, const Bytes& body) = 0;
    /// 304: the keeper answers the request.
    virtual void unchanged(RequestId id, const Location& location, const HttpFreshness& freshness, double priority) = 0;
};

class HttpLane {
public:
    /// Borrows all; they outlive it. `keeper` may be null.
    HttpLane(const Limits& limits, RequestLedger& ledger, SourceCounters& counters, HttpKeeper* keeper = nullptr);
    ~HttpLane();
    void start(RequestId id, const Location& location, double priority, HttpValidators validators = {});
    /// The ledger no longer knows the id; its transfer is broken off.
    void forget(RequestId id);

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::io
