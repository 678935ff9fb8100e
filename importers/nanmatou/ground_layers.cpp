#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>

#include "nanmatou/builder.h"
#include "nanmatou/building_mesh.h"
#include "nanmatou/layers.h"

namespace matou::importers::nanmatou {

namespace {

using Color = glm::u8vec4;

// Each layer lies a little higher than the one before it, so that any renderer sorts them.
constexpr double kGreenLift = 0.02, kPavementLift = 0.04, kRoadLift = 0.05, kMarkingLift = 0.07;
/// Pavements end in kerbs, this much over the carriageway.
constexpr double kKerb = 0.12, kKerbLift = kRoadLift + kKerb;
constexpr double kCell = 250.0;
/// Of the coarser level of roads and green: its geometric error, the cells that nest in its tiles (flat within 2 cm), what its
/// outlines are simplified by, and how far its parts lie apart, since simplified neighbours overlap.
constexpr double kFarError = 40.0, kFarCell = 1000.0, kFarTolerance = 6.0, kFarLift = 0.06;
constexpr int kFarDashes = 5; // pieces of a line that become one from afar
constexpr double kFarLawn = 600.0, kFarLane = 150.0; // m²: the least that is left of lawns and lanes there
// How far the ground goes on beyond the boundary.
constexpr double kSight = 5600.0, kHorizon = 16000.0;

constexpr Color kEarth{118, 114, 104, 255}, kCompound{110, 110, 100, 255}, kGardenGround{112, 116, 100, 255},
    kFarGround{108, 110, 102, 255};
constexpr Color kLawn{66, 80, 46, 255}, kParkLawn{70, 86, 48, 255}, kVerge{64, 78, 46, 255};
constexpr Color kAsphalt{52, 53, 55, 255}, kStreet{60, 60, 61, 255}, kLane{78, 77, 75, 255},
    kPavement{128, 124, 116, 255}, kConcreteLane{112, 110, 104, 255}, kPromenade{150, 132, 108, 255},
    kCreekWalk{124, 84, 66, 255}, kPaving{146, 138, 126, 255}, kGranite{150, 148, 143, 255}, kTrack{128, 52, 40, 255}, kPitch{54, 96, 48, 255};

/// Metres along a line and to its left. Beyond its ends: as at the end.
glm::dvec2 courseOn(const Polyline& line, const glm::dvec2& p) {
    double best = 1e300, before = 0;
    glm::dvec2 course(0);
    for (std::size_t k = 0; k + 1 < line.size(); ++k) {
        const glm::dvec2 d = line[k + 1] - line[k];
        const double length = glm::length(d), t = std::clamp(glm::dot(p - line[k], d) / (length * length), 0.0, 1.0);
        const glm::dvec2 off = p - (line[k] + d * t);
        if (const double distance = glm::length(off); distance < best) {
            best = distance;
            course = {before + t * length, (d.x * off.y - d.y * off.x < 0 ? -1.0 : 1.0) * distance};
        }
        before += length;
    }
    return course;
}

/// What the ground and water shaders read as uv: a place along a street or river; all zero where it has no direction.
using Course = std::function<glm::dvec2(const glm::dvec2&)>;

class Sheets {
public:
    explicit Sheets(std::string layer, std::string material, float roughness = 0.95f) {
        _spec.layer = std::move(layer);
        _spec.materials.push_back({std::move(material), glm::vec4(1), 0.0f, roughness});
        _spec.geometricErrors = {0.0};
        _spec.leafEdgeMeters = 1000.0;
    }
    /// Cut into cells so that each piece is flat within 5 mm of the ellipsoid; one feature per cell, all with the same
    /// id.
    void add(const std::string& id, const std::string& name, const std::string& kind, const MultiPolygon& area,
             double height, Color color, double cell = kCell, double width = 0, const Course& course = {}) {
        for (const auto& piece : cutIntoCells(area, cell)) {
            MultiPolygon kept;
            for (const auto& p : piece)
                if (matou::importers::area(p) > 0.02) kept.push_back(p);
            Mesh mesh = flatMesh(kept, height, color, true);
            if (mesh.indices.empty()) continue;
            if (course)
                for (std::size_t i = 0; i < mesh.positions.size(); ++i)
                    mesh.uvs[i] = glm::vec2(course(glm::dvec2(mesh.positions[i])));
            push(id, name, kind, width, {std::move(mesh)});
        }
    }
    /// Beside what `add` gives: what the coarser level shows of `farArea`: simplified, in larger cells, `farLift` above
    /// `height`, without parts below `farLeast` m². All that a layer holds must have both levels, or there would be gaps.
    void addBoth(const std::string& id, const std::string& name, const std::string& kind, const MultiPolygon& area,
                 const MultiPolygon& farArea, double height, Color color, double farLift = 0.0, double farLeast = 0.0,
                 double cell = kCell, double width = 0, const Course& course = {}) {
        _spec.geometricErrors = {0.0, kFarError};
        const std::size_t first = _spec.features.size();
        add(id, name, kind, area, height, color, cell, width, course);
        for (std::size_t i = first; i < _spec.features.size(); ++i)
            _spec.features[i].lods.emplace_back();
        for (const auto& piece : cutIntoCells(simplify(farArea, kFarTolerance), kFarCell)) {
            MultiPolygon kept;
            for (const auto& p : piece)
                if (matou::importers::area(p) > std::max(farLeast, 1.0)) kept.push_back(p);
            Mesh mesh = flatMesh(kept, height + farLift, color, true);
            if (!mesh.indices.empty()) push(id, name, kind, width, {Mesh{}, std::move(mesh)});
        }
    }
    /// The edges of what lies at `height`: faces down to the ground, in cells; gone from afar.
    void addKerbs(const std::string& id, const std::string& name, const MultiPolygon& area, double height, Color color) {
        std::map<std::pair<int, int>, Mesh> cells;
        for (const Polygon& polygon : area) {
            addFaces(cells, polygon.outer, height, color);
            for (const auto& hole : polygon.holes)
                addFaces(cells, hole, height, color);
        }
        for (auto& [at, mesh] : cells)
            push(id, name, "kerb", 0, {std::move(mesh), Mesh{}});
    }
    TilesetSpec take() { return std::move(_spec); }
    TilesetSpec& spec() { return _spec; }

private:
    static void addFaces(std::map<std::pair<int, int>, Mesh>& cells, const Ring& ring, double height, Color color) {
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const glm::dvec2 from = ring[i], way = ring[(i + 1) % ring.size()] - from;
            const double length = glm::length(way);
            if (length < 0.01) continue;
            const int pieces = static_cast<int>(std::ceil(length / kCell)); // each flat on the ellipsoid
            for (int k = 0; k < pieces; ++k) {
                const glm::dvec2 a = from + way * (static_cast<double>(k) / pieces), b = from + way * (static_cast<double>(k + 1) / pieces), middle = 0.5 * (a + b);
                Mesh& mesh = cells[{static_cast<int>(std::floor(middle.x / kCell)), static_cast<int>(std::floor(middle.y / kCell))}];
                const auto base = static_cast<std::uint32_t>(mesh.positions.size());
                for (const glm::dvec3& p : {glm::dvec3(a, kGround), {b, kGround}, {b, height}, {a, height}}) {
                    mesh.positions.push_back(p);
                    mesh.normals.push_back(glm::vec3(glm::normalize(glm::dvec3(way.y, -way.x, 0.0))));
                    mesh.colors.push_back(color);
                    mesh.uvs.push_back({0, 0});
                }
                for (const std::uint32_t n : {0u, 1u, 2u, 0u, 2u, 3u})
                    mesh.indices.push_back(base + n);
            }
        }
    }
    void push(const std::string& id, const std::string& name, const std::string& kind, double width, std::vector<Mesh> lods) {
        LodFeature feature;
        feature.id = id;
        feature.properties = {{"name", name}, {"kind", kind}, {"width", width}};
        feature.lods = std::move(lods);
        _spec.features.push_back(std::move(feature));
    }
    TilesetSpec _spec;
};

/// Disjoint polygons to be cut out of others: only those near enough are handed to GEOS, whose cost grows with all of
/// them.
class Cutter {
public:
    void add(const MultiPolygon& polygons) {
        for (const auto& p : polygons)
            _parts.push_back({p, extentOf({p})});
    }
    MultiPolygon operator()(const MultiPolygon& area) const {
        MultiPolygon out;
        for (const auto& polygon : area) {
            const Extent extent = extentOf({polygon});
            MultiPolygon near;
            for (const auto& [part, e] : _parts)
                if (e.minimum.x < extent.maximum.x && e.maximum.x > extent.minimum.x &&
                    e.minimum.y < extent.maximum.y && e.maximum.y > extent.minimum.y)
                    near.push_back(part);
            const MultiPolygon left = near.empty() ? MultiPolygon{polygon} : subtract({polygon}, unite(near));
            out.insert(out.end(), left.begin(), left.end());
        }
        return out;
    }

private:
    std::vector<std::pair<Polygon, Extent>> _parts;
};

MultiPolygon footprintsOf(const City& city) {
    MultiPolygon all;
    for (const auto& b : city.buildings)
        all.push_back(b.footprint.polygon());
    return all; // they do not touch
}

MultiPolygon laneArea(const City& city) {
    MultiPolygon all;
    for (const auto& lane : city.lanes)
        for (auto& p : ribbon(lane.line, lane.width, LineCap::flat))
            all.push_back(std::move(p));
    return unite(all);
}

MultiPolygon inCells(const MultiPolygon& area) {
    MultiPolygon out;
    for (auto& cell : cutIntoCells(area, kCell))
        out.insert(out.end(), cell.begin(), cell.end());
    return out;
}

MultiPolygon sightSquare(const City& city) {
    return {rectangle(city.place.center + glm::dvec2(0, 900), 2 * kSight, 2 * kSight)};
}

} // namespace

TilesetSpec buildingsLayer(const City& city) {
    TilesetSpec spec;
    spec.layer = "buildings";
    spec.materials.push_back({"masonry", glm::vec4(1), 0.0f, 0.88f});
    spec.materials.push_back({"curtain wall", glm::vec4(1), 0.15f, 0.35f});
    for (const auto& b : city.buildings)
        spec.features.push_back(featureOf(b));
    return spec;
}

TilesetSpec groundLayer(const City& city) {
    Sheets sheets("ground", "earth");
    const Layout& layout = city.layout;
    MultiPolygon blocks;
    for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
        const Block& block = layout.blocks[i];
        const bool garden = block.kind == "park" || block.kind == "green";
        char id[16];
        std::snprintf(id, sizeof id, "B-%03d", static_cast<int>(i) + 1);
        sheets.add(id, block.name, block.kind, {block.area}, kGround, garden ? kGardenGround : kCompound);
        blocks.push_back(block.area);
    }
    sheets.add("ground", "地面", "ground", subtract(layout.land, unite(blocks)), kGround, kEarth);
    return sheets.take();
}

TilesetSpec farGroundLayer(const City& city) {
    Sheets sheets("far-ground", "earth");
    const auto outside = subtract(subtract(sightSquare(city), city.layout.water), {city.layout.district});
    const MultiPolygon plain = {rectangle(city.place.center + glm::dvec2(0, 900), 2 * kHorizon, 2 * kHorizon)};
    sheets.add("plain", "远处地面", "surroundings", subtract(plain, sightSquare(city)), kGround, kFarGround, 2000.0);
    // Green banks up and down the river, and the park across the creek's mouth.
    const auto banks = intersect(subtract(grow(city.layout.water, 42.0), grow(city.layout.water, 3.0)), outside);
    const auto park = intersect({rectangle(city.place.points.at("creek_park"), 330, 420, 30)}, outside);
    MultiPolygon green = banks;
    green.insert(green.end(), park.begin(), park.end());
    green = unite(green);
    sheets.add("far-green", "周边绿地", "green", green, kGround, kVerge, kFarCell);
    sheets.add("surroundings", "周边地面", "surroundings", subtract(outside, green), kGround, kFarGround, kFarCell);
    sheets.spec().leafEdgeMeters = 4000.0;
    return sheets.take();
}

TilesetSpec greenLayer(const City& city) {
    Sheets sheets("green", "grass", 1.0f);
    const Layout& layout = city.layout;
    Cutter cut;
    cut.add(inCells(layout.allRightsOfWay));
    cut.add(laneArea(city));
    cut.add(footprintsOf(city));
    auto free = [&](const MultiPolygon& area) { return cut(inCells(area)); };
    const auto add = [&](const std::string& id, const std::string& name, const std::string& kind, const MultiPolygon& area, Color color) {
        // From afar the lanes and houses in it are drawn over it by their own layers.
        sheets.addBoth(id, name, kind, free(area), area, kGround + kGreenLift, color);
    };
    add("G-river", "滨江绿带", "green", layout.riverGreen, kParkLawn);
    add("G-creek", "白莲泾滨水绿带", "green", layout.creekGreen, kVerge);
    for (const auto& green : city.greens)
        add(green.id, green.name, green.park ? "park" : "green", green.area, green.park ? kParkLawn : kVerge);
    // Lawns between the rows, south of each house.
    MultiPolygon lawns;
    for (const auto& b : city.buildings) {
        if (b.form != Form::slab && b.form != Form::tower && b.form != Form::office) continue;
        Footprint lawn = b.footprint;
        const double depth = b.form == Form::tower ? 13.0 : 8.6;
        lawn.middle = b.footprint.at(0, -0.5 * b.footprint.depth - 2.9 - 0.5 * depth);
        lawn.depth = depth;
        lawn.length += b.form == Form::tower ? 8.0 : 1.0;
        lawns.push_back(lawn.polygon());
        if (b.form == Form::tower || b.form == Form::office) { // planting on the northern side too
            lawn.middle = b.footprint.at(0, 0.5 * b.footprint.depth + 8.5);
            lawn.depth = 4.5;
            lawns.push_back(lawn.polygon());
        }
    }
    MultiPolygon blocks;
    for (const auto& block : layout.blocks)
        blocks.push_back(block.area);
    const auto lawnArea = intersect(unite(lawns), grow(blocks, -1.0));
    sheets.addBoth("G-lawns", "小区绿地", "green", free(lawnArea), lawnArea, kGround + kGreenLift, kLawn, 0.0, kFarLawn);
    return sheets.take();
}

TilesetSpec waterLayer(const City& city) {
    Sheets sheets("water", "water", 0.08f);
    sheets.spec().materials[0].baseColor = {0.10f, 0.125f, 0.115f, 1.0f};
    const auto sight = sightSquare(city);
    const Color white{255, 255, 255, 255};
    const Place& place = city.place;
    Polyline creek(place.creekUpstream.rbegin(), place.creekUpstream.rend());
    creek.insert(creek.end(), place.creek.begin(), place.creek.end());
    sheets.add("huangpu", "黄浦江", "river", intersect(city.layout.river, sight), kRiverLevel, white, kCell, place.riverWidth,
               [&](const glm::dvec2& p) { return courseOn(place.riverMiddle, p); });
    sheets.add("bailianjing", "白莲泾", "creek", intersect(city.layout.creek, sight), kCreekLevel, white, kCell, place.creekWidth,
               [&](const glm::dvec2& p) { return courseOn(creek, p); });
    return sheets.take();
}

TilesetSpec roadsLayer(const City& city) {
    Sheets sheets("roads", "asphalt", 0.92f);
    const Layout& layout = city.layout;
    const auto sight = sightSquare(city);
    Cutter carriageways, lanes, rest;
    carriageways.add(inCells(layout.allCarriageways));
    const auto laneParts = carriageways(laneArea(city));
    lanes.add(laneParts);
    rest.add(inCells(layout.allRightsOfWay));
    rest.add(laneParts);
    rest.add(footprintsOf(city));
    for (std::size_t i = 0; i < city.place.streets.size(); ++i) {
        const Street& street = city.place.streets[i];
        const Color color = street.kind == StreetClass::arterial ? kAsphalt
                            : street.kind == StreetClass::street ? kStreet
                                                                 : kLane;
        const auto carriageway = intersect(layout.carriageways[i], sight), pavement = intersect(layout.pavements[i], sight);
        sheets.addBoth(street.id, street.nameZh, "carriageway", carriageway, carriageway, kGround + kRoadLift, color,
                       street.kind == StreetClass::arterial ? 3 * kFarLift : 2 * kFarLift, 0.0, kCell, street.carriageway(),
                       [&](const glm::dvec2& p) { return courseOn(street.line, p); });
        // From afar the pavements lie under the whole street, which has fewer corners than the strips beside it.
        MultiPolygon whole = carriageway;
        whole.insert(whole.end(), pavement.begin(), pavement.end());
        sheets.addBoth(street.id + "-p", street.nameZh + " 人行道", "pavement", lanes(inCells(pavement)), unite(whole), kGround + kKerbLift,
                       kPavement, kPavementLift - kKerbLift, 0.0, kCell, street.rightOfWay(), [&](const glm::dvec2& p) {
                           const glm::dvec2 c = courseOn(street.line, p);
                           return glm::dvec2(c.x, std::abs(c.y) - 0.5 * street.carriageway());
                       });
        sheets.addKerbs(street.id + "-p", street.nameZh + " 人行道", lanes(pavement), kGround + kKerbLift, kGranite);
    }
    MultiPolygon beyond;
    for (const auto& line : surroundingStreets(city))
        for (auto& p : ribbon(line, 17.0, LineCap::flat))
            beyond.push_back(std::move(p));
    beyond = subtract(subtract(unite(beyond), grow(layout.water, 8.0)), grow({layout.district}, 4.0));
    beyond = subtract(beyond, layout.allRightsOfWay);
    sheets.addBoth("surrounding-streets", "周边道路(示意)", "carriageway", beyond, beyond, kGround + kRoadLift, kStreet, kFarLift,
                   0.0, 500.0);
    sheets.addBoth("compound-lanes", "小区道路", "lane", laneParts, laneParts, kGround + kRoadLift, kConcreteLane, 0.0, kFarLane);
    const auto add = [&](const std::string& id, const std::string& name, const std::string& kind, const MultiPolygon& area, Color color) {
        sheets.addBoth(id, name, kind, rest(inCells(area)), area, kGround + kPavementLift, color);
    };
    add("promenade", "滨江步道", "walk", layout.promenade, kPromenade);
    add("creek-walk", "白莲泾步道", "walk", subtract(layout.creekWalk, layout.promenade), kCreekWalk);
    for (const auto& yard : city.yards)
        add(yard.id, yard.name, yard.kind, yard.area,
            yard.kind == "track"   ? kTrack
            : yard.kind == "pitch" ? kPitch
                                   : kPaving);
    for (const auto& yard : city.yards) {
        if (yard.kind != "track") continue; // the field within the track
        const auto field = grow(yard.area, -9.0);
        sheets.addBoth(yard.id + "-f", yard.name, "pitch", field, field, kGround + kRoadLift, kPitch, kFarLift);
    }
    return sheets.take();
}

namespace {

void addStripe(Mesh& mesh, const glm::dvec2& from, const glm::dvec2& to, const glm::dvec2& half, Color color) {
    const auto base = static_cast<std::uint32_t>(mesh.positions.size());
    for (const auto& q : {from - half, to - half, to + half, from + half}) {
        mesh.positions.push_back({q.x, q.y, kGround + kMarkingLift});
        mesh.normals.push_back({0, 0, 1});
        mesh.colors.push_back(color);
        mesh.uvs.push_back({0, 0});
    }
    for (const std::uint32_t n : {0u, 1u, 2u, 0u, 2u, 3u})
        mesh.indices.push_back(base + n);
}

} // namespace

namespace {

constexpr double kCrossingLift = 0.06;

void flat(Mesh& mesh, const std::vector<glm::dvec2>& points, const std::vector<glm::vec2>& uvs, double height, Color color) {
    const auto base = static_cast<std::uint32_t>(mesh.positions.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        mesh.positions.push_back({points[i], height});
        mesh.normals.push_back({0, 0, 1});
        mesh.colors.push_back(color);
        mesh.uvs.push_back(uvs.empty() ? glm::vec2(0) : uvs[i]);
        if (i >= 2)
            for (const auto n : {base, base + static_cast<std::uint32_t>(i) - 1, base + static_cast<std::uint32_t>(i)})
                mesh.indices.push_back(n);
    }
}

/// Straight on, pointing along `u`, 3 m long.
void addArrow(Mesh& mesh, const glm::dvec2& tail, const glm::dvec2& u, Color color) {
    const glm::dvec2 v(-u.y, u.x);
    flat(mesh, {tail - v * 0.08, tail + u * 1.9 - v * 0.08, tail + u * 1.9 + v * 0.08, tail + v * 0.08}, {}, kGround + kMarkingLift, color);
    flat(mesh, {tail + u * 1.9 - v * 0.32, tail + u * 3.0, tail + u * 1.9 + v * 0.32}, {}, kGround + kMarkingLift, color);
}

/// Zebra, stop line and arrows on one arm of a junction: `u` leads away from it, `from` is where the zebra begins.
void addArm(Mesh& zebra, Mesh& paint, const Street& street, const glm::dvec2& from, const glm::dvec2& u, Color white) {
    const glm::dvec2 v(-u.y, u.x);
    const double half = 0.5 * street.carriageway() - 0.4, deep = street.kind == StreetClass::lane ? 3.0 : 4.5;
    const auto w = static_cast<float>(2 * half);
    flat(zebra, {from - v * half, from + u * deep - v * half, from + u * deep + v * half, from + v * half},
         {{0.01f, 1}, {0.01f, 2}, {w, 2}, {w, 1}}, kGround + kCrossingLift, street.kind == StreetClass::arterial ? kAsphalt : kStreet);
    if (street.kind == StreetClass::lane) return;
    // Traffic towards the junction keeps right, which is to the left of the way out.
    const glm::dvec2 stop = from + u * (deep + 1.6);
    flat(paint, {stop + v * 0.2, stop + u * 0.35 + v * 0.2, stop + u * 0.35 + v * half, stop + v * half}, {}, kGround + kMarkingLift, white);
    const double lane = street.kind == StreetClass::arterial ? 3.6 : 5.2;
    for (double off = 0.5 * lane; off < half - 1.0; off += lane)
        for (const double back : {9.0, 24.0})
            addArrow(paint, stop + u * (back + 3.0) + v * off, -u, white);
}

/// Where two streets cross or one ends on another; nothing where three or more come so close that arms would overlap.
void addJunctions(TilesetSpec& spec, const City& city, Color white) {
    const auto& streets = city.place.streets;
    const auto free = [&](const glm::dvec2& p, std::size_t i) {
        for (std::size_t k = 0; k < streets.size(); ++k)
            if (k != i && distanceTo(streets[k].line, p) < 0.5 * streets[k].carriageway() + 0.6) return false;
        return contains(city.layout.district, p) && !contains(city.layout.water, p);
    };
    for (std::size_t i = 0; i < streets.size(); ++i) {
        const Street& street = streets[i];
        if (!street.inside) continue;
        Mesh zebra, paint;
        std::vector<glm::dvec2> done;
        for (std::size_t k = 0; k < streets.size(); ++k) {
            if (k == i || (street.kind == StreetClass::lane && streets[k].kind == StreetClass::lane)) continue;
            // Walk along this street; where it leaves the other's carriageway an arm begins.
            const auto marks = stations(street.line, 1.0);
            const double reach = 0.5 * streets[k].carriageway() + 2.2;
            for (std::size_t m = 0; m + 1 < marks.size(); ++m) {
                const bool here = distanceTo(streets[k].line, marks[m].at) < reach, next = distanceTo(streets[k].line, marks[m + 1].at) < reach;
                if (here == next) continue;
                const Station& s = next ? marks[m] : marks[m + 1];
                const glm::dvec2 u = next ? -s.along : s.along;
                const double deep = street.kind == StreetClass::lane ? 3.0 : 4.5;
                bool fits = true;
                for (const double side : {-0.9, 0.0, 0.9})
                    for (const double d : {0.0, deep, deep + 3.0})
                        fits = fits && free(s.at + u * d + glm::dvec2(-u.y, u.x) * (side * 0.5 * street.carriageway()), i) &&
                               distanceTo(street.line, s.at + u * d) < 0.4;
                for (const auto& p : done)
                    fits = fits && glm::length(p - s.at) > 24.0;
                if (!fits) continue;
                done.push_back(s.at);
                addArm(zebra, paint, street, s.at, u, white);
            }
        }
        const auto put = [&](const char* suffix, const char* kind, Mesh mesh) {
            if (mesh.indices.empty()) return;
            LodFeature feature;
            feature.id = street.id + suffix;
            feature.properties = {{"name", street.nameZh}, {"kind", std::string(kind)}};
            Mesh far = std::string(kind) == "crossing" ? mesh : Mesh{};
            feature.lods = {std::move(mesh), std::move(far)};
            spec.features.push_back(std::move(feature));
        };
        put("-z", "crossing", std::move(zebra));
        put("-a", "marking", std::move(paint));
    }
}

} // namespace

TilesetSpec markingsLayer(const City& city) {
    TilesetSpec spec;
    spec.layer = "markings";
    spec.materials.push_back({"paint", glm::vec4(1), 0.0f, 0.8f});
    spec.geometricErrors = {0.0, 4.0, kFarError};
    spec.leafEdgeMeters = 600.0;
    const Color white{190, 190, 186, 255}, yellow{200, 150, 40, 255};
    addJunctions(spec, city, white);
    const auto& streets = city.place.streets;
    for (std::size_t i = 0; i < streets.size(); ++i) {
        const Street& street = streets[i];
        if (!street.inside && street.kind == StreetClass::lane) continue;
        // Offsets of the lines from the middle; 0 is the yellow divide.
        std::vector<double> offsets{0.0};
        if (street.kind == StreetClass::arterial) offsets = {-0.18, 0.18, -3.6, 3.6, -7.2, 7.2, -10.8, 10.8};
        if (street.kind == StreetClass::street) offsets = {0.0, -5.4, 5.4};
        auto onOther = [&](const glm::dvec2& p) { // or on the crossing before it
            for (std::size_t j = 0; j < streets.size(); ++j) {
                const bool lane = street.kind == StreetClass::lane, both = lane && streets[j].kind == StreetClass::lane;
                const double beyond = both ? 1.5 : lane ? 5.4 : 8.8;
                if (j != i && distanceTo(streets[j].line, p) < 0.5 * streets[j].carriageway() + beyond) return true;
            }
            return false;
        };
        struct Cell {
            std::int64_t number;
            Mesh full, coarse; // from afar only the line that divides the directions is left, wide enough to be seen
        };
        std::vector<Cell> cells;
        for (const double offset : offsets) {
            const bool middle = std::abs(offset) < 0.5;
            const bool edge = !middle && std::abs(offset) > (street.kind == StreetClass::arterial ? 10.0 : 5.0);
            const double dash = middle || edge ? 12.0 : 3.0, gap = middle || edge ? 0.0 : 4.5;
            if (street.kind == StreetClass::lane && !street.inside) continue;
            double along = 0;
            for (std::size_t k = 0; k + 1 < street.line.size(); ++k) {
                const glm::dvec2 a = street.line[k], b = street.line[k + 1];
                const double length = glm::length(b - a);
                const glm::dvec2 u = (b - a) / length, v(-u.y, u.x);
                int piece = 0;
                for (double s = std::fmod(along, dash + gap) > 0 ? dash + gap - std::fmod(along, dash + gap) : 0;
                     s + 1.0 < length; s += dash + gap, ++piece) {
                    const double e = std::min(length, s + dash);
                    const glm::dvec2 p0 = a + u * s + v * offset, p1 = a + u * e + v * offset;
                    if (glm::length(p0 - city.place.center) > 3600.0 || onOther(p0) || onOther(p1)) continue;
                    const double half = street.kind == StreetClass::lane ? 0.05 : 0.075;
                    const std::int64_t cell = (std::llround(std::floor(p0.x / 300.0)) << 24) ^
                                              (std::llround(std::floor(p0.y / 300.0)) & 0xffffff);
                    auto found =
                        std::find_if(cells.begin(), cells.end(), [&](const auto& c) { return c.number == cell; });
                    if (found == cells.end()) found = cells.insert(cells.end(), {cell, {}, {}});
                    const Color color = middle ? yellow : white;
                    addStripe(found->full, p0, p1, v * half, color);
                    if (middle && offset <= 0 && street.kind != StreetClass::lane && piece % kFarDashes == 0)
                        addStripe(found->coarse, p0, a + u * std::min(length, s + kFarDashes * dash), v * 0.25, color);
                }
                along += length;
            }
        }
        for (auto& cell : cells) {
            LodFeature feature;
            feature.id = street.id + "-m";
            feature.properties = {{"name", street.nameZh}, {"kind", std::string("marking")}};
            feature.lods = {std::move(cell.full), std::move(cell.coarse), {}};
            if (street.kind == StreetClass::arterial) feature.lods[2] = feature.lods[1];
            spec.features.push_back(std::move(feature));
        }
    }
    return spec;
}

} // namespace matou::importers::nanmatou
