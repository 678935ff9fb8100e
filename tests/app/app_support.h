#pragma once
// What the tests of the built programs share.

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/subprocess.h"

namespace matou::tests {

/// The bundled district as tools/test prepares it; empty where nobody did.
inline std::filesystem::path bundledDistrict() {
    const char* folder = std::getenv("MATOU_DISTRICTS");
    const auto path = (folder && *folder ? std::filesystem::path(folder) : std::filesystem::path(MATOU_SOURCE_DIR) / "build/districts") / "nanmatou";
    return std::filesystem::exists(path / "district.toml") ? path : std::filesystem::path();
}

/// One program run to its end: no display, English, the bundled district found.
inline Finished runProgram(const std::string& name, std::vector<std::string> arguments, int seconds = 120,
                           std::map<std::string, std::string> environment = {}) {
    arguments.insert(arguments.begin(), program(name).string());
    environment.try_emplace("DISPLAY", "");
    environment.try_emplace("WAYLAND_DISPLAY", "");
    environment.try_emplace("LC_ALL", "C");
    if (!bundledDistrict().empty()) environment.try_emplace("MATOU_DISTRICTS", bundledDistrict().parent_path().string());
    return run({std::move(arguments), std::move(environment), {}, std::chrono::seconds(seconds)});
}

/// The lines of `text` that have the form `WHERE: E_CODE: words`; other lines are progress.
inline std::vector<std::string> errorLines(const std::string& text) {
    static const std::regex form("^.+: E_[A-Z0-9_]+: .+$");
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (std::regex_match(line, form)) found.push_back(line);
    return found;
}

/// Failure with status 1 and exactly one error line, which holds `code`.
inline void expectOneError(const Finished& done, const std::string& code) {
    EXPECT_EQ(done.status, 1) << done.err;
    const auto errors = errorLines(done.err);
    ASSERT_EQ(errors.size(), 1u) << done.err;
    EXPECT_NE(errors[0].find(": " + code), std::string::npos) << errors[0];
}

inline std::string contentOf(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

inline nlohmann::json jsonOf(const std::filesystem::path& path) {
    return nlohmann::json::parse(contentOf(path), nullptr, false);
}

} // namespace matou::tests

#define MATOU_NEEDS_BUNDLED_DISTRICT()                                                                                 \
    if (::matou::tests::bundledDistrict().empty()) GTEST_SKIP() << "the bundled district is not generated; run tools/prepare_district"
