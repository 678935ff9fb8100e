#pragma once
// The city in memory: what stands where, before any triangle is made of it.

#include <string>
#include <vector>

#include "nanmatou/footprint.h"
#include "nanmatou/layout.h"

namespace matou::importers::nanmatou {

enum class Form { slab, tower, office, works, hall, shop, annex, house, school, landmark };
const char* nameOf(Form form);

struct Building {
    std::string id, name, use, zone, compound;
    Form form = Form::slab;
    Footprint footprint;
    int floors = 1;
    double height = 3; // of the roof's edge above the ground; pitched roofs and tanks rise above it
    int year = 1985;
    int units = 1; // stairwells
    // Looks, drawn once so that all levels of detail agree.
    std::uint32_t wallTone = 0, roofTone = 0;
    bool pitchedRoof = false, addedLift = false;
};

/// A line in a compound that people and the fire engine use.
struct CompoundLane {
    Polyline line;
    double width = 3.5;
};

struct Wall {
    Polyline line;
    double height = 2.2;
    bool railing = false;
};

struct Tree {
    glm::dvec2 at{0.0};
    double scale = 1, heading = 0;
    int species = 0; // tree_mesh.h
};

struct Lamp {
    std::string id;
    glm::dvec2 at{0.0};
    double heading = 0; // towards the carriageway
    bool tall = false;
};

struct GreenArea {
    std::string id, name;
    MultiPolygon area;
    bool park = false;
};

struct Yard {                   // paved or sports ground inside a block
    std::string id, name, kind; // paving, pitch, track
    MultiPolygon area;
};

struct City {
    Place place;
    Layout layout;
    std::vector<Building> buildings;
    FootprintIndex index; // by position in `buildings`
    std::vector<CompoundLane> lanes;
    std::vector<Wall> walls;
    std::vector<Footprint> reserved; // forecourts and pocket parks of landmarks: no building
    std::vector<GreenArea> greens;
    std::vector<Yard> yards;
    std::vector<Tree> trees;
    std::vector<Lamp> lamps;
};

/// Buildings, lanes, walls, yards and greens of every block.
void fillBlocks(City& city, std::uint64_t seed);
/// Brings the share of each storey class and use to what the district has: floors change where the spacing stays
/// lawful, sheds in surplus go. Then ids, years and looks are given.
void settleShares(City& city, std::uint64_t seed);
void plantTrees(City& city, std::uint64_t seed);
void placeLamps(City& city);

} // namespace matou::importers::nanmatou
