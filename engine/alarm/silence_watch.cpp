#include "alarm/silence_watch.h"

namespace matou::alarm {

SilenceWatch::SilenceWatch(const twin::Registry& registry) : _registry(registry) {
    std::map<std::string, std::size_t> numbers;
    _gatewayOf.resize(registry.sensors.size());
    for (std::size_t i = 0; i < registry.sensors.size(); ++i) {
        const std::string& gateway = registry.sensors[i].gateway;
        if (gateway.empty()) continue;
        const auto [found, fresh] = numbers.emplace(gateway, registry.sensors.size() + _gateways.size());
        if (fresh) _gateways.push_back(gateway);
        _gatewayOf[i] = found->second;
    }
    _things.resize(registry.sensors.size() + _gateways.size());
}

void SilenceWatch::expect(std::size_t thing, core::Instant deadline) {
    Thing& entry = _things[thing];
    entry.deadline = std::max(entry.deadline, deadline);
    if (std::exchange(entry.waiting, true)) return; // the look that is planned will see the new deadline
    _looks.emplace(entry.deadline, thing);
}

void SilenceWatch::heard(std::uint32_t sensor, core::Instant at, const Listener& listener) {
    const core::Duration interval = _registry.sensors[sensor].expectedInterval;
    if (const std::size_t gateway = _gatewayOf[sensor]) {
        if (std::exchange(_things[gateway].lost, false))
            listener.gateway(_gateways[gateway - _registry.sensors.size()], false, at);
        expect(gateway, at + interval * kGatewayIntervals);
    }
    if (!_registry.alarms.sensorLost) return;
    if (std::exchange(_things[sensor].lost, false)) listener.sensor(sensor, false, at);
    expect(sensor, at + interval * kSensorIntervals);
}

void SilenceWatch::advance(core::Instant at, const Listener& listener) {
    while (!_looks.empty() && _looks.begin()->first <= at) {
        const auto [due, thing] = *_looks.begin();
        _looks.erase(_looks.begin());
        Thing& entry = _things[thing];
        entry.waiting = false;
        if (entry.lost) continue;
        if (entry.deadline > due) {
            expect(thing, entry.deadline);
            continue;
        }
        entry.lost = true;
        if (isGateway(thing))
            listener.gateway(_gateways[thing - _registry.sensors.size()], true, due);
        else
            listener.sensor(static_cast<std::uint32_t>(thing), true, due);
    }
}

void SilenceWatch::shift(core::Duration by) {
    for (Thing& thing : _things)
        thing.deadline += by;
    for (const auto& [due, thing] : std::exchange(_looks, {}))
        _looks.emplace(due + by, thing);
}

void SilenceWatch::restoreLost(const std::string& gatewayOrSensor) {
    for (std::size_t i = 0; i < _gateways.size(); ++i)
        if (_gateways[i] == gatewayOrSensor) _things[_registry.sensors.size() + i].lost = true;
    if (const auto sensor = _registry.sensorIndex.find(gatewayOrSensor); sensor != _registry.sensorIndex.end())
        _things[sensor->second].lost = true;
}

} // namespace matou::alarm
