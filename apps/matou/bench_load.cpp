#include "apps/matou/bench_load.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "core/clock.h"

namespace matou::apps {
namespace {

constexpr std::string_view kProbe = "bench-probe-";

double nowMs() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

} // namespace

void LoadSource::Lane::publishedUpTo(std::uint64_t number, double now, std::uint64_t shown) {
    for (; !sent.empty() && sent.front().number <= number; sent.pop_front()) {
        milliseconds.push_back(now - sent.front().sent);
        published.push_back({sent.front().number, 0, shown});
    }
}

void LoadSource::Lane::drawnUpTo(std::uint64_t number, std::uint64_t shown) {
    for (; !published.empty() && published.front().number <= number; published.pop_front())
        frames.push_back(static_cast<double>(shown - published.front().framesAtPublish));
}

LoadSource::LoadSource(const Load& load, const twin::Registry& registry, std::string district) : _load(load), _prefix("matou/v1/" + district + "/") {
    for (const auto& sensor : registry.sensors) _sensors.push_back(sensor.id);
    for (const auto& camera : registry.cameras) _cameras.push_back(camera.id);
    if (_cameras.empty()) _cameras = _sensors;
    _sequence.resize(_sensors.size());
}

live::Message LoadSource::value(std::size_t sensor, double value, const std::string& at) const {
    live::Message message;
    message.topic = _prefix + "obs/" + _sensors[sensor];
    char text[200];
    const int size = std::snprintf(text, sizeof text, R"({"id":"%s","ts":"%s","value":%.3f,"q":"good","seq":%lld})", _sensors[sensor].c_str(), at.c_str(), value,
                                   static_cast<long long>(_sequence[sensor]));
    message.payload.assign(text, static_cast<std::size_t>(std::min(size, static_cast<int>(sizeof text) - 1)));
    return message;
}

live::Message LoadSource::event(const std::string& source, const std::string& id, int severity, const std::string& at) const {
    live::Message message;
    message.topic = _prefix + "event/" + source;
    message.payload = R"({"id":")" + id + R"(","ts":")" + at + R"(","class":")" + (severity == 1 ? "crowd" : "intrusion") + R"(","severity":)" + std::to_string(severity) + R"(,"camera":")" + source + "\"}";
    return message;
}

std::jthread LoadSource::run(live::Inbox& inbox, std::uint32_t feed) {
    return std::jthread([this, &inbox, feed](const std::stop_token& stop) { push(inbox, feed, stop); });
}

void LoadSource::push(live::Inbox& inbox, std::uint32_t feed, const std::stop_token& stop) {
    const core::RealClock clock;
    const double began = nowMs();
    std::uint64_t values = 0, events = 0, valueProbes = 0, alarmProbes = 0;
    const auto hand = [&](live::Message message, core::Instant at) {
        message.received = at;
        message.feed = feed;
        inbox.push(std::move(message));
    };
    for (double elapsed = 0; elapsed < _load.seconds && !stop.stop_requested(); elapsed = (nowMs() - began) / 1000) {
        const core::Instant at = clock.now();
        const std::string stamp = core::formatInstant(at);
        for (const auto due = static_cast<std::uint64_t>(elapsed * _load.valuesPerSecond); values < due && !_sensors.empty(); ++values) {
            const std::size_t sensor = 1 + values % std::max<std::size_t>(1, _sensors.size() - 1); // the first is the probes'
            if (sensor >= _sensors.size()) break;
            ++_sequence[sensor];
            hand(value(sensor, 0.001 * static_cast<double>(values % 1000), stamp), at);
        }
        for (const auto due = static_cast<std::uint64_t>(elapsed * _load.eventsPerSecond); events < due; ++events)
            hand(event(_cameras[events % _cameras.size()], "bench-" + std::to_string(events), 4, stamp), at);
        if (_load.probes && elapsed * 10 >= static_cast<double>(valueProbes)) {
            ++_sequence[0];
            auto message = value(0, static_cast<double>(++valueProbes), stamp);
            {
                const std::lock_guard lock(_mutex);
                _valueProbes.sent.push_back({valueProbes, nowMs(), 0});
            }
            hand(std::move(message), at);
        }
        if (_load.probes && elapsed * 5 >= static_cast<double>(alarmProbes)) {
            const std::string id = std::string(kProbe) + std::to_string(++alarmProbes);
            {
                const std::lock_guard lock(_mutex);
                _alarmProbes.sent.push_back({alarmProbes, nowMs(), 0});
            }
            hand(event(id, id, 1, stamp), at);
        }
        _values = values + valueProbes;
        _events = events + alarmProbes;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    _pushSeconds = (nowMs() - began) / 1000;
    _finished = true;
}

std::uint64_t LoadSource::newestAlarmProbe(const twin::StateSnapshot& state) {
    std::uint64_t newest = 0;
    for (const auto& alarm : state.alarms) { // by severity: the probes come first
        if (alarm.severity > 1) break;
        if (!alarm.source.starts_with(kProbe)) continue;
        std::uint64_t number = 0;
        std::from_chars(alarm.source.data() + kProbe.size(), alarm.source.data() + alarm.source.size(), number);
        newest = std::max(newest, number);
    }
    return newest;
}

void LoadSource::published(const twin::StateSnapshot& state) {
    const double now = nowMs();
    const std::lock_guard lock(_mutex);
    if (!state.sensors.empty() && state.sensors.front().known) _valueProbes.publishedUpTo(static_cast<std::uint64_t>(state.sensors.front().value + 0.5), now, _frames);
    if (!_alarmProbes.sent.empty()) _alarmProbes.publishedUpTo(newestAlarmProbe(state), now, _frames);
}

void LoadSource::drawn(const twin::StateSnapshot& state) {
    const std::lock_guard lock(_mutex);
    ++_frames;
    if (!state.sensors.empty() && state.sensors.front().known) _valueProbes.drawnUpTo(static_cast<std::uint64_t>(state.sensors.front().value + 0.5), _frames);
    if (!_alarmProbes.published.empty()) _alarmProbes.drawnUpTo(newestAlarmProbe(state), _frames);
}

ProbeTimes LoadSource::times() const {
    const std::lock_guard lock(_mutex);
    return {_valueProbes.milliseconds, _alarmProbes.milliseconds, _valueProbes.frames, _alarmProbes.frames};
}

} // namespace matou::apps
