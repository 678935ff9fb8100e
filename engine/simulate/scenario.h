#pragma once
// What a day may hold besides itself: a storm, a fire drill, a gateway that falls silent. Like all here, functions of registry, seed
// and time.

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "simulate/incidents.h"
#include "twin/records.h"

namespace matou::simulate {

enum class ScenarioKind : std::uint8_t { storm, drill, gatewayLoss };

struct Scenario {
    ScenarioKind kind = ScenarioKind::storm;
    core::Instant begin{};
    core::Duration length{};
};

/// "storm" (two hours), "drill" (a quarter of an hour), "gateway-loss" (ten minutes); "storm:20" is one of 20 minutes. At most a day.
/// E_SIMULATE_SCENARIO.
core::Result<Scenario> scenarioFrom(const std::string& text, core::Instant begin);

/// A scenario in a district.
/// - storm: the rain comes within a sixth of it; gauges of standing water rise to shares of their thresholds, a third of them beyond the
///   second; rivers follow later and sink last; pumps run, one of them stops for a while and says so; cameras at the worst gauges report
///   water on the road; traffic slows, lamps burn, the air is washed.
/// - drill: smoke that grows sure, fire seen by a second camera, people at the meeting point, a casualty; every event says `drill`.
/// - gateway-loss: the sensors of one gateway, one of the larger, say nothing.
class Course {
public:
    /// E_SIMULATE_NOTHING where the district has none of what it is about (gauges, cameras with recognition, gateways).
    static core::Result<Course> open(const twin::Registry& registry, std::uint64_t seed, const Scenario& scenario);

    const Scenario& scenario() const { return _scenario; }
    /// What the sensor reads where it would read `usual`, before it is rounded.
    double reading(const twin::Sensor& sensor, core::Instant at, double usual) const;
    bool silent(const twin::Sensor& sensor, core::Instant at) const;
    /// In order of time.
    const std::vector<Incident>& incidents() const { return _incidents; }

private:
    Course(std::uint64_t seed, const Scenario& scenario) : _seed(seed), _scenario(scenario) {}
    /// 0 at its begin, 1 at its end; outside of both where it is not.
    double progress(core::Instant at) const;
    core::Instant instantAt(double progress) const;
    double peakOf(const twin::Sensor& sensor) const;
    double draw(const std::string& thing, std::uint64_t what) const;
    void add(double progress, Incident incident);
    core::Result<void> storm(const twin::Registry& registry);
    core::Result<void> drill(const twin::Registry& registry);
    core::Result<void> gatewayLoss(const twin::Registry& registry);

    std::uint64_t _seed;
    Scenario _scenario;
    std::string _gateway, _stopped; // the silent gateway; the pump that stops
    std::vector<Incident> _incidents;
};

} // namespace matou::simulate
