#pragma once
// Files that grow by lines.

#include <filesystem>

#include "core/result.h"

namespace matou::live {

/// Takes away what follows the last line end: what a kill or a full disk left of a line, so that the next one is not joined with it.
/// No file: nothing. E_FILE_WRITE.
core::Result<void> cutUnfinishedLine(const std::filesystem::path& path);

} // namespace matou::live
