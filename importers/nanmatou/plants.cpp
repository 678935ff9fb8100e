// Trees, shrubs and lamps: where they stand, and their prototypes.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "nanmatou/builder.h"
#include "nanmatou/layers.h"
#include "nanmatou/random.h"
#include "nanmatou/tree_mesh.h"

namespace matou::importers::nanmatou {

namespace {

bool onStreet(const City& city, const glm::dvec2& p, double beyond) {
    for (const auto& street : city.place.streets)
        if (distanceTo(street.line, p) < 0.5 * street.carriageway() + beyond) return true;
    return false;
}

bool nearBuilding(const City& city, const glm::dvec2& p, double meters) {
    const Footprint probe{p, 0.2, 0.2, 0};
    for (const auto id : city.index.near(probe, meters))
        if (gapBetween(city.buildings[id].footprint, probe) < meters) return true;
    return false;
}

/// Lanes of compounds by cell, so that thousands of trees ask few of them.
class LaneIndex {
public:
    explicit LaneIndex(const City& city) {
        for (const auto& lane : city.lanes) {
            const glm::dvec2 d = lane.line.back() - lane.line.front();
            _index.add(_count++, {0.5 * (lane.line.front() + lane.line.back()), glm::length(d), lane.width,
                                  std::atan2(d.y, d.x)});
        }
    }
    bool on(const glm::dvec2& p, double meters) const {
        const Footprint probe{p, 0.2, 0.2, 0};
        for (const auto id : _index.near(probe, meters))
            if (gapBetween(_index[id], probe) < meters) return true;
        return false;
    }

private:
    FootprintIndex _index;
    std::uint32_t _count = 0;
};

/// What stands in parks and estates: mostly camphors.
int speciesOf(Random& random) {
    const int dice = random.integer(0, 9);
    return dice < 5 ? camphor : dice < 7 ? ginkgo : dice < 9 ? plane : metasequoia;
}

/// The lantern, of a material that shines; a quad looking down from where it is a dot.
Mesh lanternMesh(bool tall, int detail) {
    Builder b;
    const Color head{214, 210, 196, 255};
    const double height = tall ? 10.5 : 6.5, arm = tall ? 2.2 : 1.2;
    if (detail == 0)
        b.beam({0, arm - 0.4, height + 0.12}, {0, arm + 0.4, height + 0.16}, 0.28, 0.12, head);
    else
        b.beam({0, arm - 0.5, height + 0.1}, {0, arm + 0.5, height + 0.1}, 0.5, 0.3, head);
    return b.take();
}

Mesh lampMesh(bool tall, int detail) {
    Builder b;
    const Color pole{120, 124, 126, 255};
    const double height = tall ? 10.5 : 6.5, arm = tall ? 2.2 : 1.2;
    if (detail == 2) {
        b.beam({0, 0, 0}, {0, 0, height}, 0.16, 0.16, pole);
        return b.take();
    }
    // The arm reaches towards +y, which is the heading.
    b.lathe({0, 0, 0}, {{0.11, 0}, {0.06, height}}, detail == 0 ? 6 : 4, pole);
    b.beam({0, 0, height - 0.15}, {0, arm, height + 0.15}, 0.07, 0.07, pole);
    if (detail == 0) {
        b.lathe({0, 0, 0}, {{0.18, 0}, {0.16, 0.7}}, 6, pole);
    }
    return b.take();
}

} // namespace

void plantTrees(City& city, std::uint64_t seed) {
    Random random(seed, "trees");
    const LaneIndex lanes(city);
    FootprintIndex planted;
    auto plant = [&](const glm::dvec2& p, int species, double scale, double apart, double fromWalls,
                     double fromStreets) {
        const Footprint probe{p, 0.2, 0.2, 0};
        for (const auto id : planted.near(probe, apart))
            if (gapBetween(planted[id], probe) < apart) return;
        if (onStreet(city, p, fromStreets) || nearBuilding(city, p, fromWalls) || lanes.on(p, 0.7)) return;
        if (contains(city.layout.water, p) || !contains(city.layout.district, p)) return;
        planted.add(static_cast<std::uint32_t>(city.trees.size()), probe);
        city.trees.push_back({p, scale, random.range(0, 360), species});
    };
    // Rows along the streets: planes on the old ones, camphors elsewhere; each stands in its pit (ground.glsl).
    for (const auto& street : city.place.streets) {
        if (!street.inside) continue;
        const int species = street.kind == StreetClass::street ? plane : camphor;
        const double step = street.kind == StreetClass::lane ? 10.5 : 8.5;
        const double offset = 0.5 * street.carriageway() + (street.kind == StreetClass::lane ? 0.9 : 1.3);
        for (const auto& s : stations(street.line, step)) {
            const glm::dvec2 across(-s.along.y, s.along.x);
            for (const double side : {-1.0, 1.0})
                plant(s.at + across * side * offset, species, random.range(0.8, 1.15), 4.5, 2.0, 0.6);
        }
    }
    // Rows of metasequoias behind the river walk, willows over the creek.
    auto row = [&](const Polyline& line, double offset, double step, int species) {
        for (const auto& s : stations(line, step)) {
            const glm::dvec2 across(-s.along.y, s.along.x);
            for (const double side : {-1.0, 1.0})
                plant(s.at + across * side * (offset + random.range(-0.5, 0.5)), species, random.range(0.8, 1.2), 3.6, 3.0, 2.0);
        }
    };
    row(city.place.fairway, 0.5 * city.place.riverWidth + 23.5, 5.5, metasequoia);
    row(city.place.creek, 0.5 * city.place.creekWidth + 9.4, 8.0, willow);
    auto scatter = [&](const MultiPolygon& area, double perHectare, bool shrubs) {
        for (const auto& polygon : area) {
            Extent extent;
            for (const auto& p : polygon.outer)
                extent.add(p);
            const int tries = static_cast<int>(extent.size().x * extent.size().y / 10000.0 * perHectare);
            for (int i = 0; i < tries; ++i) {
                const glm::dvec2 p{random.range(extent.minimum.x, extent.maximum.x),
                                   random.range(extent.minimum.y, extent.maximum.y)};
                if (!contains(polygon, p)) continue;
                const int species = shrubs && random.chance(0.3) ? shrub : speciesOf(random);
                plant(p, species, random.range(0.75, 1.25), species == shrub ? 1.5 : 4.0, 3.0, 2.0);
            }
        }
    };
    scatter(city.layout.riverGreen, 150, true);
    scatter(city.layout.creekGreen, 130, true);
    for (const auto& green : city.greens)
        scatter(green.area, green.park ? 170 : 130, true);
    // In the compounds: loose rows on the lawns.
    for (const auto& b : city.buildings) {
        if (b.form != Form::slab && b.form != Form::tower && b.form != Form::school && b.form != Form::office) continue;
        for (double u = -0.5 * b.footprint.length + 3.0; u < 0.5 * b.footprint.length; u += 5.5) {
            if (!random.chance(0.62)) continue;
            const int species = random.chance(0.35) ? shrub : speciesOf(random);
            plant(b.footprint.at(u + random.range(-2, 2), -0.5 * b.footprint.depth - random.range(4.8, 10.5)), species,
                  species == shrub ? random.range(0.8, 1.3) : random.range(0.6, 1.0), 3.0, 2.2, 1.5);
        }
        for (double u = -0.5 * b.footprint.length + 2.0; u < 0.5 * b.footprint.length; u += 6.5)
            if (random.chance(0.45))
                plant(b.footprint.at(u + random.range(-2, 2), 0.5 * b.footprint.depth + random.range(3.6, 6.5)),
                      random.chance(0.25) ? shrub : camphor, random.range(0.6, 0.95), 3.2, 2.6, 1.5);
        // A clipped hedge between the lawn and the yards.
        if (b.wallTone % 3 == 0) continue;
        for (double u = -0.5 * b.footprint.length + 2.5; u < 0.5 * b.footprint.length - 2.0; u += 4.2) {
            if (!random.chance(0.85)) continue;
            const auto before = city.trees.size();
            plant(b.footprint.at(u, -0.5 * b.footprint.depth - 3.6), hedge, random.range(0.9, 1.0), 2.2, 2.4, 2.2);
            if (city.trees.size() > before) city.trees.back().heading = -b.footprint.angle * 180.0 / std::numbers::pi;
        }
    }
}

void placeLamps(City& city) {
    const LaneIndex lanes(city);
    int n = 0;
    auto put = [&](const glm::dvec2& p, const glm::dvec2& towards, bool tall) {
        if (onStreet(city, p, 0.25) || nearBuilding(city, p, 0.6) || lanes.on(p, 0.2)) return;
        if (contains(city.layout.water, p) || !contains(city.layout.district, p)) return;
        char id[16];
        std::snprintf(id, sizeof id, "L-%05d", ++n);
        city.lamps.push_back({id, p, 90.0 - std::atan2(towards.y, towards.x) * 180.0 / std::numbers::pi, tall});
    };
    for (const auto& street : city.place.streets) {
        if (!street.inside) continue;
        const bool tall = street.kind == StreetClass::arterial;
        int i = 0;
        for (const auto& s : stations(street.line, tall ? 34.0 : 30.0)) {
            const glm::dvec2 across(-s.along.y, s.along.x);
            const double offset = 0.5 * street.carriageway() + 0.55;
            for (const double side : {-1.0, 1.0})
                if (tall || (i % 2 == 0) == (side > 0)) put(s.at + across * side * offset, -across * side, tall);
            ++i;
        }
    }
    for (const auto& lane : city.lanes) {
        int i = 0;
        if (lane.width < 4.0) continue;
        for (const auto& s : stations(lane.line, 48.0)) {
            const glm::dvec2 across(-s.along.y, s.along.x);
            const double side = i++ % 2 ? 1.0 : -1.0;
            put(s.at + across * side * (0.5 * lane.width + 0.35) + s.along * 4.0, -across * side, false);
        }
    }
    // Along the river walk.
    const Polyline& fairway = city.place.fairway;
    const double offset = 0.5 * city.place.riverWidth + 20.6;
    for (const auto& s : stations(fairway, 28.0)) {
        const glm::dvec2 land(s.along.y, -s.along.x);
        put(s.at + land * offset, -land, false);
    }
}

std::string treeId(std::size_t index) {
    char id[16];
    std::snprintf(id, sizeof id, "T-%05d", static_cast<int>(index) + 1);
    return id;
}

/// From afar one of five stands for all, where each is a pixel or two. Prototypes go in pairs: one that stays, one that goes.
constexpr std::size_t kFarShare = 5;
std::uint32_t paired(int kind, std::size_t index) {
    return static_cast<std::uint32_t>(2 * kind + (index % kFarShare == 0 ? 0 : 1));
}
void addPair(TilesetSpec& spec, std::vector<Mesh> lods) {
    Prototype stays, goes;
    goes.lods = lods;
    goes.lods.emplace_back();
    stays.lods = std::move(lods);
    stays.lods.push_back(stays.lods.back());
    spec.prototypes.push_back(std::move(stays));
    spec.prototypes.push_back(std::move(goes));
}

TilesetSpec treesLayer(const City& city) {
    TilesetSpec spec;
    spec.layer = "trees";
    spec.materials.push_back({"leaves", glm::vec4(1), 0.0f, 1.0f});
    spec.materials.push_back({.name = "sprays", .baseColor = glm::vec4(1), .roughness = 1.0f, .doubleSided = true, .mask = true});
    for (int species = 0; species < kSpeciesCount; ++species) {
        addPair(spec, {treeMesh(species, 0), treeMesh(species, 1), treeMesh(species, 2)});
    }
    std::array<std::uint32_t, kSpeciesCount> sprays{};
    for (int species = 0; species < kSpeciesCount; ++species) {
        sprays[static_cast<std::size_t>(species)] = static_cast<std::uint32_t>(spec.prototypes.size());
        spec.prototypes.push_back({{sprayMesh(species), Mesh{}, Mesh{}, Mesh{}}, 1});
    }
    for (std::size_t i = 0; i < city.trees.size(); ++i) {
        const Tree& tree = city.trees[i];
        spec.instances.push_back(
            {treeId(i), {tree.at, kGround}, tree.heading, tree.scale, paired(tree.species, i)});
        spec.instances.push_back({treeId(i), {tree.at, kGround}, tree.heading, tree.scale, sprays[static_cast<std::size_t>(tree.species)]});
    }
    spec.geometricErrors = {0.0, 2.5, 7.0, 20.0};
    return spec;
}

TilesetSpec lampsLayer(const City& city) {
    TilesetSpec spec;
    spec.layer = "lamps";
    spec.materials.push_back({"steel", glm::vec4(1), 0.4f, 0.5f});
    for (const bool tall : {false, true}) {
        addPair(spec, {lampMesh(tall, 0), lampMesh(tall, 1)});
    }
    spec.materials.push_back({"lantern", glm::vec4(1), 0.0f, 0.6f, glm::vec3(1.0f, 0.80f, 0.52f)});
    for (const bool tall : {false, true}) {
        Prototype lantern;
        lantern.lods = {lanternMesh(tall, 0), lanternMesh(tall, 1), Mesh{}};
        lantern.material = 1;
        spec.prototypes.push_back(std::move(lantern));
    }
    for (std::size_t i = 0; i < city.lamps.size(); ++i) {
        const auto& lamp = city.lamps[i];
        spec.instances.push_back({lamp.id, {lamp.at, kGround}, lamp.heading, 1.0, paired(lamp.tall, i)});
        spec.instances.push_back({lamp.id, {lamp.at, kGround}, lamp.heading, 1.0, lamp.tall ? 5u : 4u});
    }
    spec.geometricErrors = {0.0, 2.0, 9.0};
    return spec;
}

} // namespace matou::importers::nanmatou
