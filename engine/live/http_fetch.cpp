#include "live/http_fetch.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <mutex>

#include <curl/curl.h>

namespace matou::live {
namespace {

struct Answer {
    Fetched fetched;
    std::size_t limit = 0;
    bool tooLarge = false;
    const std::atomic<bool>* stopping = nullptr;
};

std::size_t takeBody(char* bytes, std::size_t size, std::size_t count, void* to) {
    Answer& answer = *static_cast<Answer*>(to);
    if (answer.fetched.body.size() + size * count > answer.limit) {
        answer.tooLarge = true;
        return 0;
    }
    answer.fetched.body.append(bytes, size * count);
    return size * count;
}

std::size_t takeHeader(char* bytes, std::size_t size, std::size_t count, void* to) {
    Answer& answer = *static_cast<Answer*>(to);
    const std::string line(bytes, size * count);
    const auto colon = line.find(':');
    if (colon == std::string::npos) return size * count;
    std::string name = line.substr(0, colon), value = line.substr(colon + 1);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto first = value.find_first_not_of(" \t"), last = value.find_last_not_of(" \t\r\n");
    value = first == std::string::npos ? "" : value.substr(first, last - first + 1);
    if (value.size() > 1024) return size * count;
    if (name == "etag") answer.fetched.etag = value;
    if (name == "last-modified") answer.fetched.lastModified = value;
    if (name == "content-type") answer.fetched.contentType = value;
    return size * count;
}

int watch(void* from, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const Answer*>(from)->stopping->load() ? 1 : 0;
}

bool oneLine(const std::string& text) {
    return text.find_first_of("\r\n") == std::string::npos;
}

} // namespace

std::string withoutSecrets(const std::string& url) {
    std::string result = url.substr(0, url.find_first_of("?#"));
    const auto host = result.find("://");
    const auto at = host == std::string::npos ? std::string::npos : result.rfind('@', result.find('/', host + 3));
    if (at != std::string::npos && at > host) result.erase(host + 3, at + 1 - host - 3);
    return result.substr(0, 300);
}

core::Result<Fetched> fetch(const Fetch& wanted, const std::atomic<bool>& stopping) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    const std::string where = withoutSecrets(wanted.url);
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) return core::fail("E_FETCH_CONNECT", where, {"curl"});
    curl_slist* list = nullptr;
    const auto header = [&](const std::string& line) {
        if (oneLine(line)) list = curl_slist_append(list, line.c_str());
    };
    if (!wanted.authorization.empty()) header("Authorization: " + wanted.authorization);
    if (!wanted.etag.empty()) header("If-None-Match: " + wanted.etag);
    if (!wanted.lastModified.empty()) header("If-Modified-Since: " + wanted.lastModified);
    const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(list, curl_slist_free_all);

    Answer answer;
    answer.limit = wanted.limitBytes;
    answer.stopping = &stopping;
    CURL* c = curl.get();
    curl_easy_setopt(c, CURLOPT_URL, wanted.url.c_str());
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, ""); // the limit counts unpacked bytes
    curl_easy_setopt(c, CURLOPT_USERAGENT, "matou");
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(wanted.timeout.count()));
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min<std::int64_t>(wanted.timeout.count(), 5000)));
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, takeBody);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, takeHeader);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, &answer);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, &answer);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    const CURLcode done = curl_easy_perform(c);
    if (answer.tooLarge) return core::fail("E_FETCH_LIMIT", where, {std::to_string(wanted.limitBytes)});
    if (done == CURLE_ABORTED_BY_CALLBACK) return core::fail("E_FETCH_STOPPED", where);
    if (done != CURLE_OK) return core::fail("E_FETCH_CONNECT", where, {curl_easy_strerror(done)});
    long status = 0;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 304) return core::fail("E_FETCH_STATUS", where, {std::to_string(status)});
    answer.fetched.status = static_cast<int>(status);
    return std::move(answer.fetched);
}

} // namespace matou::live
