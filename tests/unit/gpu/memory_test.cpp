#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "gpu/memory.h"

using matou::gpu::RangeAllocator;

TEST(RangeAllocator, handsOutAlignedPartsThatDoNotOverlap) {
    RangeAllocator ranges(10'000);
    const auto a = ranges.allocate(100, 144), b = ranges.allocate(10, 144), c = ranges.allocate(50, 16);
    EXPECT_EQ(a, 0u);
    EXPECT_EQ(b, 144u);
    EXPECT_EQ(c % 16, 0u);
    EXPECT_TRUE(c >= 154 || c + 50 <= 144);
}

TEST(RangeAllocator, joinsFreeNeighboursSoThatEverythingFitsAgain) {
    RangeAllocator ranges(300);
    const auto a = ranges.allocate(100, 1), b = ranges.allocate(100, 1), c = ranges.allocate(100, 1);
    EXPECT_EQ(ranges.allocate(1, 1), RangeAllocator::kNone);
    ranges.release(a, 100);
    ranges.release(c, 100);
    EXPECT_EQ(ranges.allocate(150, 1), RangeAllocator::kNone);
    ranges.release(b, 100);
    EXPECT_TRUE(ranges.empty());
    EXPECT_EQ(ranges.allocate(300, 1), 0u);
}

TEST(RangeAllocator, survivesRandomUse) {
    std::mt19937 random(4);
    RangeAllocator ranges(1 << 16);
    struct Part {
        std::uint64_t offset, size;
    };
    std::vector<Part> parts;
    for (int i = 0; i < 5000; ++i) {
        if (parts.size() < 40 || random() % 2 == 0) {
            const Part part{0, 1 + random() % 900};
            const auto offset = ranges.allocate(part.size, 1 + random() % 200);
            if (offset == RangeAllocator::kNone) continue;
            for (const Part& other : parts)
                ASSERT_TRUE(offset + part.size <= other.offset || other.offset + other.size <= offset);
            parts.push_back({offset, part.size});
        } else {
            const std::size_t k = random() % parts.size();
            ranges.release(parts[k].offset, parts[k].size);
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(k));
        }
    }
    for (const Part& part : parts)
        ranges.release(part.offset, part.size);
    EXPECT_TRUE(ranges.empty());
}
