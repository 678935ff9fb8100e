// The plan of the city and what fills it, before any file is written.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "common/level_check.h"
#include "nanmatou/building_mesh.h"
#include "nanmatou/city.h"
#include "nanmatou/layers.h"
#include "nanmatou/random.h"
#include "nanmatou/records.h"
#include "nanmatou/shares.h"
#include "nanmatou/spacing.h"

namespace matou::importers::nanmatou {
namespace {

City makeCity(std::uint64_t seed) {
    auto frame = geo::DistrictFrame::create(kCrs, kDatumAboveEllipsoid);
    EXPECT_TRUE(frame);
    auto place = loadPlace(*frame);
    EXPECT_TRUE(place);
    City city;
    city.place = *place;
    city.layout = makeLayout(city.place);
    fillBlocks(city, seed);
    settleShares(city, seed);
    return city;
}

const City& firstCity() {
    static const City city = makeCity(1);
    return city;
}

TEST(NanmatouRandom, givesTheSameNumbersEverywhere) {
    Random random(42);
    EXPECT_EQ(random.next(), 0xbdd732262feb6e95ull); // splitmix64's published sequence for seed 42
    EXPECT_EQ(random.next(), 0x28efe333b266f103ull);
    Random a(1, "trees"), b(1, "lamps");
    EXPECT_NE(a.next(), b.next());
}

TEST(NanmatouLayout, isAWedgeOfSomeFourSquareKilometres) {
    const auto& layout = firstCity().layout;
    EXPECT_NEAR(area(layout.district) / 1e6, 4.2, 0.2); // between OSM's 4.07 and the town polygon's 4.29 km²
    const auto& place = firstCity().place;
    Extent north, south;
    for (const auto& p : layout.district.outer)
        (p.y > place.center.y + 700 ? north : south).add(p);
    EXPECT_GT(north.size().x, 1900); // 2.1 km at the bridge's side, a tip in the south
    double tip = 1e300;
    glm::dvec2 at(0);
    for (const auto& p : layout.district.outer)
        if (p.y < tip) tip = p.y, at = p;
    EXPECT_NEAR(at.x - place.center.x, (121.5157 - 121.5096) * 95220.0, 30.0);
}

TEST(NanmatouLayout, hasTheSixZonesByName) {
    std::set<std::string> names;
    for (const auto& zone : firstCity().layout.zones)
        names.insert(zone.nameZh);
    for (const char* name : {"核心区域（全域中心位置地块）", "世博滨江“政务商务带”", "白莲泾“产业聚集带”",
                             "“人文滨江”居住区", "“怡养临沂”居住区", "“和美六里”居住区"})
        EXPECT_TRUE(names.contains(name)) << name;
    EXPECT_EQ(names.size(), 7u);
}

TEST(NanmatouLayout, inventsNoStreetNames) {
    const std::set<std::string> known{"浦东南路", "世博大道", "高科西路",   "杨高南路",   "龙阳路",
                                      "南码头路", "临沂北路", "临沂路",     "东方路",     "浦三路",
                                      "兰陵路",   "胶南路",   "西三里桥路", "东三里桥路", "云台路"};
    for (const auto& street : firstCity().place.streets)
        EXPECT_TRUE(known.contains(street.nameZh) || street.nameZh.starts_with("支路(示意)")) << street.nameZh;
}

TEST(NanmatouStock, hasTheSharesOfTheFacts) {
    const City& city = firstCity();
    std::array<int, kStoreyClasses> storeys{};
    std::map<std::string, int> uses;
    for (const auto& b : city.buildings)
        ++storeys[static_cast<std::size_t>(storeyClass(b.floors))], ++uses[b.use];
    const double n = static_cast<double>(city.buildings.size());
    EXPECT_NEAR(n, kBuildings, 0.05 * kBuildings);
    for (std::size_t c = 0; c < 5; ++c)
        EXPECT_NEAR(storeys[c] / n, kStoreyShares[c], 0.03) << c;
    EXPECT_EQ(storeys[5], kOverThirtyThree);
    for (const auto& [use, count] : uses)
        EXPECT_NEAR(count / n, shareOfUse(use), 0.03) << use;
}

TEST(NanmatouStock, isTheSameForTheSameSeedAndAnotherForAnother) {
    const City again = makeCity(1), other = makeCity(2);
    ASSERT_EQ(again.buildings.size(), firstCity().buildings.size());
    for (std::size_t i = 0; i < again.buildings.size(); ++i) {
        EXPECT_EQ(again.buildings[i].name, firstCity().buildings[i].name);
        EXPECT_EQ(again.buildings[i].footprint.middle, firstCity().buildings[i].footprint.middle);
    }
    bool differs = other.buildings.size() != again.buildings.size();
    for (std::size_t i = 0; i < std::min(other.buildings.size(), again.buildings.size()) && !differs; ++i)
        differs = other.buildings[i].footprint.middle != again.buildings[i].footprint.middle;
    EXPECT_TRUE(differs);
}

TEST(NanmatouSpacing, seesOnlyWhatStandsInFront) {
    const Footprint north{{0, 30}, 40, 10, 0}, south{{0, 0}, 40, 10, 0}, beside{{60, 0}, 40, 10, 0};
    EXPECT_DOUBLE_EQ(southernGap(south, north), 20.0);
    EXPECT_LT(southernGap(north, south), 0);
    EXPECT_LT(southernGap(beside, north), 0);
    EXPECT_DOUBLE_EQ(lawfulGap(17.4), 17.4);
    EXPECT_DOUBLE_EQ(lawfulGap(90.0), 45.0);
    EXPECT_DOUBLE_EQ(lawfulGap(30.0), 24.0);
    EXPECT_DOUBLE_EQ(lawfulGap(3.2), 0.0);
}

TEST(NanmatouFurniture, standsOnPavementsAndWalksOutOfTheWay) {
    City city = firstCity();
    plantTrees(city, 1);
    placeLamps(city);
    const TilesetSpec spec = furnitureLayer(city);
    std::array<int, 3> counts{}; // benches, bins, bollards
    std::size_t triangles = 0;
    for (const auto& thing : spec.instances) {
        ASSERT_LT(thing.prototype, counts.size());
        ++counts[thing.prototype];
        triangles += spec.prototypes[thing.prototype].lods[0].triangleCount();
        const glm::dvec2 p(thing.position);
        EXPECT_TRUE(contains(city.layout.district, p) && !contains(city.layout.water, p)) << thing.id;
        bool pavement = false;
        for (const auto& street : city.place.streets) {
            const double off = distanceTo(street.line, p);
            EXPECT_GT(off, 0.5 * street.carriageway()) << thing.id << " stands in " << street.nameZh;
            pavement = pavement || off < 0.5 * street.rightOfWay();
        }
        EXPECT_TRUE(pavement || contains(city.layout.promenade, p)) << thing.id;
        for (const auto& tree : city.trees)
            EXPECT_GT(glm::length(tree.at - p), 0.4) << thing.id << " stands in a tree";
        if (thing.prototype == 0) { // looks over the river
            const double heading = glm::radians(thing.headingDegrees);
            const glm::dvec2 ahead = p + glm::dvec2(std::sin(heading), std::cos(heading));
            EXPECT_LT(distanceTo(city.place.fairway, ahead), distanceTo(city.place.fairway, p) - 0.9) << thing.id;
        }
    }
    for (const int count : counts)
        EXPECT_GT(count, 30);
    EXPECT_LT(triangles, 100000u); // one in a hundred of the district's
}

TEST(NanmatouBuildings, loseTwoThirdsOfTheirTrianglesAtEachLevelAndKeepTheirHeight) {
    std::array<std::size_t, 3> triangles{};
    for (const auto& b : firstCity().buildings) {
        const auto feature = featureOf(b);
        ASSERT_EQ(feature.lods.size(), 3u);
        std::array<double, 3> top{};
        for (std::size_t level = 0; level < 3; ++level) {
            triangles[level] += feature.lods[level].triangleCount();
            for (const auto& p : feature.lods[level].positions)
                top[level] = std::max(top[level], p.z);
        }
        EXPECT_NEAR(top[1], top[0], 0.6) << b.id;
        EXPECT_NEAR(top[2], top[0], 0.6) << b.id;
    }
    EXPECT_GE(triangles[0], 3 * triangles[1]);
    EXPECT_GE(triangles[1], 3 * triangles[2]);
    EXPECT_LT(triangles[0], 1200000u);
}

TEST(NanmatouBuildings, everyCoarseTileStandsInForItsChildren) {
    const auto report = checkLevels(buildingsLayer(firstCity()));
    EXPECT_GT(report.tilesChecked, 10u);
    std::cout << "triangles " << report.worstTriangleRatio << " coverage " << report.worstCoverage << " height loss "
              << report.worstHeightLossMeters << " m, silhouette " << report.worstSilhouetteShare << "\n";
    for (std::size_t i = 0; i < report.issues.size() && i < 12; ++i)
        ADD_FAILURE() << report.issues[i];
}

TEST(NanmatouBridge, standsOnTwoTowersWithTheSpiralOnTheFarBank) {
    const auto spec = structuresLayer(firstCity());
    std::map<std::string, Extent> extents;
    double top = 0;
    for (const auto& f : spec.features)
        for (const auto& p : f.lods[0].positions)
            extents[f.id].add({p.x, p.y}), top = std::max(top, p.z);
    ASSERT_TRUE(extents.contains("nanpu-tower-e") && extents.contains("nanpu-tower-w") &&
                extents.contains("nanpu-spiral"));
    EXPECT_NEAR(glm::length(extents["nanpu-tower-e"].center() - extents["nanpu-tower-w"].center()), 423.0, 3.0);
    EXPECT_NEAR(top, 156.0, 3.0);
    EXPECT_FALSE(contains(firstCity().layout.district, extents["nanpu-spiral"].center()));
    EXPECT_LT(extents["nanpu-spiral"].maximum.x, extents["nanpu-tower-w"].center().x);
}

} // namespace
} // namespace matou::importers::nanmatou
