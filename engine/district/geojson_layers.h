#pragma once
// The GeoJSON files of a district: zones, sensors, cameras, projects, labels. WGS 84 lon, lat; the third coordinate of
// a point is its height above the district's datum.

#include <filesystem>
#include <optional>
#include <vector>

#include "core/result.h"
#include "district/district.h"
#include "twin/records.h"

namespace matou::district {

/// Errors: E_GEOJSON_KIND, E_GEOJSON_TYPE, E_GEOJSON_MISSING, E_GEOJSON_VALUE, E_GEOJSON_COORDINATE at
/// `FILE#/features/N/…`. Things with an id seen before are left out and said (W_DISTRICT_DUPLICATE).
core::Result<std::vector<twin::Zone>> readZones(const std::filesystem::path&, core::Diagnostics&);
core::Result<std::vector<twin::Sensor>> readSensors(const std::filesystem::path&, core::Diagnostics&);
core::Result<std::vector<twin::Camera>> readCameras(const std::filesystem::path&, core::Diagnostics&);
struct Projects {
    std::vector<twin::Project> projects;
    std::vector<std::optional<twin::ProjectStatus>> initial;
};
core::Result<Projects> readProjects(const std::filesystem::path&, core::Diagnostics&);
core::Result<std::vector<Label>> readLabels(const std::filesystem::path&, core::Diagnostics&);

} // namespace matou::district
