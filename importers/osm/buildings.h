#pragma once
// Buildings as people map them, made usable: repeated pieces joined, wholes and parts sorted out, every one with a height.

#include <map>
#include <string>
#include <vector>

#include "common/geometry.h"
#include "geo/district_frame.h"
#include "osm/source_reader.h"

namespace matou::importers {

struct BuildingOptions {
    std::string heightField = "height";
    std::string floorsField = "building:levels";
    double floorHeightMeters = 3.0;
};

enum class HeightSource { measured, floors, part, whole, assumed };
const char* nameOf(HeightSource source);

/// One prism of a building.
struct Piece {
    std::string id; // of the part; empty: the building's own outline
    MultiPolygon footprint;
    double base = 0, top = 0;
    std::string roofShape;
    double roofHeight = 0;
};

struct Building {
    std::string id, name, nameEn, use, roofShape;
    double height = 0;
    HeightSource heightSource = HeightSource::assumed;
    int floors = 0;
    MultiPolygon footprint; // union of all pieces
    std::vector<Piece> pieces;
};

struct BuildingCounts {
    std::size_t features = 0, polygons = 0, points = 0, other = 0;
    std::size_t distinctIds = 0, repeatedIds = 0, repeatedInDifferentPieces = 0;
    std::size_t equalCopiesDropped = 0, piecesJoined = 0;
    double areaBeforeJoining = 0, areaAfterJoining = 0; // of the ids in different pieces
    std::size_t polygonsWithHeight = 0, idsWithHeight = 0, zeroHeights = 0;
    std::size_t parts = 0, wholesHidden = 0, wholesTrimmed = 0, partsWithoutWhole = 0;
    std::size_t invalidRepaired = 0, vanished = 0, withHoles = 0, withMinHeight = 0, badMinHeight = 0;
    std::size_t assumed = 0, buildings = 0, namedFromPoints = 0, conflicting = 0;
};

struct BuildingImport {
    std::vector<Building> buildings; // by first appearance
    BuildingCounts counts;
};

/// The stated rule for a missing height: by use and footprint, metres. Before this a part takes its whole's (3 m where it
/// says 0), a whole the tallest of its parts.
double assumedHeight(const std::string& use, double footprintArea);

/// Rules: equal copies of an id are dropped, differing pieces joined (union). A whole is hidden where its parts stand in: if
/// they cover less than 90 % of it, what they leave stays as a piece of the whole's own height. Points give their name to
/// the polygon with the same id.
BuildingImport importBuildings(const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame, const BuildingOptions& options);

} // namespace matou::importers
