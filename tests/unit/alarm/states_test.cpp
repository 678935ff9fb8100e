// The states of ISA-18.2 around the life cycle: chattering, shelved, suppressed, out of service, flood, and what goes with
// them.

#include <gtest/gtest.h>

#include "alarm/alarm_engine.h"
#include "alarm/suppression.h"

using namespace matou;
using namespace matou::alarm;
using namespace std::chrono_literals;
using twin::Condition;
using twin::Suppressed;
using twin::Workflow;

namespace {

const core::Instant kNoon{std::chrono::milliseconds(1750000000000)}; // Sunday 2025-06-15 23:06:40 in Beijing

struct Bench {
    explicit Bench(twin::AlarmPolicy policy = {}) : engine(registry(std::move(policy))) {}
    static std::shared_ptr<const twin::Registry> registry(twin::AlarmPolicy policy) {
        auto result = std::make_shared<twin::Registry>();
        for (int i = 0; i < 30; ++i) {
            twin::Sensor sensor;
            sensor.id = "S" + std::to_string(i);
            sensor.name = {"传感器", "Sensor"};
            sensor.kind = i < 15 ? "noise" : "ponding";
            sensor.zone = i % 2 ? "east" : "west";
            sensor.gateway = i >= 20 ? "G1" : "";
            sensor.expectedInterval = 10s;
            sensor.thresholds = {{3, true, 1, 0, 0}, {1, true, 100, 0, 0}};
            result->sensors.push_back(sensor);
        }
        for (const char* id : {"C1", "C2"}) {
            twin::Camera camera;
            camera.id = id;
            camera.place = {121.5, 31.19, 90};
            result->cameras.push_back(camera);
        }
        result->alarms = std::move(policy);
        result->index();
        return result;
    }
    void value(std::uint32_t sensor, double value, std::chrono::milliseconds after) {
        twin::Observation o;
        o.value = value;
        o.eventTime = o.receiveTime = kNoon + after;
        engine.observe(sensor, o);
    }
    void event(const char* eventClass, std::chrono::seconds after, double confidence = 0.9, const char* source = "C1",
               double lon = 121.505, bool drill = false) {
        twin::Event e;
        e.source = source;
        e.id = "e" + std::to_string(++sequence);
        e.feed = "mqtt";
        e.eventClass = eventClass;
        e.severity = 2;
        e.confidence = confidence;
        e.eventTime = e.receiveTime = kNoon + after;
        e.place = twin::Place{lon, 31.19, 0};
        e.drill = drill;
        engine.occur(e);
    }
    core::Result<void> act(const char* id, const char* verb, std::chrono::seconds after, const char* text = "",
                           const ActionDetail& detail = {}) {
        return engine.act(id, verb, text, "li", kNoon + after, detail);
    }
    const twin::Alarm& alarm(const char* id = "A-000001") { return *engine.find(id); }
    twin::StateSnapshot shown() const {
        twin::StateSnapshot snapshot;
        engine.show(snapshot);
        return snapshot;
    }
    std::vector<std::string> log() {
        std::vector<std::string> lines;
        for (const auto& change : engine.takeChanges())
            lines.push_back((change.alarm.id.empty() ? "-" : change.alarm.id) + " " + change.what);
        return lines;
    }
    AlarmEngine engine;
    int sequence = 0;
};
using Lines = std::vector<std::string>;

} // namespace

TEST(Chattering, threeActivationsInAMinuteAreLatchedAndToldOnceUntilItIsQuiet) {
    Bench b;
    for (int i = 0; i < 20; ++i) // on and off every 10 s
        b.value(0, i % 2 ? 0 : 2, i * 10s);
    EXPECT_EQ(b.engine.open().size(), 1u);
    EXPECT_TRUE(b.alarm().chattering);
    EXPECT_EQ(b.alarm().condition, Condition::active); // held
    EXPECT_EQ(b.alarm().count, 10u);
    EXPECT_EQ(b.log(), (Lines{"A-000001 raised", "A-000001 cleared", "A-000001 reactivated", "A-000001 cleared",
                              "A-000001 reactivated", "A-000001 chattering"}));
    b.engine.advance(kNoon + 190s + 299s);
    EXPECT_TRUE(b.alarm().chattering);
    b.engine.advance(kNoon + 190s + 300s);
    EXPECT_FALSE(b.alarm().chattering);
    EXPECT_EQ(b.alarm().condition, Condition::normal);
    EXPECT_EQ(b.log(), (Lines{"A-000001 settled", "A-000001 cleared"}));
}

TEST(Chattering, doesNotHideThatItGotWorse) {
    Bench b;
    for (int i = 0; i < 5; ++i)
        b.value(0, i % 2 ? 0 : 2, i * 5s);
    ASSERT_TRUE(b.alarm().chattering);
    ASSERT_TRUE(b.act("A-000001", "ack", 26s));
    b.value(0, 200, 30s);
    EXPECT_EQ(b.alarm().severity, 1);
    EXPECT_EQ(b.alarm().workflow, Workflow::unacknowledged);
}

TEST(Chattering, slowChangesAreNoChatter) {
    Bench b;
    for (int i = 0; i < 20; ++i)
        b.value(0, i % 2 ? 0 : 2, i * 31s);
    EXPECT_FALSE(b.alarm().chattering);
}

TEST(Shelving, hasAReasonALimitAndComesBackAnnunciated) {
    Bench b;
    b.value(0, 2, 0s);
    EXPECT_EQ(b.act("A-000001", "shelve", 1s, "", {"nuisance", 481min}).error().code, "E_ALARM_SHELVE_TIME");
    EXPECT_EQ(b.act("A-000001", "shelve", 1s, "", {"because", 10min}).error().code, "E_ALARM_SHELVE_REASON");
    EXPECT_EQ(b.act("A-000001", "shelve", 1s, "", {"other", 10min}).error().code, "E_ALARM_TEXT");
    ASSERT_TRUE(b.act("A-000001", "shelve", 1s, "", {"maintenance", 10min}));
    EXPECT_EQ(b.alarm().workflow, Workflow::shelved);
    EXPECT_EQ(b.alarm().shelvedFor, "maintenance");
    const auto before = b.shown().flood.annunciated;
    b.engine.advance(kNoon + 601s);
    EXPECT_EQ(b.alarm().workflow, Workflow::unacknowledged);
    EXPECT_EQ(b.shown().flood.annunciated, before); // one left the window of 10 minutes, one came
    EXPECT_EQ(b.alarm().annunciated, kNoon + 601s);
    ASSERT_TRUE(b.act("A-000001", "shelve", 700s, "", {"test", 8h}));
    ASSERT_TRUE(b.act("A-000001", "unshelve", 710s));
    EXPECT_EQ(b.alarm().workflow, Workflow::unacknowledged);
}

TEST(Shelving, whatWentAwayMeanwhileAsksForNobody) {
    Bench b;
    b.value(0, 2, 0s);
    ASSERT_TRUE(b.act("A-000001", "shelve", 1s, "", {"known", 10min}));
    b.value(0, 0, 60s);
    b.engine.advance(kNoon + 601s);
    EXPECT_EQ(b.engine.find("A-000001"), nullptr);
    EXPECT_EQ(b.log().back(), "A-000001 closed");
}

TEST(Suppression, byAnOperatorsRuleIsJournaledShownAndEnds) {
    Bench b;
    b.value(0, 2, 0s);
    twin::Suppression rule;
    rule.kind = "maintenance";
    rule.zone = "west";
    rule.reason = "检修";
    rule.actor = "li";
    EXPECT_EQ(b.engine.suppress(rule, kNoon + 1s).error().code, "E_ALARM_SUPPRESSION"); // no end
    rule.until = kNoon + 600s;
    const auto id = b.engine.suppress(rule, kNoon + 1s);
    ASSERT_TRUE(id);
    EXPECT_EQ(b.alarm().suppressed, Suppressed::byDesign);
    EXPECT_EQ(b.alarm().suppressedBy, *id);
    b.value(2, 2, 10s); // west
    b.value(1, 2, 10s); // east
    EXPECT_EQ(b.alarm("A-000002").suppressed, Suppressed::byDesign);
    EXPECT_EQ(b.alarm("A-000003").suppressed, Suppressed::no);
    EXPECT_EQ(b.shown().suppressions.size(), 1u);
    EXPECT_EQ(b.shown().flood.annunciated, 2u); // the suppressed one was not heard
    b.value(2, 200, 20s);                       // the first level is never suppressed by design
    EXPECT_EQ(b.alarm("A-000002").suppressed, Suppressed::no);
    b.engine.advance(kNoon + 600s);
    EXPECT_EQ(b.alarm().suppressed, Suppressed::no);
    EXPECT_EQ(b.alarm().annunciated, kNoon + 600s);
    EXPECT_TRUE(b.shown().suppressions.empty());
    EXPECT_TRUE(b.engine.operatorRules().empty());
    const auto lines = b.log();
    for (const char* line : {"- suppression_began", "A-000001 suppressed", "- suppression_ended", "A-000001 unsuppressed"})
        EXPECT_EQ(std::count(lines.begin(), lines.end(), line), 1) << line;
}

TEST(Suppression, outOfServiceHoldsAlsoTheFirstLevelUntilItIsEnded) {
    Bench b;
    twin::Suppression rule;
    rule.kind = "out_of_service";
    rule.source = "S0";
    rule.reason = "broken";
    rule.actor = "lead";
    const auto id = b.engine.suppress(rule, kNoon);
    ASSERT_TRUE(id);
    b.value(0, 200, 1s);
    EXPECT_EQ(b.alarm().suppressed, Suppressed::outOfService);
    // Over a restart.
    Bench again;
    again.engine.restore(b.engine.open(), 1, 0, b.engine.operatorRules());
    again.engine.advance(kNoon + 10s);
    EXPECT_EQ(again.alarm().suppressed, Suppressed::outOfService);
    ASSERT_TRUE(again.engine.endSuppression(*id, "lead", kNoon + 20s));
    EXPECT_EQ(again.alarm().suppressed, Suppressed::no);
    EXPECT_EQ(again.engine.endSuppression(*id, "lead", kNoon + 21s).error().code, "E_ALARM_SUPPRESSION_UNKNOWN");
    // And what a rule held that is no more comes back at the first word of the time.
    Bench without;
    without.engine.restore(b.engine.open(), 1);
    without.engine.advance(kNoon + 10s);
    EXPECT_EQ(without.alarm().suppressed, Suppressed::no);
}

TEST(Suppression, dailyHoursAreBeijingHours) {
    twin::Suppression rule;
    rule.fromMinute = 22 * 60;
    rule.toMinute = 6 * 60; // over midnight
    rule.days = 1 << 6;     // that begin on a Sunday
    EXPECT_TRUE(inForce(rule, kNoon)); // Sunday 23:06
    EXPECT_TRUE(inForce(rule, kNoon + 6h));
    EXPECT_FALSE(inForce(rule, kNoon + 7h));
    EXPECT_FALSE(inForce(rule, kNoon + 24h)); // Monday night
    EXPECT_FALSE(inForce(rule, kNoon - 2h));
    EXPECT_TRUE(inForce(rule, kNoon + 24h * 7));
    const auto change = nextChange(rule, kNoon);
    ASSERT_TRUE(change);
    EXPECT_LE(*change, kNoon + 7h);
    twin::AlarmPolicy policy;
    rule.id = "night";
    rule.alarmClass = "noise";
    rule.reason = "夜间";
    policy.suppressions = {rule};
    Bench b(policy);
    b.value(0, 2, 0s);
    EXPECT_EQ(b.alarm().suppressed, Suppressed::byDesign);
    b.engine.advance(kNoon + 7h); // past 06:00
    EXPECT_EQ(b.alarm().suppressed, Suppressed::no);
}

TEST(Gateway, itsSilenceIsOneAlarmAndTheSilencesBehindItAreItsChildren) {
    twin::AlarmPolicy policy;
    policy.sensorLost = true;
    Bench b(policy);
    for (std::uint32_t i = 20; i < 30; ++i)
        b.value(i, 0, 0s);
    for (int i = 1; i <= 5; ++i)
        b.value(25, 0, i * 20s); // one goes on: the gateway is there, the nine others are lost at 100 s
    b.engine.advance(kNoon + 129s);
    EXPECT_EQ(b.engine.open().size(), 9u);
    b.engine.advance(kNoon + 300s);
    const auto open = b.engine.open();
    std::size_t seen = 0;
    const twin::Alarm* gateway = nullptr;
    for (const auto& alarm : open) {
        seen += alarm.suppressed == Suppressed::no;
        if (alarm.alarmClass == "gateway_lost") gateway = b.engine.find(alarm.id);
    }
    ASSERT_NE(gateway, nullptr);
    EXPECT_EQ(gateway->raised, kNoon + 130s); // 3 intervals after the last word
    EXPECT_EQ(gateway->title.zh, "网关 G1 中断（10 个传感器）");
    EXPECT_EQ(open.size(), 11u); // the tenth sensor followed at 200 s
    EXPECT_EQ(seen, 1u);
    b.value(20, 0, 310s); // it is back; the others have not spoken yet
    EXPECT_EQ(b.engine.find(gateway->id)->condition, Condition::normal);
    seen = 0;
    for (const auto& alarm : b.engine.open())
        seen += alarm.suppressed == Suppressed::no && alarm.condition == Condition::active;
    EXPECT_EQ(seen, 9u);
}

TEST(Gateway, withoutAlarmsForSensorsItsLossIsStillOne) {
    Bench b;
    for (std::uint32_t i = 20; i < 30; ++i)
        b.value(i, 0, 0s);
    b.engine.advance(kNoon + 29s);
    EXPECT_TRUE(b.engine.open().empty());
    b.engine.advance(kNoon + 3600s);
    EXPECT_EQ(b.engine.open().size(), 1u);
    Bench again; // and over a restart it clears with the first word
    again.engine.restore(b.engine.open(), 1);
    again.value(22, 0, 3700s);
    EXPECT_EQ(again.alarm().condition, Condition::normal);
}

TEST(Clocks, whatNobodyAcknowledgesGoesToTheDutyLeadThenToTheCommander) {
    Bench b;
    b.event("crowd", 0s); // severity 2: 180 s
    b.engine.advance(kNoon + 179s);
    EXPECT_EQ(b.alarm().overdue, 0);
    b.engine.advance(kNoon + 180s);
    EXPECT_EQ(b.alarm().overdue, 1);
    b.engine.advance(kNoon + 3600s);
    EXPECT_EQ(b.alarm().overdue, 2);
    const auto changes = b.engine.takeChanges();
    std::vector<std::string> told;
    for (const auto& change : changes)
        if (change.what == "overdue") told.push_back(change.text);
    EXPECT_EQ(told, (Lines{"duty_lead", "commander"}));
    ASSERT_TRUE(b.act("A-000001", "ack", 3601s));
    EXPECT_EQ(b.alarm().overdue, 0);
    ASSERT_TRUE(b.act("A-000001", "dispatch", 3602s));
    b.engine.advance(kNoon + 3602s + 1800s); // handed out, not begun
    EXPECT_EQ(b.alarm().overdue, 1);
    ASSERT_TRUE(b.act("A-000001", "start", 5500s));
    b.engine.advance(kNoon + 20000s);
    EXPECT_EQ(b.alarm().overdue, 0);
}

TEST(Flood, beginsAtTenInTenMinutesAndEndsBelowFive) {
    Bench b;
    for (std::uint32_t i = 0; i < 9; ++i)
        b.value(i, 2, i * 30s);
    EXPECT_FALSE(b.shown().flood.active);
    b.value(9, 2, 270s);
    const auto flood = b.shown().flood;
    EXPECT_TRUE(flood.active);
    EXPECT_EQ(flood.since, kNoon + 270s);
    EXPECT_EQ(flood.firstOut, "A-000001");
    EXPECT_EQ(flood.annunciated, 10u);
    b.engine.advance(kNoon + 749s); // five left: raised at 150 … 270
    EXPECT_TRUE(b.shown().flood.active);
    b.engine.advance(kNoon + 750s);
    EXPECT_FALSE(b.shown().flood.active);
    const auto lines = b.log();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "- flood_began"), 1);
    EXPECT_EQ(lines.back(), "- flood_ended");
    EXPECT_EQ(b.engine.open().size(), 10u); // nothing was dropped
}

TEST(Incidents, gatherAlarmsAsLongAsOneIsOpen) {
    Bench b;
    b.event("crowd", 0s);
    b.event("crowd", 1s, 0.9, "C1", 121.51);
    ASSERT_TRUE(b.act("A-000001", "join", 2s));
    EXPECT_EQ(b.act("A-000002", "join", 3s, "I-000099").error().code, "E_ALARM_INCIDENT");
    ASSERT_TRUE(b.act("A-000002", "join", 3s, "I-000001"));
    auto incidents = b.shown().incidents;
    ASSERT_EQ(incidents.size(), 1u);
    EXPECT_EQ(incidents[0].alarms, (Lines{"A-000002", "A-000001"}));
    ASSERT_TRUE(b.act("A-000001", "reject", 4s));
    EXPECT_EQ(b.shown().incidents[0].alarms, (Lines{"A-000002"}));
    ASSERT_TRUE(b.act("A-000002", "leave", 5s));
    EXPECT_TRUE(b.shown().incidents.empty());
}

TEST(Candidates, areShownAndAnOperatorDecides) {
    Bench b;
    b.event("fire", 0s, 0.4);
    b.event("fire", 20s, 0.5); // the same place, too late to be proof
    auto candidates = b.shown().candidates;
    ASSERT_EQ(candidates.size(), 1u);
    EXPECT_EQ(candidates[0].id, "C-000001");
    EXPECT_EQ(candidates[0].count, 2u);
    EXPECT_DOUBLE_EQ(candidates[0].confidence, 0.5);
    EXPECT_EQ(b.act("C-000001", "shelve", 30s).error().code, "E_ALARM_CANDIDATE");
    ASSERT_TRUE(b.act("C-000001", "confirm", 30s));
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.alarm().verification, "operator");
    EXPECT_EQ(b.alarm().workflow, Workflow::acknowledged);
    EXPECT_EQ(b.alarm().events, (Lines{"e1", "e2"}));
    EXPECT_TRUE(b.shown().candidates.empty());

    b.event("smoke", 100s, 0.4, "C1", 121.6);
    ASSERT_TRUE(b.act("C-000002", "dismiss", 110s, "steam"));
    const auto changes = b.engine.takeChanges();
    EXPECT_EQ(changes.back().what, "dismiss");
    EXPECT_EQ(changes.back().alarm.events, (Lines{"e3"}));
    EXPECT_EQ(changes.back().of, Change::Of::candidate);

    b.event("smoke", 200s, 0.4, "C1", 121.7);
    b.engine.advance(kNoon + 800s);
    EXPECT_TRUE(b.shown().candidates.empty());
    EXPECT_EQ(b.log().back(), "C-000003 expired");
}

TEST(Candidates, areTakenInByTheAlarmThatProvesThem) {
    Bench b;
    b.event("smoke", 0s, 0.4, "C1");
    b.event("smoke", 30s, 0.4, "C2");
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.alarm().verification, "second_camera");
    EXPECT_EQ(b.alarm().events, (Lines{"e1", "e2"}));
    EXPECT_EQ(b.alarm().count, 2u);
    EXPECT_TRUE(b.shown().candidates.empty());
}

TEST(Drill, itsAlarmsAreMarkedKeptApartAndEndWithIt) {
    Bench b;
    EXPECT_EQ(b.shown().mode, "live");
    b.engine.setDrill(true, "lead", kNoon);
    EXPECT_EQ(b.shown().mode, "drill");
    b.event("crowd", 1s, 0.9, "C1", 121.505, true);
    b.event("crowd", 2s, 0.9, "C1", 121.505, false); // the real thing, at the same place
    ASSERT_EQ(b.engine.open().size(), 2u);
    EXPECT_TRUE(b.alarm().drill);
    EXPECT_FALSE(b.alarm("A-000002").drill);
    EXPECT_NE(logLine(b.engine.takeChanges().at(1)).find(" drill"), std::string::npos);
    b.engine.setDrill(false, "lead", kNoon + 60s);
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.engine.open()[0].id, "A-000002");
    EXPECT_EQ(b.shown().mode, "live");
}

TEST(Reactivation, ofWhatWasVerifiedIsNewToEverybody) {
    Bench b;
    b.value(0, 2, 0s);
    ASSERT_TRUE(b.act("A-000001", "ack", 5s));
    ASSERT_TRUE(b.act("A-000001", "dispatch", 6s));
    ASSERT_TRUE(b.act("A-000001", "start", 7s));
    b.value(0, 0, 60s);
    ASSERT_TRUE(b.act("A-000001", "verify", 70s));
    ASSERT_EQ(b.alarm().workflow, Workflow::verified);
    b.value(0, 2, 600s);
    EXPECT_EQ(b.alarm().workflow, Workflow::unacknowledged);
    EXPECT_EQ(b.alarm().condition, Condition::active);
    EXPECT_EQ(b.alarm().annunciated, kNoon + 600s); // its clocks begin anew
}

namespace {
twin::Observation stamped(double value, std::chrono::milliseconds received, std::chrono::milliseconds behind) {
    twin::Observation o;
    o.value = value;
    o.receiveTime = kNoon + received;
    o.eventTime = o.receiveTime - behind;
    return o;
}
} // namespace

TEST(Stamps, ofAGatewayWhoseClockIsSlowAreNoSilence) {
    Bench b;
    for (int i = 0; i < 20; ++i) {
        b.engine.advance(kNoon + i * 10s - 2s);
        b.engine.observe(25, stamped(0, i * 10s, 35s));
    }
    EXPECT_TRUE(b.engine.open().empty());
    b.engine.advance(kNoon + 190s + 31s);
    ASSERT_EQ(b.engine.open().size(), 1u);
    EXPECT_EQ(b.alarm().alarmClass, "gateway_lost");
}

TEST(Stamps, ofThePastBeginNoDutyThatIsOver) {
    Bench b;
    b.engine.advance(kNoon - 2s);
    twin::Event fire;
    fire.source = "C1";
    fire.id = "1";
    fire.eventClass = "fire";
    fire.severity = 1;
    fire.receiveTime = kNoon;
    fire.eventTime = kNoon - 8h; // local time, written as UTC
    fire.place = twin::Place{121.505, 31.19, 0};
    b.engine.occur(fire);
    b.engine.advance(kNoon + 1s);
    EXPECT_EQ(b.alarm().overdue, 0);
    EXPECT_EQ(b.alarm().condition, Condition::active);
    b.engine.advance(kNoon + 58s); // 60 s after it could be known
    EXPECT_EQ(b.alarm().overdue, 1);
}

TEST(Stamps, ofThePastDoNotShortenADelay) {
    auto registry = std::make_shared<twin::Registry>(*Bench::registry({}));
    registry->sensors[0].thresholds = {{2, true, 1, 0, 60}};
    AlarmEngine engine(registry);
    engine.advance(kNoon - 2s);
    engine.observe(0, stamped(5, 0s, 10min));
    engine.advance(kNoon + 30s);
    EXPECT_TRUE(engine.open().empty());
    engine.advance(kNoon + 60s);
    EXPECT_EQ(engine.open().size(), 1u);
}

TEST(ClockSet, backByAnHourLeavesDelaysSilencesAndDutiesRunning) {
    Bench b;
    b.value(25, 0, 0s);  // its gateway is lost at 30 s
    b.event("crowd", 0s); // overdue at 180 s
    b.value(0, 2, 0s);
    ASSERT_TRUE(b.act("A-000002", "shelve", 0s, "", {"known", 5min}));
    b.event("smoke", 0s, 0.4, "C1", 121.6); // a candidate until 600 s
    b.engine.clockSet(-1h);
    const auto later = [&](std::chrono::seconds after) { b.engine.advance(kNoon - 1h + after); };
    later(29s);
    EXPECT_EQ(b.engine.open().size(), 2u);
    later(30s);
    EXPECT_EQ(b.engine.open().size(), 3u);
    later(180s);
    EXPECT_EQ(b.alarm().overdue, 1);
    EXPECT_EQ(b.alarm("A-000002").workflow, Workflow::shelved);
    later(300s);
    EXPECT_EQ(b.alarm("A-000002").workflow, Workflow::unacknowledged);
    EXPECT_EQ(b.shown().candidates.size(), 1u);
    later(600s);
    EXPECT_TRUE(b.shown().candidates.empty());
    const auto lines = b.log();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "- clock_set"), 1);
}

TEST(ClockSet, hoursOfRulesAreTheNewClocks) {
    twin::AlarmPolicy policy;
    twin::Suppression rule;
    rule.id = "night";
    rule.alarmClass = "noise";
    rule.reason = "夜间";
    rule.fromMinute = 22 * 60; // it is 23:06
    rule.toMinute = 6 * 60;
    policy.suppressions = {rule};
    Bench b(policy);
    b.value(0, 2, 0s);
    ASSERT_EQ(b.alarm().suppressed, Suppressed::byDesign);
    b.engine.clockSet(-3h);
    b.engine.advance(kNoon - 3h + 1s);
    EXPECT_EQ(b.alarm().suppressed, Suppressed::no);
}

TEST(Candidates, surviveARestartAndMayStillBeProved) {
    Bench b;
    b.event("smoke", 0s, 0.4, "C1");
    std::vector<twin::Candidate> left;
    for (const auto& [id, candidate] : b.engine.candidates())
        left.push_back(candidate);
    Bench again;
    again.engine.restore({}, 0, 1);
    again.engine.restore(left);
    ASSERT_EQ(again.shown().candidates.size(), 1u);
    again.event("smoke", 40s, 0.4, "C2");
    ASSERT_EQ(again.engine.open().size(), 1u);
    EXPECT_EQ(again.alarm().verification, "second_camera");
    Bench unproved;
    unproved.engine.restore(left);
    unproved.engine.advance(kNoon + 600s);
    EXPECT_EQ(unproved.log(), (Lines{"C-000001 expired"}));
}

TEST(Comments, areBoundedAndTheLatestStay) {
    Bench b;
    b.value(0, 2, 0s);
    EXPECT_EQ(b.act("A-000001", "comment", 1s, std::string(2001, 'x').c_str()).error().code, "E_ALARM_TEXT_LONG");
    for (int i = 0; i < 150; ++i)
        ASSERT_TRUE(b.act("A-000001", "comment", 1s, std::to_string(i).c_str()));
    ASSERT_EQ(b.alarm().comments.size(), 100u);
    EXPECT_NE(b.alarm().comments.back().find("149"), std::string::npos);
}
