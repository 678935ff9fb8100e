#include <gtest/gtest.h>

#include "engine/run_stats.h"

using namespace matou;

TEST(Distributions, areNearestRank) {
    std::vector<double> values;
    for (int i = 100; i >= 1; --i) values.push_back(i);
    const auto d = distributionOf(values);
    EXPECT_EQ(d.p50, 50);
    EXPECT_EQ(d.p95, 95);
    EXPECT_EQ(d.p99, 99);
    EXPECT_EQ(d.max, 100);
    EXPECT_EQ(distributionOf({7}).p50, 7);
    EXPECT_EQ(distributionOf({}).max, 0);
}

TEST(SampleRings, keepTheNewestWithinABound) {
    Samples samples;
    for (int i = 0; i < 450'000; ++i) samples.add(i);
    EXPECT_EQ(samples.count, 450'000u);
    EXPECT_EQ(samples.values.size(), 200'000u);
    EXPECT_EQ(distributionOf(samples.values).max, 449'999);
    EXPECT_GE(*std::min_element(samples.values.begin(), samples.values.end()), 250'000);
}
