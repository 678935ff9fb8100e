#include "io/byte_source.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <limits>
#include <mutex>
#include <thread>

#include "io/archive.h"
#include "io/disk_cache.h"
#include "io/gzip.h"
#include "io/http_lane.h"
#include "io/request_ledger.h"

namespace matou::io {

namespace {

/// Work of the reader thread: a file to read, or something to do with the disk cache.
struct FileRequest {
    enum class Kind { file, cached, unchanged, keep }; // keep without a body: forget
    double priority = 0;
    RequestId id = 0;
    Location location;
    Kind kind = Kind::file;
    HttpFreshness freshness;
    std::shared_ptr<const Bytes> body; // to keep
    bool operator<(const FileRequest& other) const {
        return priority != other.priority ? priority < other.priority : id > other.id;
    }
};

/// Bodies that wait to be written; beyond it new ones are not kept.
constexpr std::size_t kKeepBytesWaiting = std::size_t{64} << 20;

} // namespace

struct NetworkByteSource::Impl final : HttpKeeper {
    Impl(const Limits& l, const CacheOptions& c) : limits(l), cacheOptions(c), fileThread([this] { readFiles(); }) {}
    ~Impl() override {
        {
            std::lock_guard lock(mutex);
            stopping = true;
        }
        wake.notify_all();
        fileThread.join();
    }

    void readFiles() {
        while (true) {
            FileRequest next;
            {
                std::unique_lock lock(mutex);
                wake.wait(lock, [this] { return stopping || !files.empty(); });
                if (stopping) { // what came is still kept, nothing else is done
                    std::erase_if(files, [](const FileRequest& request) { return request.kind != FileRequest::Kind::keep; });
                    if (files.empty()) return;
                }
                std::pop_heap(files.begin(), files.end());
                next = std::move(files.back());
                files.pop_back();
            }
            if (next.kind == FileRequest::Kind::keep) keep(next);
            else if (!ledger.wanted(next.id)) continue;
            else if (next.kind == FileRequest::Kind::file) read(next);
            else fromCache(next);
        }
    }

    void read(const FileRequest& request) {
        ++counters.attempts;
        auto result = readLocal(request.location, limits.fileBytes, &archives);
        if (!result) ++counters.failures;
        ledger.deliver(request.id, std::move(result));
    }

    void keep(const FileRequest& request) {
        if (!request.body) {
            diskCache().remove(request.location.text());
            return;
        }
        diskCache().store(request.location.text(), request.freshness, *request.body);
        cacheBytes = cache->bytes();
        std::lock_guard lock(mutex);
        keepBytes -= request.body->size();
    }

    /// Fresh, or said by the server to be right: given as it is. Else the server is asked, with what tells the kept one.
    void fromCache(const FileRequest& request) {
        const auto url = request.location.text();
        const bool unchanged = request.kind == FileRequest::Kind::unchanged;
        if (unchanged) diskCache().renew(url, request.freshness);
        auto found = diskCache().find(url);
        cacheBytes = cache->bytes();
        cacheDamaged = cache->damaged();
        if (found && (found->fresh || unchanged || cacheOptions.offline)) {
            ++(unchanged ? counters.cacheRenewed : counters.cacheHits);
            ledger.deliver(request.id, unpackedGzip(std::move(found->body), url, limits));
        } else if (cacheOptions.offline) {
            ++counters.failures;
            ledger.deliver(request.id, core::fail("E_HTTP_OFFLINE", url));
        } else {
            httpLane().start(request.id, request.location, request.priority, found ? HttpValidators{found->etag, found->lastModified} : HttpValidators{});
        }
    }

    DiskCache& diskCache() { // reader thread only; opened by the first URL
        if (!cache) cache = std::make_unique<DiskCache>(cacheOptions);
        return *cache;
    }

    void push(FileRequest request) {
        {
            std::lock_guard lock(mutex);
            files.push_back(std::move(request));
            std::push_heap(files.begin(), files.end());
        }
        wake.notify_one();
    }

    void arrived(const Location& location, const HttpFreshness& freshness, const Bytes& body) override {
        {
            std::lock_guard lock(mutex);
            if (keepBytes + body.size() > kKeepBytesWaiting) return;
            keepBytes += body.size();
        }
        push({-std::numeric_limits<double>::infinity(), 0, location, FileRequest::Kind::keep, freshness, std::make_shared<const Bytes>(body)});
    }
    void unchanged(RequestId id, const Location& location, const HttpFreshness& freshness, double priority) override {
        push({priority, id, location, FileRequest::Kind::unchanged, freshness, nullptr});
    }

    bool caches() const { return cacheOptions.bytes > 0 || cacheOptions.offline; }

    /// The HTTP lane starts with the first URL: a run on files alone has no network thread.
    HttpLane& httpLane() {
        std::lock_guard lock(mutex);
        if (!http) http = std::make_unique<HttpLane>(limits, ledger, counters, caches() ? this : nullptr);
        return *http;
    }

    const Limits limits;
    const CacheOptions cacheOptions;
    ArchiveCache archives;
    RequestLedger ledger;
    SourceCounters counters;
    std::atomic<std::uint64_t> cacheBytes{0}, cacheDamaged{0};
    std::atomic<RequestId> lastId{0};
    std::mutex mutex;
    std::condition_variable wake;
    std::vector<FileRequest> files; // heap
    std::size_t keepBytes = 0;
    bool stopping = false;
    std::unique_ptr<DiskCache> cache; // reader thread
    std::unique_ptr<HttpLane> http;
    std::thread fileThread;
};

NetworkByteSource::NetworkByteSource(Limits limits, CacheOptions cache) : _impl(std::make_unique<Impl>(limits, cache)) {}
NetworkByteSource::~NetworkByteSource() = default;

RequestId NetworkByteSource::request(const Location& location, double priority, Completion completion) {
    const auto id = ++_impl->lastId;
    ++_impl->counters.requests;
    _impl->ledger.open(id, std::move(completion));
    const bool url = location.kind == Location::Kind::http;
    if (url && !_impl->caches()) _impl->httpLane().start(id, location, priority);
    else _impl->push({priority, id, location, url ? FileRequest::Kind::cached : FileRequest::Kind::file, {}, nullptr});
    return id;
}

void NetworkByteSource::cancel(RequestId id) {
    if (!_impl->ledger.cancel(id)) return;
    std::lock_guard lock(_impl->mutex);
    if (_impl->http) _impl->http->forget(id);
}

void NetworkByteSource::distrust(const Location& location) {
    if (location.kind == Location::Kind::http && _impl->caches())
        _impl->push({-std::numeric_limits<double>::infinity(), 0, location, FileRequest::Kind::keep, {}, nullptr});
}

SourceStats NetworkByteSource::stats() const {
    const auto& counters = _impl->counters;
    return {counters.requests, counters.attempts, counters.failures, counters.bytesDownloaded, _impl->ledger.size(),
            counters.cacheHits, counters.cacheRenewed, _impl->cacheDamaged, _impl->cacheBytes};
}

core::Result<Bytes> readNow(ByteSource& source, const Location& location) {
    auto promise = std::make_shared<std::promise<core::Result<Bytes>>>();
    auto answer = promise->get_future();
    source.request(location, 0, [promise](core::Result<Bytes> result) { promise->set_value(std::move(result)); });
    return answer.get();
}

} // namespace matou::io
