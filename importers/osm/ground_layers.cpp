#include "osm/ground_layers.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "osm/plan.h"

namespace matou::importers {
namespace {

constexpr double kCell = 250.0;        // a flat triangle in it leaves the ellipsoid by 1.2 mm
constexpr double kCoarseCell = 1000.0; // 2 cm
constexpr double kOverlap = 0.02;      // of cells, against hairlines between them
constexpr double kFlatErrors[2] = {0.0, 12.0};

MaterialSpec flatMaterial(const std::string& name, const glm::vec3& color, float roughness = 0.95f) {
    MaterialSpec material;
    material.name = name;
    material.baseColor = glm::vec4(color, 1.0f);
    material.roughness = roughness;
    return material;
}

void start(FlatLayer& layer, const std::string& name) {
    layer.spec.layer = name;
    layer.spec.geometricErrors.assign(std::begin(kFlatErrors), std::end(kFlatErrors));
    layer.spec.leafEdgeMeters = 500.0;
}

/// One feature per cell, all with the same id: the tile that holds the cell shows that piece of it.
void addArea(TilesetSpec& spec, const std::string& id, const Properties& properties, std::uint32_t material, const MultiPolygon& fine,
             const MultiPolygon& coarse) {
    const auto add = [&](const MultiPolygon& cell, std::size_t level) {
        LodFeature feature;
        feature.id = id;
        feature.properties = properties;
        feature.material = material;
        feature.lods.resize(2);
        feature.lods[level] = flatMesh(cell, 0.0);
        if (!feature.lods[level].indices.empty()) spec.features.push_back(std::move(feature));
    };
    for (const auto& cell : cutIntoCells(fine, kCell, kOverlap)) add(cell, 0);
    for (const auto& cell : cutIntoCells(coarse, kCoarseCell, kOverlap)) add(cell, 1);
}

/// Pieces of one id, in the order of first appearance.
struct Gathered {
    std::string id;
    const SourceFeature* first = nullptr;
    MultiPolygon polygons;
    std::vector<Polyline> lines;
};

template <typename Accept>
std::vector<Gathered> gather(const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame, FlatLayer& layer, Accept accept) {
    std::vector<Gathered> out;
    std::unordered_map<std::string, std::size_t> byId;
    std::unordered_map<std::string, std::set<std::string>> shapes;
    for (const auto& feature : features) {
        ++layer.features;
        const std::string reason = accept(feature);
        if (!reason.empty()) {
            ++layer.skips[reason];
            continue;
        }
        std::string shape;
        for (const auto& line : feature.lines) shape.append(reinterpret_cast<const char*>(line.data()), line.size() * sizeof(glm::dvec2));
        for (const auto& polygon : feature.polygons)
            shape.append(reinterpret_cast<const char*>(polygon.outer.data()), polygon.outer.size() * sizeof(glm::dvec2));
        if (!shapes[feature.id].insert(shape).second) {
            ++layer.equalCopiesDropped;
            continue;
        }
        const auto [at, isNew] = byId.try_emplace(feature.id, out.size());
        if (isNew) out.push_back({feature.id, &feature, {}, {}});
        Gathered& one = out[at->second];
        const MultiPolygon plan = toPlan(feature.polygons, frame, layer.repaired);
        one.polygons.insert(one.polygons.end(), plan.begin(), plan.end());
        for (const auto& line : feature.lines) one.lines.push_back(toPlan(line, frame));
    }
    layer.ids = out.size();
    for (auto& one : out) {
        if (one.polygons.size() < 2) continue;
        layer.areaBeforeJoining += area(one.polygons);
        one.polygons = unite(one.polygons);
        layer.areaAfterJoining += area(one.polygons);
    }
    return out;
}

struct RoadClass {
    const char* detail;
    double width;
    int rank; // larger is drawn over smaller
    bool halvedWhenOneway;
};
// Widths of carriageways as built in Chinese cities: lanes of 3.25–3.5 m (CJJ 37), kerb to kerb.
constexpr RoadClass kRoadClasses[] = {
    {"motorway", 26, 6, true},      {"trunk", 24, 6, true},        {"primary", 22, 5, true},      {"secondary", 16, 5, true},
    {"tertiary", 12, 4, true},      {"motorway_link", 8, 4, false}, {"trunk_link", 8, 4, false},   {"primary_link", 7, 4, false},
    {"secondary_link", 7, 4, false}, {"tertiary_link", 6, 4, false}, {"residential", 7, 3, false},  {"unclassified", 7, 3, false},
    {"living_street", 6, 3, false}, {"road", 7, 3, false},         {"service", 5, 2, false},      {"pedestrian", 6, 1, false},
    {"pier", 4, 1, false},          {"footway", 2.5, 0, false},    {"cycleway", 2.5, 0, false},   {"path", 2, 0, false},
    {"steps", 2.5, 0, false},       {"track", 3, 0, false},
};

const RoadClass* classOf(const std::string& kind, const std::string& detail) {
    for (const auto& one : kRoadClasses)
        if (detail == one.detail) return &one;
    const char* fallback = kind == "highway" ? "motorway" : kind == "major_road" ? "secondary" : kind == "minor_road" ? "residential" : kind == "path" ? "path" : "";
    for (const auto& one : kRoadClasses)
        if (std::string(fallback) == one.detail) return &one;
    return nullptr;
}

std::string roadDetail(const SourceFeature& feature) {
    const std::string detail = feature.text("kind_detail");
    if (!detail.empty()) return detail;
    return feature.text("highway");
}

bool isGreen(const std::string& kind) {
    static const std::set<std::string> kinds = {"grass",  "park",    "garden", "forest", "natural_wood", "wood", "meadow", "scrub", "recreation_ground",
                                                "pitch", "cemetery", "golf_course", "village_green", "protected_area", "nature_reserve", "farmland"};
    return kinds.contains(kind);
}

bool isPaved(const std::string& kind) {
    static const std::set<std::string> kinds = {"pedestrian", "footway", "pier", "parking", "bridge"};
    return kinds.contains(kind);
}

} // namespace

double roadWidth(const std::string& kind, const std::string& detail, bool oneway) {
    const RoadClass* found = classOf(kind, detail);
    if (!found) return 0;
    return oneway && found->halvedWhenOneway ? 0.5 * found->width : found->width;
}

FlatLayer roadLayer(const std::string& name, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame) {
    FlatLayer layer;
    start(layer, name);
    layer.spec.materials = {flatMaterial("path", {0.42f, 0.38f, 0.33f}), flatMaterial("street", {0.16f, 0.16f, 0.165f}),
                            flatMaterial("arterial", {0.11f, 0.11f, 0.115f})};
    const auto ways = gather(features, frame, layer, [](const SourceFeature& feature) -> std::string {
        if (feature.lines.empty()) return "UI_SKIP_ROAD_NOT_LINE";
        const std::string kind = feature.text("kind");
        if (kind == "rail") return "UI_SKIP_ROAD_RAIL";
        if (kind == "ferry") return "UI_SKIP_ROAD_FERRY";
        if (feature.flag("is_tunnel") || feature.flag("tunnel")) return "UI_SKIP_ROAD_TUNNEL";
        return classOf(kind, roadDetail(feature)) ? "" : "UI_SKIP_ROAD_CLASS";
    });
    struct Surface {
        const Gathered* way;
        const RoadClass* road;
        double width;
        MultiPolygon fine;
    };
    std::vector<Surface> surfaces;
    for (const auto& way : ways) {
        const std::string kind = way.first->text("kind"), detail = roadDetail(*way.first);
        const double width = roadWidth(kind, detail, way.first->flag("oneway") && kind == "major_road");
        surfaces.push_back({&way, classOf(kind, detail), width, ribbons(way.lines, width)});
    }
    // Wide over narrow: the narrow one ends at the kerb, so nothing lies twice in one plane with two colours.
    for (int rank = 5; rank >= 0; --rank) {
        std::map<std::pair<int, int>, MultiPolygon> above;
        for (const auto& surface : surfaces)
            if (surface.road->rank > rank)
                for (const auto& cell : cutIntoCells(surface.fine, kCell)) {
                    const glm::ivec2 at(glm::floor(extentOf(cell).center() / kCell));
                    auto& into = above[{at.y, at.x}];
                    into.insert(into.end(), cell.begin(), cell.end());
                }
        for (auto& [at, cell] : above) cell = unite(cell);
        for (auto& surface : surfaces) {
            if (surface.road->rank != rank) continue;
            MultiPolygon left;
            for (const auto& cell : cutIntoCells(surface.fine, kCell)) {
                const glm::ivec2 at(glm::floor(extentOf(cell).center() / kCell));
                const auto mask = above.find({at.y, at.x});
                const MultiPolygon rest = mask == above.end() || !intersects(cell, mask->second) ? cell : subtract(cell, mask->second);
                left.insert(left.end(), rest.begin(), rest.end());
            }
            surface.fine = std::move(left);
        }
    }
    for (const auto& surface : surfaces) {
        const Gathered& way = *surface.way;
        const Properties properties = {{"name", chineseName(*way.first)},
                                       {"name_en", englishName(*way.first)},
                                       {"kind", std::string(surface.road->detail)},
                                       {"width", surface.width}};
        const std::uint32_t material = surface.road->rank >= 4 ? 2 : surface.road->rank >= 2 ? 1 : 0;
        // Far away only what carries traffic; its outline loses what is below a metre.
        MultiPolygon coarse;
        if (surface.road->rank >= 3) coarse = simplify(ribbons(way.lines, surface.width, LineCap::flat, 1), 1.0);
        addArea(layer.spec, way.id, properties, material, surface.fine, coarse);
        layer.covered.insert(layer.covered.end(), surface.fine.begin(), surface.fine.end());
    }
    return layer;
}

FlatLayer greenLayer(const std::string& name, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame) {
    FlatLayer layer;
    start(layer, name);
    layer.spec.materials = {flatMaterial("grass", {0.13f, 0.22f, 0.07f}), flatMaterial("wood", {0.07f, 0.15f, 0.05f}),
                            flatMaterial("paving", {0.40f, 0.37f, 0.33f})};
    const auto areas = gather(features, frame, layer, [](const SourceFeature& feature) -> std::string {
        if (feature.polygons.empty()) return feature.points.empty() ? "UI_SKIP_GREEN_LINE" : "UI_SKIP_GREEN_POINT";
        const std::string kind = feature.text("kind");
        return isGreen(kind) || isPaved(kind) ? "" : "UI_SKIP_GREEN_USE";
    });
    // A park holds its lawns, woods and paths: parks first, what lies in them cut out of them.
    const auto rank = [](const Gathered& one) {
        const std::string kind = one.first->text("kind");
        if (isPaved(kind)) return 3;
        if (kind == "forest" || kind == "natural_wood" || kind == "wood") return 2;
        return kind == "grass" || kind == "garden" || kind == "pitch" ? 1 : 0;
    };
    MultiPolygon above;
    std::vector<std::pair<const Gathered*, MultiPolygon>> shown;
    for (int r = 3; r >= 0; --r) {
        MultiPolygon here;
        for (const auto& one : areas) {
            if (rank(one) != r) continue;
            MultiPolygon taken = above;
            taken.insert(taken.end(), here.begin(), here.end());
            MultiPolygon rest = intersects(one.polygons, taken) ? subtract(one.polygons, taken) : one.polygons;
            here.insert(here.end(), one.polygons.begin(), one.polygons.end());
            shown.emplace_back(&one, std::move(rest));
        }
        above.insert(above.end(), here.begin(), here.end());
        above = unite(above);
    }
    for (const auto& [one, rest] : shown) {
        const Properties properties = {{"name", chineseName(*one->first)}, {"name_en", englishName(*one->first)}, {"kind", one->first->text("kind")}};
        const std::uint32_t material = rank(*one) == 3 ? 2 : rank(*one) == 2 ? 1 : 0;
        addArea(layer.spec, one->id, properties, material, rest, area(rest) > 400 ? simplify(rest, 4.0) : MultiPolygon{});
        layer.covered.insert(layer.covered.end(), rest.begin(), rest.end());
    }
    return layer;
}

FlatLayer waterLayer(const std::string& name, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame) {
    FlatLayer layer;
    start(layer, name);
    layer.spec.materials = {flatMaterial("water", {0.05f, 0.10f, 0.12f}, 0.15f)};
    auto waters = gather(features, frame, layer, [](const SourceFeature& feature) -> std::string {
        if (!feature.polygons.empty()) return "";
        if (!feature.points.empty()) return "UI_SKIP_WATER_POINT";
        return feature.flag("boundary") ? "UI_SKIP_WATER_SHORE" : "";
    });
    for (const auto& one : waters) layer.covered.insert(layer.covered.end(), one.polygons.begin(), one.polygons.end());
    layer.covered = unite(layer.covered);
    for (auto& one : waters) {
        if (!one.polygons.empty()) continue;
        // Centre lines: most run inside the mapped surface; the others become ribbons.
        const std::string kind = one.first->text("kind");
        const double width = kind == "river" ? 20 : kind == "canal" ? 12 : 4;
        const MultiPolygon band = ribbons(one.lines, width);
        const MultiPolygon outside = intersects(band, layer.covered) ? subtract(band, layer.covered) : band;
        if (area(outside) < 0.5 * area(band)) {
            ++layer.skips["UI_SKIP_WATER_CENTRE"];
            continue;
        }
        one.polygons = outside;
        layer.covered.insert(layer.covered.end(), outside.begin(), outside.end());
    }
    for (const auto& one : waters) {
        if (one.polygons.empty()) continue;
        const Properties properties = {{"name", chineseName(*one.first)}, {"name_en", englishName(*one.first)}, {"kind", one.first->text("kind")}};
        addArea(layer.spec, one.id, properties, 0, one.polygons, simplify(one.polygons, 3.0));
    }
    layer.covered = unite(layer.covered);
    return layer;
}

FlatLayer groundLayer(const std::string& name, const MultiPolygon& land, const MultiPolygon& water) {
    FlatLayer layer;
    start(layer, name);
    layer.spec.materials = {flatMaterial("ground", {0.34f, 0.33f, 0.31f})};
    layer.covered = water.empty() ? unite(land) : subtract(land, water);
    // Far away the water is painted over the whole land, so that no crack shows between the two simplified shores.
    addArea(layer.spec, "ground", {{"kind", std::string("land")}}, 0, layer.covered, land);
    layer.features = layer.ids = 1;
    return layer;
}

MultiPolygon landOf(const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame) {
    MultiPolygon out;
    std::size_t repaired = 0;
    for (const auto& feature : features) {
        const MultiPolygon plan = toPlan(feature.polygons, frame, repaired);
        out.insert(out.end(), plan.begin(), plan.end());
    }
    // Neighbouring tiles meet along lines that the projection bends by micrometres.
    return grow(grow(out, 0.05), -0.05);
}

} // namespace matou::importers
