#include <gtest/gtest.h>

#include "engine/state_watch.h"

using namespace matou;
using namespace std::chrono_literals;

namespace {

const core::Instant kNoon{std::chrono::milliseconds(1750000000000)};

std::shared_ptr<const twin::StateSnapshot> state(core::Duration after) {
    auto registry = std::make_shared<twin::Registry>();
    registry->sensors.resize(1);
    registry->sensors[0].expectedInterval = 5s;
    auto result = std::make_shared<twin::StateSnapshot>();
    result->now = kNoon + after;
    result->registry = registry;
    result->sensors.resize(1);
    result->sensors[0].known = true;
    result->sensors[0].receiveTime = result->now;
    result->sensors[0].age = twin::Age::fresh;
    result->feeds.resize(1);
    result->feeds[0].connected = true;
    result->feeds[0].age = twin::Age::fresh;
    return result;
}

} // namespace

TEST(StateWatch, passesOnWhatAdvances) {
    StateWatch watch;
    const StateWatch::Time begun{};
    for (int i = 0; i < 100; ++i) {
        const auto newest = state(i * 200ms);
        EXPECT_EQ(watch.see(newest, begun + i * 200ms), newest);
    }
}

TEST(StateWatch, whatStandsStillAgesAndSaysSoAndComesBack) {
    StateWatch watch;
    const StateWatch::Time begun{};
    const auto stuck = state(0s);
    EXPECT_EQ(watch.see(stuck, begun), stuck);
    EXPECT_EQ(watch.see(stuck, begun + 2s), stuck);
    const auto late = watch.see(stuck, begun + 3s);
    ASSERT_NE(late, stuck);
    EXPECT_EQ(late->feeds.back().id, "state");
    EXPECT_EQ(late->feeds.back().age, twin::Age::lost);
    EXPECT_FALSE(late->feeds[0].connected);
    EXPECT_TRUE(outOfReach(*late));
    EXPECT_FALSE(outOfReach(*stuck));
    EXPECT_EQ(late->now, kNoon + 3s);
    EXPECT_EQ(watch.see(stuck, begun + 60s)->sensors[0].age, twin::Age::lost);
    const auto next = state(61s);
    EXPECT_EQ(watch.see(next, begun + 61s), next);
    EXPECT_EQ(watch.see(nullptr, begun + 62s), nullptr);
}

TEST(StateWatch, aServiceThatCannotBeReachedIsNoLiveState) {
    twin::StateSnapshot attached = *state(0s);
    attached.feeds[0].connected = false; // a feed of its own is the service's to tell
    EXPECT_FALSE(outOfReach(attached));
    attached.feeds.push_back({});
    attached.feeds.back().id = attached.feeds.back().kind = "attach";
    EXPECT_TRUE(outOfReach(attached));
    attached.feeds.back().connected = true;
    EXPECT_FALSE(outOfReach(attached));
}
