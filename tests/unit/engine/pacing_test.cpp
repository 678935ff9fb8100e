#include <gtest/gtest.h>

#include "engine/pacing.h"

using namespace matou;

namespace {
const core::Instant kScene = *core::parseInstant("2025-06-15T10:00:00+08:00");

EngineOptions headless(Program program) {
    EngineOptions options;
    options.program = program;
    options.headless = true;
    return options;
}
} // namespace

TEST(Pacing, aStillIsOneFrameAtTheScenesOwnInstant) {
    auto options = headless(Program::render);
    options.screenshot = "x.png";
    Pacing pacing(options, kScene);
    EXPECT_TRUE(pacing.fixed());
    EXPECT_TRUE(pacing.waitsForTiles());
    EXPECT_EQ(pacing.clock()->now(), kScene);
    EXPECT_FALSE(pacing.ended(0));
    EXPECT_TRUE(pacing.ended(1));
}

TEST(Pacing, fixedClockMovesOneStepAFrameWithoutDrift) {
    auto options = headless(Program::planner);
    options.time = kScene;
    options.fps = 30;
    options.frames = 3000;
    Pacing pacing(options, {});
    for (int frame = 1; frame <= 3000; ++frame) {
        EXPECT_DOUBLE_EQ(pacing.beginFrame(), 1.0 / 30);
        pacing.endFrame(frame);
    }
    EXPECT_EQ(pacing.clock()->now(), kScene + std::chrono::seconds(100));
    EXPECT_TRUE(pacing.ended(3000));
}

TEST(Pacing, theCommandCentreHasTheRealClockEvenHeadless) {
    auto options = headless(Program::command);
    options.screenshot = "x.png";
    Pacing pacing(options, kScene);
    EXPECT_FALSE(pacing.fixed());
    EXPECT_GT(pacing.clock()->now(), kScene);
    options.time = kScene;
    EXPECT_TRUE(Pacing(options, {}).fixed());
    options.clock = ClockKind::real;
    EXPECT_FALSE(Pacing(options, {}).fixed());
}

TEST(Pacing, levelsFadeWhereSomebodyWatches) {
    auto options = headless(Program::planner);
    EXPECT_EQ(Pacing(options, kScene).fadeSeconds(), 0);
    options.screenshot = "x.png";
    EXPECT_EQ(Pacing(options, kScene).fadeSeconds(), 0);
    options.record = "x.mp4";
    EXPECT_EQ(Pacing(options, kScene).fadeSeconds(), 0.3);
    options.referenceShadows = true;
    EXPECT_EQ(Pacing(options, kScene).fadeSeconds(), 0);
    options = {};
    EXPECT_EQ(Pacing(options, kScene).fadeSeconds(), 0.3);
    options.fadeSeconds = 0;
    EXPECT_EQ(Pacing(options, kScene).fadeSeconds(), 0);
    options.headless = true;
    options.fadeSeconds = 1.5;
    EXPECT_EQ(Pacing(options, kScene).fadeSeconds(), 1.5);
}

TEST(Pacing, aFilmsDurationIsItsOwnTime) {
    auto options = headless(Program::presenter);
    options.record = "x.mp4";
    options.fps = 12;
    options.durationSeconds = 40;
    Pacing pacing(options, kScene);
    EXPECT_TRUE(pacing.waitsForTiles());
    EXPECT_FALSE(pacing.ended(479));
    EXPECT_TRUE(pacing.ended(480));
}

TEST(Pacing, runsOnWithoutAnEndInAWindow) {
    EngineOptions options;
    options.program = Program::command;
    Pacing pacing(options, kScene);
    EXPECT_FALSE(pacing.waitsForTiles());
    EXPECT_FALSE(pacing.ended(1'000'000));
}

TEST(ProcessStart, isInThePastAndMovesOn) {
    const double first = secondsSinceProcessStart();
    EXPECT_GE(first, 0.0);
    EXPECT_LT(first, 600.0);
}
