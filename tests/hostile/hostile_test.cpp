// The public hostile inputs of the kinds that this engine reads so far: no crash, no hang, every reject located.

#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.h"
#include "core/json.h"
#include "stream/validate.h"
#include "support/test_data.h"

using namespace matou;

namespace {

struct Case {
    std::string path, expect;
};

std::vector<Case> casesOf(const std::filesystem::path& folder, const std::string& kind) {
    std::vector<Case> cases;
    std::ifstream manifest(folder / "MANIFEST.tsv");
    std::string line;
    while (std::getline(manifest, line)) {
        std::istringstream columns(line);
        Case c;
        std::getline(columns, c.path, '\t');
        std::getline(columns, c.expect, '\t');
        if (c.path.starts_with(kind + "/") && c.expect != "dependency") cases.push_back(c);
    }
    return cases;
}

/// `FILE:byte N` or `FILE#/pointer`, with a file that is named.
bool located(const core::Error& error, const std::string& file) {
    const bool place = error.where.find(":byte ") != std::string::npos || error.where.find("#/") != std::string::npos;
    return (place && error.where.find('/') != std::string::npos) || error.where.find(file) != std::string::npos;
}

struct Tally {
    int cases = 0, agreed = 0, unlocated = 0, slow = 0;
    std::vector<std::string> mismatches;
};

/// `check` gives the errors for one file; `judged` says whether the expectation counts for it (others must only not crash).
template <typename Check, typename Judged>
Tally runKind(const std::filesystem::path& folder, const std::string& kind, Check check, Judged judged) {
    Tally tally;
    for (const auto& c : casesOf(folder, kind)) {
        const auto file = folder / c.path;
        const auto start = std::chrono::steady_clock::now();
        const core::Diagnostics problems = check(file);
        const auto took = std::chrono::steady_clock::now() - start;
        if (took > std::chrono::seconds(20)) ++tally.slow; // 2 s in a release build; this may run under a sanitizer
        for (const auto& problem : problems)
            if (!located(problem, file.filename().string())) {
                ++tally.unlocated;
                std::cout << "  not located: " << c.path << ": " << problem.where << " " << problem.code << "\n";
                break;
            }
        if (!judged(c.path)) continue;
        ++tally.cases;
        const bool agrees = c.expect == "either" || (c.expect == "reject") == !problems.empty();
        if (agrees) ++tally.agreed;
        else tally.mismatches.push_back(c.path + " (expected " + c.expect + (problems.empty() ? "" : ", said " + problems[0].code + " at " + problems[0].where) + ")");
    }
    std::cout << kind << ": " << tally.agreed << " of " << tally.cases << " as expected, " << tally.unlocated << " not located, " << tally.slow << " slow\n";
    for (const auto& mismatch : tally.mismatches) std::cout << "  mismatch: " << mismatch << "\n";
    return tally;
}

/// Saying that a part was dropped counts as saying it.
core::Diagnostics validated(const std::filesystem::path& file) {
    auto report = stream::validatePath(file.string());
    report.problems.insert(report.problems.end(), report.warnings.begin(), report.warnings.end());
    return std::move(report.problems);
}
bool all(const std::string&) { return true; }

class Hostile : public testing::Test {
protected:
    void SetUp() override {
        folder = tests::testData("hostile");
        if (!std::filesystem::exists(folder / "MANIFEST.tsv")) GTEST_SKIP() << "no test data: hostile/MANIFEST.tsv";
    }
    std::filesystem::path folder;
};

} // namespace

TEST_F(Hostile, gltf) {
    const auto tally = runKind(folder, "gltf", validated, all);
    EXPECT_EQ(tally.unlocated, 0);
    EXPECT_EQ(tally.slow, 0);
    EXPECT_EQ(tally.agreed, tally.cases);
}

TEST_F(Hostile, json) {
    const auto parse = [](const std::filesystem::path& file) -> core::Diagnostics {
        const auto text = core::readTextFile(file);
        if (!text) return {text.error()};
        const auto json = core::parseJson(*text, file.string());
        if (!json) return {json.error()};
        return {};
    };
    const auto tally = runKind(folder, "json", parse, all);
    EXPECT_EQ(tally.unlocated, 0);
    EXPECT_EQ(tally.agreed, tally.cases);
    // None of them is a tileset or a glTF, whatever their syntax.
    for (const auto& c : casesOf(folder, "json")) EXPECT_FALSE(validated(folder / c.path).empty()) << c.path;
}

TEST_F(Hostile, tiles3d) {
    // Subtrees, schemas and metadata buffers are not read yet: those files must only not crash.
    const auto judged = [](const std::string& path) {
        return path.starts_with("tiles3d/tilesets/") ? path.ends_with(".json") || path.ends_with(".b3dm") || path.ends_with(".glb")
                                                     : path.starts_with("tiles3d/gltfExtensions/") || path.starts_with("tiles3d/own-");
    };
    const auto tally = runKind(folder, "tiles3d", validated, judged);
    EXPECT_EQ(tally.unlocated, 0);
    EXPECT_EQ(tally.slow, 0);
    // One stays: the type of a custom semantic, in metadata that nothing reads (it is printed above).
    EXPECT_GE(tally.agreed, tally.cases - 1);
}

TEST_F(Hostile, uri) {
    const auto tally = runKind(folder, "uri", validated, all);
    EXPECT_EQ(tally.unlocated, 0);
    EXPECT_EQ(tally.slow, 0);
    EXPECT_EQ(tally.agreed, tally.cases);
}

TEST_F(Hostile, mutants) {
    // Draco and meshopt are refused by name, controls too.
    const auto judged = [](const std::string& path) {
        const bool compressed = path.find("Duck") != std::string::npos || path.find("draco") != std::string::npos;
        return !compressed && (path.ends_with(".glb") || path.ends_with(".b3dm") || path.ends_with(".json"));
    };
    const auto tally = runKind(folder, "mutants", validated, judged);
    EXPECT_EQ(tally.unlocated, 0);
    EXPECT_EQ(tally.slow, 0);
    EXPECT_EQ(tally.agreed, tally.cases);
}
