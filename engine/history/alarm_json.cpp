#include "history/alarm_json.h"

#include "core/json.h"

namespace matou::history {
namespace {

constexpr const char* kWorkflows[] = {"unacknowledged", "acknowledged", "rejected", "dispatched", "returned",
                                      "in_progress",    "verified",     "closed",   "shelved"};

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
    json["condition"] = alarm.condition == twin::Condition::active ? "active" : "normal";
    json["workflow"] = kWorkflows[static_cast<std::size_t>(alarm.workflow)];
    json["raised"] = core::formatInstant(alarm.raised);
    json["last"] = core::formatInstant(alarm.lastOccurrence);
    json["count"] = alarm.count;
    if (!alarm.acknowledgedBy.empty()) {
        json["acknowledged"] = core::formatInstant(alarm.acknowledged);
        json["acknowledged_by"] = alarm.acknowledgedBy;
    }
    if (alarm.workflow == twin::Workflow::shelved) json["shelved_until"] = core::formatInstant(alarm.shelvedUntil);
    json["comments"] = alarm.comments;
    json["dedup_key"] = alarm.dedupKey;
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
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
    const std::string workflow = string(root, "workflow");
    for (std::size_t i = 0; i < std::size(kWorkflows); ++i)
        if (workflow == kWorkflows[i]) alarm.workflow = static_cast<twin::Workflow>(i);
    alarm.raised = instant("raised");
    alarm.lastOccurrence = instant("last");
    alarm.count = static_cast<std::uint32_t>(number(root, "count"));
    alarm.acknowledged = instant("acknowledged");
    alarm.acknowledgedBy = string(root, "acknowledged_by");
    alarm.shelvedUntil = instant("shelved_until");
    if (const auto comments = root.array("comments"))
        for (const auto& comment : comments->json())
            if (comment.is_string()) alarm.comments.push_back(comment.get<std::string>());
    return alarm;
}

} // namespace matou::history
