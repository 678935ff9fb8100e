// The public hostile inputs of the kinds that this engine reads: no crash, no hang, no more memory than allowed, every reject located.

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.h"
#include "core/json.h"
#include "decode/image.h"
#include "hostile/hostile_run.h"
#include "io/byte_source.h"
#include "stream/validate.h"
#include "support/test_data.h"
#include "tiles/tile_tree.h"

using namespace matou;

namespace {

/// Saying that a part was dropped counts as saying it; what must load may come with remarks.
core::Diagnostics validated(const std::filesystem::path& file) {
    auto report = stream::validatePath(file.string());
    static const std::set<std::string> accepted = [] {
        std::set<std::string> names;
        for (const char* kind : {"tiles3d", "subtree"})
            for (const auto& c : tests::hostileCases(tests::testData("hostile"), kind))
                if (c.expect == "accept") names.insert((tests::testData("hostile") / c.path).string());
        return names;
    }();
    if (accepted.contains(file.string())) return std::move(report.problems);
    report.problems.insert(report.problems.end(), report.warnings.begin(), report.warnings.end());
    return std::move(report.problems);
}
core::Diagnostics imageChecked(const std::filesystem::path& file) {
    const auto bytes = core::readFile(file);
    if (!bytes) return {bytes.error()};
    const auto image = decode::decodeImage(*bytes, file.string());
    if (!image) return {image.error()};
    return {};
}
bool all(const std::string&) { return true; }

void expectClean(const tests::HostileTally& tally) {
    EXPECT_GT(tally.cases, 0);
    EXPECT_EQ(tally.dead, 0);
    EXPECT_EQ(tally.slow, 0);
    EXPECT_EQ(tally.large, 0);
    EXPECT_EQ(tally.unlocated, 0);
}

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
    const auto tally = tests::tallyHostile(folder, "gltf", validated, all);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
}

TEST_F(Hostile, json) {
    const auto parse = [](const std::filesystem::path& file) -> core::Diagnostics {
        const auto text = core::readTextFile(file);
        if (!text) return {text.error()};
        const auto json = core::parseJson(*text, file.string());
        if (!json) return {json.error()};
        return {};
    };
    const auto tally = tests::tallyHostile(folder, "json", parse, all);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
    // None of them is a tileset or a glTF, whatever their syntax.
    for (const auto& c : tests::hostileCases(folder, "json")) EXPECT_FALSE(validated(folder / c.path).empty()) << c.path;
}

TEST_F(Hostile, tiles3d) {
    // Buffers say nothing without what refers to them, .3dtiles (SQLite) is refused by name, and texts are texts.
    const auto judged = [](const std::string& path) {
        for (const char* ending : {".bin", ".3dtiles", ".txt", ".md", ".geojson"})
            if (path.ends_with(ending)) return false;
        // Its schema lies outside of its folder, where nothing is read (kind uri), and was not given.
        return !path.ends_with("validTilesetWithValidSchemaFromUri.json");
    };
    const auto tally = tests::tallyHostile(folder, "tiles3d", validated, judged);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
}

TEST_F(Hostile, uri) {
    const auto tally = tests::tallyHostile(folder, "uri", validated, all);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
}

TEST_F(Hostile, mutants) {
    const auto tally = tests::tallyHostile(folder, "mutants", validated, all);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
}

TEST_F(Hostile, codec) {
    const auto tally = tests::tallyHostile(folder, "codec", validated, all);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
}

TEST_F(Hostile, images) {
    for (const char* kind : {"png", "jpeg", "otherimg", "ktx2"}) {
        const auto tally = tests::tallyHostile(folder, kind, imageChecked, all);
        expectClean(tally);
        EXPECT_EQ(tally.agreed, tally.judged) << kind;
    }
}

TEST_F(Hostile, subtree) {
    const auto tally = tests::tallyHostile(folder, "subtree", validated, all);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
}

TEST_F(Hostile, archive) {
    // What lies in them refers to contents that are not there: a control is one whose tileset was read.
    const auto read = [](const std::filesystem::path& file) -> core::Diagnostics {
        auto location = io::locationFrom(file.string());
        if (!location) return {location.error()};
        const auto bytes = io::readLocal(*location);
        if (!bytes) return {bytes.error()};
        const auto tree = tiles::parseTileset(*bytes, location->text());
        return tree ? core::Diagnostics() : core::Diagnostics{tree.error()};
    };
    const auto tally = tests::tallyHostile(folder, "archive", read, all);
    expectClean(tally);
    EXPECT_EQ(tally.agreed, tally.judged);
}

/// The harness itself: one case takes the process down, one takes memory, and the others are as they would be alone.
TEST(HostileRun, namesTheCulpritAndMeasuresEachCase) {
    const std::vector<tests::HostileCase> cases{{"kind/good", "accept"}, {"kind/large", "either"}, {"kind/small", "either"}, {"kind/deadly", "reject"}, {"kind/bad", "reject"}};
    const auto check = [](const std::filesystem::path& file) -> core::Diagnostics {
        if (file.filename() == "deadly") std::abort();
        if (file.filename() == "large") {
            std::vector<char> bytes(std::size_t{64} << 20, 'x');
            if (bytes[file.string().size()] != 'x') return {};
        }
        if (file.filename() == "bad") return {{"E_TEST", {}, file.string() + ":byte 7", {}}};
        return {};
    };
    auto outcomes = tests::runHostile("/nowhere", cases, check);
    ASSERT_EQ(outcomes.size(), 5u);
    EXPECT_TRUE(outcomes[0].finished);
    EXPECT_TRUE(outcomes[0].code.empty());
    EXPECT_FALSE(outcomes[3].finished);
    EXPECT_EQ(outcomes[3].death, "signal 6");
    EXPECT_EQ(outcomes[4].where, "/nowhere/kind/bad:byte 7");
    EXPECT_TRUE(outcomes[4].unlocated.empty());
    EXPECT_GT(outcomes[1].peakBytes, std::uint64_t{60} << 20);
    outcomes = tests::runHostile("/nowhere", {cases.begin(), cases.begin() + 3}, check); // nobody dies: one process for all
    EXPECT_GT(outcomes[1].peakBytes, std::uint64_t{60} << 20);
#if !defined(__SANITIZE_ADDRESS__) // whose quarantine keeps what was freed
    EXPECT_LT(outcomes[2].peakBytes, std::uint64_t{30} << 20);
#endif
}
