#include "platform/paths.h"

#include <cstdlib>

namespace matou::platform {

namespace {

core::Result<std::filesystem::path> folder(const Environment& environment, const char* variable, const char* below) {
    if (const auto value = environment(variable)) {
        const std::filesystem::path path(*value);
        if (path.is_absolute()) return path / "matou";
    }
    const auto home = environment("HOME");
    if (!home || !std::filesystem::path(*home).is_absolute()) return core::fail("E_NO_HOME", variable, {variable});
    return std::filesystem::path(*home) / below / "matou";
}

} // namespace

std::optional<std::string> environmentVariable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

core::Result<std::filesystem::path> dataFolder(const Environment& environment) {
    return folder(environment, "XDG_DATA_HOME", ".local/share");
}
core::Result<std::filesystem::path> stateFolder(const Environment& environment) {
    return folder(environment, "XDG_STATE_HOME", ".local/state");
}
core::Result<std::filesystem::path> cacheFolder(const Environment& environment) {
    return folder(environment, "XDG_CACHE_HOME", ".cache");
}

} // namespace matou::platform
