#pragma once
// Degrees to the district's plan, and the names that features carry.

#include <string>

#include "common/geometry.h"
#include "geo/district_frame.h"
#include "osm/source_reader.h"

namespace matou::importers {

glm::dvec2 toPlan(const glm::dvec2& lonLat, const geo::DistrictFrame& frame);
Polyline toPlan(const Polyline& lonLat, const geo::DistrictFrame& frame);
/// Rings turned and cleaned; invalid ones repaired. `repaired` counts those.
MultiPolygon toPlan(const MultiPolygon& lonLat, const geo::DistrictFrame& frame, std::size_t& repaired);

/// "name:zh" before "name".
std::string chineseName(const SourceFeature& feature);
std::string englishName(const SourceFeature& feature);
bool hasChinese(const std::string& text);

} // namespace matou::importers
