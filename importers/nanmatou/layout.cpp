#include "nanmatou/layout.h"

#include <algorithm>
#include <cmath>

namespace matou::importers::nanmatou {

namespace {

// Widths of the strips between the water's edge and the first block, metres from the edge.
constexpr double kFloodWallAt = 6.0, kPromenadeEnd = 20.0, kRiverStripEnd = 46.0;
constexpr double kCreekWalkBegin = 4.0, kCreekWalkEnd = 8.0, kCreekStripEnd = 16.0;

MultiPolygon joined(const MultiPolygon& a, const MultiPolygon& b) {
    MultiPolygon all = a;
    all.insert(all.end(), b.begin(), b.end());
    return unite(all);
}

/// Where one zone's belt is narrower: the southern wedge is only some 500 m wide.
Polygon southOf(double north) {
    return rectangle({0, north - 20000.0}, 4e6, 40000.0);
}

void layWater(const Place& place, Layout& layout) {
    layout.river = ribbon(place.riverMiddle, place.riverWidth, LineCap::flat, 4);
    Polyline creek(place.creekUpstream.rbegin(), place.creekUpstream.rend());
    creek.insert(creek.end(), place.creek.begin(), place.creek.end());
    creek.push_back(place.fairway.front());
    layout.creek = subtract(ribbon(creek, place.creekWidth, LineCap::flat, 4), layout.river);
    layout.water = joined(layout.river, layout.creek);
    layout.district = {place.boundary, {}};
    layout.land = subtract({layout.district}, layout.water);

    auto strip = [&](const MultiPolygon& water, double from, double to) {
        return intersect(subtract(grow(water, to), grow(water, from)), layout.land);
    };
    layout.promenade = strip(layout.river, kFloodWallAt + 1.0, kPromenadeEnd);
    layout.riverGreen = strip(layout.river, kPromenadeEnd, kRiverStripEnd);
    layout.creekWalk =
        subtract(strip(layout.creek, kCreekWalkBegin, kCreekWalkEnd), grow(layout.river, kRiverStripEnd));
    layout.creekGreen =
        subtract(strip(layout.creek, kCreekWalkEnd, kCreekStripEnd), grow(layout.river, kRiverStripEnd));
}

void layStreets(const Place& place, Layout& layout) {
    std::vector<std::size_t> order(place.streets.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return place.streets[a].kind < place.streets[b].kind; });
    layout.carriageways.resize(place.streets.size());
    layout.pavements.resize(place.streets.size());
    MultiPolygon rights;
    for (const auto i : order) {
        const Street& street = place.streets[i];
        const auto body = ribbon(street.line, street.carriageway(), LineCap::round, 4);
        layout.carriageways[i] = subtract(body, layout.allCarriageways);
        layout.allCarriageways = joined(layout.allCarriageways, body);
    }
    for (const auto i : order) {
        const Street& street = place.streets[i];
        const auto body = ribbon(street.line, street.rightOfWay(), LineCap::flat, 4);
        layout.pavements[i] = subtract(subtract(subtract(body, rights), layout.allCarriageways), layout.water);
        rights = joined(rights, body);
    }
    layout.allRightsOfWay = joined(rights, layout.allCarriageways);
}

void layZones(const Place& place, Layout& layout) {
    const MultiPolygon core = {{place.lines.at("zone_core"), {}}};
    const MultiPolygon riverfront = {{place.lines.at("zone_riverfront"), {}}};
    const double gaoke = place.points.at("gaoke_split").y;
    const auto wedge = intersect(layout.land, {southOf(gaoke)});
    const auto upper = subtract(layout.land, wedge);
    const auto zoneCore = intersect(core, layout.land);
    const auto zoneRiver = subtract(intersect(riverfront, layout.land), zoneCore);
    auto belt = joined(intersect(grow(layout.creek, 175), upper), intersect(grow(layout.creek, 95), wedge));
    belt = subtract(subtract(belt, zoneCore), zoneRiver);
    const auto liuli = subtract(wedge, belt);
    auto rest = subtract(subtract(subtract(upper, zoneCore), zoneRiver), belt);
    const double meridian = place.points.at("residential_split").x;
    const MultiPolygon western = {rectangle({meridian - 20000.0, place.center.y}, 40000.0, 40000.0)};
    const auto humanities = intersect(rest, western);
    const auto linyi = subtract(rest, western);

    layout.zones.push_back({"NMT", "南码头路街道", "Nanmatou Road Subdistrict", "admin", "", layout.district});
    auto add = [&](const char* id, const char* zh, const char* en, const char* kind, const MultiPolygon& area) {
        layout.zones.push_back({id, zh, en, kind, "NMT", largestOf(simplify(area, 1.0))});
    };
    add("CORE", "核心区域（全域中心位置地块）", "Central Core", "core", zoneCore);
    add("BELT-R", "世博滨江“政务商务带”", "Expo Riverfront Government & Business Belt", "belt", zoneRiver);
    add("BELT-B", "白莲泾“产业聚集带”", "Bailianjing Industry Cluster Belt", "belt", belt);
    add("RES-R", "“人文滨江”居住区", "Humanities Riverfront Residential Area", "residential", humanities);
    add("RES-L", "“怡养临沂”居住区", "Linyi Well-Ageing Residential Area", "residential", linyi);
    add("RES-U", "“和美六里”居住区", "Harmonious Liuli Residential Area", "residential", liuli);
}

void cutBlocks(const Place& place, Layout& layout) {
    auto free = subtract(layout.land, layout.allRightsOfWay);
    free = subtract(free, grow(layout.river, kRiverStripEnd));
    free = subtract(free, grow(layout.creek, kCreekStripEnd));
    free = subtract(free, ribbon(place.lines.at("bridge_deck"), 42.0, LineCap::flat));
    for (const auto& polygon : free) {
        if (area(polygon) < 250.0) continue;
        Block block{polygon, "", "", layout.zoneAt(pointInside(polygon)), 0};
        for (const auto& seed : place.blocks)
            if (contains(polygon, seed.at))
                block.name = seed.name, block.kind = seed.kind, block.share = seed.share, block.nameEn = seed.nameEn;
        layout.blocks.push_back(std::move(block));
    }
    // GEOS keeps no promise about the order of parts; the city must not depend on it.
    std::sort(layout.blocks.begin(), layout.blocks.end(), [](const Block& a, const Block& b) {
        const auto ca = centroid(a.area), cb = centroid(b.area);
        return std::llround(ca.y) != std::llround(cb.y) ? ca.y > cb.y : ca.x < cb.x;
    });
}

} // namespace

Polygon largestOf(const MultiPolygon& polygons) {
    Polygon best;
    double most = -1;
    for (const auto& p : polygons)
        if (area(p) > most) most = area(p), best = p;
    return best;
}

std::string Layout::zoneAt(const glm::dvec2& point) const {
    for (std::size_t i = 1; i < zones.size(); ++i)
        if (contains(zones[i].area, point)) return zones[i].id;
    if (!contains(district, point)) return "NMT";
    // Slivers that no zone's outline holds belong to the nearest.
    std::string nearest = "NMT";
    double least = 1e300;
    for (std::size_t i = 1; i < zones.size(); ++i) {
        Polyline rim = zones[i].area.outer;
        rim.push_back(rim.front());
        if (const double d = distanceTo(rim, point); d < least) least = d, nearest = zones[i].id;
    }
    return nearest;
}

Layout makeLayout(const Place& place) {
    Layout layout;
    layWater(place, layout);
    layStreets(place, layout);
    layZones(place, layout);
    cutBlocks(place, layout);
    return layout;
}

} // namespace matou::importers::nanmatou
