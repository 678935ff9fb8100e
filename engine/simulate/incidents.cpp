#include "simulate/incidents.h"

#include <cmath>
#include <cstdio>
#include <numbers>

#include "simulate/noise.h"

namespace matou::simulate {
namespace {

struct Kind {
    const char *name, *text;
    int severity;
    double share; // of incidents
    bool ai;      // smoke and fire recognition
};
constexpr Kind kKinds[] = {{"fire", "疑似明火", 1, 0.05, true},
                           {"smoke", "疑似烟雾", 2, 0.20, true},
                           {"intrusion", "翻越围栏", 3, 0.25, false},
                           {"crowd", "人员聚集", 3, 0.20, false},
                           {"illegal_parking", "占道停车", 4, 0.20, false},
                           {"litter", "暴露垃圾", 4, 0.10, false}};

} // namespace

twin::Place ahead(const twin::Camera& camera, double meters, double sideways) {
    const double heading =
        (camera.headingDegrees + sideways * camera.horizontalFovDegrees * 0.4) * std::numbers::pi / 180;
    const double metersPerDegree = 111195.0;
    return {camera.place.longitude + meters * std::sin(heading) /
                                         (metersPerDegree * std::cos(camera.place.latitude * std::numbers::pi / 180)),
            camera.place.latitude + meters * std::cos(heading) / metersPerDegree, 0};
}

std::vector<Incident> incidentsOfSlot(const twin::Registry& registry, std::uint64_t seed, std::int64_t slot) {
    std::vector<Incident> result;
    if (registry.cameras.empty()) return result;
    const auto draw = [&](std::uint64_t what) {
        return unit(hash(seed ^ 0xe7e27, static_cast<std::uint64_t>(slot), what));
    };
    // One incident every 3 minutes in a district of 1,500 cameras, fewer in a small one.
    const double chance = std::min(0.34, 0.05 + static_cast<double>(registry.cameras.size()) / 5000.0);
    if (draw(0) >= chance) return result;

    double pick = draw(1);
    const Kind* kind = &kKinds[0];
    for (const Kind& candidate : kKinds) {
        kind = &candidate;
        if ((pick -= candidate.share) < 0) break;
    }
    const auto& camera =
        registry.cameras[static_cast<std::size_t>(draw(2) * static_cast<double>(registry.cameras.size()))];
    if (kind->ai && !camera.smokeFireAi) return result;

    // Most single detections of smoke and fire are unsure; a real one comes as a burst that grows sure.
    const bool real = !kind->ai || draw(3) < 0.3;
    const int count = !kind->ai ? 1 : real ? 4 : 1;
    const double distance = camera.rangeMeters * (0.25 + 0.6 * draw(4)), sideways = 2 * draw(5) - 1;
    const core::Instant first{core::Duration(slot * kIncidentSlotMs + static_cast<std::int64_t>(draw(6) * 40000))};
    for (int i = 0; i < count; ++i) {
        Incident incident;
        incident.at = first + core::Duration(i * 3000);
        incident.source = camera.id;
        char id[48];
        std::snprintf(id, sizeof id, "%lld-%d", static_cast<long long>(slot), i);
        incident.id = id;
        incident.eventClass = kind->name;
        incident.severity = kind->severity;
        const double sure = kind->ai ? (real ? 0.55 + 0.1 * i : 0.35 + 0.2 * draw(7)) : 0.75 + 0.2 * draw(8);
        incident.confidence = std::round(sure * 100) / 100;
        // The same smoke moves a little between detections, less than the camera's error.
        incident.place = ahead(camera, distance + 0.8 * i, sideways);
        incident.text = kind->text;
        result.push_back(std::move(incident));
    }
    return result;
}

} // namespace matou::simulate
