#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "decode/gltf.h"
#include "support/generated_gltf.h"

using namespace matou;
using namespace matou::test;

namespace {

/// What a mesh file may hold of one vertex: 40 bytes, read in place where it is so.
struct Stored {
    glm::vec3 position, normal;
    glm::vec2 uv;
    glm::u8vec4 color;
    std::uint32_t rest = 0;
};
static_assert(sizeof(Stored) == 40);

std::vector<Stored> madeUp(std::size_t count) {
    std::mt19937 random(7);
    const auto number = [&] { return static_cast<float>(random() % 20001) / 10.0f - 1000.0f; };
    std::vector<Stored> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        out[i].position = {number(), number(), number()};
        out[i].normal = i % 7 != 0 && i % 4 != 0 ? out[i - 1].normal
                        : i % 11 == 0            ? glm::vec3(0.0f)
                                                 : glm::vec3(number(), -std::abs(number()), number());
        out[i].uv = {number(), number()};
        out[i].color = {random() % 256, random() % 256, random() % 256, random() % 256};
    }
    return out;
}

/// As one interleaved view, or each attribute in a view of its own; the last vertex ends where the file does.
Bytes glbOf(const std::vector<Stored>& vertices, bool interleaved, int colorComponents) {
    Bytes binary;
    std::string views, accessors;
    const auto count = std::to_string(vertices.size());
    const auto attribute = [&](int index, std::size_t offset, std::size_t bytes, const std::string& type) {
        if (interleaved) {
            if (index == 0) append(binary, vertices);
        } else {
            views += (index ? "," : "") + std::string("{\"buffer\":0,\"byteOffset\":") + std::to_string(binary.size()) +
                     ",\"byteLength\":" + std::to_string(bytes * vertices.size()) + "}";
            for (const auto& vertex : vertices) {
                const auto* at = reinterpret_cast<const std::byte*>(&vertex) + offset;
                binary.insert(binary.end(), at, at + bytes);
            }
        }
        accessors += (index ? "," : "") + std::string("{\"bufferView\":") + std::to_string(interleaved ? 0 : index) +
                     ",\"byteOffset\":" + std::to_string(interleaved ? offset : 0) + ",\"count\":" + count + "," +
                     type + "}";
    };
    attribute(0, offsetof(Stored, position), 12, R"("componentType":5126,"type":"VEC3")");
    attribute(1, offsetof(Stored, normal), 12, R"("componentType":5126,"type":"VEC3")");
    attribute(2, offsetof(Stored, uv), 8, R"("componentType":5126,"type":"VEC2")");
    attribute(3, offsetof(Stored, color), static_cast<std::size_t>(colorComponents),
              R"("componentType":5121,"normalized":true,"type":"VEC)" + std::to_string(colorComponents) + "\"");
    if (interleaved) views = R"({"buffer":0,"byteStride":40,"byteLength":)" + std::to_string(binary.size()) + "}";
    return test::glbOf(
        R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"mode":0,"attributes":
        {"POSITION":0,"NORMAL":1,"TEXCOORD_0":2,"COLOR_0":3}}]}],"accessors":[)" +
            accessors + "],\"bufferViews\":[" + views +
            "],\"buffers\":[{\"byteLength\":" + std::to_string(binary.size()) + "}]}",
        binary);
}

int byteOf(float value) {
    return static_cast<int>(value * 127.0f + (value < 0 ? -0.5f : 0.5f));
}

} // namespace

TEST(Vertices, areThoseOfTheFileInAnyLayoutAndNumber) {
    for (const std::size_t count : {1u, 2u, 3u, 63u, 64u, 65u, 129u, 1000u})
        for (const bool interleaved : {false, true})
            for (const int components : {3, 4}) {
                const auto stored = madeUp(count);
                const auto content = decode::decodeGltf(glbOf(stored, interleaved, components), "t.glb");
                ASSERT_TRUE(content) << content.error().code << " " << content.error().where;
                const auto& primitive = content->primitives.at(0);
                ASSERT_EQ(primitive.vertices.size(), count);
                auto low = stored[0].position, high = low;
                for (std::size_t i = 0; i < count; ++i) {
                    const auto& made = primitive.vertices[i];
                    const auto& from = stored[i];
                    EXPECT_EQ(made.position, from.position) << i;
                    EXPECT_EQ(made.uv, from.uv) << i;
                    EXPECT_EQ(glm::u8vec3(made.color), glm::u8vec3(from.color)) << i;
                    EXPECT_EQ(made.color.w, components == 4 ? from.color.w : 255) << i;
                    EXPECT_EQ(made.feature, model::kNoFeature);
                    const float length = glm::length(from.normal);
                    const auto unit = length > 0 ? from.normal / length : glm::vec3(0.0f);
                    EXPECT_EQ(glm::ivec4(made.normal), glm::ivec4(byteOf(unit.x), byteOf(unit.y), byteOf(unit.z), 0))
                        << i;
                    low = glm::min(low, from.position);
                    high = glm::max(high, from.position);
                }
                EXPECT_EQ(primitive.minimum, low);
                EXPECT_EQ(primitive.maximum, high);
            }
}

TEST(Vertices, areRefusedWhereverANumberIsNone) {
    for (const bool interleaved : {false, true})
        for (const std::size_t at : {0u, 63u, 99u})
            for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
                auto stored = madeUp(100);
                stored[at].normal.z = bad;
                const auto content = decode::decodeGltf(glbOf(stored, interleaved, 4), "t.glb");
                ASSERT_FALSE(content);
                EXPECT_EQ(content.error().code, "E_GLTF_FLOAT");
                EXPECT_EQ(content.error().where, "t.glb#/accessors/1");
            }
}

/// What tinygltf said last is kept by the thread, for the same text only.
TEST(Materials, areTheDocumentsOwnWhenDocumentsTakeTurns) {
    const auto glb = [](const std::string& metallic) {
        return test::glbOf(R"({"asset":{"version":"2.0"},"materials":[{"pbrMetallicRoughness":{"metallicFactor":)" +
                               metallic + "}}]}",
                           {});
    };
    for (const auto& [text, value] :
         {std::pair{"0", 0.0f}, {"0", 0.0f}, {"0.5", 0.5f}, {"0", 0.0f}, {"true", 1.0f}, {"0.5", 0.5f}}) {
        const auto content = decode::decodeGltf(glb(text), "t.glb");
        ASSERT_TRUE(content) << text;
        EXPECT_EQ(content->materials.at(0).metallic, value) << text;
    }
    for (int i = 0; i < 2; ++i) { // a refusal is not kept
        const auto broken = decode::decodeGltf(
            test::glbOf(
                R"({"asset":{"version":"2.0"},"nodes":[{"name":"n"}],"extras":1,"scenes":[{"nodes":[0]}],"textures":[7]})",
                {}),
            "t.glb");
        EXPECT_FALSE(broken);
    }
}
