#include "service/webhook_feed.h"

#include <charconv>
#include <cstring>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <sys/socket.h>

#include <httplib.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include "control/access.h"
#include "control/state_json.h"
#include "live/decode.h"

namespace matou::service {
namespace {

using Request = httplib::Request;
using Response = httplib::Response;
constexpr const char* kJson = "application/json; charset=utf-8";
constexpr std::size_t kAddresses = 10000;

std::optional<core::Instant> instantOf(const std::string& text) {
    std::int64_t seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && seconds > 0 && seconds < 253402300800)
        return core::Instant(std::chrono::seconds(seconds));
    if (const auto instant = core::parseInstant(text)) return *instant;
    return std::nullopt;
}

void refuse(Response& response, int status, const char* code, std::vector<std::string> arguments, const std::string& where) {
    response.status = status;
    response.set_content(control::errorJson({code, std::move(arguments), where, nullptr}), kJson);
}

} // namespace

std::string webhookSignature(const std::string& hash, const std::string& secret, const std::string& timestamp,
                             const std::string& path, const std::string& body) {
    const EVP_MD* digest = hash == "sha256" ? EVP_sha256() : hash == "sm3" ? EVP_sm3() : nullptr;
    if (!digest) return {};
    const std::string signedText = timestamp + "." + path + "." + body;
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!HMAC(digest, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(signedText.data()),
              signedText.size(), bytes, &size))
        return {};
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[bytes[i] >> 4];
        hex += "0123456789abcdef"[bytes[i] & 15];
    }
    return hex;
}

struct WebhookFeed::Impl {
    Options options;
    live::Inbox* inbox = nullptr;
    const core::Clock* clock = nullptr;
    httplib::Server server;
    std::thread thread;
    int port = 0;

    std::mutex mutex; // of all below
    std::map<std::string, core::Instant> seen; // signatures of the window
    struct Bucket {
        core::Instant second{};
        int count = 0;
    };
    std::map<std::string, Bucket> perAddress;
    std::map<std::uint64_t, std::promise<void>> waiting;
    bool stalled = false; // the history takes nothing now: events go in, but nobody waits for them
    std::uint64_t lastToken = 0;

    bool tooMany(const std::string& address, core::Instant now);
    bool isSigned(const Request& request, const std::string& timestamp, std::string& signature) const;
    void receive(const Request& request, Response& response);
    void routes();
};

bool WebhookFeed::Impl::tooMany(const std::string& address, core::Instant now) {
    const std::lock_guard lock(mutex);
    if (perAddress.size() > kAddresses) perAddress.clear();
    Bucket& bucket = perAddress[address];
    if (now - bucket.second >= std::chrono::seconds(1) || now < bucket.second) bucket = {now, 0};
    return ++bucket.count > kPerSecond;
}

bool WebhookFeed::Impl::isSigned(const Request& request, const std::string& timestamp, std::string& signature) const {
    const std::string given = request.get_header_value("X-Matou-Signature");
    const auto equals = given.find('=');
    if (equals == std::string::npos) return false;
    signature = given.substr(equals + 1);
    const std::string expected = webhookSignature(given.substr(0, equals), options.secret, timestamp, request.path, request.body);
    return !expected.empty() && expected.size() == signature.size() &&
           CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
}

void WebhookFeed::Impl::receive(const Request& request, Response& response) {
    const core::Instant now = clock->now();
    const std::string where = request.path.substr(0, 200);
    if (tooMany(request.remote_addr, now)) {
        response.set_header("Retry-After", "1");
        return refuse(response, 429, "E_WEBHOOK_RATE", {std::to_string(kPerSecond)}, where);
    }
    const std::string timestamp = request.get_header_value("X-Matou-Timestamp");
    const auto stamp = instantOf(timestamp);
    std::string signature;
    if (!stamp || !isSigned(request, timestamp, signature)) return refuse(response, 401, "E_WEBHOOK_SIGNATURE", {}, where);
    if (*stamp > now + kWindow || *stamp < now - kWindow) return refuse(response, 401, "E_WEBHOOK_AGE", {timestamp}, where);
    if (inbox->eventsWaiting(options.index) >= live::Inbox::kEventsHigh) {
        response.set_header("Retry-After", "5");
        return refuse(response, 503, "E_WEBHOOK_BUSY", {}, where);
    }
    live::Message message;
    message.topic = "matou/v1/" + options.district + request.path.substr(3); // after "/v1"
    message.payload = request.body;
    message.received = now;
    message.feed = options.index;
    message.nonce = signature;
    const bool value = request.path.starts_with("/v1/obs/");
    // Said to the one who can mend it, before anything is kept.
    if (const auto decoded = live::decode(message, options.district, "webhook"); !decoded) {
        response.status = decoded.error().code == "E_PAYLOAD_SIZE" ? 413 : 400;
        response.set_content(control::errorJson(decoded.error()), kJson);
        return;
    }
    std::optional<std::future<void>> stored;
    {
        const std::lock_guard lock(mutex);
        std::erase_if(seen, [&](const auto& entry) { return entry.second < now - kWindow * 2; });
        if (!seen.emplace(signature, *stamp).second) return refuse(response, 409, "E_WEBHOOK_AGAIN", {}, where);
        if (!value) {
            message.acknowledge = ++lastToken;
            if (!stalled) stored = waiting[lastToken].get_future();
        }
    }
    const std::uint64_t token = message.acknowledge;
    inbox->push(std::move(message));
    if (value) {
        response.status = 202; // values are kept a second at a time
        response.set_content("{\"ok\":true}", kJson);
        return;
    }
    const bool done = stored && stored->wait_for(options.patience) == std::future_status::ready;
    const std::lock_guard lock(mutex);
    waiting.erase(token);
    if (!done) {
        stalled = true; // the threads are for those that can be answered
        response.set_header("Retry-After", "5");
        return refuse(response, 503, "E_WEBHOOK_BUSY", {}, where);
    }
    response.set_content("{\"ok\":true}", kJson);
}

void WebhookFeed::Impl::routes() {
    server.set_payload_max_length(live::kMaximumPayload);
    server.set_read_timeout(5, 0);
    server.set_write_timeout(5, 0);
    server.set_keep_alive_timeout(5);
    server.new_task_queue = [] { return new httplib::ThreadPool(8); };
    server.set_socket_options([](socket_t socket) {
        const int on = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    server.Post(R"(/v1/(obs|event|project|case|flood)/([^/]+))",
                [this](const Request& request, Response& response) { receive(request, response); });
    server.set_error_handler([](const Request& request, Response& response) {
        if (response.body.empty()) refuse(response, response.status, "E_CONTROL_PATH", {}, request.path.substr(0, 200));
    });
    server.set_exception_handler([](const Request& request, Response& response, std::exception_ptr) {
        refuse(response, 500, "E_CONTROL_FAILED", {}, request.path.substr(0, 200));
    });
}

WebhookFeed::WebhookFeed(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}

core::Result<std::unique_ptr<WebhookFeed>> WebhookFeed::open(Options options, live::Inbox& inbox, const core::Clock& clock) {
    const auto address = control::splitAddress(options.address);
    if (!address) return core::fail("E_CONTROL_ADDRESS", options.address);
    if (options.secret.empty()) return core::fail("E_WEBHOOK_SECRET", options.address);
    auto impl = std::make_unique<Impl>();
    impl->options = std::move(options);
    impl->inbox = &inbox;
    impl->clock = &clock;
    for (const auto& nonce : impl->options.nonces)
        impl->seen.emplace(nonce, clock.now());
    impl->routes();
    const char* host = address->first.c_str();
    if (address->second == 0)
        impl->port = impl->server.bind_to_any_port(host);
    else
        impl->port = impl->server.bind_to_port(host, address->second) ? address->second : -1;
    if (impl->port <= 0) return core::fail("E_CONTROL_PORT", impl->options.address, {std::strerror(errno)});
    impl->thread = std::thread([server = &impl->server] { server->listen_after_bind(); });
    while (!impl->server.is_running())
        std::this_thread::yield();
    inbox.setConnected(impl->options.index, true);
    return std::unique_ptr<WebhookFeed>(new WebhookFeed(std::move(impl)));
}

WebhookFeed::~WebhookFeed() {
    _impl->server.stop();
    _impl->thread.join();
}

int WebhookFeed::port() const {
    return _impl->port;
}

void WebhookFeed::acknowledge(std::uint64_t token) {
    const std::lock_guard lock(_impl->mutex);
    _impl->stalled = false;
    if (const auto found = _impl->waiting.find(token); found != _impl->waiting.end()) {
        found->second.set_value();
        _impl->waiting.erase(found); // its future keeps the answer
    }
}

} // namespace matou::service
