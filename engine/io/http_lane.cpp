#include "io/http_lane.h"

#include "io/gzip.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <curl/curl.h>

namespace matou::io {

using core::fail;
using core::Result;
using SteadyTime = std::chrono::steady_clock::time_point; // a timer, not a date

namespace {

/// curl_global_init counts its calls; one per lane is balanced by its destructor.
struct CurlLibrary {
    CurlLibrary() { curl_global_init(CURL_GLOBAL_DEFAULT); }
    ~CurlLibrary() { curl_global_cleanup(); }
};

struct Transfer {
    RequestId id = 0;
    Location first;     // what was asked for: errors name it
    Location location;  // after redirects
    double priority = 0;
    HttpValidators validators;
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers{nullptr, curl_slist_free_all};
    int attempt = 0;
    int redirects = 0;
    SteadyTime due{};
    CURL* easy = nullptr;
    const Limits* limits = nullptr;
    Bytes body;
    std::uint64_t headerBytes = 0;
    std::optional<core::Error> broken; // why a callback stopped it
};

std::size_t onBody(char* data, std::size_t, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const auto& limits = *transfer.limits;
    const std::uint64_t size = transfer.body.size() + count;
    curl_off_t sent = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_SIZE_DOWNLOAD_T, &sent);
    const auto sentBytes = static_cast<std::uint64_t>(std::max<curl_off_t>(sent, 1));
    const bool tooBig = size > limits.unpackedBytes || sentBytes > limits.bodyBytes;
    const bool bomb = size > (1u << 20) && size / limits.unpackRatio > sentBytes + (1u << 14);
    if (tooBig || bomb) {
        transfer.broken = core::Error{"E_HTTP_BODY_LIMIT", {std::to_string(size), std::to_string(limits.bodyBytes)}, transfer.first.text(), {}};
        return 0;
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    transfer.body.insert(transfer.body.end(), bytes, bytes + count);
    return count;
}

std::size_t onHeader(char*, std::size_t, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.headerBytes += count;
    if (transfer.headerBytes <= transfer.limits->headerBytes) return count;
    transfer.broken = core::Error{"E_HTTP_HEADER_LIMIT", {std::to_string(transfer.limits->headerBytes)}, transfer.first.text(), {}};
    return 0;
}

bool worthAnotherTry(CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return true;
    default: return false;
    }
}

core::Error errorOf(CURLcode code, const Transfer& transfer) {
    const auto where = transfer.first.text();
    const std::string reason = curl_easy_strerror(code);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return {"E_HTTP_CONNECT", {reason}, where, {}};
    case CURLE_OPERATION_TIMEDOUT: return {"E_HTTP_STALL", {std::to_string(transfer.body.size())}, where, {}};
    case CURLE_FILESIZE_EXCEEDED: return {"E_HTTP_BODY_LIMIT", {"?", std::to_string(transfer.limits->bodyBytes)}, where, {}};
    default: return {"E_HTTP_CUT", {std::to_string(transfer.body.size()), reason}, where, {}};
    }
}

std::string headerOf(CURL* easy, const char* name) {
    curl_header* header = nullptr;
    return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : "";
}

HttpFreshness freshnessOf(CURL* easy) {
    auto out = io::freshnessOf(headerOf(easy, "cache-control"), headerOf(easy, "expires"), headerOf(easy, "date"), headerOf(easy, "age"), headerOf(easy, "vary"));
    out.etag = headerOf(easy, "etag");
    out.lastModified = headerOf(easy, "last-modified");
    return out;
}

/// The same server, or the same host by https instead of http: others are refused.
Result<Location> redirected(const Transfer& transfer, const char* target) {
    const auto where = transfer.first.text();
    auto same = resolve(transfer.location, target, where);
    if (same) return same;
    auto other = locationFrom(target);
    const auto host = [](const std::string& root) {
        const auto begin = root.find("//") + 2;
        return root.substr(begin, root.find(':', begin) - begin);
    };
    if (other && other->kind == Location::Kind::http && other->root.starts_with("https://") && host(other->root) == host(transfer.location.root))
        return other;
    return core::failBecause(same.error(), "E_HTTP_REDIRECT", where, {std::string(target)});
}

} // namespace

struct HttpLane::Impl {
    Impl(const Limits& l, RequestLedger& g, SourceCounters& c, HttpKeeper* k) : limits(l), ledger(g), counters(c), keeper(k) {
        multi = curl_multi_init();
        curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(limits.connectionsPerHost));
        thread = std::thread([this] { run(); });
    }
    ~Impl() {
        {
            std::lock_guard lock(mutex);
            stopping = true;
        }
        curl_multi_wakeup(multi);
        thread.join();
        for (auto& transfer : active) release(transfer);
        curl_multi_cleanup(multi);
    }

    void run() {
        while (true) {
            {
                std::lock_guard lock(mutex);
                if (stopping) return;
                for (auto& transfer : arrived) waiting.push_back(std::move(transfer));
                arrived.clear();
            }
            dropForgotten();
            startDue();
            int running = 0;
            curl_multi_perform(multi, &running);
            collect();
            curl_multi_poll(multi, nullptr, 0, patienceMs(), nullptr);
        }
    }

    /// Until the next retry is due; a wake-up ends it early.
    int patienceMs() const {
        auto patience = std::chrono::milliseconds(1000);
        const auto now = std::chrono::steady_clock::now();
        for (const auto& transfer : waiting)
            patience = std::min(patience, std::chrono::duration_cast<std::chrono::milliseconds>(transfer.due - now) + std::chrono::milliseconds(1));
        if (active.size() >= static_cast<std::size_t>(limits.connectionsPerHost)) patience = std::chrono::milliseconds(1000);
        return static_cast<int>(std::max<std::int64_t>(0, patience.count()));
    }

    void dropForgotten() {
        std::erase_if(waiting, [this](const Transfer& t) { return !ledger.wanted(t.id); });
        for (auto it = active.begin(); it != active.end();) {
            if (ledger.wanted(it->id)) {
                ++it;
            } else {
                release(*it);
                it = active.erase(it);
            }
        }
    }

    void startDue() {
        const auto now = std::chrono::steady_clock::now();
        while (active.size() < static_cast<std::size_t>(limits.connectionsPerHost)) {
            auto best = waiting.end();
            for (auto it = waiting.begin(); it != waiting.end(); ++it)
                if (it->due <= now && (best == waiting.end() || it->priority > best->priority)) best = it;
            if (best == waiting.end()) return;
            active.push_back(std::move(*best));
            waiting.erase(best);
            begin(active.back());
        }
    }

    void begin(Transfer& transfer) {
        ++counters.attempts;
        ++transfer.attempt;
        transfer.body.clear();
        transfer.headerBytes = 0;
        transfer.broken.reset();
        transfer.limits = &limits;
        CURL* easy = curl_easy_init();
        transfer.easy = easy;
        const auto url = transfer.location.text();
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, onBody);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, onHeader);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); // redirects are judged by us
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connectSeconds));
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.stallBytesPerSecond));
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.stallSeconds));
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.bodyBytes));
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L * 1024L);
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "matou");
        transfer.headers.reset();
        if (transfer.redirects == 0 && transfer.validators.any()) {
            for (const auto& [name, value] : {std::pair{"If-None-Match: ", &transfer.validators.etag}, {"If-Modified-Since: ", &transfer.validators.lastModified}})
                if (!value->empty()) transfer.headers.reset(curl_slist_append(transfer.headers.release(), (name + *value).c_str()));
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
        }
        curl_multi_add_handle(multi, easy);
    }

    void release(Transfer& transfer) {
        if (!transfer.easy) return;
        curl_multi_remove_handle(multi, transfer.easy);
        curl_easy_cleanup(transfer.easy);
        transfer.easy = nullptr;
    }

    void collect() {
        int left = 0;
        while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const auto code = message->data.result;
            Transfer* found = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &found);
            finish(*found, code);
            active.remove_if([found](const Transfer& t) { return &t == found; });
        }
        startDue();
    }

    void finish(Transfer& transfer, CURLcode code) {
        long status = 0;
        curl_off_t sent = 0, retryAfter = 0;
        char* target = nullptr;
        curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(transfer.easy, CURLINFO_SIZE_DOWNLOAD_T, &sent);
        curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &retryAfter);
        curl_easy_getinfo(transfer.easy, CURLINFO_REDIRECT_URL, &target);
        const std::string targetUrl = target ? target : "";
        counters.bytesDownloaded += static_cast<std::uint64_t>(sent);
        HttpFreshness freshness;
        if (keeper && transfer.redirects == 0 && (status == 200 || status == 304)) freshness = freshnessOf(transfer.easy);
        release(transfer);
        if (transfer.broken) return answer(transfer, tl::unexpected(*transfer.broken));
        if (code != CURLE_OK) {
            if (worthAnotherTry(code) && again(transfer, 0)) return;
            return answer(transfer, tl::unexpected(errorOf(code, transfer)));
        }
        if (keeper && status == 200 && transfer.redirects == 0) keeper->arrived(transfer.first, freshness, transfer.body);
        if (keeper && status == 304 && transfer.redirects == 0 && transfer.validators.any())
            return keeper->unchanged(transfer.id, transfer.first, freshness, transfer.priority);
        if (status >= 200 && status < 300) return answer(transfer, std::move(transfer.body));
        if (status >= 300 && status < 400 && !targetUrl.empty()) return follow(transfer, targetUrl);
        const bool retriable = status == 429 || status == 500 || (status >= 502 && status <= 504);
        if (retriable && again(transfer, retryAfter)) return;
        answer(transfer, fail("E_HTTP_STATUS", transfer.first.text(), {std::to_string(status)}));
    }

    void follow(Transfer& transfer, const std::string& target) {
        if (++transfer.redirects > limits.redirects)
            return answer(transfer, fail("E_HTTP_REDIRECT", transfer.first.text(), {target}));
        auto next = redirected(transfer, target.c_str());
        if (!next) return answer(transfer, tl::unexpected(next.error()));
        transfer.location = *next;
        --transfer.attempt; // a redirect is not a failure
        transfer.due = {};
        waiting.push_back(std::move(transfer));
    }

    /// Puts it back for later; false when its tries are used up.
    bool again(Transfer& transfer, curl_off_t retryAfterSeconds) {
        if (transfer.attempt >= limits.attempts) return false;
        auto wait = std::chrono::milliseconds(200) * (1 << (transfer.attempt - 1)); // 0.2, 0.4, 0.8 s
        if (retryAfterSeconds > 0)
            wait = std::chrono::seconds(std::min<curl_off_t>(retryAfterSeconds, limits.retryAfterSecondsMost));
        transfer.due = std::chrono::steady_clock::now() + wait;
        waiting.push_back(std::move(transfer));
        return true;
    }

    void answer(Transfer& transfer, Result<Bytes> result) {
        if (result) result = unpackedGzip(std::move(*result), transfer.first.text(), limits); // stored so, and not said in a header
        if (!result) ++counters.failures;
        ledger.deliver(transfer.id, std::move(result));
    }

    CurlLibrary library;
    const Limits& limits;
    RequestLedger& ledger;
    SourceCounters& counters;
    HttpKeeper* keeper;
    CURLM* multi = nullptr;
    std::mutex mutex;
    std::vector<Transfer> arrived;
    bool stopping = false;
    std::vector<Transfer> waiting; // lane only
    std::list<Transfer> active;    // lane only; addresses stay
    std::thread thread;
};

HttpLane::HttpLane(const Limits& limits, RequestLedger& ledger, SourceCounters& counters, HttpKeeper* keeper)
    : _impl(std::make_unique<Impl>(limits, ledger, counters, keeper)) {}
HttpLane::~HttpLane() = default;

void HttpLane::start(RequestId id, const Location& location, double priority, HttpValidators validators) {
    Transfer transfer;
    transfer.id = id;
    transfer.first = transfer.location = location;
    transfer.priority = priority;
    transfer.validators = std::move(validators);
    {
        std::lock_guard lock(_impl->mutex);
        _impl->arrived.push_back(std::move(transfer));
    }
    curl_multi_wakeup(_impl->multi);
}

void HttpLane::forget(RequestId) { curl_multi_wakeup(_impl->multi); }

} // namespace matou::io
