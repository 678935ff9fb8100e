#include <gtest/gtest.h>

#include "twin/twin_state.h"

using namespace matou;
using namespace matou::twin;
using std::chrono::milliseconds;

namespace {

const core::Instant kNoon{milliseconds(1750000000000)};

std::shared_ptr<const Registry> registry() {
    auto result = std::make_shared<Registry>();
    Sensor level;
    level.id = "level";
    level.expectedInterval = milliseconds(10000);
    Sensor other = level;
    other.id = "other";
    result->sensors = {level, other, level}; // the third repeats the first's id
    Project project;
    project.id = "P";
    result->projects = {project};
    result->index();
    return result;
}

Observation observation(double value, int secondsAfterNoon, std::optional<std::int64_t> sequence = std::nullopt) {
    Observation result;
    result.sensor = "level";
    result.eventTime = result.receiveTime = kNoon + std::chrono::seconds(secondsAfterNoon);
    result.value = value;
    result.sequence = sequence;
    return result;
}

} // namespace

TEST(Age, changesAtTheStatedMultiplesOfTheExpectedInterval) {
    const milliseconds expected(10000);
    EXPECT_EQ(ageOf(milliseconds(0), expected), Age::fresh);
    EXPECT_EQ(ageOf(milliseconds(15000), expected), Age::fresh);
    EXPECT_EQ(ageOf(milliseconds(15001), expected), Age::late);
    EXPECT_EQ(ageOf(milliseconds(30000), expected), Age::late);
    EXPECT_EQ(ageOf(milliseconds(30001), expected), Age::stale);
    EXPECT_EQ(ageOf(milliseconds(100000), expected), Age::stale);
    EXPECT_EQ(ageOf(milliseconds(100001), expected), Age::lost);
}

TEST(Registry, indexKeepsTheFirstOfTwoWithOneId) {
    const auto things = registry();
    EXPECT_EQ(things->sensorIndex.at("level"), 0u);
    EXPECT_EQ(things->sensorIndex.at("other"), 1u);
    EXPECT_EQ(things->sensorIndex.size(), 2u);
    EXPECT_EQ(things->projectIndex.at("P"), 0u);
}

TEST(TwinState, showsTheNewestAndItsAge) {
    TwinState state(registry());
    EXPECT_EQ(state.snapshot(kNoon).sensors[0].age, Age::never);
    auto first = observation(1.5, 0);
    EXPECT_EQ(state.apply(first), Applied::updated);
    const auto soon = state.snapshot(kNoon + std::chrono::seconds(5));
    EXPECT_TRUE(soon.sensors[0].known);
    EXPECT_DOUBLE_EQ(soon.sensors[0].value, 1.5);
    EXPECT_EQ(soon.sensors[0].age, Age::fresh);
    EXPECT_EQ(soon.sensors[1].age, Age::never);
    const auto later = state.snapshot(kNoon + std::chrono::seconds(200));
    EXPECT_EQ(later.sensors[0].age, Age::lost);
    EXPECT_GT(later.version, soon.version);
}

TEST(TwinState, ignoresDuplicatesAndKeepsNewerOverOlder) {
    TwinState state(registry());
    auto a = observation(1, 0, 1), b = observation(2, 10, 2), late = observation(9, 5, 7);
    EXPECT_EQ(state.apply(a), Applied::updated);
    EXPECT_EQ(state.apply(b), Applied::updated);
    EXPECT_EQ(state.apply(a), Applied::duplicate);
    EXPECT_EQ(state.apply(b), Applied::duplicate);
    EXPECT_EQ(state.apply(late), Applied::older);
    EXPECT_EQ(state.apply(late), Applied::duplicate);
    EXPECT_DOUBLE_EQ(state.snapshot(kNoon).sensors[0].value, 2);
    auto restarted = observation(3, 20, 1); // counts from one again
    EXPECT_EQ(state.apply(restarted), Applied::updated);
}

TEST(TwinState, aValueThatComesLateIsAsOldAsItSays) {
    TwinState state(registry());
    auto slow = observation(1, 0);
    slow.receiveTime = kNoon + kLate; // a slow way, or a clock that is a little behind: it has just been heard
    EXPECT_EQ(state.apply(slow), Applied::updated);
    EXPECT_EQ(state.snapshot(slow.receiveTime).sensors[0].age, Age::fresh);
    auto kept = observation(2, 1);
    kept.receiveTime = kNoon + std::chrono::hours(1);
    EXPECT_EQ(state.apply(kept), Applied::updated); // the newest that there is
    const auto snapshot = state.snapshot(kept.receiveTime);
    EXPECT_DOUBLE_EQ(snapshot.sensors[0].value, 2);
    EXPECT_EQ(snapshot.sensors[0].age, Age::lost);
    EXPECT_EQ(snapshot.sensors[0].receiveTime, kept.eventTime);
    state.clockSet(std::chrono::hours(2)); // its stamp is the sender's: our clock does not make it younger
    EXPECT_EQ(state.snapshot(kept.receiveTime + std::chrono::hours(2)).sensors[0].receiveTime, kept.eventTime);
    auto live = observation(3, 3600);
    EXPECT_EQ(state.apply(live), Applied::updated);
    EXPECT_EQ(state.snapshot(live.receiveTime).sensors[0].age, Age::fresh);
}

TEST(TwinState, aStampFromTheFutureIsUncertainAndDoesNotLockOutWhatFollows) {
    TwinState state(registry());
    auto wrong = observation(7, 0);
    wrong.eventTime = kNoon + std::chrono::hours(24);
    EXPECT_EQ(state.apply(wrong), Applied::updated);
    EXPECT_EQ(wrong.quality, Quality::uncertain);
    EXPECT_EQ(state.snapshot(kNoon).sensors[0].quality, Quality::uncertain);
    auto next = observation(1, 10);
    EXPECT_EQ(state.apply(next), Applied::updated);
    EXPECT_EQ(state.snapshot(kNoon).sensors[0].quality, Quality::good);
}

TEST(TwinState, namesWhatIsNotInTheRegistry) {
    TwinState state(registry());
    auto stranger = observation(1, 0);
    stranger.sensor = "elsewhere";
    EXPECT_EQ(state.apply(stranger), Applied::unknown);
    EXPECT_EQ(state.apply(ProjectStatus{.project = "Q"}), Applied::unknown);
}

TEST(TwinState, aCameraThatOnlyACatalogueKnowsIsKeptBesideTheRegistry) {
    TwinState state(registry());
    EXPECT_EQ(state.snapshot(kNoon).found, nullptr);
    CameraStatus status{.camera = "34020000001310000001", .eventTime = kNoon, .receiveTime = kNoon, .online = true, .place = Place{121.5, 31.2, 0}, .name = "码头路", .feed = "video"};
    EXPECT_EQ(state.apply(status), Applied::updated);
    const auto first = state.snapshot(kNoon);
    ASSERT_TRUE(first.found);
    ASSERT_EQ(first.found->size(), 1u);
    EXPECT_EQ(first.found->at(0).name, "码头路");
    EXPECT_EQ(first.found->at(0).feed, "video");
    status = {.camera = status.camera, .eventTime = kNoon, .receiveTime = kNoon, .online = false, .feed = "video"};
    EXPECT_EQ(state.apply(status), Applied::updated);
    EXPECT_TRUE(first.found->at(0).state.online); // what was handed out stays
    const auto second = state.snapshot(kNoon);
    EXPECT_FALSE(second.found->at(0).state.online);
    EXPECT_EQ(second.found->at(0).state.place->longitude, 121.5);
    EXPECT_EQ(second.found, state.snapshot(kNoon).found); // made anew only when something changed
}

TEST(TwinState, projectsFollowTheNewestStatus) {
    TwinState state(registry());
    ProjectStatus status{.project = "P", .eventTime = kNoon, .phase = "施工", .percent = 40, .status = "on-track"};
    EXPECT_EQ(state.apply(status), Applied::updated);
    EXPECT_EQ(state.apply(status), Applied::duplicate);
    status.eventTime -= std::chrono::hours(1);
    status.percent = 10;
    EXPECT_EQ(state.apply(status), Applied::older);
    EXPECT_DOUBLE_EQ(state.snapshot(kNoon).projects[0]->percent, 40);
}
