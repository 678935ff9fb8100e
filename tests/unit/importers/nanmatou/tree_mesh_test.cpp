#include <gtest/gtest.h>

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

TEST(TreeMesh, eachLevelIsAtMostAThirdOfTheOneBefore) {
    for (int species = 0; species < kSpeciesCount; ++species)
        for (int detail = 1; detail < (species == shrub ? 2 : 3); ++detail) // six points of a shrub are left twice
            EXPECT_LE(3 * treeMesh(species, detail).triangleCount(), treeMesh(species, detail - 1).triangleCount()) << species << " " << detail;
}

TEST(TreeMesh, levelsReachAsHighAndAsWide) {
    for (const int species : {camphor, plane, ginkgo, metasequoia, willow}) {
        const auto reach = [&](int detail) {
            glm::dvec2 most(0);
            for (const auto& p : treeMesh(species, detail).positions)
                most = glm::max(most, glm::dvec2(glm::length(glm::dvec2(p)), p.z));
            return most;
        };
        const auto fine = reach(0), far = reach(2);
        EXPECT_NEAR(far.x, fine.x, 1.2) << species;
        EXPECT_NEAR(far.y, fine.y, 1.2) << species;
    }
}

} // namespace matou::importers::nanmatou
