// Events: folding, proof, candidates.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "alarm/alarm_engine.h"
#include "alarm/geometry.h"
#include "alarm/words.h"

namespace matou::alarm {
using core::fail;
using core::Instant;
using twin::Alarm;
using twin::Candidate;
using twin::Condition;
using twin::Workflow;
namespace {

constexpr core::Duration kProofWindow{5000}, kSecondCameraWindow{60000};
constexpr std::size_t kUnsureRemembered = 1000, kCandidates = 1000;

/// Squares of the ground for openNear, degrees: some 110 m, several times kFoldMeters short of the polar circles.
constexpr double kSquareDegrees = 0.001;
std::pair<long, long> squareOf(const twin::Place& place) {
    return {static_cast<long>(std::floor(place.longitude / kSquareDegrees)), static_cast<long>(std::floor(place.latitude / kSquareDegrees))};
}
/// Neighbours to the east and west in which something within kFoldMeters may lie.
int squaresWithin(double latitude) {
    const double wide = kSquareDegrees * kMetersPerDegree * std::max(0.01, std::cos(latitude * std::numbers::pi / 180.0));
    return static_cast<int>(std::ceil(kFoldMeters / wide));
}
std::string squareKey(const std::string& eventClass, long east, long north) {
    return eventClass + "\n" + std::to_string(east) + "\n" + std::to_string(north);
}
std::string sourceKey(const std::string& eventClass, const std::string& source) { return eventClass + "\n" + source; }

std::string cellOf(const twin::Event& event) {
    if (!event.place) return "";
    char text[48];
    std::snprintf(text, sizeof text, "%lld:%lld",
                  static_cast<long long>(std::floor(event.place->longitude * kMetersPerDegree / kFoldMeters)),
                  static_cast<long long>(std::floor(event.place->latitude * kMetersPerDegree / kFoldMeters)));
    return text;
}

void remember(std::vector<std::string>& ids, const std::string& id) {
    if (ids.size() >= Alarm::kEventsKept) ids.erase(ids.begin());
    ids.push_back(id);
}

/// One thing seen twice: at the same place, or (without a place) by the same source.
template <typename Place>
bool samePlace(const twin::Event& event, const Place& place, const std::string& source) {
    return event.place && place ? distance(*event.place, *place) <= kFoldMeters : event.source == source;
}

} // namespace

void AlarmEngine::note(const Candidate& candidate, Instant at, std::string what, std::string actor, std::string text) {
    Alarm line;
    line.id = candidate.id;
    line.alarmClass = candidate.eventClass;
    line.severity = candidate.severity;
    line.source = candidate.source;
    line.feed = candidate.feed;
    line.count = candidate.count;
    line.drill = candidate.drill;
    line.events = candidate.events;
    _changes.push_back({Change::Of::candidate, std::move(line), at, std::move(what), std::move(actor), std::move(text)});
}

void AlarmEngine::place(Alarm& alarm) {
    if (!isEvent(alarm)) return;
    _ofSource.emplace(sourceKey(alarm.alarmClass, alarm.source), &alarm);
    const auto [east, north] = squareOf(alarm.place);
    _inSquare.emplace(squareKey(alarm.alarmClass, east, north), &alarm);
}

void AlarmEngine::displace(Alarm& alarm) {
    if (!isEvent(alarm)) return;
    const auto forget = [&](std::multimap<std::string, Alarm*>& from, const std::string& key) {
        const auto [first, last] = from.equal_range(key);
        if (const auto found = std::find_if(first, last, [&](const auto& entry) { return entry.second == &alarm; }); found != last) from.erase(found);
    };
    forget(_ofSource, sourceKey(alarm.alarmClass, alarm.source));
    const auto [east, north] = squareOf(alarm.place);
    forget(_inSquare, squareKey(alarm.alarmClass, east, north));
}

Alarm* AlarmEngine::openNear(const twin::Event& event) {
    const Instant at = trusted(event.eventTime, event.receiveTime);
    const auto folds = [&](const Alarm& alarm) {
        return alarm.drill == event.drill && at - alarm.lastOccurrence <= kFoldWindow && alarm.lastOccurrence - at <= kFoldWindow;
    };
    if (!event.place) {
        const auto [first, last] = _ofSource.equal_range(sourceKey(event.eventClass, event.source));
        const auto found = std::find_if(first, last, [&](const auto& entry) { return folds(*entry.second); });
        return found == last ? nullptr : found->second;
    }
    Alarm* best = nullptr;
    double bestDistance = kFoldMeters;
    const auto [east, north] = squareOf(*event.place);
    const int reach = squaresWithin(event.place->latitude);
    for (long dy = -1; dy <= 1; ++dy)
        for (long dx = -reach; dx <= reach; ++dx) {
            const auto [first, last] = _inSquare.equal_range(squareKey(event.eventClass, east + dx, north + dy));
            for (auto i = first; i != last; ++i) {
                const double d = distance(*event.place, i->second->place);
                // Of two as near the newer: their numbers rise, and with a digit more they are longer.
                const bool newer = best && d == bestDistance && std::pair(i->second->id.size(), i->second->id) > std::pair(best->id.size(), best->id);
                if (d > bestDistance || (best && d == bestDistance && !newer) || !folds(*i->second)) continue;
                best = i->second;
                bestDistance = d;
            }
        }
    return best;
}

std::string AlarmEngine::proofOf(const twin::Event& event) {
    const auto between = [](Instant a, Instant b) { return a > b ? a - b : b - a; };
    const auto when = [](const twin::Event& e) { return trusted(e.eventTime, e.receiveTime); };
    std::erase_if(_unsure, [&](const twin::Event& e) { return when(event) - when(e) > kSecondCameraWindow; });
    std::string proof;
    for (const twin::Event& other : _unsure) {
        if (other.eventClass != event.eventClass || other.drill != event.drill) continue;
        if (!samePlace(event, other.place, other.source)) continue;
        // Two cameras have two clocks; one camera's own stamps say how far apart it saw it.
        if (other.source != event.source && between(when(event), when(other)) <= kSecondCameraWindow)
            proof = "second_camera";
        else if (proof.empty() && between(event.eventTime, other.eventTime) <= kProofWindow)
            proof = "repeated";
    }
    if (_unsure.size() >= kUnsureRemembered) _unsure.erase(_unsure.begin());
    _unsure.push_back(event);
    _unsure.back().raw.clear(); // up to 1 MB each
    return proof;
}

Candidate* AlarmEngine::candidateNear(const twin::Event& event) {
    for (auto& [id, candidate] : _candidates)
        if (candidate.eventClass == event.eventClass && candidate.drill == event.drill &&
            samePlace(event, candidate.place, candidate.source))
            return &candidate;
    return nullptr;
}

void AlarmEngine::addCandidate(const twin::Event& event, Instant at) {
    Candidate* candidate = candidateNear(event);
    if (!candidate) {
        if (_candidates.size() >= kCandidates) { // a flooding source: the oldest are in history
            note(_candidates.begin()->second, at, "expired");
            _candidates.erase(_candidates.begin());
        }
        char id[32];
        std::snprintf(id, sizeof id, "C-%06llu", static_cast<unsigned long long>(++_lastCandidate));
        Candidate made;
        made.id = id;
        made.eventClass = event.eventClass;
        made.source = event.source;
        made.feed = event.feed;
        made.title = eventTitle(*_registry, event);
        made.place = event.place;
        made.first = at;
        made.count = 0;
        made.drill = event.drill;
        candidate = &(_candidates[made.id] = std::move(made));
    }
    ++candidate->count;
    candidate->confidence = std::max(candidate->confidence, event.confidence);
    candidate->severity = std::min(candidate->severity, event.severity);
    candidate->last = std::max(candidate->last, at);
    candidate->until = candidate->last + _registry->alarms.candidateLife;
    remember(candidate->events, event.id);
    _timers.insert({candidate->until, Timer::Kind::candidate, candidate->id});
    if (candidate->count == 1) note(*candidate, at, "candidate");
}

Alarm AlarmEngine::alarmOf(const twin::Event& event) const {
    Alarm made;
    made.dedupKey = "event|" + event.eventClass + "|" + event.source + "|" + cellOf(event) + (event.drill ? "|drill" : "");
    made.alarmClass = event.eventClass;
    made.severity = event.severity;
    made.title = eventTitle(*_registry, event);
    made.source = event.source;
    made.feed = event.feed;
    made.drill = event.drill;
    made.events = {event.id};
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
    return made;
}

void AlarmEngine::repeat(Alarm& alarm, const twin::Event& event, Instant at) {
    ++alarm.count;
    remember(alarm.events, event.id);
    const bool again = alarm.condition == Condition::normal, worse = event.severity < alarm.severity;
    if (worse) alarm.severity = event.severity;
    if (again || worse) {
        if (again) --alarm.count; // activate() counts it
        return activate(alarm, at, worse);
    }
    alarm.lastOccurrence = std::max(alarm.lastOccurrence, at);
    note(alarm, at, "repeated");
    schedule(alarm);
}

void AlarmEngine::occur(const twin::Event& event) {
    const Instant at = trusted(event.eventTime, event.receiveTime);
    advance(at);
    if (Alarm* alarm = openNear(event)) return repeat(*alarm, event, at);
    Alarm made = alarmOf(event);
    if (needsProof(event.eventClass)) {
        made.verification = event.confidence >= kSureConfidence ? "sure" : proofOf(event);
        if (made.verification.empty()) return addCandidate(event, at);
        if (const Candidate* candidate = candidateNear(event)) {
            made.count += candidate->count;
            made.events = candidate->events;
            remember(made.events, event.id);
            _candidates.erase(candidate->id);
        }
    }
    raise(std::move(made), at);
}

core::Result<void> AlarmEngine::actOnCandidate(const std::string& id, const std::string& verb, const std::string& text,
                                               const std::string& actor, Instant at) {
    const auto found = _candidates.find(id);
    if (found == _candidates.end()) return fail("E_ALARM_UNKNOWN", "candidate " + id);
    if (verb != "confirm" && verb != "dismiss") return fail("E_ALARM_CANDIDATE", "candidate " + id, {verb});
    const Candidate candidate = found->second;
    note(candidate, at, verb, actor, text);
    _candidates.erase(found);
    if (verb == "dismiss") return {};
    twin::Event event;
    event.source = candidate.source;
    event.eventClass = candidate.eventClass;
    event.severity = candidate.severity;
    event.place = candidate.place;
    event.feed = candidate.feed;
    event.drill = candidate.drill;
    Alarm made = alarmOf(event);
    made.events = candidate.events;
    made.count = candidate.count;
    made.verification = "operator";
    // Who confirms it has seen it.
    made.workflow = Workflow::acknowledged;
    made.acknowledged = at;
    made.acknowledgedBy = actor;
    made.lastOccurrence = candidate.last;
    raise(std::move(made), at);
    return {};
}

} // namespace matou::alarm
