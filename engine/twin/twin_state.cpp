#include "twin/twin_state.h"

#include <algorithm>

#include "core/expect.h"

namespace matou::twin {

TwinState::TwinState(std::shared_ptr<const Registry> registry,
                     std::vector<std::optional<ProjectStatus>> initialProjects)
    : _registry(std::move(registry)), _projects(std::move(initialProjects)) {
    MATOU_EXPECT(_registry);
    _sensors.resize(_registry->sensors.size());
    _recent.resize(_registry->sensors.size());
    _projects.resize(_registry->projects.size());
    _cameras.resize(_registry->cameras.size());
    _sensorOf.reserve(_registry->sensorIndex.size());
    for (const auto& [id, index] : _registry->sensorIndex)
        _sensorOf.emplace(id, index);
}

bool TwinState::Recent::seen(std::int64_t key) {
    for (std::uint8_t i = 0; i < used; ++i)
        if (keys[i] == key) return true;
    keys[next] = key;
    next = static_cast<std::uint8_t>((next + 1) % kRemembered);
    if (used < kRemembered) ++used;
    return false;
}

std::optional<std::uint32_t> TwinState::sensorIndex(const std::string& id) const {
    const auto found = _sensorOf.find(id);
    if (found == _sensorOf.end()) return std::nullopt;
    return found->second;
}

Applied TwinState::apply(Observation& observation, std::optional<std::uint32_t> index, int feed) {
    if (observation.eventTime > observation.receiveTime + kFutureTolerance && observation.quality == Quality::good)
        observation.quality = Quality::uncertain;
    if (!index) return Applied::unknown;
    // The stamp is part of the key: a device that restarts counts from 1 again.
    const std::int64_t stamp = observation.eventTime.time_since_epoch().count();
    const std::int64_t key = observation.sequence ? stamp * 31 + *observation.sequence : stamp;
    if (_recent[*index].seen(key)) return Applied::duplicate;
    SensorState& state = _sensors[*index];
    if (state.known && observation.eventTime < state.eventTime) return Applied::older;
    state.known = true;
    state.value = observation.value;
    // A stamp from the future must not lock out the values that follow it.
    state.eventTime = std::min(observation.eventTime, observation.receiveTime + kFutureTolerance);
    // Nobody has vouched for it since its stamp: fetched, or so late that its sender has kept it.
    const bool stamped = observation.pulled || observation.receiveTime - observation.eventTime > kLate;
    state.receiveTime = stamped ? std::min(observation.receiveTime, observation.eventTime) : observation.receiveTime;
    _recent[*index].pulled = stamped;
    state.validUntil = observation.life == core::Duration{} ? core::Instant{} : observation.receiveTime + observation.life;
    state.quality = observation.quality;
    state.feed = feed;
    return Applied::updated;
}

Applied TwinState::apply(const ProjectStatus& status) {
    const auto found = _registry->projectIndex.find(status.project);
    const bool registered = found != _registry->projectIndex.end();
    if (!registered) {
        const auto other = _otherProjects.find(status.project);
        if (other == _otherProjects.end()) {
            if (_otherProjects.size() >= kOtherProjects) return Applied::unknown;
            _otherProjects.emplace(status.project, status);
            _shownProjects = nullptr;
            return Applied::unknown;
        }
        if (status.eventTime == other->second.eventTime && sameWords(status, other->second)) return Applied::duplicate;
        if (status.eventTime < other->second.eventTime) return Applied::older;
        other->second = status;
        _shownProjects = nullptr;
        return Applied::unknown;
    }
    auto& current = _projects[found->second];
    if (current && status.eventTime == current->eventTime && sameWords(status, *current)) return Applied::duplicate;
    if (current && status.eventTime < current->eventTime) return Applied::older;
    current = status;
    return Applied::updated;
}

Applied TwinState::apply(const CameraStatus& status) {
    const auto registered = _registry->cameraIndex.find(status.camera);
    const bool found = registered == _registry->cameraIndex.end();
    if (found && _found.size() >= kFound && !_found.contains(status.camera)) return Applied::unknown;
    CameraState& state = found ? _found[status.camera].state : _cameras[registered->second];
    if (state.known && status.eventTime < state.eventTime) return Applied::older;
    state.online = status.online.value_or(state.known ? state.online : true); // who tells where it looks is there
    state.known = true;
    if (status.headingDegrees) state.headingDegrees = status.headingDegrees;
    if (status.pitchDegrees) state.pitchDegrees = status.pitchDegrees;
    if (status.horizontalFovDegrees) state.horizontalFovDegrees = status.horizontalFovDegrees;
    if (status.rangeMeters) state.rangeMeters = status.rangeMeters;
    if (status.place) state.place = status.place;
    if (found) {
        FoundCamera& camera = _found[status.camera];
        camera.id = status.camera;
        camera.feed = status.feed;
        if (!status.name.empty()) camera.name = status.name;
        _shownFound = nullptr;
    }
    state.eventTime = std::min(status.eventTime, status.receiveTime + kFutureTolerance);
    state.receiveTime = status.receiveTime;
    return Applied::updated;
}

namespace {

template <typename Item>
Applied tell(Standing<Item>& standing, Item item, bool& news) {
    item.eventTime = std::min(item.eventTime, item.receiveTime + kFutureTolerance);
    const auto told = standing.tell(std::move(item));
    using Told = typename Standing<Item>::Told;
    news = told == Told::fresh || told == Told::older;
    return told == Told::again ? Applied::duplicate : told == Told::older ? Applied::older : told == Told::noRoom ? Applied::unknown : Applied::updated;
}

} // namespace

Applied TwinState::apply(Case item, bool& news) {
    return tell(_cases, std::move(item), news);
}

Applied TwinState::apply(FloodItem item, bool& news) {
    return tell(_floodSeason, std::move(item), news);
}

void TwinState::clockSet(core::Duration by) {
    for (std::size_t i = 0; i < _sensors.size(); ++i) {
        SensorState& state = _sensors[i];
        if (!state.known) continue;
        if (!_recent[i].pulled) state.receiveTime += by;
        if (state.validUntil != core::Instant{}) state.validUntil += by;
    }
    for (CameraState& state : _cameras)
        if (state.known) state.receiveTime += by;
}

void TwinState::setSeverity(std::uint32_t sensor, int severity) {
    if (sensor < _sensors.size()) _sensors[sensor].severity = severity;
}

StateSnapshot TwinState::snapshot(core::Instant now) {
    StateSnapshot result;
    result.version = ++_version;
    result.now = now;
    result.registry = _registry;
    result.sensors = _sensors;
    for (std::size_t i = 0; i < result.sensors.size(); ++i) {
        SensorState& state = result.sensors[i];
        if (!state.known) continue;
        state.age = ageOf(now - state.receiveTime, _registry->sensors[i].expectedInterval);
        if (state.validUntil != core::Instant{} && now >= state.validUntil) state.age = std::max(state.age, Age::stale);
    }
    result.cameras = _cameras;
    if (!_shownFound && !_found.empty()) {
        auto all = std::make_shared<std::vector<FoundCamera>>();
        for (const auto& [id, camera] : _found) all->push_back(camera);
        _shownFound = std::move(all);
    }
    result.found = _shownFound;
    result.projects = _projects;
    if (!_shownProjects && !_otherProjects.empty()) {
        auto all = std::make_shared<std::vector<ProjectStatus>>();
        for (const auto& [id, status] : _otherProjects) all->push_back(status);
        _shownProjects = std::move(all);
    }
    result.otherProjects = _shownProjects;
    result.cases = _cases.shown();
    result.floodSeason = _floodSeason.shown();
    return result;
}

} // namespace matou::twin
