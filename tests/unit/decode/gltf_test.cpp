#include <gtest/gtest.h>

#include "decode/gltf.h"
#include "support/generated_gltf.h"

using namespace matou;
using namespace matou::test;

namespace {

/// A mesh of one primitive about three or more points; `extra` goes into the primitive, `rest` into the document.
struct Builder {
    Bytes binary;
    std::string views, accessors;
    int viewCount = 0, accessorCount = 0;

    template <typename T>
    int accessor(const std::vector<T>& values, int componentType, const char* type, int components, const std::string& more = "") {
        const auto offset = append(binary, values);
        views += (viewCount ? "," : "") + std::string("{\"buffer\":0,\"byteOffset\":") + std::to_string(offset) + ",\"byteLength\":" + std::to_string(values.size() * sizeof(T)) + "}";
        accessors += (accessorCount ? "," : "") + std::string("{\"bufferView\":") + std::to_string(viewCount++) + ",\"componentType\":" + std::to_string(componentType) +
                     ",\"count\":" + std::to_string(values.size() / static_cast<std::size_t>(components)) + ",\"type\":\"" + type + "\"" + more + "}";
        return accessorCount++;
    }
    std::string json(const std::string& primitive, const std::string& nodes, const std::string& rest = "") const {
        return R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[)" + nodes + R"(],"meshes":[{"primitives":[{)" + primitive +
               "}]}],\"accessors\":[" + accessors + "],\"bufferViews\":[" + views + "],\"buffers\":[{\"byteLength\":" + std::to_string(binary.size()) + "}]" + rest + "}";
    }
    Bytes glb(const std::string& primitive, const std::string& nodes = R"({"mesh":0})", const std::string& rest = "") const { return glbOf(json(primitive, nodes, rest), binary); }
};

std::vector<float> triangle() { return {0, 0, 0, 1, 0, 0, 0, 1, 0}; }

std::string codeAt(const core::Result<model::Content>& content) {
    if (content) return "ok";
    return content.error().code + " " + content.error().where;
}

} // namespace

TEST(Gltf, turnsToZUpAndReadsFeaturesAndProperties) {
    const auto content = decode::decodeGltf(squareGlb(10, 5, -20, 2, 4, "NM-"), "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    ASSERT_EQ(content->primitives.size(), 1u);
    EXPECT_EQ(content->triangleCount(), 4u);
    EXPECT_EQ(content->features.count, 4u);
    EXPECT_EQ(content->features.ids, (std::vector<std::string>{"NM-0", "NM-1", "NM-2", "NM-3"}));
    EXPECT_EQ(content->primitives[0].vertices[3].feature, 1u);
    // glTF (10, 5, -20): y is up, so z is 5 and north is 20.
    EXPECT_NEAR(content->minimum.x, 9, 1e-5);
    EXPECT_NEAR(content->minimum.y, 19, 1e-5);
    EXPECT_NEAR(content->minimum.z, 5, 1e-5);
    EXPECT_NEAR(content->maximum.y, 21, 1e-5);
    EXPECT_TRUE(content->diagnostics.empty());
    EXPECT_TRUE(decode::validateGltf(squareGlb(0, 0, 0, 1, 1), "t.glb").empty());
}

TEST(Gltf, rejectsTruncatedAndLyingContainers) {
    const auto whole = squareGlb(0, 0, 0, 1, 2);
    for (const std::size_t size : {0u, 3u, 11u, 19u, 100u}) {
        const auto cut = decode::decodeGltf(std::span(whole).first(size), "t.glb");
        ASSERT_FALSE(cut) << size;
        EXPECT_NE(cut.error().where.find("t.glb:byte "), std::string::npos) << cut.error().where;
    }
    auto lying = whole;
    lying[12] = std::byte{0xfc};
    lying[15] = std::byte{0x7f};
    EXPECT_EQ(codeAt(decode::decodeGltf(lying, "t.glb")), "E_GLB_CHUNK t.glb:byte 12");
    auto old = whole;
    old[4] = std::byte{1};
    EXPECT_EQ(codeAt(decode::decodeGltf(old, "t.glb")), "E_GLB_VERSION t.glb:byte 4");
}

TEST(Gltf, locatesWhatIsWrongInTheDocument) {
    Builder b;
    const auto p = std::to_string(b.accessor(triangle(), 5126, "VEC3", 3));
    const auto attributes = "\"attributes\":{\"POSITION\":" + p + "}";
    EXPECT_EQ(codeAt(decode::decodeGltf(b.glb(attributes), "t.glb")), "ok");
    EXPECT_EQ(codeAt(decode::decodeGltf(b.glb(attributes + ",\"material\":0"), "t.glb")), "E_GLTF_REFERENCE t.glb#/meshes/0/primitives/0/material");
    EXPECT_EQ(codeAt(decode::decodeGltf(b.glb(attributes, R"({"mesh":0,"children":[1]},{"children":[2]},{"children":[1]})"), "t.glb")), "E_GLTF_NODE_LOOP t.glb#/nodes/2/children/0");
    EXPECT_EQ(codeAt(decode::decodeGltf(b.glb(attributes, R"({"mesh":0},{"children":[2]},{"children":[1]})"), "t.glb")), "E_GLTF_NODE_LOOP t.glb#/nodes/1");
    EXPECT_EQ(codeAt(decode::decodeGltf(b.glb(attributes, R"({"mesh":0})", R"(,"extensionsRequired":["ACME_folded_mesh"])"), "t.glb")),
              "E_GLTF_EXTENSION t.glb#/extensionsRequired/0");
    auto broken = b;
    broken.views = R"({"buffer":0,"byteOffset":18446744073709551612,"byteLength":36})";
    EXPECT_EQ(codeAt(decode::decodeGltf(broken.glb(attributes), "t.glb")), "E_GLTF_VIEW t.glb#/bufferViews/0");
    auto many = b;
    many.accessors = R"({"bufferView":0,"componentType":5126,"count":4611686018427387904,"type":"VEC3"})";
    EXPECT_EQ(codeAt(decode::decodeGltf(many.glb(attributes), "t.glb")), "E_GLTF_ACCESSOR t.glb#/accessors/0");
    Builder nan;
    auto values = triangle();
    values[4] = std::numeric_limits<float>::quiet_NaN();
    nan.accessor(values, 5126, "VEC3", 3);
    EXPECT_EQ(codeAt(decode::decodeGltf(nan.glb(attributes), "t.glb")), "E_GLTF_FLOAT t.glb#/accessors/0");
    Builder index;
    index.accessor(triangle(), 5126, "VEC3", 3);
    index.accessor(std::vector<std::uint16_t>{0, 1, 3}, 5123, "SCALAR", 1);
    EXPECT_EQ(codeAt(decode::decodeGltf(index.glb(attributes + ",\"indices\":1"), "t.glb")), "E_GLTF_INDEX t.glb#/meshes/0/primitives/0/indices");
}

TEST(Gltf, allocatesNothingThatTheLimitForbids) {
    Builder b;
    b.accessors = R"({"componentType":5126,"count":4000000000,"type":"VEC3"})"; // zeros, bound by no buffer
    b.accessorCount = 1;
    append(b.binary, triangle());
    b.views = R"({"buffer":0,"byteLength":36})";
    EXPECT_EQ(codeAt(decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0})"), "t.glb")), "E_GLTF_LIMIT t.glb#/meshes/0/primitives/0");
    // Two thousand primitives of the same ten thousand points: what a small file may become grows with its size.
    Builder repeated;
    repeated.accessor(std::vector<float>(30000, 1.0f), 5126, "VEC3", 3);
    std::string primitives = R"("attributes":{"POSITION":0},"mode":0)";
    for (int i = 0; i < 2000; ++i) primitives += R"(},{"attributes":{"POSITION":0},"mode":0)";
    const auto grown = decode::decodeGltf(repeated.glb(primitives), "t.glb");
    ASSERT_FALSE(grown);
    EXPECT_EQ(grown.error().code, "E_GLTF_LIMIT");
    decode::GltfOptions small;
    small.decodedBytesLimit = 1000;
    EXPECT_EQ(codeAt(decode::decodeGltf(squareGlb(0, 0, 0, 1, 100), "t.glb", small)), "E_GLTF_LIMIT t.glb#/meshes/0/primitives/0");
}

TEST(Gltf, makesFlatNormalsWhereThereAreNone) {
    Builder b;
    b.accessor(std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, 5126, "VEC3", 3);
    b.accessor(std::vector<std::uint8_t>{0, 1, 2, 0, 3, 1}, 5121, "SCALAR", 1);
    const auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0},"indices":1)"), "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    const auto& vertices = content->primitives[0].vertices;
    ASSERT_EQ(vertices.size(), 6u);
    EXPECT_EQ(vertices[0].normal, glm::i8vec4(0, 0, 127, 0));
    EXPECT_EQ(vertices[3].normal, glm::i8vec4(0, 127, 0, 0));
}

TEST(Gltf, listsStripsFansAndLoops) {
    Builder b;
    b.accessor(std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 2, 0}, 5126, "VEC3", 3);
    b.accessor(std::vector<float>{0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1}, 5126, "VEC3", 3);
    const auto indicesOf = [&](int mode) {
        const auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0,"NORMAL":1},"mode":)" + std::to_string(mode)), "t.glb");
        return content && !content->primitives.empty() ? content->primitives[0].indices : std::vector<std::uint32_t>();
    };
    EXPECT_EQ(indicesOf(5), (std::vector<std::uint32_t>{0, 1, 2, 2, 1, 3, 2, 3, 4}));
    EXPECT_EQ(indicesOf(6), (std::vector<std::uint32_t>{1, 2, 0, 2, 3, 0, 3, 4, 0}));
    EXPECT_EQ(indicesOf(2), (std::vector<std::uint32_t>{0, 1, 1, 2, 2, 3, 3, 4, 4, 0}));
    EXPECT_EQ(indicesOf(3), (std::vector<std::uint32_t>{0, 1, 1, 2, 2, 3, 3, 4}));
    EXPECT_EQ(indicesOf(4), (std::vector<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(indicesOf(0).size(), 5u);
}

TEST(Gltf, readsColoursQuantizedPositionsAndSparseValues) {
    Builder b;
    b.accessor(std::vector<std::int16_t>{0, 0, 0, 0, 32767, 0, 0, 0, 0, 32767, 0, 0}, 5122, "VEC3", 4, R"(,"normalized":true)");
    b.views.insert(b.views.size() - 1, R"(,"byteStride":8)");
    b.accessors = R"({"bufferView":0,"componentType":5122,"normalized":true,"count":3,"type":"VEC3"})";
    b.accessor(std::vector<std::uint8_t>{255, 128, 0, 255, 0, 0, 0, 255, 1, 2, 3, 4}, 5121, "VEC4", 4, R"(,"normalized":true)");
    auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0,"COLOR_0":1})", R"({"mesh":0,"scale":[10,10,10]})", R"(,"extensionsRequired":["KHR_mesh_quantization"])"), "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    EXPECT_NEAR(content->maximum.x, 10, 1e-4);
    EXPECT_EQ(content->primitives[0].vertices[0].color, glm::u8vec4(255, 128, 0, 255));

    Builder s;
    s.accessor(triangle(), 5126, "VEC3", 3);
    s.accessor(std::vector<std::uint16_t>{2}, 5123, "SCALAR", 1);
    s.accessor(std::vector<float>{0, 7, 0}, 5126, "VEC3", 3);
    s.accessors = R"({"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","sparse":{"count":1,"indices":{"bufferView":1,"componentType":5123},"values":{"bufferView":2}}})";
    content = decode::decodeGltf(s.glb(R"("attributes":{"POSITION":0})"), "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    EXPECT_EQ(content->primitives[0].vertices[2].position, glm::vec3(0, 7, 0));
}

TEST(Gltf, placesInstancesWithTheirFeatures) {
    Builder b;
    b.accessor(triangle(), 5126, "VEC3", 3);
    b.accessor(std::vector<float>{1, 0, 0, 2, 0, 0}, 5126, "VEC3", 3);
    b.accessor(std::vector<float>{0, 1}, 5126, "SCALAR", 1);
    const auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0})",
                                                  R"({"mesh":0,"extensions":{"EXT_mesh_gpu_instancing":{"attributes":{"TRANSLATION":1,"_FEATURE_ID_0":2}},
"EXT_instance_features":{"featureIds":[{"featureCount":2,"attribute":0}]}}})",
                                                  R"(,"extensionsUsed":["EXT_mesh_gpu_instancing","EXT_instance_features"])"),
                                            "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    ASSERT_EQ(content->instances.size(), 2u);
    EXPECT_EQ(content->instances[1].feature, 1u);
    EXPECT_NEAR(content->instances[1].contentFromMesh[3].x, 2, 1e-6);
    EXPECT_EQ(content->features.count, 2u);
}

TEST(Gltf, givesInstancesTheirColours) {
    Builder b;
    b.accessor(triangle(), 5126, "VEC3", 3);
    b.accessor(std::vector<float>{1, 0, 0, 2, 0, 0}, 5126, "VEC3", 3);
    b.accessor(std::vector<float>{1, 0.5f, 0, 1, 0, 0, 0, 1}, 5126, "VEC4", 4);
    b.accessor(std::vector<float>{0, 0, 1, 1, 0, 1, 0, 1}, 5126, "VEC4", 4);
    for (const bool roofs : {false, true}) {
        const auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0},"extras":{"uvFollowsScale":true})",
                                                      std::string(R"({"mesh":0,"extensions":{"EXT_mesh_gpu_instancing":{"attributes":{"TRANSLATION":1,"_COLOR_0":2)") +
                                                          (roofs ? R"(,"_COLOR_1":3)" : "") + "}}}}",
                                                      R"(,"extensionsUsed":["EXT_mesh_gpu_instancing"])"),
                                                "t.glb");
        ASSERT_TRUE(content) << codeAt(content);
        ASSERT_EQ(content->instances.size(), 2u);
        EXPECT_EQ(content->instances[0].color, glm::u8vec4(255, 128, 0, 255));
        EXPECT_EQ(content->instances[0].topColor, roofs ? glm::u8vec4(0, 0, 255, 255) : glm::u8vec4(255, 128, 0, 255)) << "one colour is for all faces";
        EXPECT_EQ(content->instances[1].topColor, roofs ? glm::u8vec4(0, 255, 0, 255) : glm::u8vec4(0, 0, 0, 255));
        EXPECT_TRUE(content->primitives[0].uvFollowsScale);
    }
    const auto bad = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0})",
                                              R"({"mesh":0,"extensions":{"EXT_mesh_gpu_instancing":{"attributes":{"TRANSLATION":1,"_COLOR_0":1}}}})",
                                              R"(,"extensionsUsed":["EXT_mesh_gpu_instancing"])"),
                                        "t.glb");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, "E_GLTF_ATTRIBUTE");
}

TEST(Gltf, keepsLargeTranslationsInDouble) {
    Builder b;
    b.accessor(triangle(), 5126, "VEC3", 3);
    const auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0})", R"({"mesh":0,"translation":[-2850123.0625,4655000.5,3287654.25]})"), "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    EXPECT_EQ(content->rtcCenter, glm::dvec3(-2850123.0625, -3287654.25, 4655000.5));
    EXPECT_LT(glm::length(glm::vec3(content->instances[0].contentFromMesh[3])), 1e-3f);
}

TEST(Gltf, getsFurtherFilesThroughTheResolverOnly) {
    Builder b;
    b.accessor(triangle(), 5126, "VEC3", 3);
    auto json = b.json(R"("attributes":{"POSITION":0})", R"({"mesh":0})");
    json.insert(json.rfind("\"byteLength\":36}]"), "\"uri\":\"points.bin\",");
    const auto alone = decode::decodeGltf(bytesOf(json), "t.gltf");
    ASSERT_FALSE(alone);
    EXPECT_EQ(alone.error().code, "E_GLTF_EXTERNAL");
    decode::GltfOptions options;
    std::string asked;
    options.resolve = [&](const std::string& uri) -> core::Result<Bytes> {
        asked = uri;
        return b.binary;
    };
    EXPECT_EQ(codeAt(decode::decodeGltf(bytesOf(json), "t.gltf", options)), "ok");
    EXPECT_EQ(asked, "points.bin");
}

TEST(Gltf, aMissingTextureIsARemarkWithASubstitute) {
    Builder b;
    b.accessor(triangle(), 5126, "VEC3", 3);
    const auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0},"material":0)", R"({"mesh":0})",
                                                  R"(,"materials":[{"pbrMetallicRoughness":{"baseColorTexture":{"index":0}}}],"textures":[{"source":0}],"images":[{"uri":"none.png"}])"),
                                            "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    ASSERT_EQ(content->diagnostics.size(), 1u);
    EXPECT_EQ(content->diagnostics[0].where, "t.glb#/images/0");
    ASSERT_EQ(content->images.size(), 1u);
    EXPECT_EQ(content->images[0].rgba, (std::vector<std::uint8_t>{255, 0, 255, 255}));
    EXPECT_EQ(content->materials[0].baseColorTexture.image, 0);
}

TEST(Content, isRefusedByNameWhereWeDoNotReadIt) {
    for (const char* kind : {"subt", "vctr", "geom"}) {
        const auto content = decode::decodeContent(bytesOf(std::string(kind) + std::string(28, '\0')), "t");
        ASSERT_FALSE(content);
        EXPECT_EQ(content.error().code, "E_CONTENT_KIND");
        EXPECT_EQ(content.error().arguments[0], kind);
    }
}

TEST(Content, readsABatchTable) {
    Builder b;
    b.accessor(triangle(), 5126, "VEC3", 3);
    b.accessor(std::vector<float>{1, 1, 1}, 5126, "SCALAR", 1);
    auto glb = b.glb(R"("attributes":{"POSITION":0,"_BATCHID":1})");
    while (glb.size() % 8 != 4) glb.push_back(std::byte{0}); // the header is 28 bytes
    const std::string features = R"({"BATCH_LENGTH":2,"RTC_CENTER":[1,2,3]}         )", batch = R"({"id":["a","b"],"height":[1.5,2]}   )";
    Bytes tile = bytesOf("b3dm");
    const auto put = [&](std::uint32_t value) {
        const auto* p = reinterpret_cast<const std::byte*>(&value);
        tile.insert(tile.end(), p, p + 4);
    };
    put(1);
    put(static_cast<std::uint32_t>(28 + features.size() + batch.size() + glb.size()));
    put(static_cast<std::uint32_t>(features.size()));
    put(0);
    put(static_cast<std::uint32_t>(batch.size()));
    put(0);
    for (const auto& part : {bytesOf(features), bytesOf(batch), glb}) tile.insert(tile.end(), part.begin(), part.end());
    const auto content = decode::decodeContent(tile, "t.b3dm");
    ASSERT_TRUE(content) << codeAt(content);
    EXPECT_EQ(content->features.ids, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(model::propertyText(content->features, "height", 1), "2");
    EXPECT_EQ(content->primitives[0].vertices[0].feature, 1u);
    EXPECT_EQ(content->rtcCenter, glm::dvec3(1, 2, 3));
}

TEST(Gltf, outlinesBecomeLines) {
    Builder b;
    b.accessor(std::vector<float>{0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0}, 5126, "VEC3", 3);
    b.accessor(std::vector<std::uint16_t>{0, 1, 2, 0, 2, 3}, 5123, "SCALAR", 1);
    b.accessor(std::vector<std::uint16_t>{0, 1, 1, 2, 2, 3, 3, 0}, 5123, "SCALAR", 1);
    const auto primitive = [](int edges) {
        return R"("attributes":{"POSITION":0},"indices":1,"extensions":{"CESIUM_primitive_outline":{"indices":)" + std::to_string(edges) + "}}";
    };
    const auto content = decode::decodeGltf(b.glb(primitive(2)), "t.glb", {.turnToZUp = false});
    ASSERT_TRUE(content) << codeAt(content);
    ASSERT_EQ(content->primitives.size(), 2u); // without normals, so the triangles' corners are vertices of their own
    const auto& lines = content->primitives[1];
    EXPECT_EQ(lines.topology, model::Topology::lines);
    ASSERT_EQ(lines.indices.size(), 8u);
    EXPECT_EQ(lines.vertices[lines.indices[2]].position, glm::vec3(1, 0, 0));
    EXPECT_EQ(lines.vertices[lines.indices[3]].position, glm::vec3(1, 1, 0));
    EXPECT_TRUE(content->materials[lines.material].unlit);
    EXPECT_EQ(content->instances.size(), 2u);
    EXPECT_EQ(codeAt(decode::decodeGltf(b.glb(primitive(0)), "t.glb")), "E_GLTF_ATTRIBUTE t.glb#/meshes/0/primitives/0/extensions/CESIUM_primitive_outline/indices");
    Builder outside = b;
    outside.accessor(std::vector<std::uint16_t>{0, 9}, 5123, "SCALAR", 1);
    EXPECT_EQ(codeAt(decode::decodeGltf(outside.glb(primitive(3)), "t.glb")), "E_GLTF_INDEX t.glb#/meshes/0/primitives/0/extensions/CESIUM_primitive_outline/indices");
}

TEST(Gltf, saysWhichUsedExtensionsAreLeftOut) {
    Builder b;
    b.accessor(triangle(), 5126, "VEC3", 3);
    const auto content = decode::decodeGltf(b.glb(R"("attributes":{"POSITION":0})", R"({"mesh":0})", R"(,"extensionsUsed":["KHR_materials_unlit","ACME_folded_mesh"])"), "t.glb");
    ASSERT_TRUE(content) << codeAt(content);
    ASSERT_EQ(content->diagnostics.size(), 1u);
    EXPECT_EQ(content->diagnostics[0].code, "W_GLTF_EXTENSION");
    EXPECT_EQ(content->diagnostics[0].where, "t.glb#/extensionsUsed/1");
}
