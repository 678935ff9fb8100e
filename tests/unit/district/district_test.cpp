#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/file.h"
#include "core/messages.h"
#include "district/district.h"
#include "support/tiny_district.h"

using namespace matou;
using district::District;

namespace {

struct Folder : support::TemporaryFolder {
    Folder() : TemporaryFolder("district") { support::writeTinyDistrict(path); }
    void replace(const char* file, const std::string& from, const std::string& to) const {
        auto content = *core::readTextFile(path / file);
        const auto at = content.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        content.replace(at, from.size(), to);
        support::writeText(path / file, content);
    }
    std::string refusal() const {
        const auto opened = District::open(path);
        return opened ? "opened" : core::describe(opened.error(), core::Language::en);
    }
};

} // namespace

TEST(District, readsEverythingThatTheFolderHolds) {
    const Folder folder;
    const auto opened = District::open(folder.path);
    ASSERT_TRUE(opened) << core::describe(opened.error(), core::Language::en);
    const District& d = *opened;
    EXPECT_EQ(d.id, "tiny");
    EXPECT_EQ(d.name.zh, "小样街道");
    EXPECT_EQ(d.crs, "EPSG:4549");
    EXPECT_DOUBLE_EQ(d.datum.aboveEllipsoidMeters, 11.0);
    EXPECT_EQ(core::formatInstant(d.start), "2025-06-15T06:30:00.000Z");
    EXPECT_TRUE(d.synthetic);
    ASSERT_EQ(d.layers.size(), 2u);
    EXPECT_EQ(d.layers[0].tileset, folder.path / "tiles/buildings/tileset.json");
    ASSERT_EQ(d.scenes.size(), 2u);
    EXPECT_DOUBLE_EQ(d.scene("riverfront")->camera.headingDegrees, 45.0);
    ASSERT_EQ(d.scene("riverfront")->bookmarks.size(), 1u);
    EXPECT_EQ(d.scene("core")->proposal, "");
    EXPECT_EQ(d.scene("nowhere"), nullptr);
    ASSERT_EQ(d.feeds.size(), 1u);
    EXPECT_EQ(d.feeds[0].seed, 7u);
    EXPECT_DOUBLE_EQ(d.simulation.ratePerSecond, 4.0);

    ASSERT_EQ(d.registry->zones.size(), 3u);
    EXPECT_EQ(d.registry->zones[0].outline.size(), 4u);
    ASSERT_EQ(d.registry->sensors.size(), 20u);
    const auto& level = d.registry->sensors[d.registry->sensorIndex.at("S-001")];
    EXPECT_EQ(level.expectedInterval, core::Duration(5000));
    EXPECT_DOUBLE_EQ(level.place.height, 4.5);
    ASSERT_EQ(level.thresholds.size(), 2u);
    EXPECT_EQ(level.thresholds[1].severity, 1);
    EXPECT_DOUBLE_EQ(level.thresholds[0].onDelaySeconds, 10);
    ASSERT_EQ(d.registry->cameras.size(), 4u);
    EXPECT_TRUE(d.registry->cameras[0].highPoint);
    ASSERT_EQ(d.registry->projects.size(), 2u);
    const auto& project = d.registry->projects[0];
    ASSERT_EQ(project.phases.size(), 2u);
    EXPECT_FALSE(project.phases[1].actualEnd);
    EXPECT_EQ(core::formatInstant(*project.phases[0].plannedStart), "2022-12-31T16:00:00.000Z"); // midnight in Beijing
    EXPECT_EQ(core::toString(project.features.at(0)), "buildings/NM-00001");
    EXPECT_NEAR(project.place.longitude, 121.507, 1e-9);
    ASSERT_TRUE(d.initialProjects.at(0));
    EXPECT_DOUBLE_EQ(d.initialProjects[0]->percent, 62);
    ASSERT_EQ(d.labels.size(), 1u);

    ASSERT_EQ(d.proposals.size(), 1u);
    EXPECT_EQ(core::toString(d.proposals[0].add.at(0).feature), "river-a/hall");
    EXPECT_DOUBLE_EQ(d.proposals[0].add[0].headingDegrees, 12);
    ASSERT_EQ(d.storyboards.size(), 1u);
    ASSERT_EQ(d.storyboards[0].steps.size(), 2u);
    EXPECT_DOUBLE_EQ(d.storyboards[0].steps[0].transitionSeconds, 2);
    EXPECT_EQ(d.storyboards[0].steps[0].date, "2023-10-01");
    EXPECT_DOUBLE_EQ(d.storyboards[0].steps[1].seconds, 8);

    // The only remarks are about the tiles that this fixture has not.
    ASSERT_EQ(d.warnings.size(), 2u);
    EXPECT_EQ(d.warnings[0].code, "W_DISTRICT_TILESET");
}

TEST(District, warnsOfAnUnknownKeyWithTheNearestKnownOne) {
    const Folder folder;
    folder.replace("district.toml", "synthetic = true", "sinthetic = true");
    const auto opened = District::open(folder.path);
    ASSERT_TRUE(opened);
    bool found = false;
    for (const auto& warning : opened->warnings)
        if (warning.code == "W_TOML_KEY") {
            found = true;
            EXPECT_EQ(warning.arguments, (std::vector<std::string>{"sinthetic", "synthetic"}));
            EXPECT_EQ(warning.where, (folder.path / "district.toml").string() + ":8:1");
        }
    EXPECT_TRUE(found);
}

TEST(District, aWrongTypeNamesFileLineKeyAndWhatWasExpected) {
    const Folder folder;
    folder.replace("district.toml", "above_ellipsoid_m = 11.0", "above_ellipsoid_m = \"high\"");
    EXPECT_EQ(folder.refusal(),
              (folder.path / "district.toml").string() +
                  ":5:61: E_TOML_TYPE: vertical_datum.above_ellipsoid_m must be number, found string");
}

TEST(District, refusesWithTheirPlaces) {
    const auto start = [](const std::string& line, const std::string& prefix, const std::string& code) {
        EXPECT_EQ(line.substr(0, prefix.size()), prefix);
        EXPECT_NE(line.find(": " + code + ": "), std::string::npos) << line;
    };
    {
        const Folder folder;
        folder.replace("district.toml", "crs = \"EPSG:4549\"\n", "");
        start(folder.refusal(), (folder.path / "district.toml").string() + ":1:1", "E_TOML_MISSING");
    }
    {
        const Folder folder;
        folder.replace("district.toml", "+08:00\"", "\""); // a time without zone is no instant
        start(folder.refusal(), (folder.path / "district.toml").string() + ":7:", "E_TOML_VALUE");
    }
    {
        const Folder folder;
        folder.replace("district.toml", "id = \"tiny\"", "id = \"tiny");
        start(folder.refusal(), (folder.path / "district.toml").string() + ":2:", "E_TOML_SYNTAX");
    }
    {
        const Folder folder;
        folder.replace("district.toml", "layers/zones.geojson", "../../etc/passwd");
        start(folder.refusal(), (folder.path / "district.toml").string() + ":29:", "E_DISTRICT_PATH");
    }
    {
        const Folder folder;
        folder.replace("layers/sensors.geojson", "\"unit\":\"m\"", "\"unit\":5");
        start(folder.refusal(), (folder.path / "layers/sensors.geojson").string() + "#/features/0/properties/unit",
              "E_GEOJSON_TYPE");
    }
    {
        const Folder folder;
        folder.replace("layers/sensors.geojson", "\"severity\":1", "\"severity\":9");
        start(folder.refusal(),
              (folder.path / "layers/sensors.geojson").string() + "#/features/0/properties/thresholds/1/severity",
              "E_GEOJSON_VALUE");
    }
    {
        const Folder folder;
        folder.replace("layers/zones.geojson", "Polygon", "Point");
        start(folder.refusal(), (folder.path / "layers/zones.geojson").string() + "#/features/0/geometry/type",
              "E_GEOJSON_KIND");
    }
    {
        const Folder folder;
        folder.replace("layers/labels.geojson", "[121.5000,", "[421.5,");
        start(folder.refusal(), (folder.path / "layers/labels.geojson").string() + "#/features/0/geometry/coordinates",
              "E_GEOJSON_COORDINATE");
    }
    {
        const Folder folder;
        std::filesystem::remove(folder.path / "layers/cameras.geojson");
        start(folder.refusal(), (folder.path / "layers/cameras.geojson").string(), "E_FILE_MISSING");
    }
    {
        const Folder folder;
        folder.replace("storyboards/tour.toml", "seconds = 6.0", "seconds = -6.0");
        start(folder.refusal(), (folder.path / "storyboards/tour.toml").string() + ":8:", "E_TOML_VALUE");
    }
}

TEST(District, keepsTheFirstOfTwoThingsWithOneId) {
    const Folder folder;
    folder.replace("layers/sensors.geojson", "\"id\":\"S-002\"", "\"id\":\"S-001\"");
    const auto opened = District::open(folder.path);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->registry->sensors.size(), 19u);
    EXPECT_EQ(opened->warnings.back().code, "W_DISTRICT_DUPLICATE");
}

TEST(FindDistrict, takesPathsAndBundledNames) {
    const support::TemporaryFolder home("find");
    support::writeTinyDistrict(home.path / "tiny");
    EXPECT_EQ(*district::findDistrict((home.path / "tiny").string()), home.path / "tiny");
    EXPECT_EQ(*district::findDistrict((home.path / "tiny/district.toml").string()), home.path / "tiny");
    ::setenv("MATOU_DISTRICTS", home.path.c_str(), 1);
    EXPECT_EQ(*district::findDistrict("tiny"), home.path / "tiny");
    const auto missing = district::findDistrict("atlantis");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "E_DISTRICT_MISSING");
    EXPECT_NE(missing.error().arguments.at(0).find((home.path / "atlantis").string()), std::string::npos);
    ::unsetenv("MATOU_DISTRICTS");
}
