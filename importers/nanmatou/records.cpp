#include "nanmatou/records.h"

#include <set>

#include "core/file.h"
#include "nanmatou/builder.h"
#include "nanmatou/record_parts.h"

namespace matou::importers::nanmatou {

namespace {

void addZones(const City& city, GeoJson& out) {
    for (const auto& zone : city.layout.zones)
        out.polygon(zone.area, {{"id", zone.id},
                                {"name_zh", zone.nameZh},
                                {"name_en", zone.nameEn},
                                {"kind", zone.kind},
                                {"parent", zone.parent}});
}

/// The file's own English name, or the kind with the illustrative number.
std::string englishOf(const Block& block) {
    if (!block.nameEn.empty()) return block.nameEn;
    const std::string& k = block.kind;
    const char* what = k == "slabs" || k == "towers" || k == "highrise" ? "Compound"
                       : k == "old"                                     ? "Lane houses"
                       : k == "school"                                  ? "School"
                       : k == "park"                                    ? "Park"
                       : k == "offices"                                 ? "Office campus"
                       : k == "works"                                   ? "Industry park"
                       : k == "market"                                  ? "Market"
                                                                        : "Place";
    const auto digits = block.name.find_last_not_of("0123456789");
    return std::string(what) + " (illustrative) " + (digits == std::string::npos ? "" : block.name.substr(digits + 1));
}

} // namespace

void addLabels(const City& city, GeoJson& out) {
    auto add = [&](const glm::dvec2& at, double height, const std::string& zh, const std::string& en,
                   const std::string& kind, int rank) {
        out.point(at, kGround + height, {{"name_zh", zh}, {"name_en", en}, {"kind", kind}, {"rank", rank}});
    };
    for (const auto& label : city.place.labels)
        add(label.at, label.height, label.zh, label.en, label.kind, label.rank);
    for (const auto& street : city.place.streets) {
        const int rank = street.kind == StreetClass::arterial ? 2 : street.kind == StreetClass::street ? 3 : 5;
        const double every = street.kind == StreetClass::arterial ? 620.0
                             : street.kind == StreetClass::street ? 420.0
                                                                  : 1e9;
        const double length = lengthOf(street.line);
        const int count = std::max(1, static_cast<int>(length / every));
        const auto all = stations(street.line, 2.0);
        for (int i = 0; i < count; ++i) {
            const double wanted = length * (i + 0.5) / count;
            const auto& at = all[std::min(all.size() - 1, static_cast<std::size_t>(wanted / 2.0))].at;
            if (glm::length(at - city.place.center) < 2600.0) add(at, 2.0, street.nameZh, street.nameEn, "road", rank);
        }
    }
    std::set<std::string> known;
    for (const auto& label : city.place.labels)
        known.insert(label.zh);
    for (const auto& block : city.layout.blocks) {
        if (block.kind == "green" || known.count(block.name) != 0) continue;
        const bool home =
            block.kind == "slabs" || block.kind == "towers" || block.kind == "highrise" || block.kind == "old";
        const bool named = block.name.find("示意") == std::string::npos;
        add(pointInside(block.area), 22.0, block.name, englishOf(block),
            home                     ? "compound"
            : block.kind == "school" ? "school"
            : block.kind == "park"   ? "park"
                                     : "place",
            named ? 3 : 5);
    }
    for (const char* line : {"metro_6", "metro_7"}) {
        const auto& path = city.place.lines.at(line);
        add(path[path.size() / 2 - 1], 1.0, line == std::string("metro_6") ? "地铁6号线(地下)" : "地铁7号线(地下)",
            line == std::string("metro_6") ? "Metro Line 6 (underground)" : "Metro Line 7 (underground)", "metro", 4);
    }
}

void addPlan(const City& city, GeoJson& out) {
    for (const auto& b : city.buildings) {
        const auto& f = b.footprint;
        out.polygon(f.polygon(), {{"what", "building"},
                                  {"id", b.id},
                                  {"form", nameOf(b.form)},
                                  {"use", b.use},
                                  {"floors", b.floors},
                                  {"height", decimals(b.height, 2)},
                                  {"zone", b.zone},
                                  {"compound", b.compound},
                                  {"year", b.year}});
    }
    const auto& streets = city.place.streets;
    for (std::size_t i = 0; i < streets.size(); ++i) {
        out.line(streets[i].line, {{"what", "street"},
                                   {"id", streets[i].id},
                                   {"name_zh", streets[i].nameZh},
                                   {"width", streets[i].carriageway()},
                                   {"right_of_way", streets[i].rightOfWay()},
                                   {"inside", streets[i].inside}});
    }
    for (const auto& lane : city.lanes)
        out.line(lane.line, {{"what", "lane"}, {"width", lane.width}});
    out.multiPolygon(intersect(city.layout.water, {rectangle(city.place.center, 7000, 7000)}), {{"what", "water"}});
    for (const auto& lamp : city.lamps)
        out.point(lamp.at, kGround, {{"what", "lamp"}, {"id", lamp.id}});
}

core::Result<RecordCounts> writeRecords(const City& city, const geo::DistrictFrame& frame, std::uint64_t seed,
                                        const std::filesystem::path& folder) {
    GeoJson zones(frame), sensors(frame), cameras(frame), projects(frame), labels(frame), plan(frame);
    addZones(city, zones);
    addSensors(city, seed, sensors);
    addCameras(city, seed, cameras);
    addProjects(city, seed, projects);
    addLabels(city, labels);
    addPlan(city, plan);
    MATOU_CHECK(core::writeFile(folder / "layers/zones.geojson", zones.text()));
    MATOU_CHECK(core::writeFile(folder / "layers/sensors.geojson", sensors.text()));
    MATOU_CHECK(core::writeFile(folder / "layers/cameras.geojson", cameras.text()));
    MATOU_CHECK(core::writeFile(folder / "layers/projects.geojson", projects.text()));
    MATOU_CHECK(core::writeFile(folder / "layers/labels.geojson", labels.text()));
    MATOU_CHECK(core::writeFile(folder / "layers/plan.geojson", plan.text()));
    MATOU_CHECK(writeScenes(city, frame, seed, folder));
    return RecordCounts{sensors.size(), cameras.size(), projects.size()};
}

} // namespace matou::importers::nanmatou
