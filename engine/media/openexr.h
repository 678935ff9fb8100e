#pragma once
// OpenEXR pictures (.exr): light from all directions, by Debian's libopenexr (BSD-3-Clause), which knows every compression.

#include <span>
#include <string>

#include "core/result.h"
#include "model/environment_image.h"

namespace matou::media {

/// Bytes may be hostile: the header is checked before pixels are. Colour or luminance of the first part; what is no number or
/// negative becomes 0, what is infinite the largest half. Where the file's window differs from the picture's, the window of
/// data counts. E_HDR_READ (with the library's reason) for what is broken, E_HDR_SIZE as decodeRadiance. Thread: any.
core::Result<model::EnvironmentImage> decodeOpenExr(std::span<const std::byte> bytes, const std::string& where);

} // namespace matou::media
