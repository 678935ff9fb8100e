#include "alarm/alarm_engine.h"

#include <algorithm>
#include <cstdio>

#include "alarm/geometry.h"
#include "alarm/suppression.h"
#include "alarm/words.h"

namespace matou::alarm {
using core::Instant;
using twin::Alarm;
using twin::Condition;
using twin::Suppressed;
using twin::Workflow;

std::string logLine(const Change& change) {
    const Alarm& alarm = change.alarm;
    std::string line = core::formatInstant(change.at);
    if (change.of == Change::Of::district) {
        line += " - " + change.what;
        if (!change.text.empty()) line += " " + change.text;
    } else {
        line += " " + alarm.id + " " + change.what + " S" + std::to_string(alarm.severity) + " " + alarm.alarmClass + " " +
                alarm.source + " " + wordOf(alarm.condition) + " " + wordOf(alarm.workflow) +
                " count=" + std::to_string(alarm.count);
        if (alarm.suppressed != Suppressed::no) line += " " + std::string(wordOf(alarm.suppressed)) + "=" + alarm.suppressedBy;
        if (alarm.chattering) line += " chattering";
        if (alarm.drill) line += " drill";
    }
    if (!change.actor.empty()) line += " by=" + change.actor;
    return line;
}

AlarmEngine::AlarmEngine(std::shared_ptr<const twin::Registry> registry)
    : _registry(std::move(registry)), _thresholds(*_registry), _silence(*_registry), _chatter(_registry->alarms),
      _flood(_registry->alarms) {
    for (const auto& rule : _registry->alarms.suppressions)
        _rules[rule.id] = {rule};
}

void AlarmEngine::note(const Alarm& alarm, Instant at, std::string what, std::string actor, std::string text) {
    _changes.push_back({Change::Of::alarm, alarm, at, std::move(what), std::move(actor), std::move(text)});
}

void AlarmEngine::noteDistrict(Instant at, std::string what, std::string actor, std::string text) {
    _changes.push_back({Change::Of::district, {}, at, std::move(what), std::move(actor), std::move(text)});
}

void AlarmEngine::schedule(const Alarm& alarm) {
    const auto look = [&](Instant due) { _timers.insert({due, Timer::Kind::alarm, alarm.id}); };
    const auto& policy = _registry->alarms;
    if (alarm.workflow == Workflow::shelved) look(alarm.shelvedUntil);
    if (alarm.chattering) look(alarm.lastOccurrence + policy.chatterQuiet);
    if (isEvent(alarm) && alarm.condition == Condition::active) look(alarm.lastOccurrence + kFoldWindow);
    if (alarm.overdue >= 2 || alarm.suppressed != Suppressed::no) return;
    const auto severity = static_cast<std::size_t>(alarm.severity - 1);
    if (const auto within = policy.acknowledgeWithin[severity];
        alarm.workflow == Workflow::unacknowledged && within > core::Duration{})
        look(alarm.annunciated + within * (alarm.overdue + 1));
    if (const auto within = policy.startWithin[severity];
        alarm.workflow == Workflow::dispatched && within > core::Duration{})
        look(alarm.dispatched + within * (alarm.overdue + 1));
}

void AlarmEngine::restore(const std::vector<Alarm>& open, std::uint64_t lastNumber, std::uint64_t lastCandidate,
                          std::vector<twin::Suppression> rules, bool drill) {
    _lastNumber = std::max(_lastNumber, lastNumber);
    _lastCandidate = std::max(_lastCandidate, lastCandidate);
    _drill = drill;
    for (auto& rule : rules)
        _rules.emplace(rule.id, Rule{rule}); // the district's own of the same id wins
    for (const Alarm& alarm : open) {
        _open[alarm.id] = alarm;
        _byKey[alarm.dedupKey] = alarm.id;
        place(_open[alarm.id]);
        schedule(alarm);
        if (alarm.condition != Condition::active) continue;
        if (isThreshold(alarm))
            if (const auto sensor = _registry->sensorIndex.find(alarm.source); sensor != _registry->sensorIndex.end())
                _thresholds.restore(sensor->second, alarm.severity);
        if (alarm.alarmClass == kGatewayLost || alarm.alarmClass == kSensorLost) _silence.restoreLost(alarm.source);
    }
}

void AlarmEngine::restore(const std::vector<twin::Candidate>& candidates) {
    for (const auto& candidate : candidates) {
        _candidates[candidate.id] = candidate;
        _timers.insert({candidate.until, Timer::Kind::candidate, candidate.id});
        twin::Event last;
        last.source = candidate.source;
        last.eventClass = candidate.eventClass;
        last.place = candidate.place;
        last.drill = candidate.drill;
        last.eventTime = last.receiveTime = candidate.last;
        _unsure.push_back(std::move(last));
    }
}

void AlarmEngine::clockSet(core::Duration by) {
    noteDistrict(_now, "clock_set", {}, std::to_string(by.count()) + " ms");
    _now += by;
    _thresholds.shift(by);
    _silence.shift(by);
    _chatter.shift(by);
    _flood.shift(by);
    const auto move = [by](Instant& at) {
        if (at != Instant{}) at += by;
    };
    for (auto& [id, alarm] : _open)
        for (Instant* at : {&alarm.lastOccurrence, &alarm.shelvedUntil, &alarm.annunciated, &alarm.dispatched})
            move(*at);
    for (auto& [id, candidate] : _candidates)
        for (Instant* at : {&candidate.first, &candidate.last, &candidate.until})
            move(*at);
    for (auto& event : _unsure)
        event.receiveTime += by;
    for (Timer timer : std::exchange(_timers, {})) {
        // Hours of rules are the clock's own: each is looked at anew.
        timer.due = timer.kind == Timer::Kind::rule ? _now : timer.due + by;
        _timers.insert(std::move(timer));
    }
    for (const auto& [id, rule] : _rules)
        _timers.insert({_now, Timer::Kind::rule, id});
}

Alarm& AlarmEngine::raise(Alarm alarm, Instant at) {
    char id[32];
    std::snprintf(id, sizeof id, "A-%06llu", static_cast<unsigned long long>(++_lastNumber));
    alarm.id = id;
    alarm.raised = at;
    alarm.lastOccurrence = std::max(alarm.lastOccurrence, at);
    _byKey[alarm.dedupKey] = alarm.id;
    Alarm& stored = _open[alarm.id] = std::move(alarm);
    place(stored);
    if (stored.suppressed == Suppressed::no)
        if (const auto* rule = ruleFor(stored))
            suppressBy(stored, rule->id, rule->kind == "out_of_service" ? Suppressed::outOfService : Suppressed::byDesign);
    stored.annunciated = at;
    note(stored, at, "raised");
    annunciate(stored, at);
    if (!isEvent(stored) && _chatter.activated(stored.dedupKey, at)) chatter(stored, at);
    schedule(stored);
    return stored;
}

void AlarmEngine::annunciate(Alarm& alarm, Instant at) {
    if (alarm.suppressed != Suppressed::no || alarm.workflow == Workflow::shelved) return;
    alarm.annunciated = at;
    alarm.overdue = 0;
    schedule(alarm);
    if (alarm.drill || !_flood.annunciated(alarm.id, at)) return;
    noteDistrict(at, "flood_began", {}, _flood.state().firstOut);
    if (const auto due = _flood.due()) _timers.insert({*due, Timer::Kind::flood, ""});
}

void AlarmEngine::chatter(Alarm& alarm, Instant at) {
    alarm.chattering = true;
    alarm.settled = alarm.condition;
    note(alarm, at, "chattering");
}

void AlarmEngine::retire(const std::string& id) {
    const auto found = _open.find(id);
    if (found == _open.end()) return;
    Alarm& alarm = found->second;
    if (const auto key = _byKey.find(alarm.dedupKey); key != _byKey.end() && key->second == id) _byKey.erase(key);
    displace(alarm);
    _open.erase(found);
    ++_closed;
}

/// An acknowledged alarm that a measurement raised needs nobody any more once it is normal, unless it was severe.
void AlarmEngine::closeMeasured(Alarm& alarm, Instant at) {
    if (isEvent(alarm) || alarm.condition != Condition::normal || alarm.severity < 3) return;
    alarm.workflow = Workflow::closed;
    note(alarm, at, "closed");
    retire(std::string(alarm.id));
}

void AlarmEngine::clear(Alarm& alarm, Instant at) {
    if (alarm.chattering) { // latched: it is told once, when it is quiet
        alarm.settled = Condition::normal;
        alarm.lastOccurrence = std::max(alarm.lastOccurrence, at);
        schedule(alarm);
        return;
    }
    if (alarm.condition == Condition::normal) return;
    alarm.condition = Condition::normal;
    note(alarm, at, "cleared");
    release(std::string(alarm.id), at);
    if (alarm.workflow == Workflow::acknowledged) closeMeasured(alarm, at);
}

void AlarmEngine::activate(Alarm& alarm, Instant at, bool worse) {
    alarm.lastOccurrence = std::max(alarm.lastOccurrence, at);
    const bool again = (alarm.chattering ? alarm.settled : alarm.condition) == Condition::normal;
    if (again) ++alarm.count;
    if (alarm.chattering) {
        alarm.settled = Condition::active;
        schedule(alarm);
        if (!worse) return;
    }
    alarm.condition = Condition::active;
    // Whoever acknowledged or verified it, or sent it back, has not seen this.
    const bool looked = alarm.workflow == Workflow::acknowledged || alarm.workflow == Workflow::verified || alarm.workflow == Workflow::returned;
    if (looked || (worse && alarm.workflow == Workflow::shelved)) {
        alarm.workflow = Workflow::unacknowledged;
        alarm.shelvedUntil = {};
        alarm.shelvedFor.clear();
    }
    // A rule that may hold down the milder one may not hold down this.
    if (worse && alarm.severity == 1 && alarm.suppressed == Suppressed::byDesign) {
        alarm.suppressed = Suppressed::no;
        alarm.suppressedBy.clear();
    }
    note(alarm, at, worse ? "escalated" : "reactivated");
    annunciate(alarm, at);
    if (!isEvent(alarm) && again && !alarm.chattering && _chatter.activated(alarm.dedupKey, at)) chatter(alarm, at);
    schedule(alarm);
}

void AlarmEngine::unshelve(Alarm& alarm, Instant at, const std::string& actor) {
    alarm.workflow = Workflow::unacknowledged;
    alarm.shelvedUntil = {};
    alarm.shelvedFor.clear();
    alarm.annunciated = at;
    note(alarm, at, actor.empty() ? "unshelved" : "unshelve", actor);
    if (alarm.condition == Condition::active)
        annunciate(alarm, at);
    else
        closeMeasured(alarm, at);
}

void AlarmEngine::lookAtClocks(Alarm& alarm, Instant due) {
    if (alarm.overdue >= 2 || alarm.suppressed != Suppressed::no) return;
    const auto& policy = _registry->alarms;
    const auto severity = static_cast<std::size_t>(alarm.severity - 1);
    const bool waits = alarm.workflow == Workflow::unacknowledged, out = alarm.workflow == Workflow::dispatched;
    if (!waits && !out) return;
    const core::Duration within = waits ? policy.acknowledgeWithin[severity] : policy.startWithin[severity];
    if (within <= core::Duration{} || (waits ? alarm.annunciated : alarm.dispatched) + within * (alarm.overdue + 1) > due) return;
    ++alarm.overdue;
    note(alarm, due, "overdue", {}, alarm.overdue == 1 ? "duty_lead" : "commander");
    schedule(alarm);
}

void AlarmEngine::lookAt(Alarm& alarm, Instant due) {
    const std::string id = alarm.id;
    if (alarm.workflow == Workflow::shelved && alarm.shelvedUntil <= due) {
        unshelve(alarm, due, {});
        if (!_open.contains(id)) return;
    }
    if (alarm.chattering && alarm.lastOccurrence + _registry->alarms.chatterQuiet <= due) {
        alarm.chattering = false;
        _chatter.forget(alarm.dedupKey);
        note(alarm, due, "settled");
        if (alarm.settled == Condition::normal) clear(alarm, due);
        if (!_open.contains(id)) return;
    }
    if (isEvent(alarm) && alarm.condition == Condition::active && alarm.lastOccurrence + kFoldWindow <= due)
        clear(alarm, due);
    lookAtClocks(alarm, due);
}

void AlarmEngine::watch(Instant at) {
    _thresholds.advance(
        at, [this](std::uint32_t sensor, int threshold, Instant when) { thresholdChanged(sensor, threshold, when); });
    _silence.advance(at, listener());
}

void AlarmEngine::advance(Instant at) {
    if (at <= _now) return;
    if (_now == Instant{}) {
        // The first word of the time: which rules are in force, and what an earlier run left under rules that are not.
        _now = at;
        for (const auto& [id, alarm] : std::map(_open))
            if (alarm.suppressed != Suppressed::no && !_rules.contains(alarm.suppressedBy) && !_open.contains(alarm.suppressedBy))
                release(alarm.suppressedBy, at);
        for (const auto& [id, rule] : std::map(_rules))
            lookAtRule(id, at);
    }
    // Timers, on-delays and silences in one order of time; what watches values first at equal times: it comes from older
    // messages.
    while (!_timers.empty() && _timers.begin()->due <= at) {
        const Timer timer = *_timers.begin();
        watch(timer.due);
        _timers.erase(timer);
        switch (timer.kind) {
        case Timer::Kind::rule:
            lookAtRule(timer.id, timer.due);
            break;
        case Timer::Kind::alarm:
            if (const auto found = _open.find(timer.id); found != _open.end()) lookAt(found->second, timer.due);
            break;
        case Timer::Kind::candidate:
            if (const auto found = _candidates.find(timer.id); found != _candidates.end() && found->second.until <= timer.due) {
                note(found->second, timer.due, "expired");
                _candidates.erase(found);
            }
            break;
        case Timer::Kind::flood:
            if (_flood.advance(timer.due))
                noteDistrict(timer.due, "flood_ended");
            else if (const auto due = _flood.due())
                _timers.insert({*due, Timer::Kind::flood, ""});
            break;
        }
    }
    watch(at);
    [[maybe_unused]] const bool ended = _flood.advance(at) && (noteDistrict(at, "flood_ended"), true);
    _now = at;
}

Alarm* AlarmEngine::openWithKey(const std::string& key) {
    const auto found = _byKey.find(key);
    return found == _byKey.end() ? nullptr : &_open.at(found->second);
}

void AlarmEngine::thresholdChanged(std::uint32_t index, int threshold, Instant at) {
    const twin::Sensor& sensor = _registry->sensors[index];
    const std::string key = "threshold|" + sensor.id;
    Alarm* alarm = openWithKey(key);
    if (threshold < 0) {
        if (alarm) clear(*alarm, at);
        return;
    }
    const twin::Threshold& rule = sensor.thresholds[static_cast<std::size_t>(threshold)];
    if (!alarm) {
        Alarm made;
        made.dedupKey = key;
        made.alarmClass = sensor.kind;
        made.severity = rule.severity;
        made.title = thresholdTitle(sensor, rule);
        made.source = sensor.id;
        made.place = sensor.place;
        raise(std::move(made), at);
        return;
    }
    const bool worse = rule.severity < alarm->severity;
    const bool again = (alarm->chattering ? alarm->settled : alarm->condition) == Condition::normal;
    if (!worse && !again) return; // eased, but not over: the alarm keeps the worst that it has seen
    if (worse) {
        alarm->severity = rule.severity;
        alarm->title = thresholdTitle(sensor, rule);
    }
    activate(*alarm, at, worse);
}

void AlarmEngine::observe(std::uint32_t sensor, const twin::Observation& observation) {
    const Instant at = trusted(observation.eventTime, observation.receiveTime);
    advance(at);
    _silence.heard(sensor, at, listener());
    if (observation.quality == twin::Quality::bad) return;
    _thresholds.observe(sensor, observation.value, at,
                        [this](std::uint32_t s, int threshold, Instant when) { thresholdChanged(s, threshold, when); });
}

void AlarmEngine::lost(const std::string& key, Alarm made, Instant at) {
    if (Alarm* alarm = openWithKey(key)) {
        if ((alarm->chattering ? alarm->settled : alarm->condition) == Condition::normal) activate(*alarm, at, false);
        return;
    }
    made.dedupKey = key;
    raise(std::move(made), at);
}

void AlarmEngine::feedLost(const std::string& feed, Instant at) {
    Alarm made;
    made.alarmClass = "feed_lost";
    made.severity = 3;
    made.title = feedLostTitle(feed);
    made.source = feed;
    lost("feed|" + feed, std::move(made), at);
}

void AlarmEngine::feedBack(const std::string& feed, Instant at) {
    if (Alarm* alarm = openWithKey("feed|" + feed)) clear(*alarm, at);
}

SilenceWatch::Listener AlarmEngine::listener() {
    return {[this](const std::string& gateway, bool lost, Instant at) { gatewayChanged(gateway, lost, at); },
            [this](std::uint32_t sensor, bool lost, Instant at) { sensorChanged(sensor, lost, at); }};
}

void AlarmEngine::gatewayChanged(const std::string& gateway, bool isLost, Instant at) {
    const std::string key = "gateway|" + gateway;
    if (!isLost) {
        if (Alarm* alarm = openWithKey(key)) clear(*alarm, at);
        return;
    }
    Alarm made;
    made.alarmClass = kGatewayLost;
    made.severity = 3;
    std::size_t children = 0;
    for (const auto& sensor : _registry->sensors)
        if (sensor.gateway == gateway && children++ == 0) made.place = sensor.place;
    made.title = gatewayLostTitle(gateway, children);
    made.source = gateway;
    lost(key, std::move(made), at);
    // One cause, one alarm: silences of what hangs on it are its children.
    const std::string parent = openWithKey(key)->id;
    for (auto& [id, alarm] : _open) {
        if (alarm.alarmClass != kSensorLost || alarm.suppressed != Suppressed::no) continue;
        const auto sensor = _registry->sensorIndex.find(alarm.source);
        if (sensor == _registry->sensorIndex.end() || _registry->sensors[sensor->second].gateway != gateway) continue;
        suppressBy(alarm, parent, Suppressed::byDesign);
        note(alarm, at, "suppressed");
    }
}

void AlarmEngine::sensorChanged(std::uint32_t index, bool isLost, Instant at) {
    const twin::Sensor& sensor = _registry->sensors[index];
    const std::string key = "silent|" + sensor.id;
    if (!isLost) {
        if (Alarm* alarm = openWithKey(key)) clear(*alarm, at);
        return;
    }
    Alarm made;
    made.alarmClass = kSensorLost;
    made.severity = 4;
    made.title = sensorLostTitle(sensor);
    made.source = sensor.id;
    made.place = sensor.place;
    if (!sensor.gateway.empty())
        if (const Alarm* parent = openWithKey("gateway|" + sensor.gateway); parent && parent->condition == Condition::active)
            suppressBy(made, parent->id, Suppressed::byDesign);
    lost(key, std::move(made), at);
}

std::vector<Change> AlarmEngine::takeChanges() {
    return std::exchange(_changes, {});
}

} // namespace matou::alarm
