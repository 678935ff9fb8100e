#include "control/state_json.h"

#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "core/messages.h"
#include "history/alarm_json.h"

namespace matou::control {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr const char* kAges[] = {"never", "fresh", "late", "stale", "lost"};
constexpr const char* kQualities[] = {"good", "uncertain", "bad"};

std::string dump(const Ordered& json) {
    return json.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}
Ordered instant(core::Instant value) {
    return value == core::Instant{} ? Ordered() : Ordered(core::formatInstant(value));
}
const char* word(twin::Age age) {
    return kAges[static_cast<std::size_t>(age)];
}

} // namespace

std::string stateJson(const twin::StateSnapshot& snapshot, const std::string& district) {
    Ordered root;
    root["version"] = snapshot.version;
    root["now"] = core::formatInstant(snapshot.now);
    root["mode"] = snapshot.mode;
    root["district"] = district;
    root["events_stored"] = snapshot.eventsStored;
    Ordered bySeverity = {{"1", 0}, {"2", 0}, {"3", 0}, {"4", 0}};
    for (const auto& alarm : snapshot.alarms) {
        auto& count = bySeverity[std::to_string(alarm.severity)];
        count = count.is_number() ? count.get<int>() + 1 : 1;
    }
    root["alarms"] = {{"open", snapshot.alarms.size()}, {"closed", snapshot.alarmsClosed}, {"by_severity", bySeverity}};
    root["feeds"] = Ordered::array();
    for (const auto& feed : snapshot.feeds)
        root["feeds"].push_back({{"id", feed.id},
                                 {"kind", feed.kind},
                                 {"connected", feed.connected},
                                 {"age", word(feed.age)},
                                 {"last_received", instant(feed.lastReceived)},
                                 {"received", feed.received},
                                 {"applied", feed.applied},
                                 {"dropped", feed.dropped},
                                 {"invalid", feed.invalid},
                                 {"latency_ms", {{"p50", feed.latencyMsP50}, {"p95", feed.latencyMsP95}}},
                                 {"last_error", feed.lastError}});
    root["sensors"] = Ordered::array();
    for (std::size_t i = 0; i < snapshot.sensors.size(); ++i) {
        const auto& state = snapshot.sensors[i];
        const auto& sensor = snapshot.registry->sensors[i];
        Ordered entry = {{"id", sensor.id}, {"kind", sensor.kind}, {"age", word(state.age)}};
        if (state.known) {
            entry["value"] = state.value;
            entry["unit"] = sensor.unit;
            entry["quality"] = kQualities[static_cast<std::size_t>(state.quality)];
            entry["ts"] = core::formatInstant(state.eventTime);
            entry["received"] = core::formatInstant(state.receiveTime);
            entry["severity"] = state.severity;
        }
        root["sensors"].push_back(std::move(entry));
    }
    root["projects"] = Ordered::array();
    for (std::size_t i = 0; i < snapshot.projects.size(); ++i) {
        const auto& status = snapshot.projects[i];
        Ordered entry = {{"id", snapshot.registry->projects[i].id}};
        if (status) {
            entry["phase"] = status->phase;
            entry["percent"] = status->percent;
            entry["status"] = status->status;
            entry["ts"] = instant(status->eventTime);
        }
        root["projects"].push_back(std::move(entry));
    }
    return dump(root);
}

std::string alarmsJson(const twin::StateSnapshot& snapshot) {
    std::string out = "{\"version\":" + std::to_string(snapshot.version) + ",\"now\":\"" +
                      core::formatInstant(snapshot.now) + "\",\"alarms\":[";
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i)
        out += (i ? ",\n" : "\n") + history::toJson(snapshot.alarms[i]);
    return out + "]}";
}

std::string errorJson(const core::Error& error) {
    return dump({{"error",
                  {{"code", error.code},
                   {"where", error.where},
                   {"zh", core::text(core::Language::zh, error.code, error.arguments)},
                   {"en", core::text(core::Language::en, error.code, error.arguments)}}}});
}

} // namespace matou::control
