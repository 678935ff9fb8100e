#include "scene/feature_registry.h"

#include <thread>

#include <gtest/gtest.h>

#include "scene/style_table_builder.h"

namespace matou::scene {

TEST(FeatureRegistry, givesOneNumberPerKeyAndTheKeyBack) {
    FeatureRegistry registry;
    const core::FeatureKey a{"buildings", "NM-1"}, b{"buildings", "NM-2"}, c{"sensors", "NM-1"};
    const auto number = registry.intern(a);
    EXPECT_NE(number, 0u);
    EXPECT_NE(registry.intern(b), number);
    EXPECT_NE(registry.intern(c), number);
    EXPECT_EQ(registry.intern(a), number);
    EXPECT_EQ(registry.find(a), number);
    EXPECT_EQ(registry.find({"buildings", "NM-3"}), 0u);
    EXPECT_EQ(registry.key(number), a);
    EXPECT_FALSE(registry.key(0));
    EXPECT_FALSE(registry.key(99));
    EXPECT_EQ(registry.size(), 3u);
}

TEST(FeatureRegistry, agreesWhenManyThreadsInternTheSameKeys) {
    FeatureRegistry registry;
    std::vector<std::vector<FeatureNumber>> seen(4);
    std::vector<std::thread> threads;
    for (auto& numbers : seen)
        threads.emplace_back([&registry, &numbers] {
            for (int i = 0; i < 2000; ++i) numbers.push_back(registry.intern({"buildings", std::to_string(i)}));
        });
    for (auto& thread : threads) thread.join();
    for (const auto& numbers : seen) EXPECT_EQ(numbers, seen.front());
    EXPECT_EQ(registry.size(), 2000u);
}

TEST(StyleTableBuilder, keepsTheLastTintAndAddsFlagsUp) {
    StyleTableBuilder builder;
    builder.tint(3, {1, 2, 3, 4});
    builder.tint(3, {5, 6, 7, 8});
    builder.flag(3, kStyleHidden);
    builder.flag(3, kStyleSelected);
    builder.flag(0, kStyleHidden);
    const auto first = builder.freeze();
    ASSERT_EQ(first->styles.size(), 4u);
    EXPECT_EQ(first->styles[3].tint, glm::u8vec4(5, 6, 7, 8));
    EXPECT_EQ(first->styles[3].flags, kStyleHidden | kStyleSelected);
    EXPECT_EQ(first->styles[0].flags, 0u);
    EXPECT_NE(builder.freeze()->version, first->version);
}

} // namespace matou::scene
