#pragma once
// Flat layers: ground, green, water, roads. All at the district's zero, cut into cells so that triangles follow the Earth.

#include <map>
#include <string>
#include <vector>

#include "common/tileset_writer.h"
#include "geo/district_frame.h"
#include "osm/source_reader.h"

namespace matou::importers {

/// Reason -> how many were left out.
using Skips = std::map<std::string, std::size_t>;

struct FlatLayer {
    TilesetSpec spec;
    MultiPolygon covered; // united, uncut
    std::size_t features = 0, ids = 0, equalCopiesDropped = 0, repaired = 0;
    double areaBeforeJoining = 0, areaAfterJoining = 0;
    Skips skips; // keys are of the catalogue: UI_SKIP_…
};

/// Carriageway width in metres for a class of way; 0: not a surface of its own. One-way carriageways of the wide classes
/// are half of their road.
double roadWidth(const std::string& kind, const std::string& detail, bool oneway);

FlatLayer roadLayer(const std::string& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame);
/// Parks, lawns, woods, and the paved squares between them (material "paving").
FlatLayer greenLayer(const std::string& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame);
FlatLayer waterLayer(const std::string& layer, const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame);
/// The land: `land` less `water`.
FlatLayer groundLayer(const std::string& layer, const MultiPolygon& land, const MultiPolygon& water);
MultiPolygon landOf(const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame);

} // namespace matou::importers
