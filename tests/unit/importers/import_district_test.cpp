#include <algorithm>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/level_check.h"
#include "core/file.h"
#include "osm/building_lods.h"
#include "osm/import_district.h"
#include "support/test_data.h"

namespace {

namespace fs = std::filesystem;
using namespace matou;
using namespace matou::importers;

struct Folder {
    explicit Folder(const std::string& name) : path(fs::temp_directory_path() / ("matou_import_" + name + std::to_string(::getpid()))) {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

fs::path write(const fs::path& path, const std::string& text) {
    std::ofstream(path) << text;
    return path;
}

constexpr const char* kTwoHouses = R"({"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"id":7,"height":12,"name":"甲"},"geometry":{"type":"Polygon","coordinates":[[[121.5,31.23],[121.5003,31.23],[121.5003,31.2302],[121.5,31.2302],[121.5,31.23]]]}},
 {"type":"Feature","properties":{"id":8},"geometry":{"type":"Polygon","coordinates":[[[121.501,31.23],[121.5013,31.23],[121.5013,31.2302],[121.501,31.2302],[121.501,31.23]]]}},
 {"type":"Feature","properties":{"id":9},"geometry":null},
 {"type":"Feature","properties":{"id":10},"geometry":{"type":"Polygon","coordinates":[[[500,31.23],[501,31.23],[501,32],[500,31.23]]]}}]})";

core::Result<ImportReport> import(const std::vector<fs::path>& sources, const fs::path& out, std::vector<std::string>* lines = nullptr, const std::string& crs = "") {
    ImportOptions options;
    options.sources = sources;
    options.out = out;
    options.crs = crs;
    return importDistrict(options, [&](const std::string& line) {
        if (lines) lines->push_back(line);
    });
}

TEST(ImportDistrict, writesAWholeDistrictFromOneFile) {
    const Folder folder("one");
    std::vector<std::string> lines;
    const auto report = import({write(folder.path / "buildings.geojson", kTwoHouses)}, folder.path / "D", &lines);
    ASSERT_TRUE(report) << core::describe(report.error(), core::Language::en);
    EXPECT_EQ(report->buildings.buildings, 2u);
    EXPECT_TRUE(fs::exists(folder.path / "D" / "tiles" / "buildings" / "tileset.json"));
    EXPECT_TRUE(fs::exists(folder.path / "D" / "tiles" / "ground" / "tileset.json"));
    const std::string toml = *core::readTextFile(folder.path / "D" / "district.toml");
    EXPECT_THAT(toml, testing::HasSubstr("crs = \"EPSG:32651\""));
    EXPECT_THAT(lines, testing::Contains(testing::HasSubstr("1 features skipped, they have no geometry")));
    EXPECT_THAT(lines, testing::Contains(testing::HasSubstr("1 features skipped, their coordinates are not on the Earth")));
}

TEST(ImportDistrict, everyFailureIsLocatedAndLeavesNothing) {
    const Folder folder("bad");
    const fs::path good = write(folder.path / "buildings.geojson", kTwoHouses), out = folder.path / "D";
    EXPECT_EQ(import({folder.path / "none.geojson"}, out).error().code, "E_FILE_MISSING");
    const auto broken = import({write(folder.path / "cut.geojson", std::string(kTwoHouses).substr(0, 200))}, out);
    EXPECT_EQ(broken.error().code, "E_JSON_SYNTAX");
    EXPECT_THAT(broken.error().where, testing::HasSubstr("cut.geojson:byte "));
    EXPECT_EQ(import({write(folder.path / "x.shp", "not a shapefile")}, out).error().code, "E_IMPORT_UNREADABLE");
    EXPECT_EQ(import({good}, out, nullptr, "EPSG:999999").error().code, "E_CRS_UNKNOWN");
    EXPECT_EQ(import({write(folder.path / "empty.geojson", R"({"type":"FeatureCollection","features":[]})")}, out).error().code, "E_IMPORT_NOTHING");
    EXPECT_FALSE(fs::exists(out));
}

TEST(ImportDistrict, doesNotTouchAFolderThatIsNoDistrict) {
    const Folder folder("taken");
    const fs::path good = write(folder.path / "buildings.geojson", kTwoHouses);
    fs::create_directories(folder.path / "D");
    write(folder.path / "D" / "precious.txt", "keep");
    const auto result = import({good}, folder.path / "D");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_FOLDER_TAKEN");
    EXPECT_EQ(*core::readTextFile(folder.path / "D" / "precious.txt"), "keep");
}

std::vector<fs::path> lujiazui(const fs::path& folder) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".geojson") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

TEST(Lujiazui, countsAgreeWithTheDataSet) {
    MATOU_NEEDS_TEST_DATA(data, "data/shanghai-lujiazui-osm/geojson");
    const Folder folder("lujiazui");
    std::vector<std::string> lines;
    const auto report = import(lujiazui(data), folder.path / "D", &lines);
    ASSERT_TRUE(report) << core::describe(report.error(), core::Language::en);
    const BuildingCounts& c = report->buildings;
    EXPECT_EQ(c.features, 1981u);
    EXPECT_EQ(c.polygons, 1572u);
    EXPECT_EQ(c.points, 409u);
    EXPECT_EQ(c.distinctIds, 1450u);
    EXPECT_EQ(c.repeatedIds, 114u);
    EXPECT_EQ(c.repeatedInDifferentPieces, 25u);
    EXPECT_EQ(c.polygonsWithHeight, 766u);
    EXPECT_EQ(c.idsWithHeight, 692u);
    EXPECT_EQ(c.equalCopiesDropped + c.piecesJoined - c.repeatedInDifferentPieces + c.distinctIds, c.polygons);
    EXPECT_EQ(c.buildings + c.parts - c.partsWithoutWhole + c.vanished, c.distinctIds);
    EXPECT_THAT(lines, testing::Contains(testing::HasSubstr("1572 polygons, 1450 distinct ids, 114 repeated of which 25 in different pieces")));
    EXPECT_EQ(report->layers.size(), 5u);
    EXPECT_GT(report->labels, 300u);
}

TEST(Lujiazui, shapefileInMetresLiesWhereTheGeoJsonLies) {
    MATOU_NEEDS_TEST_DATA(data, "data/shanghai-lujiazui-osm");
    const auto json = readSource(data / "geojson" / "buildings.geojson", "");
    const auto shape = readSource(data / "shp" / "buildings_utm51n.shp", "");
    ASSERT_TRUE(json && shape);
    const auto frame = std::move(*geo::DistrictFrame::create("EPSG:32651", 15.0));
    const BuildingImport a = importBuildings(json->front().features, frame, {}), b = importBuildings(shape->front().features, frame, {});
    EXPECT_EQ(b.counts.polygons, 1572u);
    EXPECT_EQ(b.counts.distinctIds, 1450u);
    ASSERT_EQ(a.buildings.size(), b.buildings.size());
    for (std::size_t i = 0; i < a.buildings.size(); ++i) {
        ASSERT_EQ(a.buildings[i].id, b.buildings[i].id);
        ASSERT_LT(glm::length(extentOf(a.buildings[i].footprint).center() - extentOf(b.buildings[i].footprint).center()), 0.01);
    }
}

TEST(Lujiazui, levelsKeepEveryRule) {
    MATOU_NEEDS_TEST_DATA(data, "data/shanghai-lujiazui-osm/geojson");
    const auto source = readSource(data / "buildings.geojson", "");
    ASSERT_TRUE(source);
    const auto frame = std::move(*geo::DistrictFrame::create("EPSG:32651", 15.0));
    const LevelReport report = checkLevels(buildingTileset("buildings", importBuildings(source->front().features, frame, {}).buildings));
    RecordProperty("worstTriangleRatio", std::to_string(report.worstTriangleRatio));
    std::printf("tiles %zu, triangles at most %.3f, coverage at least %.3f, silhouette at most %.3f of the error\n", report.tilesChecked,
                report.worstTriangleRatio, report.worstCoverage, report.worstSilhouetteShare);
    for (const auto& issue : report.issues) ADD_FAILURE() << issue;
}

} // namespace
