#pragma once
// The parts of the registry, each written by its own file.

#include <filesystem>

#include "core/result.h"
#include "nanmatou/geojson.h"

namespace matou::importers::nanmatou {

void addSensors(const City& city, std::uint64_t seed, GeoJson& out);
void addCameras(const City& city, std::uint64_t seed, GeoJson& out);
void addProjects(const City& city, std::uint64_t seed, GeoJson& out);
void addLabels(const City& city, GeoJson& out);
/// Footprints, streets, lanes, water: what the plausibility check re-reads.
void addPlan(const City& city, GeoJson& out);
/// district.toml, proposals with their models, the storyboard.
core::Result<void> writeScenes(const City& city, const geo::DistrictFrame& frame, std::uint64_t seed,
                               const std::filesystem::path& folder);

} // namespace matou::importers::nanmatou
