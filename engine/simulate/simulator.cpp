#include "simulate/simulator.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "simulate/incidents.h"
#include "simulate/noise.h"
#include "simulate/signals.h"

namespace matou::simulate {
namespace {

constexpr std::int64_t kProjectIntervalMs = 600000;
/// How far an incident's burst may reach beyond its slot.
constexpr std::int64_t kBurstSlots = 1;

/// Ordered members, so that the bytes are the same everywhere.
using Ordered = nlohmann::ordered_json;

/// Percent by the phases' dates, each phase one equal share.
std::pair<std::string, double> progress(const twin::Project& project, core::Instant now) {
    std::string phase;
    double done = 0;
    for (const auto& entry : project.phases) {
        const auto start = entry.actualStart ? entry.actualStart : entry.plannedStart;
        const auto end = entry.actualEnd ? entry.actualEnd : entry.plannedEnd;
        if (!start || now < *start) break;
        phase = entry.name;
        if (end && now >= *end)
            done += 1;
        else if (end && *end > *start) {
            done += std::chrono::duration<double>(now - *start) / std::chrono::duration<double>(*end - *start);
            break;
        } else
            break;
    }
    if (phase.empty() && !project.phases.empty()) phase = project.phases.front().name;
    const double share = project.phases.empty() ? 0 : done / static_cast<double>(project.phases.size());
    return {phase, std::round(1000 * share) / 10};
}

/// done; late when a planned end has passed without an actual one; at risk when the share of time is ahead of it.
std::string statusOf(const twin::Project& project, core::Instant now, double percent, std::uint64_t key) {
    if (percent >= 100) return "done";
    for (const auto& entry : project.phases)
        if (entry.plannedEnd && now > *entry.plannedEnd && (!entry.actualEnd || *entry.actualEnd > *entry.plannedEnd) &&
            (!entry.actualEnd || now < *entry.actualEnd))
            return unit(hash(key, 21)) < 0.5 ? "late" : "at-risk";
    const double draw = unit(hash(key, 22));
    return draw < 0.05 ? "paused" : draw < 0.15 ? "at-risk" : "on-track";
}

Message eventMessage(const std::string& prefix, const Incident& incident) {
    Ordered payload;
    payload["id"] = incident.id;
    payload["ts"] = core::formatInstant(incident.at);
    payload["class"] = incident.eventClass;
    payload["severity"] = incident.severity;
    payload["confidence"] = incident.confidence;
    payload[incident.fromCamera ? "camera" : "sensor"] = incident.source;
    payload["lon"] = std::round(incident.place.longitude * 1e7) / 1e7;
    payload["lat"] = std::round(incident.place.latitude * 1e7) / 1e7;
    payload["height"] = 0;
    payload["heightRef"] = "ground";
    if (incident.drill) payload["drill"] = true;
    payload["text"] = incident.text;
    return {incident.at, prefix + "event/" + incident.source, payload.dump(), true};
}

} // namespace

Simulator::Simulator(std::shared_ptr<const twin::Registry> registry, SimulatorOptions options, std::vector<Course> courses)
    : _registry(std::move(registry)), _options(std::move(options)), _courses(std::move(courses)), _prefix("matou/v1/" + _options.district + "/") {
    double natural = 0;
    for (const auto& sensor : _registry->sensors) {
        natural += 1000.0 / static_cast<double>(sensor.expectedInterval.count());
        _keys.push_back(hash(_options.seed, hash(sensor.id)));
    }
    for (const auto& project : _registry->projects)
        _keys.push_back(hash(_options.seed, hash(project.id), 1));
    if (natural > 0 && _options.ratePerSecond > natural) _speed = _options.ratePerSecond / natural;
}

double Simulator::rate() const {
    double natural = 0;
    for (std::uint32_t i = 0; i < _registry->sensors.size(); ++i)
        natural += 1000.0 / static_cast<double>(interval(i));
    return natural;
}

std::int64_t Simulator::interval(std::uint32_t thing) const {
    if (thing >= _registry->sensors.size()) return kProjectIntervalMs;
    return std::max<std::int64_t>(
        1, std::llround(static_cast<double>(_registry->sensors[thing].expectedInterval.count()) / _speed));
}

std::int64_t Simulator::phase(std::uint32_t thing) const {
    return static_cast<std::int64_t>(unit(hash(_keys[thing], 99)) * static_cast<double>(interval(thing)));
}

bool Simulator::silent(std::uint32_t thing, std::int64_t atMs) const {
    if (thing >= _registry->sensors.size()) return false;
    const core::Instant at{core::Duration(atMs)};
    return std::any_of(_courses.begin(), _courses.end(), [&](const Course& course) { return course.silent(_registry->sensors[thing], at); });
}

std::vector<Incident> Simulator::incidentsBetween(core::Instant from, core::Instant to) const {
    std::vector<Incident> incidents;
    const std::int64_t first = from.time_since_epoch().count(), end = to.time_since_epoch().count();
    const auto within = [&](const Incident& incident) { return incident.at > from && incident.at <= to; };
    for (std::int64_t slot = first / kIncidentSlotMs - kBurstSlots; slot <= end / kIncidentSlotMs; ++slot)
        for (auto& incident : incidentsOfSlot(*_registry, _options.seed, slot))
            if (within(incident)) incidents.push_back(std::move(incident));
    for (const Course& course : _courses)
        std::copy_if(course.incidents().begin(), course.incidents().end(), std::back_inserter(incidents), within);
    std::stable_sort(incidents.begin(), incidents.end(),
                     [](const Incident& a, const Incident& b) { return a.at < b.at; });
    return incidents;
}

Message Simulator::messageOf(std::uint32_t thing, std::int64_t atMs) const {
    const core::Instant at{core::Duration(atMs)};
    Ordered payload;
    if (thing < _registry->sensors.size()) {
        const auto& sensor = _registry->sensors[thing];
        payload["id"] = sensor.id;
        payload["ts"] = core::formatInstant(at);
        double value = signalOf(sensor, _keys[thing], at);
        for (const Course& course : _courses)
            value = course.reading(sensor, at, value);
        payload["value"] = reported(sensor, value);
        if (!sensor.unit.empty()) payload["unit"] = sensor.unit;
        // One reading in 500 is not to be trusted, as in the field.
        if (unit(hash(_keys[thing], static_cast<std::uint64_t>(atMs), 31)) < 0.002) payload["q"] = "uncertain";
        payload["seq"] = atMs / interval(thing);
        return {at, _prefix + "obs/" + sensor.id, payload.dump(), false};
    }
    const auto& project = _registry->projects[thing - _registry->sensors.size()];
    const auto [phaseName, percent] = progress(project, at);
    payload["id"] = project.id;
    payload["ts"] = core::formatInstant(at);
    payload["phase"] = phaseName;
    payload["percent"] = percent;
    payload["status"] = statusOf(project, at, percent, _keys[thing]);
    return {at, _prefix + "project/" + project.id, payload.dump(), false};
}

void Simulator::last(core::Instant instant, const std::function<void(const Message&)>& sink) const {
    const std::int64_t now = instant.time_since_epoch().count();
    std::vector<Due> due;
    for (std::uint32_t i = 0; i < _keys.size(); ++i) {
        const std::int64_t step = interval(i), offset = phase(i);
        std::int64_t at = offset + (now - offset) / step * step;
        while (silent(i, at))
            at -= step;
        due.push_back({at, i});
    }
    std::sort(due.begin(), due.end(),
              [](const Due& a, const Due& b) { return std::tie(a.atMs, a.sensor) < std::tie(b.atMs, b.sensor); });
    for (const Due& entry : due)
        sink(messageOf(entry.sensor, entry.atMs));
}

namespace {
constexpr auto later = [](const auto& a, const auto& b) {
    return std::tie(a.atMs, a.sensor) > std::tie(b.atMs, b.sensor);
};
}

void Simulator::seek(core::Instant from) {
    const std::int64_t now = from.time_since_epoch().count();
    _queue.clear();
    for (std::uint32_t i = 0; i < _keys.size(); ++i) {
        const std::int64_t step = interval(i), offset = phase(i);
        _queue.push_back({offset + (now - offset) / step * step + step, i});
    }
    std::make_heap(_queue.begin(), _queue.end(), later);
    _reached = now;
}

void Simulator::events(core::Instant from, core::Instant to, const std::function<void(const Message&)>& sink) const {
    for (const auto& incident : incidentsBetween(from, to))
        sink(eventMessage(_prefix, incident));
}

void Simulator::play(core::Instant from, core::Instant to, const std::function<void(const Message&)>& sink) {
    const std::int64_t first = from.time_since_epoch().count(), end = to.time_since_epoch().count();
    if (end <= first) return;
    if (first != _reached) seek(from);

    const auto incidents = incidentsBetween(from, to);
    std::size_t next = 0;
    while (!_queue.empty() && _queue.front().atMs <= end) {
        const Due due = _queue.front();
        for (; next < incidents.size() && incidents[next].at.time_since_epoch().count() <= due.atMs; ++next)
            sink(eventMessage(_prefix, incidents[next]));
        if (!silent(due.sensor, due.atMs)) sink(messageOf(due.sensor, due.atMs));
        std::pop_heap(_queue.begin(), _queue.end(), later);
        _queue.back().atMs += interval(due.sensor);
        std::push_heap(_queue.begin(), _queue.end(), later);
    }
    for (; next < incidents.size(); ++next)
        sink(eventMessage(_prefix, incidents[next]));
    _reached = end;
}

} // namespace matou::simulate
