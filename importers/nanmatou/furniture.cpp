// Benches, bins and bollards: where the streets' and the river walk's own lines put them, and their prototypes. No bus shelters: where
// buses stop is not known.
#include <cmath>
#include <cstdio>
#include <numbers>

#include "nanmatou/builder.h"
#include "nanmatou/layers.h"

namespace matou::importers::nanmatou {

namespace {

enum Kind : std::uint32_t { bench, bin, bollard };
constexpr Color kTimber{140, 100, 66, 255}, kIron{58, 62, 64, 255}, kSteel{150, 154, 156, 255}, kBand{226, 196, 84, 255};
constexpr Color kRecycled{48, 96, 150, 255}, kRest{70, 72, 74, 255}; // the lids' colours of the city's two public bins
constexpr double kPavement = kGround + 0.17, kWalk = kGround + 0.04; // upper faces of roads and walks (ground_layers.cpp)

/// Slats over two iron sides; who sits looks to +y.
Mesh benchMesh(bool near) {
    Builder b;
    if (!near) {
        b.beam({-0.8, 0, 0.42}, {0.8, 0, 0.42}, 0.45, 0.06, kTimber);
        b.beam({-0.8, -0.24, 0.66}, {0.8, -0.24, 0.66}, 0.05, 0.34, kTimber);
        for (const double x : {-0.6, 0.6})
            b.beam({x, -0.2, 0.2}, {x, 0.2, 0.2}, 0.06, 0.4, kIron);
        return b.take();
    }
    for (int i = 0; i < 4; ++i)
        b.beam({-0.8, -0.165 + 0.11 * i, 0.43}, {0.8, -0.165 + 0.11 * i, 0.43}, 0.09, 0.035, kTimber);
    for (int i = 0; i < 3; ++i)
        b.beam({-0.8, -0.235 - 0.02 * i, 0.56 + 0.12 * i}, {0.8, -0.235 - 0.02 * i, 0.56 + 0.12 * i}, 0.03, 0.09, kTimber);
    for (const double x : {-0.62, 0.62}) {
        b.beam({x, 0.17, 0}, {x, 0.17, 0.41}, 0.05, 0.05, kIron);
        b.beam({x, -0.19, 0}, {x, -0.19, 0.41}, 0.05, 0.05, kIron);
        b.beam({x, -0.21, 0.39}, {x, 0.21, 0.39}, 0.05, 0.04, kIron);
        b.beam({x, -0.21, 0.39}, {x, -0.29, 0.84}, 0.05, 0.04, kIron);
        b.beam({x, -0.22, 0.62}, {x, 0.2, 0.62}, 0.05, 0.03, kIron);
    }
    return b.take();
}

/// Two containers under one roof; their mouths look to +y.
Mesh binMesh(bool near) {
    Builder b;
    if (!near) {
        b.beam({-0.44, 0, 0.5}, {0.44, 0, 0.5}, 0.36, 1.0, kSteel);
        return b.take();
    }
    for (const double side : {-1.0, 1.0}) {
        const Color lid = side < 0 ? kRecycled : kRest;
        b.beam({side * 0.42, 0, 0.45}, {side * 0.02, 0, 0.45}, 0.34, 0.74, lid);
        b.beam({side * 0.34, 0.171, 0.70}, {side * 0.10, 0.171, 0.70}, 0.012, 0.12, kIron); // the mouth
        b.beam({side * 0.46, 0, 0}, {side * 0.46, 0, 0.98}, 0.04, 0.30, kSteel);
    }
    b.beam({-0.48, 0, 1.0}, {0.48, 0, 1.0}, 0.42, 0.05, kSteel);
    return b.take();
}

Mesh bollardMesh(bool near) {
    Builder b;
    if (near) {
        b.lathe({0, 0, 0}, {{0.075, 0}, {0.06, 0.03}, {0.06, 0.58}}, 8, kIron);
        b.lathe({0, 0, 0.58}, {{0.062, 0}, {0.062, 0.08}}, 8, kBand);
        b.lathe({0, 0, 0.66}, {{0.06, 0}, {0.06, 0.06}, {0.035, 0.10}}, 8, kIron);
    } else {
        b.lathe({0, 0, 0}, {{0.06, 0}, {0.06, 0.75}}, 4, kIron);
    }
    return b.take();
}

/// Where there is room: not in the way of cars, off walls, trees and lamps, on dry land.
class Room {
public:
    explicit Room(const City& city) : _city(city) {
        std::uint32_t n = 0;
        for (const auto& tree : city.trees)
            _standing.add(n++, {tree.at, 0.5, 0.5, 0});
        for (const auto& lamp : city.lamps)
            _standing.add(n++, {lamp.at, 0.3, 0.3, 0});
        n = 0;
        for (const auto& lane : city.lanes) {
            const glm::dvec2 d = lane.line.back() - lane.line.front();
            _lanes.add(n++, {0.5 * (lane.line.front() + lane.line.back()), glm::length(d), lane.width, std::atan2(d.y, d.x)});
        }
    }
    bool at(const glm::dvec2& p, double radius, double fromKerb) const {
        const Footprint probe{p, 2 * radius, 2 * radius, 0};
        for (const auto id : _standing.near(probe, 0.4))
            if (gapBetween(_standing[id], probe) < 0.4) return false;
        for (const auto id : _lanes.near(probe, 0.4))
            if (gapBetween(_lanes[id], probe) < 0.4) return false;
        for (const auto id : _city.index.near(probe, 1.0))
            if (gapBetween(_city.buildings[id].footprint, probe) < 1.0) return false;
        for (const auto& street : _city.place.streets)
            if (distanceTo(street.line, p) < 0.5 * street.carriageway() + fromKerb) return false;
        return contains(_city.layout.district, p) && !contains(_city.layout.water, p);
    }

private:
    const City& _city;
    FootprintIndex _standing, _lanes;
};

double headingOf(const glm::dvec2& u) { return 90.0 - std::atan2(u.y, u.x) * 180.0 / std::numbers::pi; }

} // namespace

TilesetSpec furnitureLayer(const City& city) {
    TilesetSpec spec;
    spec.layer = "furniture";
    spec.materials.push_back({"wood and iron", glm::vec4(1), 0.0f, 0.7f});
    for (const auto mesh : {benchMesh, binMesh, bollardMesh})
        spec.prototypes.push_back({{mesh(true), mesh(false), Mesh{}}, 0});
    spec.geometricErrors = {0.0, 1.0, 5.0};
    spec.leafEdgeMeters = 150.0; // little is near the eye at a time
    const Room room(city);
    int n = 0;
    const auto put = [&](Kind kind, const glm::dvec2& p, double height, const glm::dvec2& towards) {
        char id[16];
        std::snprintf(id, sizeof id, "F-%05d", ++n);
        spec.instances.push_back({id, {p, height}, headingOf(towards), 1.0, kind});
    };

    // Along the river walk, between its lamps: benches that look over the wall, a bin beside every other.
    const double back = 0.5 * city.place.riverWidth + 19.2;
    int i = 0;
    for (const auto& s : stations(city.place.fairway, 28.0)) {
        const glm::dvec2 land(s.along.y, -s.along.x), p = s.at + s.along * 14.0 + land * back;
        ++i;
        if (!room.at(p, 0.8, 2.0)) continue;
        put(bench, p, kWalk, -land);
        if (i % 2 == 0 && room.at(p + s.along * 1.9, 0.4, 2.0)) put(bin, p + s.along * 1.9, kWalk, -land);
    }
    for (const auto& street : city.place.streets) {
        if (!street.inside || street.kind == StreetClass::lane) continue;
        // Bins at the kerb, now on one side, now on the other; their mouths look to the houses.
        i = 0;
        for (const auto& s : stations(street.line, 38.0)) {
            const glm::dvec2 across = glm::dvec2(-s.along.y, s.along.x) * (i++ % 2 ? 1.0 : -1.0);
            const glm::dvec2 p = s.at + s.along * 5.0 + across * (0.5 * street.carriageway() + 0.75);
            if (room.at(p, 0.4, 0.4)) put(bin, p, kPavement, across);
        }
        // Bollards across the pavements where they end at another street's kerb.
        for (const auto& other : city.place.streets) {
            if (&other == &street || other.kind == StreetClass::lane) continue;
            for (const double side : {-1.0, 1.0})
                for (double off = 0.5 * street.carriageway() + 0.6; off < 0.5 * street.rightOfWay() - 0.3; off += 1.3) {
                    const double kerb = 0.5 * other.carriageway() + 0.45;
                    bool before = false, first = true;
                    for (const auto& s : stations(street.line, 0.5)) {
                        const glm::dvec2 p = s.at + glm::dvec2(-s.along.y, s.along.x) * side * off;
                        const bool on = distanceTo(other.line, p) < kerb;
                        if (!first && on != before && room.at(p, 0.06, 0.2)) put(bollard, p, kPavement, s.along);
                        before = on, first = false;
                    }
                }
        }
    }
    return spec;
}

} // namespace matou::importers::nanmatou
