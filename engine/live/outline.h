#pragma once
// The outer ring of a polygon however a table says it.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"

namespace matou::live {

struct Outline {
    std::vector<std::pair<double, double>> ring; // as written; closed implicitly
    int srs = 0;                                 // EPSG code; 0: not said
};

/// WKT ("POLYGON ((…", "SRID=4326;…"), WKB or EWKB in hex (alone, or {"wkb", "srs"}), GeoJSON. Polygon, or the first of a MultiPolygon; Z and
/// M are left out. Nothing for anything else, for fewer than three corners, or for more than 10,000.
std::optional<Outline> outlineOf(const core::Json& geometry);

} // namespace matou::live
