#pragma once
// The bundled district: a believable, synthetic Nanmatou.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace matou::importers {

struct GenerateReport {
    std::size_t buildings = 0, trees = 0, lamps = 0, sensors = 0, cameras = 0, projects = 0;
    std::size_t tiles = 0, leafTriangles = 0, bytes = 0;
    /// One line per layer: what was written.
    std::vector<std::string> lines;
};

/// Writes a whole district folder to `out` (see engine/district/README.md): the same seed gives the same bytes. An
/// existing `out` is replaced only where it is empty or was made by this. Errors: E_FOLDER_TAKEN, E_FILE_WRITE,
/// E_PLACE_FILE and those of the writer.
core::Result<GenerateReport> generateNanmatou(std::uint64_t seed, const std::filesystem::path& out);

} // namespace matou::importers
