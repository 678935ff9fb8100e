#pragma once
// The day's messages in order of time. Deterministic: same registry, seed, rate and interval of time, same bytes.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "simulate/scenario.h"
#include "twin/records.h"

namespace matou::simulate {

struct Message {
    core::Instant at; // the event time in the payload
    std::string topic;
    std::string payload;
    bool lasting = false; // event: must not be lost on its way (QoS 1)
};

struct SimulatorOptions {
    std::string district; // id, for the topics
    std::uint64_t seed = 1;
    double ratePerSecond = 0; // above the natural rate of the sensors: all intervals shorter by one factor
};

/// Not thread-safe. Memory: some 24 bytes per sensor.
class Simulator {
public:
    /// What `courses` change is changed by one after the other; they are of this registry.
    Simulator(std::shared_ptr<const twin::Registry> registry, SimulatorOptions options, std::vector<Course> courses = {});

    /// One value of each sensor, its last at or before `instant`, and one status of each project: what a client that
    /// was there all the time would know. Ordered by time.
    void last(core::Instant instant, const std::function<void(const Message&)>& sink) const;
    /// Everything with from < at <= to, in order of (time, sensor). Call with growing intervals; cost: linear in
    /// messages, log of sensors each.
    void play(core::Instant from, core::Instant to, const std::function<void(const Message&)>& sink);
    /// Only the events of that time, without what comes between.
    void events(core::Instant from, core::Instant to, const std::function<void(const Message&)>& sink) const;
    /// Observations each second at the speed of this simulator.
    double rate() const;

private:
    struct Due {
        std::int64_t atMs;
        std::uint32_t sensor; // or, from _registry->sensors.size() on, a project
    };
    std::int64_t interval(std::uint32_t thing) const;
    std::int64_t phase(std::uint32_t thing) const;
    Message messageOf(std::uint32_t thing, std::int64_t atMs) const;
    void seek(core::Instant from);
    bool silent(std::uint32_t thing, std::int64_t atMs) const;
    std::vector<Incident> incidentsBetween(core::Instant from, core::Instant to) const;

    std::shared_ptr<const twin::Registry> _registry;
    SimulatorOptions _options;
    std::vector<Course> _courses;
    std::string _prefix;
    double _speed = 1;
    std::vector<std::uint64_t> _keys;
    std::vector<Due> _queue; // heap
    std::int64_t _reached = INT64_MIN;
};

} // namespace matou::simulate
