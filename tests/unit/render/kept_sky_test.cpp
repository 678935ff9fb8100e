#include "render/kept_sky.h"

#include <cmath>
#include <deque>
#include <numbers>

#include <gtest/gtest.h>

namespace matou {
namespace {

scene::View viewAt(double degrees, scene::Weather weather = scene::Weather::clear, scene::Look look = scene::Look::natural) {
    scene::View view;
    const double elevation = degrees * std::numbers::pi / 180;
    view.sunDirection = {0, std::cos(elevation), std::sin(elevation)};
    view.weather = weather;
    view.look = look;
    return view;
}

/// Another thread whose pace the test decides.
struct Later {
    std::deque<std::function<void()>> tasks;
    render::RunAside run() {
        return [this](std::function<void()> task) { tasks.push_back(std::move(task)); };
    }
    void finish() {
        for (; !tasks.empty(); tasks.pop_front()) tasks.front()();
    }
};

TEST(KeptSky, NoFrameWaitsWhileTheSunMovesOn) {
    Later later;
    render::KeptSky kept, atOnce;
    kept.update(viewAt(30), false, later.run());
    EXPECT_TRUE(later.tasks.empty()) << "there was nothing to show meanwhile";
    const auto before = kept.key();
    kept.update(viewAt(30.1), false, later.run());
    kept.update(viewAt(30.2), false, later.run());
    EXPECT_EQ(later.tasks.size(), 1u) << "one at a time";
    EXPECT_EQ(kept.key(), before);
    later.finish();
    kept.update(viewAt(30.1), false, later.run());
    EXPECT_FALSE(kept.waiting());
    atOnce.update(viewAt(30.1), false);
    EXPECT_EQ(kept.key(), atOnce.key());
    EXPECT_EQ(kept.sky().table, atOnce.sky().table) << "the same wherever it was made";
    EXPECT_EQ(kept.probe().texels, atOnce.probe().texels);
}

TEST(KeptSky, WhatWasAskedForMeanwhileIsAskedForNext) {
    Later later;
    render::KeptSky kept, atOnce;
    kept.update(viewAt(10), false, later.run());
    for (int step = 1; step <= 5; ++step) kept.update(viewAt(10 + 0.1 * step), false, later.run());
    later.finish();
    kept.update(viewAt(10.5), false, later.run());
    later.finish();
    kept.update(viewAt(10.5), false, later.run());
    atOnce.update(viewAt(10.5), false);
    EXPECT_EQ(kept.key(), atOnce.key());
}

TEST(KeptSky, AnotherTimeWeatherOrLookIsThereAtOnce) {
    Later later;
    render::KeptSky kept;
    kept.update(viewAt(30), false, later.run());
    for (const auto& view : {viewAt(50), viewAt(50, scene::Weather::overcast), viewAt(50, scene::Weather::overcast, scene::Look::night),
                             viewAt(50, scene::Weather::clear, scene::Look::plan)}) {
        const auto before = kept.key();
        kept.update(view, false, later.run());
        EXPECT_NE(kept.key(), before);
    }
    EXPECT_TRUE(later.tasks.empty());
    // One that is still on its way when the light jumps is dropped.
    kept.update(viewAt(30), false, later.run());
    kept.update(viewAt(30.1), false, later.run());
    kept.update(viewAt(60), false, later.run());
    const auto high = kept.key();
    later.finish();
    kept.update(viewAt(60), false, later.run());
    EXPECT_EQ(kept.key(), high);
}

TEST(KeptSky, WithoutAnotherThreadEveryFrameShowsItsOwnInstant) {
    render::KeptSky kept;
    std::uint64_t before = 0;
    for (int step = 0; step < 4; ++step) {
        kept.update(viewAt(20 + 0.1 * step), false);
        EXPECT_NE(kept.key(), before);
        before = kept.key();
    }
}

} // namespace
} // namespace matou
