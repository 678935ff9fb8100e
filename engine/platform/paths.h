#pragma once
// Where this user's things go, by the XDG base directory specification 0.8.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/result.h"

namespace matou::platform {

/// Looks up an environment variable; nothing where unset.
using Environment = std::function<std::optional<std::string>(const char* name)>;
/// This process's own.
std::optional<std::string> environmentVariable(const char* name);

/// $XDG_DATA_HOME/matou, ~/.local/share/matou: districts that were generated or imported by name. Relative values are
/// ignored, as the specification says. Not created. E_NO_HOME where neither is set.
core::Result<std::filesystem::path> dataFolder(const Environment& environment = environmentVariable);
/// $XDG_STATE_HOME/matou, ~/.local/state/matou: history, audit log, client id.
core::Result<std::filesystem::path> stateFolder(const Environment& environment = environmentVariable);
/// $XDG_CACHE_HOME/matou, ~/.cache/matou: tiles, pipelines; may be deleted at any time.
core::Result<std::filesystem::path> cacheFolder(const Environment& environment = environmentVariable);

} // namespace matou::platform
