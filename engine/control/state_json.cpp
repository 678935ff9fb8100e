#include "control/state_json.h"

#include <nlohmann/json.hpp>

#include "control/city_json.h"
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

Ordered candidateJson(const twin::Candidate& candidate) {
    Ordered json = {{"id", candidate.id},
                    {"class", candidate.eventClass},
                    {"source", candidate.source},
                    {"title", {{"zh", candidate.title.zh}, {"en", candidate.title.en}}},
                    {"confidence", candidate.confidence},
                    {"severity", candidate.severity},
                    {"count", candidate.count},
                    {"first", instant(candidate.first)},
                    {"last", instant(candidate.last)},
                    {"until", instant(candidate.until)},
                    {"events", candidate.events}};
    if (candidate.place) json["place"] = {{"lon", candidate.place->longitude}, {"lat", candidate.place->latitude}};
    if (candidate.drill) json["drill"] = true;
    return json;
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
    std::size_t shelved = 0, suppressed = 0, outOfService = 0, chattering = 0, overdue = 0;
    for (const auto& alarm : snapshot.alarms) {
        shelved += alarm.workflow == twin::Workflow::shelved;
        suppressed += alarm.suppressed == twin::Suppressed::byDesign;
        outOfService += alarm.suppressed == twin::Suppressed::outOfService;
        chattering += alarm.chattering;
        overdue += alarm.overdue > 0;
    }
    root["alarms"]["shelved"] = shelved;
    root["alarms"]["suppressed"] = suppressed;
    root["alarms"]["out_of_service"] = outOfService;
    root["alarms"]["chattering"] = chattering;
    root["alarms"]["overdue"] = overdue;
    root["flood"] = {{"active", snapshot.flood.active},
                     {"since", instant(snapshot.flood.since)},
                     {"annunciated_10_min", snapshot.flood.annunciated},
                     {"first_out", snapshot.flood.firstOut}};
    root["candidates"] = Ordered::array();
    for (const auto& candidate : snapshot.candidates)
        root["candidates"].push_back(candidateJson(candidate));
    root["incidents"] = Ordered::array();
    for (const auto& incident : snapshot.incidents)
        root["incidents"].push_back({{"id", incident.id},
                                     {"title", {{"zh", incident.title.zh}, {"en", incident.title.en}}},
                                     {"severity", incident.severity},
                                     {"begun", instant(incident.begun)},
                                     {"alarms", incident.alarms}});
    root["suppressions"] = Ordered::array();
    for (const auto& rule : snapshot.suppressions)
        root["suppressions"].push_back(Ordered::parse(history::toJson(rule)));
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
                                 {"duplicates", feed.duplicates},
                                 {"late", feed.late},
                                 {"unclassified", feed.unclassified},
                                 {"limited", feed.limited},
                                 {"behind", feed.behind},
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
    root["cameras"] = Ordered::array();
    const auto camera = [&](const std::string& id, const twin::CameraState& state) -> Ordered& {
        Ordered entry = {{"id", id}, {"online", state.online}, {"ts", instant(state.eventTime)}, {"received", instant(state.receiveTime)}};
        if (state.headingDegrees) entry["heading"] = *state.headingDegrees;
        if (state.pitchDegrees) entry["pitch"] = *state.pitchDegrees;
        if (state.horizontalFovDegrees) entry["hfov"] = *state.horizontalFovDegrees;
        if (state.rangeMeters) entry["range"] = *state.rangeMeters;
        if (state.place) {
            entry["lon"] = state.place->longitude;
            entry["lat"] = state.place->latitude;
        }
        root["cameras"].push_back(std::move(entry));
        return root["cameras"].back();
    };
    for (std::size_t i = 0; i < snapshot.cameras.size(); ++i)
        if (snapshot.cameras[i].known) camera(snapshot.registry->cameras[i].id, snapshot.cameras[i]); // else no feed speaks for it
    if (snapshot.found)
        for (const auto& found : *snapshot.found) {
            Ordered& entry = camera(found.id, found.state);
            entry["name"] = found.name;
            entry["feed"] = found.feed; // which alone knows it: no registry does
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

namespace {
/// With the case that it was handed out as.
std::string withCase(const twin::StateSnapshot& snapshot, const twin::Alarm& alarm) {
    std::string json = history::toJson(alarm);
    if (!snapshot.cases) return json;
    const std::string handedOut = caseOfAlarmJson(snapshot, alarm.id);
    if (handedOut != "null") json.insert(json.size() - 1, ",\"case\":" + handedOut);
    return json;
}
} // namespace

std::string alarmsJson(const twin::StateSnapshot& snapshot) {
    std::string out = "{\"version\":" + std::to_string(snapshot.version) + ",\"now\":\"" +
                      core::formatInstant(snapshot.now) + "\",\"alarms\":[";
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i)
        out += (i ? ",\n" : "\n") + withCase(snapshot, snapshot.alarms[i]);
    return out + "]}";
}

std::string seriesJson(const history::SeriesQuery& query, const history::Series& series) {
    Ordered root = {{"sensor", query.sensor}, {"since", instant(query.since)}, {"until", instant(query.until)}};
    if (query.points == 0) {
        auto& values = root["values"] = Ordered::array();
        for (const auto& value : series.values)
            values.push_back({{"ts", instant(value.time)}, {"value", value.value}, {"quality", kQualities[static_cast<std::size_t>(value.quality)]}});
        root["cut"] = series.cut;
        return dump(root);
    }
    root["span_s"] = static_cast<double>(series.span.count()) / 1000;
    auto& buckets = root["buckets"] = Ordered::array();
    for (const auto& bucket : series.buckets) {
        Ordered entry = {{"ts", instant(bucket.from)}, {"count", bucket.count}, {"bad", bucket.bad}};
        if (bucket.count) {
            entry["min"] = bucket.minimum;
            entry["max"] = bucket.maximum;
            entry["mean"] = bucket.mean;
        }
        buckets.push_back(std::move(entry));
    }
    return dump(root);
}

std::string errorJson(const core::Error& error) {
    return dump({{"error",
                  {{"code", error.code},
                   {"where", error.where},
                   {"zh", core::text(core::Language::zh, error.code, error.arguments)},
                   {"en", core::text(core::Language::en, error.code, error.arguments)}}}});
}

} // namespace matou::control
