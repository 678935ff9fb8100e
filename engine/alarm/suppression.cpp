#include "alarm/suppression.h"

#include <array>

namespace matou::alarm {
using core::Duration;
using core::Instant;
namespace {

constexpr std::int64_t kMinute = 60000, kDay = 86400000;
constexpr std::int64_t kBeijing = 8 * 3600000; // no summer time since 1991

bool isDaily(const twin::Suppression& rule) {
    return rule.fromMinute != rule.toMinute || (rule.days & 0x7f) != 0x7f;
}

/// Days since the epoch and milliseconds of the day, Beijing time.
std::pair<std::int64_t, std::int64_t> dayOf(Instant at) {
    const std::int64_t local = at.time_since_epoch().count() + kBeijing;
    std::int64_t day = local / kDay, rest = local % kDay;
    if (rest < 0) {
        --day;
        rest += kDay;
    }
    return {day, rest};
}

/// 1 January 1970 was a Thursday: bit 3.
bool onDay(const twin::Suppression& rule, std::int64_t day) {
    return rule.days >> ((day % 7 + 7 + 3) % 7) & 1;
}

bool inHours(const twin::Suppression& rule, Instant at) {
    if (!isDaily(rule)) return true;
    const auto [day, rest] = dayOf(at);
    const std::int64_t from = rule.fromMinute * kMinute, to = rule.toMinute * kMinute;
    if (from == to) return onDay(rule, day);
    if (from < to) return onDay(rule, day) && rest >= from && rest < to;
    return (rest >= from && onDay(rule, day)) || (rest < to && onDay(rule, day - 1));
}

std::string zoneOf(const std::string& source, const twin::Registry& registry) {
    if (const auto sensor = registry.sensorIndex.find(source); sensor != registry.sensorIndex.end())
        return registry.sensors[sensor->second].zone;
    if (const auto camera = registry.cameraIndex.find(source); camera != registry.cameraIndex.end())
        return registry.cameras[camera->second].zone;
    return {};
}

} // namespace

bool inForce(const twin::Suppression& rule, Instant at) {
    if (rule.from && at < *rule.from) return false;
    if (rule.until && at >= *rule.until) return false;
    return inHours(rule, at);
}

std::optional<Instant> nextChange(const twin::Suppression& rule, Instant at) {
    std::optional<Instant> next;
    const auto consider = [&](Instant when) {
        if (when > at && (!next || when < *next)) next = when;
    };
    if (rule.from) consider(*rule.from);
    if (rule.until) consider(*rule.until);
    if (isDaily(rule)) {
        const auto [day, rest] = dayOf(at);
        for (std::int64_t ahead = 0; ahead <= 1; ++ahead)
            for (const int minute : {rule.fromMinute, rule.toMinute, 0})
                consider(Instant(Duration((day + ahead) * kDay - kBeijing + minute * kMinute)));
    }
    return next;
}

bool concerns(const twin::Suppression& rule, const twin::Alarm& alarm, const twin::Registry& registry) {
    if (alarm.severity == 1 && rule.kind != "out_of_service") return false;
    if (!rule.source.empty() && rule.source != alarm.source) return false;
    if (!rule.alarmClass.empty() && rule.alarmClass != alarm.alarmClass) return false;
    return rule.zone.empty() || rule.zone == zoneOf(alarm.source, registry);
}

core::Result<void> check(const twin::Suppression& rule, Instant now) {
    const auto refuse = [&](const char* expected) { return core::fail("E_ALARM_SUPPRESSION", "suppression " + rule.id, {expected}); };
    if (rule.kind != "state" && rule.kind != "maintenance" && rule.kind != "out_of_service")
        return refuse("kind: state, maintenance or out_of_service");
    if (rule.source.empty() && rule.zone.empty() && rule.alarmClass.empty()) return refuse("a source, zone or class");
    if (rule.kind == "out_of_service" && rule.source.empty()) return refuse("a source, to take it out of service");
    if (rule.reason.empty()) return refuse("a reason");
    if (rule.kind != "out_of_service" && !rule.until) return refuse("an end");
    if (rule.until && *rule.until <= now) return refuse("an end that is still to come");
    return {};
}

} // namespace matou::alarm
