// What is neither house nor ground: the bridge, the viaduct, quays and the flood wall, the ferry.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "nanmatou/builder.h"
#include "nanmatou/layers.h"

namespace matou::importers::nanmatou {

namespace {

constexpr Color kDeckTop{62, 63, 66, 255}, kDeckSide{150, 150, 146, 255}, kTower{168, 166, 160, 255},
    kStay{196, 196, 194, 255}, kPier{140, 140, 136, 255}, kQuay{112, 108, 100, 255}, kCoping{150, 146, 138, 255},
    kFloodWall{146, 142, 134, 255}, kPontoon{70, 92, 110, 255}, kHull{210, 210, 206, 255}, kCabin{196, 204, 208, 255},
    kBand{40, 84, 140, 255}, kRailing{96, 100, 104, 255}, kPlaster{170, 164, 152, 255}, kWallCap{120, 112, 100, 255};

constexpr double kTowerHeight = 154.0, kMainSpan = 423.0, kDeckWidth = 30.4, kViaduct = 11.0;

struct Spec {
    TilesetSpec tiles;
    void add(const std::string& id, const std::string& name, const std::string& kind, Mesh full, Mesh middle,
             Mesh coarse) {
        if (full.indices.empty()) return;
        LodFeature feature;
        feature.id = id;
        feature.properties = {{"name", name}, {"kind", kind}};
        feature.lods = {std::move(full), std::move(middle), std::move(coarse)};
        tiles.features.push_back(std::move(feature));
    }
};

/// The line of the bridge as a height over the way along it.
class Deck {
public:
    Deck(const Place& place) : _line(place.lines.at("bridge_deck")) {
        const glm::dvec2 tower = place.points.at("tower_east");
        double best = 1e300;
        for (const auto& s : stations(_line, 1.0))
            if (const double d = glm::length(s.at - tower); d < best) best = d, _east = s.distance;
        _west = _east - kMainSpan;
    }
    double east() const { return _east; }
    double west() const { return _west; }
    const Polyline& line() const { return _line; }
    double height(double s) const {
        const double middle = 0.5 * (_east + _west);
        if (s <= _east + 100.0) return 52.0 - 4.5 * std::pow((s - middle) / (0.5 * kMainSpan + 100.0), 2);
        // Vertical curve, 3.6 % down, and the curve at the foot, as one smooth step.
        const double t = std::clamp((s - _east - 100.0) / 1000.0, 0.0, 1.0);
        return 47.5 + (kViaduct - 47.5) * (0.75 * t + 0.25 * t * t * (3 - 2 * t));
    }
    Station at(double s) const {
        const auto all = stations(_line, 1.0);
        Station best = all.front();
        for (const auto& x : all)
            if (std::abs(x.distance - s) < std::abs(best.distance - s)) best = x;
        if (s < 0) best.at += best.along * s, best.distance = s;
        return best;
    }

private:
    Polyline _line;
    double _east = 0, _west = 0;
};

void addTower(Spec& spec, const Deck& deck, double s, const char* id, const char* name) {
    const Station at = deck.at(s);
    const glm::dvec2 across(-at.along.y, at.along.x);
    const double level = deck.height(s);
    auto point = [&](double side, double z) { return glm::dvec3(at.at + across * side, z); };
    auto build = [&](int detail) {
        Builder b;
        for (const double side : {-1.0, 1.0}) {
            if (detail == 2) {
                b.taper(point(side * 18.5, -2), point(side * 13.0, kTowerHeight), {7, 8}, {4, 6}, at.along, kTower);
                continue;
            }
            b.taper(point(side * 20.5, -4), point(side * 18.0, level + 8), {8, 9}, {6.5, 7}, at.along, kTower);
            b.taper(point(side * 18.0, level + 8), point(side * 12.6, kTowerHeight), {6.5, 7}, {4.6, 6}, at.along,
                    kTower);
            if (detail == 0) {
                b.taper(point(side * 20.5, -4), point(side * 20.5, 6.5), {16, 20}, {14, 18}, at.along, kPier);
                b.taper(point(side * 12.6, kTowerHeight), point(side * 12.6, kTowerHeight + 2), {5, 6.4}, {3, 4},
                        at.along, kTower);
                for (int k = 0; k < 6; ++k) // anchor niches
                    b.beam(point(side * (16.2 - 0.5 * k), 96 + 9 * k), point(side * (16.2 - 0.5 * k), 99 + 9 * k), 7.4,
                           3.2, kPier);
            }
        }
        if (detail < 2) b.beam(point(-19, level - 6.5), point(19, level - 6.5), 6.0, 6.0, kTower);
        b.beam(point(-16.5, 92), point(16.5, 92), 5.5, 6.5, kTower);
        b.beam(point(-13.0, kTowerHeight - 6), point(13.0, kTowerHeight - 6), 5.0, 5.5, kTower);
        return b.take();
    };
    spec.add(id, name, "bridge", build(0), build(1), build(2));

    // Stays in two planes, towards the river and towards the land.
    for (const int direction : {-1, 1}) {
        const bool riverSide = (s > 0.5 * (deck.east() + deck.west())) == (direction < 0);
        const double reach = riverSide ? 0.5 * kMainSpan - 6.0 : 148.0;
        auto stays = [&](int every) {
            Builder b;
            for (const double side : {-1.0, 1.0})
                for (int k = 0; k < 22; k += every) {
                    const double out = s + direction * (10.0 + (reach - 10.0) * k / 21.0);
                    const Station foot = deck.at(out);
                    const glm::dvec2 a(-foot.along.y, foot.along.x);
                    const double z = 96.0 + 54.0 * k / 21.0;
                    b.stay(point(side * (17.2 - 3.6 * (z - 92.0) / 62.0), z),
                           glm::dvec3(foot.at + a * side * 13.2, deck.height(out) + 0.8), every > 1 ? 0.3 : 0.19,
                           kStay);
                }
            return b.take();
        };
        spec.add(std::string(id) + (direction < 0 ? "-stays-w" : "-stays-e"), std::string(name) + " 斜拉索", "bridge",
                 stays(1), stays(3), Mesh{});
    }
}

void addBridge(Spec& spec, const Place& place) {
    const Deck deck(place);
    addTower(spec, deck, deck.east(), "nanpu-tower-e", "南浦大桥 东塔");
    addTower(spec, deck, deck.west(), "nanpu-tower-w", "南浦大桥 西塔");

    const double end = lengthOf(deck.line());
    auto strip = [&](double from, double to, double step) {
        std::vector<glm::dvec3> line;
        for (double s = from; s < to + 0.5 * step; s += step) {
            const double t = std::min(s, to);
            const Station at = deck.at(t);
            line.push_back({at.at, deck.height(t)});
        }
        return line;
    };
    int part = 0;
    for (double s = 0; s < end; s += 120.0) {
        const double to = std::min(end, s + 120.0);
        auto build = [&](int detail) {
            Builder b;
            b.deck(strip(s, to,
                         detail == 0   ? 15.0
                         : detail == 1 ? 60.0
                                       : 120.0),
                   s > deck.east() + 180.0 ? 26.0 : kDeckWidth, 2.3, kDeckTop, kDeckSide);
            if (detail < 2 && s > deck.east() + 60.0)
                for (double p = s + 15; p < to; p += detail == 0 ? 30.0 : 60.0) {
                    const Station at = deck.at(p);
                    const glm::dvec2 across(-at.along.y, at.along.x);
                    const double top = deck.height(p) - 2.3;
                    for (const double side : {-6.0, 6.0})
                        b.beam({at.at + across * side, kGround - 1}, {at.at + across * side, top - 1.6}, 2.2, 2.2,
                               kPier);
                    b.beam({at.at - across * 9.5, top - 0.8}, {at.at + across * 9.5, top - 0.8}, 2.2, 1.8, kPier);
                }
            return b.take();
        };
        spec.add("nanpu-deck-" + std::to_string(part++), "南浦大桥", "bridge", build(0), build(1), build(2));
    }

    // The spiral on the far bank: two turns down from the deck's western end.
    const Station start = deck.at(0);
    const glm::dvec2 inward(start.along.y,
                            -start.along.x); // to the right of the way west is north: the loop turns clockwise
    const double radius = 112.0;
    const glm::dvec2 middle = start.at - inward * radius;
    auto helix = [&](double step) {
        std::vector<glm::dvec3> line;
        const glm::dvec2 d = start.at - middle;
        const double first = std::atan2(d.y, d.x), turns = 2.0 * std::numbers::pi * 2.0;
        for (double t = 0; t <= turns + 1e-6; t += step)
            line.push_back({middle + radius * glm::dvec2(std::cos(first - t), std::sin(first - t)),
                            deck.height(0) + (7.0 - deck.height(0)) * t / turns});
        Builder b;
        b.deck(line, 17.0, 1.6, kDeckTop, kDeckSide);
        return b.take();
    };
    spec.add("nanpu-spiral", "南浦大桥 浦西引桥", "bridge", helix(std::numbers::pi / 40), helix(std::numbers::pi / 14),
             helix(std::numbers::pi / 5));
}

void addViaduct(Spec& spec, const Place& place) {
    const Polyline& line = place.lines.at("inner_ring");
    const auto all = stations(line, 30.0);
    int part = 0;
    for (std::size_t i = 0; i + 1 < all.size(); i += 4) {
        auto build = [&](int detail) {
            Builder b;
            std::vector<glm::dvec3> top;
            for (std::size_t k = i; k <= std::min(i + 4, all.size() - 1); k += detail == 0 ? 1 : 4)
                top.push_back({all[k].at, kViaduct});
            if (top.size() < 2) top.push_back({all.back().at, kViaduct});
            b.deck(top, 26.0, 1.9, kDeckTop, kDeckSide);
            for (std::size_t k = i; k < std::min(i + 4, all.size()); k += detail == 0 ? 1 : 2) {
                if (detail == 2) break;
                const glm::dvec2 across(-all[k].along.y, all[k].along.x);
                b.beam({all[k].at, kGround - 1}, {all[k].at, kViaduct - 3.4}, 2.6, 2.6, kPier);
                b.beam({all[k].at - across * 9.5, kViaduct - 2.8}, {all[k].at + across * 9.5, kViaduct - 2.8}, 2.2, 1.7,
                       kPier);
            }
            return b.take();
        };
        spec.add("inner-ring-" + std::to_string(part++), "内环高架路", "viaduct", build(0), build(1), build(2));
    }
}

/// Vertical faces where land meets water, in stretches of about 200 m.
void addQuays(Spec& spec, const City& city) {
    int part = 0;
    auto along = [&](const MultiPolygon& water, double level, const char* id, const char* name) {
        for (const auto& polygon : water) {
            const Ring& ring = polygon.outer;
            Builder full, coarse;
            double length = 0;
            auto flush = [&] {
                if (!full.empty()) {
                    Mesh mesh = full.take(), low = coarse.take();
                    spec.add(std::string(id) + std::to_string(part++), name, "quay", std::move(mesh), low, low);
                }
                full = Builder{}, coarse = Builder{}, length = 0;
            };
            for (std::size_t i = 0; i < ring.size(); ++i) {
                const glm::dvec2 a = ring[i], b = ring[(i + 1) % ring.size()];
                const double whole = glm::length(b - a);
                const glm::dvec2 u = (b - a) / whole,
                                 out(u.y, -u.x); // water lies to the left of a counter-clockwise ring
                for (double s = 0; s < whole; s += 60.0) {
                    const glm::dvec2 p = a + u * s, q = a + u * std::min(whole, s + 60.0);
                    if (glm::length(p - city.place.center) > 3400.0) {
                        flush();
                        continue;
                    }
                    // Where one water opens into the other there is no wall.
                    const glm::dvec2 probe = 0.5 * (p + q) + out * 1.5;
                    if (contains(city.layout.water, probe)) continue;
                    full.quad({q, level - 2.5}, {p, level - 2.5}, {p, kGround + 0.15}, {q, kGround + 0.15}, kQuay);
                    coarse.quad({q, level - 2.5}, {p, level - 2.5}, {p, kGround + 0.15}, {q, kGround + 0.15}, kQuay);
                    full.quad({p, kGround + 0.15}, {p + out * 0.9, kGround + 0.15}, {q + out * 0.9, kGround + 0.15},
                              {q, kGround + 0.15}, kCoping);
                    full.quad({p + out * 0.9, kGround}, {q + out * 0.9, kGround}, {q + out * 0.9, kGround + 0.15},
                              {p + out * 0.9, kGround + 0.15}, kCoping);
                    length += glm::length(q - p);
                    if (length > 200.0) flush();
                }
            }
            flush();
        }
    };
    along(city.layout.river, kRiverLevel, "quay-r-", "黄浦江驳岸");
    along(city.layout.creek, kCreekLevel, "quay-c-", "白莲泾驳岸");

    const Place& place = city.place;
    const glm::dvec2 ferry = place.points.at("ferry");
    auto band = [&](const MultiPolygon& water, double from, double to) {
        return intersect(subtract(grow(water, to), grow(water, from)), city.layout.land);
    };
    auto wall = [&](const MultiPolygon& strip, double height, Color color, const char* id, const char* name,
                    const char* kind) {
        int n = 0;
        for (const auto& cell : cutIntoCells(strip, 200.0)) {
            Builder b;
            for (const auto& p : cell)
                if (area(p) > 0.05) b.prism(p, kGround - 0.2, kGround + height, color, color);
            Mesh mesh = b.take();
            spec.add(id + std::to_string(n++), name, kind, mesh, mesh, Mesh{});
        }
    };
    auto flood = subtract(band(city.layout.river, 6.0, 6.45), grow(city.layout.creek, 3.0));
    flood = subtract(flood, {rectangle(ferry, 26.0, 26.0)});
    wall(flood, 1.35, kFloodWall, "flood-wall-", "防汛墙", "flood_wall");
    wall(subtract(subtract(band(city.layout.river, 0.3, 0.42), {rectangle(ferry, 30, 30)}),
                  grow(city.layout.creek, 2.0)),
         1.1, kRailing, "river-rail-", "护栏", "railing");
    wall(subtract(subtract(band(city.layout.creek, 0.35, 0.45), grow(city.layout.river, 8.0)),
                  city.layout.allRightsOfWay),
         1.1, kRailing, "creek-rail-", "护栏", "railing");
}

/// Girders under the streets that cross the creek, with their railings.
void addCreekBridges(Spec& spec, const City& city) {
    int n = 0;
    for (std::size_t i = 0; i < city.place.streets.size(); ++i) {
        const Street& street = city.place.streets[i];
        const auto over =
            intersect(ribbon(street.line, street.rightOfWay(), LineCap::flat), grow(city.layout.creek, 1.5));
        for (const auto& p : over) {
            if (area(p) < 150.0) continue;
            Builder b;
            b.prism(p, kGround - 1.3, kGround - 0.01, kDeckSide, kDeckSide);
            for (const auto& rim : subtract({p}, ribbon(street.line, street.rightOfWay() - 0.6, LineCap::flat)))
                if (area(rim) > 1.0) b.prism(rim, kGround - 0.1, kGround + 1.05, kDeckSide, kDeckSide);
            Mesh mesh = b.take();
            spec.add("creek-bridge-" + std::to_string(n++), street.nameZh + " 白莲泾桥", "bridge", mesh, mesh, mesh);
        }
    }
}

void addFerry(Spec& spec, const City& city) {
    const glm::dvec2 ferry = city.place.points.at("ferry");
    // The bank runs along the fairway here.
    const Polyline& fairway = city.place.fairway;
    const glm::dvec2 along = glm::normalize(fairway[2] - fairway[1]);
    const glm::dvec2 land(along.y, -along.x);
    const double offset = glm::dot(ferry - fairway[1], land);
    const glm::dvec2 bank = ferry - land * (offset - 0.5 * city.place.riverWidth);
    const double heading = 90.0 - std::atan2(along.y, along.x) * 180.0 / std::numbers::pi;
    auto at = [&](double u, double v) { return bank + along * u + land * v; };
    const double lift = kRiverLevel - 2.1; // drawn for a river at 2.1
    auto put = [&](Builder& b, double u, double v, double length, double width, double z, double height, Color color) {
        b.append(box({at(u, v), z + lift}, {length, width, height}, heading - 90.0, color, true));
    };
    Builder b, c;
    put(b, 0, -17, 62, 12, 1.3, 1.9, kPontoon);
    put(b, 0, -17, 62.4, 12.4, 2.9, 0.35, kBand);
    for (int i = -3; i <= 3; ++i)
        for (const double v : {-21.5, -12.5})
            put(b, i * 8.0, v, 0.25, 0.25, 3.2, 3.0, kRailing);
    put(b, 0, -17, 54, 11, 6.2, 0.3, kCabin);
    for (const double u : {-20.0, 20.0})
        b.beam({at(u, 5), kGround + 0.4}, {at(u, -11.5), 3.4 + lift}, 4.0, 0.4, kRailing);
    for (const double u : {-30.0, 30.0})
        for (const double v : {-24.0, -10.5})
            b.append(cylinder({at(u, v), -4}, 0.5, 0.5, 11.0, 8, kPier, true));
    put(c, 0, -17, 62, 12, 1.3, 2.2, kPontoon);
    put(c, 0, -17, 54, 11, 6.2, 0.3, kCabin);
    Mesh coarse = c.take();
    spec.add("ferry-pontoon", "南码头渡口 浮码头", "ferry", b.take(), coarse, coarse);

    Builder boat, simple;
    put(boat, -4, -29.5, 32, 8.4, 1.6, 2.2, kHull);
    put(boat, 14, -29.5, 8, 5.4, 1.7, 2.0, kHull);
    put(boat, -4, -29.5, 33, 8.7, 3.1, 0.3, kBand);
    put(boat, -6, -29.5, 24, 7.0, 3.8, 2.4, kCabin);
    put(boat, -3, -29.5, 8, 5.0, 6.2, 2.2, kHull);
    put(boat, -9, -29.5, 1.4, 1.4, 6.2, 3.2, kBand);
    put(simple, -4, -29.5, 32, 8.4, 1.6, 2.2, kHull);
    put(simple, -6, -29.5, 24, 7.0, 3.8, 2.4, kCabin);
    Mesh boatCoarse = simple.take();
    spec.add("ferry-boat", "渡轮", "ferry", boat.take(), boatCoarse, boatCoarse);

    Builder hall, block;
    put(hall, 0, 27, 34, 12, kGround - 0.2 - lift, 5.2, kPlaster);
    put(hall, 0, 27, 38, 16, kGround + 5.0 - lift, 0.5, kBand);
    for (int i = -3; i <= 3; ++i)
        put(hall, i * 5.0, 20.0, 0.4, 0.4, kGround - 0.2 - lift, 5.2, kRailing);
    put(block, 0, 27, 34, 12, kGround - 0.2 - lift, 5.7, kPlaster);
    Mesh hallCoarse = block.take();
    spec.add("ferry-hall", "南码头渡口", "ferry", hall.take(), hallCoarse, hallCoarse);
}

} // namespace

TilesetSpec structuresLayer(const City& city) {
    Spec spec;
    spec.tiles.layer = "structures";
    spec.tiles.materials.push_back({"concrete", glm::vec4(1), 0.0f, 0.85f, glm::vec3(0), true});
    spec.tiles.leafEdgeMeters = 600.0;
    addBridge(spec, city.place);
    addViaduct(spec, city.place);
    addQuays(spec, city);
    addCreekBridges(spec, city);
    addFerry(spec, city);
    return std::move(spec.tiles);
}

TilesetSpec wallsLayer(const City& city) {
    Spec spec;
    spec.tiles.layer = "walls";
    spec.tiles.materials.push_back({"plaster", glm::vec4(1), 0.0f, 0.9f, glm::vec3(0), true});
    spec.tiles.geometricErrors = {0.0, 6.0};
    int n = 0;
    for (const auto& wall : city.walls) {
        Builder full, coarse;
        for (std::size_t i = 0; i + 1 < wall.line.size(); ++i) {
            const glm::dvec2 a = wall.line[i], b = wall.line[i + 1];
            if (glm::length(b - a) < 0.3) continue;
            const glm::dvec3 a3(a, kGround - 0.2), b3(b, kGround - 0.2);
            const glm::dvec3 up(0, 0, wall.height + 0.2);
            coarse.quad(a3, b3, b3 + up, a3 + up, wall.railing ? kRailing : kPlaster);
            if (!wall.railing) {
                // Two faces and a coping; the ends meet the next piece or a gate's post.
                const glm::dvec2 u = glm::normalize(b - a);
                const glm::dvec3 side(-u.y * 0.12, u.x * 0.12, 0), cap(-u.y * 0.2, u.x * 0.2, 0.1),
                    top(0, 0, wall.height + 0.2);
                full.quad(a3 - side, b3 - side, b3 - side + top, a3 - side + top, kPlaster);
                full.quad(b3 + side, a3 + side, a3 + side + top, b3 + side + top, kPlaster);
                full.quad(a3 - cap + top, b3 - cap + top, b3 + cap + top, a3 + cap + top, kWallCap);
                if (i == 0) full.beam({a, kGround - 0.2}, {a, kGround + wall.height + 0.2}, 0.4, 0.4, kWallCap);
                if (i + 2 == wall.line.size())
                    full.beam({b, kGround - 0.2}, {b, kGround + wall.height + 0.2}, 0.4, 0.4, kWallCap);
                continue;
            }
            full.beam({a, kGround + 0.2}, {b, kGround + 0.2}, 0.3, 0.5, kPlaster);
            for (const double z : {0.75, 1.75})
                full.quad({a, kGround + z}, {b, kGround + z}, {b, kGround + z + 0.07}, {a, kGround + z + 0.07},
                          kRailing);
            const double length = glm::length(b - a);
            for (double s = 0; s < length; s += 2.5) {
                const glm::dvec2 p = a + (b - a) * (s / length);
                // Two crossed faces: a post this thin needs no more.
                const glm::dvec2 u = 0.04 * glm::normalize(b - a), v(-u.y, u.x);
                for (const auto& w : {u, v})
                    full.quad({p - w, kGround + 0.4}, {p + w, kGround + 0.4}, {p + w, kGround + 1.9},
                              {p - w, kGround + 1.9}, kRailing);
            }
        }
        spec.add("W-" + std::to_string(++n), wall.railing ? "围栏" : "围墙", "wall", full.take(), coarse.take(),
                 Mesh{});
        if (!spec.tiles.features.empty() && spec.tiles.features.back().lods.size() == 3)
            spec.tiles.features.back().lods.pop_back();
    }
    return std::move(spec.tiles);
}

} // namespace matou::importers::nanmatou
