#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "osm/buildings.h"

namespace {

using namespace matou;
using namespace matou::importers;

constexpr double kLon = 121.5, kLat = 31.23;
constexpr double kLonPerMeter = 1.0 / 95280.0, kLatPerMeter = 1.0 / 110870.0;

geo::DistrictFrame frame() { return std::move(*geo::DistrictFrame::create("EPSG:32651", 15.0)); }

Ring ringAt(std::initializer_list<glm::dvec2> meters) {
    Ring out;
    for (const auto& m : meters) out.push_back({kLon + m.x * kLonPerMeter, kLat + m.y * kLatPerMeter});
    return out;
}

Ring square(double x, double y, double size) { return ringAt({{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}}); }

SourceFeature polygon(const std::string& id, const Ring& outer, std::map<std::string, PropertyValue> fields = {}) {
    SourceFeature feature;
    feature.id = id;
    feature.fields = std::move(fields);
    feature.fields["id"] = id;
    feature.geometryType = "Polygon";
    feature.polygons = {{outer, {}}};
    return feature;
}

BuildingImport import(const std::vector<SourceFeature>& features) { return importBuildings(features, frame(), {}); }

TEST(Buildings, dropsEqualCopiesAndJoinsDifferingPieces) {
    // One building cut at a tile border (two pieces, one of them twice) and one repeated as it is.
    const auto result = import({polygon("1", square(0, 0, 20)), polygon("1", square(20, 0, 20)), polygon("1", square(20, 0, 20)),
                                polygon("2", square(100, 0, 20)), polygon("2", square(100, 0, 20)), polygon("3", square(200, 0, 20))});
    EXPECT_EQ(result.counts.polygons, 6u);
    EXPECT_EQ(result.counts.distinctIds, 3u);
    EXPECT_EQ(result.counts.repeatedIds, 2u);
    EXPECT_EQ(result.counts.repeatedInDifferentPieces, 1u);
    EXPECT_EQ(result.counts.equalCopiesDropped, 2u);
    EXPECT_EQ(result.counts.piecesJoined, 2u);
    ASSERT_EQ(result.buildings.size(), 3u);
    EXPECT_EQ(result.buildings[0].footprint.size(), 1u);
    EXPECT_NEAR(area(result.buildings[0].footprint), 800, 2);
    EXPECT_NEAR(result.counts.areaBeforeJoining, 800, 2);
    EXPECT_NEAR(result.counts.areaAfterJoining, 800, 2);
}

TEST(Buildings, overlappingPiecesAreNotCountedTwice) {
    const auto result = import({polygon("1", square(0, 0, 20)), polygon("1", square(10, 0, 20))});
    EXPECT_NEAR(result.counts.areaBeforeJoining, 800, 2);
    EXPECT_NEAR(result.counts.areaAfterJoining, 600, 2);
}

TEST(Buildings, hidesAWholeWhereItsPartsStandIn) {
    const auto result = import({polygon("10", square(0, 0, 40), {{"height", 90.0}, {"name", std::string("塔")}}),
                                polygon("11", ringAt({{0, 0}, {40, 0}, {40, 20}, {0, 20}}), {{"kind", std::string("building_part")}, {"root_id", std::int64_t{10}}, {"height", 90.0}}),
                                polygon("12", ringAt({{0, 20}, {40, 20}, {40, 40}, {0, 40}}),
                                        {{"kind", std::string("building_part")}, {"root_id", std::int64_t{10}}, {"height", 30.0}, {"min_height", 6.0}})});
    ASSERT_EQ(result.buildings.size(), 1u);
    EXPECT_EQ(result.counts.wholesHidden, 1u);
    const Building& tower = result.buildings[0];
    EXPECT_EQ(tower.id, "10"); // whoever picks a part gets its whole
    EXPECT_EQ(tower.name, "塔");
    EXPECT_EQ(tower.height, 90);
    ASSERT_EQ(tower.pieces.size(), 2u);
    EXPECT_EQ(tower.pieces[0].id, "11");
    EXPECT_EQ(tower.pieces[1].base, 6);
    EXPECT_EQ(tower.pieces[1].top, 30);
}

TEST(Buildings, keepsWhatThePartsLeaveUncovered) {
    const auto result = import({polygon("10", square(0, 0, 40), {{"height", 20.0}}),
                                polygon("11", square(0, 0, 20), {{"kind", std::string("building_part")}, {"root_id", std::int64_t{10}}, {"height", 60.0}})});
    ASSERT_EQ(result.buildings.size(), 1u);
    EXPECT_EQ(result.counts.wholesTrimmed, 1u);
    const Building& building = result.buildings[0];
    EXPECT_EQ(building.height, 60);
    ASSERT_EQ(building.pieces.size(), 2u);
    EXPECT_EQ(building.pieces[1].top, 20);
    EXPECT_NEAR(area(building.pieces[1].footprint), 1200, 3);
}

TEST(Buildings, aPartThatSaysZeroStaysLow) {
    const std::map<std::string, PropertyValue> part = {{"kind", std::string("building_part")}, {"root_id", std::int64_t{10}}};
    auto foot = part, mast = part;
    foot["height"] = std::int64_t{0};
    const auto result = import({polygon("10", square(0, 0, 40), {{"height", 400.0}}),
                                polygon("11", ringAt({{0, 0}, {40, 0}, {40, 20}, {0, 20}}), foot),
                                polygon("12", ringAt({{0, 20}, {40, 20}, {40, 40}, {0, 40}}), mast)});
    ASSERT_EQ(result.buildings.size(), 1u);
    EXPECT_EQ(result.buildings[0].pieces.at(0).top, 3);
    EXPECT_EQ(result.buildings[0].pieces.at(1).top, 400); // one that says nothing takes its whole's
}

TEST(Buildings, repairsASelfIntersectionAndKeepsHoles) {
    SourceFeature courtyard = polygon("2", square(100, 0, 40));
    courtyard.polygons[0].holes.push_back(square(110, 10, 20));
    const auto result = import({polygon("1", ringAt({{0, 0}, {20, 20}, {20, 0}, {0, 20}})), courtyard});
    EXPECT_EQ(result.counts.invalidRepaired, 1u);
    EXPECT_EQ(result.counts.withHoles, 1u);
    ASSERT_EQ(result.buildings.size(), 2u);
    EXPECT_NEAR(area(result.buildings[0].footprint), 200, 2);
    EXPECT_NEAR(area(result.buildings[1].footprint), 1200, 3);
}

TEST(Buildings, reportsPointsAndTakesTheirNames) {
    SourceFeature point;
    point.id = "1";
    point.fields = {{"name", std::string("浦东海关")}};
    point.geometryType = "Point";
    point.points = {{kLon, kLat}};
    const auto result = import({polygon("1", square(0, 0, 20)), point});
    EXPECT_EQ(result.counts.points, 1u);
    EXPECT_EQ(result.counts.namedFromPoints, 1u);
    ASSERT_EQ(result.buildings.size(), 1u);
    EXPECT_EQ(result.buildings[0].name, "浦东海关");
}

TEST(Buildings, everyHeightSaysWhereItIsFrom) {
    const auto result = import({polygon("1", square(0, 0, 20), {{"height", std::string("12.5 m")}}), polygon("2", square(50, 0, 20), {{"building:levels", std::int64_t{4}}}),
                                polygon("3", square(100, 0, 20)), polygon("4", square(150, 0, 20), {{"height", std::int64_t{0}}}),
                                polygon("5", square(200, 0, 5), {{"building", std::string("yes")}})});
    ASSERT_EQ(result.buildings.size(), 5u);
    EXPECT_EQ(result.buildings[0].heightSource, HeightSource::measured);
    EXPECT_DOUBLE_EQ(result.buildings[0].height, 12.5);
    EXPECT_EQ(result.buildings[1].heightSource, HeightSource::floors);
    EXPECT_DOUBLE_EQ(result.buildings[1].height, 12);
    EXPECT_EQ(result.buildings[1].floors, 4);
    EXPECT_EQ(result.buildings[2].heightSource, HeightSource::assumed);
    EXPECT_EQ(result.buildings[3].heightSource, HeightSource::assumed);
    EXPECT_DOUBLE_EQ(result.buildings[4].height, 3);
    EXPECT_EQ(result.counts.assumed, 3u);
    EXPECT_EQ(result.counts.zeroHeights, 1u);
    EXPECT_EQ(result.counts.polygonsWithHeight, 1u);
}

TEST(Buildings, dropsWhatHasNoArea) {
    const auto result = import({polygon("1", ringAt({{0, 0}, {20, 0}, {40, 0}})), polygon("2", square(50, 0, 20))});
    EXPECT_EQ(result.counts.vanished, 1u);
    EXPECT_EQ(result.buildings.size(), 1u);
}

} // namespace
