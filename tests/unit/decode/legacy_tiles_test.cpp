// i3dm, pnts, cmpt and batch tables, made in memory.

#include <cmath>

#include <gtest/gtest.h>

#include "decode/gltf.h"
#include "support/generated_gltf.h"

using namespace matou;
using test::Bytes;

namespace {

class Table {
public:
    template <typename T>
    std::size_t put(std::initializer_list<T> values) {
        while (binary.size() % sizeof(T) != 0) binary.push_back({});
        const auto at = binary.size();
        for (const T value : values) {
            const auto* p = reinterpret_cast<const std::byte*>(&value);
            binary.insert(binary.end(), p, p + sizeof value);
        }
        return at;
    }
    Bytes binary;
};

/// `gltfFormat` -1: no such member (pnts, b3dm).
Bytes tileOf(const char* magic, const std::string& features, const Bytes& featureBinary, const std::string& batch, const Bytes& body, int gltfFormat = -1, const Bytes& batchBinary = {}) {
    Bytes out = test::bytesOf(magic);
    const auto put = [&out](std::size_t value) {
        const auto word = static_cast<std::uint32_t>(value);
        const auto* p = reinterpret_cast<const std::byte*>(&word);
        out.insert(out.end(), p, p + 4);
    };
    const auto header = std::size_t{gltfFormat < 0 ? 28u : 32u};
    put(1);
    put(header + features.size() + featureBinary.size() + batch.size() + batchBinary.size() + body.size());
    put(features.size());
    put(featureBinary.size());
    put(batch.size());
    put(batchBinary.size());
    if (gltfFormat >= 0) put(static_cast<std::size_t>(gltfFormat));
    for (const auto& part : {test::bytesOf(features), featureBinary, test::bytesOf(batch), batchBinary, body}) out.insert(out.end(), part.begin(), part.end());
    return out;
}

/// A triangle in the plane of glTF's x and y (x and z once turned): (0,0,0) (1,0,0) (0,1,0).
Bytes triangle() {
    Table data;
    data.put<float>({0, 0, 0, 1, 0, 0, 0, 1, 0});
    return test::glbOf(R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
        "buffers":[{"byteLength":36}],"bufferViews":[{"buffer":0,"byteLength":36}],
        "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}]})", data.binary);
}

glm::dvec3 placed(const model::Content& content, std::size_t instance, const glm::vec3& point) {
    return content.rtcCenter + glm::dvec3(content.instances[instance].contentFromMesh * glm::vec4(point, 1.0f));
}
void expectNear(const glm::dvec3& a, const glm::dvec3& b, double tolerance = 1e-3) { EXPECT_LT(glm::length(a - b), tolerance) << a.x << " " << a.y << " " << a.z; }

std::string failure(const Bytes& bytes, const decode::GltfOptions& options = {}) {
    const auto content = decode::decodeContent(bytes, "t", options);
    return content ? "ok" : content.error().code + " " + content.error().where;
}

} // namespace

TEST(InstancedTile, placesOrientsAndScales) {
    Table t;
    const auto position = t.put<float>({0, 0, 0, 10, 20, 30});
    const auto up = t.put<float>({0, 1, 0, 0, 0, 1}), right = t.put<float>({1, 0, 0, 0, 1, 0});
    const auto scale = t.put<float>({1, 2}), each = t.put<float>({1, 1, 1, 1, 1, 3});
    const auto number = [](std::size_t value) { return std::to_string(value); };
    const auto content = decode::decodeContent(
        tileOf("i3dm", R"({"INSTANCES_LENGTH":2,"RTC_CENTER":[1000000,0,0],"POSITION":{"byteOffset":)" + number(position) + R"(},"NORMAL_UP":{"byteOffset":)" + number(up) +
                           R"(},"NORMAL_RIGHT":{"byteOffset":)" + number(right) + R"(},"SCALE":{"byteOffset":)" + number(scale) + R"(},"SCALE_NON_UNIFORM":{"byteOffset":)" + number(each) + "}}",
               t.binary, R"({"name":["a","b"]})", triangle(), 1),
        "t.i3dm");
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    ASSERT_EQ(content->instances.size(), 2u);
    expectNear(placed(*content, 0, {1, 0, 0}), {1000001, 0, 0});
    // x goes to y; the model's own up (z after the turn) goes to cross(right, up) = x; scaled 2 and 3 · 2.
    expectNear(placed(*content, 1, {1, 0, 0}), {1000010, 22, 30});
    expectNear(placed(*content, 1, {0, 1, 0}), {1000010 + 6, 20, 30});
    EXPECT_EQ(content->instances[1].feature, 1u);
    EXPECT_EQ(model::propertyText(content->features, "name", 1), "b");
}

TEST(InstancedTile, readsQuantisedPositionsOctahedralNormalsAndBatchIds) {
    Table t;
    const auto position = t.put<std::uint16_t>({0, 0, 0, 65535, 65535, 0});
    const auto up = t.put<std::uint16_t>({32768, 32768, 32768, 65535}), right = t.put<std::uint16_t>({65535, 32768, 65535, 32768}); // up: z, then y; right: x
    const auto ids = t.put<std::uint8_t>({1, 0});
    const auto number = [](std::size_t value) { return std::to_string(value); };
    const auto content = decode::decodeContent(
        tileOf("i3dm", R"({"INSTANCES_LENGTH":2,"QUANTIZED_VOLUME_OFFSET":[5000000,0,0],"QUANTIZED_VOLUME_SCALE":[100,200,1],"POSITION_QUANTIZED":{"byteOffset":)" + number(position) +
                           R"(},"NORMAL_UP_OCT32P":{"byteOffset":)" + number(up) + R"(},"NORMAL_RIGHT_OCT32P":{"byteOffset":)" + number(right) +
                           R"(},"BATCH_ID":{"byteOffset":)" + number(ids) + R"(,"componentType":"UNSIGNED_BYTE"}})",
               t.binary, R"({"h":{"byteOffset":0,"componentType":"FLOAT","type":"SCALAR"},"v":{"byteOffset":8,"componentType":"UNSIGNED_BYTE","type":"VEC2"}})", triangle(), 1,
               [] { Table b; b.put<float>({1.5f, 2.5f}); b.put<std::uint8_t>({1, 2, 3, 4}); return b.binary; }()),
        "t.i3dm");
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    expectNear(placed(*content, 0, {0, 1, 0}), {5000000, -1, 0}, 2e-3); // y up stands for z: the model's y is turned to -y … z = cross(x, z)
    expectNear(placed(*content, 1, {0, 0, 0}), {5000100, 200, 0});
    expectNear(placed(*content, 1, {1, 0, 0}), {5000101, 200, 0}, 2e-3);
    EXPECT_EQ(content->instances[0].feature, 1u);
    EXPECT_EQ(model::propertyText(content->features, "h", 0), "1.5");
    EXPECT_EQ(model::propertyText(content->features, "v", 1), "[3, 4]");
}

TEST(InstancedTile, turnsEastNorthUpAtEveryPlace) {
    Table t;
    t.put<float>({6378137, 0, 0, 0, 6378137, 0});
    const auto content = decode::decodeContent(tileOf("i3dm", R"({"INSTANCES_LENGTH":2,"EAST_NORTH_UP":true,"POSITION":{"byteOffset":0}})", t.binary, "", triangle(), 1), "t");
    ASSERT_TRUE(content);
    // The model's up is z after the turn from glTF axes, so its top (glTF y = 1) lies away from the earth's centre.
    expectNear(placed(*content, 0, {0, 1, 0}), {6378138, 0, 0}, 0.5);
    expectNear(placed(*content, 1, {0, 1, 0}), {0, 6378138, 0}, 0.5);
    expectNear(placed(*content, 0, {1, 0, 0}), {6378137, 1, 0}, 0.5);
}

TEST(InstancedTile, takesAModelOfAnotherFile) {
    Table t;
    t.put<float>({1, 2, 3});
    decode::GltfOptions options;
    options.resolve = [](const std::string& uri) -> core::Result<std::vector<std::byte>> {
        if (uri == "models/tree.glb") return triangle();
        return core::fail("E_FILE_MISSING", uri);
    };
    const auto bytes = tileOf("i3dm", R"({"INSTANCES_LENGTH":1,"POSITION":{"byteOffset":0}})", t.binary, "", test::bytesOf("models/tree.glb  "), 0);
    EXPECT_EQ(failure(bytes, options), "ok");
    EXPECT_EQ(failure(bytes), "E_GLTF_EXTERNAL t:byte 94");
    EXPECT_EQ(failure(tileOf("i3dm", R"({"INSTANCES_LENGTH":9,"POSITION":{"byteOffset":0}})", t.binary, "", triangle(), 1)), "E_TILE_SEMANTIC t:byte 32");
    EXPECT_EQ(failure(tileOf("i3dm", R"({"INSTANCES_LENGTH":1})", t.binary, "", triangle(), 1)), "E_TILE_SEMANTIC t:byte 32");
    EXPECT_EQ(failure(tileOf("i3dm", R"({"INSTANCES_LENGTH":1,"POSITION":{"byteOffset":0},"NORMAL_UP":{"byteOffset":0}})", t.binary, "", triangle(), 1)), "E_TILE_SEMANTIC t:byte 32");
}

TEST(PointTile, readsColoursNormalsAndRows) {
    Table t;
    t.put<float>({0, 0, 0, 2, 4, 6});
    t.put<std::uint16_t>({0xF800, 0x07E0});
    t.put<std::uint8_t>({128, 255, 255, 128});
    t.put<std::uint8_t>({1, 1});
    const auto content = decode::decodeContent(tileOf("pnts", R"({"POINTS_LENGTH":2,"BATCH_LENGTH":2,"POSITION":{"byteOffset":0},"RGB565":{"byteOffset":24},"NORMAL_OCT16P":{"byteOffset":28},"BATCH_ID":{"byteOffset":32,"componentType":"UNSIGNED_BYTE"}})",
                                                      t.binary, R"({"name":["x","y"]})", {}), "t");
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    const auto& points = content->primitives[0];
    EXPECT_EQ(points.topology, model::Topology::points);
    EXPECT_EQ(points.vertices[0].color, glm::u8vec4(255, 0, 0, 255));
    EXPECT_EQ(points.vertices[1].color, glm::u8vec4(0, 255, 0, 255));
    EXPECT_GT(points.vertices[0].normal.y, 125);
    EXPECT_GT(points.vertices[1].normal.x, 125);
    EXPECT_EQ(points.vertices[0].feature, 1u);
    EXPECT_EQ(model::propertyText(content->features, "name", 1), "y");
    EXPECT_FALSE(content->materials[0].unlit);
    expectNear(placed(*content, 0, points.vertices[1].position), {2, 4, 6});
}

TEST(PointTile, readsQuantisedPositionsAndAConstantColourAndARowPerPoint) {
    Table t;
    t.put<std::uint16_t>({0, 0, 0, 65535, 65535, 65535});
    const auto content = decode::decodeContent(
        tileOf("pnts", R"({"POINTS_LENGTH":2,"QUANTIZED_VOLUME_OFFSET":[10,0,0],"QUANTIZED_VOLUME_SCALE":[1,2,3],"POSITION_QUANTIZED":{"byteOffset":0},"CONSTANT_RGBA":[255,0,0,128]})", t.binary,
               R"({"h":[4,5]})", {}), "t");
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    const auto& points = content->primitives[0];
    expectNear(placed(*content, 0, points.vertices[1].position), {11, 2, 3});
    EXPECT_EQ(points.vertices[0].color, glm::u8vec4(255, 0, 0, 128));
    EXPECT_EQ(content->materials[0].alphaMode, model::AlphaMode::blend);
    EXPECT_TRUE(content->materials[0].unlit);
    EXPECT_EQ(points.vertices[1].feature, 1u);
    EXPECT_EQ(model::propertyText(content->features, "h", 1), "5");
    EXPECT_EQ(failure(tileOf("pnts", R"({"POINTS_LENGTH":0,"POSITION":{"byteOffset":0}})", t.binary, "", {})), "E_TILE_SEMANTIC t:byte 28");
    EXPECT_EQ(failure(tileOf("pnts", R"({"POINTS_LENGTH":4294967295,"POSITION":{"byteOffset":0}})", t.binary, "", {})), "E_GLTF_LIMIT t:byte 28");
}

TEST(CompositeTile, joinsNestedPartsWithoutRecursionAndSaysWhatItDropped) {
    Table t;
    t.put<float>({0, 0, 0});
    const auto compose = [](const std::vector<Bytes>& parts) {
        Bytes out = test::bytesOf("cmpt"), body;
        for (const auto& part : parts) body.insert(body.end(), part.begin(), part.end());
        for (const auto word : {std::uint32_t{1}, static_cast<std::uint32_t>(16 + body.size()), static_cast<std::uint32_t>(parts.size())}) {
            const auto* p = reinterpret_cast<const std::byte*>(&word);
            out.insert(out.end(), p, p + 4);
        }
        out.insert(out.end(), body.begin(), body.end());
        return out;
    };
    const auto points = tileOf("pnts", R"({"POINTS_LENGTH":1,"POSITION":{"byteOffset":0}})", t.binary, R"({"n":["p"]})", {});
    const auto instances = tileOf("i3dm", R"({"INSTANCES_LENGTH":1,"POSITION":{"byteOffset":0}})", t.binary, R"({"n":["i"]})", triangle(), 1);
    // What was dropped; that these small tiles are no multiple of eight bytes long is said too, and is not the matter here.
    const auto dropped = [](const model::Content& of) {
        std::vector<core::Error> out;
        for (const auto& remark : of.diagnostics)
            if (remark.code.starts_with("E_")) out.push_back(remark);
        return out;
    };
    auto nested = compose({points});
    for (int depth = 0; depth < 60; ++depth) nested = compose({nested});
    auto content = decode::decodeContent(compose({instances, nested}), "t.cmpt");
    ASSERT_TRUE(content) << content.error().code;
    EXPECT_EQ(content->primitives.size(), 2u);
    EXPECT_EQ(content->features.count, 2u);
    EXPECT_EQ(model::propertyText(content->features, "n", 1), "p");
    EXPECT_TRUE(dropped(*content).empty());
    for (int depth = 0; depth < 5000; ++depth) nested = compose({nested});
    content = decode::decodeContent(compose({instances, nested}), "t.cmpt");
    ASSERT_TRUE(content);
    EXPECT_EQ(content->primitives.size(), 1u);
    ASSERT_EQ(dropped(*content).size(), 1u);
    EXPECT_EQ(dropped(*content)[0].code, "E_TILE_DEPTH");

    auto broken = points;
    broken[4] = std::byte{9};
    content = decode::decodeContent(compose({points, broken}), "t.cmpt");
    ASSERT_TRUE(content);
    ASSERT_EQ(dropped(*content).size(), 1u);
    EXPECT_EQ(dropped(*content)[0].where, "t.cmpt:byte " + std::to_string(16 + points.size() + 4));
    auto lying = compose({points});
    lying[12] = std::byte{200};
    content = decode::decodeContent(lying, "t.cmpt");
    ASSERT_TRUE(content);
    EXPECT_EQ(dropped(*content).size(), 1u);
    EXPECT_EQ(failure(compose({})), "E_GLB_CHUNK t:byte 12");
}

TEST(BatchTable, flattensItsHierarchy) {
    Table t;
    t.put<float>({0, 0, 0, 1, 1, 1});
    const auto content = decode::decodeContent(
        tileOf("pnts", R"({"POINTS_LENGTH":2,"POSITION":{"byteOffset":0}})", t.binary,
               R"({"extensions":{"3DTILES_batch_table_hierarchy":{"classes":[{"name":"Wall","length":2,"instances":{"color":["white","red"]}},
                   {"name":"Building","length":1,"instances":{"address":["1 Road"],"color":["grey"]}}],"instancesLength":3,"classIds":[0,0,1],"parentIds":[2,2,2]}}})",
               {}), "t");
    ASSERT_TRUE(content);
    EXPECT_EQ(model::propertyText(content->features, "color", 1), "red"); // its own, not its parent's
    EXPECT_EQ(model::propertyText(content->features, "address", 1), "1 Road");
}
