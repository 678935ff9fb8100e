// Properties of the selection on random worlds: covering, budget, order. The trees are made by hand, so nothing is parsed.

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tiles/selector.h"

using namespace matou;
using namespace matou::tiles;

namespace {

/// Unit squares in the plane z = 0, far from the Earth's centre only by name: selection knows no ellipsoid for boxes.
struct World {
    TileTree tree;
    std::vector<Presence> presence;
    std::vector<std::uint64_t> bytes;

    World(int levels, std::mt19937& random, bool emptyTiles) {
        std::vector<std::pair<TileIndex, int>> open{{0, 0}};
        tree.tiles.push_back(make(0, 0, 1024, 128));
        tree.tiles[0].contentCount = 1;
        for (std::size_t i = 0; i < open.size(); ++i) {
            const auto [index, level] = open[i];
            // Ragged: some branches end early.
            if (level + 1 >= levels || (level > 1 && random() % 4 == 0)) {
                tree.tiles[index].geometricError = 0;
                tree.tiles[index].contentCount = 1;
                continue;
            }
            const auto box = std::get<geo::OrientedBox>(tree.tiles[index].volume);
            const double size = box.halfAxes[0].x;
            tree.tiles[index].firstChild = static_cast<TileIndex>(tree.tiles.size());
            tree.tiles[index].childCount = 4;
            for (int q = 0; q < 4; ++q) {
                auto child = make(box.center.x + (q & 1 ? 0.5 : -0.5) * size, box.center.y + (q & 2 ? 0.5 : -0.5) * size, size, tree.tiles[index].geometricError / 2);
                child.parent = index;
                child.depth = static_cast<std::uint16_t>(level + 1);
                child.contentCount = emptyTiles && random() % 5 == 0 ? 0 : 1;
                open.push_back({static_cast<TileIndex>(tree.tiles.size()), level + 1});
                tree.tiles.push_back(child);
            }
        }
        presence.assign(tree.tiles.size(), Presence::absent);
        bytes.assign(tree.tiles.size(), 100);
    }
    static Tile make(double x, double y, double size, double error) {
        Tile tile;
        tile.volume = geo::OrientedBox{{x, y, 0}, glm::dmat3(size / 2, 0, 0, 0, size / 2, 0, 0, 0, 1)};
        tile.sphere = geo::boundingSphere(tile.volume);
        tile.geometricError = error;
        return tile;
    }
    LayerView view() const { return {&tree, presence, bytes, true, {}}; }
};

ViewState randomView(std::mt19937& random) {
    std::uniform_real_distribution<double> place(-500, 500), height(5, 800);
    const geo::Ecef eye{{place(random), place(random), height(random)}}, target{{place(random), place(random), 0}};
    return viewStateOf(geo::eyeFrameLookingAt(eye, target, {0, 0, 1}), 0.9, 1.7, {0, 0, 1, 1}, 0.3, 1080);
}

/// How often the drawn tiles cover each leaf that a view sees.
void expectCoveredOnce(const World& world, const Selection& selection, const ViewState& view) {
    std::set<TileIndex> drawn;
    for (const auto& d : selection.draw) drawn.insert(d.id.tile);
    ASSERT_EQ(drawn.size(), selection.draw.size());
    for (TileIndex leaf = 0; leaf < world.tree.tiles.size(); ++leaf) {
        if (world.tree[leaf].childCount != 0) continue;
        bool seen = true; // as the selection sees it: every tile above is in the frustum as well
        int times = 0;
        for (auto at = leaf; at != kNoTile; at = world.tree[at].parent) {
            seen = seen && geo::classify(world.tree[at].volume, view.frustum) != geo::Containment::outside;
            times += drawn.contains(at) ? 1 : 0;
        }
        if (seen && world.tree[leaf].contentCount > 0) {
            ASSERT_EQ(times, 1) << world.tree.path(leaf);
        }
        ASSERT_LE(times, 1) << world.tree.path(leaf);
    }
}

} // namespace

TEST(TileSelector, coversEveryViewOnceWhateverIsResident) {
    std::mt19937 random(11);
    TileSelector selector;
    for (int round = 0; round < 200; ++round) {
        World world(6, random, round % 2 == 1);
        const int share = static_cast<int>(random() % 100);
        for (auto& presence : world.presence) presence = static_cast<int>(random() % 100) < share ? Presence::ready : random() % 50 == 0 ? Presence::failed : Presence::absent;
        world.presence[0] = Presence::ready;
        const std::vector views{randomView(random)};
        SelectOptions options;
        options.maxErrorPixels = 4;
        options.finerStandIns = round % 3 != 0;
        const LayerView layer = world.view();
        const auto selection = selector.select({&layer, 1}, views, options);
        // A failed leaf below nothing that draws may leave its place empty; here the root always draws.
        expectCoveredOnce(world, selection, views[0]);
        if (HasFatalFailure()) return;
        for (const auto& d : selection.draw) ASSERT_EQ(world.presence[d.id.tile], Presence::ready);
        for (const auto& l : selection.load) ASSERT_EQ(world.presence[l.id.tile], Presence::absent);
        for (std::size_t i = 1; i < selection.load.size(); ++i) ASSERT_GE(selection.load[i - 1].priority, selection.load[i].priority);
        for (std::size_t i = 1; i < selection.draw.size(); ++i) ASSERT_LT(world.tree.path(selection.draw[i - 1].id.tile), world.tree.path(selection.draw[i].id.tile));
        ASSERT_EQ(selection.complete, selection.load.empty());
    }
}

TEST(TileSelector, loadingWhatItAsksForEndsInTheWantedCut) {
    std::mt19937 random(12);
    TileSelector selector;
    for (int round = 0; round < 50; ++round) {
        World world(6, random, round % 2 == 1);
        const std::vector views{randomView(random), randomView(random)};
        SelectOptions options;
        options.maxErrorPixels = 8;
        Selection selection;
        for (int step = 0; step < 1000; ++step) {
            const LayerView layer = world.view();
            selection = selector.select({&layer, 1}, views, options);
            if (selection.load.empty()) break;
            world.presence[selection.load.front().id.tile] = Presence::ready;
        }
        ASSERT_TRUE(selection.complete);
        // Every tile drawn is fine enough for every view that sees it.
        for (const auto& d : selection.draw)
            for (std::size_t v = 0; v < views.size(); ++v)
                if (d.views >> v & 1) {
                    ASSERT_LE(screenSpaceError(world.tree[d.id.tile], views[v]), 8.0);
                }
    }
}

TEST(TileSelector, lessMemoryIsCoarserAndNeverOverTheLimit) {
    std::mt19937 random(13);
    TileSelector selector;
    for (int round = 0; round < 50; ++round) {
        World world(6, random, false);
        std::fill(world.presence.begin(), world.presence.end(), Presence::ready);
        const std::vector views{randomView(random)};
        const LayerView layer = world.view();
        std::size_t last = SIZE_MAX;
        for (const std::uint64_t limit : {std::uint64_t{1} << 40, std::uint64_t{4000}, std::uint64_t{2000}, std::uint64_t{1000}, std::uint64_t{100}}) {
            SelectOptions options;
            options.maxErrorPixels = 2;
            options.byteLimit = limit;
            const auto selection = selector.select({&layer, 1}, views, options);
            expectCoveredOnce(world, selection, views[0]);
            if (HasFatalFailure()) return;
            ASSERT_LE(selection.cutBytes + selection.headroomBytes, limit);
            ASSERT_LE(selection.draw.size(), last);
            ASSERT_EQ(selection.limited, selection.effectiveErrorPixels > 2.0);
            last = selection.draw.size();
        }
    }
}

TEST(TileSelector, leavesRoomForWhatLoadingTakes) {
    std::mt19937 random(15);
    TileSelector selector;
    for (int round = 0; round < 50; ++round) {
        World world(5, random, false);
        std::fill(world.presence.begin(), world.presence.end(), Presence::ready);
        std::vector<std::uint64_t> transient(world.bytes.size());
        for (auto& bytes : transient) bytes = random() % 2000;
        const std::vector views{randomView(random)};
        LayerView layer = world.view();
        layer.transientBytes = transient;
        std::uint64_t largest = 0;
        for (const std::uint64_t limit : {std::uint64_t{1} << 40, std::uint64_t{8000}, std::uint64_t{3000}, std::uint64_t{10}}) {
            SelectOptions options;
            options.maxErrorPixels = 2;
            options.byteLimit = limit;
            const auto selection = selector.select({&layer, 1}, views, options);
            expectCoveredOnce(world, selection, views[0]);
            if (HasFatalFailure()) return;
            // Either it fits while the last of it is loaded, or there is nothing coarser.
            if (selection.cutBytes + selection.headroomBytes > limit) {
                ASSERT_GT(selection.floorBytes, limit);
            }
            largest = 0;
            for (const auto& tile : selection.draw) largest = std::max(largest, transient[tile.id.tile]);
            ASSERT_GE(selection.headroomBytes, largest);
        }
    }
}

TEST(TileSelector, masksLayersPerView) {
    std::mt19937 random(14);
    World a(3, random, false), b(3, random, false);
    std::fill(a.presence.begin(), a.presence.end(), Presence::ready);
    std::fill(b.presence.begin(), b.presence.end(), Presence::ready);
    std::vector views{randomView(random), randomView(random)};
    views[0].layerMask = 1;
    views[1].layerMask = 2;
    const std::array layers{a.view(), b.view()};
    TileSelector selector;
    const auto selection = selector.select(layers, views, {});
    ASSERT_FALSE(selection.draw.empty());
    for (const auto& d : selection.draw) EXPECT_EQ(d.views, d.id.layer == 0 ? 1u : 2u);
}

TEST(ScreenSpaceError, followsTheFormulaOfTheSpecification) {
    Tile tile = World::make(0, 0, 2, 5);
    ViewState view;
    view.eyeEcef = {0, 0, 101}; // the box is 1 high above the plane: 100 m away
    view.fovYRadians = 1.0;
    view.heightPixels = 1000;
    EXPECT_NEAR(screenSpaceError(tile, view), 5 * 1000 / (100 * 2 * std::tan(0.5)), 1e-9);
}
