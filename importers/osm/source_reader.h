#pragma once
// Vector sources through OGR (GeoJSON, Shapefile, GeoPackage, FlatGeobuf, …) as plain features in WGS 84 degrees.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "common/geometry.h"
#include "core/result.h"

namespace matou::importers {

struct SourceFeature {
    std::string id;                             // field "id" or its like; else "<layer>-<number>"
    std::map<std::string, PropertyValue> fields; // null fields are absent
    std::string geometryType;                   // OGR's name: "Polygon", "Point", …
    // x longitude, y latitude, degrees
    MultiPolygon polygons;
    std::vector<Polyline> lines;
    std::vector<glm::dvec2> points;

    std::string text(const std::string& field) const;
    /// Numbers, and texts that begin with one ("12.5 m").
    bool number(const std::string& field, double& value) const;
    bool flag(const std::string& field) const;
};

struct SourceLayer {
    std::string name;
    std::filesystem::path path;
    std::string driver;
    std::string crs;          // as the source says it, e.g. "EPSG:4326 WGS 84"
    std::string crsOperation; // what was done to reach WGS 84
    double accuracyMeters = 0; // of that operation; negative: not known
    std::vector<SourceFeature> features;
    std::size_t withoutGeometry = 0, outOfRange = 0, unusable = 0;
};

/// Every layer of the file. `fallbackCrs` is taken where the source states none. Errors: E_FILE_MISSING, E_JSON_SYNTAX
/// (located), E_IMPORT_UNREADABLE, E_CRS_UNKNOWN, E_CRS_MISSING.
core::Result<std::vector<SourceLayer>> readSource(const std::filesystem::path& path, const std::string& fallbackCrs);

} // namespace matou::importers
