#include "osm/labels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "core/json.h"
#include "osm/plan.h"

namespace matou::importers {
namespace {

constexpr double kSameNameMeters = 200.0;

int rankOfPoint(const std::string& kind) {
    static const std::map<std::string, int> ranks = {
        {"locality", 1},    {"neighbourhood", 2}, {"suburb", 1},         {"city", 1},       {"station", 2},     {"ferry_terminal", 3}, {"museum", 3},
        {"attraction", 3},  {"monument", 3},      {"park", 3},           {"hospital", 3},   {"government", 3},  {"school", 4},         {"university", 3},
        {"hotel", 4},       {"viewpoint", 4},     {"police", 4},         {"mall", 4},       {"theatre", 4},     {"fire_station", 4},   {"subway_entrance", 5}};
    const auto at = ranks.find(kind);
    return at == ranks.end() ? 6 : at->second;
}

int rankOfLine(const SourceFeature& feature) {
    const std::string kind = feature.text("kind"), detail = feature.text("kind_detail");
    if (kind == "river") return 1;
    if (kind == "canal") return 3;
    if (detail == "motorway" || detail == "trunk" || detail == "primary") return 3;
    if (detail == "secondary") return 4;
    if (kind == "major_road" || kind == "minor_road") return 5;
    return 0; // no label
}

bool put(LabelLayer& layer, const SourceFeature& feature, const std::string& kind, int rank, const glm::dvec2& at) {
    const std::string name = chineseName(feature);
    if (name.empty()) {
        ++layer.unnamed;
        return false;
    }
    layer.labels.push_back({name, englishName(feature), kind, rank, {at, 0.0}});
    return true;
}

glm::dvec2 middleOf(const Polyline& line) {
    double left = 0.5 * lengthOf(line);
    for (std::size_t i = 1; i < line.size(); ++i) {
        const double piece = glm::length(line[i] - line[i - 1]);
        if (piece >= left && piece > 0) return glm::mix(line[i - 1], line[i], left / piece);
        left -= piece;
    }
    return line.empty() ? glm::dvec2(0) : line.back();
}

} // namespace

void addPointLabels(LabelLayer& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame) {
    for (const auto& feature : features)
        if (!feature.points.empty() && feature.polygons.empty()) {
            const std::string kind = feature.text("kind");
            put(layer, feature, kind, rankOfPoint(kind), toPlan(feature.points.front(), frame));
        }
}

void addLineLabels(LabelLayer& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame) {
    struct Longest {
        const SourceFeature* feature = nullptr;
        Polyline line;
        double length = 0;
    };
    std::map<std::string, Longest> byName;
    for (const auto& feature : features) {
        if (feature.lines.empty() || rankOfLine(feature) == 0) continue;
        const std::string name = chineseName(feature);
        if (name.empty()) {
            ++layer.unnamed;
            continue;
        }
        Longest& best = byName[name];
        for (const auto& line : feature.lines) {
            const Polyline plan = toPlan(line, frame);
            const double length = lengthOf(plan);
            if (length > best.length) best = {&feature, plan, length};
        }
    }
    for (const auto& [name, best] : byName)
        if (best.feature) {
            const std::string kind = best.feature->text("kind");
            put(layer, *best.feature, kind == "river" || kind == "canal" ? "water" : "road", rankOfLine(*best.feature), middleOf(best.line));
        }
}

void addAreaLabels(LabelLayer& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame) {
    for (const auto& feature : features) {
        if (feature.polygons.empty() || chineseName(feature).empty()) continue;
        std::size_t repaired = 0;
        const MultiPolygon plan = toPlan(feature.polygons, frame, repaired);
        if (plan.empty()) continue;
        const auto largest = std::max_element(plan.begin(), plan.end(), [](const Polygon& a, const Polygon& b) { return area(a) < area(b); });
        const std::string kind = feature.text("kind");
        const bool park = kind == "park" || kind == "garden";
        put(layer, feature, kind, kind == "station" ? 2 : park ? 3 : 5, pointInside(*largest));
    }
}

void addBuildingLabels(LabelLayer& layer, const std::vector<Building>& buildings) {
    for (const auto& building : buildings) {
        if (building.name.empty() || building.footprint.empty()) continue;
        const auto largest = std::max_element(building.footprint.begin(), building.footprint.end(),
                                              [](const Polygon& a, const Polygon& b) { return area(a) < area(b); });
        const int rank = building.height >= 250 ? 1 : building.height >= 150 ? 2 : building.height >= 80 ? 3 : 5;
        layer.labels.push_back({building.name, building.nameEn, "building", rank, {pointInside(*largest), building.height}});
    }
}

void settle(LabelLayer& layer) {
    std::stable_sort(layer.labels.begin(), layer.labels.end(), [](const MapLabel& a, const MapLabel& b) { return a.rank < b.rank; });
    std::vector<MapLabel> kept;
    std::unordered_map<std::string, std::vector<glm::dvec2>> known;
    for (auto& label : layer.labels) {
        auto& places = known[label.nameZh];
        const glm::dvec2 here(label.position);
        if (std::any_of(places.begin(), places.end(), [&](const glm::dvec2& p) { return glm::length(p - here) < kSameNameMeters; })) {
            ++layer.repeated;
            continue;
        }
        places.push_back(here);
        kept.push_back(std::move(label));
    }
    layer.labels = std::move(kept);
}

std::string toGeoJson(const LabelLayer& layer, const geo::DistrictFrame& frame) {
    using core::Json;
    Json features = Json::array();
    const auto rounded = [](double value, double scale) { return std::round(value * scale) / scale; };
    for (const auto& label : layer.labels) {
        const auto place = frame.toGeodetic(geo::DistrictPosition::from(label.position));
        features.push_back({{"type", "Feature"},
                            {"geometry",
                             {{"type", "Point"},
                              {"coordinates", {rounded(place.longitudeDegrees, 1e8), rounded(place.latitudeDegrees, 1e8), label.position.z}}}},
                            {"properties", {{"name_zh", label.nameZh}, {"name_en", label.nameEn}, {"kind", label.kind}, {"rank", label.rank}}}});
    }
    return Json{{"type", "FeatureCollection"}, {"features", std::move(features)}}.dump(1) + "\n";
}

} // namespace matou::importers
