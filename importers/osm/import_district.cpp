#include "osm/import_district.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "core/file.h"
#include "osm/building_lods.h"
#include "osm/district_toml.h"
#include "osm/plan.h"

namespace matou::importers {
namespace {

using core::fail;

enum class Role { buildings, roads, water, green, ground, labels, transit, boundaries };

struct RoleName {
    const char* name;
    Role role;
};
constexpr RoleName kRoleNames[] = {{"buildings", Role::buildings}, {"roads", Role::roads},     {"water", Role::water},           {"green", Role::green},
                                   {"ground", Role::ground},       {"labels", Role::labels},   {"transit", Role::transit},       {"boundaries", Role::boundaries}};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// By the name of the layer first, then by what its features are.
Role roleOf(const SourceLayer& layer) {
    const std::string name = lower(layer.name);
    const auto has = [&](std::initializer_list<const char*> words) {
        return std::any_of(words.begin(), words.end(), [&](const char* word) { return name.find(word) != std::string::npos; });
    };
    if (has({"building", "jianzhu", "建筑"})) return Role::buildings;
    if (has({"road", "street", "highway", "道路"})) return Role::roads;
    if (has({"water", "river", "水"})) return Role::water;
    if (has({"landuse", "green", "park", "绿"})) return Role::green;
    if (has({"earth", "land", "ground"})) return Role::ground;
    if (has({"transit"})) return Role::transit;
    if (has({"boundar", "admin"})) return Role::boundaries;
    std::size_t polygons = 0, lines = 0, heights = 0;
    for (const auto& feature : layer.features) {
        polygons += !feature.polygons.empty();
        lines += !feature.lines.empty();
        double value = 0;
        heights += feature.number("height", value) || !feature.text("building").empty();
    }
    if (polygons > 0 && (heights > 0 || polygons >= lines)) return Role::buildings;
    return lines > 0 ? Role::roads : Role::labels;
}

std::string identifier(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
        out += plain ? c : '_';
    }
    return out.empty() ? "layer" : out;
}

std::string integer(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.0f", value);
    return buffer;
}

core::Result<VerticalDatum> datumOf(const std::string& text, const glm::dvec2& center) {
    VerticalDatum datum;
    if (text.empty()) {
        datum.name = "district ground";
        const bool shanghai = center.x > 120.8 && center.x < 122.1 && center.y > 30.6 && center.y < 31.9;
        datum.aboveEllipsoidMeters = shanghai ? 15.0 : 0.0;
        datum.accuracyMeters = shanghai ? 2.0 : 100.0;
        datum.provenance = shanghai ? "assumed: geoid of EGM2008 about 11 m above the ellipsoid at Shanghai, ground about 4 m above it; the source has no heights of ground"
                                    : "assumed: ground at the ellipsoid; give --vertical-datum NAME=METRES";
        return datum;
    }
    const auto split = text.find('=');
    const std::string number = split == std::string::npos ? text : text.substr(split + 1);
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    const bool isNumber = end != number.c_str() && *end == '\0' && std::isfinite(value) && std::abs(value) < 10000;
    if (!isNumber && split != std::string::npos) return fail("E_IMPORT_DATUM", "--vertical-datum", {text});
    if (!isNumber) {
        MATOU_TRY(assumed, datumOf("", center));
        datum = assumed;
        datum.name = text;
        return datum;
    }
    datum.name = split == std::string::npos ? "ellipsoid + " + number : text.substr(0, split);
    datum.aboveEllipsoidMeters = value;
    datum.accuracyMeters = 1.0;
    datum.provenance = "given at import";
    return datum;
}

glm::dvec2 centerOf(const std::vector<SourceLayer>& layers) {
    Extent extent;
    for (const auto& layer : layers)
        for (const auto& feature : layer.features) {
            for (const auto& p : feature.points) extent.add(p);
            for (const auto& line : feature.lines)
                for (const auto& p : line) extent.add(p);
            for (const auto& polygon : feature.polygons)
                for (const auto& p : polygon.outer) extent.add(p);
        }
    return extent.empty() ? glm::dvec2(0) : extent.center();
}

std::string utmZone(const glm::dvec2& center) {
    const int zone = std::clamp(static_cast<int>(std::floor((center.x + 180.0) / 6.0)) + 1, 1, 60);
    return "EPSG:" + std::to_string((center.y >= 0 ? 32600 : 32700) + zone);
}

bool looksGeographic(const std::string& crs) {
    const std::string name = lower(crs);
    return name == "epsg:4326" || name == "wgs84" || name == "epsg:4490" || name == "ogc:crs84";
}

/// South-south-west of the tallest buildings, looking at them.
geo::CameraPose overviewOf(const std::vector<Building>& buildings, const glm::dvec2& center, const geo::DistrictFrame& frame) {
    std::vector<const Building*> tallest;
    for (const auto& building : buildings)
        if (!building.footprint.empty()) tallest.push_back(&building);
    std::stable_sort(tallest.begin(), tallest.end(), [](const Building* a, const Building* b) { return a->height > b->height; });
    if (tallest.size() > 8) tallest.resize(8);
    glm::dvec2 target = toPlan(center, frame);
    double height = 50;
    if (!tallest.empty()) {
        target = glm::dvec2(0);
        for (const auto* building : tallest) target += centroid(building->footprint.front()) / static_cast<double>(tallest.size());
        height = tallest.front()->height;
    }
    const double heading = 20.0, distance = std::clamp(3.2 * height, 500.0, 2500.0), eye = std::max(0.7 * height, 120.0);
    const double angle = glm::radians(heading);
    const glm::dvec2 at = target - distance * glm::dvec2(std::sin(angle), std::cos(angle));
    geo::CameraPose pose;
    pose.position = frame.toGeodetic({at.x, at.y, eye});
    pose.headingDegrees = heading;
    pose.pitchDegrees = -glm::degrees(std::atan2(eye - 0.35 * height, distance));
    return pose;
}

/// What was gathered for one layer of the district, before anything is written.
struct Planned {
    LayerEntry entry;
    TilesetSpec spec;
};

class DistrictImport {
public:
    DistrictImport(const ImportOptions& options, const Say& say) : _options(options), _say(say) {}

    core::Result<ImportReport> run() {
        for (const auto& path : _options.sources) {
            MATOU_CHECK(goOn());
            MATOU_TRY(layers, readSource(path, _options.crs));
            for (auto& layer : layers) {
                say("UI_IMPORT_READ", {layer.path.string(), std::to_string(layer.features.size()), layer.driver, layer.crs});
                if (layer.withoutGeometry > 0) say("UI_IMPORT_NO_GEOMETRY", {layer.name, std::to_string(layer.withoutGeometry)});
                if (layer.outOfRange > 0) say("UI_IMPORT_OUT_OF_RANGE", {layer.name, std::to_string(layer.outOfRange)});
                _sources.push_back(std::move(layer));
            }
        }
        const glm::dvec2 center = centerOf(_sources);
        const std::string crs = _options.crs.empty() || looksGeographic(_options.crs) ? utmZone(center) : _options.crs;
        MATOU_TRY(datum, datumOf(_options.verticalDatum, center));
        MATOU_TRY(frame, geo::DistrictFrame::create(crs, datum.aboveEllipsoidMeters));
        for (const auto& layer : _sources)
            say("UI_IMPORT_CRS", {layer.name, layer.crs, crs,
                                  layer.accuracyMeters < 0 ? core::text(_options.language, "UI_IMPORT_ACCURACY_UNKNOWN") : integer(layer.accuracyMeters) + " m"});
        say("UI_IMPORT_DATUM", {datum.name, integer(datum.aboveEllipsoidMeters), datum.provenance});

        MATOU_CHECK(plan(frame));
        if (_planned.empty()) return fail("E_IMPORT_NOTHING", _options.sources.front().string());

        DistrictText text;
        text.id = identifier(_options.out.filename().empty() ? _options.out.parent_path().filename().string() : _options.out.filename().string());
        text.nameZh = text.nameEn = text.id;
        text.crs = crs;
        text.datum = datum;
        text.centerLonLat = center;
        text.attribution = attribution();
        text.hasLabels = !_labels.labels.empty();
        text.overview = overviewOf(_buildings, center, frame);
        for (const auto& planned : _planned) text.layers.push_back(planned.entry);

        ImportReport report;
        report.buildings = _counts;
        report.labels = _labels.labels.size();
        MATOU_CHECK(core::writeFolder(_options.out, "district.toml", [&](const std::filesystem::path& aside) -> core::Result<void> {
            for (const auto& planned : _planned) {
                MATOU_CHECK(goOn());
                MATOU_TRY(written, writeTileset(planned.spec, frame, aside / "tiles" / planned.entry.id));
                std::string levels;
                for (const auto count : written.trianglesPerLevel) levels += (levels.empty() ? "" : " / ") + std::to_string(count);
                say("UI_IMPORT_WROTE", {planned.entry.id, std::to_string(written.features), std::to_string(written.tiles), levels, std::to_string(written.bytes / 1024)});
                report.layers.emplace_back(planned.entry.id, written);
            }
            if (text.hasLabels) MATOU_CHECK(core::writeFile(aside / "layers" / "labels.geojson", std::string_view(toGeoJson(_labels, frame))));
            return core::writeFile(aside / "district.toml", std::string_view(toToml(text)));
        }));
        say("UI_IMPORT_DONE", {_options.out.string()});
        return report;
    }

private:
    void say(std::string_view key, std::initializer_list<std::string> arguments) const {
        if (_say) _say(core::text(_options.language, key, arguments));
    }
    core::Result<void> goOn() const {
        if (_options.cancelled && _options.cancelled()) return fail("E_IMPORT_CANCELLED", _options.out.string());
        return {};
    }
    void saySkips(const std::string& layer, const Skips& skips) const {
        for (const auto& [reason, count] : skips) say("UI_IMPORT_SKIPPED", {layer, std::to_string(count), core::text(_options.language, reason)});
    }

    core::Result<Role> roleFor(const SourceLayer& layer) const {
        if (_options.as.empty()) return roleOf(layer);
        for (const auto& one : kRoleNames)
            if (_options.as == one.name) return one.role;
        if (_options.as == "vector" || _options.as == "city") return roleOf(layer);
        return fail("E_IMPORT_AS", "--as", {_options.as});
    }

    std::string layerId(const SourceLayer& layer) {
        std::string id = identifier(_options.layer.empty() ? layer.name : _options.layer);
        for (int number = 2; !_ids.insert(id).second; ++number) id = identifier(_options.layer.empty() ? layer.name : _options.layer) + "-" + std::to_string(number);
        return id;
    }

    core::Result<void> plan(const geo::DistrictFrame& frame) {
        std::vector<std::pair<Role, const SourceLayer*>> byRole;
        for (const auto& layer : _sources) {
            MATOU_TRY(role, roleFor(layer));
            byRole.emplace_back(role, &layer);
        }
        MultiPolygon water, land;
        for (const auto& [role, layer] : byRole) {
            MATOU_CHECK(goOn());
            switch (role) {
            case Role::buildings: planBuildings(*layer, frame); break;
            case Role::roads:
                planFlat(*layer, roadLayer(layerId(*layer), layer->features, frame), "road", 3, "道路", "Roads");
                addLineLabels(_labels, layer->features, frame);
                break;
            case Role::green:
                planFlat(*layer, greenLayer(layerId(*layer), layer->features, frame), "green", 1, "绿地与广场", "Green and squares");
                addAreaLabels(_labels, layer->features, frame);
                break;
            case Role::water: {
                FlatLayer flat = waterLayer(layerId(*layer), layer->features, frame);
                water.insert(water.end(), flat.covered.begin(), flat.covered.end());
                planFlat(*layer, std::move(flat), "water", 2, "水域", "Water");
                addLineLabels(_labels, layer->features, frame);
                break;
            }
            case Role::ground: {
                const MultiPolygon part = landOf(layer->features, frame);
                land.insert(land.end(), part.begin(), part.end());
                say("UI_IMPORT_LAND", {layer->name, std::to_string(layer->features.size()), integer(area(unite(part)))});
                break;
            }
            case Role::labels: addPointLabels(_labels, layer->features, frame); break;
            case Role::transit:
                addAreaLabels(_labels, layer->features, frame);
                saySkips(layer->name, countLines(*layer, "UI_SKIP_TRANSIT_LINE"));
                break;
            case Role::boundaries: saySkips(layer->name, countLines(*layer, "UI_SKIP_BOUNDARY")); break;
            }
        }
        addBuildingLabels(_labels, _buildings);
        settle(_labels);
        if (!_labels.labels.empty() || _labels.unnamed > 0)
            say("UI_IMPORT_LABELS", {std::to_string(_labels.labels.size()), std::to_string(_labels.unnamed), std::to_string(_labels.repeated)});
        planGround(land, water);
        return {};
    }

    static Skips countLines(const SourceLayer& layer, const char* reason) {
        Skips skips;
        for (const auto& feature : layer.features)
            if (feature.polygons.empty()) ++skips[reason];
        return skips;
    }

    void planBuildings(const SourceLayer& source, const geo::DistrictFrame& frame) {
        BuildingImport result = importBuildings(source.features, frame, _options.buildings);
        const BuildingCounts& c = result.counts;
        const auto n = [](std::size_t value) { return std::to_string(value); };
        say("UI_IMPORT_BUILDINGS", {source.name, n(c.polygons), n(c.distinctIds), n(c.repeatedIds), n(c.repeatedInDifferentPieces)});
        say("UI_IMPORT_HEIGHTS", {n(c.polygonsWithHeight), n(c.idsWithHeight), n(c.zeroHeights)});
        if (c.points > 0) say("UI_IMPORT_POINTS", {n(c.points), n(c.namedFromPoints)});
        if (c.other > 0) say("UI_IMPORT_SKIPPED", {source.name, n(c.other), core::text(_options.language, "UI_SKIP_BUILDING_LINE")});
        if (c.equalCopiesDropped > 0) say("UI_IMPORT_COPIES", {n(c.equalCopiesDropped)});
        if (c.piecesJoined > 0)
            say("UI_IMPORT_JOINED", {n(c.piecesJoined), n(c.repeatedInDifferentPieces), integer(c.areaBeforeJoining), integer(c.areaAfterJoining)});
        if (c.parts > 0)
            say("UI_IMPORT_PARTS", {n(c.parts), n(c.wholesHidden + c.wholesTrimmed), n(c.wholesHidden), n(c.wholesTrimmed), n(c.partsWithoutWhole)});
        if (c.conflicting > 0) say("UI_IMPORT_CONFLICT", {n(c.conflicting)});
        say("UI_IMPORT_DIRT", {n(c.invalidRepaired), n(c.vanished), n(c.withHoles), n(c.withMinHeight), n(c.badMinHeight)});
        say("UI_IMPORT_ASSUMED", {n(c.assumed), n(c.buildings)});
        if (result.buildings.empty()) return;
        Planned planned;
        planned.entry = {layerId(source), "建筑", "Buildings", "buildings", 0};
        planned.spec = buildingTileset(planned.entry.id, result.buildings);
        _planned.push_back(std::move(planned));
        _counts = result.counts;
        _buildings.insert(_buildings.end(), std::make_move_iterator(result.buildings.begin()), std::make_move_iterator(result.buildings.end()));
    }

    void planFlat(const SourceLayer& source, FlatLayer flat, const char* role, int order, const char* zh, const char* en) {
        const auto n = [](std::size_t value) { return std::to_string(value); };
        say("UI_IMPORT_FLAT", {source.name, n(flat.features), n(flat.ids), n(flat.equalCopiesDropped), integer(area(flat.covered))});
        if (flat.areaBeforeJoining > 0) say("UI_IMPORT_FLAT_JOINED", {source.name, integer(flat.areaBeforeJoining), integer(flat.areaAfterJoining)});
        if (flat.repaired > 0) say("UI_IMPORT_REPAIRED", {source.name, n(flat.repaired)});
        saySkips(source.name, flat.skips);
        if (flat.spec.features.empty()) return;
        widen(extentOf(flat.covered));
        _planned.push_back({{flat.spec.layer, zh, en, role, order}, std::move(flat.spec)});
    }

    static Polygon convexHullOf(const MultiPolygon& polygons) {
        Polygon all;
        for (const auto& polygon : polygons) all.outer.insert(all.outer.end(), polygon.outer.begin(), polygon.outer.end());
        return convexHull(all);
    }

    void widen(const Extent& extent) {
        if (extent.empty()) return;
        _extent.add(extent.minimum);
        _extent.add(extent.maximum);
    }

    void planGround(const MultiPolygon& stated, const MultiPolygon& water) {
        MultiPolygon land = stated;
        if (land.empty()) { // no source says where land is: all that the sources cover, and a margin
            for (const auto& building : _buildings) widen(extentOf(building.footprint));
            if (_extent.empty()) return;
            const glm::dvec2 size = _extent.size() + glm::dvec2(100.0);
            land = {rectangle(_extent.center(), size.x, size.y)};
        }
        // What nobody mapped inside the sources' extent (a missing tile) and under houses at its border is plain ground.
        const double statedArea = area(unite(land));
        MultiPolygon whole;
        for (const auto& polygon : unite(land)) whole.push_back({polygon.outer, {}});
        for (const auto& building : _buildings) {
            const MultiPolygon yard = grow({convexHullOf(building.footprint)}, 10.0);
            whole.insert(whole.end(), yard.begin(), yard.end());
        }
        land = unite(whole);
        if (area(land) > statedArea + 1.0) say("UI_IMPORT_GROUND_FILLED", {integer(area(land) - statedArea)});
        std::string id = "ground";
        while (!_ids.insert(id).second) id += "-base";
        FlatLayer flat = groundLayer(id, land, water);
        if (flat.spec.features.empty()) return;
        say("UI_IMPORT_GROUND", {integer(area(land)), integer(area(flat.covered))});
        _planned.push_back({{id, "地面", "Ground", "ground", 0}, std::move(flat.spec)});
    }

    std::vector<std::string> attribution() const {
        for (const auto& layer : _sources)
            for (const auto& feature : layer.features)
                if (feature.text("source").find("openstreetmap") != std::string::npos) return {"© OpenStreetMap contributors (ODbL)"};
        return {};
    }

    const ImportOptions& _options;
    const Say& _say;
    std::vector<SourceLayer> _sources;
    std::vector<Planned> _planned;
    std::vector<Building> _buildings;
    BuildingCounts _counts;
    LabelLayer _labels;
    std::set<std::string> _ids;
    Extent _extent;
};

} // namespace

core::Result<ImportReport> importDistrict(const ImportOptions& options, const Say& say) {
    if (options.sources.empty()) return fail("E_IMPORT_NOTHING", options.out.string());
    return DistrictImport(options, say).run();
}

} // namespace matou::importers
