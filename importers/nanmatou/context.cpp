// What is seen from here and is not the district: low blocks all round, the far bank, Lujiazui due north, the Expo
// site, Lupu Bridge. Recognisable by outline, nothing more.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "nanmatou/builder.h"
#include "nanmatou/layers.h"
#include "nanmatou/random.h"

namespace matou::importers::nanmatou {

namespace {

constexpr double kNear = 3700.0;
constexpr Color kGlassBlue{104, 122, 138, 255}, kSteelGrey{136, 142, 146, 255}, kGlassGrey{112, 126, 142, 255},
    kPearl{150, 74, 92, 255}, kPavilion{128, 30, 26, 255}, kRoofGrey{128, 126, 122, 255}, kArch{186, 186, 182, 255},
    kDeckGrey{120, 120, 118, 255}, kMembrane{206, 206, 202, 255};

void add(TilesetSpec& spec, const std::string& id, const std::string& name, Mesh full, Mesh middle, Mesh coarse) {
    LodFeature feature;
    feature.id = id;
    feature.properties = {{"name", name}, {"kind", std::string("context")}};
    feature.lods = {std::move(full), std::move(middle), std::move(coarse)};
    spec.features.push_back(std::move(feature));
}

/// From the middle level on a box; from the coarsest level's distance only what makes the skyline.
void addBlock(TilesetSpec& spec, const std::string& id, const std::string& name, Mesh full, const BoxShape& box,
              bool skyline) {
    const Mesh middle = meshOf(box);
    add(spec, id, name, std::move(full), middle, skyline ? middle : Mesh{});
    spec.features.back().box = box;
    spec.features.back().boxLevel = 1;
}

constexpr double kPitch = 78.0;
/// Metres: what the coarsest level keeps. Lower blocks are a dozen pixels where it is chosen, and cost most of its
/// memory.
constexpr double kSkylineHeight = 40.0;

/// The raster bends with the distance, so that no street runs straight to the horizon.
glm::dvec2 rasterPoint(const City& city, double gx, double gy) {
    return city.place.center +
           glm::dvec2(gx * kPitch + 30 * std::sin(gy * 0.3), gy * kPitch + 30 * std::cos(gx * 0.23));
}

/// Plaster, brick and, on some towers, glass.
Color farWall(Random& random, double height) {
    const double dice = random.unit();
    const auto tone = static_cast<int>(140 + 46 * random.unit());
    const auto of = [](int r, int g, int b) {
        return Color{static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b), 255};
    };
    if (height > 60 && dice < 0.34) return of(tone - 46, tone - 30, tone - 16); // bluish: a curtain wall to the shader
    if (dice < 0.50) return of(tone, tone - 4, tone - 12);
    if (dice < 0.68) return of(tone + 4, tone - 22, tone - 44);
    if (dice < 0.84) return of(tone + 24, tone + 20, tone + 12);
    return of(tone - 14, tone - 36, tone - 52);
}

/// What tells one far building from the next: a podium and a stepped crown on towers, a pitched roof on low slabs.
template <typename Clear>
void addSilhouette(Builder& full, Random& random, const Footprint& f, double height, Color wall, const Clear& clear) {
    const double dice = random.unit(), share = random.range(0.5, 0.8);
    if (height > 55) {
        Footprint podium = f;
        podium.length += 16, podium.depth += 14;
        if (dice < 0.55 && clear(podium))
            full.prism(podium.polygon(), kGround - 0.5, kGround + 9 + 8 * share, wall, kRoofGrey, true);
        Footprint crown = f;
        crown.length *= share, crown.depth *= 0.5 + 0.4 * share;
        full.prism(crown.polygon(), kGround + height, kGround + height + (dice < 0.3 ? 16 : 6), wall, kRoofGrey,
                   dice < 0.3);
        if (dice > 0.8) full.beam({f.middle, kGround + height}, {f.middle, kGround + height + 22}, 1.2, 1.2, kRoofGrey);
        return;
    }
    if (height < 22 && dice < 0.5) {
        static constexpr Color kPitched[] = {{120, 44, 34, 255}, {92, 92, 94, 255}, {62, 78, 104, 255}};
        full.append(gableRoof(f.polygon(), kGround + height, kGround + height + 0.22 * f.depth,
                              kPitched[static_cast<int>(dice * 6) % 3], true));
        return;
    }
    if (height > 24 && dice < 0.5) {
        Footprint step = f;
        step.length *= share;
        full.prism(step.polygon(), kGround + height, kGround + height + 6.5, wall, kRoofGrey, true);
    }
}

/// Low-detail blocks on a loose, turned raster outside the boundary; taller towards the north and on the far bank.
void addBlocks(TilesetSpec& spec, const City& city, std::uint64_t seed) {
    Random random(seed, "context");
    MultiPolygon streets;
    for (const auto& street : city.place.streets) {
        auto body = ribbon(street.line, street.rightOfWay() + 6.0, LineCap::flat);
        streets.insert(streets.end(), body.begin(), body.end());
    }
    auto sweep = ribbon(city.place.lines.at("bridge_deck"), 60.0, LineCap::square);
    streets.insert(streets.end(), sweep.begin(), sweep.end());
    sweep = ribbon(city.place.lines.at("inner_ring"), 60.0, LineCap::square);
    streets.insert(streets.end(), sweep.begin(), sweep.end());
    const auto taken = unite(streets);
    const auto water = grow(city.layout.water, 26.0);
    const MultiPolygon district = grow({city.layout.district}, 10.0);
    const glm::dvec2 center = city.place.center;
    const glm::dvec2 spiral = city.place.lines.at("bridge_deck").front() + glm::dvec2(45, 103);
    const glm::dvec2 park = city.place.points.at("creek_park");
    int n = 0;
    for (int gy = -48; gy <= 66; ++gy)
        for (int gx = -48; gx <= 48; ++gx) {
            const double turn = 0.14 * std::sin(gx * 0.21) + 0.12 * std::cos(gy * 0.17);
            const glm::dvec2 p = rasterPoint(city, gx, gy);
            const double distance = glm::length(p - center);
            const double dice = random.unit(), width = random.range(26, 52), depth = random.range(11, 26),
                         rise = random.unit();
            const bool north = p.y > center.y + 1500.0;
            if (distance > (north ? 5000.0 : kNear) || gx % 7 == 0 || gy % 6 == 0 || dice < 0.1) continue;
            if (contains(district, p) || contains(water, p) || glm::length(p - spiral) < 170.0 ||
                glm::length(p - park) < 290.0)
                continue;
            double height = 9 + 12 * rise;
            if (dice > 0.62) height = 24 + 40 * rise;
            if (dice > 0.93) height = 60 + 60 * rise;
            if (north && distance > 3200.0 && dice > 0.6) height = 80 + 130 * rise;
            const Footprint f{p, height > 60 ? 0.7 * width : width, height > 60 ? std::min(26.0, depth * 1.3) : depth,
                              turn};
            bool free = true;
            for (const auto& c : f.corners())
                free = free && !contains(taken, c) && !contains(water, c) && !contains(district, c);
            if (!free) continue;
            const Color wall = farWall(random, height);
            const auto clearOf = [&](const Footprint& what) {
                bool clear = true;
                for (const auto& c : what.corners())
                    clear = clear && !contains(taken, c) && !contains(water, c) && !contains(district, c);
                return clear;
            };
            Builder full;
            full.prism(f.polygon(), kGround - 0.5, kGround + height, wall, kRoofGrey, true);
            addSilhouette(full, random, f, height, wall, clearOf);
            if (distance < 2600.0) {
                Footprint hut = f;
                hut.length *= 0.35, hut.depth *= 0.5;
                full.prism(hut.polygon(), kGround + height, kGround + height + 3.0, wall, kRoofGrey, true);
                Footprint second = f;
                second.middle = f.at(0, 0.5 * f.depth + 20.0);
                second.depth = 11.0;
                bool clear = height < 26.0;
                for (const auto& c : second.corners())
                    clear = clear && !contains(taken, c) && !contains(water, c) && !contains(district, c);
                if (clear) full.prism(second.polygon(), kGround - 0.5, kGround + 0.85 * height, wall, kRoofGrey, true);
            }
            ++n;
            addBlock(spec, "C-" + std::to_string(n), "周边建筑(示意)", full.take(),
                     {{f.middle, kGround - 0.5}, {f.length, f.depth, height + 0.5}, f.angle, wall, kRoofGrey},
                     height >= kSkylineHeight);
        }
}

glm::dvec2 polar(double angle, double radius) {
    return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// A tower whose section turns and shrinks with the height: rounded triangle.
Mesh shanghaiTower(const glm::dvec2& at, int rings, int sides) {
    Builder b;
    auto point = [&](int ring, int i) {
        const double t = static_cast<double>(ring) / rings, turn = 2.09 * t, angle = 2.0 * std::numbers::pi * i / sides;
        const double radius = (42.0 - 20.0 * t) * (1.0 + 0.16 * std::cos(3.0 * angle));
        return glm::dvec3(at + polar(angle + turn, radius),
                          kGround + 600.0 * t + (t > 0.999 ? 32.0 * 0.5 * (1 + std::cos(angle)) : 0.0));
    };
    for (int r = 0; r < rings; ++r)
        for (int i = 0; i < sides; ++i)
            b.pane(point(r, i), point(r, i + 1), point(r + 1, i + 1), point(r + 1, i), 240.0 * i / sides,
                   240.0 * (i + 1) / sides, kGround, kGlassBlue);
    for (int i = 1; i + 1 < sides; ++i)
        b.triangle(point(rings, 0), point(rings, i), point(rings, i + 1), kGlassBlue);
    return b.take();
}

/// A square that tapers to a blade with an opening below its top.
Mesh financialCenter(const glm::dvec2& at, bool full) {
    Builder b;
    const double z = kGround;
    auto corner = [&](double u, double v, double h) {
        const double c = std::cos(0.78), s = std::sin(0.78);
        return glm::dvec3(at + glm::dvec2(u * c - v * s, u * s + v * c), z + h);
    };
    auto body = [&](double h0, double h1, double u0, double v0, double u1, double v1, bool lid) {
        const glm::dvec3 a[4] = {corner(-u0, -v0, h0), corner(u0, -v0, h0), corner(u0, v0, h0), corner(-u0, v0, h0)};
        const glm::dvec3 t[4] = {corner(-u1, -v1, h1), corner(u1, -v1, h1), corner(u1, v1, h1), corner(-u1, v1, h1)};
        for (int i = 0; i < 4; ++i)
            b.pane(a[i], a[(i + 1) % 4], t[(i + 1) % 4], t[i], 58.0 * i, 58.0 * (i + 1), z, kGlassGrey);
        if (lid) b.quad(t[0], t[1], t[2], t[3], kSteelGrey);
    };
    if (!full) {
        body(0, 492, 29, 29, 29, 6, true);
        return b.take();
    }
    body(0, 180, 29, 29, 29, 24, false);
    body(180, 420, 29, 24, 29, 9, true);
    for (const double side : {-1.0, 1.0}) { // legs beside the opening
        const glm::dvec3 low = corner(side * 24, 0, 420), high = corner(side * 26, 0, 475);
        b.taper(low, high, {8, 17}, {6, 13}, glm::dvec2(std::cos(0.78), std::sin(0.78)), kSteelGrey);
    }
    b.taper(corner(-29, 0, 483), corner(29, 0, 483), {12, 18}, {12, 18}, glm::dvec2(-std::sin(0.78), std::cos(0.78)),
            kSteelGrey);
    return b.take();
}

Mesh jinMao(const glm::dvec2& at, int steps) {
    Builder b;
    double z = 0, half = 27;
    for (int i = 0; i < steps; ++i) {
        const double rise = (370.0 / steps) * (1.5 - static_cast<double>(i) / (steps - 1)),
                     next = std::min(370.0, z + rise);
        b.prism(rectangle(at, 2 * half, 2 * half, 30), kGround + z, kGround + (i + 1 == steps ? 370.0 : next),
                kGlassGrey, kRoofGrey, true);
        b.prism(rectangle(at, 2.2 * half, 1.1 * half, 30), kGround + z, kGround + next - 2.0, kGlassGrey, kRoofGrey,
                true);
        z = next, half *= 0.91;
    }
    b.lathe({at, kGround + 370.0}, {{13, 0}, {9, 14}, {6, 26}, {1.2, 34}, {0.4, 50}}, 8, kSteelGrey);
    return b.take();
}

Mesh orientalPearl(const glm::dvec2& at, int sides) {
    Builder b;
    const double z = kGround;
    for (int i = 0; i < 3; ++i) {
        const glm::dvec2 out = polar(2.094 * i + 0.5, 1.0);
        b.lathe({at + out * 11.0, z}, {{4.5, 0}, {4.5, 285}}, std::max(4, sides / 2), kArch);
        b.taper({at + out * 58.0, z}, {at + out * 10.0, z + 92.0}, {7, 7}, {6, 6}, {-out.y, out.x}, kArch);
    }
    b.sphere({at, z + 93}, 25, sides, kPearl);
    b.sphere({at, z + 272}, 22.5, sides, kPearl);
    b.sphere({at, z + 342}, 8, sides, kPearl);
    b.lathe({at, z + 290}, {{5, 0}, {4, 45}}, std::max(4, sides / 2), kArch);
    b.lathe({at, z + 348}, {{3.2, 0}, {2.0, 70}, {0.6, 120}}, std::max(4, sides / 2), kArch);
    return b.take();
}

/// The crown: four tiers, each wider than the one below, on four columns.
Mesh chinaPavilion(const glm::dvec2& at, int tiers) {
    Builder b;
    for (const double u : {-23.0, 23.0})
        for (const double v : {-23.0, 23.0})
            b.prism(rectangle(at + glm::dvec2(u, v), 18, 18), kGround, kGround + 33, kPavilion, kPavilion);
    b.prism(rectangle(at - glm::dvec2(0, 10), 170, 150), kGround, kGround + 13, kMembrane, kRoofGrey);
    for (int i = 0; i < tiers; ++i) {
        const double side = 72.0 + 67.0 * (i + 1) / tiers, z = kGround + 33 + 30.0 * i / tiers;
        b.prism(rectangle(at, side, side), z, z + 30.0 / tiers * 0.78, kPavilion, kPavilion);
    }
    return b.take();
}

Mesh expoAxis(const glm::dvec2& from, const glm::dvec2& to, int cones) {
    Builder b;
    const glm::dvec2 u = glm::normalize(to - from);
    b.beam({from, kGround + 9}, {to, kGround + 9}, 90, 3, kDeckGrey);
    for (int i = 0; i < cones; ++i) { // the Sun Valleys: funnels of steel and glass
        const glm::dvec2 p = from + u * (glm::length(to - from) * (i + 0.5) / cones);
        b.lathe({p, kGround}, {{9, 0}, {10, 10}, {16, 24}, {34, 38}}, 12, kMembrane);
    }
    return b.take();
}

/// Arch bridge, main span 550 m, crown 100 m above the water.
Mesh lupuBridge(const glm::dvec2& middle, const glm::dvec2& along, int steps) {
    Builder b;
    const glm::dvec2 across(-along.y, along.x);
    std::vector<glm::dvec3> deck;
    for (double s = -900; s <= 900.1; s += 1800.0 / (2 * steps))
        deck.push_back(
            {middle + along * s, kGround + std::max(10.0, 46.0 - 0.000055 * s * s * (std::abs(s) > 275 ? 1.0 : 0.6))});
    b.deck(deck, 30, 2.5, kDeckGrey, kArch);
    auto rib = [&](double side, double t) {
        const double s = -275.0 + 550.0 * t, z = 100.0 * (1.0 - std::pow(2.0 * t - 1.0, 2.0));
        return glm::dvec3(middle + along * s + across * side * (25.0 - 15.0 * z / 100.0), kGround + 2.0 + z);
    };
    for (const double side : {-1.0, 1.0})
        for (int i = 0; i < steps; ++i) {
            const double t = static_cast<double>(i) / steps;
            b.beam(rib(side, t), rib(side, t + 1.0 / steps), 5, 7, kArch);
            const glm::dvec3 high = rib(side, t);
            if (high.z > kGround + 48)
                b.stay(high, {middle + along * (-275.0 + 550.0 * t) + across * side * 14.0, kGround + 46}, 0.25, kArch);
        }
    return b.take();
}

} // namespace

std::vector<Polyline> surroundingStreets(const City& city) {
    std::vector<Polyline> lines;
    for (int gx = -49; gx <= 49; gx += 7) {
        lines.emplace_back();
        for (int gy = -42; gy <= 60; ++gy)
            lines.back().push_back(rasterPoint(city, gx, gy));
    }
    for (int gy = -42; gy <= 60; gy += 6) {
        lines.emplace_back();
        for (int gx = -45; gx <= 45; ++gx)
            lines.back().push_back(rasterPoint(city, gx, gy));
    }
    return lines;
}

TilesetSpec contextLayer(const City& city, std::uint64_t seed) {
    TilesetSpec spec;
    spec.layer = "context";
    spec.materials.push_back({"far city", glm::vec4(1), 0.0f, 0.8f, glm::vec3(0), true});
    spec.geometricErrors = {0.0, 12.0, 40.0};
    spec.leafEdgeMeters = 1200.0;
    addBlocks(spec, city, seed);
    const auto& at = city.place.points;
    const glm::dvec2 tower = at.at("shanghai_tower"), finance = at.at("financial_center"), mao = at.at("jin_mao"),
                     pearl = at.at("oriental_pearl");
    add(spec, "shanghai-tower", "上海中心大厦", shanghaiTower(tower, 24, 18), shanghaiTower(tower, 8, 9),
        shanghaiTower(tower, 2, 6));
    add(spec, "swfc", "上海环球金融中心", financialCenter(finance, true), financialCenter(finance, false),
        financialCenter(finance, false));
    add(spec, "jin-mao", "金茂大厦", jinMao(mao, 12), jinMao(mao, 5), jinMao(mao, 2));
    add(spec, "oriental-pearl", "东方明珠", orientalPearl(pearl, 20), orientalPearl(pearl, 8), orientalPearl(pearl, 4));
    Random random(seed, "lujiazui");
    for (int i = 0; i < 46; ++i) { // the cluster around them
        const glm::dvec2 p = tower + glm::dvec2(random.range(-620, 780), random.range(-420, 900));
        const double size = random.range(30, 48), height = random.range(110, 270);
        if (contains(city.layout.water, p) || glm::length(p - tower) < 95 || glm::length(p - finance) < 85 ||
            glm::length(p - mao) < 85 || glm::length(p - pearl) < 120)
            continue;
        Builder full;
        full.prism(rectangle(p, size, size * 0.8, random.range(0, 45)), kGround, kGround + height,
                   i % 2 ? kGlassBlue : kGlassGrey, kRoofGrey, true);
        full.prism(rectangle(p, size * 0.6, size * 0.5, 20), kGround + height, kGround + height * 1.06, kSteelGrey,
                   kRoofGrey);
        addBlock(spec, "LJZ-" + std::to_string(i), "陆家嘴(示意)", full.take(),
                 {{p, kGround},
                  {size, size * 0.8, height * 1.06},
                  -glm::radians(20.0),
                  i % 2 ? kGlassBlue : kGlassGrey,
                  kRoofGrey},
                 true);
    }
    const glm::dvec2 pavilion = at.at("china_pavilion");
    add(spec, "china-pavilion", "中华艺术宫", chinaPavilion(pavilion, 6), chinaPavilion(pavilion, 3),
        chinaPavilion(pavilion, 1));
    const glm::dvec2 a = at.at("expo_axis_north"), b = at.at("expo_axis_south");
    add(spec, "expo-axis", "世博轴", expoAxis(a, b, 6), expoAxis(a, b, 3), expoAxis(a, b, 1));
    const glm::dvec2 lupu = at.at("lupu_bridge");
    const glm::dvec2 along = glm::normalize(glm::dvec2(0.35, -0.94));
    add(spec, "lupu-bridge", "卢浦大桥", lupuBridge(lupu, along, 24), lupuBridge(lupu, along, 10),
        lupuBridge(lupu, along, 4));
    return spec;
}

} // namespace matou::importers::nanmatou
