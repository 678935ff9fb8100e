#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "unit/spatial/shapes.h"

using namespace matou;

TEST(Bvh, everyTriangleLiesInItsLeafAndEveryLeafInItsParents) {
    const auto bvh = spatial::Bvh::build(test::randomTriangles(3000, 7));
    ASSERT_EQ(bvh->triangles().size(), 3000u);
    std::vector<int> seen(3000, 0);
    struct Visit {
        std::uint32_t node;
        glm::vec3 low, high;
    };
    std::vector<Visit> open{{0, bvh->nodes()[0].minimum, bvh->nodes()[0].maximum}};
    while (!open.empty()) {
        const Visit visit = open.back();
        open.pop_back();
        const auto& node = bvh->nodes()[visit.node];
        EXPECT_TRUE(glm::all(glm::greaterThanEqual(node.minimum, visit.low)) && glm::all(glm::lessThanEqual(node.maximum, visit.high)));
        if (node.count == 0) {
            open.push_back({node.first, node.minimum, node.maximum});
            open.push_back({node.first + 1, node.minimum, node.maximum});
            continue;
        }
        EXPECT_LE(node.count, 4u);
        for (auto i = node.first; i < node.first + node.count; ++i) {
            const auto& t = bvh->triangles()[i];
            ++seen[t.feature];
            for (const auto& p : {t.a, t.b, t.c})
                EXPECT_TRUE(glm::all(glm::greaterThanEqual(p, node.minimum)) && glm::all(glm::lessThanEqual(p, node.maximum)));
        }
    }
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }));
}

TEST(Bvh, sameTrianglesGiveSameArrays) {
    const auto a = spatial::Bvh::build(test::randomTriangles(500, 3)), b = spatial::Bvh::build(test::randomTriangles(500, 3));
    ASSERT_EQ(a->nodes().size(), b->nodes().size());
    EXPECT_EQ(std::memcmp(a->nodes().data(), b->nodes().data(), a->nodes().size_bytes()), 0);
    EXPECT_EQ(std::memcmp(a->triangles().data(), b->triangles().data(), a->triangles().size_bytes()), 0);
}

TEST(Bvh, countsItsBytes) {
    const auto bvh = spatial::Bvh::build(test::randomTriangles(1000, 3));
    EXPECT_GE(bvh->byteSize(), bvh->nodes().size_bytes() + bvh->triangles().size_bytes());
    EXPECT_LT(bvh->byteSize(), 1000u * 120u);
}

TEST(Bvh, leavesOutWhatCannotBeHit) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    std::vector<spatial::Triangle> triangles{{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}},
                                             {{nan, 0, 0}, {1, 0, 0}, {0, 1, 0}},
                                             {{inf, 0, 0}, {1, 0, 0}, {0, 1, 0}},
                                             {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}};
    EXPECT_EQ(spatial::Bvh::build(triangles)->triangles().size(), 1u);
    EXPECT_TRUE(spatial::Bvh::build(std::vector<spatial::Triangle>{})->empty());
}

TEST(Bvh, manyTrianglesInOnePlaceStayOneLeaf) {
    std::vector<spatial::Triangle> triangles(5000, spatial::Triangle{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}});
    EXPECT_EQ(spatial::Bvh::build(triangles)->nodes().size(), 1u);
}

TEST(Bvh, appliesInstancesAndTheirFeatures) {
    model::Content content;
    content.materials.resize(2);
    content.materials[1].doubleSided = true;
    model::Primitive primitive;
    primitive.material = 1;
    primitive.vertices.resize(3);
    primitive.vertices[1].position = {1, 0, 0};
    primitive.vertices[2].position = {0, 1, 0};
    for (auto& vertex : primitive.vertices) vertex.feature = 5;
    primitive.indices = {0, 1, 2, 0, 1, 99}; // the second triangle points outside
    content.primitives.push_back(primitive);
    model::Instance moved, mirrored;
    moved.contentFromMesh[3] = {10, 0, 0, 1};
    mirrored.contentFromMesh[0][0] = -1;
    mirrored.feature = 8;
    content.instances = {moved, mirrored};
    const auto bvh = spatial::Bvh::build(content);
    ASSERT_EQ(bvh->triangles().size(), 2u);
    for (const auto& t : bvh->triangles()) {
        EXPECT_EQ(t.twoSided, 1u);
        EXPECT_GT(glm::cross(t.b - t.a, t.c - t.a).z, 0.0f); // still faces up
        EXPECT_EQ(t.feature, t.a.x > 5 ? 5u : 8u);
    }
}
