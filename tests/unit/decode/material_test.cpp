// Materials, moving parts and lights of glTF.

#include <cmath>

#include <gtest/gtest.h>

#include "decode/gltf.h"
#include "support/generated_gltf.h"

using namespace matou;
using namespace matou::test;

namespace {

/// One triangle with everything that a vertex may have, a material and whatever else the document says.
std::string oneTriangle(const std::string& material, const std::string& more, const std::string& primitive = "", const std::string& node = "") {
    // 3 positions, 3 normals, 3 + 3 coordinates, 3 tangents, 3 joints (bytes), 3 weights, one target of positions, times, values.
    return R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0)" + node + R"(},{"translation":[0,0,1]}],
"meshes":[{"primitives":[{"material":0,"attributes":{"POSITION":0,"NORMAL":1,"TEXCOORD_0":2,"TEXCOORD_1":3,"TANGENT":4,"JOINTS_0":5,"WEIGHTS_0":6})" +
           primitive + R"(}]}],"materials":[)" + material + R"(],"textures":[{"source":0,"sampler":0}],"samplers":[{"wrapS":33648,"wrapT":33071,"magFilter":9728}],
"images":[{"uri":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}],
"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]},{"bufferView":1,"componentType":5126,"count":3,"type":"VEC3"},
{"bufferView":2,"componentType":5126,"count":3,"type":"VEC2"},{"bufferView":2,"byteOffset":24,"componentType":5126,"count":3,"type":"VEC2"},
{"bufferView":3,"componentType":5126,"count":3,"type":"VEC4"},{"bufferView":4,"componentType":5121,"count":3,"type":"VEC4"},
{"bufferView":5,"componentType":5126,"count":3,"type":"VEC4"},{"bufferView":6,"componentType":5126,"count":2,"type":"SCALAR"},
{"bufferView":7,"componentType":5126,"count":2,"type":"VEC3"}],
"bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":36},{"buffer":0,"byteOffset":72,"byteLength":48},
{"buffer":0,"byteOffset":120,"byteLength":48},{"buffer":0,"byteOffset":168,"byteLength":12},{"buffer":0,"byteOffset":180,"byteLength":48},
{"buffer":0,"byteOffset":228,"byteLength":8},{"buffer":0,"byteOffset":236,"byteLength":24}],"buffers":[{"byteLength":260}])" + more + "}";
}
Bytes binary() {
    Bytes out;
    append<float>(out, {0, 0, 0, 1, 0, 0, 0, 1, 0});
    append<float>(out, {0, 0, 1, 0, 0, 1, 0, 0, 0}); // the third normal is degenerate
    append<float>(out, {0, 0, 1, 0, 0, 1, 0.5f, 0.5f, 0.75f, 0.5f, 0.5f, 0.75f});
    append<float>(out, {1, 0, 0, -1, 1, 0, 0, -1, 1, 0, 0, -1});
    append<std::uint8_t>(out, {0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    append<float>(out, {3, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0});
    append<float>(out, {0, 1});
    append<float>(out, {0, 0, 0, 0, 0, 8});
    return out;
}
core::Result<model::Content> read(const std::string& json, const decode::GltfOptions& options = {}) { return decode::decodeContent(glbOf(json, binary()), "t.glb", options); }

constexpr const char* kTwoSets = R"({"normalTexture":{"index":0,"scale":0.5},"occlusionTexture":{"index":0,"strength":0.25,"texCoord":1},
"pbrMetallicRoughness":{"baseColorTexture":{"index":0,"extensions":{"KHR_texture_transform":{"offset":[0.5,0.25],"scale":[2,4]}}}}})";

} // namespace

TEST(GltfMaterial, slotsKeepTheirOwnCoordinatesTransformAndSampler) {
    const auto content = read(oneTriangle(kTwoSets, ""));
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    const auto& m = content->materials[0];
    EXPECT_EQ(m.baseColorTexture.matrix, glm::mat2(2, 0, 0, 4));
    EXPECT_EQ(m.baseColorTexture.offset, glm::vec2(0.5f, 0.25f));
    EXPECT_FALSE(m.baseColorTexture.secondUv);
    EXPECT_TRUE(m.occlusionTexture.secondUv);
    EXPECT_FLOAT_EQ(m.normalScale, 0.5f);
    EXPECT_FLOAT_EQ(m.occlusionStrength, 0.25f);
    EXPECT_EQ(m.normalTexture.sampler.wrapU, model::Wrap::mirror);
    EXPECT_EQ(m.normalTexture.sampler.wrapV, model::Wrap::clamp);
    EXPECT_FALSE(m.normalTexture.sampler.magnifyLinear);
    const auto& p = content->primitives[0];
    ASSERT_EQ(p.extras.size(), 3u);
    EXPECT_EQ(p.extras[1].uv, glm::vec2(0.75f, 0.5f));
    EXPECT_EQ(p.vertices[1].uv, glm::vec2(1, 0));
    EXPECT_TRUE(p.tangents);
    EXPECT_EQ(p.extras[0].tangent & 0x10000u, 0x10000u); // w = -1
    EXPECT_EQ(p.vertices[2].normal, glm::i8vec4(0)); // degenerate: the picture takes the triangle's own
}

TEST(GltfMaterial, oneTransformForAllTexturesIsDoneToTheVertices) {
    const auto content = read(oneTriangle(R"({"pbrMetallicRoughness":{"metallicFactor":0,"baseColorTexture":{"index":0,"extensions":{"KHR_texture_transform":{"scale":[2,4],"texCoord":1}}}}})", ""));
    ASSERT_TRUE(content);
    EXPECT_FALSE(content->materials[0].baseColorTexture.placed());
    EXPECT_EQ(content->primitives[0].vertices[1].uv, glm::vec2(1.5f, 2.0f));
    EXPECT_TRUE(content->primitives[0].extras.empty()); // a rough, plainly textured surface pays for nothing more
}

TEST(GltfMaterial, readsTheLobesOfExtensionsAndBoundsAbsurdValues) {
    const auto content = read(oneTriangle(R"({"emissiveFactor":[1,1,1],"extensions":{"KHR_materials_emissive_strength":{"emissiveStrength":1e30},"KHR_materials_ior":{"ior":1.33},
"KHR_materials_transmission":{"transmissionFactor":0.9},"KHR_materials_volume":{"thicknessFactor":0.5,"attenuationDistance":2,"attenuationColor":[1,0.5,0]},
"KHR_materials_clearcoat":{"clearcoatFactor":1,"clearcoatRoughnessFactor":7},"KHR_materials_sheen":{"sheenColorFactor":[0.1,0.2,0.3]},
"KHR_materials_iridescence":{"iridescenceFactor":1,"iridescenceThicknessMaximum":500}}})", ""));
    ASSERT_TRUE(content);
    const auto& m = content->materials[0];
    EXPECT_LE(m.emissive.x, 6e4f);
    ASSERT_TRUE(m.lobes);
    EXPECT_FLOAT_EQ(m.lobes->ior, 1.33f);
    EXPECT_FLOAT_EQ(m.lobes->transmission, 0.9f);
    EXPECT_FLOAT_EQ(m.lobes->clearcoatRoughness, 1.0f);
    EXPECT_FLOAT_EQ(m.lobes->iridescenceThicknessMaximum, 500.0f);
}

TEST(GltfMaterial, variantIsChosenByNameAndAnUnknownOneIsSaid) {
    const std::string two = R"({"name":"plain"},{"name":"red"})";
    const std::string more = R"(,"extensionsUsed":["KHR_materials_variants"],"extensions":{"KHR_materials_variants":{"variants":[{"name":"day"},{"name":"festive"}]}})";
    const std::string mapping = R"(,"extensions":{"KHR_materials_variants":{"mappings":[{"material":1,"variants":[1]}]}})";
    decode::GltfOptions options;
    options.variant = "festive";
    auto content = read(oneTriangle(two, more, mapping), options);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->primitives[0].material, 1u);
    EXPECT_EQ(content->variants, (std::vector<std::string>{"day", "festive"}));
    options.variant = "winter";
    content = read(oneTriangle(two, more, mapping), options);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->primitives[0].material, 0u);
    ASSERT_EQ(content->diagnostics.size(), 1u);
    EXPECT_EQ(content->diagnostics[0].code, "W_GLTF_VARIANT");
    EXPECT_EQ(content->diagnostics[0].arguments[1], "day, festive");
}

TEST(GltfMaterial, skinAndAnimationBecomeARigThatStaysInBounds) {
    const std::string more = R"(,"skins":[{"joints":[1]}],"animations":[{"channels":[{"sampler":0,"target":{"node":1,"path":"translation"}}],
"samplers":[{"input":7,"output":8}]}])";
    const auto content = read(oneTriangle("{}", more, "", R"(,"skin":0)"));
    ASSERT_TRUE(content) << content.error().code << content.error().where;
    ASSERT_TRUE(content->rig);
    ASSERT_EQ(content->rig->animations.size(), 1u);
    EXPECT_EQ(content->rig->instances[0].skin, 0);
    EXPECT_EQ(content->primitives[0].joints[0].joint[1], 0u); // joint 1 is beyond the skin: the GPU never reads there
    EXPECT_NEAR(content->primitives[0].joints[0].weights.x + content->primitives[0].joints[0].weights.y, 1.0f, 1e-6f);
    EXPECT_GT(content->rig->instances[0].maximum.y - content->rig->instances[0].minimum.y, 7.0f); // glTF z becomes -y
    EXPECT_NEAR(model::poseAt(*content->rig, 0.5).skinMatrices[0][0][3].y, -4.0f, 1e-5f);
}

TEST(GltfMaterial, animationThatCannotBePlayedIsLeftOutAndSaid) {
    const std::string more = R"(,"animations":[{"channels":[{"sampler":0,"target":{"node":1,"path":"rotation"}}],"samplers":[{"input":7,"output":8}]}])";
    const auto content = read(oneTriangle("{}", more));
    ASSERT_TRUE(content);
    ASSERT_EQ(content->diagnostics.size(), 1u);
    EXPECT_EQ(content->diagnostics[0].code, "W_GLTF_ANIMATION");
}

TEST(GltfMaterial, lightsStandWhereTheirNodesDo) {
    const std::string more = R"(,"extensionsUsed":["KHR_lights_punctual"],"extensions":{"KHR_lights_punctual":{"lights":[{"type":"spot","intensity":20,"range":5,"spot":{"outerConeAngle":0.5}}]}})";
    const auto content = read(oneTriangle("{}", more, "", R"(,"translation":[1,2,3],"extensions":{"KHR_lights_punctual":{"light":0}})"));
    ASSERT_TRUE(content);
    ASSERT_EQ(content->lights.size(), 1u);
    EXPECT_EQ(content->lights[0].kind, model::Light::Kind::spot);
    EXPECT_FLOAT_EQ(content->lights[0].intensity, 20.0f);
    EXPECT_EQ(glm::vec3(content->lights[0].contentFromLight[3]), glm::vec3(1, -3, 2));
}
