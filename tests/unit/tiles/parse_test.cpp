#include <bit>
#include <filesystem>

#include <gtest/gtest.h>

#include "core/file.h"
#include "support/generated_gltf.h"
#include "support/test_data.h"
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
    EXPECT_EQ(failure(document(tile(), R"(,"extensionsRequired":["3DTILES_draco_point_compression"])")), "ok");
    EXPECT_EQ(failure(document(tile(), R"(,"extensionsRequired":["VENDOR_x"])")), "E_TILESET_EXTENSION t.json#/extensionsRequired/0");
    EXPECT_EQ(failure(document(tile("", -1))), "E_TILESET_VALUE t.json#/root/geometricError");
}

namespace {

/// The same text so that the whole reader must take it: an unknown member with an escape in its name changes nothing and is not plain.
std::string notPlain(std::string text) {
    const auto root = text.find("\"root\":{");
    return root == std::string::npos ? text : text.insert(root + 8, R"("\u0078":1,)");
}

std::string written(const glm::dmat4& m) {
    std::string out;
    for (int i = 0; i < 16; ++i) out += std::to_string(std::bit_cast<std::uint64_t>(m[i / 4][i % 4])) + " ";
    return out;
}
std::string written(const geo::BoundingVolume& volume) {
    const auto bits = [](std::initializer_list<double> values) {
        std::string out;
        for (const double v : values) out += std::to_string(std::bit_cast<std::uint64_t>(v)) + " ";
        return out;
    };
    if (const auto* s = std::get_if<geo::Sphere>(&volume)) return "sphere " + bits({s->center.x, s->center.y, s->center.z, s->radius});
    if (const auto* r = std::get_if<geo::Region>(&volume)) return "region " + bits({r->west, r->south, r->east, r->north, r->minimumHeight, r->maximumHeight});
    const auto& b = std::get<geo::OrientedBox>(volume);
    return "box " + written(glm::dmat4(b.halfAxes)) + bits({b.center.x, b.center.y, b.center.z});
}
/// Everything that a tree says, to the bit.
std::string written(const TileTree& tree) {
    std::string out = std::to_string(tree.geometricError) + "\n";
    for (TileIndex i = 0; i < tree.tiles.size(); ++i) {
        const auto& t = tree[i];
        out += tree.path(i) + " " + std::to_string(t.parent) + " " + std::to_string(t.firstChild) + " " + std::to_string(t.childCount) + " " + std::to_string(t.depth) + " " +
               std::to_string(std::bit_cast<std::uint64_t>(t.geometricError)) + " " + std::to_string(t.firstContent) + (t.refine == Refinement::add ? " add" : " replace") + (t.external ? " external" : "") +
               (t.pending ? " pending " : " ") + std::to_string(t.transform) + written(tree.ecefFrom(t)) + written(t.volume) + written(geo::BoundingVolume(t.sphere)) +
               written(tree.volumeOfContent(t));
        for (std::uint32_t c = 0; c < t.contentCount; ++c) out += std::string(tree.contents[t.firstContent + c].uri) + " " + tree.contentPointer(i, c);
        out += "\n";
    }
    for (const auto& remark : tree.diagnostics) out += remark.code + " " + remark.where + "\n";
    return out + std::to_string(tree.contents.size()) + " " + std::to_string(tree.transforms.size());
}
std::string outcome(const std::string& text) {
    const auto tree = parse(text);
    return tree ? written(*tree) : tree.error().code;
}

/// All that plain tiles may have, their members in several orders.
const std::string kPlainDocument = document(
    R"({"boundingVolume":{"box":[ 1, 2.5 ,-3e0,10,0,0, 0,0.1234567890123456,0, 0,0,1E1]},"children":[
        {"children":[{"geometricError":0,"boundingVolume":{"region":[-1.3197004795898053,0.6988582109,-1.319,0.69887,0,241.75]},"content":{"uri":"例.glb","extras":[1,{"a":[]},"x",null,true,-0.5e-3]}}],
         "geometricError":5,"refine":"REPLACE","boundingVolume":{"extras":{},"sphere":[1e-300,0.30000000000000004,-0,12345678901234567]},"transform":[1,0,0,0,0,1,0,0,0,0,1,0,123456789.123456789,-0.0,1e22,1],
         "extras":{"deep":[[[[{}]]]]}},
        {"boundingVolume":{"sphere":[0,0,0,9007199254740993]},"geometricError":1.5,"content":{"boundingVolume":{"box":[0,0,0,1,0,0,0,1,0,0,0,1]},"uri":"a/b.json?x"},"metadata":{"class":"c"}},
        {"boundingVolume":{"sphere":[0,0,0,1]},"geometricError":1,"children":[]}
      ],"content":{"uri":"r.glb"},"geometricError":1e2,"refine":"ADD","transform":[2,0,0,0,0,2,0,0,0,0,2,0,10,20,30,1]})",
    R"(,"properties":{"h":{"minimum":1}},"extras":{"root":[]})");

} // namespace

TEST(ParseTileset, readsPlainTilesAsTheWholeReaderDoes) {
    ASSERT_TRUE(parse(kPlainDocument)) << parse(kPlainDocument).error().where;
    EXPECT_EQ(parse(kPlainDocument)->tiles.size(), 5u);
    EXPECT_EQ(outcome(kPlainDocument), outcome(notPlain(kPlainDocument)));
    const auto context = ParseContext{glm::dmat4(3.0), Refinement::add, 4};
    EXPECT_EQ(parse(document(tile()), context)->diagnostics.size(), parse(notPlain(document(tile())), context)->diagnostics.size());
    const std::string plainest = R"({"asset":{"version":"1.0"},"geometricError":1,"root":{"boundingVolume":{"sphere":[0,0,0,1]},"geometricError":1}})";
    EXPECT_EQ(outcome(plainest), outcome(notPlain(plainest))); // the remark about refine
}

TEST(ParseTileset, takesNothingForPlainThatTheWholeReaderRefuses) {
    const auto from = kPlainDocument.find("\"root\":{") + 8;
    for (std::size_t at = from; at < kPlainDocument.size(); ++at) {
        auto cut = kPlainDocument;
        cut.erase(at, 1);
        ASSERT_EQ(outcome(cut), outcome(notPlain(cut))) << "without byte " << at << ": " << kPlainDocument.substr(at, 40);
        for (const char other : {'0', '.', ',', '"', '}', '[', 'e', '\\', '\n', '\xff'}) {
            auto changed = kPlainDocument;
            changed[at] = other;
            ASSERT_EQ(outcome(changed), outcome(notPlain(changed))) << "byte " << at << " " << other << ": " << kPlainDocument.substr(at, 40);
        }
    }
    for (std::size_t length = from; length < kPlainDocument.size(); length += 3) EXPECT_EQ(outcome(kPlainDocument.substr(0, length)), "E_TILESET_SYNTAX");
}

TEST(ParseTileset, readsPublishedTilesetsAlikeByBothWays) {
    const auto folder = tests::testData("data");
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no test data: data";
    int read = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".json" || entry.file_size() > 1'000'000) continue;
        const auto text = core::readTextFile(entry.path());
        if (!text || text->find("\"geometricError\"") == std::string::npos) continue;
        auto squeezed = *text; // so that "root":{ is found
        const auto root = squeezed.find("\"root\"");
        const auto brace = root == std::string::npos ? root : squeezed.find('{', root);
        if (brace == std::string::npos || squeezed.find("\"root\"", root + 1) != std::string::npos) continue;
        squeezed.replace(root, brace - root + 1, "\"root\":{");
        EXPECT_EQ(outcome(squeezed), outcome(notPlain(squeezed))) << entry.path();
        ++read;
    }
    EXPECT_GT(read, 20);
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
