#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/geometry.h"
#include "common/level_check.h"
#include "osm/building_lods.h"

namespace {

using namespace matou::importers;

Building house(const std::string& id, const Polygon& foot, double height) {
    Building building;
    building.id = id;
    building.height = height;
    building.footprint = {foot};
    building.pieces.push_back({"", {foot}, 0, height, "", 0});
    return building;
}

std::vector<Building> hamlet() {
    std::vector<Building> out;
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) {
            const glm::dvec2 at(120.0 * x, 100.0 * y);
            Polygon foot = rectangle(at, 40, 12, 15.0 * x);
            if ((x + y) % 3 == 0) foot.outer = {at, at + glm::dvec2(50, 0), at + glm::dvec2(50, 12), at + glm::dvec2(14, 12), at + glm::dvec2(14, 45), at + glm::dvec2(0, 45)};
            out.push_back(house("H" + std::to_string(8 * y + x), foot, 6.0 + 10.0 * x));
        }
    return out;
}

TEST(LevelCheck, levelsOfBuildingsKeepEveryRule) {
    const LevelReport report = checkLevels(buildingTileset("buildings", hamlet()));
    EXPECT_GE(report.tilesChecked, 5u);
    EXPECT_THAT(report.issues, testing::IsEmpty()) << report.issues.front();
    EXPECT_LE(report.worstTriangleRatio, 1.0 / 3.0);
    EXPECT_GE(report.worstCoverage, 0.95);
    EXPECT_LE(report.worstSilhouetteShare, 1.0);
    EXPECT_LE(report.worstHeightLossMeters, 0.01);
}

TEST(LevelCheck, seesALevelThatIsTooHeavy) {
    TilesetSpec spec = buildingTileset("buildings", hamlet());
    for (auto& feature : spec.features) feature.lods[1] = feature.lods[0];
    EXPECT_GT(checkLevels(spec).worstTriangleRatio, 0.99);
}

TEST(LevelCheck, seesAMissingBuildingInTheSilhouetteAndOnTheGround) {
    TilesetSpec spec = buildingTileset("buildings", hamlet());
    for (std::size_t i = 0; i < spec.features.size(); i += 4) spec.features[i].lods[2] = {};
    const LevelReport report = checkLevels(spec);
    EXPECT_LT(report.worstCoverage, 0.95);
    EXPECT_GT(report.worstSilhouetteShare, 1.0);
}

TEST(LevelCheck, seesATowerThatWasCut) {
    TilesetSpec spec = buildingTileset("buildings", hamlet());
    for (auto& feature : spec.features)
        for (auto& p : feature.lods[2].positions) p.z = std::min(p.z, 40.0);
    EXPECT_NEAR(checkLevels(spec).worstHeightLossMeters, 36, 0.1);
}

} // namespace
