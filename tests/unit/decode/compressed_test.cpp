// Draco and meshopt: what the encoders of the same libraries wrote comes back, and streams that disagree with what is declared are refused.

#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <meshoptimizer.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <draco/compression/encode.h>
#include <draco/mesh/triangle_soup_mesh_builder.h>
#include <draco/point_cloud/point_cloud_builder.h>
#pragma GCC diagnostic pop

#include "core/file.h"
#include "decode/draco_geometry.h"
#include "decode/gltf.h"
#include "decode/meshopt_stream.h"
#include "support/generated_gltf.h"
#include "support/test_data.h"

using namespace matou;
using namespace matou::test;

namespace {

std::string wrongOf(const core::Result<model::Content>& content) { return content ? "ok" : content.error().code + " " + content.error().where; }

Bytes copyOf(const void* data, std::size_t size) {
    Bytes out(size);
    std::memcpy(out.data(), data, size);
    return out;
}

/// A strip of `quads` unit squares, each with its own feature number.
Bytes dracoStrip(int quads, bool sequential) {
    draco::TriangleSoupMeshBuilder builder;
    builder.Start(quads * 2);
    const int position = builder.AddAttribute(draco::GeometryAttribute::POSITION, 3, draco::DT_FLOAT32);
    const int feature = builder.AddAttribute(draco::GeometryAttribute::GENERIC, 1, draco::DT_UINT16);
    for (int q = 0; q < quads; ++q) {
        const auto x = static_cast<float>(q);
        const float a[3] = {x, 0, 0}, b[3] = {x + 1, 0, 0}, c[3] = {x + 1, 1, 0}, d[3] = {x, 1, 0};
        const auto id = static_cast<std::uint16_t>(q);
        builder.SetAttributeValuesForFace(position, draco::FaceIndex(static_cast<std::uint32_t>(q) * 2), a, b, c);
        builder.SetAttributeValuesForFace(position, draco::FaceIndex(static_cast<std::uint32_t>(q) * 2 + 1), a, c, d);
        for (std::uint32_t f = 0; f < 2; ++f) builder.SetPerFaceAttributeValueForFace(feature, draco::FaceIndex(static_cast<std::uint32_t>(q) * 2 + f), &id);
    }
    const auto mesh = builder.Finalize();
    draco::Encoder encoder;
    encoder.SetEncodingMethod(sequential ? draco::MESH_SEQUENTIAL_ENCODING : draco::MESH_EDGEBREAKER_ENCODING);
    encoder.SetAttributeQuantization(draco::GeometryAttribute::POSITION, 14);
    draco::EncoderBuffer buffer;
    EXPECT_TRUE(encoder.EncodeMeshToBuffer(*mesh, &buffer).ok());
    return copyOf(buffer.data(), buffer.size());
}

std::string dracoJson(std::size_t bytes, int points, int indices, const std::string& positionType = "VEC3") {
    return R"({"asset":{"version":"2.0"},"extensionsUsed":["KHR_draco_mesh_compression","EXT_mesh_features"],"extensionsRequired":["KHR_draco_mesh_compression"],
"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0,"_FEATURE_ID_0":1},"indices":2,"extensions":{
"EXT_mesh_features":{"featureIds":[{"featureCount":3,"attribute":0}]},"KHR_draco_mesh_compression":{"bufferView":0,"attributes":{"POSITION":0,"_FEATURE_ID_0":1}}}}]}],
"accessors":[{"componentType":5126,"count":)" +
           std::to_string(points) + R"(,"type":")" + positionType + R"("},{"componentType":5123,"count":)" + std::to_string(points) +
           R"(,"type":"SCALAR"},{"componentType":5123,"count":)" + std::to_string(indices) +
           R"(,"type":"SCALAR"}],"bufferViews":[{"buffer":0,"byteLength":)" + std::to_string(bytes) + R"(}],"buffers":[{"byteLength":)" + std::to_string(bytes) + "}]}";
}

/// A glTF of one triangle list whose positions and indices are meshopt views over a fallback buffer without bytes.
Bytes meshoptGlb(const Bytes& vertices, const Bytes& indices, const std::string& vertexMore = "", int stride = 12, int vertexCount = 4, const std::string& indexMore = "") {
    Bytes binary = vertices;
    while (binary.size() % 4) binary.push_back(std::byte{0});
    const auto indexOffset = binary.size();
    binary.insert(binary.end(), indices.begin(), indices.end());
    const auto n = [](auto v) { return std::to_string(v); };
    const int vertexBytes = stride * vertexCount;
    return glbOf(R"({"asset":{"version":"2.0"},"extensionsRequired":["EXT_meshopt_compression"],"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
"meshes":[{"primitives":[{"attributes":{"POSITION":0},"indices":1}]}],
"accessors":[{"bufferView":0,"componentType":5126,"count":)" + n(vertexCount) + R"(,"type":"VEC3"},{"bufferView":1,"componentType":5123,"count":6,"type":"SCALAR"}],
"bufferViews":[{"buffer":1,"byteLength":)" + n(vertexBytes) + R"(,"byteStride":)" + n(stride) + R"(,"extensions":{"EXT_meshopt_compression":{"buffer":0,"byteLength":)" + n(vertices.size()) +
                     R"(,"byteStride":)" + n(stride) + R"(,"count":)" + n(vertexCount) + R"(,"mode":"ATTRIBUTES")" + vertexMore + R"(}}},
{"buffer":1,"byteOffset":)" + n(vertexBytes) + R"(,"byteLength":12,"extensions":{"EXT_meshopt_compression":{"buffer":0,"byteOffset":)" + n(indexOffset) + R"(,"byteLength":)" + n(indices.size()) +
                     R"(,"byteStride":2,"count":6,"mode":"TRIANGLES")" + indexMore + R"(}}}],
"buffers":[{"byteLength":)" + n(binary.size()) + R"(},{"byteLength":)" + n(vertexBytes + 12) + R"(,"extensions":{"EXT_meshopt_compression":{"fallback":true}}}]})",
                 binary);
}

const std::vector<float> kSquare{0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0};
const std::vector<unsigned> kSquareIndices{0, 1, 2, 0, 2, 3};

Bytes encodedVertices(const void* data, std::size_t count, std::size_t size) {
    Bytes out(meshopt_encodeVertexBufferBound(count, size));
    out.resize(meshopt_encodeVertexBuffer(reinterpret_cast<unsigned char*>(out.data()), out.size(), data, count, size));
    return out;
}
Bytes encodedSquareIndices() {
    Bytes out(meshopt_encodeIndexBufferBound(6, 4));
    out.resize(meshopt_encodeIndexBuffer(reinterpret_cast<unsigned char*>(out.data()), out.size(), kSquareIndices.data(), 6));
    return out;
}

} // namespace

TEST(Draco, givesBackWhatWasEncoded) {
    for (const bool sequential : {false, true}) {
        const auto stream = dracoStrip(3, sequential);
        const auto content = decode::decodeGltf(glbOf(dracoJson(stream.size(), 12, 18), stream), "t.glb", {.turnToZUp = false});
        ASSERT_TRUE(content) << wrongOf(content);
        EXPECT_EQ(content->triangleCount(), 6u);
        EXPECT_NEAR(content->maximum.x, 3, 1e-3);
        EXPECT_EQ(content->features.count, 3u);
        // Every triangle lies between x = feature and x = feature + 1.
        const auto& primitive = content->primitives[0];
        for (const auto index : primitive.indices) {
            const auto& vertex = primitive.vertices[index];
            EXPECT_GE(vertex.position.x, static_cast<float>(vertex.feature) - 1e-3f);
            EXPECT_LE(vertex.position.x, static_cast<float>(vertex.feature) + 1 + 1e-3f);
        }
    }
}

TEST(Draco, refusesCountsThatDisagreeBeforeAllocating) {
    const std::string place = "E_DRACO t.glb#/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression";
    for (const bool sequential : {false, true}) {
        const auto stream = dracoStrip(3, sequential);
        EXPECT_EQ(wrongOf(decode::decodeGltf(glbOf(dracoJson(stream.size(), 12, 15), stream), "t.glb")), place);
        EXPECT_EQ(wrongOf(decode::decodeGltf(glbOf(dracoJson(stream.size(), 13, 18), stream), "t.glb")), place);
        // More points than declared is what writers of split vertices do: read, and said.
        const auto more = decode::decodeGltf(glbOf(dracoJson(stream.size(), 11, 18), stream), "t.glb");
        ASSERT_TRUE(more) << wrongOf(more);
        ASSERT_EQ(more->diagnostics.size(), 1u);
        EXPECT_EQ(more->diagnostics[0].code, "W_DRACO_POINTS");
        EXPECT_EQ(wrongOf(decode::decodeGltf(glbOf(dracoJson(stream.size(), 12, 18, "VEC4"), stream), "t.glb")).substr(0, 7), "E_GLTF_"); // POSITION is VEC3
        EXPECT_EQ(wrongOf(decode::decodeGltf(glbOf(dracoJson(stream.size(), 12, 2000000000), stream), "t.glb")), "E_GLTF_LIMIT t.glb#/meshes/0/primitives/0/extensions/KHR_draco_mesh_compression");
        for (std::size_t cut = 0; cut + 1 < stream.size(); ++cut) {
            const auto part = Bytes(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(cut));
            decode::DracoDeclared declared{.points = 12, .indices = 18};
            const decode::DracoWanted wanted[]{{0, 5126, 3}, {1, 5123, 1}};
            const auto result = decode::decodeDracoMesh(part, "t", declared, wanted);
            EXPECT_TRUE(!result || result->attributes.size() == 2) << cut; // trailing padding may be missing
        }
    }
}

TEST(Draco, readsPointClouds) {
    draco::PointCloudBuilder builder;
    builder.Start(100);
    const int position = builder.AddAttribute(draco::GeometryAttribute::POSITION, 3, draco::DT_FLOAT32);
    const int color = builder.AddAttribute(draco::GeometryAttribute::COLOR, 3, draco::DT_UINT8);
    for (std::uint32_t i = 0; i < 100; ++i) {
        const float p[3] = {static_cast<float>(i), 1, 2};
        const std::uint8_t c[3] = {static_cast<std::uint8_t>(i), 7, 9};
        builder.SetAttributeValueForPoint(position, draco::PointIndex(i), p);
        builder.SetAttributeValueForPoint(color, draco::PointIndex(i), c);
    }
    const auto cloud = builder.Finalize(false);
    draco::Encoder encoder;
    encoder.SetEncodingMethod(draco::POINT_CLOUD_SEQUENTIAL_ENCODING);
    draco::EncoderBuffer buffer;
    ASSERT_TRUE(encoder.EncodePointCloudToBuffer(*cloud, &buffer).ok());
    const auto stream = copyOf(buffer.data(), buffer.size());
    const decode::DracoWanted wanted[]{{1, 5121, 3}, {0, 5126, 3}};
    const auto read = decode::decodeDracoPoints(stream, "t.pnts", {.points = 100}, wanted);
    ASSERT_TRUE(read) << read.error().arguments[0];
    EXPECT_EQ(read->attributes[0].size(), 300u);
    EXPECT_EQ(static_cast<int>(read->attributes[0][42 * 3]), 42);
    float x = 0;
    std::memcpy(&x, read->attributes[1].data() + 42 * 12, 4);
    EXPECT_EQ(x, 42.0f);
    EXPECT_EQ(decode::decodeDracoPoints(stream, "t.pnts", {.points = 99}, wanted).error().code, "E_DRACO");
    const decode::DracoWanted absent[]{{9, 5126, 3}};
    EXPECT_EQ(decode::decodeDracoPoints(stream, "t.pnts", {.points = 100}, absent).error().code, "E_DRACO");
    EXPECT_EQ(decode::decodeDracoMesh(stream, "t.pnts", {.points = 100}, wanted).error().code, "E_DRACO");
}

TEST(Meshopt, readsViewsOverAFallbackBuffer) {
    const auto content = decode::decodeGltf(meshoptGlb(encodedVertices(kSquare.data(), 4, 12), encodedSquareIndices()), "t.glb", {.turnToZUp = false});
    ASSERT_TRUE(content) << wrongOf(content);
    EXPECT_EQ(content->triangleCount(), 2u);
    EXPECT_EQ(content->maximum, glm::vec3(1, 1, 0));
}

TEST(Meshopt, refusesStreamsThatDisagree) {
    const auto vertices = encodedVertices(kSquare.data(), 4, 12), indices = encodedSquareIndices();
    const std::string view = "t.glb#/bufferViews/0/extensions/EXT_meshopt_compression";
    EXPECT_EQ(wrongOf(decode::decodeGltf(meshoptGlb(Bytes(vertices.begin(), vertices.end() - 1), indices), "t.glb")), "E_GLTF_MESHOPT " + view);
    EXPECT_EQ(wrongOf(decode::decodeGltf(meshoptGlb(vertices, indices, R"(,"filter":"QUATERNION")"), "t.glb")), "E_GLTF_VALUE " + view + "/filter");
    EXPECT_EQ(wrongOf(decode::decodeGltf(meshoptGlb(vertices, indices, R"(,"filter":"COLOR")"), "t.glb")), "E_GLTF_VALUE " + view + "/filter"); // only of the KHR extension
    EXPECT_EQ(wrongOf(decode::decodeGltf(meshoptGlb(vertices, indices, "", 12, 4000000), "t.glb")), "E_GLTF_MESHOPT " + view);
    EXPECT_EQ(wrongOf(decode::decodeGltf(meshoptGlb(vertices, indices, "", 12, 100000000), "t.glb")), "E_GLTF_LIMIT " + view);
}

TEST(Meshopt, undoesFilters) {
    using Stream = decode::MeshoptStream;
    const float normals[8] = {0, 0, 1, 0, 0.6f, -0.8f, 0, 0};
    std::int8_t packed[8];
    meshopt_encodeFilterOct(packed, 2, 4, 8, normals);
    auto out = decode::decodeMeshopt(encodedVertices(packed, 2, 4), {.count = 2, .stride = 4, .filter = Stream::Filter::octahedral}, "t");
    ASSERT_TRUE(out);
    EXPECT_NEAR(static_cast<std::int8_t>((*out)[4]), 76, 2);
    EXPECT_NEAR(static_cast<std::int8_t>((*out)[5]), -102, 2);
    const float values[3] = {1.5f, -0.25f, 1024};
    std::uint32_t exponents[3];
    meshopt_encodeFilterExp(exponents, 3, 4, 15, values);
    out = decode::decodeMeshopt(encodedVertices(exponents, 3, 4), {.count = 3, .stride = 4, .filter = Stream::Filter::exponential}, "t");
    ASSERT_TRUE(out);
    float back[3];
    std::memcpy(back, out->data(), 12);
    for (int i = 0; i < 3; ++i) EXPECT_NEAR(back[i], values[i], std::abs(values[i]) * 1e-3f);
    // Colour: Y, Co, Cg of 8 bits; alpha of 7 with the mark above it. (200, 100, 50) opaque.
    const int r = 200, g = 100, b = 50, co = (r - b) / 2, y0 = b + co, cg = (g - y0) / 2, y = y0 + cg;
    const std::uint8_t colors[4] = {static_cast<std::uint8_t>(y), static_cast<std::uint8_t>(co), static_cast<std::uint8_t>(cg), 0xff};
    out = decode::decodeMeshopt(encodedVertices(colors, 1, 4), {.count = 1, .stride = 4, .filter = Stream::Filter::color}, "t");
    ASSERT_TRUE(out);
    EXPECT_NEAR(static_cast<int>((*out)[0]), r, 2);
    EXPECT_NEAR(static_cast<int>((*out)[1]), g, 2);
    EXPECT_NEAR(static_cast<int>((*out)[2]), b, 2);
    EXPECT_EQ(static_cast<int>((*out)[3]), 255);
}

TEST(Meshopt, readsVersion1ByTheSpecificationsExample) {
    // One block of 16 elements of 4 bytes: byte 0 in 4-bit deltas (the example of the specification), byte 1 all zero, byte 2 literal, byte 3 in 1-bit deltas.
    std::vector<std::uint8_t> stream{0xa1, 0 << 0 | 2 << 2 | 3 << 4 | 0 << 6};
    stream.insert(stream.end(), {3, 0x17, 0x5f, 0xf0, 0xbc, 0x77, 0xa9, 0x21, 0x00, 0x34, 0xb5}); // header: group 0 in mode 3 = 4 bits
    for (int i = 0; i < 16; ++i) stream.push_back(static_cast<std::uint8_t>(i == 0 ? 2 : 0));
    stream.insert(stream.end(), {1, 0b00000010, 0, 8}); // 1 bit each; element 1 is the sentinel: 8 = +4
    stream.resize(stream.size() + 19);                   // padding of the tail to 24
    stream.insert(stream.end(), {100, 7, 0, 0, 0});      // baseline, one channel of byte deltas
    const auto out = decode::decodeMeshopt(copyOf(stream.data(), stream.size()), {.count = 16, .stride = 4}, "t");
    ASSERT_TRUE(out) << out.error().arguments[0];
    const int deltas[16] = {-1, -4, -3, 26, -91, 0, -6, 6, -4, -4, 5, -5, 1, -1, 0, 0};
    int value = 100;
    for (std::size_t i = 0; i < 16; ++i) {
        value += deltas[i];
        EXPECT_EQ(static_cast<std::uint8_t>((*out)[i * 4]), static_cast<std::uint8_t>(value)) << i;
        EXPECT_EQ(static_cast<int>((*out)[i * 4 + 1]), 7);
        EXPECT_EQ(static_cast<int>((*out)[i * 4 + 2]), 1); // 2 is +1 and stays
        EXPECT_EQ(static_cast<int>((*out)[i * 4 + 3]), i >= 1 ? 4 : 0);
    }
    stream.insert(stream.begin() + 2, 0);
    EXPECT_FALSE(decode::decodeMeshopt(copyOf(stream.data(), stream.size()), {.count = 16, .stride = 4}, "t"));
}

TEST(Compressed, samplesEqualTheirPlainForms) {
    MATOU_NEEDS_TEST_DATA(folder, "data/gltf-samples/compressed");
    for (const char* name : {"tiny/BoxDraco.gltf", "tiny/BoxMeshopt.gltf", "tiny/BoxMeshopt.glb", "BoxTextured_meshopt.glb", "DracoCesiumMilkTruck/CesiumMilkTruck.gltf"}) {
        const auto path = folder / name;
        const auto text = core::readTextFile(path);
        ASSERT_TRUE(text) << name;
        decode::GltfOptions options;
        options.resolve = [&](const std::string& uri) -> core::Result<std::vector<std::byte>> {
            MATOU_TRY(bytes, core::readTextFile(path.parent_path() / uri));
            return bytesOf(bytes);
        };
        const auto content = decode::decodeGltf(bytesOf(*text), path.string(), options);
        ASSERT_TRUE(content) << name << " " << wrongOf(content) << (content ? "" : content.error().arguments[0]);
        EXPECT_EQ(content->triangleCount(), std::string(name).find("Truck") != std::string::npos ? 3624u : 12u) << name;
        const bool box = std::string(name).starts_with("tiny");
        EXPECT_NEAR(content->maximum.x, box ? 0.5f : content->maximum.x, 1e-3f) << name;
    }
}
