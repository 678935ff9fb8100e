#include "simulate/scenario.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "simulate/noise.h"

namespace matou::simulate {
using core::Duration;
using core::Instant;
namespace {

struct Named {
    const char* name;
    ScenarioKind kind;
    int minutes;
};
constexpr Named kScenarios[] = {{"storm", ScenarioKind::storm, 120}, {"drill", ScenarioKind::drill, 15}, {"gateway-loss", ScenarioKind::gatewayLoss, 10}};
constexpr int kMostMinutes = 24 * 60;
constexpr double kStopBegins = 0.32, kStopEnds = 0.48; // of the pump
constexpr std::size_t kRoadsSeen = 12;

/// 0 up to `from`, 1 from `to` on, smooth between.
double rise(double at, double from, double to) {
    const double t = std::clamp((at - from) / (to - from), 0.0, 1.0);
    return t * t * (3 - 2 * t);
}
double rain(double at) {
    return rise(at, 0, 0.15) - rise(at, 0.45, 0.6);
}
/// Standing water, river and pumps follow the rain, one after the other.
double standing(double at) {
    return rise(at, 0.06, 0.32) - rise(at, 0.5, 0.85);
}
double river(double at) {
    return rise(at, 0.1, 0.5) - rise(at, 0.6, 0.97);
}
double pumping(double at) {
    return rise(at, 0.08, 0.2) - rise(at, 0.8, 0.95);
}

std::vector<double> upperLimits(const twin::Sensor& sensor) {
    std::vector<double> result;
    for (const auto& threshold : sensor.thresholds)
        if (threshold.above) result.push_back(threshold.value);
    std::sort(result.begin(), result.end());
    return result;
}

double metersBetween(const twin::Place& a, const twin::Place& b) {
    constexpr double kMetersPerDegree = 111195.0, kDegree = 0.017453292519943295;
    return kMetersPerDegree * std::hypot((a.longitude - b.longitude) * std::cos(a.latitude * kDegree), a.latitude - b.latitude);
}

/// The nearest that `fits`; null where none does.
const twin::Camera* cameraNear(const twin::Registry& registry, const twin::Place& place, auto fits) {
    const twin::Camera* best = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const auto& camera : registry.cameras)
        if (const double meters = metersBetween(camera.place, place); fits(camera) && meters < least) {
            least = meters;
            best = &camera;
        }
    return best;
}

} // namespace

core::Result<Scenario> scenarioFrom(const std::string& text, Instant begin) {
    const auto colon = text.find(':');
    for (const Named& known : kScenarios) {
        if (text.substr(0, colon) != known.name) continue;
        int minutes = known.minutes;
        if (colon != std::string::npos) {
            const char *first = text.data() + colon + 1, *last = text.data() + text.size();
            const auto read = std::from_chars(first, last, minutes);
            if (read.ec != std::errc() || read.ptr != last || minutes < 1 || minutes > kMostMinutes) break;
        }
        return Scenario{known.kind, begin, std::chrono::minutes(minutes)};
    }
    return core::fail("E_SIMULATE_SCENARIO", "--scenario", {text});
}

core::Result<Course> Course::open(const twin::Registry& registry, std::uint64_t seed, const Scenario& scenario) {
    Course course(seed ^ 0x5ce7a210, scenario);
    switch (scenario.kind) {
    case ScenarioKind::storm: MATOU_CHECK(course.storm(registry)); break;
    case ScenarioKind::drill: MATOU_CHECK(course.drill(registry)); break;
    case ScenarioKind::gatewayLoss: MATOU_CHECK(course.gatewayLoss(registry)); break;
    }
    std::stable_sort(course._incidents.begin(), course._incidents.end(), [](const Incident& a, const Incident& b) { return a.at < b.at; });
    return course;
}

double Course::progress(Instant at) const {
    return std::chrono::duration<double>(at - _scenario.begin) / std::chrono::duration<double>(_scenario.length);
}
Instant Course::instantAt(double progress) const {
    return _scenario.begin + Duration(std::llround(progress * static_cast<double>(_scenario.length.count())));
}
double Course::draw(const std::string& thing, std::uint64_t what) const {
    return unit(hash(_seed, hash(thing), what));
}

void Course::add(double progress, Incident incident) {
    for (const Named& known : kScenarios)
        if (known.kind == _scenario.kind)
            incident.id = std::string(known.name) + "-" + std::to_string(_scenario.begin.time_since_epoch().count() / 1000) + "-" + std::to_string(_incidents.size());
    incident.at += instantAt(progress).time_since_epoch(); // what it held was its distance
    _incidents.push_back(std::move(incident));
}

/// The highest that it reads in the storm. Standing water: a share of its highest threshold, squared, so that few are bad. Rivers, which
/// are one water: between the two highest, few beyond.
double Course::peakOf(const twin::Sensor& sensor) const {
    const auto limits = upperLimits(sensor);
    const double span = sensor.typicalMaximum - sensor.typicalMinimum, share = draw(sensor.id, 1);
    if (limits.empty()) return sensor.typicalMaximum + 0.5 * span;
    if (sensor.kind == "ponding") return sensor.typicalMinimum + (limits.back() - sensor.typicalMinimum) * (0.05 + 1.1 * share * share);
    const double below = limits.size() > 1 ? limits[limits.size() - 2] : sensor.typicalMaximum;
    return below + (limits.back() - below) * (0.3 + 0.75 * share);
}

double Course::reading(const twin::Sensor& sensor, Instant at, double usual) const {
    if (_scenario.kind != ScenarioKind::storm) return usual;
    const double now = progress(at);
    if (now <= 0 || now >= 1) return usual;
    const double span = sensor.typicalMaximum - sensor.typicalMinimum, wet = rain(now);
    // A gust and a lull every few minutes; water evens them out.
    const double gusts = wet * (0.85 + 0.15 * smoothNoise(_seed, 40 * now, 1));
    const std::string& kind = sensor.kind;
    if (kind == "ponding") return std::max(usual, usual + (peakOf(sensor) - usual) * standing(now));
    if (kind == "water_level") return std::max(usual, usual + (peakOf(sensor) - usual) * river(now));
    if (kind == "rain") return sensor.typicalMinimum + span * gusts;
    if (kind == "pump") {
        if (sensor.id == _stopped && now >= kStopBegins && now < kStopEnds) return sensor.typicalMinimum;
        return std::max(usual, sensor.typicalMinimum + span * (0.8 + 0.1 * draw(sensor.id, 2)) * pumping(now));
    }
    if (kind == "traffic") return usual * (1 - 0.45 * gusts);
    if (kind == "pedestrian" || kind == "crowd") return usual * (1 - 0.8 * wet);
    if (kind == "air_pm25" || kind == "air_pm10") return usual * (1 - 0.6 * rise(now, 0.05, 0.3));
    if (kind == "noise") return usual + 0.12 * span * gusts;
    if (kind == "temperature") return usual - 0.15 * span * rise(now, 0, 0.2);
    if ((kind == "light" || kind == "lamp") && wet > 0.3) return std::max(usual, sensor.typicalMinimum + 0.95 * span);
    return usual;
}

bool Course::silent(const twin::Sensor& sensor, Instant at) const {
    return !_gateway.empty() && sensor.gateway == _gateway && at >= _scenario.begin && at < _scenario.begin + _scenario.length;
}

core::Result<void> Course::storm(const twin::Registry& registry) {
    std::vector<std::pair<double, const twin::Sensor*>> roads; // by how far they come, the worst first
    std::vector<const twin::Sensor*> pumps;
    bool water = false;
    for (const auto& sensor : registry.sensors) {
        water = water || sensor.kind == "ponding" || sensor.kind == "water_level";
        if (sensor.kind == "pump") pumps.push_back(&sensor);
        const auto limits = upperLimits(sensor);
        if (sensor.kind != "ponding" || limits.empty()) continue;
        const double limit = limits[std::min<std::size_t>(1, limits.size() - 1)];
        if (const double peak = peakOf(sensor); peak > limit) roads.emplace_back(limit / peak, &sensor);
    }
    if (!water) return core::fail("E_SIMULATE_NOTHING", "--scenario", {"storm", "ponding, water_level"});
    std::sort(roads.begin(), roads.end(), [](const auto& a, const auto& b) { return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id); });
    if (roads.size() > kRoadsSeen) roads.resize(kRoadsSeen);
    for (const auto& [share, gauge] : roads) {
        Incident seen;
        seen.eventClass = "flood";
        seen.text = "路面积水";
        seen.place = gauge->place;
        seen.place.height = 0;
        const auto* camera = cameraNear(registry, gauge->place, [](const twin::Camera& c) { return !c.highPoint; });
        seen.fromCamera = camera && metersBetween(camera->place, gauge->place) < 150;
        seen.source = seen.fromCamera ? camera->id : gauge->id;
        seen.severity = peakOf(*gauge) >= upperLimits(*gauge).back() ? 2 : 3;
        // Where the water passes the threshold, and a little later again.
        double when = 0.06;
        while (when < 0.32 && standing(when) < share)
            when += 0.002;
        for (int again = 0; again < 3; ++again) {
            seen.confidence = std::round(100 * (0.75 + 0.2 * draw(gauge->id, 10 + static_cast<std::uint64_t>(again)))) / 100;
            seen.at = Instant(Duration(40000 * again));
            add(when, seen);
        }
    }
    if (pumps.empty()) return {};
    const twin::Sensor& pump = *pumps[static_cast<std::size_t>(draw("pump", 3) * static_cast<double>(pumps.size()))];
    _stopped = pump.id;
    Incident fault;
    fault.source = pump.id;
    fault.fromCamera = false;
    fault.eventClass = "device_fault";
    fault.severity = 2;
    fault.place = pump.place;
    fault.place.height = 0;
    fault.text = "排涝泵停机";
    add(kStopBegins, fault);
    return {};
}

core::Result<void> Course::drill(const twin::Registry& registry) {
    std::vector<const twin::Camera*> able;
    for (const auto& camera : registry.cameras)
        if (camera.smokeFireAi && !camera.highPoint) able.push_back(&camera);
    if (able.empty()) return core::fail("E_SIMULATE_NOTHING", "--scenario", {"drill", "smoke_fire_ai"});
    const twin::Camera& first = *able[static_cast<std::size_t>(draw("drill", 4) * static_cast<double>(able.size()))];
    const auto* near = cameraNear(registry, first.place, [&](const twin::Camera& c) { return c.smokeFireAi && c.id != first.id; });
    const twin::Camera& second = near ? *near : first;
    const auto say = [&](double when, int laterMs, const twin::Camera& camera, double meters, const char* eventClass, int severity, double confidence, const char* text) {
        Incident incident;
        incident.at = Instant(Duration(laterMs));
        incident.source = camera.id;
        incident.eventClass = eventClass;
        incident.severity = severity;
        incident.confidence = confidence;
        incident.place = ahead(first, meters, 0.1); // wherever it is seen from
        incident.text = text;
        incident.drill = true;
        add(when, incident);
    };
    const double there = 0.5 * first.rangeMeters;
    say(0.03, 0, first, there, "smoke", 2, 0.45, "【演练】疑似烟雾");
    say(0.03, 3000, first, there + 0.8, "smoke", 2, 0.55, "【演练】烟雾加重");
    say(0.10, 0, first, there, "fire", 1, 0.9, "【演练】模拟明火");
    say(0.10, 20000, second, there + 1, "fire", 1, 0.85, "【演练】模拟明火");
    say(0.25, 0, second, there + 60, "crowd", 3, 0.9, "【演练】集合点人员聚集");
    say(0.40, 0, first, there + 5, "fall", 2, 0.8, "【演练】模拟伤员");
    return {};
}

core::Result<void> Course::gatewayLoss(const twin::Registry& registry) {
    std::map<std::string, std::size_t> sensors;
    std::size_t most = 0;
    for (const auto& sensor : registry.sensors)
        if (!sensor.gateway.empty()) most = std::max(most, ++sensors[sensor.gateway]);
    std::erase_if(sensors, [&](const auto& entry) { return 2 * entry.second < most; });
    if (sensors.empty()) return core::fail("E_SIMULATE_NOTHING", "--scenario", {"gateway-loss", "gateway"});
    _gateway = std::next(sensors.begin(), static_cast<std::ptrdiff_t>(draw("gateway", 5) * static_cast<double>(sensors.size())))->first;
    return {};
}

} // namespace matou::simulate
