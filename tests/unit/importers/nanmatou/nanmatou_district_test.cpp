// The whole folder: the same bytes for the same seed, and a city that could stand.
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "core/file.h"
#include "core/json.h"
#include "nanmatou/nanmatou.h"
#include "nanmatou/plausible.h"

namespace matou::importers {
namespace {

namespace fs = std::filesystem;

class NanmatouDistrict : public testing::Test {
protected:
    static void SetUpTestSuite() {
        _root = fs::path(testing::TempDir()) / "matou_nanmatou_test";
        fs::remove_all(_root);
        const auto made = generateNanmatou(1, _root / "a");
        ASSERT_TRUE(made) << core::describe(made.error(), core::Language::en);
        _report = *made;
    }
    static void TearDownTestSuite() { fs::remove_all(_root); }
    static core::Json read(const char* name) {
        const auto text = core::readTextFile(_root / "a" / "layers" / name);
        EXPECT_TRUE(text);
        const auto json = core::parseJson(*text, name);
        EXPECT_TRUE(json);
        return *json;
    }
    static inline fs::path _root;
    static inline GenerateReport _report;
};

TEST_F(NanmatouDistrict, isPlausible) {
    const auto checked = plausibleReport(_root / "a", core::Language::en);
    ASSERT_TRUE(checked) << core::describe(checked.error(), core::Language::en);
    for (const auto& line : checked->lines)
        std::cout << line << "\n";
    EXPECT_EQ(checked->violations, 0u);
}

TEST_F(NanmatouDistrict, plausibleFindsAHouseThatWasMovedIntoAStreet) {
    const fs::path broken = _root / "broken";
    fs::create_directories(broken / "layers");
    for (const char* file : {"district.toml", "layers/sensors.geojson", "layers/cameras.geojson"})
        fs::copy_file(_root / "a" / file, broken / file);
    auto plan = read("plan.geojson");
    core::Json street;
    for (const auto& f : plan["features"])
        if (f["properties"]["what"] == "street" && f["properties"]["name_zh"] == "胶南路")
            street = f["geometry"]["coordinates"][1];
    auto& ring = plan["features"][40]["geometry"]["coordinates"][0];
    const double lon = street[0].get<double>() - ring[0][0].get<double>(),
                 lat = street[1].get<double>() - ring[0][1].get<double>();
    for (auto& p : ring)
        p[0] = p[0].get<double>() + lon, p[1] = p[1].get<double>() + lat;
    ASSERT_TRUE(core::writeFile(broken / "layers/plan.geojson", plan.dump()));
    const auto checked = plausibleReport(broken, core::Language::en);
    ASSERT_TRUE(checked);
    EXPECT_GT(checked->violations, 0u);
}

TEST_F(NanmatouDistrict, hasItsRegistries) {
    const auto cameras = read("cameras.geojson")["features"], projects = read("projects.geojson")["features"],
               sensors = read("sensors.geojson")["features"];
    EXPECT_EQ(cameras.size(), 1500u);
    EXPECT_EQ(projects.size(), 80u);
    EXPECT_NEAR(static_cast<double>(sensors.size()), 6000.0, 300.0);
    std::size_t high = 0;
    for (const auto& c : cameras)
        high += c["properties"]["high_point"].get<bool>();
    EXPECT_EQ(high, 6u);
    std::set<std::string> ids, kinds;
    std::map<std::string, std::size_t> gateways;
    for (const auto& s : sensors) {
        ids.insert(s["properties"]["id"]), kinds.insert(s["properties"]["kind"]);
        if (const std::string gateway = s["properties"]["gateway"]; !gateway.empty()) ++gateways[gateway];
    }
    EXPECT_GE(gateways.size(), 6u);
    EXPECT_LE(gateways.size(), 30u);
    EXPECT_TRUE(std::any_of(gateways.begin(), gateways.end(), [](const auto& entry) { return entry.second > 300; }));
    EXPECT_EQ(ids.size(), sensors.size());
    for (const char* kind :
         {"smoke", "manhole", "ponding", "water_level", "air_pm25", "noise", "lift", "hydrant", "light", "pump"})
        EXPECT_TRUE(kinds.contains(kind)) << kind;
}

TEST_F(NanmatouDistrict, projectsRunThroughTheSevenPhasesInOrder) {
    for (const auto& f : read("projects.geojson")["features"]) {
        const auto& phases = f["properties"]["phases"];
        ASSERT_EQ(phases.size(), 7u);
        EXPECT_EQ(phases[0]["name"], "储备");
        EXPECT_EQ(phases[6]["name"], "移交");
        for (std::size_t i = 0; i < 7; ++i) {
            EXPECT_LT(phases[i]["planned_start"], phases[i]["planned_end"]);
            if (i == 0) continue;
            EXPECT_EQ(phases[i]["planned_start"], phases[i - 1]["planned_end"]);
        }
        EXPECT_GE(phases[0]["planned_start"].get<std::string>(), "2023-01-01");
        EXPECT_LE(phases[6]["planned_end"].get<std::string>(), "2025-12-31");
    }
}

TEST_F(NanmatouDistrict, givesTheSameBytesAgain) {
    ASSERT_TRUE(generateNanmatou(1, _root / "b"));
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(_root / "a")) {
        if (!entry.is_regular_file()) continue;
        ++files;
        const auto name = fs::relative(entry.path(), _root / "a");
        const auto a = core::readFile(entry.path()), b = core::readFile(_root / "b" / name);
        ASSERT_TRUE(a && b) << name;
        EXPECT_TRUE(*a == *b) << name;
    }
    EXPECT_GT(files, 500u);
}

TEST_F(NanmatouDistrict, staysSmall) {
    EXPECT_LT(_report.bytes, std::size_t{150} << 20);
    EXPECT_NEAR(static_cast<double>(_report.buildings), 2570.0, 130.0);
}

} // namespace
} // namespace matou::importers
