#include "alarm/alarm_engine.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "alarm/life_cycle.h"
#include "alarm/words.h"

namespace matou::alarm {
using core::fail;
using core::Instant;
using twin::Alarm;
using twin::Condition;
using twin::Workflow;
namespace {

constexpr core::Duration kProofWindow{5000}, kSecondCameraWindow{60000};
constexpr double kMetersPerDegree = 111195.0;

/// East and north metres from a to b; flat, good to a few km.
std::pair<double, double> offset(const twin::Place& a, const twin::Place& b) {
    return {(b.longitude - a.longitude) * kMetersPerDegree * std::cos(a.latitude * std::numbers::pi / 180),
            (b.latitude - a.latitude) * kMetersPerDegree};
}
double distance(const twin::Place& a, const twin::Place& b) {
    const auto [east, north] = offset(a, b);
    return std::hypot(east, north);
}

std::string cellOf(const twin::Event& event) {
    if (!event.place) return "";
    char text[48];
    std::snprintf(text, sizeof text, "%lld:%lld",
                  static_cast<long long>(std::floor(event.place->longitude * kMetersPerDegree / kFoldMeters)),
                  static_cast<long long>(std::floor(event.place->latitude * kMetersPerDegree / kFoldMeters)));
    return text;
}

bool isThreshold(const Alarm& alarm) {
    return alarm.dedupKey.starts_with("threshold|");
}
bool isEvent(const Alarm& alarm) {
    return alarm.dedupKey.starts_with("event|");
}

/// A stamp from the future would stop the clock for everything after it.
Instant trusted(Instant eventTime, Instant receiveTime) {
    return std::min(eventTime, receiveTime + core::Duration(5000));
}

} // namespace

std::string logLine(const Change& change) {
    const Alarm& alarm = change.alarm;
    std::string line = core::formatInstant(change.at) + " " + alarm.id + " " + change.what + " S" +
                       std::to_string(alarm.severity) + " " + alarm.alarmClass + " " + alarm.source + " " +
                       wordOf(alarm.condition) + " " + wordOf(alarm.workflow) + " count=" + std::to_string(alarm.count);
    if (!change.actor.empty()) line += " by=" + change.actor;
    return line;
}

AlarmEngine::AlarmEngine(std::shared_ptr<const twin::Registry> registry)
    : _registry(std::move(registry)), _thresholds(*_registry) {}

void AlarmEngine::note(const Alarm& alarm, Instant at, std::string what, std::string actor, std::string text) {
    _changes.push_back({alarm, at, std::move(what), std::move(actor), std::move(text)});
}

void AlarmEngine::schedule(const Alarm& alarm) {
    if (alarm.workflow == Workflow::shelved) _timers.emplace(alarm.shelvedUntil, alarm.id);
    if (isEvent(alarm) && alarm.condition == Condition::active)
        _timers.emplace(alarm.lastOccurrence + kFoldWindow, alarm.id);
}

void AlarmEngine::restore(const std::vector<Alarm>& open, std::uint64_t lastNumber) {
    _lastNumber = std::max(_lastNumber, lastNumber);
    for (const Alarm& alarm : open) {
        _open[alarm.id] = alarm;
        _byKey[alarm.dedupKey] = alarm.id;
        if (isEvent(alarm)) _placed.emplace(alarm.alarmClass, alarm.id);
        schedule(alarm);
        if (isThreshold(alarm) && alarm.condition == Condition::active)
            if (const auto sensor = _registry->sensorIndex.find(alarm.source); sensor != _registry->sensorIndex.end())
                _thresholds.restore(sensor->second, alarm.severity);
    }
}

Alarm& AlarmEngine::raise(Alarm alarm, Instant at) {
    char id[32];
    std::snprintf(id, sizeof id, "A-%06llu", static_cast<unsigned long long>(++_lastNumber));
    alarm.id = id;
    alarm.raised = alarm.lastOccurrence = at;
    _byKey[alarm.dedupKey] = alarm.id;
    if (isEvent(alarm)) _placed.emplace(alarm.alarmClass, alarm.id);
    Alarm& stored = _open[alarm.id] = std::move(alarm);
    note(stored, at, "raised");
    schedule(stored);
    return stored;
}

void AlarmEngine::retire(const std::string& id) {
    const auto found = _open.find(id);
    if (found == _open.end()) return;
    const Alarm& alarm = found->second;
    if (const auto key = _byKey.find(alarm.dedupKey); key != _byKey.end() && key->second == id) _byKey.erase(key);
    const auto [first, last] = _placed.equal_range(alarm.alarmClass);
    for (auto i = first; i != last; ++i)
        if (i->second == id) {
            _placed.erase(i);
            break;
        }
    _open.erase(found);
    ++_closed;
}

/// The condition is gone. An acknowledged alarm that a measurement raised needs nobody any more, unless it was severe.
void AlarmEngine::clear(Alarm& alarm, Instant at) {
    if (alarm.condition == Condition::normal) return;
    alarm.condition = Condition::normal;
    note(alarm, at, "cleared");
    if (!isEvent(alarm) && alarm.workflow == Workflow::acknowledged && alarm.severity >= 3) {
        alarm.workflow = Workflow::closed;
        note(alarm, at, "closed");
        retire(std::string(alarm.id));
    }
}

void AlarmEngine::advance(Instant at) {
    if (at <= _now) return;
    // Alarm timers and on-delays in one order of time. On-delays first at equal times: they come from older messages.
    while (!_timers.empty() && _timers.begin()->first <= at) {
        const auto [due, id] = *_timers.begin();
        _thresholds.advance(due, [this](std::uint32_t sensor, int threshold, Instant when) {
            thresholdChanged(sensor, threshold, when);
        });
        _timers.erase({due, id});
        const auto found = _open.find(id);
        if (found == _open.end()) continue;
        Alarm& alarm = found->second;
        if (alarm.workflow == Workflow::shelved && alarm.shelvedUntil <= due) {
            alarm.workflow = Workflow::unacknowledged;
            alarm.shelvedUntil = {};
            note(alarm, due, "unshelved");
        }
        if (isEvent(alarm) && alarm.condition == Condition::active && alarm.lastOccurrence + kFoldWindow <= due)
            clear(alarm, due);
    }
    _thresholds.advance(
        at, [this](std::uint32_t sensor, int threshold, Instant when) { thresholdChanged(sensor, threshold, when); });
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
    const bool worse = rule.severity < alarm->severity, again = alarm->condition == Condition::normal;
    if (!worse && !again) return; // eased, but not over: the alarm keeps the worst that it has seen
    alarm->lastOccurrence = at;
    if (again) ++alarm->count;
    if (worse) {
        alarm->severity = rule.severity;
        alarm->title = thresholdTitle(sensor, rule);
    }
    alarm->condition = Condition::active;
    // Whoever acknowledged it has not seen this.
    if (alarm->workflow == Workflow::acknowledged || (worse && alarm->workflow == Workflow::shelved))
        alarm->workflow = Workflow::unacknowledged;
    note(*alarm, at, worse ? "escalated" : "reactivated");
}

void AlarmEngine::observe(std::uint32_t sensor, const twin::Observation& observation) {
    const Instant at = trusted(observation.eventTime, observation.receiveTime);
    advance(at);
    if (observation.quality == twin::Quality::bad) return;
    _thresholds.observe(sensor, observation.value, at,
                        [this](std::uint32_t s, int threshold, Instant when) { thresholdChanged(s, threshold, when); });
}

Alarm* AlarmEngine::openNear(const twin::Event& event) {
    const Instant at = trusted(event.eventTime, event.receiveTime);
    const auto [first, last] = _placed.equal_range(event.eventClass);
    Alarm* best = nullptr;
    double bestDistance = kFoldMeters;
    for (auto i = first; i != last; ++i) {
        Alarm& alarm = _open.at(i->second);
        if (at - alarm.lastOccurrence > kFoldWindow || alarm.lastOccurrence - at > kFoldWindow) continue;
        if (!event.place) {
            if (alarm.source == event.source) return &alarm;
        } else if (const double d = distance(*event.place, alarm.place); d <= bestDistance) {
            best = &alarm;
            bestDistance = d;
        }
    }
    return best;
}

bool AlarmEngine::isVerified(const twin::Event& event) {
    std::erase_if(_candidates,
                  [&](const Candidate& c) { return event.eventTime - c.event.eventTime > kSecondCameraWindow; });
    bool proved = false;
    for (const Candidate& candidate : _candidates) {
        const twin::Event& other = candidate.event;
        if (other.eventClass != event.eventClass) continue;
        const bool samePlace = event.place && other.place ? distance(*event.place, *other.place) <= kFoldMeters
                                                          : event.source == other.source;
        if (!samePlace) continue;
        const auto apart =
            event.eventTime > other.eventTime ? event.eventTime - other.eventTime : other.eventTime - event.eventTime;
        proved = proved || (other.source != event.source ? apart <= kSecondCameraWindow : apart <= kProofWindow);
    }
    constexpr std::size_t kRemembered = 1000;
    if (_candidates.size() >= kRemembered) _candidates.erase(_candidates.begin());
    _candidates.push_back({event});
    return proved;
}

void AlarmEngine::occur(const twin::Event& event) {
    const Instant at = trusted(event.eventTime, event.receiveTime);
    advance(at);
    if (Alarm* alarm = openNear(event)) {
        ++alarm->count;
        const bool again = alarm->condition == Condition::normal;
        if (at > alarm->lastOccurrence) alarm->lastOccurrence = at;
        if (again) {
            alarm->condition = Condition::active;
            if (alarm->workflow == Workflow::acknowledged) alarm->workflow = Workflow::unacknowledged;
        }
        const bool worse = event.severity < alarm->severity;
        if (worse) alarm->severity = event.severity;
        note(*alarm, at, worse ? "escalated" : again ? "reactivated" : "repeated");
        schedule(*alarm);
        return;
    }
    if (needsProof(event.eventClass) && event.confidence < kSureConfidence && !isVerified(event)) return;

    Alarm made;
    made.dedupKey = "event|" + event.eventClass + "|" + event.source + "|" + cellOf(event);
    made.alarmClass = event.eventClass;
    made.severity = event.severity;
    made.title = eventTitle(*_registry, event);
    made.source = event.source;
    const std::string& cameraId = event.camera.empty() ? event.source : event.camera;
    const auto camera = _registry->cameraIndex.find(cameraId);
    if (event.place)
        made.place = *event.place;
    else if (camera != _registry->cameraIndex.end())
        made.place = _registry->cameras[camera->second].place;
    else if (const auto sensor = _registry->sensorIndex.find(event.sensor.empty() ? event.source : event.sensor);
             sensor != _registry->sensorIndex.end())
        made.place = _registry->sensors[sensor->second].place;
    if (camera != _registry->cameraIndex.end() && event.place) {
        const twin::Camera& eye = _registry->cameras[camera->second];
        const auto [east, north] = offset(eye.place, *event.place);
        // The camera states its error at its full range; nearer it is proportionally smaller.
        const double share = std::clamp(std::hypot(east, north) / std::max(1.0, eye.rangeMeters), 0.2, 1.5);
        made.errorMajorMeters = eye.errorMajorMeters * share;
        made.errorMinorMeters = eye.errorMinorMeters * share;
        made.errorBearingDegrees = std::atan2(east, north) * 180 / std::numbers::pi;
        if (made.errorBearingDegrees < 0) made.errorBearingDegrees += 360;
    }
    raise(std::move(made), at);
}

void AlarmEngine::feedLost(const std::string& feed, Instant at) {
    const std::string key = "feed|" + feed;
    if (Alarm* alarm = openWithKey(key)) {
        if (alarm->condition == Condition::active) return;
        alarm->condition = Condition::active;
        alarm->lastOccurrence = at;
        ++alarm->count;
        if (alarm->workflow == Workflow::acknowledged) alarm->workflow = Workflow::unacknowledged;
        note(*alarm, at, "reactivated");
        return;
    }
    Alarm made;
    made.dedupKey = key;
    made.alarmClass = "feed_lost";
    made.severity = 3;
    made.title = feedLostTitle(feed);
    made.source = feed;
    raise(std::move(made), at);
}

void AlarmEngine::feedBack(const std::string& feed, Instant at) {
    if (Alarm* alarm = openWithKey("feed|" + feed)) clear(*alarm, at);
}

core::Result<void> AlarmEngine::act(const std::string& id, const std::string& verb, const std::string& text,
                                    const std::string& actor, Instant at) {
    const auto found = _open.find(id);
    if (found == _open.end()) return fail("E_ALARM_UNKNOWN", "alarm " + id);
    Alarm& alarm = found->second;
    MATOU_CHECK(alarm::act(alarm, verb, text, actor, at));
    note(alarm, at, verb, actor, text);
    schedule(alarm);
    if (verb == "ack" && !isEvent(alarm) && alarm.condition == Condition::normal && alarm.severity >= 3) {
        alarm.workflow = Workflow::closed;
        note(alarm, at, "closed");
    }
    if (!isOpen(alarm)) retire(id);
    return {};
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

const Alarm* AlarmEngine::find(const std::string& id) const {
    const auto found = _open.find(id);
    return found == _open.end() ? nullptr : &found->second;
}

std::vector<Change> AlarmEngine::takeChanges() {
    return std::exchange(_changes, {});
}

} // namespace matou::alarm
