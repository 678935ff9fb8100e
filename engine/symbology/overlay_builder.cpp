#include "symbology/overlay_builder.h"

#include <algorithm>
#include <map>

#include "symbology/marks.h"

namespace matou::symbology {

bool Visibility::set(const std::string& group, bool visible) {
    const std::pair<const char*, bool*> groups[] = {{"sensors", &sensors},   {"cameras", &cameras}, {"alarms", &alarms},
                                                    {"projects", &projects}, {"zones", &zones},     {"labels", &labels},
                                                    {"cases", &cases},       {"flood", &flood}};
    for (const auto& [name, flag] : groups)
        if (group == name) {
            *flag = visible;
            return true;
        }
    return false;
}

struct OverlayBuilder::Impl {
    Site site;
    scene::FeatureRegistry& registry;
    text::TextShaper& shaper;
    SitePlaces places;
    std::map<std::uint32_t, ViewMemory> memories;
    OverlayCounters counters;

    Impl(Site given, scene::FeatureRegistry& numbers, text::TextShaper& words)
        : site(std::move(given)), registry(numbers), shaper(words), places(site, numbers) {}
};

OverlayBuilder::OverlayBuilder(Site site, scene::FeatureRegistry& registry, text::TextShaper& shaper)
    : _impl(std::make_unique<Impl>(std::move(site), registry, shaper)) {}
OverlayBuilder::~OverlayBuilder() = default;

std::shared_ptr<const scene::Overlay> OverlayBuilder::build(const twin::StateSnapshot& state, const scene::View& view,
                                                            const OverlayRequest& request) {
    auto overlay = std::make_shared<scene::Overlay>();
    auto& impl = *_impl;
    impl.counters = {};
    if (view.target.z <= 0 || view.target.w <= 0) return overlay;
    Canvas canvas(view, request, impl.shaper, impl.memories[view.id], impl.counters, *overlay);
    const MarkInput input{impl.site, impl.places, state, impl.registry};
    // In the order of importance: alarms take their places first, then the names that say where one is, then the rest.
    if (request.visible.alarms) drawAlarms(canvas, input);
    canvas.placeWishes();
    if (request.visible.zones) drawZones(canvas, input);
    if (request.visible.labels) drawMapNames(canvas, input);
    canvas.placeWishes();
    if (request.visible.projects) drawProjects(canvas, input);
    if (request.visible.flood) drawFloodSeason(canvas, input);
    if (request.visible.cases) drawCases(canvas, input);
    if (request.visible.cameras) drawCameras(canvas, input);
    if (request.visible.sensors) drawSensors(canvas, input);
    canvas.finish();
    return overlay;
}

const OverlayCounters& OverlayBuilder::counters() const { return _impl->counters; }

std::optional<geo::Ecef> OverlayBuilder::placeOf(const core::FeatureKey& key, const twin::StateSnapshot& state) const {
    const auto& places = _impl->places;
    if (key.layer == "alarms") {
        for (const auto& alarm : state.alarms)
            if (alarm.id == key.id)
                return geo::Ecef{places.ecef(alarm.place.longitude, alarm.place.latitude,
                                             std::max(alarm.place.height, places.ground(alarm.place.longitude, alarm.place.latitude)))};
        return std::nullopt;
    }
    const auto stands = [&](const auto& list) -> std::optional<geo::Ecef> {
        if (list)
            for (const auto& item : *list)
                if (item.id == key.id && item.place)
                    return geo::Ecef{places.ecef(item.place->longitude, item.place->latitude, places.ground(item.place->longitude, item.place->latitude))};
        return std::nullopt;
    };
    if (key.layer == "cases") return stands(state.cases);
    if (key.layer == "flood") return stands(state.floodSeason);
    const auto number = _impl->registry.find(key);
    if (number == 0) return std::nullopt;
    const auto among = [&](const std::vector<scene::FeatureNumber>& numbers) -> std::optional<std::size_t> {
        const auto found = std::find(numbers.begin(), numbers.end(), number);
        return found == numbers.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - numbers.begin()));
    };
    if (const auto i = among(places.sensorNumbers)) return geo::Ecef{places.sensors[*i]};
    if (const auto i = among(places.cameraNumbers)) return geo::Ecef{places.cameras[*i].position};
    if (const auto i = among(places.projectNumbers)) return geo::Ecef{places.projects[*i]};
    if (const auto i = among(places.zoneNumbers); i && !places.zones[*i].outline.empty()) return geo::Ecef{places.zones[*i].label};
    if (const auto i = among(places.labelNumbers)) return geo::Ecef{places.labels[*i]};
    return std::nullopt;
}

std::string OverlayBuilder::zoneAt(double longitude, double latitude) const {
    if (!_impl->site.registry) return {};
    const auto& zones = _impl->site.registry->zones;
    std::size_t best = zones.size();
    for (std::size_t i = 0; i < zones.size(); ++i) {
        const auto& ring = zones[i].outline;
        bool inside = false;
        for (std::size_t a = 0, b = ring.empty() ? 0 : ring.size() - 1; a < ring.size(); b = a++)
            if ((ring[a].second > latitude) != (ring[b].second > latitude) &&
                longitude < (ring[b].first - ring[a].first) * (latitude - ring[a].second) / (ring[b].second - ring[a].second) + ring[a].first)
                inside = !inside;
        if (inside && (best == zones.size() || _impl->places.zones[i].areaSquareMeters < _impl->places.zones[best].areaSquareMeters)) best = i;
    }
    return best == zones.size() ? std::string{} : zones[best].id;
}

} // namespace matou::symbology
