#include <gtest/gtest.h>

#include "alarm/alarm_engine.h"

using namespace matou;
using namespace matou::alarm;
using namespace std::chrono_literals;
using twin::Condition;
using twin::Workflow;

namespace {

const core::Instant kNoon{std::chrono::milliseconds(1750000000000)};

std::shared_ptr<const twin::Registry> registry() {
    auto result = std::make_shared<twin::Registry>();
    twin::Sensor level;
    level.id = "level";
    level.name = {"水位1号", "Level 1"};
    level.kind = "water_level";
    level.unit = "m";
    level.thresholds = {{3, true, 3.2, 0.1, 10}, {1, true, 4.0, 0.1, 0}};
    result->sensors = {level};
    for (const char* id : {"C1", "C2"}) {
        twin::Camera camera;
        camera.id = id;
        camera.name = {"高空1", "High 1"};
        camera.place = {121.5, 31.19, 90};
        camera.rangeMeters = 2000;
        camera.errorMajorMeters = 30;
        result->cameras.push_back(camera);
    }
    result->index();
    return result;
}

struct Bench {
    AlarmEngine engine{registry()};
    int sequence = 0;
    void level(double value, std::chrono::seconds after, twin::Quality quality = twin::Quality::good) {
        twin::Observation o;
        o.sensor = "level";
        o.value = value;
        o.eventTime = o.receiveTime = kNoon + after;
        o.quality = quality;
        engine.observe(0, o);
    }
    void event(const char* eventClass, std::chrono::milliseconds after, double confidence = 0.9,
               const char* camera = "C1", std::optional<std::pair<double, double>> place = std::pair(121.505, 31.19),
               int severity = 2) {
        twin::Event e;
        e.source = camera;
        e.id = std::to_string(++sequence);
        e.eventClass = eventClass;
        e.severity = severity;
        e.confidence = confidence;
        e.eventTime = e.receiveTime = kNoon + after;
        if (place) e.place = twin::Place{place->first, place->second, 0};
        engine.occur(e);
    }
    std::vector<std::string> log() {
        std::vector<std::string> lines;
        for (const auto& change : engine.takeChanges())
            lines.push_back(change.what + " " + change.alarm.id + " S" + std::to_string(change.alarm.severity));
        return lines;
    }
};
using Lines = std::vector<std::string>;

} // namespace

TEST(Threshold, waitsItsOnDelayAndReturnsBeyondItsHysteresis) {
    Bench b;
    b.level(3.3, 0s);
    EXPECT_TRUE(b.engine.open().empty());
    b.level(3.3, 5s);
    b.engine.advance(kNoon + 9s);
    EXPECT_TRUE(b.engine.open().empty());
    b.level(3.4, 12s);
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.engine.open()[0].raised, kNoon + 10s); // when the delay ended, not when somebody looked
    EXPECT_EQ(b.engine.open()[0].title.zh, "水位1号 高于 3.2 m");
    EXPECT_EQ(b.engine.severity(0), 3);
    b.level(3.15, 20s); // inside the hysteresis
    EXPECT_EQ(b.engine.open()[0].condition, Condition::active);
    b.level(3.05, 30s);
    EXPECT_EQ(b.engine.open()[0].condition, Condition::normal);
    EXPECT_EQ(b.engine.severity(0), 0);
    EXPECT_EQ(b.log(), (Lines{"raised A-000001 S3", "cleared A-000001 S3"}));
}

TEST(Threshold, aShortPeakDuringTheDelayIsNoAlarm) {
    Bench b;
    b.level(3.3, 0s);
    b.level(3.0, 5s);
    b.level(3.3, 11s);
    b.engine.advance(kNoon + 20s);
    EXPECT_TRUE(b.engine.open().empty());
    b.engine.advance(kNoon + 21s);
    EXPECT_EQ(b.engine.open().size(), 1u);
}

TEST(Threshold, getsWorseInOneAlarmAndAsksForAttentionAgain) {
    Bench b;
    b.level(3.5, 0s);
    b.engine.advance(kNoon + 10s);
    ASSERT_TRUE(b.engine.act("A-000001", "ack", "", "li", kNoon + 15s));
    b.level(4.2, 20s);
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.engine.open()[0].severity, 1);
    EXPECT_EQ(b.engine.open()[0].workflow, Workflow::unacknowledged);
    b.level(3.5, 30s);
    EXPECT_EQ(b.engine.open()[0].severity, 1);
    EXPECT_EQ(b.engine.open()[0].condition, Condition::active);
    EXPECT_EQ(b.engine.severity(0), 3);
}

TEST(Threshold, acknowledgedAndNormalClosesByItselfOnlyWhenMild) {
    Bench mild;
    mild.level(3.5, 0s);
    mild.level(3.5, 11s);
    ASSERT_TRUE(mild.engine.act("A-000001", "ack", "", "li", kNoon + 12s));
    mild.level(2.0, 20s);
    EXPECT_TRUE(mild.engine.open().empty());
    EXPECT_EQ(mild.engine.closed(), 1u);
    EXPECT_EQ(mild.log().back(), "closed A-000001 S3");

    Bench severe;
    severe.level(4.5, 0s);
    ASSERT_TRUE(severe.engine.act("A-000001", "ack", "", "li", kNoon + 12s));
    severe.level(2.0, 20s);
    ASSERT_EQ(severe.engine.open().size(), 1u);
    EXPECT_TRUE(severe.engine.act("A-000001", "close", "", "li", kNoon + 30s));
    EXPECT_TRUE(severe.engine.open().empty());
}

TEST(Threshold, aBadReadingSaysNothing) {
    Bench b;
    b.level(9, 0s, twin::Quality::bad);
    EXPECT_TRUE(b.engine.open().empty());
    b.level(4.5, 1s);
    b.level(0, 2s, twin::Quality::bad);
    EXPECT_EQ(b.engine.open()[0].condition, Condition::active);
}

TEST(Events, repeatsNearbyFoldIntoOneAlarm) {
    Bench b;
    b.event("intrusion", 0s);
    b.event("intrusion", 10s, 0.9, "C1", std::pair(121.50510, 31.19)); // 10 m on
    b.event("intrusion", 20s, 0.9, "C2", std::pair(121.50510, 31.19)); // another camera, same place
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.engine.open()[0].count, 3u);
    b.event("intrusion", 30s, 0.9, "C1", std::pair(121.506, 31.19)); // 95 m on
    b.event("crowd", 30s);                                           // another class
    EXPECT_EQ(b.engine.open().size(), 3u);
}

TEST(Events, afterTheWindowTheConditionIsNormalAndARepeatIsANewAlarm) {
    Bench b;
    b.event("intrusion", 0s);
    b.event("intrusion", 100s);
    b.engine.advance(kNoon + 219s);
    EXPECT_EQ(b.engine.open()[0].condition, Condition::active);
    b.engine.advance(kNoon + 220s);
    EXPECT_EQ(b.engine.open()[0].condition, Condition::normal);
    b.event("intrusion", 300s);
    EXPECT_EQ(b.engine.open().size(), 2u);
}

TEST(Events, anUnsureFireAloneIsACandidateOnly) {
    Bench b;
    b.event("fire", 0s, 0.5);
    EXPECT_TRUE(b.engine.open().empty());
    b.event("fire", 8s, 0.5); // not within 5 s
    EXPECT_TRUE(b.engine.open().empty());
    b.event("fire", 11s, 0.5); // 3 s after the last
    EXPECT_EQ(b.engine.open().size(), 1u);

    Bench two;
    two.event("smoke", 0s, 0.4, "C1");
    two.event("smoke", 40s, 0.4, "C2");
    EXPECT_EQ(two.engine.open().size(), 1u);

    Bench sure;
    sure.event("smoke", 0s, 0.6);
    EXPECT_EQ(sure.engine.open().size(), 1u);
    EXPECT_NEAR(sure.engine.open()[0].errorMajorMeters, 30 * 476 / 2000.0, 0.2);
    EXPECT_NEAR(sure.engine.open()[0].errorBearingDegrees, 90, 0.1);
}

TEST(Events, unknownClassesAndSourcesAreShown) {
    Bench b;
    b.event("vendor_code_77", 0s, 0.1, "nobody", std::nullopt);
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.engine.open()[0].title.zh, "未分类（vendor_code_77） · nobody");
}

TEST(Alarms, standInOrderOfSeverityThenNewest) {
    Bench b;
    b.event("crowd", 0s, 1, "C1", std::pair(121.50, 31.20), 3);
    b.event("crowd", 1s, 1, "C1", std::pair(121.51, 31.20), 1);
    b.event("crowd", 2s, 1, "C1", std::pair(121.52, 31.20), 3);
    std::vector<std::string> ids;
    for (const auto& alarm : b.engine.open())
        ids.push_back(alarm.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"A-000002", "A-000003", "A-000001"}));
}

TEST(Alarms, aShelvedOneComesBackUnacknowledged) {
    Bench b;
    b.event("crowd", 0s, 1, "C1", std::pair(121.50, 31.20), 3);
    ASSERT_TRUE(b.engine.act("A-000001", "shelve", "festival", "li", kNoon + 1s));
    b.engine.advance(kNoon + 3600s);
    EXPECT_EQ(b.engine.open()[0].workflow, Workflow::shelved);
    b.engine.advance(kNoon + 3601s);
    EXPECT_EQ(b.engine.open()[0].workflow, Workflow::unacknowledged);
}

TEST(Alarms, aLostFeedIsOneAlarmHoweverOftenItIsSaid) {
    Bench b;
    b.engine.feedLost("mqtt", kNoon);
    b.engine.feedLost("mqtt", kNoon + 1s);
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.engine.open()[0].alarmClass, "feed_lost");
    b.engine.feedBack("mqtt", kNoon + 5s);
    EXPECT_EQ(b.engine.open()[0].condition, Condition::normal);
}

TEST(Alarms, surviveARestart) {
    Bench before;
    before.level(4.5, 0s);
    before.event("crowd", 1s);
    ASSERT_TRUE(before.engine.act("A-000001", "ack", "", "li", kNoon + 2s));

    Bench after;
    after.engine.restore(before.engine.open(), 2);
    EXPECT_EQ(after.engine.open().size(), 2u);
    EXPECT_EQ(after.engine.severity(0), 1);
    after.level(4.6, 10s); // still beyond: nothing new
    after.event("crowd", 20s);
    EXPECT_EQ(after.engine.open().size(), 2u);
    after.level(1, 30s);
    EXPECT_EQ(after.engine.find("A-000001")->condition, Condition::normal);
    after.event("crowd", 40s, 1, "C1", std::pair(121.52, 31.20));
    EXPECT_TRUE(after.engine.find("A-000003"));
}

TEST(Alarms, unknownIdsAreRefused) {
    Bench b;
    EXPECT_EQ(b.engine.act("A-000099", "ack", "", "li", kNoon).error().code, "E_ALARM_UNKNOWN");
}

TEST(Alarms, theLogLineIsStable) {
    Bench b;
    b.event("smoke", 0s, 0.9);
    EXPECT_EQ(logLine(b.engine.takeChanges().at(0)),
              "2025-06-15T15:06:40.000Z A-000001 raised S2 smoke C1 active unacknowledged count=1");
}
