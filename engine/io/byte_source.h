#pragma once
// Bytes of files and of http(s) servers, by one face.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "io/limits.h"
#include "io/location.h"

namespace matou::io {

class ArchiveCache;
using Bytes = std::vector<std::byte>;
/// Capacity that whole files have behind their end, so that readers of JSON need no copy with padding.
inline constexpr std::size_t kReadableBeyond = 64;
using RequestId = std::uint64_t;
/// Called exactly once, on the io lane (short work only: hand over and return), unless the request is cancelled first.
using Completion = std::function<void(core::Result<Bytes>)>;

struct SourceStats {
    std::uint64_t requests = 0, attempts = 0, failures = 0, bytesDownloaded = 0;
    std::size_t inFlight = 0;
    /// Of the disk cache: answers that it gave without asking, answers that the server let stand (304), entries that were damaged.
    std::uint64_t cacheHits = 0, cacheRenewed = 0, cacheDamaged = 0, cacheBytes = 0;
};

/// What servers sent, kept on disk (disk_cache.h).
struct CacheOptions {
    std::filesystem::path folder; // made where it is missing
    std::uint64_t bytes = 0;      // hard; 0: nothing is kept
    /// Servers are not asked: what is kept is good, however old; the rest is E_HTTP_OFFLINE.
    bool offline = false;
    std::shared_ptr<const core::Clock> clock; // null: the machine's
};

/// Thread: any. What a stream needs; tests put their own in its place.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// A larger priority starts earlier. Never waits.
    virtual RequestId request(const Location& location, double priority, Completion completion) = 0;
    /// After it returns the completion has run or never will.
    virtual void cancel(RequestId id) = 0;
    /// What came from there could not be read: it is not to be given from a cache again.
    virtual void distrust(const Location&) {}
    virtual SourceStats stats() const = 0;
};

/// Files and the disk cache through one reader thread, http(s) through one libcurl multi thread with kept-alive connections. Retries 429, 5xx
/// and broken connections with back-off (Retry-After obeyed). Errors: E_FILE_*, E_URI_*, E_HTTP_STATUS {status},
/// E_HTTP_CONNECT, E_HTTP_STALL, E_HTTP_BODY_LIMIT, E_HTTP_CUT, E_HTTP_REDIRECT; `where` is the file or URL.
class NetworkByteSource final : public ByteSource {
public:
    explicit NetworkByteSource(Limits limits = {}, CacheOptions cache = {});
    ~NetworkByteSource() override;
    RequestId request(const Location& location, double priority, Completion completion) override;
    void cancel(RequestId id) override;
    void distrust(const Location& location) override;
    SourceStats stats() const override;

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

/// A regular file inside location.root, opened so that no link leads out (openat2 RESOLVE_BENEATH; where the kernel lacks it,
/// a canonical path check). Waits for the disk: not for the main lane. E_FILE_MISSING, E_FILE_KIND, E_FILE_LIMIT, E_URI_OUTSIDE,
/// E_ARCHIVE_* (an entry of an archive), E_GZIP_* (a body that is gzipped comes unpacked). `cache` spares reading an archive's directory again.
core::Result<Bytes> readLocal(const Location& location, std::uint64_t limitBytes = Limits{}.fileBytes, ArchiveCache* cache = nullptr);

/// Waits for the answer: for command-line tools and tests.
core::Result<Bytes> readNow(ByteSource& source, const Location& location);

} // namespace matou::io
