// The command line from outside: help, version, exit status, located errors. Needs no GPU.

#include "app/app_support.h"

namespace matou::tests {
namespace {

const std::vector<std::string> kCommands{"view", "render", "import", "generate", "validate", "info", "serve", "simulate", "replay", "bench", "doctor"};

TEST(CommandLine, HelpNamesEveryCommandAndItsOwnHelpIsWorthReading) {
    const auto help = runProgram("matou", {"--help"});
    EXPECT_EQ(help.status, 0);
    for (const auto& command : kCommands) {
        EXPECT_NE(help.out.find("  " + command), std::string::npos) << command;
        const auto own = runProgram("matou", {command, "--help"});
        EXPECT_EQ(own.status, 0) << command << own.err;
        EXPECT_GT(own.out.size(), 200u) << command << ": " << own.out;
    }
}

TEST(CommandLine, HelpSpeaksChinese) {
    const auto help = runProgram("matou", {"--lang", "zh", "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_NE(help.out.find("命令"), std::string::npos);
    const auto byLocale = runProgram("matou", {"--help"}, 30, {{"LC_ALL", "zh_CN.UTF-8"}});
    EXPECT_EQ(byLocale.out, help.out);
}

TEST(CommandLine, EveryProgramSaysItsVersion) {
    for (const std::string name : {"matou", "matou-import", "matou-command", "matou-planner", "matou-presenter"}) {
        const auto version = runProgram(name, {"--version"});
        EXPECT_EQ(version.status, 0) << name << version.err;
        EXPECT_EQ(version.out.find(name + " "), 0u) << version.out;
    }
}

TEST(CommandLine, DrawingProgramsTakeTheSharedFlags) {
    for (const std::string name : {"matou-command", "matou-planner", "matou-presenter"}) {
        const auto help = runProgram(name, {"--help"});
        EXPECT_EQ(help.status, 0) << help.err;
        for (const std::string flag : {"--headless", "--size", "--scene", "--camera", "--time", "--clock", "--duration", "--screenshot", "--frames",
                                       "--record", "--fps", "--sse", "--fade", "--memory", "--look", "--weather", "--exposure", "--theme", "--overlay", "--ui",
                                       "--environment", "--stats", "--validation", "--limits", "--device", "--quality", "--pick", "--timeout", "--lang"})
            EXPECT_NE(help.out.find(flag), std::string::npos) << name << " " << flag;
    }
}

TEST(CommandLine, WrongUsageIsStatusTwoAndOneLine) {
    const std::vector<std::vector<std::string>> wrong{
        {}, {"no-such-command"}, {"--lang", "fr"}, {"validate"}, {"info", "x", "-n", "0"}, {"render"}, {"render", "x", "--size", "9", "--pick", "1,1"},
        {"render", "x", "--no-such-flag"}, {"render", "x", "--pick", "1"}, {"render", "x", "--time", "yesterday", "--pick", "1,1"}, {"info", "x", "--at", "181,0"},
        {"bench"}, {"bench", "frame", "--quality", "superb"}, {"bench", "frame", "--frames", "0"}, {"bench", "stream"}, {"bench", "stream", "--tileset", "x", "--camera", "y", "--scale", "0"}, {"bench", "frame", "--size", "7", "--quality", "low", "--scene", "core"}};
    for (const auto& arguments : wrong) {
        const auto done = runProgram("matou", arguments);
        EXPECT_EQ(done.status, 2) << ::testing::PrintToString(arguments) << done.err;
        EXPECT_TRUE(done.out.empty()) << done.out;
        if (!arguments.empty()) {
            EXPECT_EQ(errorLines(done.err).size(), 1u) << done.err;
        }
    }
}

TEST(CommandLine, EachBenchSaysWhatItMeasures) {
    const auto help = runProgram("matou", {"bench", "--help"});
    EXPECT_EQ(help.status, 0) << help.err;
    for (const std::string name : {"compare", "frame", "stream", "tiles"}) {
        EXPECT_NE(help.out.find("  " + name), std::string::npos) << name;
        const auto own = runProgram("matou", {"bench", name, "--help"});
        EXPECT_EQ(own.status, 0) << own.err;
        EXPECT_GT(own.out.size(), 200u) << own.out;
    }
}

TEST(CommandLine, CodesDoNotChangeWithTheLanguage) {
    const auto en = runProgram("matou", {"validate", "/no/such/file.glb"});
    const auto zh = runProgram("matou", {"validate", "/no/such/file.glb", "--lang", "zh"});
    expectOneError(en, "E_FILE_MISSING");
    expectOneError(zh, "E_FILE_MISSING");
    EXPECT_NE(en.err, zh.err);
    EXPECT_EQ(en.err.find("/no/such/file.glb: E_FILE_MISSING: "), 0u) << en.err;
}

TEST(CommandLine, LimitsAreATable) {
    const auto limits = runProgram("matou", {"--limits"});
    EXPECT_EQ(limits.status, 0);
    EXPECT_NE(limits.out.find("json.depth"), std::string::npos);
    EXPECT_GT(std::count(limits.out.begin(), limits.out.end(), '\n'), 10);
    EXPECT_EQ(runProgram("matou-command", {"--limits"}).out, limits.out);
}

TEST(CommandLine, DoctorNamesWhatIsThereAndWhatIsMissing) {
    const auto doctor = runProgram("matou", {"doctor"});
    EXPECT_EQ(doctor.status, 0) << doctor.out << doctor.err;
    EXPECT_NE(doctor.out.find("creating a device"), std::string::npos) << doctor.out;
    EXPECT_NE(doctor.out.find("- display: none"), std::string::npos) << doctor.out;
    const auto without = runProgram("matou", {"doctor"}, 60, {{"VK_ICD_FILENAMES", "/no/driver.json"}, {"VK_DRIVER_FILES", "/no/driver.json"}});
    EXPECT_EQ(without.status, 1) << without.out;
    EXPECT_NE(without.out.find("! Vulkan: "), std::string::npos) << without.out;
}

TEST(Validate, SaysWhereABrokenFileIsBroken) {
    ScratchFolder scratch;
    write(scratch / "short.glb", std::string("glTF\x02\0\0\0\xff\0\0\0", 12));
    const auto glb = runProgram("matou", {"validate", scratch / "short.glb"});
    EXPECT_EQ(glb.status, 1);
    EXPECT_EQ(glb.err.find((scratch / "short.glb").string() + ":byte "), 0u) << glb.err;

    write(scratch / "bad.json", "{\"asset\":{\"version\":\"1.1\"},\"geometricError\":1,\"root\":{\"boundingVolume\":{\"sphere\":[0,0,0,\"x\"]},\"geometricError\":0}}");
    const auto tileset = runProgram("matou", {"validate", scratch / "bad.json"});
    EXPECT_EQ(tileset.status, 1);
    EXPECT_NE(tileset.err.find("bad.json#/root"), std::string::npos) << tileset.err;

    write(scratch / "open.geojson", R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{},
        "geometry":{"type":"Polygon","coordinates":[[[121,31],[121.1,31],[121.1,31.1],[121,31.1]]]}}]})");
    const auto ring = runProgram("matou", {"validate", scratch / "open.geojson"});
    expectOneError(ring, "E_GEOJSON_RING_OPEN");
    EXPECT_NE(ring.err.find("open.geojson#/features/0/geometry/coordinates/0: "), std::string::npos) << ring.err;

    write(scratch / "far.geojson", R"({"type":"Point","coordinates":[13525000.0,3663000.0]})");
    expectOneError(runProgram("matou", {"validate", scratch / "far.geojson"}), "E_GEOJSON_RANGE");
    write(scratch / "cut.geojson", R"({"type":"FeatureCollection","features":[)");
    expectOneError(runProgram("matou", {"validate", scratch / "cut.geojson"}), "E_JSON_SYNTAX");
    write(scratch / "thing.xyz", "x");
    expectOneError(runProgram("matou", {"validate", scratch / "thing.xyz"}), "E_VALIDATE_KIND");
}

class DistrictErrors : public ::testing::Test {
protected:
    /// district.toml with `from` replaced by `to`, alone in a folder.
    std::string broken(const std::string& from, const std::string& to) {
        std::string text = contentOf(bundledDistrict() / "district.toml");
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        if (at != std::string::npos) text.replace(at, from.size(), to);
        write(_scratch / "district.toml", text);
        std::error_code ignored;
        for (const char* folder : {"tiles", "layers", "models", "proposals", "storyboards", "terrain"})
            if (!std::filesystem::exists(_scratch / folder) && std::filesystem::exists(bundledDistrict() / folder))
                std::filesystem::create_directory_symlink(bundledDistrict() / folder, _scratch / folder, ignored);
        return _scratch.path().string();
    }
    ScratchFolder _scratch;
};

TEST_F(DistrictErrors, WrongTypeNamesFileLineAndKey) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto done = runProgram("matou", {"validate", broken("version = 1", "version = \"one\"")});
    expectOneError(done, "E_TOML_TYPE");
    EXPECT_TRUE(std::regex_search(done.err, std::regex("district\\.toml:[0-9]+:[0-9]+: "))) << done.err;
    EXPECT_NE(done.err.find("version"), std::string::npos);
}

TEST_F(DistrictErrors, BrokenSyntaxNamesLineAndColumn) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto done = runProgram("matou", {"validate", broken("version = 1", "version = = 1")});
    expectOneError(done, "E_TOML_SYNTAX");
    EXPECT_TRUE(std::regex_search(done.err, std::regex("district\\.toml:[0-9]+:[0-9]+: "))) << done.err;
}

TEST_F(DistrictErrors, UnknownCrsIsNamed) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto done = runProgram("matou", {"validate", broken("EPSG:4549", "EPSG:999999")});
    expectOneError(done, "E_CRS_UNKNOWN");
    EXPECT_NE(done.err.find("999999"), std::string::npos) << done.err;
}

TEST_F(DistrictErrors, UnknownKeyWarnsWithTheNearest) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto done = runProgram("matou", {"validate", broken("synthetic = ", "synthetik = ")}, 300);
    EXPECT_NE(done.err.find("synthetik"), std::string::npos) << done.err;
    EXPECT_NE(done.err.find("synthetic"), std::string::npos) << done.err;
}

TEST(District, TheBundledOneIsValid) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto done = runProgram("matou", {"validate", bundledDistrict()}, 300);
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_TRUE(errorLines(done.err).empty()) << done.err;
    const auto info = runProgram("matou", {"info", "nanmatou"}, 300);
    EXPECT_EQ(info.status, 0) << info.err;
    for (const std::string word : {"EPSG:4549", "riverfront", "core", "residential", "80 projects"}) EXPECT_NE(info.out.find(word), std::string::npos) << word << "\n" << info.out;
}

TEST(District, TopAndPlaceAnswerWithFeatures) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto top = runProgram("matou", {"info", "nanmatou", "--top", "height", "-n", "3"}, 300);
    EXPECT_EQ(top.status, 0) << top.err;
    EXPECT_EQ(std::count(top.out.begin(), top.out.end(), '\n'), 3) << top.out;
    std::istringstream lines(top.out);
    double before = 1e9;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(std::stod(line), before);
        before = std::stod(line);
    }
    const auto at = runProgram("matou", {"info", "nanmatou", "--at", "121.5096,31.1946"}, 300);
    EXPECT_EQ(at.status, 0) << at.err;
    EXPECT_NE(at.out.find("zones/"), std::string::npos) << at.out;
    const auto none = runProgram("matou", {"info", "nanmatou", "--top", "no_such_field"}, 300);
    expectOneError(none, "E_INFO_FIELD");
    EXPECT_NE(none.err.find("height"), std::string::npos) << none.err;
}

TEST(District, TheSameSeedGivesTheSameBytes) {
    ScratchFolder scratch;
    for (const char* name : {"a", "b"}) {
        const auto done = runProgram("matou", {"generate", "nanmatou", "--seed", "7", "--out", scratch / name}, 300);
        ASSERT_EQ(done.status, 0) << done.err;
    }
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch / "a")) {
        if (!entry.is_regular_file()) continue;
        const auto other = scratch / "b" / std::filesystem::relative(entry.path(), scratch / "a");
        EXPECT_TRUE(contentOf(entry.path()) == contentOf(other)) << other;
        ++files;
    }
    EXPECT_GT(files, 10u);
}

} // namespace
} // namespace matou::tests
