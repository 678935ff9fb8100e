#include <random>

#include <gtest/gtest.h>

#include "unit/spatial/shapes.h"

using namespace matou;
using spatial::SpatialIndex;

namespace {

/// By the plane and the three edges, apart from the way the module does it.
std::optional<double> bruteForce(const std::vector<spatial::Triangle>& triangles, const glm::dmat4& matrix, const spatial::Ray& ray) {
    std::optional<double> best;
    for (const auto& t : triangles) {
        const auto place = [&](const glm::vec3& p) { return glm::dvec3(matrix * glm::dvec4(p, 1.0)) - ray.origin; };
        const glm::dvec3 a = place(t.a), b = place(t.b), c = place(t.c), normal = glm::cross(b - a, c - a);
        const double slope = glm::dot(normal, ray.direction);
        if (slope == 0) continue;
        const double distance = glm::dot(normal, a) / slope;
        const glm::dvec3 p = distance * ray.direction;
        if (distance < 0 || (best && distance > *best)) continue;
        if (glm::dot(glm::cross(b - a, p - a), normal) >= 0 && glm::dot(glm::cross(c - b, p - b), normal) >= 0 &&
            glm::dot(glm::cross(a - c, p - c), normal) >= 0)
            best = distance;
    }
    return best;
}

} // namespace

TEST(CastRay, agreesWithBruteForceOnRandomTriangles) {
    const auto triangles = test::randomTriangles(2000, 11);
    glm::dmat4 matrix = test::placeMatrix();
    matrix[0] *= 2.0; // scaled and sheared: any affine placement
    matrix[1] += 0.3 * matrix[0];
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(triangles), matrix);
    std::mt19937 random(5);
    std::uniform_real_distribution<double> place(-80, 80);
    int hits = 0;
    for (int i = 0; i < 3000; ++i) {
        const glm::dvec3 from = test::at(place(random), place(random), place(random)).meters;
        const glm::dvec3 to = test::at(place(random), place(random), place(random)).meters;
        const spatial::Ray ray{from, glm::normalize(to - from)};
        const auto expected = bruteForce(triangles, matrix, ray);
        const auto hit = index.castRay(ray, 1e6);
        ASSERT_EQ(hit.has_value(), expected.has_value()) << i;
        if (!hit) continue;
        ++hits;
        EXPECT_NEAR(hit->distance, *expected, 1e-6);
        EXPECT_NEAR(glm::length(hit->positionEcef - (from + *expected * ray.direction)), 0, 1e-6);
        EXPECT_NEAR(glm::length(hit->normalEcef), 1, 1e-9);
        EXPECT_FALSE(index.castRay(ray, hit->distance * 0.999));
        const auto all = index.castRayAll(ray, 1e6);
        ASSERT_FALSE(all.empty());
        EXPECT_EQ(all.front().distance, hit->distance);
        EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.distance < b.distance; }));
    }
    EXPECT_GT(hits, 500);
}

TEST(CastRay, axisParallelRaysAndSeamsAreHit) {
    std::vector<spatial::Triangle> floor;
    for (int x = 0; x < 10; ++x)
        for (int y = 0; y < 10; ++y)
            test::addFloor(floor, static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + 1), static_cast<float>(y + 1), 0);
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(floor), test::placeMatrix());
    for (double x = 0.5; x < 9.9; x += 0.5)
        for (double y = 0.5; y < 9.9; y += 0.5) { // many of these lie on edges and corners
            const auto hit = index.groundBelow(test::at(x, y, 3.0));
            ASSERT_TRUE(hit) << x << " " << y;
            EXPECT_NEAR(hit->distance, 3.0, 1e-5);
        }
}

TEST(CastRay, keepsMillimetresAtEcefScale) {
    std::vector<spatial::Triangle> floor;
    test::addFloor(floor, -1000, -1000, 1000, 1000, 0.002f);
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(floor), test::placeMatrix());
    EXPECT_NEAR(index.groundBelow(test::at(0, 0, 100))->distance, 99.998, 1e-6);
    EXPECT_NEAR(*index.groundHeight(121.5, 31.19, 500.0), 15.002, 1e-6);
}

TEST(CastRay, rtcCenterMovesTheContent) {
    std::vector<spatial::Triangle> floor;
    test::addFloor(floor, -10, -10, 10, 10, 0);
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(floor, glm::dvec3(0, 0, 7)), test::placeMatrix());
    EXPECT_NEAR(index.groundBelow(test::at(0, 0, 20))->distance, 13, 1e-6);
}

TEST(CastRay, skipsHiddenFeaturesAndUnwantedLayers) {
    std::vector<spatial::Triangle> floors;
    test::addFloor(floors, -10, -10, 10, 10, 5, 0);
    test::addFloor(floors, -10, -10, 10, 10, 2, 1);
    std::vector<spatial::Triangle> water;
    test::addFloor(water, -10, -10, 10, 10, 8, 0);
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(floors), test::placeMatrix(),
              {.layer = 1, .featureNumbers = std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{41, 42})});
    index.add(2, spatial::Bvh::build(water), test::placeMatrix(), {.layer = 2});
    const auto from = test::at(0.1, 0.2, 20);
    EXPECT_EQ(index.groundBelow(from)->content, 2u);
    spatial::Filter filter{.layers = 1, .hidden = {}};
    const auto upper = index.groundBelow(from, 100, filter);
    EXPECT_EQ(upper->featureNumber, 41u);
    EXPECT_NEAR(upper->distance, 15, 1e-6);
    filter.hidden = [](std::uint32_t number) { return number == 41; };
    EXPECT_EQ(index.groundBelow(from, 100, filter)->featureNumber, 42u);
    EXPECT_EQ(index.groundBelow(from, 100, filter)->featureRow, 1u);
    filter.layers = 4;
    EXPECT_FALSE(index.groundBelow(from, 100, filter));
}

TEST(CastRay, doesNotDependOnTheOrderOfArrival) {
    std::vector<spatial::Triangle> floor;
    test::addFloor(floor, -10, -10, 10, 10, 0);
    const auto bvh = spatial::Bvh::build(floor);
    SpatialIndex forward, backward;
    const auto add = [&](SpatialIndex& index, std::uint64_t id) {
        index.add(id, bvh, test::placeMatrix(), {.order = static_cast<std::uint8_t>(id == 2 ? 3 : 1)});
    };
    for (std::uint64_t id : {1, 2, 3}) add(forward, id);
    for (std::uint64_t id : {3, 2, 1}) add(backward, id);
    const auto from = test::at(1, 2, 20);
    EXPECT_EQ(forward.groundBelow(from)->content, 2u); // painted last
    EXPECT_EQ(backward.groundBelow(from)->content, 2u);
    forward.remove(2);
    backward.remove(2);
    EXPECT_EQ(forward.groundBelow(from)->content, 1u);
    EXPECT_EQ(backward.groundBelow(from)->content, 1u);
}

TEST(SpatialIndex, whatIsNotShownIsNotHit) {
    std::vector<spatial::Triangle> coarse, fine;
    test::addFloor(coarse, -10, -10, 10, 10, 5);
    test::addFloor(fine, -10, -10, 10, 10, 2);
    SpatialIndex index;
    index.add(1, spatial::Bvh::build(coarse), test::placeMatrix());
    index.add(2, spatial::Bvh::build(fine), test::placeMatrix());
    const auto from = test::at(1, 2, 20);
    EXPECT_EQ(index.groundBelow(from)->content, 1u);
    auto version = index.version();
    index.show(1, false);
    EXPECT_GT(index.version(), version);
    EXPECT_EQ(index.groundBelow(from)->content, 2u);
    version = index.version();
    index.show(1, false);
    index.show(9, false);
    EXPECT_EQ(index.version(), version); // nothing changed
    index.show(1, true);
    EXPECT_EQ(index.groundBelow(from)->content, 1u);
}

TEST(SpatialIndex, bytesAndVersionFollowWhatIsHeld) {
    SpatialIndex index;
    EXPECT_EQ(index.byteSize(), 0u);
    index.add(4, spatial::Bvh::build(test::randomTriangles(100, 1)), test::placeMatrix());
    const auto version = index.version();
    EXPECT_GT(index.byteSize(), 100 * sizeof(spatial::Triangle));
    index.add(5, spatial::Bvh::build(test::randomTriangles(100, 1)), glm::dmat4(0.0)); // not invertible
    EXPECT_FALSE(index.contains(5));
    index.remove(77);
    EXPECT_EQ(index.version(), version);
    index.remove(4);
    EXPECT_GT(index.version(), version);
    EXPECT_EQ(index.byteSize(), 0u);
    EXPECT_TRUE(index.contents().empty());
}
