// Cars on the streets and at the kerbs, so that the roads are not empty: still, illustrative, nobody's.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "nanmatou/builder.h"
#include "nanmatou/layers.h"
#include "nanmatou/random.h"

namespace matou::importers::nanmatou {

namespace {

constexpr Color kPaints[] = {{206, 206, 204, 255}, {46, 47, 50, 255}, {150, 154, 158, 255}, {112, 34, 30, 255}, {40, 66, 104, 255}, {60, 150, 146, 255}};
constexpr Color kPanes{34, 38, 42, 255}, kTyre{28, 28, 30, 255}, kBusWhite{198, 200, 196, 255};
constexpr std::uint32_t kPaintCount = 6, kBus = kPaintCount, kHeadlights = kPaintCount + 1, kTaillights = kPaintCount + 2;

void block(Builder& b, double x0, double x1, double half, double z0, double z1, double taper, Color side, Color top) {
    const double h = half - taper, a0 = x0 + taper * 1.6, a1 = x1 - taper * 2.2;
    const glm::dvec3 low[4] = {{-half, x0, z0}, {half, x0, z0}, {half, x1, z0}, {-half, x1, z0}};
    const glm::dvec3 high[4] = {{-h, a0, z1}, {h, a0, z1}, {h, a1, z1}, {-h, a1, z1}};
    for (int i = 0; i < 4; ++i)
        b.quad(low[i], low[(i + 1) % 4], high[(i + 1) % 4], high[i], side);
    b.quad(high[0], high[1], high[2], high[3], top);
}

/// Faces +y, which is the heading; origin in its middle on the ground.
Mesh carMesh(Color paint, int detail) {
    Builder b;
    if (detail > 0) {
        block(b, -2.25, 2.25, 0.9, 0.25, 0.95, 0.05, paint, paint);
        block(b, -1.9, 1.0, 0.82, 0.95, 1.48, 0.22, kPanes, paint);
        return b.take();
    }
    block(b, -2.25, 2.25, 0.9, 0.3, 0.72, 0.0, paint, paint);
    block(b, -2.22, 2.2, 0.9, 0.72, 0.98, 0.08, paint, paint);
    block(b, -1.95, 1.05, 0.82, 0.97, 1.46, 0.24, kPanes, paint);
    for (const double y : {-1.35, 1.35})
        for (const double side : {-1.0, 1.0})
            b.beam({side * 0.72, y - 0.3, 0.31}, {side * 0.72, y + 0.3, 0.31}, 0.22, 0.6, kTyre);
    return b.take();
}

Mesh busMesh(int detail) {
    Builder b;
    block(b, -5.7, 5.7, 1.25, 0.35, 1.3, 0.0, {56, 104, 84, 255}, kBusWhite);
    block(b, -5.7, 5.7, 1.25, 1.3, 2.5, 0.03, kPanes, kBusWhite);
    block(b, -5.65, 5.65, 1.22, 2.5, 3.05, 0.08, kBusWhite, kBusWhite);
    if (detail == 0)
        for (const double y : {-3.2, 3.4})
            for (const double side : {-1.0, 1.0})
                b.beam({side * 1.1, y - 0.5, 0.48}, {side * 1.1, y + 0.5, 0.48}, 0.3, 0.96, kTyre);
    return b.take();
}

Mesh lightsMesh(bool front) {
    Builder b;
    const double y = front ? 2.27 : -2.27;
    for (const double side : {-1.0, 1.0})
        b.beam({side * 0.66 - 0.16, y, 0.68}, {side * 0.66 + 0.16, y, 0.68}, 0.05, 0.14, {255, 255, 255, 255});
    return b.take();
}

double headingOf(const glm::dvec2& u) { return 90.0 - std::atan2(u.y, u.x) * 180.0 / std::numbers::pi; }

} // namespace

TilesetSpec vehiclesLayer(const City& city, std::uint64_t seed) {
    Random random(seed, "vehicles");
    TilesetSpec spec;
    spec.layer = "vehicles";
    spec.materials = {{"paint", glm::vec4(1), 0.0f, 0.32f},
                      {"headlight", glm::vec4(1), 0.0f, 0.5f, glm::vec3(1.0f, 0.95f, 0.84f)},
                      {"taillight", {0.5f, 0.05f, 0.04f, 1.0f}, 0.0f, 0.5f, glm::vec3(0.9f, 0.05f, 0.02f)}};
    for (const Color& paint : kPaints)
        spec.prototypes.push_back({{carMesh(paint, 0), carMesh(paint, 1), Mesh{}}, 0});
    spec.prototypes.push_back({{busMesh(0), busMesh(1), Mesh{}}, 0});
    spec.prototypes.push_back({{lightsMesh(true), lightsMesh(true), Mesh{}}, 1});
    spec.prototypes.push_back({{lightsMesh(false), lightsMesh(false), Mesh{}}, 2});
    spec.geometricErrors = {0.0, 2.0, 9.0};
    int n = 0;
    const auto put = [&](const glm::dvec2& p, const glm::dvec2& u, bool drives, bool bus) {
        if (!contains(city.layout.district, p) || contains(city.layout.water, p)) return;
        char id[16];
        std::snprintf(id, sizeof id, "V-%05d", ++n);
        const int dice = random.integer(0, 19);
        const auto paint = static_cast<std::uint32_t>(dice < 8 ? 0 : dice < 12 ? 1 : dice < 16 ? 2 : dice < 17 ? 3 : dice < 18 ? 4 : 5);
        const auto instance = [&](std::uint32_t prototype) {
            spec.instances.push_back({id, {p, kGround + 0.05}, headingOf(u), 1.0, prototype});
        };
        instance(bus ? kBus : paint);
        if (drives && !bus) instance(kHeadlights), instance(kTaillights);
    };
    for (const auto& street : city.place.streets) {
        if (!street.inside) continue;
        const bool arterial = street.kind == StreetClass::arterial, lane = street.kind == StreetClass::lane;
        const std::vector<double> offsets = arterial ? std::vector<double>{1.9, 5.4, 9.0} : lane ? std::vector<double>{1.6} : std::vector<double>{2.7};
        for (const double offset : offsets)
            for (const double side : {-1.0, 1.0}) {
                double next = random.range(5, 60);
                for (const auto& s : stations(street.line, 1.0)) {
                    if (s.distance < next) continue;
                    next = s.distance + (lane ? random.range(60, 240) : random.range(14, arterial ? 80 : 110));
                    const glm::dvec2 across(-s.along.y, s.along.x), p = s.at + across * side * offset;
                    bool crosses = false;
                    for (const auto& other : city.place.streets)
                        crosses = crosses || (&other != &street && distanceTo(other.line, p) < 0.5 * other.carriageway() + 4.0);
                    if (!crosses) put(p, -side * s.along, true, arterial && offset > 8 && random.chance(0.12));
                }
            }
    }
    for (const auto& lane : city.lanes) { // parked along one side
        if (lane.width < 3.9) continue;
        const double side = random.chance(0.5) ? 1.0 : -1.0;
        for (const auto& s : stations(lane.line, 5.6)) {
            if (!random.chance(0.42)) continue;
            const glm::dvec2 across(-s.along.y, s.along.x), p = s.at + across * side * (0.5 * lane.width + 0.2);
            const Footprint probe{p, 2.2, 2.2, 0};
            bool free = true;
            for (const auto id : city.index.near(probe, 3.0))
                free = free && gapBetween(city.buildings[id].footprint, probe) > 1.6;
            for (const auto& street : city.place.streets)
                free = free && distanceTo(street.line, p) > 0.5 * street.rightOfWay() + 2.0;
            if (free) put(p, random.chance(0.5) ? s.along : -s.along, false, false);
        }
    }
    return spec;
}

} // namespace matou::importers::nanmatou
