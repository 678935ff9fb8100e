#include "history/alarm_json.h"

#include <algorithm>

#include "alarm/life_cycle.h"
#include "core/json.h"
#include "history/project_json.h"

namespace matou::history {
namespace {

std::string dump(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string instantOrNothing(core::Instant instant) {
    return instant == core::Instant{} ? std::string() : core::formatInstant(instant);
}

} // namespace

std::string toJson(const twin::Alarm& alarm) {
    nlohmann::ordered_json json;
    json["id"] = alarm.id;
    json["class"] = alarm.alarmClass;
    json["severity"] = alarm.severity;
    json["title"] = {{"zh", alarm.title.zh}, {"en", alarm.title.en}};
    json["source"] = alarm.source;
    json["place"] = {{"lon", alarm.place.longitude}, {"lat", alarm.place.latitude}, {"height", alarm.place.height}};
    json["error"] = {{"major_m", alarm.errorMajorMeters},
                     {"minor_m", alarm.errorMinorMeters},
                     {"bearing", alarm.errorBearingDegrees}};
    json["condition"] = alarm::wordOf(alarm.condition);
    json["workflow"] = alarm::wordOf(alarm.workflow);
    json["raised"] = core::formatInstant(alarm.raised);
    json["last"] = core::formatInstant(alarm.lastOccurrence);
    json["count"] = alarm.count;
    if (!alarm.acknowledgedBy.empty()) {
        json["acknowledged"] = core::formatInstant(alarm.acknowledged);
        json["acknowledged_by"] = alarm.acknowledgedBy;
    }
    if (alarm.workflow == twin::Workflow::shelved) {
        json["shelved_until"] = core::formatInstant(alarm.shelvedUntil);
        json["shelved_for"] = alarm.shelvedFor;
    }
    // What is not the rule is said only where it is so.
    if (alarm.suppressed != twin::Suppressed::no) {
        json["suppressed"] = alarm::wordOf(alarm.suppressed);
        json["suppressed_by"] = alarm.suppressedBy;
    }
    if (alarm.chattering) {
        json["chattering"] = true;
        json["settled"] = alarm::wordOf(alarm.settled);
    }
    json["annunciated"] = instantOrNothing(alarm.annunciated);
    if (alarm.dispatched != core::Instant{}) json["dispatched"] = core::formatInstant(alarm.dispatched);
    if (alarm.overdue) json["overdue"] = alarm.overdue;
    if (!alarm.incident.empty()) json["incident"] = alarm.incident;
    if (!alarm.verification.empty()) json["verification"] = alarm.verification;
    if (alarm.drill) json["drill"] = true;
    if (!alarm.feed.empty()) json["feed"] = alarm.feed;
    if (!alarm.events.empty()) json["events"] = alarm.events;
    json["comments"] = alarm.comments;
    json["dedup_key"] = alarm.dedupKey;
    return dump(json);
}

std::optional<twin::Alarm> alarmFromJson(const std::string& text) {
    const auto parsed = core::parseJson(text, "alarm", {.depth = 8, .bytes = std::size_t{4} << 20});
    if (!parsed) return std::nullopt;
    const core::JsonCursor root(*parsed, "alarm");
    twin::Alarm alarm;
    const auto string = [&](const core::JsonCursor& from, const char* name) {
        return from.stringOr(name, "").value_or("");
    };
    const auto number = [&](const core::JsonCursor& from, const char* name) {
        return from.numberOr(name, 0).value_or(0);
    };
    const auto instant = [&](const char* name) {
        return core::parseInstant(string(root, name)).value_or(core::Instant{});
    };
    alarm.id = string(root, "id");
    alarm.dedupKey = string(root, "dedup_key");
    if (alarm.id.empty() || alarm.dedupKey.empty()) return std::nullopt;
    alarm.alarmClass = string(root, "class");
    alarm.severity = static_cast<int>(number(root, "severity"));
    if (alarm.severity < 1 || alarm.severity > 4) return std::nullopt;
    alarm.source = string(root, "source");
    if (const auto title = root.object("title")) alarm.title = {string(*title, "zh"), string(*title, "en")};
    if (const auto place = root.object("place"))
        alarm.place = {number(*place, "lon"), number(*place, "lat"), number(*place, "height")};
    if (const auto error = root.object("error")) {
        alarm.errorMajorMeters = number(*error, "major_m");
        alarm.errorMinorMeters = number(*error, "minor_m");
        alarm.errorBearingDegrees = number(*error, "bearing");
    }
    alarm.condition = string(root, "condition") == "normal" ? twin::Condition::normal : twin::Condition::active;
    alarm.workflow = alarm::workflowFrom(string(root, "workflow"));
    alarm.raised = instant("raised");
    alarm.lastOccurrence = instant("last");
    alarm.count = static_cast<std::uint32_t>(number(root, "count"));
    alarm.acknowledged = instant("acknowledged");
    alarm.acknowledgedBy = string(root, "acknowledged_by");
    alarm.shelvedUntil = instant("shelved_until");
    alarm.shelvedFor = string(root, "shelved_for");
    alarm.suppressed = alarm::suppressedFrom(string(root, "suppressed"));
    alarm.suppressedBy = string(root, "suppressed_by");
    alarm.chattering = root.booleanOr("chattering", false).value_or(false);
    alarm.settled = string(root, "settled") == "normal" ? twin::Condition::normal : twin::Condition::active;
    alarm.annunciated = instant("annunciated");
    if (alarm.annunciated == core::Instant{}) alarm.annunciated = alarm.raised;
    alarm.dispatched = instant("dispatched");
    alarm.overdue = static_cast<int>(std::clamp(number(root, "overdue"), 0.0, 2.0));
    alarm.incident = string(root, "incident");
    alarm.verification = string(root, "verification");
    alarm.drill = root.booleanOr("drill", false).value_or(false);
    alarm.feed = string(root, "feed");
    if (const auto events = root.array("events"))
        for (const auto& event : events->json())
            if (event.is_string()) alarm.events.push_back(event.get<std::string>());
    if (const auto comments = root.array("comments"))
        for (const auto& comment : comments->json())
            if (comment.is_string()) alarm.comments.push_back(comment.get<std::string>());
    return alarm;
}

std::string toJson(const twin::Candidate& candidate) {
    nlohmann::ordered_json json = {{"id", candidate.id},
                                   {"class", candidate.eventClass},
                                   {"source", candidate.source},
                                   {"feed", candidate.feed},
                                   {"events", candidate.events},
                                   {"title", {{"zh", candidate.title.zh}, {"en", candidate.title.en}}},
                                   {"confidence", candidate.confidence},
                                   {"severity", candidate.severity},
                                   {"count", candidate.count},
                                   {"first", core::formatInstant(candidate.first)},
                                   {"last", core::formatInstant(candidate.last)},
                                   {"until", core::formatInstant(candidate.until)},
                                   {"drill", candidate.drill}};
    if (const auto& place = candidate.place)
        json["place"] = {{"lon", place->longitude}, {"lat", place->latitude}, {"height", place->height}};
    return dump(json);
}

std::optional<twin::Candidate> candidateFromJson(const std::string& text) {
    const auto parsed = core::parseJson(text, "candidate", {.depth = 8, .bytes = std::size_t{1} << 20});
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const core::JsonCursor root(*parsed, "candidate");
    const auto string = [&](const core::JsonCursor& from, const char* name) { return from.stringOr(name, "").value_or(""); };
    const auto number = [&](const core::JsonCursor& from, const char* name) { return from.numberOr(name, 0).value_or(0); };
    const auto instant = [&](const char* name) { return core::parseInstant(string(root, name)).value_or(core::Instant{}); };
    twin::Candidate candidate;
    candidate.id = string(root, "id");
    candidate.eventClass = string(root, "class");
    if (candidate.id.empty() || candidate.eventClass.empty()) return std::nullopt;
    candidate.source = string(root, "source");
    candidate.feed = string(root, "feed");
    if (const auto events = root.array("events"))
        for (const auto& event : events->json())
            if (event.is_string()) candidate.events.push_back(event.get<std::string>());
    if (const auto title = root.object("title")) candidate.title = {string(*title, "zh"), string(*title, "en")};
    if (const auto place = root.object("place"))
        candidate.place = twin::Place{number(*place, "lon"), number(*place, "lat"), number(*place, "height")};
    candidate.confidence = number(root, "confidence");
    candidate.severity = static_cast<int>(std::clamp(number(root, "severity"), 1.0, 4.0));
    candidate.count = static_cast<std::uint32_t>(number(root, "count"));
    candidate.first = instant("first");
    candidate.last = instant("last");
    candidate.until = instant("until");
    candidate.drill = root.booleanOr("drill", false).value_or(false);
    return candidate;
}

std::string toJson(const twin::ProjectStatus& status) {
    nlohmann::ordered_json json = {{"project", status.project},
                 {"ts", core::formatInstant(status.eventTime)},
                 {"received", core::formatInstant(status.receiveTime)},
                 {"phase", status.phase},
                 {"percent", status.percent},
                 {"status", status.status},
                 {"note", status.note},
                 {"feed", status.feed}};
    if (auto ledger = ledgerJson(status); !ledger.empty()) json["ledger"] = std::move(ledger);
    return dump(json);
}

std::optional<twin::ProjectStatus> projectFromJson(const std::string& text) {
    const auto parsed = core::parseJson(text, "project", {.depth = 12, .bytes = std::size_t{4} << 20});
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const core::JsonCursor root(*parsed, "project");
    const auto string = [&](const char* name) { return root.stringOr(name, "").value_or(""); };
    const auto stamp = core::parseInstant(string("ts")), received = core::parseInstant(string("received"));
    if (!stamp || !received) return std::nullopt;
    twin::ProjectStatus status{string("project"), *stamp, *received, string("phase"), root.numberOr("percent", 0).value_or(0),
                               string("status"), string("note"), string("feed")};
    try {
        if (root.has("ledger")) readLedger(root.json().at("ledger"), status);
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
    return status;
}

std::string toJson(const twin::Suppression& rule) {
    nlohmann::ordered_json json = {{"id", rule.id},         {"kind", rule.kind},        {"source", rule.source},
                                   {"zone", rule.zone},     {"class", rule.alarmClass}, {"reason", rule.reason},
                                   {"actor", rule.actor}};
    if (rule.from) json["from"] = core::formatInstant(*rule.from);
    if (rule.until) json["until"] = core::formatInstant(*rule.until);
    return dump(json);
}

std::vector<twin::Suppression> suppressionsFromJson(const std::string& text) {
    std::vector<twin::Suppression> result;
    const auto parsed = core::parseJson(text, "suppressions", {.depth = 8, .bytes = std::size_t{4} << 20});
    if (!parsed || !parsed->is_array()) return result;
    for (const auto& entry : *parsed) {
        if (!entry.is_object()) continue;
        const core::JsonCursor root(entry, "suppression");
        twin::Suppression rule;
        const auto string = [&](const char* name) { return root.stringOr(name, "").value_or(""); };
        rule.id = string("id");
        rule.kind = string("kind");
        rule.source = string("source");
        rule.zone = string("zone");
        rule.alarmClass = string("class");
        rule.reason = string("reason");
        rule.actor = string("actor");
        if (const auto from = core::parseInstant(string("from"))) rule.from = *from;
        if (const auto until = core::parseInstant(string("until"))) rule.until = *until;
        if (!rule.id.empty() && !rule.actor.empty()) result.push_back(std::move(rule));
    }
    return result;
}

} // namespace matou::history
