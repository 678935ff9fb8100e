// Cars on the streets and at the kerbs, so that the roads are not empty: still, illustrative, nobody's.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "nanmatou/builder.h"
#include "nanmatou/layers.h"
#include "nanmatou/random.h"

namespace matou::importers::nanmatou {

namespace {

constexpr Color kPaints[] = {{206, 206, 204, 255}, {46, 47, 50, 255}, {150, 154, 158, 255}, {112, 34, 30, 255}, {40, 66, 104, 255}, {222, 219, 206, 255}};
constexpr std::uint32_t kBus = 3, kHeadlights = 8, kTaillights = 9, kTaxiSign = 10;
constexpr Color kTaxiPaint{44, 128, 124, 255}, kBusPaint{56, 104, 84, 255};
constexpr Color kWhite{255, 255, 255, 255}, kGlass{17, 20, 23, 255}, kTyre{20, 20, 21, 255}, kHub{118, 120, 122, 255}, kUnder{10, 10, 11, 255};
constexpr Color kLens{190, 194, 198, 255}, kRed{120, 14, 12, 255}, kPlate{28, 52, 120, 255}, kBusRoof{236, 236, 232, 255};

void block(Builder& b, double x0, double x1, double half, double z0, double z1, double taper, Color side, Color top) {
    const double h = half - taper, a0 = x0 + taper * 1.6, a1 = x1 - taper * 2.2;
    const glm::dvec3 low[4] = {{-half, x0, z0}, {half, x0, z0}, {half, x1, z0}, {-half, x1, z0}};
    const glm::dvec3 high[4] = {{-h, a0, z1}, {h, a0, z1}, {h, a1, z1}, {-h, a1, z1}};
    for (int i = 0; i < 4; ++i)
        b.quad(low[i], low[(i + 1) % 4], high[(i + 1) % 4], high[i], side);
    b.quad(high[0], high[1], high[2], high[3], top);
}

/// Proportions of a car, metres; y forward, the front axle's arch at `axle`, the rear one's at -axle.
struct Body {
    std::vector<glm::dvec3> line; // from the tail to the nose: y, height of its upper edge, half width
    double axle = 1.36, wheel = 0.32, sill = 0.24;
    // The cabin: y of the foot of the windscreen and of its head, of the roof's end and of the rear window's foot.
    double cowl = 0, brow = 0, tail = 0, deck = 0;
    double belt = 0.96, roof = 1.45, beltHalf = 0.82, roofHalf = 0.61;
    std::vector<glm::dvec2> panes; // of a side: from, to
};

Body saloon() {
    Body b;
    b.line = {{-2.32, 0.74, 0.70}, {-2.22, 0.93, 0.82}, {-1.6, 1.00, 0.90}, {0.9, 0.96, 0.91}, {1.7, 0.88, 0.89}, {2.16, 0.74, 0.82}, {2.32, 0.56, 0.66}};
    b.cowl = 1.02, b.brow = 0.28, b.tail = -0.92, b.deck = -1.72;
    b.panes = {{0.72, -0.16}, {-0.26, -1.14}};
    return b;
}
Body suv() {
    Body b;
    b.line = {{-2.30, 0.86, 0.76}, {-2.22, 1.06, 0.86}, {-1.6, 1.10, 0.94}, {0.9, 1.08, 0.94}, {1.75, 1.02, 0.92}, {2.18, 0.88, 0.84}, {2.30, 0.62, 0.72}};
    b.wheel = 0.36, b.sill = 0.30;
    b.cowl = 1.05, b.brow = 0.38, b.tail = -1.72, b.deck = -2.14;
    b.belt = 1.07, b.roof = 1.69, b.beltHalf = 0.86, b.roofHalf = 0.68;
    b.panes = {{0.76, -0.14}, {-0.24, -1.06}, {-1.16, -1.78}};
    return b;
}
Body van() {
    Body b;
    b.line = {{-2.38, 0.80, 0.84}, {-2.34, 1.05, 0.90}, {-1.6, 1.10, 0.95}, {1.2, 1.08, 0.95}, {1.9, 1.00, 0.93}, {2.24, 0.82, 0.86}, {2.34, 0.58, 0.74}};
    b.axle = 1.5;
    b.cowl = 1.75, b.brow = 0.80, b.tail = -2.12, b.deck = -2.32;
    b.belt = 1.06, b.roof = 1.86, b.beltHalf = 0.89, b.roofHalf = 0.76;
    b.panes = {{1.28, 0.34}, {0.24, -0.92}, {-1.02, -2.02}};
    return b;
}

double heightOver(const Body& body, double y, glm::length_t what) {
    for (std::size_t i = 1; i < body.line.size(); ++i) {
        const glm::dvec3 a = body.line[i - 1], b = body.line[i];
        if (y <= b.x) return glm::mix(a[what], b[what], std::clamp((y - a.x) / (b.x - a.x), 0.0, 1.0));
    }
    return body.line.back()[what];
}

/// The painted hull below the windows: rings along the car, lifted over the wheels, with normals that are smooth over it.
Mesh hullMesh(const Body& body) {
    const double arch = body.wheel + 0.065, foot = std::sqrt(arch * arch - std::pow(body.wheel - body.sill, 2));
    std::vector<double> ys;
    for (const auto& p : body.line)
        if (std::abs(std::abs(p.x) - body.axle) > foot + 0.04) ys.push_back(p.x);
    for (const double side : {-1.0, 1.0})
        for (const double at : {-foot - 0.02, -foot, -0.62 * foot, 0.0, 0.62 * foot, foot, foot + 0.02})
            ys.push_back(side * body.axle + at);
    std::sort(ys.begin(), ys.end());
    constexpr std::size_t kRing = 6; // of a half, from the sill to the middle of the top
    std::vector<glm::dvec3> points;
    for (const double y : ys) {
        const double top = heightOver(body, y, 1), half = heightOver(body, y, 2), off = std::min(std::abs(y - body.axle), std::abs(y + body.axle));
        const double end = std::min(y - ys.front(), ys.back() - y);
        double sill = body.sill + 0.10 * std::clamp(1 - end / 0.25, 0.0, 1.0);
        if (off < foot + 0.01) sill = std::max(sill, body.wheel + std::sqrt(std::max(arch * arch - off * off, 0.0)) - 0.02 * (off > 0.5 * foot));
        const double waist = std::max(0.55 * top + 0.08, sill + 0.03);
        const glm::dvec2 ring[kRing] = {{half - 0.05, sill}, {half, std::min(sill + 0.06, waist)}, {half, waist}, {half - 0.035, std::max(top - 0.09, waist + 0.02)},
                                        {half - 0.12, std::max(top - 0.01, waist + 0.03)}, {0, std::max(top + 0.025, waist + 0.04)}};
        for (const auto& p : ring) points.push_back({p.x, y, p.y});
    }
    for (const double y : {ys.front(), ys.back()})
        points.push_back({0, y, body.sill + 0.10});
    Mesh mesh;
    for (const double side : {1.0, -1.0}) {
        const auto base = static_cast<std::uint32_t>(mesh.positions.size());
        std::vector<glm::dvec3> normals(points.size(), glm::dvec3(0));
        const auto face = [&](std::size_t a, std::size_t b, std::size_t c) {
            for (const std::size_t i : side > 0 ? std::array{a, b, c} : std::array{a, c, b}) mesh.indices.push_back(base + static_cast<std::uint32_t>(i));
            const glm::dvec3 n = glm::cross(points[b] - points[a], points[c] - points[a]);
            for (const std::size_t i : {a, b, c}) normals[i] += n;
        };
        for (std::size_t s = 0; s + 1 < ys.size(); ++s)
            for (std::size_t k = 0; k + 1 < kRing; ++k) {
                const std::size_t a = s * kRing + k, b = a + kRing;
                face(a, b, b + 1), face(a, b + 1, a + 1);
            }
        for (std::size_t k = 0; k + 1 < kRing; ++k) { // nose and tail, about the middle of their foot
            const std::size_t nose = (ys.size() - 1) * kRing, foot0 = points.size() - 2;
            face(foot0, k, k + 1), face(foot0 + 1, nose + k + 1, nose + k);
        }
        for (std::size_t i = 0; i < points.size(); ++i) {
            glm::dvec3 n = normals[i];
            if (points[i].x == 0) n.x = 0; // the two halves meet
            mesh.positions.push_back(points[i] * glm::dvec3(side, 1, 1));
            mesh.normals.push_back(glm::vec3(glm::normalize(n * glm::dvec3(side, 1, 1) + 1e-9)));
            mesh.colors.push_back(kWhite);
            mesh.uvs.push_back({0, 0});
        }
    }
    return mesh;
}

/// A point of the cabin: `side` -1 or 1, `y` at the belt or at the roof, `up` from 0 to 1.
glm::dvec3 onCabin(const Body& b, double side, double y, double up, double out = 0) {
    return {side * (glm::mix(b.beltHalf, b.roofHalf, up) + out), y, glm::mix(b.belt, b.roof, up)};
}

void addCabin(Builder& paint, Builder& trim, const Body& b) {
    const auto at = [&](double side, double low, double high, double up, double out = 0) { return onCabin(b, side, glm::mix(low, high, up), up, out); };
    // Shell: windscreen, roof with a crown, rear and sides.
    const glm::dvec3 crown(0, 0.5 * (b.brow + b.tail), b.roof + 0.05);
    const glm::dvec3 fl = at(-1, b.cowl, b.brow, 1), fr = at(1, b.cowl, b.brow, 1), rl = at(-1, b.deck, b.tail, 1), rr = at(1, b.deck, b.tail, 1);
    paint.quad(at(1, b.cowl, b.brow, 0), at(-1, b.cowl, b.brow, 0), fl, fr, kWhite);
    paint.quad(at(-1, b.deck, b.tail, 0), at(1, b.deck, b.tail, 0), rr, rl, kWhite);
    for (const auto& [p, q] : {std::pair{fr, fl}, {fl, rl}, {rl, rr}, {rr, fr}})
        paint.triangle(p, q, crown, kWhite);
    paint.quad(at(1, b.deck, b.tail, 0), at(1, b.cowl, b.brow, 0), fr, rr, kWhite);
    paint.quad(at(-1, b.cowl, b.brow, 0), at(-1, b.deck, b.tail, 0), rl, fl, kWhite);
    // Panes a little outside of it; what is left of the shell are the pillars.
    const auto pane = [&](double low, double high, double shift) {
        const auto corner = [&](double side, double up) {
            glm::dvec3 p = at(side, low, high, up, -0.055);
            p.y += shift;
            return p;
        };
        if (shift > 0) trim.quad(corner(1, 0.06), corner(-1, 0.06), corner(-1, 0.93), corner(1, 0.93), kGlass);
        else trim.quad(corner(-1, 0.10), corner(1, 0.10), corner(1, 0.90), corner(-1, 0.90), kGlass);
    };
    pane(b.cowl, b.brow, 0.02), pane(b.deck, b.tail, -0.02);
    for (const double side : {-1.0, 1.0})
        for (const auto& w : b.panes) {
            const auto within = [&](double y, double up) { // panes end at the slanting pillars
                const double front = glm::mix(b.cowl, b.brow, up) - 0.12, rear = glm::mix(b.deck, b.tail, up) + 0.12;
                return onCabin(b, side, std::clamp(y, rear, front), up, 0.012);
            };
            const glm::dvec3 p = within(w.x, 0.07), q = within(w.y, 0.07), r = within(w.y, 0.88), s = within(w.x, 0.88);
            if (side > 0) trim.quad(q, p, s, r, kGlass);
            else trim.quad(p, q, r, s, kGlass);
        }
}

/// A tyre with its rim, on the side `side`, its outer face at `x`.
void addWheel(Builder& trim, double side, double x, double y, double radius, double width) {
    constexpr int kSides = 12;
    struct Ring {
        double share, inward, out; // of the radius; metres towards the car; 1: normals point away from the axle
        Color color;
    };
    constexpr Ring kRings[] = {{1, 1, 1, kTyre}, {1, 0, 1, kTyre}, {0.99, 0, 0, kTyre}, {0.68, 0, 0, kTyre}, {0.66, 0.01, 0, kHub}, {0.12, 0.03, 0, kHub}};
    Mesh mesh;
    for (const Ring& ring : kRings)
        for (int i = 0; i < kSides; ++i) {
            const double t = 2 * std::numbers::pi * i / kSides, r = ring.share * radius;
            mesh.positions.push_back({side * (x - ring.inward * width), y + r * std::cos(t), radius + r * std::sin(t)});
            mesh.normals.push_back(ring.out > 0 ? glm::vec3(0, std::cos(t), std::sin(t)) : glm::vec3(side, 0, 0));
            mesh.colors.push_back(ring.color == kHub && i % 3 == 0 ? kUnder : ring.color); // spokes
            mesh.uvs.push_back({0, 0});
        }
    for (std::uint32_t k = 0; k + 1 < std::size(kRings); ++k)
        for (std::uint32_t i = 0; i < kSides; ++i) {
            if (k == 1 || k == 3) continue; // the same place, other normals
            const std::uint32_t a = k * kSides + i, b = k * kSides + (i + 1) % kSides, c = b + kSides, d = a + kSides;
            for (const std::uint32_t n : side > 0 ? std::array{a, b, c, a, c, d} : std::array{a, c, b, a, d, c}) mesh.indices.push_back(n);
        }
    trim.append(mesh);
}

/// Two meshes: what takes the paint's colour, and the rest.
std::pair<Mesh, Mesh> carMeshes(const Body& body) {
    Builder paint, trim;
    paint.append(hullMesh(body));
    addCabin(paint, trim, body);
    for (const double side : {-1.0, 1.0}) {
        for (const double y : {-body.axle, body.axle})
            addWheel(trim, side, heightOver(body, y, 2) - 0.015, y, body.wheel, 0.22);
        // Mirrors.
        const double x = side * (body.beltHalf + 0.1);
        paint.beam({x, body.cowl - 0.32, body.belt + 0.06}, {x, body.cowl - 0.22, body.belt + 0.06}, 0.18, 0.12, kWhite);
        // Lamps by day.
        const double nose = body.line.back().x, tail = body.line.front().x, up = body.line.back().y + 0.10, high = body.line.front().y + 0.04;
        trim.beam({side * 0.60, nose - 0.24, up}, {side * 0.66, nose - 0.05, up - 0.02}, 0.30, 0.11, kLens);
        trim.beam({side * 0.66, tail + 0.16, high}, {side * 0.62, tail - 0.005, high - 0.03}, 0.28, 0.12, kRed);
    }
    const double nose = body.line.back().x, tail = body.line.front().x;
    // Under the hull all is dark, and it is seen through the arches.
    trim.beam({0, tail + 0.12, 0.5 * (body.sill + 0.60)}, {0, nose - 0.12, 0.5 * (body.sill + 0.60)}, 1.36, 0.60 - body.sill, kUnder);
    trim.beam({0, nose - 0.10, 0.44}, {0, nose + 0.008, 0.44}, 0.9, 0.14, kUnder); // grille
    trim.beam({0, nose, 0.44}, {0, nose + 0.016, 0.44}, 0.44, 0.11, kPlate);
    trim.beam({0, tail + 0.05, 0.58}, {0, tail - 0.016, 0.58}, 0.44, 0.11, kPlate);
    return {paint.take(), trim.take()};
}

/// From some way off: two boxes that taper, on wheels that are a dark strip.
Mesh farMesh(const Body& b) {
    Builder out;
    const double nose = b.line.back().x, tail = b.line.front().x;
    block(out, tail + 0.1, nose - 0.1, 0.84, 0.05, b.sill + 0.14, 0.0, kUnder, kUnder);
    block(out, tail, nose, 0.91, b.sill + 0.10, b.belt, 0.06, kWhite, kWhite);
    const glm::dvec3 low[4] = {onCabin(b, -1, b.deck, 0), onCabin(b, 1, b.deck, 0), onCabin(b, 1, b.cowl, 0), onCabin(b, -1, b.cowl, 0)};
    const glm::dvec3 high[4] = {onCabin(b, -1, b.tail, 1), onCabin(b, 1, b.tail, 1), onCabin(b, 1, b.brow, 1), onCabin(b, -1, b.brow, 1)};
    for (int i = 0; i < 4; ++i)
        out.quad(low[i], low[(i + 1) % 4], high[(i + 1) % 4], high[i], {40, 44, 48, 255});
    out.quad(high[0], high[1], high[2], high[3], kWhite);
    return out.take();
}

std::pair<Mesh, Mesh> busMeshes() {
    Builder paint, trim;
    block(paint, -5.7, 5.7, 1.25, 0.34, 1.28, 0.0, kWhite, kWhite);
    block(trim, -5.7, 5.7, 1.25, 1.28, 2.78, 0.02, kBusRoof, kBusRoof);
    block(trim, -5.66, 5.66, 1.22, 2.78, 3.08, 0.12, kBusRoof, kBusRoof);
    trim.beam({0, -3.6, 3.14}, {0, 1.2, 3.14}, 1.7, 0.2, kBusRoof);
    for (const double side : {-1.0, 1.0}) {
        for (int i = 0; i < 7; ++i) {
            const double y0 = -5.4 + 1.5 * i, y1 = y0 + 1.38, x = side * 1.262;
            if (side > 0) trim.quad({x, y0, 1.36}, {x, y1, 1.36}, {x - 0.02, y1, 2.52}, {x - 0.02, y0, 2.52}, kGlass);
            else trim.quad({x, y1, 1.36}, {x, y0, 1.36}, {x + 0.02, y0, 2.52}, {x + 0.02, y1, 2.52}, kGlass);
        }
        for (const double y : {-3.2, 3.5}) {
            trim.beam({side * 1.2, y - 0.62, 0.72}, {side * 1.2, y + 0.62, 0.72}, 0.13, 0.80, kUnder); // arch
            addWheel(trim, side, 1.275, y, 0.49, 0.3);
        }
        if (side > 0) // doors to the kerb, which is on the right here
            for (const double y : {4.15, -0.6})
                trim.quad({1.266, y, 0.42}, {1.266, y + 1.2, 0.42}, {1.25, y + 1.2, 2.5}, {1.25, y, 2.5}, kGlass);
        trim.beam({side * 0.95, 5.6, 0.78}, {side * 0.95, 5.715, 0.78}, 0.36, 0.18, kLens);
        trim.beam({side * 1.0, -5.6, 0.9}, {side * 1.0, -5.715, 0.9}, 0.3, 0.3, kRed);
    }
    trim.quad({1.14, 5.712, 1.2}, {-1.14, 5.712, 1.2}, {-1.12, 5.69, 2.5}, {1.12, 5.69, 2.5}, kGlass);
    trim.quad({0.9, 5.70, 2.56}, {-0.9, 5.70, 2.56}, {-0.9, 5.69, 2.76}, {0.9, 5.69, 2.76}, {150, 70, 20, 255}); // where it goes
    trim.quad({-1.1, -5.712, 1.5}, {1.1, -5.712, 1.5}, {1.1, -5.69, 2.4}, {-1.1, -5.69, 2.4}, kGlass);
    return {paint.take(), trim.take()};
}
Mesh farBus() {
    Builder b;
    block(b, -5.6, 5.6, 1.2, 0.1, 0.4, 0.0, kUnder, kUnder);
    block(b, -5.7, 5.7, 1.25, 0.34, 1.34, 0.0, kWhite, kWhite);
    block(b, -5.7, 5.7, 1.25, 1.34, 2.52, 0.03, kGlass, kGlass);
    block(b, -5.65, 5.65, 1.22, 2.5, 3.1, 0.08, kWhite, kWhite);
    return b.take();
}

Mesh lightsMesh(bool front) {
    Builder b;
    const double y = front ? 2.29 : -2.31, z = front ? 0.68 : 0.84;
    for (const double side : {-1.0, 1.0})
        b.beam({side * 0.64 - 0.15, y, z}, {side * 0.64 + 0.15, y, z}, 0.06, 0.11, kWhite);
    return b.take();
}

double headingOf(const glm::dvec2& u) { return 90.0 - std::atan2(u.y, u.x) * 180.0 / std::numbers::pi; }

} // namespace

TilesetSpec vehiclesLayer(const City& city, std::uint64_t seed) {
    Random random(seed, "vehicles");
    TilesetSpec spec;
    spec.layer = "vehicles";
    spec.materials = {{"paint", glm::vec4(1), 0.0f, 0.28f},
                      {"headlight", glm::vec4(1), 0.0f, 0.5f, glm::vec3(1.0f, 0.95f, 0.84f)},
                      {"taillight", {0.5f, 0.05f, 0.04f, 1.0f}, 0.0f, 0.5f, glm::vec3(0.9f, 0.05f, 0.02f)},
                      {"glass and tyres", glm::vec4(1), 0.0f, 0.22f}};
    // Twos: what is painted, in every instance's own colour, and the rest.
    const auto add = [&spec](std::pair<Mesh, Mesh> near, Mesh far) {
        spec.prototypes.push_back({{std::move(near.first), std::move(far), Mesh{}}, 0});
        spec.prototypes.push_back({{std::move(near.second), Mesh{}, Mesh{}}, 3});
    };
    for (const Body& body : {saloon(), suv(), van()})
        add(carMeshes(body), farMesh(body));
    add(busMeshes(), farBus());
    spec.prototypes.push_back({{lightsMesh(true), lightsMesh(true), Mesh{}}, 1});
    spec.prototypes.push_back({{lightsMesh(false), lightsMesh(false), Mesh{}}, 2});
    Builder sign;
    sign.beam({-0.26, -0.1, 1.57}, {0.26, -0.1, 1.57}, 0.16, 0.13, {226, 206, 120, 255});
    spec.prototypes.push_back({{sign.take(), Mesh{}, Mesh{}}, 3});
    spec.geometricErrors = {0.0, 2.0, 9.0};
    int n = 0;
    const auto put = [&](const glm::dvec2& p, const glm::dvec2& u, bool drives, bool bus) {
        if (!contains(city.layout.district, p) || contains(city.layout.water, p)) return;
        char id[16];
        std::snprintf(id, sizeof id, "V-%05d", ++n);
        const int dice = random.integer(0, 19), shape = random.integer(0, 19);
        Color paint = kPaints[dice < 8 ? 0 : dice < 12 ? 1 : dice < 16 ? 2 : dice < 17 ? 3 : dice < 18 ? 4 : 5];
        const bool taxi = drives && !bus && shape > 16;
        const std::uint32_t kind = bus ? kBus : taxi || shape < 10 ? 0 : shape < 15 ? 1 : 2;
        if (taxi) paint = kTaxiPaint;
        if (bus) paint = kBusPaint;
        const auto instance = [&](std::uint32_t prototype, Color color) {
            spec.instances.push_back({id, {p, kGround + 0.05}, headingOf(u), 1.0, prototype, color});
        };
        instance(2 * kind, paint), instance(2 * kind + 1, kWhite);
        if (taxi) instance(kTaxiSign, kWhite);
        if (drives && !bus) instance(kHeadlights, kWhite), instance(kTaillights, kWhite);
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
