#include <cstdlib>

#include "district/district.h"

namespace matou::district {
namespace fs = std::filesystem;

core::Result<fs::path> findDistrict(const std::string& nameOrPath) {
    std::error_code code;
    const fs::path given(nameOrPath);
    if (given.filename() == "district.toml" && fs::is_regular_file(given, code))
        return fs::absolute(given.parent_path().empty() ? "." : given.parent_path());
    if (fs::exists(given / "district.toml", code)) return fs::absolute(given);

    std::vector<fs::path> places;
    const bool isName =
        !nameOrPath.empty() && nameOrPath.find('/') == std::string::npos && nameOrPath != "." && nameOrPath != "..";
    if (isName) {
        if (const char* folder = std::getenv("MATOU_DISTRICTS"); folder && *folder) places.emplace_back(folder);
        if (const fs::path program = fs::read_symlink("/proc/self/exe", code); !code) {
            const fs::path build = program.parent_path().parent_path(); // build/<preset>
            places.push_back(build.parent_path() / "districts");
            places.push_back(build / "districts");
        }
        const char* data = std::getenv("XDG_DATA_HOME");
        const char* home = std::getenv("HOME");
        if (data && *data)
            places.push_back(fs::path(data) / "matou/districts");
        else if (home && *home)
            places.push_back(fs::path(home) / ".local/share/matou/districts");
        places.emplace_back("/usr/share/matou/districts");
        for (const auto& place : places)
            if (fs::exists(place / nameOrPath / "district.toml", code)) return fs::absolute(place / nameOrPath);
    }
    std::string looked = given.string();
    for (const auto& place : places)
        looked += ", " + (place / nameOrPath).string();
    return core::fail("E_DISTRICT_MISSING", nameOrPath, {looked});
}

} // namespace matou::district
