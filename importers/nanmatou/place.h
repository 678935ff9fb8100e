#pragma once
// What is known of the real place (assets/nanmatou/place.json), in the district frame. Names and courses come from
// there and from nowhere else; what is drafted says so by its confidence.

#include <map>
#include <string>
#include <vector>

#include "common/geometry.h"
#include "core/result.h"
#include "geo/district_frame.h"

namespace matou::importers::nanmatou {

enum class StreetClass { arterial, street, lane };

struct Street {
    std::string id, nameZh, nameEn, confidence;
    StreetClass kind = StreetClass::lane;
    bool inside = true; // else only a part of the surroundings
    Polyline line;
    /// Kerb to kerb, and with both pavements.
    double carriageway() const {
        return kind == StreetClass::arterial ? 25.0 : kind == StreetClass::street ? 13.0 : 6.5;
    }
    double rightOfWay() const {
        return kind == StreetClass::arterial ? 37.0 : kind == StreetClass::street ? 21.0 : 10.5;
    }
};

/// What a block of land between streets is used for. `at` lies in the block.
struct BlockSeed {
    glm::dvec2 at{0.0};
    std::string name, kind;
    double share = 0;   // corner towers per hectare, where the kind has any
    std::string nameEn; // empty: made from the kind
};

/// A building that people know by name, placed before all others.
struct Landmark {
    glm::dvec2 at{0.0};
    std::string zh, en, use;
    double length = 20, depth = 12, angleDegrees = 0, height = 8;
    int floors = 2, year = 1990;
};

struct NamedPoint {
    glm::dvec2 at{0.0};
    std::string zh, en, kind;
    int rank = 3;
    double height = 0; // of the label above the ground
};

/// A camera by where it stands and what it looks at; third coordinate metres above the ground.
struct View {
    glm::dvec3 eye{0.0}, target{0.0};
};

struct Place {
    glm::dvec2 center{0.0};
    Ring boundary;                                       // counter-clockwise
    Polyline creek, fairway, creekUpstream, riverMiddle; // riverMiddle: upstream, fairway, downstream
    double riverWidth = 400, creekWidth = 40;
    std::vector<Street> streets;
    std::vector<BlockSeed> blocks;
    std::vector<Landmark> landmarks;
    std::vector<NamedPoint> labels;
    std::map<std::string, Polyline> lines;    // bridge deck, metro lines, …
    std::map<std::string, View> views;        // scenes, bookmarks, steps of the tour
    std::map<std::string, glm::dvec2> points; // towers, ferry, …
};

/// E_PLACE_FILE where the embedded file is not as expected.
core::Result<Place> loadPlace(const geo::DistrictFrame& frame);

} // namespace matou::importers::nanmatou
