// Levels of detail that fade into one another: over every point of the ground the parts of what is shown sum to one.

#include <random>

#include <gtest/gtest.h>

#include "quadtree_world.h"
#include "stream/level_fades.h"
#include "tiles/selector.h"

using namespace matou;
using namespace matou::test;
using stream::LevelFades;
using stream::ShownTile;
using tiles::Presence;
using tiles::TileId;

namespace {

constexpr double kFade = 0.3, kInfinite = std::numeric_limits<double>::infinity();

/// A quadtree of which a test says what is selected and what is resident.
struct Ground {
    explicit Ground(int levels)
        : tree(tiles::parseTileset(QuadtreeWorld(levels).files.at("/world/tileset.json"), "world").value()), resident(tree.tiles.size(), true) {
        fades.setDuration(kFade);
    }

    void step(std::vector<tiles::TileIndex> selected, double seconds) {
        draw.clear();
        for (const auto tile : selected) draw.push_back({{0, tile}, 1});
        step(seconds);
    }
    void step(double seconds) {
        const tiles::TileTree* trees[] = {&tree};
        fades.step({trees, draw, {&view, 1}, [this](TileId id) { return resident[id.tile]; }}, seconds);
    }
    /// Null where it is not shown.
    const ShownTile* shown(tiles::TileIndex tile) const {
        for (const auto& s : fades.shown())
            if (s.id.tile == tile) return &s;
        return nullptr;
    }
    std::vector<tiles::TileIndex> childrenOf(tiles::TileIndex tile) const {
        std::vector<tiles::TileIndex> out;
        for (std::uint32_t c = 0; c < tree[tile].childCount; ++c) out.push_back(tree[tile].firstChild + c);
        return out;
    }
    glm::dvec3 point(double east, double north) const { return glm::dvec3(geo::ecefFromEnu(worldCenter()) * glm::dvec4(east, north, 0, 1)); }

    /// The parts over a point stand one beside another from 0 to 1, none over another.
    ::testing::AssertionResult whole(double east, double north) const {
        std::vector<std::pair<float, float>> parts;
        for (const auto& s : fades.shown())
            if (geo::distanceTo(tree[s.id.tile].volume, point(east, north)) == 0 && s.keepFrom < s.keepTo) parts.emplace_back(s.keepFrom, s.keepTo);
        if (fades.shown().empty())
            return timesCovered(tree, draw, east, north) == 1 ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << "not drawn once";
        std::sort(parts.begin(), parts.end());
        float at = 0;
        for (const auto& [from, to] : parts) {
            if (from != at) return ::testing::AssertionFailure() << "from " << from << " where " << at << " was reached";
            at = to;
        }
        return at == 1 ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << "only " << at << " of it is shown";
    }
    void expectWhole(const char* when) const {
        for (int i = 0; i < 16; ++i)
            for (int j = 0; j < 16; ++j) {
                const double east = (i + 0.37) / 16 * kWorldMeters - kWorldMeters / 2, north = (j + 0.41) / 16 * kWorldMeters - kWorldMeters / 2;
                if (geo::classify(geo::BoundingVolume(geo::Sphere{point(east, north), 0}), view.frustum) == geo::Containment::outside) continue;
                ASSERT_TRUE(whole(east, north)) << when << ", at " << east << " " << north;
            }
    }

    tiles::TileTree tree;
    std::vector<bool> resident;
    tiles::ViewState view = viewFrom(0, 0, 2000, 0, -90); // sees all of it
    std::vector<tiles::DrawTile> draw;
    LevelFades fades;
};

TEST(LevelFades, childrenTakeOverFromTheirParentShareByShare) {
    Ground ground(2);
    ground.step({0}, kInfinite);
    EXPECT_FALSE(ground.fades.fading());
    const auto children = ground.childrenOf(0);
    for (int i = 1; i < 10; ++i) {
        ground.step(children, kFade / 10);
        const auto *parent = ground.shown(0), *child = ground.shown(children[2]);
        ASSERT_TRUE(parent && child) << i;
        EXPECT_NEAR(child->keepTo, i / 10.0, 1e-6);
        EXPECT_EQ(child->keepFrom, 0);
        EXPECT_EQ(parent->keepFrom, child->keepTo);
        EXPECT_EQ(parent->keepTo, 1);
        EXPECT_TRUE(parent->leaving);
        EXPECT_FALSE(child->leaving);
        EXPECT_EQ(parent->views, 1u);
        EXPECT_TRUE(ground.fades.pins({0, 0}));
        ground.expectWhole("refining");
    }
    ground.step(children, kFade / 5);
    EXPECT_TRUE(ground.fades.shown().empty());
    EXPECT_FALSE(ground.fades.pins({0, 0})) << "it may go as soon as the fade is over";
}

TEST(LevelFades, aParentComesBackTheSameWay) {
    Ground ground(2);
    const auto children = ground.childrenOf(0);
    ground.step(children, kInfinite);
    ground.step({0}, kFade / 4);
    EXPECT_NEAR(ground.shown(0)->keepFrom, 0.75, 1e-6);
    EXPECT_FALSE(ground.shown(0)->leaving);
    EXPECT_TRUE(ground.shown(children[0])->leaving);
    ground.expectWhole("coarsening");
    ground.step({0}, kFade / 4);
    EXPECT_NEAR(ground.shown(0)->keepFrom, 0.5, 1e-6);
    // Half way the choice turns round: no jump, it goes back from where it stands.
    ground.step(children, kFade / 4);
    EXPECT_NEAR(ground.shown(0)->keepFrom, 0.75, 1e-6);
    EXPECT_TRUE(ground.shown(0)->leaving);
    EXPECT_FALSE(ground.shown(children[0])->leaving);
    ground.step(children, kFade / 2);
    EXPECT_TRUE(ground.fades.shown().empty());
}

TEST(LevelFades, aStepOfNoTimeHoldsAndOneOfAFadesLengthShowsNone) {
    Ground ground(2);
    const auto children = ground.childrenOf(0);
    ground.step({0}, kInfinite);
    ground.step(children, 0);
    EXPECT_EQ(ground.shown(0)->keepFrom, 0);
    EXPECT_EQ(ground.shown(children[0])->keepTo, 0);
    ground.expectWhole("before it begins");
    ground.step(children, kFade / 2);
    ground.step(children, 0);
    EXPECT_NEAR(ground.shown(0)->keepFrom, 0.5, 1e-6);
    ground.step(children, kFade);
    EXPECT_TRUE(ground.fades.shown().empty());
    ground.fades.setDuration(0);
    ground.step({0}, 0);
    EXPECT_TRUE(ground.fades.shown().empty());
}

TEST(LevelFades, fadesWithinFadesShareOutWhatTheirPlaceHas) {
    Ground ground(3);
    const auto children = ground.childrenOf(0);
    const auto grandchildren = ground.childrenOf(children[1]);
    auto mixed = std::vector{children[0], children[2], children[3]};
    mixed.insert(mixed.end(), grandchildren.begin(), grandchildren.end());
    ground.step({0}, kInfinite);
    ground.step(children, kFade / 2);
    ground.step(mixed, kFade / 4);
    EXPECT_NEAR(ground.shown(0)->keepFrom, 0.75, 1e-6);
    EXPECT_NEAR(ground.shown(grandchildren[0])->keepTo, 0.75 * 0.25, 1e-6);
    EXPECT_EQ(ground.shown(children[1])->keepFrom, ground.shown(grandchildren[0])->keepTo);
    EXPECT_EQ(ground.shown(children[1])->keepTo, ground.shown(0)->keepFrom);
    ground.expectWhole("two levels on their way");
    ground.step({0}, kFade / 8); // and all of it back at once
    EXPECT_FALSE(ground.shown(0)->leaving);
    EXPECT_TRUE(ground.shown(grandchildren[0])->leaving);
    ground.expectWhole("on the way back");
}

TEST(LevelFades, whatGoesOutOfSightIsNotFaded) {
    Ground ground(2);
    const auto children = ground.childrenOf(0);
    ground.step(children, kInfinite);
    ground.step({children[0], children[1]}, kFade / 2); // nothing took the places of the others
    EXPECT_TRUE(ground.fades.shown().empty());
    ground.step({}, kFade / 4);
    EXPECT_TRUE(ground.fades.shown().empty());
}

TEST(LevelFades, endsAtOnceWhereThereWouldBeAHole) {
    Ground ground(2);
    const auto children = ground.childrenOf(0);
    // Two of four were in sight; the camera goes up and sees the others' places too.
    ground.step({children[0], children[1]}, kInfinite);
    ground.resident[children[2]] = ground.resident[children[3]] = false;
    ground.step({0}, kFade / 4);
    EXPECT_TRUE(ground.fades.shown().empty()) << "the parent is drawn whole";
    // Where they are there, they join in.
    ground.step({children[0], children[1]}, kInfinite);
    ground.resident[children[2]] = ground.resident[children[3]] = true;
    ground.step({0}, kFade / 4);
    ASSERT_TRUE(ground.shown(children[3]));
    ground.expectWhole("with those that joined in");
    // What is dropped in the middle of a fade leaves none.
    ground.resident[children[1]] = false;
    ground.step({0}, kFade / 4);
    EXPECT_TRUE(ground.fades.shown().empty());
    // A parent that is dropped leaves its children whole.
    ground.step(children, kFade / 4);
    ground.resident[0] = false;
    ground.step(children, kFade / 4);
    EXPECT_TRUE(ground.fades.shown().empty());
}

TEST(LevelFades, aCutForgetsAll) {
    Ground ground(2);
    ground.step({0}, kInfinite);
    ground.step(ground.childrenOf(0), kFade / 4);
    ASSERT_TRUE(ground.fades.fading());
    ground.fades.cut();
    EXPECT_FALSE(ground.fades.fading());
    EXPECT_FALSE(ground.fades.pins({0, 0}));
    ground.step(ground.childrenOf(0), kFade / 4);
    EXPECT_TRUE(ground.fades.shown().empty());
}

/// Views that wander, tiles that come and go, true selections: never a hole, nothing twice, and the same answers twice.
TEST(LevelFades, partsSumToOneWhateverHappens) {
    std::vector<std::vector<ShownTile>> first;
    for (int run = 0; run < 2; ++run) {
        Ground ground(5);
        std::mt19937 random(11);
        std::uniform_real_distribution<double> place(-450, 450), heading(0, 360), pitch(-90, -10), step(0, 0.06);
        std::vector<Presence> presence(ground.tree.tiles.size(), Presence::ready);
        std::vector<std::uint64_t> bytes(ground.tree.tiles.size(), 1);
        tiles::TileSelector selector;
        int fading = 0, steps = 0;
        for (int i = 0; i < 600; ++i) {
            if (i % 5 == 0) ground.view = viewFrom(place(random), place(random), std::exp2(std::uniform_real_distribution<double>(5, 11)(random)), heading(random), pitch(random));
            for (int k = 0; k < 3; ++k) { // the root stays, as a base does
                const auto tile = 1 + random() % (ground.tree.tiles.size() - 1);
                const bool there = random() % 3 != 0;
                presence[tile] = there ? Presence::ready : Presence::absent;
                ground.resident[tile] = there;
            }
            const tiles::LayerView layer{&ground.tree, presence, bytes};
            ground.draw = selector.select({&layer, 1}, {&ground.view, 1}, {}).draw;
            ground.step(random() % 7 == 0 ? 0.0 : step(random));
            ground.expectWhole("step");
            if (HasFatalFailure()) FAIL() << "step " << i;
            fading += ground.fades.fading() ? 1 : 0;
            ++steps;
            if (run == 0) first.push_back(ground.fades.shown());
            else {
                ASSERT_EQ(first[static_cast<std::size_t>(i)].size(), ground.fades.shown().size());
                for (std::size_t s = 0; s < first[static_cast<std::size_t>(i)].size(); ++s) {
                    const auto &a = first[static_cast<std::size_t>(i)][s], &b = ground.fades.shown()[s];
                    ASSERT_TRUE(a.id == b.id && a.keepFrom == b.keepFrom && a.keepTo == b.keepTo && a.leaving == b.leaving);
                }
            }
        }
        EXPECT_GT(fading, steps / 5) << "too little faded to show anything";
    }
}

} // namespace
