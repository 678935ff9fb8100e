#include "control/server.h"

#include <atomic>
#include <sstream>
#include <thread>

#include <sys/socket.h>

#include <cstring>

#include <httplib.h>

#include "command/command_json.h"
#include "command/permission.h"
#include "control/access.h"
#include "control/attach_json.h"
#include "control/city_json.h"
#include "control/event_stream.h"
#include "control/metrics.h"
#include "control/openapi.h"
#include "control/page.h"
#include "control/project_json.h"
#include "control/queries.h"
#include "control/state_json.h"
#include "core/json.h"
#include "core/log.h"

namespace matou::control {
namespace {

constexpr const char* kJson = "application/json; charset=utf-8";
constexpr std::size_t kMaximumBody = 65536;
constexpr int kThreads = 32, kStreams = 16; // a stream holds its thread
constexpr std::chrono::milliseconds kHeartbeat(1000), kLook(10), kLinesApart(50); // of an attached program's stream

using Request = httplib::Request;
using Response = httplib::Response;

int statusOf(const core::Error& error) {
    if (error.code == "E_ALARM_UNKNOWN" || error.code == "E_ALARM_SUPPRESSION_UNKNOWN" || error.code == "E_CONTROL_SCENE" || error.code == "E_CONTROL_PATH" ||
        error.code == "E_CONTROL_SENSOR")
        return 404;
    if (error.code == "E_COMMAND_ROLE") return 403;
    if (error.code == "E_ALARM_STATE" || error.code == "E_ALARM_SHELVE") return 409;
    if (error.code == "E_CONTROL_NO_PICTURE" || error.code == "E_CONTROL_NO_HISTORY" || error.code == "E_CONTROL_BUSY") return 503;
    if (error.code == "E_HISTORY_SQL" || error.code == "E_HISTORY_DAMAGED") return 500;
    return 400;
}

void refuse(Response& response, const core::Error& error, int status = 0) {
    response.status = status ? status : statusOf(error);
    response.set_content(errorJson(error), kJson);
}

/// Optional body {"text","actor","reason","minutes"} of an action.
struct Remarks {
    std::string text, actor = "control", reason;
    int minutes = 0;
};
core::Result<Remarks> remarks(const Request& request) {
    Remarks result;
    if (request.body.empty()) return result;
    MATOU_TRY(parsed, core::parseJson(request.body, request.path, {.depth = 8, .bytes = kMaximumBody}));
    const core::JsonCursor root(parsed, request.path);
    MATOU_TRY(text, root.stringOr("text", ""));
    MATOU_TRY(actor, root.stringOr("actor", "control"));
    MATOU_TRY(reason, root.stringOr("reason", ""));
    MATOU_TRY(minutes, root.numberOr("minutes", 0));
    if (!(minutes >= 0 && minutes <= 1e6))
        return core::fail("E_CONTROL_PARAMETER", request.path + "#/minutes", {"minutes", "0…1000000"});
    result.text = text;
    if (!actor.empty()) result.actor = actor;
    result.reason = reason;
    result.minutes = static_cast<int>(minutes);
    return result;
}

/// Body {"kind","source","zone","class","reason","minutes","actor"}; without minutes it is open.
core::Result<std::pair<command::SuppressAlarms, std::string>> suppression(const Request& request, core::Instant now) {
    MATOU_TRY(given, remarks(request));
    MATOU_TRY(parsed, core::parseJson(request.body, request.path, {.depth = 8, .bytes = kMaximumBody}));
    const core::JsonCursor root(parsed, request.path);
    command::SuppressAlarms result;
    MATOU_TRY(kind, root.stringOr("kind", "maintenance"));
    MATOU_TRY(source, root.stringOr("source", ""));
    MATOU_TRY(zone, root.stringOr("zone", ""));
    MATOU_TRY(alarmClass, root.stringOr("class", ""));
    result.rule.kind = kind;
    result.rule.source = source;
    result.rule.zone = zone;
    result.rule.alarmClass = alarmClass;
    result.rule.reason = given.reason;
    if (given.minutes) result.rule.until = now + std::chrono::minutes(given.minutes);
    return std::pair(std::move(result), given.actor);
}

/// Body {"at","speed"}.
core::Result<command::LookBack> lookBack(const Request& request, core::Instant now) {
    MATOU_TRY(parsed, core::parseJson(request.body, request.path, {.depth = 8, .bytes = kMaximumBody}));
    const core::JsonCursor root(parsed, request.path);
    MATOU_TRY(text, root.string("at"));
    MATOU_TRY(speed, root.numberOr("speed", 1));
    const auto at = core::parseInstant(text);
    if (!at || *at >= now) return core::fail("E_CONTROL_PARAMETER", request.path + "#/at", {"at", "RFC 3339 < " + core::formatInstant(now)});
    if (!(speed >= 0 && speed <= 60)) return core::fail("E_CONTROL_PARAMETER", request.path + "#/speed", {"speed", "0…60"});
    return command::LookBack{*at, speed};
}

} // namespace

struct Server::Impl {
    Backend backend;
    std::string boundHost;
    std::vector<Token> tokens;
    std::atomic<bool> stopping{false};
    std::atomic<int> streams{0};
    int port = 0;
    httplib::Server server;
    std::thread thread;

    void routes();
    void read();
    void change();
    void send(const Request& request, Response& response, command::Body body, std::string actor, int status);
    void attach(const Request& request, Response& response);
    const Token* holder(const Request& request) const;
    core::Result<std::shared_ptr<const twin::StateSnapshot>> stateAt(const Request& request) const;
};

/// The newest, or with `at` what was known then.
core::Result<std::shared_ptr<const twin::StateSnapshot>> Server::Impl::stateAt(const Request& request) const {
    if (!request.has_param("at")) return backend.snapshot();
    MATOU_TRY(at, instant(request, "at", {}));
    if (at > backend.now()) return core::fail("E_CONTROL_PARAMETER", request.path + "?at", {"at", "≤ " + core::formatInstant(backend.now())});
    if (!backend.past) return core::fail("E_CONTROL_NO_HISTORY", request.path);
    MATOU_TRY(state, backend.past(at));
    return std::make_shared<const twin::StateSnapshot>(std::move(state));
}

/// Every token is compared, so that time tells nothing of which.
const Token* Server::Impl::holder(const Request& request) const {
    const Token* found = nullptr;
    const auto given = request.get_header_value("Authorization");
    for (const Token& token : tokens)
        if (hasToken(given, token.token)) found = &token;
    return found;
}

/// The snapshot, then what changes, a line each, as long as the other side listens.
void Server::Impl::attach(const Request&, Response& response) {
    if (streams >= kStreams) return refuse(response, core::Error{"E_CONTROL_BUSY", {}, "/api/v1/attach", nullptr}, 503);
    ++streams;
    struct Told {
        std::shared_ptr<const twin::StateSnapshot> state;
        std::chrono::steady_clock::time_point at{};
    };
    auto before = std::make_shared<Told>();
    response.set_chunked_content_provider(
        "application/x-ndjson",
        [this, before](std::size_t, httplib::DataSink& sink) {
            using Steady = std::chrono::steady_clock;
            const auto until = Steady::now() + kHeartbeat;
            auto now = backend.snapshot();
            const auto early = [&] { return now->version == before->state->version || Steady::now() < before->at + kLinesApart; };
            while (before->state && early() && !stopping && Steady::now() < until) {
                std::this_thread::sleep_for(kLook);
                now = backend.snapshot();
            }
            if (stopping) {
                sink.done();
                return true;
            }
            const std::string line = attachLine(before->state.get(), *now, backend.fingerprint) + "\n";
            *before = {std::move(now), Steady::now()};
            return sink.write(line.data(), line.size());
        },
        [this](bool) { --streams; });
}

core::Result<std::vector<Token>> tokensFromText(const std::string& text, const std::string& where) {
    std::vector<Token> result;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        Token token;
        std::string more;
        command::Command probe;
        if (!(words >> token.role >> token.name >> token.token) || words >> more || token.token.size() < 8)
            return core::fail("E_CONTROL_TOKENS", where + ":" + std::to_string(number));
        probe.role = token.role;
        probe.body = command::ShowScene{};
        if (!command::permitted(probe)) return core::fail("E_CONTROL_TOKENS", where + ":" + std::to_string(number));
        result.push_back(std::move(token));
    }
    return result;
}

void Server::Impl::send(const Request& request, Response& response, command::Body body, std::string actor, int status) {
    command::Command command;
    // Whoever has a token of his own is known by it; the common one believes the name that is given.
    const Token* who = holder(request);
    command.actor = who && !who->name.empty() ? who->name : std::move(actor);
    command.role = who ? who->role : "";
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
        response.set_content(metricsText(*backend.snapshot(), streams), "text/plain; version=0.0.4; charset=utf-8");
    });
    server.Get("/api/v1/state", [this](const Request& request, Response& response) {
        const auto state = stateAt(request);
        if (!state) return refuse(response, state.error());
        response.set_content(stateJson(**state, backend.district), kJson);
    });
    server.Get("/api/v1/alarms", [this](const Request& request, Response& response) {
        const auto state = stateAt(request);
        if (!state) return refuse(response, state.error());
        response.set_content(alarmsJson(**state), kJson);
    });
    server.Get("/api/v1/projects", [this](const Request& request, Response& response) {
        const auto state = stateAt(request);
        if (!state) return refuse(response, state.error());
        const auto on = instant(request, "on", (*state)->now);
        if (!on) return refuse(response, on.error());
        response.set_content(projectsJson(**state, request.has_param("on") ? std::optional(*on) : std::nullopt), kJson);
    });
    server.Get("/api/v1/cases", [this](const Request& request, Response& response) {
        const auto state = stateAt(request);
        if (!state) return refuse(response, state.error());
        response.set_content(casesJson(**state), kJson);
    });
    server.Get("/api/v1/flood", [this](const Request& request, Response& response) {
        const auto state = stateAt(request);
        if (!state) return refuse(response, state.error());
        response.set_content(floodJson(**state), kJson);
    });
    server.Get("/api/v1/events", [this](const Request& request, Response& response) {
        const auto query = eventQuery(request);
        if (!query) return refuse(response, query.error());
        const auto stream = std::make_shared<EventStream>(backend.events, *query);
        response.set_chunked_content_provider(kJson, [stream](std::size_t, httplib::DataSink& sink) {
            const auto piece = stream->next();
            if (!piece) {
                core::logError(piece.error());
                return false;
            }
            if (*piece) return sink.write((*piece)->data(), (*piece)->size());
            sink.done();
            return true;
        });
    });
    server.Get(R"(/api/v1/sensors/([^/]+)/observations)", [this](const Request& request, Response& response) {
        const auto query = seriesQuery(request, backend.now());
        if (!query) return refuse(response, query.error());
        const auto& sensors = backend.snapshot()->registry->sensorIndex;
        if (!sensors.contains(query->sensor))
            return refuse(response, core::Error{"E_CONTROL_SENSOR", {query->sensor}, request.path, nullptr});
        const auto series = backend.series ? backend.series(*query)
                                           : core::Result<history::Series>(core::fail("E_CONTROL_NO_HISTORY", request.path));
        if (!series) return refuse(response, series.error());
        response.set_content(seriesJson(*query, *series), kJson);
    });
    server.Get("/api/v1/screenshot.png", [this](const Request& request, Response& response) {
        const core::Result<std::vector<std::byte>> picture =
            backend.screenshot ? backend.screenshot()
                               : core::Result<std::vector<std::byte>>(core::fail("E_CONTROL_NO_PICTURE", request.path));
        if (!picture) return refuse(response, picture.error(), 503);
        response.set_content(reinterpret_cast<const char*>(picture->data()), picture->size(), "image/png");
    });
    server.Get("/api/v1/attach", [this](const Request& request, Response& response) { attach(request, response); });
    server.Get("/api/v1/whoami", [this](const Request& request, Response& response) {
        const Token* who = holder(request);
        const nlohmann::ordered_json json = {{"role", who ? who->role : "viewer"}, {"name", who ? who->name : ""}};
        response.set_content(json.dump(), kJson);
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
        send(request, response,
             command::AlarmAction{request.matches[1], request.matches[2], body->text, body->reason, body->minutes},
             body->actor, 200);
    });
    server.Post("/api/v1/suppressions", [this](const Request& request, Response& response) {
        const auto wanted = suppression(request, backend.now());
        if (!wanted) return refuse(response, wanted.error());
        send(request, response, wanted->first, wanted->second, 200);
    });
    server.Post(R"(/api/v1/suppressions/([^/]+)/end)", [this](const Request& request, Response& response) {
        const auto body = remarks(request);
        if (!body) return refuse(response, body.error());
        send(request, response, command::EndSuppression{request.matches[1]}, body->actor, 200);
    });
    server.Post(R"(/api/v1/drill/(start|stop))", [this](const Request& request, Response& response) {
        const auto body = remarks(request);
        if (!body) return refuse(response, body.error());
        send(request, response, command::SetDrill{request.matches[1] == "start"}, body->actor, 200);
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
    server.Post(R"(/api/v1/look/(natural|monitor|plan|night))", [this](const Request& request, Response& response) {
        send(request, response, command::SetLook{request.matches[1]}, "control", 202);
    });
    server.Post(R"(/api/v1/quality/(low|medium|high|ultra))", [this](const Request& request, Response& response) {
        send(request, response, command::SetQuality{request.matches[1]}, "control", 202);
    });
    server.Post("/api/v1/aids", [this](const Request& request, Response& response) {
        const auto aids = command::aidsFromJson(request.body, request.path);
        if (!aids) return refuse(response, aids.error());
        send(request, response, *aids, "control", 202);
    });
    server.Post(R"(/api/v1/select/(.+))", [this](const Request& request, Response& response) {
        const std::string key = request.matches[1];
        send(request, response, command::SelectFeature{key == "none" ? core::FeatureKey{} : core::featureKeyFrom(key)}, "control", 202);
    });
    server.Post("/api/v1/replay/start", [this](const Request& request, Response& response) {
        const auto back = lookBack(request, backend.now());
        if (!back) return refuse(response, back.error());
        send(request, response, *back, "control", 202);
    });
    server.Post("/api/v1/replay/stop", [this](const Request& request, Response& response) {
        send(request, response, command::LookBack{}, "control", 202);
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
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
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
        if (request.method != "GET" && request.method != "HEAD" && !holder(request)) {
            response.set_header("WWW-Authenticate", "Bearer");
            refuse(response, core::Error{"E_CONTROL_TOKEN", {}, request.path, nullptr}, 401);
            return httplib::Server::HandlerResponse::Handled;
        }
        return httplib::Server::HandlerResponse::Unhandled;
    });
    server.set_error_handler([](const Request& request, Response& response) {
        if (response.body.empty())
            refuse(response, core::Error{response.status == 404 ? "E_CONTROL_PATH" : "E_CONTROL_REQUEST", {}, request.path, nullptr}, response.status);
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
    if (!options.token.empty()) impl->tokens.push_back({"operator", "", options.token});
    impl->tokens.insert(impl->tokens.end(), options.tokens.begin(), options.tokens.end());
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
    _impl->stopping = true;
    _impl->server.stop();
    _impl->thread.join();
}

int Server::port() const {
    return _impl->port;
}

} // namespace matou::control
