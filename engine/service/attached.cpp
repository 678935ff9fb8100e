#include "service/attached.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "control/access.h"
#include "control/attach_json.h"
#include "core/log.h"
#include "core/messages.h"

namespace matou::service {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kSilence(4000), kRetry(500), kRefresh(200);
constexpr std::chrono::seconds kShown(60), kSending(30);
constexpr std::size_t kQueued = 1000, kLongestLine = std::size_t{256} << 20;

/// Path and body of the request that says the command; empty path: not one for the service.
std::pair<std::string, nlohmann::ordered_json> requestOf(const command::Command& command) {
    if (const auto* action = std::get_if<command::AlarmAction>(&command.body))
        return {"/api/v1/alarms/" + action->alarm + "/" + action->verb,
                {{"text", action->text}, {"reason", action->reason}, {"minutes", action->minutes}, {"actor", command.actor}}};
    if (const auto* suppress = std::get_if<command::SuppressAlarms>(&command.body)) {
        const auto& rule = suppress->rule;
        const auto minutes =
            rule.until ? std::chrono::duration_cast<std::chrono::minutes>(*rule.until - command.at).count() : std::int64_t{0};
        return {"/api/v1/suppressions",
                {{"kind", rule.kind}, {"source", rule.source}, {"zone", rule.zone}, {"class", rule.alarmClass}, {"reason", rule.reason},
                 {"minutes", minutes}, {"actor", command.actor}}};
    }
    if (const auto* end = std::get_if<command::EndSuppression>(&command.body))
        return {"/api/v1/suppressions/" + end->rule + "/end", {{"actor", command.actor}}};
    if (const auto* drill = std::get_if<command::SetDrill>(&command.body))
        return {std::string("/api/v1/drill/") + (drill->on ? "start" : "stop"), {{"actor", command.actor}}};
    return {};
}

} // namespace

struct Attached::Impl {
    std::string address, host, token, fingerprint;
    int port = 0;
    std::shared_ptr<const district::District> district;
    std::function<void(std::shared_ptr<const twin::StateSnapshot>)> changed;

    std::mutex mutex; // of all below
    std::condition_variable wanted;
    std::deque<command::Command> commands;
    twin::StateSnapshot state;
    Steady::time_point heard{};
    bool connected = false;
    std::string error; // one line
    std::atomic<bool> ending{false};
    std::string notDone; // what became of a command that was not carried out
    Steady::time_point notDoneAt{};
    std::uint64_t version = 0;
    std::unique_ptr<httplib::Client> listening; // to be cut off at the end
    std::thread listener, sender, refresher;

    void listen();
    bool take(const std::string& line);
    void sendAll();
    void refresh();
    void show();
    void trouble(const core::Error& what);
    void undone(const std::string& path, const std::string& why);
    bool pause(Steady::duration time);
};

bool Attached::Impl::pause(Steady::duration time) {
    const auto until = Steady::now() + time;
    while (!ending && Steady::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return !ending;
}

/// Makes a snapshot of what is known: the service's clock goes on by ours, and ages with it. Under no lock of the caller.
void Attached::Impl::show() {
    auto next = std::make_shared<twin::StateSnapshot>();
    {
        const std::lock_guard lock(mutex);
        *next = state;
        const auto since = std::chrono::duration_cast<core::Duration>(Steady::now() - heard);
        if (heard != Steady::time_point{}) next->now += since;
        for (std::size_t i = 0; i < next->sensors.size(); ++i) {
            auto& sensor = next->sensors[i];
            if (!sensor.known) continue;
            sensor.age = twin::ageOf(next->now - sensor.receiveTime, next->registry->sensors[i].expectedInterval);
            if (sensor.validUntil != core::Instant{} && next->now >= sensor.validUntil)
                sensor.age = std::max(sensor.age, twin::Age::stale);
        }
        twin::FeedState feed;
        feed.id = feed.kind = "attach";
        feed.connected = connected;
        feed.lastReceived = state.now;
        feed.age = connected ? twin::Age::fresh : twin::Age::lost;
        feed.lastError = !error.empty() || Steady::now() - notDoneAt > kShown ? error : notDone;
        if (!connected) // what its feeds bring is not known here
            for (auto& beyond : next->feeds) beyond.connected = false;
        next->feeds.push_back(std::move(feed));
        next->version = ++version;
    }
    changed(std::move(next));
}

void Attached::Impl::trouble(const core::Error& what) {
    const std::lock_guard lock(mutex);
    const std::string line = core::describe(what, core::Language::zh);
    if (error != line) core::logError(what);
    error = line;
    connected = false;
}

/// Whoever gave the command sees it beside the connection, not only in a log.
void Attached::Impl::undone(const std::string& path, const std::string& why) {
    const core::Error what{"E_ATTACH_UNDONE", {path, why}, address, nullptr};
    core::logError(what);
    const std::lock_guard lock(mutex);
    notDone = core::describe(what, core::Language::zh);
    notDoneAt = Steady::now();
}

bool Attached::Impl::take(const std::string& line) {
    {
        const std::lock_guard lock(mutex);
        if (const auto applied = control::applyAttachLine(line, fingerprint, state); !applied) {
            const std::string said = core::describe(applied.error(), core::Language::zh);
            if (error != said) core::logError(applied.error());
            error = said;
            connected = false;
            return false;
        }
        heard = Steady::now();
        connected = true;
        error.clear();
    }
    show();
    return true;
}

void Attached::Impl::listen() {
    while (!ending) {
        auto client = std::make_unique<httplib::Client>(host, port);
        client->set_connection_timeout(3);
        client->set_read_timeout(kSilence);
        httplib::Client* open = client.get();
        {
            const std::lock_guard lock(mutex);
            listening = std::move(client);
        }
        std::string pending;
        bool refused = false;
        const auto result = open->Get(
            "/api/v1/attach",
            [&](const httplib::Response& response) { return response.status == 200; },
            [&](const char* data, std::size_t size) {
                pending.append(data, size);
                std::size_t at = 0;
                for (std::size_t end; (end = pending.find('\n', at)) != std::string::npos; at = end + 1)
                    if (!take(pending.substr(at, end - at))) {
                        refused = true;
                        return false;
                    }
                pending.erase(0, at);
                return !ending && pending.size() < kLongestLine;
            });
        if (ending) break;
        if (!refused)
            trouble({"E_ATTACH_LOST", {result ? std::to_string(result->status) : httplib::to_string(result.error())}, address, nullptr});
        if (!pause(kRetry)) break;
    }
}

void Attached::Impl::refresh() {
    while (pause(kRefresh))
        show();
}

void Attached::Impl::sendAll() {
    httplib::Client client(host, port);
    client.set_connection_timeout(3);
    client.set_read_timeout(8);
    while (true) {
        command::Command command;
        {
            std::unique_lock lock(mutex);
            wanted.wait(lock, [&] { return !commands.empty() || ending; });
            if (commands.empty()) return;
            command = std::move(commands.front());
            commands.pop_front();
        }
        const auto [path, body] = requestOf(command);
        if (path.empty()) continue;
        const httplib::Headers headers = {{"Authorization", "Bearer " + token}};
        const std::string text = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
        const auto until = Steady::now() + kSending;
        auto answer = client.Post(path, headers, text, "application/json");
        // Nothing went out without a connection: that may be repeated, anything else could happen twice.
        while (!answer && (answer.error() == httplib::Error::Connection || answer.error() == httplib::Error::ConnectionTimeout) && Steady::now() < until &&
               pause(kRetry))
            answer = client.Post(path, headers, text, "application/json");
        if (!answer) {
            undone(path, httplib::to_string(answer.error()));
        } else if (answer->status >= 300) {
            const auto said = nlohmann::json::parse(answer->body, nullptr, false);
            const std::string why = said.is_object() && said.contains("error") ? said["error"].value("code", "") : "";
            undone(path, std::to_string(answer->status) + " " + why);
        }
    }
}

Attached::Attached(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}

core::Result<std::unique_ptr<Attached>> Attached::open(const std::string& address, const std::string& token,
                                                       std::shared_ptr<const district::District> district,
                                                       std::function<void(std::shared_ptr<const twin::StateSnapshot>)> changed) {
    const auto parts = control::splitAddress(address.starts_with("http://") ? address.substr(7) : address);
    if (!parts || parts->second == 0) return core::fail("E_ATTACH_ADDRESS", address);
    auto impl = std::make_unique<Impl>();
    impl->address = address;
    impl->host = parts->first;
    impl->port = parts->second;
    impl->token = token;
    impl->district = std::move(district);
    impl->fingerprint = control::districtFingerprint(impl->district->id, *impl->district->registry);
    impl->changed = std::move(changed);
    impl->state.registry = impl->district->registry;
    impl->state.sensors.resize(impl->district->registry->sensors.size());
    impl->state.projects.resize(impl->district->registry->projects.size());
    impl->state.now = impl->district->start;
    impl->show();
    impl->listener = std::thread([state = impl.get()] { state->listen(); });
    impl->sender = std::thread([state = impl.get()] { state->sendAll(); });
    impl->refresher = std::thread([state = impl.get()] { state->refresh(); });
    return std::unique_ptr<Attached>(new Attached(std::move(impl)));
}

Attached::~Attached() {
    {
        const std::lock_guard lock(_impl->mutex);
        _impl->ending = true;
        if (_impl->listening) _impl->listening->stop();
    }
    _impl->wanted.notify_all();
    _impl->listener.join();
    _impl->sender.join();
    _impl->refresher.join();
}

void Attached::send(command::Command command) {
    {
        const std::lock_guard lock(_impl->mutex);
        if (_impl->commands.size() < kQueued) {
            _impl->commands.push_back(std::move(command));
            _impl->wanted.notify_one();
            return;
        }
    }
    _impl->undone(requestOf(command).first, "1000");
}

} // namespace matou::service
