// The past beside the frames: asked once for each step, never waited for unless the clock moves by frames.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/clock.h"
#include "engine/look_back.h"

using namespace matou;
using namespace std::chrono_literals;

namespace {

const core::Instant kThen{std::chrono::milliseconds(1750000000000)};

core::Result<twin::StateSnapshot> stateOf(core::Instant at) {
    twin::StateSnapshot state;
    state.now = at;
    state.version = 1;
    return state;
}

} // namespace

TEST(LookBack, showsWhatItAskedForAndThePresentAgain) {
    int asked = 0;
    LookBack back([&](core::Instant at) {
        ++asked;
        return stateOf(at);
    });
    EXPECT_TRUE(back.show(std::nullopt, true));
    EXPECT_EQ(back.state(), nullptr);
    ASSERT_TRUE(back.show(kThen, true));
    ASSERT_TRUE(back.state());
    EXPECT_EQ(back.state()->now, kThen);
    const auto version = back.state()->version;
    ASSERT_TRUE(back.show(kThen, true)); // a pause asks once
    EXPECT_EQ(asked, 1);
    ASSERT_TRUE(back.show(kThen + 1min, true));
    EXPECT_EQ(asked, 2);
    EXPECT_NE(back.state()->version, version); // whoever keeps what he made of it sees another
    ASSERT_TRUE(back.show(std::nullopt, true));
    EXPECT_EQ(back.state(), nullptr);
}

TEST(LookBack, neverWaitsWhileAFrameIsDue) {
    std::atomic<bool> may{false};
    LookBack back([&](core::Instant at) {
        while (!may) std::this_thread::sleep_for(1ms);
        return stateOf(at);
    });
    ASSERT_TRUE(back.show(kThen, false)); // returns although the answer has not come
    EXPECT_EQ(back.state(), nullptr);
    ASSERT_TRUE(back.show(kThen + 10s, false)); // and asks nothing more meanwhile
    may = true;
    for (int i = 0; i < 2000 && !back.state(); ++i) {
        std::this_thread::sleep_for(1ms);
        ASSERT_TRUE(back.show(kThen + 10s, false));
    }
    ASSERT_TRUE(back.state());
    for (int i = 0; i < 2000 && back.state()->now != kThen + 10s; ++i) {
        std::this_thread::sleep_for(1ms);
        ASSERT_TRUE(back.show(kThen + 10s, false));
    }
    EXPECT_EQ(back.state()->now, kThen + 10s);
}

TEST(LookBack, sayWhyThereIsNoPast) {
    LookBack back([](core::Instant) -> core::Result<twin::StateSnapshot> { return core::fail("E_CONTROL_NO_HISTORY", "--attach"); });
    const auto shown = back.show(kThen, true);
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().code, "E_CONTROL_NO_HISTORY");
    EXPECT_EQ(back.state(), nullptr);
}
