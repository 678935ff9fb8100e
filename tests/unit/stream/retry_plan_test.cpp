#include "stream/retry_plan.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

using namespace matou;
using stream::RetryPlan;

namespace {

constexpr auto kPassing = RetryPlan::Failure::passing;
tiles::TileId tile(std::uint32_t number) { return {0, number}; }

TEST(RetryPlan, whatNeverFailedMayAlwaysBeAskedFor) {
    RetryPlan plan;
    EXPECT_TRUE(plan.mayAsk(tile(1), 0));
    EXPECT_TRUE(plan.empty());
}

TEST(RetryPlan, whileTheServerAnswersOthersATileIsAskedForSoonAndThenLeft) {
    RetryPlan plan({0.25, 10, 45});
    plan.succeeded(tile(9), 100);
    EXPECT_FALSE(plan.failed(tile(1), kPassing, 101));
    EXPECT_FALSE(plan.mayAsk(tile(1), 101.2));
    EXPECT_TRUE(plan.mayAsk(tile(1), 101.3));
    EXPECT_FALSE(plan.failed(tile(1), kPassing, 102));
    EXPECT_FALSE(plan.mayAsk(tile(1), 102.9));
    EXPECT_TRUE(plan.mayAsk(tile(1), 103));
    EXPECT_TRUE(plan.failed(tile(1), kPassing, 104)) << "the picture does without it";
    EXPECT_TRUE(plan.due(148).empty());
    ASSERT_EQ(plan.due(150).size(), 1u);
    EXPECT_TRUE(plan.mayAsk(tile(1), 150));
    plan.succeeded(tile(1), 151);
    EXPECT_TRUE(plan.empty());
}

TEST(RetryPlan, ofAServerThatIsAwayOneTileAtATimeAsksAndTheFirstAnswerFreesAll) {
    RetryPlan plan({0.25, 5, 45});
    for (std::uint32_t i = 0; i < 20; ++i) EXPECT_FALSE(plan.failed(tile(i), kPassing, 0.9));
    std::vector<int> asked(20);
    for (double now = 1; now < 120; now += 0.5)
        for (std::uint32_t i = 0; i < 20; ++i)
            if (plan.mayAsk(tile(i), now)) {
                ++asked[i];
                plan.failed(tile(i), kPassing, now);
            }
    // After 5, 10, 20, 40, 40 s; and two that failed before it was clear that all do.
    EXPECT_EQ(std::accumulate(asked.begin(), asked.end(), 0), 7);
    EXPECT_EQ(*std::max_element(asked.begin(), asked.end()), 1) << "the least tried is let through";
    std::uint32_t probe = 0;
    while (!plan.mayAsk(tile(probe), 156)) ++probe;
    plan.succeeded(tile(probe), 157);
    for (std::uint32_t i = 0; i < 20; ++i) EXPECT_TRUE(plan.mayAsk(tile(i), 158.1)) << i;
}

TEST(RetryPlan, aBodyThatCannotBeReadIsLeftAtOnceAndAskedForAFewTimesMore) {
    RetryPlan plan({0.25, 10, 45});
    int asked = 0;
    double now = 0;
    for (; now < 1000; ++now)
        if (plan.mayAsk(tile(1), now)) {
            ++asked;
            EXPECT_TRUE(plan.failed(tile(1), RetryPlan::Failure::broken, now));
        }
    EXPECT_EQ(asked, 5);
}

} // namespace
