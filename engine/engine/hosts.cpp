#include "engine/hosts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/contents.h"
#include "symbology/theme.h"

namespace matou {
namespace {

/// Cameras hang on walls and sensors stand before doors: so far from a place its building may be.
constexpr double kBesideMeters = 6.0;
constexpr double kFromAboveMeters = 1500.0, kAboveRoofMeters = 3.0;
constexpr double kMetersPerDegree = 111320.0;

/// What an operator has put aside, and what is over, marks no building.
bool onTheList(const twin::Alarm& alarm) {
    return !symbology::isAside(alarm) && alarm.workflow != twin::Workflow::closed && alarm.workflow != twin::Workflow::rejected;
}

} // namespace

AlarmHosts::AlarmHosts(const Subject& subject, const scene::FeatureRegistry& registry) : _registry(registry) {
    for (const auto& layer : subject.layers)
        if (layer.role == scene::LayerRole::buildings || layer.role == scene::LayerRole::context) _buildingLayers.insert(layer.id);
}

AlarmHosts::Host AlarmHosts::standingAt(double longitude, double latitude, const spatial::SpatialIndex& geometry) const {
    const double perDegreeEast = kMetersPerDegree * std::max(0.01, std::cos(latitude * 0.017453292519943295));
    static constexpr std::array<std::pair<double, double>, 9> kAround{
        {{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}, {0.7, 0.7}, {-0.7, 0.7}, {0.7, -0.7}, {-0.7, -0.7}}};
    spatial::Filter filter;
    filter.layers = kSolidRayBit;
    for (const auto& [east, north] : kAround) {
        const geo::Geodetic above{latitude + north * kBesideMeters / kMetersPerDegree, longitude + east * kBesideMeters / perDegreeEast, kFromAboveMeters};
        const auto from = geo::ecefFromGeodetic(above);
        const auto down = glm::normalize(geo::ecefFromGeodetic({above.latitudeDegrees, above.longitudeDegrees, 0.0}).meters - from.meters);
        for (const auto& hit : geometry.castRayAll({from.meters, down}, 2 * kFromAboveMeters, filter, 8)) {
            const auto key = hit.featureNumber ? _registry.key(hit.featureNumber) : std::nullopt;
            if (key && _buildingLayers.count(key->layer)) return {*key, {hit.positionEcef - down * kAboveRoofMeters}};
        }
    }
    return {};
}

void AlarmHosts::update(const twin::StateSnapshot& state, const spatial::SpatialIndex& geometry) {
    if (state.version == _stateVersion && geometry.version() == _geometryVersion) return;
    const bool moved = geometry.version() != _geometryVersion;
    _stateVersion = state.version;
    _geometryVersion = geometry.version();
    auto known = std::exchange(_hosts, {});
    _marked.clear();
    for (const auto& alarm : state.alarms) {
        const auto found = known.find(alarm.id);
        // What was found once stays found while its tile is away or stands there more coarsely.
        auto host = found != known.end() && (!moved || !found->second.feature.id.empty()) ? found->second
                                                                                  : standingAt(alarm.place.longitude, alarm.place.latitude, geometry);
        if (!host.feature.id.empty() && onTheList(alarm)) _marked.push_back({host.feature, static_cast<std::uint32_t>(5 - std::clamp(alarm.severity, 1, 4))});
        _hosts.emplace(alarm.id, std::move(host));
    }
}

core::FeatureKey AlarmHosts::hostOf(const std::string& alarm) const {
    const auto found = _hosts.find(alarm);
    return found == _hosts.end() ? core::FeatureKey{} : found->second.feature;
}

std::optional<geo::Ecef> AlarmHosts::roofOf(const std::string& alarm) const {
    const auto found = _hosts.find(alarm);
    return found == _hosts.end() || found->second.feature.id.empty() ? std::nullopt : std::optional(found->second.roof);
}

} // namespace matou
