#pragma once
// What the corpus of bad inputs expects of each: MANIFEST.tsv, columns path and expectation first.

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace matou::tests {

/// Path below `root` → accept, reject, either or dependency, of one kind (the path's first folder). Empty where there is no manifest.
inline std::map<std::string, std::string> hostileExpectations(const std::filesystem::path& root, const std::string& kind) {
    std::map<std::string, std::string> result;
    std::ifstream manifest(root / "MANIFEST.tsv", std::ios::binary);
    for (std::string line; std::getline(manifest, line);) {
        std::istringstream fields(line);
        std::string path, expect;
        std::getline(fields, path, '\t');
        std::getline(fields, expect, '\t');
        if (path.starts_with(kind + "/")) result[path] = expect;
    }
    return result;
}

} // namespace matou::tests
