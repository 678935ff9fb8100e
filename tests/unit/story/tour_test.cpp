#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "story/tour.h"

using namespace matou;
using story::Tour;

namespace {

district::StoryStep written(const char* scene, double longitude, double seconds, double transition, const char* date) {
    district::StoryStep step;
    step.scene = scene;
    step.camera.position = {31.19, longitude, 200};
    step.camera.pitchDegrees = -30;
    step.caption = {std::string(scene) + " 说明", std::string(scene) + " caption"};
    step.seconds = seconds;
    step.transitionSeconds = transition;
    step.date = date;
    return step;
}

district::Storyboard writtenBoard() {
    district::Storyboard board;
    board.id = "tour";
    board.steps = {written("riverfront", 121.50, 8, 3, "2023-01-01"), written("core", 121.51, 10, 4, "2025-01-01"),
                   written("residential", 121.52, 6, 2, "")};
    board.steps[1].endCamera = board.steps[1].camera;
    board.steps[1].endCamera->headingDegrees = 40;
    board.steps[1].look = "plan";
    board.steps[1].layers = {"projects"};
    board.steps[2].proposal = "residential-a";
    return board;
}

story::Storyboard board() { return *story::makeStoryboard(writtenBoard()); }

double metersBetween(const geo::CameraPose& a, const geo::CameraPose& b) {
    return glm::length(geo::ecefFromGeodetic(a.position).meters - geo::ecefFromGeodetic(b.position).meters);
}

} // namespace

TEST(Storyboard, takesWhatIsWritten) {
    const auto made = board();
    ASSERT_EQ(made.steps.size(), 3u);
    EXPECT_EQ(core::formatBeijing(*made.steps[0].date), "2023-01-01 00:00:00");
    EXPECT_FALSE(made.steps[2].date);
    EXPECT_EQ(made.steps[0].look, scene::Look::natural);
    EXPECT_EQ(made.steps[2].look, scene::Look::plan); // kept from the step before
    EXPECT_EQ(story::duration(made), 24.0);
    EXPECT_EQ(story::stepStart(made, 2), 18.0);
}

TEST(Storyboard, errorsSayWhichStep) {
    const auto codeAndPlace = [](const district::Storyboard& board) {
        const auto result = story::makeStoryboard(board);
        return result ? std::string() : result.error().code + " " + result.error().where;
    };
    EXPECT_EQ(codeAndPlace({}), "E_STORY_EMPTY storyboard ");
    auto wrong = writtenBoard();
    wrong.steps[1].transitionSeconds = 11;
    EXPECT_EQ(codeAndPlace(wrong), "E_STORY_VALUE storyboard tour, step 2");
    wrong = writtenBoard();
    wrong.steps[2].date = "2025-13-01";
    EXPECT_EQ(codeAndPlace(wrong), "E_STORY_VALUE storyboard tour, step 3");
    wrong = writtenBoard();
    wrong.steps[0].look = "sepia";
    EXPECT_EQ(codeAndPlace(wrong), "E_STORY_VALUE storyboard tour, step 1");
    wrong = writtenBoard();
    wrong.steps[0].seconds = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(codeAndPlace(wrong), "E_STORY_VALUE storyboard tour, step 1");
}

TEST(TourFrame, stepsFollowTheirSeconds) {
    const auto tour = board();
    EXPECT_EQ(story::frameAt(tour, -5).step, 0u);
    EXPECT_EQ(story::frameAt(tour, 7.99).step, 0u);
    EXPECT_EQ(story::frameAt(tour, 8).step, 1u);
    EXPECT_EQ(story::frameAt(tour, 23.9).step, 2u);
    EXPECT_EQ(story::frameAt(tour, 100).step, 2u);
    EXPECT_EQ(story::frameAt(tour, 100).secondsInStep, 6.0);
    const auto middle = story::frameAt(tour, 15);
    EXPECT_EQ(middle.scene, "core");
    EXPECT_EQ(middle.caption.en, "core caption");
    EXPECT_EQ(middle.layers, std::vector<std::string>{"projects"});
    EXPECT_EQ(middle.look, scene::Look::plan);
    EXPECT_EQ(story::frameAt(tour, 20).proposal, "residential-a");
}

TEST(TourFrame, camerasFlyWithoutJumpsAndArrive) {
    const auto tour = board();
    EXPECT_FALSE(story::frameAt(tour, 0).inTransition); // the first starts in place
    EXPECT_EQ(metersBetween(story::frameAt(tour, 0).camera, tour.steps[0].camera), 0);
    EXPECT_TRUE(story::frameAt(tour, 9).inTransition);
    EXPECT_FALSE(story::frameAt(tour, 12).inTransition);
    EXPECT_LT(metersBetween(story::frameAt(tour, 12).camera, tour.steps[1].camera), 1e-6);
    for (double t = 0; t < 24; t += 1.0 / 12) {
        const auto a = story::frameAt(tour, t).camera, b = story::frameAt(tour, t + 1.0 / 12).camera;
        ASSERT_LT(metersBetween(a, b), 80) << t; // 950 m in 2 s, eased, is at most 900 m/s
        ASSERT_LT(std::abs(std::remainder(a.headingDegrees - b.headingDegrees, 360)), 5) << t;
    }
}

TEST(TourFrame, endCameraMovesWhileTheStepStandsAndTheNextFlightStartsThere) {
    const auto tour = board();
    EXPECT_NEAR(story::frameAt(tour, 12.0).camera.headingDegrees, 0, 1e-9);
    EXPECT_NEAR(story::frameAt(tour, 15.0).camera.headingDegrees, 20, 1e-9);
    EXPECT_NEAR(story::frameAt(tour, 17.9999).camera.headingDegrees, 40, 1e-3);
    EXPECT_NEAR(story::frameAt(tour, 18.0).camera.headingDegrees, 40, 1e-9);
}

TEST(TourFrame, projectDateMovesAlongAndStays) {
    const auto tour = board();
    EXPECT_EQ(story::frameAt(tour, 5).projectDate, tour.steps[0].date);
    const auto half = *story::frameAt(tour, 10).projectDate; // half of the flight
    EXPECT_EQ(core::formatBeijing(half).substr(0, 7), "2024-01");
    EXPECT_EQ(story::frameAt(tour, 13).projectDate, tour.steps[1].date);
    EXPECT_EQ(story::frameAt(tour, 19).projectDate, tour.steps[1].date); // states none
    auto last = core::Instant{};
    for (double t = 0; t <= 24; t += 0.1) {
        const auto date = *story::frameAt(tour, t).projectDate;
        EXPECT_GE(date, last);
        last = date;
    }
}

TEST(TourFrame, captionsFadeBetweenStepsOnly) {
    const auto tour = board();
    EXPECT_EQ(story::frameAt(tour, 0).captionOpacity, 1.0f);
    EXPECT_NEAR(story::frameAt(tour, 7.9).captionOpacity, 0.25, 1e-6);
    EXPECT_NEAR(story::frameAt(tour, 8.2).captionOpacity, 0.5, 1e-6);
    EXPECT_EQ(story::frameAt(tour, 11).captionOpacity, 1.0f);
    EXPECT_EQ(story::frameAt(tour, 24).captionOpacity, 1.0f);
}

TEST(Tour, buttons) {
    Tour tour(board());
    EXPECT_FALSE(tour.started());
    tour.update(5);
    EXPECT_EQ(tour.seconds(), 0);
    tour.play();
    tour.update(5);
    EXPECT_EQ(tour.seconds(), 5);
    tour.pause();
    tour.update(5);
    EXPECT_EQ(tour.seconds(), 5);
    tour.next();
    EXPECT_EQ(tour.seconds(), 12); // paused: where its flight of 4 s ends
    EXPECT_FALSE(tour.frame().inTransition);
    EXPECT_FALSE(tour.playing());
    tour.seek(14);
    tour.previous();
    EXPECT_EQ(tour.seconds(), 12); // its own start first
    tour.previous();
    EXPECT_EQ(tour.seconds(), 0);
    tour.play();
    tour.next();
    EXPECT_EQ(tour.seconds(), 8); // playing: the flight is seen
    EXPECT_TRUE(tour.playing());
    tour.previous();
    EXPECT_EQ(tour.seconds(), 0);
    tour.update(1000);
    EXPECT_EQ(tour.seconds(), 24);
    EXPECT_TRUE(tour.ended());
    EXPECT_FALSE(tour.playing());
    tour.next(); // nowhere to go
    EXPECT_EQ(tour.seconds(), 24);
    tour.play(); // from the start again
    EXPECT_EQ(tour.seconds(), 0);
    tour.stop();
    EXPECT_FALSE(tour.started());
}

TEST(Tour, aSumOfFramesIsTheSameAsOneStep) {
    Tour frames(board()), once(board());
    frames.play();
    once.play();
    for (int i = 0; i < 120; ++i) frames.update(1.0 / 12);
    once.update(10);
    EXPECT_NEAR(metersBetween(frames.frame().camera, once.frame().camera), 0, 1e-6);
}
