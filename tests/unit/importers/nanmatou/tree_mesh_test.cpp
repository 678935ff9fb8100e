#include <gtest/gtest.h>

#include <cmath>

#include "nanmatou/tree_mesh.h"

namespace matou::importers::nanmatou {

TEST(TreeMesh, isWholeAndTheSameEveryTime) {
    for (int species = 0; species < kSpeciesCount; ++species)
        for (int detail = 0; detail < 3; ++detail) {
            const Mesh mesh = treeMesh(species, detail), again = treeMesh(species, detail);
            EXPECT_EQ(mesh.positions, again.positions) << species << " " << detail;
            ASSERT_EQ(mesh.normals.size(), mesh.positions.size());
            ASSERT_EQ(mesh.colors.size(), mesh.positions.size());
            ASSERT_EQ(mesh.uvs.size(), mesh.positions.size());
            for (const auto i : mesh.indices)
                ASSERT_LT(i, mesh.positions.size());
            for (const auto& n : mesh.normals)
                ASSERT_NEAR(glm::length(n), 1.0f, 1e-4f);
        }
}

/// What is drawn of a plant nearby.
Mesh nearest(int species) {
    Mesh mesh = treeMesh(species, 0);
    mesh.append(sprayMesh(species));
    return mesh;
}

TEST(TreeMesh, spraysAreWholeAndTheSameEveryTime) {
    for (int species = 0; species < kSpeciesCount; ++species) {
        const Mesh mesh = sprayMesh(species), again = sprayMesh(species);
        EXPECT_EQ(mesh.positions, again.positions) << species;
        EXPECT_EQ(mesh.positions.empty(), species == hedge) << species;
        ASSERT_EQ(mesh.positions.size() % 4, 0u);
        ASSERT_EQ(mesh.normals.size(), mesh.positions.size());
        ASSERT_EQ(mesh.colors.size(), mesh.positions.size());
        ASSERT_EQ(mesh.uvs.size(), mesh.positions.size());
        for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
            ASSERT_NEAR(glm::length(mesh.normals[i]), 1.0f, 1e-4f);
            ASSERT_GE(mesh.colors[i].w, 128) << "an unknowing reader would cut it away";
            ASSERT_EQ(mesh.colors[i].w, mesh.colors[i / 4 * 4].w) << "one kind for a quad";
            ASSERT_TRUE(std::abs(mesh.uvs[i].x) == 1 && (mesh.uvs[i].y == 0 || mesh.uvs[i].y == 1));
        }
        EXPECT_LT(nearest(species).triangleCount(), 700u) << species << ": thousands of them are in sight";
    }
}

TEST(TreeMesh, eachLevelIsAtMostAThirdOfTheOneBefore) {
    for (int species = 0; species < kSpeciesCount; ++species)
        for (int detail = 1; detail < (species == shrub ? 2 : 3); ++detail) // six points of a shrub are left twice
            EXPECT_LE(3 * treeMesh(species, detail).triangleCount(), (detail == 1 ? nearest(species) : treeMesh(species, detail - 1)).triangleCount()) << species << " " << detail;
}

TEST(TreeMesh, levelsReachAsHighAndAsWide) {
    for (const int species : {camphor, plane, ginkgo, metasequoia, willow}) {
        const auto reach = [&](int detail) {
            glm::dvec2 most(0);
            for (const auto& p : (detail == 0 ? nearest(species) : treeMesh(species, detail)).positions)
                most = glm::max(most, glm::dvec2(glm::length(glm::dvec2(p)), p.z));
            return most;
        };
        const auto fine = reach(0), far = reach(2);
        EXPECT_NEAR(far.x, fine.x, 1.2) << species;
        EXPECT_NEAR(far.y, fine.y, 1.2) << species;
    }
}

} // namespace matou::importers::nanmatou
