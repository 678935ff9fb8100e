#include <gtest/gtest.h>

#include <cstring>

#include "resident/content_layout.h"

using namespace matou;

namespace {

model::Content twoPrimitives() {
    model::Content content;
    content.materials.resize(2);
    content.materials[1].alphaMode = model::AlphaMode::blend;
    for (std::uint32_t p = 0; p < 2; ++p) {
        model::Primitive primitive;
        primitive.vertices.resize(3 + p);
        for (std::size_t i = 0; i < primitive.vertices.size(); ++i)
            primitive.vertices[i].position = {float(i), float(p), 0};
        primitive.indices = {0, 1, 2};
        primitive.material = p;
        primitive.uvFollowsScale = p == 1;
        content.primitives.push_back(primitive);
    }
    model::Instance instance;
    instance.primitive = 1;
    instance.contentFromMesh[3] = glm::vec4(10, 20, 30, 1);
    instance.color = {1, 2, 3, 4};
    instance.topColor = {5, 6, 7, 255};
    content.instances.push_back(instance);
    content.instances.push_back({});
    instance.contentFromMesh[3] = glm::vec4(-10, 0, 0, 1);
    content.instances.push_back(instance);
    content.features.count = 2;
    content.features.ids = {"a", "b"};
    return content;
}

} // namespace

TEST(ContentLayout, packsWhatTheShadersRead) {
    const model::Content content = twoPrimitives();
    const resident::ContentLayout layout = resident::layOut(content);
    EXPECT_EQ(layout.vertexCount, 7u);
    EXPECT_EQ(layout.instances % 16, 0u);
    const std::vector<resident::PackedMaterial> materials(2);
    const std::vector<scene::FeatureNumber> numbers{70, 0};
    const auto packed = resident::pack(content, layout, numbers, materials, 144 * 10, 0x10000);
    ASSERT_EQ(packed.draws.size(), 3u); // what is blended is drawn one by one, to be sorted
    const resident::ContentDraw& second = packed.draws[1];
    EXPECT_EQ(second.instanceCount, 1u);
    EXPECT_EQ(packed.draws[2].instancesAddress, second.instancesAddress + sizeof(shared::GpuInstance));
    EXPECT_EQ(second.materialClass, resident::MaterialClass::blend);
    EXPECT_EQ(second.vertexOffset, 144 * 10 / 36 + 3);
    EXPECT_EQ(second.firstIndex, (144 * 10 + layout.indices) / 4 + 3);
    EXPECT_EQ(second.instancesAddress, 0x10000 + 144 * 10 + layout.instances + sizeof(shared::GpuInstance));
    EXPECT_EQ(second.minimum, glm::vec3(10, 21, 30));
    EXPECT_EQ(second.maximum, glm::vec3(13, 21, 30));
    EXPECT_EQ(packed.draws[2].minimum, glm::vec3(-10, 1, 0));
    shared::GpuInstance instance;
    std::memcpy(&instance, packed.bytes.data() + layout.instances + sizeof(instance), sizeof(instance));
    EXPECT_EQ(instance.row2.w, 30.0f);
    EXPECT_EQ(instance.color, 0x04030201u);
    EXPECT_EQ(instance.topColor, 0xff070605u);
    EXPECT_EQ(instance.uvFollowsScale, 1u);
    std::memcpy(&instance, packed.bytes.data() + layout.instances, sizeof(instance));
    EXPECT_EQ(instance.color, 0xffffffffu);
    EXPECT_EQ(instance.uvFollowsScale, 0u);
    shared::GpuFeatureRow rows[2];
    std::memcpy(rows, packed.bytes.data() + layout.features, sizeof(rows));
    EXPECT_EQ(rows[0].number, 70u);
    EXPECT_EQ(rows[0].seed, resident::featureSeed("a"));
    EXPECT_NE(rows[0].seed, rows[1].seed);
    EXPECT_EQ(packed.featureCount, 1u);
    EXPECT_EQ(packed.triangles, 3u);
}

TEST(ContentLayout, refusesWhatWouldMakeTheGpuReadOutside) {
    model::Content content = twoPrimitives();
    content.primitives[0].indices[1] = 3;
    EXPECT_EQ(resident::check(content).error().code, "E_CONTENT_INDEX");
    content = twoPrimitives();
    content.primitives[1].material = 9;
    EXPECT_EQ(resident::check(content).error().code, "E_CONTENT_INDEX");
    content = twoPrimitives();
    content.instances[0].primitive = 2;
    EXPECT_EQ(resident::check(content).error().code, "E_CONTENT_INDEX");
    EXPECT_EQ(resident::check(model::Content{}).error().code, "E_CONTENT_EMPTY");
}

TEST(ContentLayout, manyDrawsOfOnePipelineBecomeAHerd) {
    model::Content content;
    content.materials.resize(3);
    content.materials[1].doubleSided = true;
    content.materials[2].alphaMode = model::AlphaMode::blend;
    constexpr std::uint32_t kMany = 2 * resident::kHerdFrom; // of two kinds, 3 to 1
    for (std::uint32_t i = 0; i < kMany + 2; ++i) {
        model::Primitive primitive;
        primitive.vertices.resize(3);
        primitive.vertices[1].position = {1, 0, 0};
        primitive.indices = {0, 1, 2};
        primitive.material = i >= kMany ? 2u : i % 4 == 3 ? 1u : 0u; // and two that are sorted by themselves
        content.primitives.push_back(primitive);
        model::Instance instance;
        instance.primitive = i;
        instance.contentFromMesh[3].x = static_cast<float>(i);
        content.instances.push_back(instance);
    }
    const auto layout = resident::layOut(content);
    EXPECT_EQ(layout.objectRoom, kMany + 2);
    const auto packed = resident::pack(content, layout, {}, std::vector<resident::PackedMaterial>(3), 288, 0x1000);
    ASSERT_EQ(packed.draws.size(), 1 + kMany / 4 + 2) << "half as many are none";
    const resident::ContentDraw& herd = packed.draws[0];
    EXPECT_EQ(herd.objects, kMany * 3 / 4);
    EXPECT_EQ(herd.objectsAddress, 0x1000 + 288 + layout.objects);
    EXPECT_EQ(herd.minimum.x, 0.0f);
    EXPECT_EQ(herd.maximum.x, static_cast<float>(kMany - 2) + 1);
    EXPECT_EQ(herd.triangles, herd.objects);
    EXPECT_EQ(packed.triangles, kMany + 2u);
    const auto* objects = reinterpret_cast<const shared::GpuObject*>(packed.bytes.data() + layout.objects);
    for (std::uint32_t i = 0, from = 0; i < herd.objects; ++i, ++from) { // as the content lists them
        if (from % 4 == 3) ++from;
        EXPECT_EQ(objects[i].minimum.x, static_cast<float>(from));
        EXPECT_EQ(objects[i].indexCount, 3u);
        EXPECT_EQ(objects[i].firstIndex, (288 + layout.indices) / 4 + from * 3);
        EXPECT_EQ(objects[i].vertexOffset, 288 / sizeof(model::Vertex) + from * 3);
        EXPECT_EQ(objects[i].instances, 0x1000 + 288 + layout.instances + from * sizeof(shared::GpuInstance));
    }
    content.lights.resize(1); // tables of its own in every frame
    EXPECT_EQ(resident::layOut(content).objectRoom, 0u);
    content.lights.clear();
    content.primitives.resize(9);
    content.instances.resize(9);
    EXPECT_EQ(resident::layOut(content).objectRoom, 0u) << "nothing is paid where there is none";
}

TEST(ContentLayout, manyInstancesAreDrawnInCompactParts) {
    model::Content content;
    content.materials.resize(1);
    model::Primitive primitive;
    primitive.vertices.resize(3);
    primitive.indices.assign(300, 0); // 100 triangles each
    content.primitives.push_back(primitive);
    for (int i = 0; i < 1024; ++i) { // a field of 32 by 32, in an order that jumps
        model::Instance instance;
        const int at = i * 331 % 1024;
        instance.contentFromMesh[3] = glm::vec4(10.0f * float(at % 32), 10.0f * float(at / 32), 0, 1);
        instance.feature = static_cast<std::uint32_t>(at);
        content.instances.push_back(instance);
    }
    const auto layout = resident::layOut(content);
    const auto packed = resident::pack(content, layout, {}, std::vector<resident::PackedMaterial>(1), 0, 0);
    EXPECT_GT(packed.draws.size(), 10u);
    EXPECT_EQ(packed.triangles, 1024u * 100u);
    std::uint32_t instances = 0;
    double area = 0;
    for (const auto& draw : packed.draws) {
        EXPECT_EQ(draw.instancesAddress, layout.instances + instances * sizeof(shared::GpuInstance)) << "one after another";
        instances += draw.instanceCount;
        area += (draw.maximum.x - draw.minimum.x) * (draw.maximum.y - draw.minimum.y);
    }
    EXPECT_EQ(instances, 1024u);
    EXPECT_LT(area, 2 * 310.0 * 310.0) << "boxes hardly overlap: each could be culled by itself";
}
