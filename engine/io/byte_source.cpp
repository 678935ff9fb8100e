#include "io/byte_source.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "io/archive.h"
#include "io/http_lane.h"
#include "io/request_ledger.h"

namespace matou::io {

namespace {

struct FileRequest {
    double priority = 0;
    RequestId id = 0;
    Location location;
    bool operator<(const FileRequest& other) const {
        return priority != other.priority ? priority < other.priority : id > other.id;
    }
};

} // namespace

struct NetworkByteSource::Impl {
    explicit Impl(const Limits& l) : limits(l), fileThread([this] { readFiles(); }) {}
    ~Impl() {
        {
            std::lock_guard lock(mutex);
            stopping = true;
        }
        arrived.notify_all();
        fileThread.join();
    }

    void readFiles() {
        while (true) {
            FileRequest next;
            {
                std::unique_lock lock(mutex);
                arrived.wait(lock, [this] { return stopping || !files.empty(); });
                if (stopping) return;
                std::pop_heap(files.begin(), files.end());
                next = std::move(files.back());
                files.pop_back();
            }
            if (!ledger.wanted(next.id)) continue;
            ++counters.attempts;
            auto result = readLocal(next.location, limits.fileBytes, &archives);
            if (!result) ++counters.failures;
            ledger.deliver(next.id, std::move(result));
        }
    }

    /// The HTTP lane starts with the first URL: a run on files alone has no network thread.
    HttpLane& httpLane() {
        std::lock_guard lock(mutex);
        if (!http) http = std::make_unique<HttpLane>(limits, ledger, counters);
        return *http;
    }

    const Limits limits;
    ArchiveCache archives;
    RequestLedger ledger;
    SourceCounters counters;
    std::atomic<RequestId> lastId{0};
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<FileRequest> files; // heap
    bool stopping = false;
    std::unique_ptr<HttpLane> http;
    std::thread fileThread;
};

NetworkByteSource::NetworkByteSource(Limits limits) : _impl(std::make_unique<Impl>(limits)) {}
NetworkByteSource::~NetworkByteSource() = default;

RequestId NetworkByteSource::request(const Location& location, double priority, Completion completion) {
    const auto id = ++_impl->lastId;
    ++_impl->counters.requests;
    _impl->ledger.open(id, std::move(completion));
    if (location.kind == Location::Kind::http) {
        _impl->httpLane().start(id, location, priority);
        return id;
    }
    {
        std::lock_guard lock(_impl->mutex);
        _impl->files.push_back({priority, id, location});
        std::push_heap(_impl->files.begin(), _impl->files.end());
    }
    _impl->arrived.notify_one();
    return id;
}

void NetworkByteSource::cancel(RequestId id) {
    if (!_impl->ledger.cancel(id)) return;
    std::lock_guard lock(_impl->mutex);
    if (_impl->http) _impl->http->forget(id);
}

SourceStats NetworkByteSource::stats() const {
    const auto& counters = _impl->counters;
    return {counters.requests, counters.attempts, counters.failures, counters.bytesDownloaded, _impl->ledger.size()};
}

core::Result<Bytes> readNow(ByteSource& source, const Location& location) {
    auto promise = std::make_shared<std::promise<core::Result<Bytes>>>();
    auto answer = promise->get_future();
    source.request(location, 0, [promise](core::Result<Bytes> result) { promise->set_value(std::move(result)); });
    return answer.get();
}

} // namespace matou::io
