#pragma once
// Radiance pictures (.hdr): light from all directions. After the RADIANCE reference manual, "File formats: picture".

#include <filesystem>
#include <span>
#include <string>

#include "core/result.h"
#include "model/environment_image.h"

namespace matou::media {

/// Bytes may be hostile. RGBE only, rows from the top, flat or run-length coded. E_HDR_READ (where: file and offset) for what is
/// broken or of another kind, E_HDR_SIZE over 16,384 a side or 64 million pixels.
core::Result<model::EnvironmentImage> decodeRadiance(std::span<const std::byte> bytes, const std::string& where);
/// Of .hdr and .exr (openexr.h) files. Also E_FILE_…; E_HDR_KIND for others.
core::Result<model::EnvironmentImage> readEnvironment(const std::filesystem::path& path);

} // namespace matou::media
