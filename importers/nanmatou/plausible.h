#pragma once
// Is this a city that could stand? Reads a district folder's own files again and asks: nothing on a road, in water or
// in another building; each along a street or lane; slabs facing south with lawful spacing; the stock's shares; every
// sensor and camera on something that carries it.

#include <filesystem>
#include <string>
#include <vector>

#include "core/messages.h"
#include "core/result.h"

namespace matou::importers {

struct PlausibleReport {
    std::vector<std::string> lines; // ready to print
    std::size_t violations = 0;
};

/// Needs layers/plan.geojson, which the generator writes. Errors: E_FILE_MISSING, E_JSON_…, E_CRS_…, E_PLAN (a feature
/// that is not as expected).
core::Result<PlausibleReport> plausibleReport(const std::filesystem::path& district, core::Language language);

} // namespace matou::importers
