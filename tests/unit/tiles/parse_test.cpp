#include <gtest/gtest.h>

#include "support/generated_gltf.h"
#include "tiles/selector.h"
#include "tiles/tile_tree.h"
#include "tiles/validate.h"

using namespace matou;
using namespace matou::tiles;

namespace {
constexpr const char* kVolume = R"("boundingVolume":{"sphere":[0,0,0,100]})";

std::string document(const std::string& root, const std::string& more = "") {
    return R"({"asset":{"version":"1.1"},"geometricError":100)" + more + R"(,"root":)" + root + "}";
}
std::string tile(const std::string& more = "", double error = 10) {
    return std::string("{") + kVolume + ",\"refine\":\"REPLACE\",\"geometricError\":" + std::to_string(error) + more + "}";
}
core::Result<TileTree> parse(const std::string& text, const ParseContext& context = {}) { return parseTileset(test::bytesOf(text), "t.json", context); }
std::string failure(const std::string& text) {
    const auto tree = parse(text);
    return tree ? "ok" : tree.error().code + " " + tree.error().where;
}
} // namespace

TEST(ParseTileset, readsATreeBreadthFirst) {
    const auto tree = parse(document(tile(R"(,"transform":[2,0,0,0, 0,2,0,0, 0,0,2,0, 10,0,0,1],"children":[)" + tile(R"(,"content":{"uri":"a.glb"})", 5) + "," +
                                          tile(R"(,"refine":"ADD","contents":[{"uri":"b.glb"},{"uri":"c.glb"}],"children":[)" + tile("", 0) + "]", 5) + "]")));
    ASSERT_TRUE(tree);
    ASSERT_EQ(tree->tiles.size(), 4u);
    EXPECT_EQ((*tree)[0].childCount, 2u);
    EXPECT_EQ((*tree)[2].contentCount, 2u);
    EXPECT_EQ(tree->contentPointer(2, 1), "/root/children/1/contents/1/uri");
    EXPECT_EQ(tree->path(3), "0/1/0");
    EXPECT_DOUBLE_EQ((*tree)[1].geometricError, 10); // scaled by the transform
    const auto& sphere = std::get<geo::Sphere>((*tree)[1].volume);
    EXPECT_EQ(sphere.center, glm::dvec3(10, 0, 0));
    EXPECT_EQ(sphere.radius, 200);
}

TEST(ParseTileset, locatesWhatIsWrong) {
    EXPECT_EQ(failure(document(tile())), "ok");
    EXPECT_EQ(failure("{\"asset\": nope}"), "E_TILESET_SYNTAX t.json:byte 11");
    EXPECT_EQ(failure(""), "E_TILESET_SYNTAX t.json:byte 0");
    EXPECT_EQ(failure(R"({"asset":{"version":"9"},"geometricError":1,"root":{}})"), "E_TILESET_VERSION t.json#/asset/version");
    EXPECT_EQ(failure(document(tile(R"(,"children":[{"geometricError":1}])"))), "E_TILESET_MISSING t.json#/root/children/0");
    EXPECT_EQ(failure(document(tile(R"(,"children":[7])"))), "E_TILESET_TYPE t.json#/root/children/0");
    EXPECT_EQ(failure(document(tile(R"(,"content":{"uri":5})"))), "E_TILESET_TYPE t.json#/root/content/uri");
    EXPECT_EQ(failure(document(tile(R"(,"transform":[1,2,3])"))), "E_TILESET_COUNT t.json#/root/transform");
    EXPECT_EQ(failure(document(tile(R"(,"refine":"replace")"))), "ok"); // of two members of one name the first counts
    EXPECT_EQ(failure(document(tile(R"(,"implicitTiling":{})"))), "E_TILESET_MISSING t.json#/root/implicitTiling");
    EXPECT_EQ(failure(document(tile(), R"(,"extensionsRequired":["VENDOR_x"])")), "E_TILESET_EXTENSION t.json#/extensionsRequired/0");
    EXPECT_EQ(failure(document(tile("", -1))), "E_TILESET_VALUE t.json#/root/geometricError");
}

TEST(ParseTileset, stopsAtTheDepthLimitWithoutRecursion) {
    const auto nested = [](std::uint32_t levels) {
        std::string text;
        for (std::uint32_t i = 0; i < levels; ++i) text += std::string("{") + kVolume + ",\"geometricError\":1,\"children\":[";
        text += tile();
        for (std::uint32_t i = 0; i < levels; ++i) text += "]}";
        return document(text);
    };
    EXPECT_EQ(failure(nested(kDepthLimit - 1)), "ok");
    EXPECT_EQ(failure(nested(kDepthLimit)).substr(0, 16), "E_TILESET_DEPTH ");
    EXPECT_NE(failure(nested(100000)), "ok");
}

TEST(Graft, hangsExternalTilesetsAndRefusesLoops) {
    auto tree = parse(document(tile(R"(,"children":[)" + tile(R"(,"content":{"uri":"e.json"})") + "]")));
    ASSERT_TRUE(tree);
    EXPECT_TRUE((*tree)[1].pending);
    auto external = parseTileset(test::bytesOf(document(tile(R"(,"children":[)" + tile() + "," + tile() + "]"))), "e.json", {tree->ecefFrom((*tree)[1]), (*tree)[1].refine, 2});
    ASSERT_TRUE(external);
    auto again = *external;
    ASSERT_TRUE(graft(*tree, 1, std::move(*external)));
    EXPECT_EQ(tree->tiles.size(), 5u);
    EXPECT_FALSE((*tree)[1].pending);
    EXPECT_EQ(tree->path(4), "0/0/0/1");
    EXPECT_EQ((*tree)[4].depth, 3);
    const auto loop = graft(*tree, 4, std::move(again));
    ASSERT_FALSE(loop);
    EXPECT_EQ(loop.error().code, "E_TILESET_LOOP");
}

TEST(ValidateTree, findsGrowingErrorsAndStrayingChildren) {
    const auto tree = parse(document(tile(R"(,"children":[{"boundingVolume":{"sphere":[90,0,0,50]},"geometricError":20}])")));
    ASSERT_TRUE(tree);
    const auto problems = validateTree(*tree);
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0].code, "E_TILESET_ERROR_GROWS");
    EXPECT_EQ(problems[1].code, "E_TILESET_CHILD_BOUNDS");
    EXPECT_EQ(problems[1].where, "t.json#/root/children/0/boundingVolume");
}

TEST(ParseTileset, keepsViewerRequestVolumes) {
    const auto tree = parse(document(tile(R"(,"transform":[1,0,0,0, 0,1,0,0, 0,0,1,0, 100,0,0,1],"viewerRequestVolume":{"sphere":[1,2,3,4]})")));
    ASSERT_TRUE(tree);
    ASSERT_EQ((*tree)[0].request, 0u);
    EXPECT_EQ(std::get<geo::Sphere>(tree->requestVolumes[0]).center, glm::dvec3(101, 2, 3));
    // A view outside sees nothing of it and asks for nothing.
    auto withContent = parse(document(tile(R"(,"content":{"uri":"a.glb"},"viewerRequestVolume":{"sphere":[0,0,0,40]})")));
    ASSERT_TRUE(withContent);
    const std::vector<Presence> presence(1, Presence::absent);
    const std::vector<std::uint64_t> bytes(1, 10);
    const LayerView layer{&*withContent, presence, bytes};
    for (const double distance : {30.0, 60.0}) {
        const auto view = viewStateOf(geo::eyeFrameLookingAt({{distance, 0, 0}}, {{0, 0, 0}}, glm::dvec3(0, 0, 1)), 1.0, 1.5, {0, 0, 1, 1}, 0.1, 500);
        TileSelector selector;
        const auto selection = selector.select({&layer, 1}, {&view, 1}, {});
        EXPECT_EQ(selection.load.size(), distance < 40 ? 1u : 0u);
    }
}
