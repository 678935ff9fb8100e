// What was known at a moment: values that had come by then, alarms as they stood then.

#include <algorithm>
#include <tuple>

#include "alarm/life_cycle.h"
#include "history/alarm_json.h"
#include "history/history_impl.h"

namespace matou::history {
namespace {

core::Instant instantOf(std::int64_t milliseconds) {
    return core::Instant(core::Duration(milliseconds));
}

/// The alarm as a later time left it, taken back to what its transition said.
void takeBack(twin::Alarm& alarm, core::Instant at) {
    alarm.lastOccurrence = std::min(alarm.lastOccurrence, at);
    if (alarm.acknowledged > at) {
        alarm.acknowledged = {};
        alarm.acknowledgedBy.clear();
    }
    if (alarm.dispatched > at) alarm.dispatched = {};
    if (alarm.workflow != twin::Workflow::shelved) {
        alarm.shelvedUntil = {};
        alarm.shelvedFor.clear();
    }
    // When these were said is not kept by itself.
    alarm.comments.clear();
    alarm.overdue = 0;
    alarm.chattering = false;
    alarm.suppressed = twin::Suppressed::no;
    alarm.suppressedBy.clear();
}

} // namespace

core::Result<std::vector<twin::Observation>> History::valuesAt(core::Instant at) const {
    std::vector<twin::Observation> result;
    const auto lock = _impl->readLock();
    const Database& database = _impl->readDatabase();
    MATOU_TRY(sensors, database.prepare("SELECT number, id FROM sensors ORDER BY number"));
    std::vector<std::pair<std::int64_t, std::string>> known;
    while (true) {
        MATOU_TRY(row, sensors.step());
        if (!row) break;
        known.emplace_back(sensors.integer(0), sensors.text(1));
    }
    sensors.reset();
    MATOU_TRY(last, database.prepare(
                        "SELECT t, received, value, quality FROM observations WHERE sensor=? AND t<=? AND received<=? "
                        "ORDER BY t DESC LIMIT 1"));
    const std::int64_t time = at.time_since_epoch().count();
    for (auto& [number, id] : known) {
        last.bind(1, number).bind(2, time).bind(3, time);
        MATOU_TRY(row, last.step());
        if (row) {
            twin::Observation observation;
            observation.sensor = std::move(id);
            observation.eventTime = instantOf(last.integer(0));
            observation.receiveTime = instantOf(last.integer(1));
            observation.value = last.number(2);
            observation.quality = static_cast<twin::Quality>(std::clamp<std::int64_t>(last.integer(3), 0, 2));
            result.push_back(std::move(observation));
        }
        last.reset();
    }
    return result;
}

core::Result<std::vector<twin::Alarm>> History::alarmsAt(core::Instant at) const {
    std::vector<twin::Alarm> result;
    const auto lock = _impl->readLock();
    MATOU_TRY(rows, _impl->readDatabase().prepare(
                        "SELECT alarms.json, now.severity, now.condition, now.workflow, now.count, now.seq, "
                        "(SELECT max(seq) FROM transitions WHERE alarm=alarms.id) FROM alarms JOIN transitions AS now "
                        "ON now.seq=(SELECT max(seq) FROM transitions WHERE alarm=alarms.id AND at<=?)"));
    rows.bind(1, at.time_since_epoch().count());
    while (true) {
        MATOU_TRY(row, rows.step());
        if (!row) break;
        auto alarm = alarmFromJson(rows.text(0));
        if (!alarm) continue;
        if (rows.integer(5) != rows.integer(6)) { // more became of it afterwards
            alarm->severity = static_cast<int>(std::clamp<std::int64_t>(rows.integer(1), 1, 4));
            alarm->condition = rows.text(2) == alarm::wordOf(twin::Condition::normal) ? twin::Condition::normal
                                                                                      : twin::Condition::active;
            alarm->workflow = alarm::workflowFrom(rows.text(3));
            alarm->count = static_cast<std::uint32_t>(rows.integer(4));
            takeBack(*alarm, at);
        }
        if (alarm::isOpen(*alarm)) result.push_back(std::move(*alarm));
    }
    std::sort(result.begin(), result.end(), [](const twin::Alarm& a, const twin::Alarm& b) {
        return std::tuple(a.severity, b.raised, a.id) < std::tuple(b.severity, a.raised, b.id);
    });
    return result;
}

} // namespace matou::history
