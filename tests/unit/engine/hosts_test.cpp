#include "engine/hosts.h"

#include <gtest/gtest.h>

#include "unit/spatial/shapes.h"

namespace matou {

TEST(AlarmHosts, findsTheBuildingBelowOrBesideAndNoneInTheOpen) {
    scene::FeatureRegistry registry;
    const auto house = registry.intern({"buildings", "NM-1"}), tree = registry.intern({"trees", "T-1"});
    std::vector<spatial::Triangle> triangles;
    test::addFloor(triangles, -200, -200, 200, 200, 0, 0);
    test::addBox(triangles, {-10, -10, 0}, {10, 10, 20}, 1);
    test::addBox(triangles, {-3, -3, 25}, {3, 3, 30}, 2); // a crown over its roof
    spatial::SpatialIndex geometry;
    spatial::ContentOptions options;
    options.featureNumbers = std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, house, tree});
    Subject subject;
    subject.layers.resize(2);
    subject.layers[0].id = "buildings";
    subject.layers[1].id = "trees";
    subject.layers[1].role = scene::LayerRole::vegetation;
    AlarmHosts hosts(subject, registry);

    twin::StateSnapshot state;
    const auto add = [&](const char* id, double east, double north, int severity) {
        const auto place = geo::geodeticFromEcef(test::at(east, north, 0));
        twin::Alarm alarm;
        alarm.id = id;
        alarm.severity = severity;
        alarm.place = {place.longitudeDegrees, place.latitudeDegrees, 5.0};
        state.alarms.push_back(alarm);
    };
    add("inside", 0, 0, 1);
    add("beside", 14, 0, 3);
    add("open", 60, 0, 1);
    add("shelved", 0, 5, 1);
    state.alarms.back().workflow = twin::Workflow::shelved;
    state.version = 1;
    hosts.update(state, geometry);
    EXPECT_TRUE(hosts.hostOf("inside").id.empty()) << "nothing is loaded yet";
    geometry.add(1, spatial::Bvh::build(triangles), test::placeMatrix(), options);
    hosts.update(state, geometry);
    const core::FeatureKey key{"buildings", "NM-1"};
    EXPECT_EQ(hosts.hostOf("inside"), key);
    EXPECT_EQ(hosts.hostOf("beside"), key);
    EXPECT_TRUE(hosts.hostOf("open").id.empty());
    EXPECT_FALSE(hosts.roofOf("open"));
    ASSERT_TRUE(hosts.roofOf("inside"));
    EXPECT_NEAR(glm::length(hosts.roofOf("inside")->meters - test::at(0, 0, 23).meters), 0, 0.05);
    EXPECT_TRUE(hosts.hostOf("unknown").id.empty());
    ASSERT_EQ(hosts.marked().size(), 2u) << "what is shelved marks nothing";
    EXPECT_EQ(hosts.marked()[0], (symbology::MarkedFeature{key, 4}));
    EXPECT_EQ(hosts.marked()[1], (symbology::MarkedFeature{key, 2}));
    geometry.remove(1);
    hosts.update(state, geometry);
    EXPECT_EQ(hosts.hostOf("inside"), key) << "found once, kept while its tile is away";
}

} // namespace matou
