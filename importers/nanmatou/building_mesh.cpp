#include "nanmatou/building_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "nanmatou/carpenter.h"

namespace matou::importers::nanmatou {

namespace {

using Box = Carpenter::Box;
using Faces = Carpenter::Faces;

// Linear light: plaster, ochre and brick as they are after thirty summers.
constexpr std::array<Color, 6> kPlaster{Color{196, 186, 166, 255}, Color{205, 198, 182, 255},
                                        Color{188, 170, 142, 255}, Color{176, 150, 122, 255},
                                        Color{200, 188, 170, 255}, Color{182, 178, 168, 255}};
constexpr std::array<Color, 4> kTowerWalls{Color{204, 196, 182, 255}, Color{178, 140, 112, 255},
                                           Color{196, 190, 180, 255}, Color{186, 168, 146, 255}};
constexpr std::array<Color, 3> kOfficeWalls{Color{120, 138, 150, 255}, Color{150, 156, 160, 255},
                                            Color{172, 172, 168, 255}};
constexpr std::array<Color, 3> kWorksWalls{Color{170, 166, 158, 255}, Color{150, 112, 92, 255},
                                           Color{176, 172, 160, 255}};
constexpr std::array<Color, 4> kPitched{Color{120, 44, 34, 255}, Color{84, 86, 90, 255}, Color{52, 76, 112, 255},
                                        Color{128, 52, 40, 255}};
constexpr Color kFlatRoof{124, 122, 118, 255}, kConcrete{150, 148, 142, 255}, kRail{176, 174, 166, 255},
    kSteel{120, 126, 130, 255}, kLiftGlass{96, 116, 126, 255}, kDarkTile{44, 46, 50, 255},
    kWhiteWall{214, 210, 202, 255}, kMachine{188, 186, 180, 255}, kWater{160, 166, 172, 255},
    kTrackRed{130, 52, 40, 255};

Color shade(Color c, double factor) {
    auto one = [&](std::uint8_t v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v * factor), 0l, 255l)); };
    return {one(c.x), one(c.y), one(c.z), c.w};
}

struct Look {
    Color wall, roof;
    double toneShift;
};

Look lookOf(const Building& b) {
    const double shift = 0.94 + 0.0012 * (b.wallTone % 100);
    Color wall = kPlaster[b.wallTone / 128 % kPlaster.size()], roof = kFlatRoof;
    if (b.form == Form::tower) wall = kTowerWalls[b.wallTone / 128 % kTowerWalls.size()];
    if (b.form == Form::office) wall = kOfficeWalls[b.wallTone / 128 % kOfficeWalls.size()];
    if (b.form == Form::works || b.form == Form::hall) wall = kWorksWalls[b.wallTone / 128 % kWorksWalls.size()];
    if (b.form == Form::house) wall = b.wallTone % 3 ? kWhiteWall : kPlaster[3];
    if (b.form == Form::school) wall = kPlaster[b.wallTone / 128 % 2 ? 1 : 2];
    if (b.pitchedRoof) roof = b.form == Form::house ? kDarkTile : kPitched[b.roofTone % kPitched.size()];
    return {shade(wall, shift), shade(roof, 0.92 + 0.0016 * (b.roofTone / 16 % 100)), shift};
}

/// Heights of the parts above the roof's edge, the same at every level.
double ridgeOf(const Building& b) {
    return b.height + (b.form == Form::house ? 0.26 : 0.22) * b.footprint.depth;
}
double topOf(const Building& b) {
    if (b.pitchedRoof || b.name == "南码头历史陈列馆") return ridgeOf(b);
    switch (b.form) {
    case Form::slab:
        return b.height + 2.6;
    case Form::tower:
        return b.height + 4.6;
    case Form::office:
        return b.height + 4.0;
    case Form::works:
    case Form::school:
        return b.height + 2.4;
    case Form::landmark:
        return b.height + 1.6;
    case Form::hall:
        return b.height + 1.8;
    default:
        return b.height + 0.5;
    }
}

Box bodyOf(const Building& b) {
    return {-0.5 * b.footprint.length,
            0.5 * b.footprint.length,
            -0.5 * b.footprint.depth,
            0.5 * b.footprint.depth,
            -0.3,
            b.height};
}

void roofOver(Carpenter& c, const Building& b, const Look& look, double over) {
    const Box body = bodyOf(b);
    if (b.pitchedRoof || b.name == "南码头历史陈列馆")
        c.gable(body, ridgeOf(b), over, look.roof, look.wall);
    else
        c.parapet({body.u0, body.u1, body.v0, body.v1, b.height, b.height + 0.5}, 0.25, shade(look.wall, 0.94));
}

// --- slabs: flats with balconies to the south, stairs to the north ---------------------------------------------------

struct Bays { // positions along u
    std::vector<double> stairs, balconies;
};

Bays baysOf(const Building& b) {
    Bays bays;
    const double unit = b.footprint.length / b.units;
    for (int i = 0; i < b.units; ++i) {
        const double middle = -0.5 * b.footprint.length + (i + 0.5) * unit;
        bays.stairs.push_back(middle);
        bays.balconies.push_back(middle - 0.25 * unit);
        bays.balconies.push_back(middle + 0.25 * unit);
    }
    return bays;
}

Mesh slabLeaf(const Building& b, const Look& look) {
    Carpenter c(b.footprint, kGround);
    const Box body = bodyOf(b);
    const Bays bays = baysOf(b);
    const double storey = (b.height - 0.6) / b.floors;
    c.house(body, look.wall, kFlatRoof);
    roofOver(c, b, look, 0.55);
    c.box({body.u0 - 0.06, body.u1 + 0.06, body.v0 - 0.06, body.v1 + 0.06, -0.3, 0.45}, shade(kConcrete, 0.8),
          Faces::sides);
    const Color front = shade(look.wall, b.wallTone % 5 == 0 ? 1.06 : 0.9);
    for (std::size_t i = 0; i < bays.balconies.size(); ++i) {
        const double u = bays.balconies[i];
        for (int f = 1; f < b.floors; ++f) {
            const double z = f * storey;
            // Some families glazed theirs in: a taller, smoother box.
            const bool glazed = (b.wallTone >> ((i * 7 + static_cast<std::size_t>(f) * 3) % 29) & 3u) == 0;
            c.box({u - 1.7, u + 1.7, body.v0 - 1.25, body.v0, z - 0.1, z + (glazed ? 2.35 : 1.02)},
                  glazed ? kLiftGlass : front, Faces::south | Faces::east | Faces::west | Faces::top | Faces::bottom);
            if ((b.roofTone >> ((i * 5 + static_cast<std::size_t>(f)) % 31) & 1u) !=
                0) // an air conditioner on its bracket
                c.box({u + 1.95, u + 2.75, body.v0 - 0.35, body.v0, z + 0.1, z + 0.7}, kMachine,
                      Faces::south | Faces::east | Faces::west | Faces::top);
        }
        c.box({u - 2.4, u + 2.4, body.v0 - 2.6, body.v0 - 2.45, -0.3, 1.5}, shade(look.wall, 0.8),
              Faces::south | Faces::north | Faces::top);
    }
    for (const double u : bays.stairs) {
        c.box({u - 1.35, u + 1.35, body.v1, body.v1 + 0.5, -0.3, b.height + 0.2}, shade(look.wall, 0.97),
              Faces::closed);
        for (int f = 0; f + 1 < b.floors; ++f) { // half-landing windows
            const double z = (f + 0.75) * storey;
            c.box({u - 0.7, u + 0.7, body.v1 + 0.5, body.v1 + 0.54, z, z + 1.1}, kLiftGlass, Faces::north);
        }
        c.box({u - 1.7, u + 1.7, body.v1 + 0.5, body.v1 + 1.5, 2.35, 2.55}, kConcrete, Faces::closed | Faces::bottom);
        if (b.addedLift) {
            c.box({u - 0.95, u + 0.95, body.v1 + 1.5, body.v1 + 3.3, -0.3, b.height + 0.8}, kLiftGlass, Faces::closed);
            for (int f = 1; f < b.floors; ++f)
                c.box({u - 0.8, u + 0.8, body.v1 + 0.5, body.v1 + 1.5, f * storey, f * storey + 0.2}, kSteel,
                      Faces::closed | Faces::bottom);
        }
    }
    if (!b.pitchedRoof)
        for (const double u : bays.stairs) {
            c.box({u - 1.3, u + 1.3, body.v1 - 3.4, body.v1 - 0.6, b.height, topOf(b)}, shade(look.wall, 0.95));
            c.box({u - 4.6, u - 2.8, -1.0, 1.2, b.height + 0.4, b.height + 1.9}, kWater, Faces::closed | Faces::bottom);
            for (int k = 0; k < 3; ++k) // solar water heaters
                c.box({u + 2.0 + 1.5 * k, u + 3.1 + 1.5 * k, -1.6, 0.2, b.height + 0.2, b.height + 1.0},
                      shade(kDarkTile, 1.2), Faces::closed);
        }
    return c.take();
}

Mesh slabBody(const Building& b, const Look& look) {
    Carpenter c(b.footprint, kGround);
    const Box body = bodyOf(b);
    const Bays bays = baysOf(b);
    c.house(body, look.wall, kFlatRoof);
    if (b.pitchedRoof) c.gable(body, ridgeOf(b), 0.55, look.roof, look.wall);
    for (const double u : bays.balconies)
        c.box({u - 1.7, u + 1.7, body.v0 - 1.25, body.v0, 2.6, b.height - 1.9}, shade(look.wall, 0.86),
              Faces::south | Faces::east | Faces::west | Faces::top);
    for (const double u : bays.stairs) {
        c.box({u - 1.35, u + 1.35, body.v1, body.v1 + 0.5, -0.3, b.height + 0.2}, shade(look.wall, 0.97),
              Faces::closed);
        if (!b.pitchedRoof)
            c.box({u - 1.3, u + 1.3, body.v1 - 3.4, body.v1 - 0.6, b.height, topOf(b)}, shade(look.wall, 0.95));
        c.box({u - 1.7, u + 1.7, body.v1 + 0.5, body.v1 + 1.5, 2.35, 2.55}, kConcrete, Faces::top);
        if (b.addedLift)
            c.box({u - 0.95, u + 0.95, body.v1 + 1.5, body.v1 + 3.3, -0.3, b.height + 0.8}, kLiftGlass, Faces::closed);
    }
    for (const double u : bays.balconies) // what stands out below: air conditioners, yards
        c.box({u + 1.7, u + 2.75, body.v0 - 0.35, body.v0, 2.5, 2.6}, kMachine, Faces::top);
    return c.take();
}

// --- towers, offices, works, low buildings ---------------------------------------------------------------------------

Mesh towerMesh(const Building& b, const Look& look, bool full) {
    Carpenter c(b.footprint, kGround);
    const Box body = bodyOf(b);
    const double storey = (b.height - 0.6) / b.floors, length = b.footprint.length;
    c.house(body, look.wall, kFlatRoof);
    const int bays = std::max(2, static_cast<int>(length / 8.0));
    const double core = 0.5 * std::min(6.4, 0.4 * length);
    c.box({-core, core, -1.0, body.v1 - 0.8, b.height, topOf(b)}, shade(look.wall, 0.96));
    const double step = length / bays;
    for (int i = 0; i < bays; ++i) {
        const double u = body.u0 + (i + 0.5) * step;
        if (!full) {
            c.box({u - 1.9, u + 1.9, body.v0 - 1.2, body.v0, storey, b.height - 1.2}, shade(look.wall, 0.9),
                  Faces::south | Faces::east | Faces::west | Faces::top);
            c.box({u - 1.2, u + 1.2, body.v1, body.v1 + 0.6, 0, b.height}, shade(look.wall, 0.97), Faces::closed);
            continue;
        }
        c.box({u - 1.2, u + 1.2, body.v1, body.v1 + 0.6, 0, b.height}, shade(look.wall, 0.97), Faces::closed);
        for (int f = 1; f < b.floors; ++f) {
            const double z = f * storey;
            c.box({u - 1.9, u + 1.9, body.v0 - 1.2, body.v0, z - 0.1, z + 1.05}, shade(look.wall, 0.9),
                  Faces::south | Faces::east | Faces::west | Faces::top | Faces::bottom);
            if (f % 2 == 0)
                c.box({u + 2.2, u + 3.0, body.v0 - 0.35, body.v0, z + 0.1, z + 0.7}, kMachine,
                      Faces::south | Faces::east | Faces::west | Faces::top);
        }
    }
    c.box({body.u0 - 0.3, body.u1 + 0.3, body.v0 - 0.3, body.v1 + 0.3, -0.3, 0.7}, shade(kConcrete, 0.8),
          full ? Faces::closed : Faces::top);
    if (!full) {
        c.box({-2.4, 2.4, body.v1 + 0.6, body.v1 + 3.4, 3.0, 3.3}, kConcrete, Faces::top);
        return c.take();
    }
    roofOver(c, b, look, 0);
    for (int f = 3; f < b.floors; f += 4) // string courses
        c.box({body.u0 - 0.12, body.u1 + 0.12, body.v0 - 0.12, body.v1 + 0.12, f * storey - 0.12, f * storey + 0.12},
              shade(look.wall, 0.9), Faces::all);
    c.box({-2.4, 2.4, body.v1 + 0.6, body.v1 + 3.4, 3.0, 3.3}, kConcrete, Faces::all);
    for (const double u : {-0.32, 0.30})
        c.box({u * length - 1.2, u * length + 1.2, -2.0, 0.6, b.height + 0.5, b.height + 2.4}, kWater, Faces::all);
    c.box({-0.1, 0.1, 0, 0.2, topOf(b), topOf(b) + 0.0001}, kSteel, Faces::top);
    return c.take();
}

Mesh officeMesh(const Building& b, const Look& look, bool full) {
    Carpenter c(b.footprint, kGround);
    const Box body = bodyOf(b);
    const double storey = (b.height - 0.4) / b.floors;
    c.house(body, look.wall, kFlatRoof);
    c.box({0.45 * body.u0, 0.45 * body.u1, 0.5 * body.v0, 0.5 * body.v1, b.height, topOf(b)}, shade(look.wall, 0.8));
    const int fins = std::max(3, static_cast<int>(b.footprint.length / (full ? 3.4 : 12.0)));
    for (int i = 0; i <= fins; ++i) {
        const double u = body.u0 + (body.u1 - body.u0) * i / fins;
        c.box({u - 0.15, u + 0.15, body.v0 - 0.4, body.v0, 4.2, b.height}, kRail,
              Faces::south | Faces::east | Faces::west);
        if (full)
            c.box({u - 0.15, u + 0.15, body.v1, body.v1 + 0.4, 4.2, b.height}, kRail,
                  Faces::north | Faces::east | Faces::west);
    }
    if (!full) {
        c.box({body.u0 - 0.2, body.u1 + 0.2, body.v0 - 0.4, body.v1 + 0.4, 3.9, 4.2}, kRail, Faces::top);
        c.box({-4, 4, body.v0 - 4.0, body.v0, 4.0, 4.35}, kSteel, Faces::top);
        return c.take();
    }
    for (int f = 1; f <= b.floors; ++f)
        c.box({body.u0 - 0.2, body.u1 + 0.2, body.v0 - 0.2, body.v1 + 0.2, f * storey - 0.25, f * storey + 0.1}, kRail,
              Faces::all);
    roofOver(c, b, look, 0);
    c.box({-4, 4, body.v0 - 4.0, body.v0, 4.0, 4.35}, kSteel, Faces::all);
    for (const double u : {-3.6, 3.6})
        c.box({u - 0.15, u + 0.15, body.v0 - 3.8, body.v0 - 3.5, -0.3, 4.0}, kSteel, Faces::sides);
    for (int i = 0; i < 4; ++i)
        c.box({0.8 * body.u0 + 3.2 * i, 0.8 * body.u0 + 3.2 * i + 2.2, 0.72 * body.v0, 0.72 * body.v0 + 2.2,
               b.height + 0.3, b.height + 1.9},
              kMachine, Faces::all);
    return c.take();
}

/// Works, halls, schools and landmarks: pilasters, bands, roof lights, a canopy.
Mesh publicMesh(const Building& b, const Look& look, bool full) {
    Carpenter c(b.footprint, kGround);
    const Box body = bodyOf(b);
    const double storey = (b.height - 0.4) / b.floors;
    c.house(body, look.wall, kFlatRoof);
    roofOver(c, b, look, 0.5);
    if (!b.pitchedRoof && b.name != "南码头历史陈列馆")
        c.box({body.u0 + 1.5, body.u0 + 4.5, body.v1 - 4.2, body.v1 - 1.2, b.height, topOf(b)}, shade(look.wall, 0.93));
    if (!full) {
        c.box({body.u0, body.u1, body.v0 - 0.25, body.v1 + 0.25, -0.3, 0.3}, shade(look.wall, 0.9), Faces::top);
        c.box({-2.2, 2.2, body.v0 - 2.2, body.v0, 2.7, 2.95}, kConcrete, Faces::top);
        if (b.form == Form::school)
            c.box({body.u0, body.u1, body.v1, body.v1 + 1.9, storey - 0.15, b.height - storey + 1.0}, kRail,
                  Faces::closed | Faces::bottom);
        return c.take();
    }
    const int bays = std::max(2, static_cast<int>(b.footprint.length / 4.0));
    for (int i = 0; i <= bays; ++i) {
        const double u = body.u0 + 0.2 + (body.u1 - body.u0 - 0.4) * i / bays;
        for (const auto& [v0, v1] : {std::pair{body.v0 - 0.25, body.v0}, std::pair{body.v1, body.v1 + 0.25}})
            c.box({u - 0.2, u + 0.2, v0, v1, -0.3, b.height}, shade(look.wall, 0.92), Faces::closed);
    }
    for (int f = 1; f < b.floors; ++f)
        c.box({body.u0 - 0.1, body.u1 + 0.1, body.v0 - 0.1, body.v1 + 0.1, f * storey - 0.2, f * storey},
              shade(look.wall, 0.9), Faces::all);
    if (b.form == Form::school) // open galleries along the north
        for (int f = 1; f < b.floors; ++f)
            c.box({body.u0, body.u1, body.v1, body.v1 + 1.9, f * storey - 0.15, f * storey + 1.0}, kRail,
                  Faces::closed | Faces::bottom);
    if (!b.pitchedRoof)
        for (int i = 0; i + 1 < bays; i += 2) {
            const double u = body.u0 + 3.0 + (body.u1 - body.u0 - 6.0) * i / bays;
            c.box({u, u + 1.8, -1.2, 1.2, b.height, b.height + 0.9}, kMachine, Faces::closed);
        }
    c.box({-2.2, 2.2, body.v0 - 2.2, body.v0, 2.7, 2.95}, kConcrete, Faces::all);
    return c.take();
}

Mesh lowMesh(const Building& b, const Look& look, bool full) {
    Carpenter c(b.footprint, kGround);
    const Box body = bodyOf(b);
    c.house(body, look.wall, kFlatRoof);
    if (b.pitchedRoof)
        c.gable(body, ridgeOf(b), 0.35, look.roof, look.wall);
    else
        c.box({body.u0 - 0.15, body.u1 + 0.15, body.v0 - 0.15, body.v1 + 0.15, b.height + 0.25, topOf(b)},
              b.form == Form::shop ? kConcrete : shade(kPitched[1], 1.1), Faces::all);
    const double z = std::min(2.6, b.height - 0.3);
    if (!full) {
        if (b.form == Form::shop)
            c.quad({body.u0, body.v0 - 1.3, z - 0.5}, {body.u1, body.v0 - 1.3, z - 0.5}, {body.u1, body.v0, z},
                   {body.u0, body.v0, z}, kPitched[3]);
        if (b.form == Form::house) c.box({body.u0, body.u1, body.v0 - 0.4, body.v0, 3.0, 3.2}, kConcrete, Faces::top);
        return c.take();
    }
    const int bays = std::max(1, static_cast<int>(b.footprint.length / 4.2));
    const double step = b.footprint.length / bays;
    for (int i = 0; i < bays; ++i) {
        const double u = body.u0 + i * step;
        if (b.form == Form::shop) { // fascia and awning of each shop
            static constexpr std::array<Color, 6> kSigns{Color{120, 30, 26, 255},   Color{24, 70, 110, 255},
                                                         Color{30, 96, 60, 255},    Color{150, 110, 20, 255},
                                                         Color{160, 156, 150, 255}, Color{70, 40, 90, 255}};
            const Color sign = kSigns[(b.wallTone / 7 + static_cast<unsigned>(i) * 5) % kSigns.size()];
            c.box({u + 0.1, u + step - 0.1, body.v0 - 0.25, body.v0, z, z + 0.8}, sign, Faces::all);
            c.quad({u + 0.2, body.v0 - 1.3, z - 0.5}, {u + step - 0.2, body.v0 - 1.3, z - 0.5},
                   {u + step - 0.2, body.v0, z - 0.05}, {u + 0.2, body.v0, z - 0.05}, shade(sign, 1.2));
            c.box({u - 0.12, u + 0.12, body.v0 - 0.15, body.v0, -0.3, z}, kConcrete,
                  Faces::south | Faces::east | Faces::west);
        } else {
            c.box({u + 0.3, u + 1.3, body.v0 - 0.08, body.v0, -0.3, 2.1}, kSteel,
                  Faces::south | Faces::east | Faces::west | Faces::top);
            c.box({u + 1.7, u + step - 0.4, body.v0 - 0.1, body.v0, 0.9, 1.0}, kConcrete, Faces::closed);
        }
    }
    if (b.form == Form::house) {
        c.box({0.2 * b.footprint.length, 0.2 * b.footprint.length + 0.7, 0.6, 1.3, b.height, ridgeOf(b) - 0.05},
              kDarkTile, Faces::closed);
        c.box({body.u0, body.u1, -0.18, 0.18, ridgeOf(b) - 0.25, ridgeOf(b)}, kDarkTile, Faces::closed);
        for (const double u : {-0.25, 0.1})
            c.box({u * b.footprint.length, u * b.footprint.length + 1.2, body.v0 - 0.4, body.v0, 3.0, 4.1},
                  shade(look.wall, 0.8), Faces::all);
    } else {
        c.box({body.u1 - 1.6, body.u1 - 0.7, body.v0 + 0.8, body.v0 + 1.5, topOf(b) - 0.3, topOf(b) - 0.02}, kMachine,
              Faces::closed);
        c.box({body.u0 - 0.05, body.u1 + 0.05, body.v0 - 0.05, body.v1 + 0.05, -0.3, 0.3}, shade(kConcrete, 0.8),
              Faces::sides);
    }
    return c.take();
}

BoxShape boxOf(const Building& b, const Look& look) {
    Box body = bodyOf(b);
    // The box must reach as high and as far out as what it stands in for: balconies, eaves, awnings.
    body.z1 = topOf(b);
    const double over = b.pitchedRoof ? 0.5 : 0.2;
    body.u0 -= over, body.u1 += over, body.v0 -= over, body.v1 += over;
    if (b.form == Form::slab || b.form == Form::tower) body.v0 -= 1.0, body.v1 += 0.6;
    if (b.form == Form::shop) body.v0 -= 1.1;
    if (b.form == Form::school) body.v1 += 1.7;
    BoxShape box;
    box.foot = {b.footprint.at(0.5 * (body.u0 + body.u1), 0.5 * (body.v0 + body.v1)), kGround + body.z0};
    box.size = {body.u1 - body.u0, body.v1 - body.v0, body.z1 - body.z0};
    box.angleRadians = b.footprint.angle;
    box.wall = look.wall;
    box.roof = b.pitchedRoof ? look.roof : kFlatRoof;
    return box;
}

} // namespace

LodFeature featureOf(const Building& b) {
    Look look = lookOf(b);
    if (b.name == "南码头历史陈列馆") look.wall = kWhiteWall, look.roof = kDarkTile;
    LodFeature feature;
    feature.id = b.id;
    feature.footprintArea = b.footprint.area();
    feature.material = b.form == Form::office ? kGlass : kMasonry;
    feature.properties = {{"name", b.name},
                          {"use", b.use},
                          {"height", std::round(topOf(b) * 100.0) / 100.0},
                          {"height_source", std::string("synthetic")},
                          {"floors", static_cast<std::int64_t>(b.floors)},
                          {"storey_height", std::round((b.height - 0.5) / b.floors * 10.0) / 10.0},
                          {"year", static_cast<std::int64_t>(b.year)},
                          {"zone", b.zone},
                          {"compound", b.compound}};
    switch (b.form) {
    case Form::slab:
        feature.lods = {slabLeaf(b, look), slabBody(b, look)};
        break;
    case Form::tower:
        feature.lods = {towerMesh(b, look, true), towerMesh(b, look, false)};
        break;
    case Form::office:
        feature.lods = {officeMesh(b, look, true), officeMesh(b, look, false)};
        break;
    case Form::works:
    case Form::hall:
    case Form::school:
    case Form::landmark:
        feature.lods = {publicMesh(b, look, true), publicMesh(b, look, false)};
        break;
    default:
        feature.lods = {lowMesh(b, look, true), lowMesh(b, look, false)};
        break;
    }
    feature.box = boxOf(b, look);
    feature.boxLevel = feature.lods.size();
    feature.lods.push_back(meshOf(*feature.box));
    return feature;
}

} // namespace matou::importers::nanmatou
