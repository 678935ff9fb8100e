#pragma once
// Names on the map: points with name_zh, name_en, kind, rank (1 most important) and a height above the district's zero.

#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "geo/district_frame.h"
#include "osm/buildings.h"
#include "osm/source_reader.h"

namespace matou::importers {

struct MapLabel {
    std::string nameZh, nameEn, kind;
    int rank = 5;
    glm::dvec3 position{0.0}; // district frame
};

struct LabelLayer {
    std::vector<MapLabel> labels;
    std::size_t unnamed = 0, repeated = 0;
};

/// Points with names (points of interest, places, stations).
void addPointLabels(LabelLayer& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame);
/// One label for each name of a line, at the middle of its longest piece; only classes of road, and rivers.
void addLineLabels(LabelLayer& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame);
/// Stations and parks that are mapped as areas.
void addAreaLabels(LabelLayer& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame);
void addBuildingLabels(LabelLayer& layer, const std::vector<Building>& buildings);
/// Most important first; of the same name within 200 m only the first stays.
void settle(LabelLayer& layer);
/// GeoJSON, WGS 84.
std::string toGeoJson(const LabelLayer& layer, const geo::DistrictFrame& frame);

} // namespace matou::importers
