#include <random>

#include <gtest/gtest.h>

#include "support/generated_gltf.h"
#include "tiles/tile_tree.h"

namespace matou::tiles {
namespace {

/// A tileset of a root with `leaves` leaves, and mounts beside them that refer to others; every table of the tree is
/// used.
TileTree part(const std::string& name, int leaves, const std::vector<std::string>& mounts,
              const ParseContext& context = {}) {
    const std::string region = R"("boundingVolume":{"region":[2.1,0.54,2.11,0.55,0,100]},"geometricError":1)";
    std::string children;
    for (int i = 0; i < leaves; ++i)
        children +=
            (children.empty() ? "{" : ",{") + region +
            R"(,"transform":[1,0,0,0,0,1,0,0,0,0,1,0,1,2,3,1],"viewerRequestVolume":{"sphere":[0,0,0,9]},"content":{"uri":")" +
            name + std::to_string(i) + R"(.glb","boundingVolume":{"sphere":[0,0,0,5]}}})";
    for (const auto& mount : mounts)
        children += (children.empty() ? "{" : ",{") + region + R"(,"content":{"uri":")" + mount + "\"}}";
    return parseTileset(test::bytesOf(R"({"asset":{"version":"1.1"},"geometricError":9,"root":{)" + region +
                                      R"(,"children":[)" + children + "]}}"),
                        name + ".json", context)
        .value();
}

/// All that selection and requests see of a tree, in its own order.
std::string said(const TileTree& tree) {
    std::string out;
    std::vector<TileIndex> open{0};
    while (!open.empty()) {
        const auto at = open.back();
        open.pop_back();
        const auto& t = tree[at];
        out += tree.path(at) + " " + tree.pointer(at) + " " + std::to_string(t.depth) +
               (t.pending    ? " pending"
                : t.external ? " external"
                             : "") +
               " in " + tree.sources[t.source].where;
        for (std::uint32_t c = 0; c < t.contentCount; ++c)
            out += " " + std::string(tree.contents[t.firstContent + c].uri);
        if (t.request != kNoRequest)
            out += " r" + std::to_string(geo::boundingSphere(tree.requestVolumes[t.request]).radius);
        if (t.contentVolume != kNoVolume)
            out += " v" + std::to_string(geo::boundingSphere(tree.contentVolumes[t.contentVolume]).radius);
        if (t.box != kNoVolume) out += " b" + std::to_string(geo::boundingSphere(tree.regionBoxes[t.box]).radius);
        out += " t" + std::to_string(tree.ecefFrom(t)[3].x) + "\n";
        for (auto c = t.childCount; c-- > 0;)
            open.push_back(t.firstChild + c);
    }
    return out;
}

TEST(Prune, cutsBackToTheTileThatStoodThere) {
    auto tree = part("a", 2, {"b.json", "c.json"});
    const auto before = said(tree);
    ASSERT_TRUE(graft(tree, 3, part("b", 3, {})));
    const auto with = said(tree);
    const auto tiles = tree.tiles.size();
    prune(tree, 3);
    EXPECT_EQ(said(tree), before);
    EXPECT_EQ(tree.tiles.size(), 5u);
    EXPECT_EQ(tree.contents.size(), 4u);
    EXPECT_EQ(tree.sources.size(), 1u);
    ASSERT_TRUE(graft(tree, 3, part("b", 3, {})));
    EXPECT_EQ(said(tree), with);
    EXPECT_EQ(tree.tiles.size(), tiles);
}

TEST(Prune, leavesAllOthersWhereTheyAreAndFillsItsHoles) {
    auto tree = part("a", 1, {"b.json", "c.json"});
    ASSERT_TRUE(graft(tree, 2, part("b", 5, {})));
    ASSERT_TRUE(graft(tree, 3, part("c", 2, {})));
    const auto c = tree[3].firstChild;
    const auto size = tree.tiles.size();
    prune(tree, 2); // a hole before c
    EXPECT_EQ(tree[3].firstChild, c);
    EXPECT_EQ(tree.tiles.size(), size);
    EXPECT_EQ(tree.tileCount(), size - 6);
    ASSERT_TRUE(graft(tree, 2, part("b", 5, {})));
    EXPECT_EQ(tree.tiles.size(), size);
    prune(tree, 3);
    EXPECT_EQ(tree.tiles.size(), size - 3);
}

TEST(Prune, anyOrderLeavesWhatWouldHaveBeenBuiltAnew) {
    const std::vector<std::string> names{"b", "c", "d", "e", "f"};
    std::mt19937 random(11);
    const auto make = [](int i, const ParseContext& context) {
        return part(std::string(1, static_cast<char>('b' + i)), i * 2 % 5,
                    i == 1 ? std::vector<std::string>{"x.json"} : std::vector<std::string>{}, context);
    };
    auto tree = part("a", 2, {"b.json", "c.json", "d.json", "e.json", "f.json"});
    std::size_t most = 0;
    for (int step = 0; step < 3000; ++step) {
        const auto at = static_cast<TileIndex>(3 + random() % 5);
        if (tree.grafts.contains(at)) {
            const auto below = tree[at].firstChild + tree[tree[at].firstChild].childCount; // the last leaf or the mount
            if (at == 4 && tree.grafts.contains(below))
                prune(tree, below);
            else
                prune(tree, at);
        } else {
            ASSERT_TRUE(
                graft(tree, at,
                      make(static_cast<int>(at) - 3, {tree.ecefFrom(tree[at]), tree[at].refine, tree[at].depth + 1u})));
        }
        if (tree.grafts.contains(4) && random() % 2) {
            const auto mount = tree[4].firstChild + tree[tree[4].firstChild].childCount;
            if (tree[mount].pending) {
                ASSERT_TRUE(
                    graft(tree, mount,
                          part("x", 3, {}, {tree.ecefFrom(tree[mount]), tree[mount].refine, tree[mount].depth + 1u})));
            }
        }
        most = std::max(most, tree.tiles.size());
        if (step % 50 != 0) continue;
        auto fresh = part("a", 2, {"b.json", "c.json", "d.json", "e.json", "f.json"});
        for (TileIndex i = 3; i < 8; ++i) {
            if (!tree.grafts.contains(i)) continue;
            ASSERT_TRUE(
                graft(fresh, i,
                      make(static_cast<int>(i) - 3, {fresh.ecefFrom(fresh[i]), fresh[i].refine, fresh[i].depth + 1u})));
        }
        if (tree.grafts.contains(4) && !tree[tree[4].firstChild + tree[tree[4].firstChild].childCount].pending) {
            const auto mount = fresh[4].firstChild + fresh[fresh[4].firstChild].childCount;
            ASSERT_TRUE(
                graft(fresh, mount,
                      part("x", 3, {}, {fresh.ecefFrom(fresh[mount]), fresh[mount].refine, fresh[mount].depth + 1u})));
        }
        ASSERT_EQ(said(tree), said(fresh)) << step;
        ASSERT_EQ(tree.tileCount(), fresh.tiles.size()) << step;
    }
    EXPECT_LE(most, 60u) << "holes are filled";
}

} // namespace
} // namespace matou::tiles
