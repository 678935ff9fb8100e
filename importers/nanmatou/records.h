#pragma once
// Everything of the district folder that is not a tile: district.toml, the GeoJSON registries, proposals, the
// storyboard.

#include <filesystem>

#include "core/result.h"
#include "geo/district_frame.h"
#include "nanmatou/city.h"

namespace matou::importers::nanmatou {

/// CGCS2000 / 3-degree Gauss-Kruger CM 120E: what planning offices of the city use beside their own grid, and what PROJ
/// knows without a grid file.
inline constexpr const char* kCrs = "EPSG:4549";
/// Height of the 1985 datum's zero above the WGS 84 ellipsoid here, metres.
inline constexpr double kDatumAboveEllipsoid = 11.0;

struct RecordCounts {
    std::size_t sensors = 0, cameras = 0, projects = 0;
};

core::Result<RecordCounts> writeRecords(const City& city, const geo::DistrictFrame& frame, std::uint64_t seed,
                                        const std::filesystem::path& folder);

} // namespace matou::importers::nanmatou
