#pragma once
// The plan before any building stands: water, streets, river front, blocks of land between the streets.

#include <string>
#include <vector>

#include "nanmatou/place.h"

namespace matou::importers::nanmatou {

/// Heights above the 1985 datum. The plain lies at about 4 m of the Wusong datum, whose zero is some 1.6 m lower.
inline constexpr double kWusongAbove1985 = -1.63;
inline constexpr double kGround = 4.03 + kWusongAbove1985;
inline constexpr double kRiverLevel = 0.6;
inline constexpr double kCreekLevel = 0.75;

struct ZoneArea {
    std::string id, nameZh, nameEn, kind, parent;
    Polygon area;
};

struct Block {
    Polygon area;
    std::string name, kind, zone;
    double share = 0;
    std::string nameEn;
};

struct Layout {
    Polygon district;
    MultiPolygon river, creek, water; // far beyond the boundary too
    MultiPolygon land;                // inside the boundary, without water
    /// Strips along the water, from the edge inwards.
    MultiPolygon promenade, riverGreen, creekWalk, creekGreen;
    /// Kerb to kerb and with pavements, per street; later streets lose what earlier ones hold, so nothing overlaps.
    std::vector<MultiPolygon> carriageways, pavements;
    MultiPolygon allCarriageways, allRightsOfWay; // united, inside and outside
    std::vector<ZoneArea> zones;                  // NMT first
    std::vector<Block> blocks;
    std::string zoneAt(const glm::dvec2& point) const; // the nearest where none holds it; "NMT" outside
};

Layout makeLayout(const Place& place);

/// The part of a multipolygon that holds most of its area.
Polygon largestOf(const MultiPolygon& polygons);

} // namespace matou::importers::nanmatou
