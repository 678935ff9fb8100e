// What a card says of the things that the snapshot knows.

#include <algorithm>
#include <cmath>

#include "symbology/project_timeline.h"
#include "symbology/theme.h"
#include "ui/panels.h"

namespace matou::ui {

namespace {

using symbology::unitText;
using symbology::valueText;

std::string degrees(double value) { return std::to_string(static_cast<int>(std::lround(value))) + "°"; }

std::string stampText(core::Instant instant) { return instant == core::Instant{} ? "–" : dateText(instant) + " " + timeText(instant); }

/// A reason that people may give (alarm/life_cycle.h) in words; another as it was given.
std::string shelvedFor(const Kit& kit, const twin::Alarm& alarm) {
    for (const auto& [code, key] : {std::pair("nuisance", "UI_SHELVED_NUISANCE"), std::pair("maintenance", "UI_SHELVED_MAINTENANCE"),
                                    std::pair("known", "UI_SHELVED_KNOWN"), std::pair("test", "UI_SHELVED_TEST"), std::pair("other", "UI_SHELVED_OTHER")})
        if (alarm.shelvedFor == code) return kit.words(key);
    return alarm.shelvedFor;
}

std::string zoneById(const UiModel& model, const std::string& id, core::Language language) {
    if (model.state && model.state->registry)
        for (const auto& zone : model.state->registry->zones)
            if (zone.id == id) return symbology::nameOf(zone.name, language);
    return id;
}

std::string feedOf(const Kit& kit, const UiModel& model, const twin::SensorState& sensor) {
    if (!model.state || sensor.feed < 0 || static_cast<std::size_t>(sensor.feed) >= model.state->feeds.size()) return "";
    const auto& feed = model.state->feeds[static_cast<std::size_t>(sensor.feed)];
    return feed.kind == "embedded" ? kit.words("UI_FEED_EMBEDDED") : feed.id;
}

void sensorCard(const Kit& kit, const UiModel& model, const twin::Sensor& sensor, const twin::SensorState& state, CardContent& card) {
    card.kind = kit.words("UI_KIND_SENSOR");
    card.title = kit.name(sensor.name);
    card.subtitle = zoneById(model, sensor.zone, kit.language);
    card.severity = state.severity;
    const bool shown = state.known && state.age != twin::Age::lost && state.age != twin::Age::never;
    card.rows.push_back({sensor.property.empty() ? sensor.kind : sensor.property, shown ? valueText(state.value) : "–",
                         shown ? unitText(sensor.unit) : "", feedOf(kit, model, state),
                         ageWords(kit, state.known ? state.age : twin::Age::never, model.now - state.receiveTime)});
    if (state.known && state.quality != twin::Quality::good)
        card.rows.push_back({kit.words("UI_QUALITY"), kit.words(state.quality == twin::Quality::bad ? "UI_QUALITY_BAD" : "UI_QUALITY_UNCERTAIN"), "", "", ""});
    for (const auto& threshold : sensor.thresholds)
        card.rows.push_back({kit.words(symbology::severityStyle(threshold.severity).nameKey), (threshold.above ? "≥ " : "≤ ") + valueText(threshold.value),
                             unitText(sensor.unit), "", ""});
    if (state.known) card.rows.push_back({kit.words("UI_EVENT_TIME"), stampText(state.eventTime), "", "", ""});
    card.rows.push_back({kit.words("UI_INTERVAL"), std::to_string(sensor.expectedInterval.count() / 1000), "s", "", ""});
    card.rows.push_back({kit.words("UI_ID"), sensor.id, "", "", ""});
    card.trend = model.selection.trend;
}

void cameraCard(const Kit& kit, const UiModel& model, const twin::Camera& camera, CardContent& card) {
    card.kind = kit.words(camera.highPoint ? "UI_KIND_CAMERA_HIGH" : "UI_KIND_CAMERA_STREET");
    card.title = kit.name(camera.name);
    card.subtitle = zoneById(model, camera.zone, kit.language);
    card.rows = {{kit.words("UI_HEADING"), degrees(camera.headingDegrees), "", "", ""},
                 {kit.words("UI_FIELD_OF_VIEW"), degrees(camera.horizontalFovDegrees), "", "", ""},
                 {kit.words("UI_RANGE"), valueText(camera.rangeMeters), "m", "", ""},
                 {kit.words("UI_HEIGHT"), valueText(camera.place.height), "m", "", ""},
                 {kit.words("UI_AI_ERROR"), valueText(camera.errorMajorMeters) + " × " + valueText(camera.errorMinorMeters), "m", "", ""},
                 {kit.words("UI_AI_SMOKE"), kit.words(camera.smokeFireAi ? "UI_ON" : "UI_OFF"), "", "", ""},
                 {kit.words("UI_ID"), camera.id, "", "", ""}};
}

/// A state in words; a code that no table knows as it came.
std::string stateWords(const Kit& kit, const std::string& prefix, const std::string& state) {
    if (state.starts_with("code:")) return kit.words("UI_UNCLASSIFIED") + " " + state.substr(5);
    std::string key = prefix;
    for (const char c : state) key += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return kit.words(key.c_str());
}

void caseCard(const Kit& kit, const UiModel& model, const twin::Case& item, CardContent& card) {
    card.kind = kit.words("UI_KIND_CASE") + (item.channel == "12345" ? " · 12345" : item.channel == "grid" ? " · " + kit.words("UI_CASE_GRID") : item.channel.empty() ? "" : " · " + item.channel);
    card.title = item.caseClass.starts_with("code:") ? kit.words("UI_UNCLASSIFIED") + " " + item.caseClass.substr(5) : item.caseClass;
    if (item.place) card.subtitle = zoneName(model, item.place->longitude, item.place->latitude, kit.language);
    card.rows.push_back({kit.words("UI_STATE"), stateWords(kit, "UI_CASE_", item.state), "", item.feed, symbology::ageText(model.now - item.eventTime, kit.language)});
    if (item.opened != core::Instant{}) card.rows.push_back({kit.words("UI_CASE_OPENED"), stampText(item.opened), "", "", ""});
    if (item.due != core::Instant{})
        card.rows.push_back({kit.words("UI_CASE_DUE"), stampText(item.due), "", twin::isOverdue(item, model.now) ? kit.words("UI_CASE_OVERDUE") : std::string(), ""});
    if (!item.department.empty()) card.rows.push_back({kit.words("UI_DEPARTMENT"), item.department, "", "", ""});
    if (!item.alarm.empty()) card.rows.push_back({kit.words("UI_CASE_ALARM"), item.alarm, "", "", ""});
    card.rows.push_back({kit.words("UI_ID"), item.id, "", "", ""});
}

void floodCard(const Kit& kit, const UiModel& model, const twin::FloodItem& item, CardContent& card) {
    std::string kind(twin::wordOf(item.kind));
    for (char& c : kind) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    card.kind = kit.words(("UI_FLOOD_" + kind).c_str());
    card.title = item.name.empty() ? item.id : item.name;
    if (item.place) card.subtitle = zoneName(model, item.place->longitude, item.place->latitude, kit.language);
    card.rows.push_back({kit.words("UI_STATE"), stateWords(kit, "UI_FLOOD_" + kind + "_", item.state), "", item.feed, symbology::ageText(model.now - item.eventTime, kit.language)});
    if (item.value) {
        const bool depth = item.kind == twin::FloodKind::ponding;
        card.rows.push_back({kit.words(depth ? "UI_FLOOD_DEPTH" : "UI_FLOOD_FLOW"), valueText(*item.value), depth ? "m" : "m³/s", "", ""});
    }
    if (item.used && item.capacity)
        card.rows.push_back({kit.words(item.kind == twin::FloodKind::shelter ? "UI_FLOOD_PEOPLE" : "UI_FLOOD_SETS"), std::to_string(*item.used) + " / " + std::to_string(*item.capacity), "", "", ""});
    if (!item.text.empty()) card.rows.push_back({kit.words("UI_NOTE"), item.text, "", "", ""});
    card.rows.push_back({kit.words("UI_ID"), item.id, "", "", ""});
}

void alarmCard(const Kit& kit, const UiModel& model, const twin::Alarm& alarm, CardContent& card) {
    card.kind = kit.words(symbology::severityStyle(alarm.severity).nameKey);
    card.title = kit.name(alarm.title).empty() ? alarm.alarmClass : kit.name(alarm.title);
    card.subtitle = zoneName(model, alarm.place.longitude, alarm.place.latitude, kit.language);
    card.severity = alarm.severity;
    card.alarm = &alarm;
    card.rows = {{kit.words("UI_STATE"), kit.words(workflowKey(alarm.workflow)), "", "", ""},
                 {kit.words("UI_CONDITION"), kit.words(alarm.condition == twin::Condition::active ? "UI_CONDITION_ACTIVE" : "UI_CONDITION_NORMAL"), "", "", ""},
                 {kit.words("UI_RAISED"), stampText(alarm.raised), "", alarm.source, symbology::ageText(model.now - alarm.raised, kit.language)}};
    if (const std::string marks = alarmMarks(kit, alarm); !marks.empty()) card.rows.push_back({kit.words("UI_MARKS"), marks, "", alarm.suppressedBy, ""});
    if (alarm.workflow == twin::Workflow::shelved) card.rows.push_back({kit.words("UI_SHELVED_UNTIL"), stampText(alarm.shelvedUntil), "", shelvedFor(kit, alarm), ""});
    if (model.state && model.state->cases)
        for (const auto& item : *model.state->cases)
            if (item.alarm == alarm.id)
                card.rows.push_back({kit.words("UI_KIND_CASE"), item.id, "", stateWords(kit, "UI_CASE_", item.state), symbology::ageText(model.now - item.eventTime, kit.language)});
    if (!alarm.incident.empty()) card.rows.push_back({kit.words("UI_INCIDENT"), alarm.incident, "", "", ""});
    if (alarm.count > 1)
        card.rows.push_back({kit.words("UI_COUNT"), std::to_string(alarm.count), "", "", symbology::ageText(model.now - alarm.lastOccurrence, kit.language)});
    if (alarm.errorMajorMeters > 0)
        card.rows.push_back({kit.words("UI_PLACE_ERROR"), valueText(alarm.errorMajorMeters) + " × " + valueText(alarm.errorMinorMeters), "m", "", ""});
    if (!alarm.acknowledgedBy.empty())
        card.rows.push_back({kit.words("UI_ACKNOWLEDGED_BY"), alarm.acknowledgedBy, "", "", stampText(alarm.acknowledged)});
    for (const auto& comment : alarm.comments) card.rows.push_back({kit.words("UI_COMMENT"), comment, "", "", ""});
    card.rows.push_back({kit.words("UI_ID"), alarm.id, "", "", ""});
}

/// What the project's ledger adds: money spent, days behind, the shares of a renewal, and of the milestones the last that was reached, those
/// that are overdue and the next.
void ledgerRows(const Kit& kit, const twin::ProjectStatus& status, core::Instant now, CardContent& card) {
    if (status.spentTenThousandYuan) card.rows.push_back({kit.words("UI_SPENT"), valueText(*status.spentTenThousandYuan), kit.words("UI_TEN_THOUSAND_YUAN"), "", ""});
    for (const auto& [key, share] : {std::pair("UI_CONSULTATION", status.consultationPercent), std::pair("UI_SIGNING", status.signingPercent), std::pair("UI_MOVING", status.movingPercent)})
        if (share) card.rows.push_back({kit.words(key), valueText(*share), "%", "", ""});
    if (const auto slip = twin::slipDays(status, now)) card.rows.push_back({kit.words("UI_SLIP"), (*slip > 0 ? "+" : "") + std::to_string(*slip), kit.words("UI_DAYS"), "", ""});
    const twin::Milestone *reached = nullptr, *next = nullptr;
    std::vector<const twin::Milestone*> shown;
    for (const auto& milestone : status.milestones) {
        if (milestone.actual && *milestone.actual <= now) {
            if (!reached || *reached->actual <= *milestone.actual) reached = &milestone;
        } else if (twin::slipDays(milestone, now)) {
            if (shown.size() < 3) shown.push_back(&milestone);
        } else if (milestone.planned && (!next || *milestone.planned < *next->planned)) {
            next = &milestone;
        }
    }
    if (reached) shown.insert(shown.begin(), reached);
    if (next) shown.push_back(next);
    for (const auto* milestone : shown) {
        const bool done = milestone == reached;
        const auto slip = twin::slipDays(*milestone, now);
        card.rows.push_back({milestone->name, done ? dateText(*milestone->actual) : kit.words("UI_PLANNED_ON", {dateText(*milestone->planned)}), "", "",
                             slip ? (*slip > 0 ? "+" : "") + std::to_string(*slip) + " " + kit.words("UI_DAYS") : ""});
    }
}

void projectCard(const Kit& kit, const UiModel& model, const twin::Project& project, const std::optional<twin::ProjectStatus>& status, CardContent& card) {
    const auto at = symbology::projectAt(project, model.now, status);
    card.kind = kit.words("UI_KIND_PROJECT");
    card.title = kit.name(project.name);
    card.subtitle = zoneById(model, project.zone, kit.language);
    card.project = &project;
    card.rows.push_back({kit.words("UI_STATE"), kit.words(symbology::projectStyle(at.status).nameKey) + (at.phase.empty() ? "" : " · " + symbology::phaseText(at.phase, kit.language)), "",
                         status ? status->feed : "", status ? symbology::ageText(model.now - status->eventTime, kit.language) : ""});
    card.rows.push_back({kit.words("UI_PROGRESS"), std::to_string(static_cast<int>(std::lround(at.percent))), "%", "",
                         kit.words("UI_PLANNED_PERCENT", {std::to_string(static_cast<int>(std::lround(at.plannedPercent)))})});
    if (!project.department.empty()) card.rows.push_back({kit.words("UI_DEPARTMENT"), project.department, "", "", ""});
    if (project.budgetTenThousandYuan > 0)
        card.rows.push_back({kit.words("UI_BUDGET"), valueText(project.budgetTenThousandYuan), kit.words("UI_TEN_THOUSAND_YUAN"), "", ""});
    if (status) ledgerRows(kit, *status, model.now, card);
    if (status && !status->note.empty()) card.rows.push_back({kit.words("UI_NOTE"), status->note, "", "", ""});
    card.rows.push_back({kit.words("UI_ID"), project.id, "", "", ""});
}

} // namespace

std::string dateText(core::Instant instant) { return core::formatBeijing(instant).substr(0, 10); }
std::string timeText(core::Instant instant) {
    const std::string whole = core::formatBeijing(instant);
    return whole.size() >= 19 ? whole.substr(11, 8) : "";
}

bool mayAct(const UiModel& model) { return model.role != "viewer" && model.role != "presenter"; }

const char* workflowKey(twin::Workflow workflow) {
    switch (workflow) {
    case twin::Workflow::unacknowledged: return "UI_WORKFLOW_UNACKNOWLEDGED";
    case twin::Workflow::acknowledged: return "UI_WORKFLOW_ACKNOWLEDGED";
    case twin::Workflow::rejected: return "UI_WORKFLOW_REJECTED";
    case twin::Workflow::dispatched: return "UI_WORKFLOW_DISPATCHED";
    case twin::Workflow::returned: return "UI_WORKFLOW_RETURNED";
    case twin::Workflow::inProgress: return "UI_WORKFLOW_IN_PROGRESS";
    case twin::Workflow::verified: return "UI_WORKFLOW_VERIFIED";
    case twin::Workflow::closed: return "UI_WORKFLOW_CLOSED";
    case twin::Workflow::shelved: return "UI_WORKFLOW_SHELVED";
    }
    return "UI_WORKFLOW_UNACKNOWLEDGED";
}

std::string alarmMarks(const Kit& kit, const twin::Alarm& alarm) {
    std::string result;
    const auto add = [&](bool is, const char* key) {
        if (is) result += (result.empty() ? "" : " · ") + kit.words(key);
    };
    add(alarm.drill, "UI_MODE_DRILL");
    add(alarm.suppressed == twin::Suppressed::outOfService, "UI_OUT_OF_SERVICE");
    add(alarm.suppressed == twin::Suppressed::byDesign, "UI_SUPPRESSED");
    add(alarm.chattering, "UI_CHATTERING");
    add(alarm.overdue == 1, "UI_OVERDUE_LEAD");
    add(alarm.overdue >= 2, "UI_OVERDUE_COMMANDER");
    return result;
}

std::vector<AlarmVerb> alarmVerbs(const twin::Alarm& alarm) {
    constexpr AlarmVerb kAck{"ack", "UI_VERB_ACK", true}, kReject{"reject", "UI_VERB_REJECT", false}, kDispatch{"dispatch", "UI_VERB_DISPATCH", false},
        kReturn{"return", "UI_VERB_RETURN", false}, kVerify{"verify", "UI_VERB_VERIFY", true}, kClose{"close", "UI_VERB_CLOSE", true};
    switch (alarm.workflow) {
    case twin::Workflow::unacknowledged: return {kAck, kReject, kDispatch};
    case twin::Workflow::acknowledged:
    case twin::Workflow::returned: return {{"dispatch", "UI_VERB_DISPATCH", true}, kReject};
    case twin::Workflow::dispatched:
    case twin::Workflow::inProgress: return {kVerify, kReturn};
    case twin::Workflow::verified:
    case twin::Workflow::rejected: return {kClose};
    case twin::Workflow::shelved: return {{"unshelve", "UI_VERB_UNSHELVE", true}};
    case twin::Workflow::closed: break;
    }
    return {};
}

std::string zoneName(const UiModel& model, double longitude, double latitude, core::Language language) {
    if (!model.state || !model.state->registry) return {};
    const twin::Zone* best = nullptr;
    double bestArea = 0;
    for (const auto& zone : model.state->registry->zones) {
        const auto& ring = zone.outline;
        bool inside = false;
        double area = 0;
        for (std::size_t a = 0, b = ring.empty() ? 0 : ring.size() - 1; a < ring.size(); b = a++) {
            if ((ring[a].second > latitude) != (ring[b].second > latitude) &&
                longitude < (ring[b].first - ring[a].first) * (latitude - ring[a].second) / (ring[b].second - ring[a].second) + ring[a].first)
                inside = !inside;
            area += (ring[b].first - ring[a].first) * (ring[b].second + ring[a].second);
        }
        area = std::fabs(area);
        if (inside && (best == nullptr || area < bestArea)) {
            best = &zone;
            bestArea = area;
        }
    }
    return best == nullptr ? std::string{} : symbology::nameOf(best->name, language);
}

CardContent cardOf(const Kit& kit, const UiModel& model) {
    CardContent card;
    const auto& key = model.selection.key;
    if (model.state) {
        // What the city shows; an alarm of the list is a live one.
        const auto& state = model.past && model.past->state ? *model.past->state : *model.state;
        if (key.layer == "alarms")
            for (const auto* snapshot : {&state, model.state.get()})
                for (const auto& alarm : snapshot->alarms)
                    if (alarm.id == key.id) alarmCard(kit, model, alarm, card = {});
        if (key.layer == "cases" && state.cases)
            for (const auto& item : *state.cases)
                if (item.id == key.id) caseCard(kit, model, item, card = {});
        if (key.layer == "flood" && state.floodSeason)
            for (const auto& item : *state.floodSeason)
                if (item.id == key.id) floodCard(kit, model, item, card = {});
        if (state.registry) {
            const auto& all = *state.registry;
            const auto find = [&](const auto& list) {
                const auto found = std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.id == key.id; });
                return found == list.end() ? list.size() : static_cast<std::size_t>(found - list.begin());
            };
            if (key.layer == "sensors")
                if (const auto i = find(all.sensors); i < all.sensors.size())
                    sensorCard(kit, model, all.sensors[i], i < state.sensors.size() ? state.sensors[i] : twin::SensorState{}, card);
            if (key.layer == "cameras")
                if (const auto i = find(all.cameras); i < all.cameras.size()) cameraCard(kit, model, all.cameras[i], card);
            if (key.layer == "projects")
                if (const auto i = find(all.projects); i < all.projects.size())
                    projectCard(kit, model, all.projects[i], i < state.projects.size() ? state.projects[i] : std::nullopt, card);
            if (key.layer == "zones")
                if (const auto i = find(all.zones); i < all.zones.size()) {
                    card.kind = kit.words("UI_KIND_ZONE");
                    card.title = kit.name(all.zones[i].name);
                }
        }
    }
    if (card.title.empty()) {
        card.title = model.selection.title.empty() ? key.id : model.selection.title;
        card.subtitle = model.selection.subtitle;
        card.rows = model.selection.rows;
        card.trend = model.selection.trend;
    }
    return card;
}

} // namespace matou::ui
