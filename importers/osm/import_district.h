#pragma once
// From sources to a district folder: reads, sorts by what each layer holds, writes whole or not at all.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/tileset_writer.h"
#include "core/messages.h"
#include "core/result.h"
#include "osm/buildings.h"
#include "osm/ground_layers.h"
#include "osm/labels.h"

namespace matou::importers {

struct ImportOptions {
    std::vector<std::filesystem::path> sources;
    std::filesystem::path out;
    std::string layer;         // id of the one building (or vector) layer; empty: after the file
    std::string as;            // buildings, roads, water, green, ground, labels; empty: found from the content
    std::string crs;           // projected: the district's; and of sources that state none
    std::string verticalDatum; // "NAME", "NAME=METRES" or "METRES" above the ellipsoid
    BuildingOptions buildings;
    core::Language language = core::Language::en;
    /// Asked between steps; true ends the import with E_IMPORT_CANCELLED and nothing written.
    std::function<bool()> cancelled;
};

/// One line for people, as soon as it is known.
using Say = std::function<void(const std::string&)>;

struct ImportReport {
    BuildingCounts buildings; // of all building layers
    std::vector<std::pair<std::string, TilesetReport>> layers;
    std::size_t labels = 0;
};

/// Errors: what readSource says, E_CRS_UNKNOWN, E_CRS_NOT_PROJECTED, E_IMPORT_DATUM, E_IMPORT_NOTHING, E_IMPORT_AS, E_FILE_WRITE.
core::Result<ImportReport> importDistrict(const ImportOptions& options, const Say& say);

} // namespace matou::importers
