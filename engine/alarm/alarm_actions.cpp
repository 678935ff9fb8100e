// What people do: verbs, incidents, rules that take alarms off the list, drills; and what all see.
#include <algorithm>

#include "alarm/alarm_engine.h"
#include "alarm/geometry.h"
#include "alarm/suppression.h"

namespace matou::alarm {
using core::fail;
using core::Instant;
using twin::Alarm;
using twin::Condition;
using twin::Suppressed;
using twin::Workflow;
namespace {

/// One incident per alarm that began it, so that its number never comes again.
std::string incidentOf(const Alarm& alarm) {
    return "I" + alarm.id.substr(1);
}

} // namespace

core::Result<void> AlarmEngine::join(Alarm& alarm, const std::string& incident) {
    std::string id = incident.empty() ? incidentOf(alarm) : incident;
    const bool known = incident.empty() || std::any_of(_open.begin(), _open.end(), [&](const auto& entry) {
                           return entry.second.incident == id && entry.second.drill == alarm.drill;
                       });
    if (!known) return fail("E_ALARM_INCIDENT", "alarm " + alarm.id, {incident});
    alarm.incident = std::move(id);
    return {};
}

core::Result<void> AlarmEngine::act(const std::string& id, const std::string& verb, const std::string& text,
                                    const std::string& actor, Instant at, const ActionDetail& detail) {
    if (text.size() > kTextBytes) return fail("E_ALARM_TEXT_LONG", "alarm " + id, {std::to_string(kTextBytes)});
    if (id.starts_with("C-")) return actOnCandidate(id, verb, text, actor, at);
    const auto found = _open.find(id);
    if (found == _open.end()) return fail("E_ALARM_UNKNOWN", "alarm " + id);
    Alarm& alarm = found->second;
    if (verb == "join" || verb == "leave") {
        if (verb == "join")
            MATOU_CHECK(join(alarm, text));
        else
            alarm.incident.clear();
        note(alarm, at, verb, actor, text);
        return {};
    }
    ActionDetail limited = detail;
    limited.longest = _registry->alarms.shelveLimit;
    MATOU_CHECK(alarm::act(alarm, verb, text, actor, at, limited));
    if (verb == "unshelve") {
        unshelve(alarm, at, actor);
        return {};
    }
    note(alarm, at, verb, actor, text);
    schedule(alarm);
    if (verb == "ack") closeMeasured(alarm, at);
    if (const auto still = _open.find(id); still != _open.end() && !isOpen(still->second)) {
        release(id, at);
        retire(id);
    }
    return {};
}

const twin::Suppression* AlarmEngine::ruleFor(const Alarm& alarm) const {
    for (const auto& [id, rule] : _rules)
        if (rule.inForce && concerns(rule.rule, alarm, *_registry)) return &rule.rule;
    return nullptr;
}

void AlarmEngine::suppressBy(Alarm& alarm, const std::string& id, Suppressed how) {
    alarm.suppressed = how;
    alarm.suppressedBy = id;
}

void AlarmEngine::release(const std::string& id, Instant at) {
    std::vector<std::string> held;
    for (const auto& [alarmId, alarm] : _open)
        if (alarm.suppressed != Suppressed::no && alarm.suppressedBy == id) held.push_back(alarmId);
    for (const auto& alarmId : held) {
        Alarm& alarm = _open.at(alarmId);
        alarm.suppressed = Suppressed::no;
        alarm.suppressedBy.clear();
        if (const auto* rule = ruleFor(alarm)) {
            suppressBy(alarm, rule->id, rule->kind == "out_of_service" ? Suppressed::outOfService : Suppressed::byDesign);
            continue;
        }
        note(alarm, at, "unsuppressed");
        alarm.annunciated = at;
        if (alarm.condition == Condition::active)
            annunciate(alarm, at);
        else if (alarm.workflow == Workflow::acknowledged || alarm.workflow == Workflow::unacknowledged)
            closeMeasured(alarm, at); // came and went unseen, as the rule wanted
    }
}

void AlarmEngine::lookAtRule(const std::string& id, Instant at) {
    const auto found = _rules.find(id);
    if (found == _rules.end()) return;
    Rule& rule = found->second;
    const bool now = inForce(rule.rule, at);
    if (const auto next = nextChange(rule.rule, at)) _timers.insert({*next, Timer::Kind::rule, id});
    if (now && !rule.inForce) {
        rule.inForce = true;
        noteDistrict(at, "suppression_began", rule.rule.actor, id);
        for (auto& [alarmId, alarm] : _open) {
            if (alarm.suppressed != Suppressed::no || !concerns(rule.rule, alarm, *_registry)) continue;
            suppressBy(alarm, id, rule.rule.kind == "out_of_service" ? Suppressed::outOfService : Suppressed::byDesign);
            note(alarm, at, "suppressed");
        }
    } else if (!now && (rule.inForce || (rule.rule.until && *rule.rule.until <= at))) {
        const bool over = !rule.rule.actor.empty() && rule.rule.until && *rule.rule.until <= at;
        if (std::exchange(rule.inForce, false)) noteDistrict(at, "suppression_ended", {}, id);
        if (over) _rules.erase(found);
        release(id, at);
    }
}

core::Result<std::string> AlarmEngine::suppress(twin::Suppression rule, Instant at) {
    MATOU_CHECK(check(rule, at));
    if (rule.actor.empty()) rule.actor = "operator";
    std::string stamp = core::formatInstant(at);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':' || c == '.'; });
    rule.id = "R-" + stamp;
    for (int i = 2; _rules.contains(rule.id); ++i)
        rule.id = "R-" + stamp + "-" + std::to_string(i);
    const std::string id = rule.id;
    _rules[id] = {std::move(rule)};
    lookAtRule(id, at);
    return id;
}

core::Result<void> AlarmEngine::endSuppression(const std::string& id, const std::string& actor, Instant at) {
    const auto found = _rules.find(id);
    if (found == _rules.end() || found->second.rule.actor.empty())
        return fail("E_ALARM_SUPPRESSION_UNKNOWN", "suppression " + id);
    _rules.erase(found);
    noteDistrict(at, "suppression_ended", actor, id);
    release(id, at);
    return {};
}

void AlarmEngine::setDrill(bool on, const std::string& actor, Instant at) {
    if (on == _drill) return;
    _drill = on;
    noteDistrict(at, on ? "drill_began" : "drill_ended", actor);
    if (on) return;
    std::vector<std::string> over;
    for (auto& [id, alarm] : _open)
        if (alarm.drill) {
            alarm.workflow = Workflow::closed;
            note(alarm, at, "closed", actor);
            over.push_back(id);
        }
    for (const auto& id : over)
        retire(id);
    std::erase_if(_candidates, [](const auto& entry) { return entry.second.drill; });
}

std::vector<twin::Suppression> AlarmEngine::operatorRules() const {
    std::vector<twin::Suppression> result;
    for (const auto& [id, rule] : _rules)
        if (!rule.rule.actor.empty()) result.push_back(rule.rule);
    return result;
}

std::vector<Alarm> AlarmEngine::open() const {
    std::vector<Alarm> result;
    result.reserve(_open.size());
    for (const auto& [id, alarm] : _open)
        result.push_back(alarm);
    std::sort(result.begin(), result.end(), [](const Alarm& a, const Alarm& b) {
        return std::tie(a.severity, b.raised, b.id) < std::tie(b.severity, a.raised, a.id);
    });
    return result;
}

void AlarmEngine::show(twin::StateSnapshot& snapshot) const {
    snapshot.alarms = open();
    for (const auto& [id, candidate] : _candidates)
        snapshot.candidates.push_back(candidate);
    for (const auto& [id, rule] : _rules)
        if (rule.inForce) snapshot.suppressions.push_back(rule.rule);
    snapshot.flood = _flood.state();
    std::map<std::string, twin::Incident> incidents;
    bool drill = _drill;
    for (const Alarm& alarm : snapshot.alarms) { // the worst first
        drill = drill || alarm.drill;
        if (alarm.incident.empty()) continue;
        auto& incident = incidents[alarm.incident];
        if (incident.id.empty()) incident = {alarm.incident, alarm.title, alarm.severity, alarm.raised, {}};
        incident.begun = std::min(incident.begun, alarm.raised);
        incident.alarms.push_back(alarm.id);
    }
    for (auto& [id, incident] : incidents)
        snapshot.incidents.push_back(std::move(incident));
    if (drill) snapshot.mode = "drill";
}

const Alarm* AlarmEngine::find(const std::string& id) const {
    const auto found = _open.find(id);
    return found == _open.end() ? nullptr : &found->second;
}

} // namespace matou::alarm
