#include "control/server.h"

#include <charconv>
#include <thread>

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include <httplib.h>

#include "command/command_json.h"
#include "control/access.h"
#include "control/event_stream.h"
#include "control/metrics.h"
#include "control/openapi.h"
#include "control/page.h"
#include "control/state_json.h"
#include "core/json.h"

namespace matou::control {
namespace {

constexpr const char* kJson = "application/json; charset=utf-8";
constexpr std::size_t kMaximumBody = 65536;
constexpr std::int64_t kMaximumLimit = 1000000;

using Request = httplib::Request;
using Response = httplib::Response;

int statusOf(const core::Error& error) {
    if (error.code == "E_ALARM_UNKNOWN" || error.code == "E_CONTROL_SCENE" || error.code == "E_CONTROL_PATH")
        return 404;
    if (error.code == "E_COMMAND_ROLE") return 403;
    if (error.code == "E_ALARM_STATE" || error.code == "E_ALARM_SHELVE") return 409;
    if (error.code == "E_CONTROL_NO_PICTURE" || error.code == "E_CONTROL_BUSY") return 503;
    if (error.code == "E_HISTORY_SQL" || error.code == "E_HISTORY_DAMAGED") return 500;
    return 400;
}

void refuse(Response& response, const core::Error& error, int status = 0) {
    response.status = status ? status : statusOf(error);
    response.set_content(errorJson(error), kJson);
}

std::optional<std::int64_t> integer(const std::string& text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

core::Result<history::EventQuery> eventQuery(const Request& request) {
    history::EventQuery query;
    query.source = request.get_param_value("source");
    const auto number = [&](const char* name, std::int64_t fallback, std::int64_t minimum,
                            std::int64_t maximum) -> core::Result<std::int64_t> {
        if (!request.has_param(name)) return fallback;
        const auto value = integer(request.get_param_value(name));
        if (!value || *value < minimum || *value > maximum)
            return core::fail("E_CONTROL_PARAMETER", std::string("/api/v1/events?") + name,
                              {name, std::to_string(minimum) + "…" + std::to_string(maximum)});
        return *value;
    };
    MATOU_TRY(after, number("after", 0, 0, INT64_MAX));
    MATOU_TRY(limit, number("limit", 1000, 1, kMaximumLimit));
    query.after = after;
    query.limit = limit;
    if (request.has_param("since")) {
        std::string since = request.get_param_value("since");
        std::replace(since.begin(), since.end(), ' ', '+'); // "+08:00" unescaped in a query
        const auto parsed = core::parseInstant(since);
        if (!parsed) return core::fail("E_CONTROL_PARAMETER", "/api/v1/events?since", {"since", "RFC 3339"});
        query.since = *parsed;
    }
    return query;
}

/// Optional body {"text","actor"}.
core::Result<std::pair<std::string, std::string>> remarks(const Request& request) {
    if (request.body.empty()) return std::pair(std::string(), std::string("control"));
    MATOU_TRY(parsed, core::parseJson(request.body, request.path, {.depth = 8, .bytes = kMaximumBody}));
    const core::JsonCursor root(parsed, request.path);
    MATOU_TRY(text, root.stringOr("text", ""));
    MATOU_TRY(actor, root.stringOr("actor", "control"));
    return std::pair(text, actor.empty() ? std::string("control") : actor);
}

} // namespace

struct Server::Impl {
    Backend backend;
    std::string token, boundHost;
    int port = 0;
    httplib::Server server;
    std::thread thread;

    void routes();
    void read();
    void change();
    void send(const Request& request, Response& response, command::Body body, std::string actor, int status);
};

void Server::Impl::send(const Request&, Response& response, command::Body body, std::string actor, int status) {
    command::Command command;
    command.actor = std::move(actor);
    command.role = "operator"; // the token's role
    command.origin = "control";
    command.at = backend.now();
    command.body = std::move(body);
    if (const auto done = backend.command(std::move(command)); !done) return refuse(response, done.error());
    response.status = status;
    response.set_content("{\"ok\":true}", kJson);
}

void Server::Impl::read() {
    server.Get("/healthz", [this](const Request&, Response& response) {
        const auto snapshot = backend.snapshot();
        // The lane makes a snapshot at least once a second; an old one means that it is stuck.
        const bool alive = backend.now() - snapshot->now < std::chrono::seconds(10);
        response.status = alive ? 200 : 503;
        response.set_content(alive ? "ok\n" : "state lane is not advancing\n", "text/plain; charset=utf-8");
    });
    server.Get("/metrics", [this](const Request&, Response& response) {
        response.set_content(metricsText(*backend.snapshot()), "text/plain; version=0.0.4; charset=utf-8");
    });
    server.Get("/api/v1/state", [this](const Request&, Response& response) {
        response.set_content(stateJson(*backend.snapshot(), backend.district), kJson);
    });
    server.Get("/api/v1/alarms", [this](const Request&, Response& response) {
        response.set_content(alarmsJson(*backend.snapshot()), kJson);
    });
    server.Get("/api/v1/events", [this](const Request& request, Response& response) {
        const auto query = eventQuery(request);
        if (!query) return refuse(response, query.error());
        const auto stream = std::make_shared<EventStream>(backend.events, *query);
        response.set_chunked_content_provider(kJson, [stream](std::size_t, httplib::DataSink& sink) {
            const auto piece = stream->next();
            if (!piece) {
                sink.done();
                return true;
            }
            return sink.write(piece->data(), piece->size());
        });
    });
    server.Get("/api/v1/screenshot.png", [this](const Request& request, Response& response) {
        const core::Result<std::vector<std::byte>> picture =
            backend.screenshot ? backend.screenshot()
                               : core::Result<std::vector<std::byte>>(core::fail("E_CONTROL_NO_PICTURE", request.path));
        if (!picture) return refuse(response, picture.error(), 503);
        response.set_content(reinterpret_cast<const char*>(picture->data()), picture->size(), "image/png");
    });
    server.Get("/api/v1/openapi.json",
               [](const Request&, Response& response) { response.set_content(openapiJson(), kJson); });
    server.Get("/", [this](const Request&, Response& response) {
        response.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src "
                                                       "'unsafe-inline'; connect-src 'self'; img-src 'self' blob:");
        response.set_content(remotePage(backend.districtName, backend.scenes), "text/html; charset=utf-8");
    });
}

void Server::Impl::change() {
    server.Post(R"(/api/v1/alarms/([^/]+)/([a-z]+))", [this](const Request& request, Response& response) {
        const auto body = remarks(request);
        if (!body) return refuse(response, body.error());
        send(request, response, command::AlarmAction{request.matches[1], request.matches[2], body->first}, body->second,
             200);
    });
    server.Post(R"(/api/v1/scene/([^/]+))", [this](const Request& request, Response& response) {
        const std::string id = request.matches[1];
        for (const auto& [known, name] : backend.scenes)
            if (known == id) return send(request, response, command::ShowScene{id}, "control", 202);
        std::string all;
        for (const auto& [known, name] : backend.scenes)
            all += (all.empty() ? "" : " ") + known;
        refuse(response, core::Error{"E_CONTROL_SCENE", {id, all}, request.path, nullptr});
    });
    server.Post("/api/v1/camera", [this](const Request& request, Response& response) {
        const auto move = command::moveCameraFromJson(request.body, request.path);
        if (!move) return refuse(response, move.error());
        send(request, response, *move, "control", 202);
    });
    server.Post(R"(/api/v1/tour/(start|pause|stop|next|previous))", [this](const Request& request, Response& response) {
        send(request, response, command::TourControl{request.matches[1]}, "control", 202);
    });
}

void Server::Impl::routes() {
    server.set_payload_max_length(kMaximumBody);
    server.set_read_timeout(5, 0);
    server.set_write_timeout(30, 0);
    server.set_keep_alive_timeout(5);
    server.new_task_queue = [] { return new httplib::ThreadPool(4); };
    // Not SO_REUSEPORT: a port in use must be an error, not half of the requests.
    server.set_socket_options([](socket_t socket) {
        const int on = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    server.set_pre_routing_handler([this](const Request& request, Response& response) {
        response.set_header("X-Content-Type-Options", "nosniff");
        response.set_header("Cache-Control", "no-store");
        if (!isOwnHost(request.get_header_value("Host"), boundHost) ||
            !isOwnOrigin(request.get_header_value("Origin"), request.get_header_value("Host"))) {
            refuse(response, core::Error{"E_CONTROL_HOST", {}, request.path, nullptr}, 403);
            return httplib::Server::HandlerResponse::Handled;
        }
        if (request.method != "GET" && request.method != "HEAD" &&
            !hasToken(request.get_header_value("Authorization"), token)) {
            response.set_header("WWW-Authenticate", "Bearer");
            refuse(response, core::Error{"E_CONTROL_TOKEN", {}, request.path, nullptr}, 401);
            return httplib::Server::HandlerResponse::Handled;
        }
        return httplib::Server::HandlerResponse::Unhandled;
    });
    server.set_error_handler([](const Request& request, Response& response) {
        if (response.body.empty())
            refuse(response, core::Error{"E_CONTROL_PATH", {}, request.path, nullptr}, response.status);
    });
    server.set_exception_handler([](const Request& request, Response& response, std::exception_ptr) {
        refuse(response, core::Error{"E_CONTROL_FAILED", {}, request.path, nullptr}, 500);
    });
    read();
    change();
}

Server::Server(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}

core::Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Backend backend) {
    const auto address = splitAddress(options.address);
    if (!address) return core::fail("E_CONTROL_ADDRESS", options.address);
    auto impl = std::make_unique<Impl>();
    impl->backend = std::move(backend);
    impl->token = options.token;
    impl->boundHost = address->first;
    impl->routes();
    if (address->second == 0)
        impl->port = impl->server.bind_to_any_port(address->first.c_str());
    else
        impl->port = impl->server.bind_to_port(address->first.c_str(), address->second) ? address->second : -1;
    if (impl->port <= 0) return core::fail("E_CONTROL_PORT", options.address, {std::strerror(errno)});
    impl->thread = std::thread([server = &impl->server] { server->listen_after_bind(); });
    while (!impl->server.is_running())
        std::this_thread::yield();
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() {
    _impl->server.stop();
    _impl->thread.join();
}

int Server::port() const {
    return _impl->port;
}

} // namespace matou::control
