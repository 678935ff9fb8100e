#include "tiles/subtree.h"

#include <gtest/gtest.h>

#include "support/generated_gltf.h"

using namespace matou;
using namespace matou::tiles;

namespace {

using test::Bytes;
using test::bytesOf;

/// A binary subtree of a JSON text and bits.
Bytes binary(std::string json, Bytes bits = {}) {
    while (json.size() % 8 != 0) json += ' ';
    while (bits.size() % 8 != 0) bits.push_back(std::byte{0});
    Bytes out = bytesOf("subt");
    const auto put = [&out](auto value) {
        const auto* p = reinterpret_cast<const std::byte*>(&value);
        out.insert(out.end(), p, p + sizeof value);
    };
    put(std::uint32_t{1});
    put(std::uint64_t{json.size()});
    put(std::uint64_t{bits.size()});
    const auto text = bytesOf(json);
    out.insert(out.end(), text.begin(), text.end());
    out.insert(out.end(), bits.begin(), bits.end());
    return out;
}

std::shared_ptr<ImplicitTiling> tiling(Subdivision scheme, std::uint32_t subtreeLevels, std::uint32_t availableLevels, int contents = 1) {
    auto out = std::make_shared<ImplicitTiling>();
    out->scheme = scheme;
    out->subtreeLevels = subtreeLevels;
    out->availableLevels = availableLevels;
    out->subtreeUri = "s/{level}.{x}.{y}.{z}.subtree";
    out->subtreePointer = "/root/implicitTiling/subtrees/uri";
    for (int c = 0; c < contents; ++c) out->contents.push_back({std::string(1, static_cast<char>('a' + c)) + "/{level}/{x}/{y}/{z}.glb", "/root/content/uri"});
    out->volume = geo::OrientedBox{{0, 0, 0}, glm::dmat3(8, 0, 0, 0, 8, 0, 0, 0, 8)};
    out->geometricError = 64;
    return out;
}

core::Result<TileTree> parse(std::span<const std::byte> bytes, std::shared_ptr<const ImplicitTiling> of, ImplicitCoordinates root = {}, const BufferResolver& resolve = {}) {
    return parseSubtree(bytes, "s.subtree", {std::move(of), root}, {glm::dmat4(1.0), Refinement::add, 1}, resolve);
}
std::string failure(std::span<const std::byte> bytes, std::shared_ptr<const ImplicitTiling> of = tiling(Subdivision::quadtree, 2, 2)) {
    const auto tree = parse(bytes, std::move(of));
    return tree ? "ok" : tree.error().code + " " + tree.error().where;
}

const std::string kAll = R"({"tileAvailability":{"constant":1},"contentAvailability":[{"constant":1}],"childSubtreeAvailability":{"constant":)";

std::string bitsOf(const std::string& rest, int length = 16) {
    return R"({"buffers":[{"byteLength":)" + std::to_string(length) + R"(}],"bufferViews":[{"buffer":0,"byteOffset":0,"byteLength":3},{"buffer":0,"byteOffset":8,"byteLength":8}],)" + rest + "}";
}

} // namespace

TEST(Subtree, expandsAQuadtreeBreadthFirst) {
    const auto tree = parse(binary(kAll + "1}}"), tiling(Subdivision::quadtree, 2, 4));
    ASSERT_TRUE(tree) << tree.error().code << tree.error().where;
    ASSERT_EQ(tree->tiles.size(), 1u + 4u + 16u);
    EXPECT_EQ((*tree)[0].childCount, 4u);
    EXPECT_EQ((*tree)[2].firstChild, 9u);
    EXPECT_EQ((*tree)[2].geometricError, 32);
    EXPECT_EQ((*tree)[2].depth, 2);
    EXPECT_EQ((*tree)[2].refine, Refinement::add);
    EXPECT_EQ(tree->contents[(*tree)[2].firstContent].uri, "a/1/1/0/0.glb");
    const auto& box = std::get<geo::OrientedBox>((*tree)[2].volume); // second in Morton order: x = 1, y = 0
    EXPECT_EQ(box.center, glm::dvec3(4, -4, 0));
    EXPECT_EQ(box.halfAxes[2], glm::dvec3(0, 0, 8)); // a quadtree keeps the height
    const auto& below = (*tree)[9]; // first of that tile: a subtree
    EXPECT_TRUE(below.pending && below.external);
    EXPECT_EQ(tree->contents[below.firstContent].uri, "s/2.2.0.0.subtree");
    EXPECT_EQ(tree->subtrees[below.subtree].root.x, 2u);
}

TEST(Subtree, placesOctreeTilesByMortonOrder) {
    const auto tree = parse(binary(kAll + "0}}"), tiling(Subdivision::octree, 2, 2));
    ASSERT_TRUE(tree);
    ASSERT_EQ(tree->tiles.size(), 9u);
    const auto& box = std::get<geo::OrientedBox>((*tree)[1 + 6].volume); // 6 = 0b110: x 0, y 1, z 1
    EXPECT_EQ(box.center, glm::dvec3(-4, 4, 4));
    EXPECT_EQ(tree->contents[(*tree)[7].firstContent].uri, "a/1/0/1/1.glb");
}

TEST(Subtree, placesTilesBelowARootThatIsNotTheFirst) {
    const auto tree = parse(binary(kAll + "0}}"), tiling(Subdivision::quadtree, 2, 8), {2, 3, 1, 0});
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->contents[(*tree)[4].firstContent].uri, "a/3/7/3/0.glb");
    EXPECT_EQ((*tree)[0].geometricError, 16);
}

TEST(Subtree, splitsRegionsByDegreesAlsoAcrossTheAntimeridian) {
    auto of = tiling(Subdivision::octree, 1, 1);
    of->volume = geo::Region{3.0, 0.0, -3.0, 0.4, 0, 100};
    const auto part = std::get<geo::Region>(volumeAt(*of, {1, 1, 1, 1}));
    EXPECT_NEAR(part.west, 3.14159265358979 , 1e-9);
    EXPECT_NEAR(part.east, -3.0, 1e-9);
    EXPECT_NEAR(part.south, 0.2, 1e-12);
    EXPECT_EQ(part.minimumHeight, 50);
}

TEST(Subtree, readsBitsOfInnerAndOuterBuffersAndSeveralContents) {
    const Bytes bits{std::byte{0b1101}, std::byte{}, std::byte{}, {}, {}, {}, {}, {}, std::byte{0b0100}};
    auto tree = parse(binary(bitsOf(R"("tileAvailability":{"bitstream":0,"availableCount":3},"contentAvailability":[{"bitstream":1},{"constant":1}],"childSubtreeAvailability":{"constant":0})"), bits),
                      tiling(Subdivision::quadtree, 2, 2, 2));
    ASSERT_TRUE(tree) << tree.error().code << tree.error().where;
    ASSERT_EQ(tree->tiles.size(), 3u);
    EXPECT_EQ((*tree)[0].contentCount, 1u);
    EXPECT_EQ((*tree)[1].contentCount, 2u); // Morton 1
    EXPECT_EQ(tree->contents[(*tree)[1].firstContent].uri, "a/1/1/0/0.glb");
    EXPECT_EQ(tree->contents[(*tree)[1].firstContent + 1].uri, "b/1/1/0/0.glb");
    EXPECT_TRUE(tree->diagnostics.empty());
    // The same bits in a file of their own, as the older extension named them.
    const std::string text = R"({"buffers":[{"uri":"bits.bin","byteLength":3}],"bufferViews":[{"buffer":0,"byteOffset":0,"byteLength":3}],
        "tileAvailability":{"bufferView":0},"contentAvailability":{"constant":0},"childSubtreeAvailability":{"constant":0}})";
    tree = parse(bytesOf(text), tiling(Subdivision::quadtree, 2, 2), {}, [&](const std::string& uri) -> core::Result<Bytes> {
        EXPECT_EQ(uri, "bits.bin");
        return bits;
    });
    ASSERT_TRUE(tree) << tree.error().code << tree.error().where;
    EXPECT_EQ(tree->tiles.size(), 3u);
}

TEST(Subtree, levelsThatAreNotAvailableHoldNothing) {
    const auto tree = parse(binary(kAll + "1}}"), tiling(Subdivision::quadtree, 4, 2));
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->tiles.size(), 5u);
}

TEST(Subtree, locatesWhatIsWrong) {
    EXPECT_EQ(failure(binary(kAll + "0}}")), "ok");
    EXPECT_EQ(failure(bytesOf("glTF....")), "E_SUBTREE_MAGIC s.subtree:byte 0");
    EXPECT_EQ(failure(bytesOf("subt")), "E_SUBTREE_LENGTH s.subtree:byte 4");
    auto cut = binary(kAll + "0}}");
    cut.resize(cut.size() - 8);
    EXPECT_EQ(failure(cut), "E_SUBTREE_LENGTH s.subtree:byte 8");
    EXPECT_EQ(failure(binary("{\"tileAvailability\": nope}")), "E_JSON_SYNTAX s.subtree:byte 46");
    EXPECT_EQ(failure(binary("{}")), "E_JSON_MISSING s.subtree#/");
    EXPECT_EQ(failure(binary(bitsOf(R"("tileAvailability":{"bitstream":7},"childSubtreeAvailability":{"constant":0})"), Bytes(16))), "E_SUBTREE_VIEW s.subtree#/tileAvailability/bitstream");
    EXPECT_EQ(failure(binary(bitsOf(R"("tileAvailability":{"constant":1},"childSubtreeAvailability":{"constant":0})", 999), Bytes(16))), "E_SUBTREE_VIEW s.subtree#/buffers/0/byteLength");
    EXPECT_EQ(failure(binary(bitsOf(R"("tileAvailability":{"bitstream":0},"childSubtreeAvailability":{"constant":0})"), Bytes(16)), tiling(Subdivision::quadtree, 5, 5)),
              "E_SUBTREE_SHORT s.subtree#/tileAvailability");
    // A tile without its parent, and a content without its tile.
    const Bytes lost{std::byte{0b00100001}, {}, {}, {}, {}, {}, {}, {}, std::byte{0b10}};
    EXPECT_EQ(failure(binary(bitsOf(R"("tileAvailability":{"bitstream":0},"childSubtreeAvailability":{"constant":0})"), lost), tiling(Subdivision::quadtree, 3, 3)),
              "E_SUBTREE_ORPHAN s.subtree#/tileAvailability");
    EXPECT_EQ(failure(binary(bitsOf(R"("tileAvailability":{"bitstream":0},"contentAvailability":[{"bitstream":1}],"childSubtreeAvailability":{"constant":0})"), lost)),
              "E_SUBTREE_ORPHAN s.subtree#/contentAvailability/0");
    EXPECT_EQ(failure(binary(kAll + "0}}"), tiling(Subdivision::quadtree, 12, 12)), "E_SUBTREE_SIZE s.subtree#/tileAvailability");
}

TEST(Subtree, hangsUnderTheTileThatStandsForIt) {
    const std::string root = R"({"asset":{"version":"1.1"},"geometricError":9,"root":{"boundingVolume":{"box":[0,0,0,8,0,0,0,8,0,0,0,8]},"geometricError":4,"refine":"REPLACE",
        "content":{"uri":"c/{level}.{x}.{y}.glb"},)";
    for (const char* form : {R"("implicitTiling":{"subdivisionScheme":"QUADTREE","subtreeLevels":2,"availableLevels":4,"subtrees":{"uri":"s/{level}.{x}.{y}.subtree"}}}})",
                                    R"("extensions":{"3DTILES_implicit_tiling":{"subdivisionScheme":"QUADTREE","subtreeLevels":2,"maximumLevel":3,"subtrees":{"uri":"s/{level}.{x}.{y}.subtree"}}}}})"}) {
        auto tree = parseTileset(bytesOf(root + form), "t.json");
        ASSERT_TRUE(tree) << tree.error().code << tree.error().where;
        ASSERT_TRUE((*tree)[0].pending);
        EXPECT_EQ(tree->contents[0].uri, "s/0.0.0.subtree");
        for (int hung = 0; hung < 2; ++hung) { // the first subtree, then one below it
            const TileIndex at = hung == 0 ? 0 : 6;
            const auto tile = (*tree)[at];
            auto subtree = parseSubtree(binary(kAll + "1}}"), "s/x.subtree", tree->subtrees[tile.subtree], {tree->ecefFrom(tile), tile.refine, tile.depth + 1u}, {});
            ASSERT_TRUE(subtree) << subtree.error().code;
            ASSERT_TRUE(graft(*tree, at, std::move(*subtree)));
        }
        // The last level that is available stands in the second subtree: nothing below.
        EXPECT_EQ(tree->tiles.size(), 1u + 21u + 5u);
        EXPECT_EQ(tree->sources.size(), 1u);
        EXPECT_EQ(tree->contents[tree->tiles.back().firstContent].uri, "c/3.1.1.glb");
        EXPECT_EQ(tree->path(26), "0/0/0/0/0/3");
        EXPECT_FALSE((*tree)[6].pending);
        EXPECT_FALSE(graft(*tree, 6, TileTree{}));
    }
}
