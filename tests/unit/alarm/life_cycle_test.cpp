#include <gtest/gtest.h>

#include "alarm/life_cycle.h"

using namespace matou;
using namespace matou::alarm;
using twin::Alarm;
using twin::Workflow;

namespace {
const core::Instant kNow{std::chrono::milliseconds(1750000000000)};
Alarm alarmIn(Workflow workflow, int severity = 2) {
    Alarm alarm;
    alarm.id = "A-000001";
    alarm.severity = severity;
    alarm.workflow = workflow;
    return alarm;
}
} // namespace

TEST(LifeCycle, theWholeWayFromRaisedToClosed) {
    Alarm alarm = alarmIn(Workflow::unacknowledged);
    const std::pair<const char*, Workflow> way[] = {{"ack", Workflow::acknowledged}, {"dispatch", Workflow::dispatched},
                                                    {"return", Workflow::returned},  {"dispatch", Workflow::dispatched},
                                                    {"start", Workflow::inProgress}, {"verify", Workflow::verified},
                                                    {"close", Workflow::closed}};
    for (const auto& [verb, state] : way) {
        ASSERT_TRUE(act(alarm, verb, "", "li", kNow)) << verb;
        EXPECT_EQ(alarm.workflow, state);
    }
    EXPECT_EQ(alarm.acknowledgedBy, "li");
    EXPECT_FALSE(isOpen(alarm));
}

TEST(LifeCycle, refusesWhatTheStateDoesNotAllowAndSaysWhatItDoes) {
    Alarm alarm = alarmIn(Workflow::unacknowledged);
    const auto result = act(alarm, "close", "", "li", kNow);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_ALARM_STATE");
    EXPECT_EQ(result.error().where, "alarm A-000001");
    EXPECT_EQ(result.error().arguments,
              (std::vector<std::string>{"close", "unacknowledged", "ack reject shelve comment"}));
    EXPECT_EQ(alarm.workflow, Workflow::unacknowledged);
    EXPECT_EQ(act(alarm, "explode", "", "li", kNow).error().code, "E_ALARM_VERB");
    for (const char* verb : {"ack", "reject", "dispatch", "start", "return", "verify", "close", "shelve"}) {
        Alarm closed = alarmIn(Workflow::closed);
        EXPECT_EQ(act(closed, verb, "x", "li", kNow).error().code, "E_ALARM_STATE") << verb;
    }
}

TEST(LifeCycle, anAcknowledgedAlarmWhoseConditionIsGoneMayBeClosed) {
    Alarm alarm = alarmIn(Workflow::acknowledged);
    EXPECT_FALSE(act(alarm, "close", "", "li", kNow));
    alarm.condition = twin::Condition::normal;
    EXPECT_TRUE(act(alarm, "close", "", "li", kNow));
}

TEST(LifeCycle, shelvingNeedsAReasonAndIsNotForTheSevere) {
    Alarm severe = alarmIn(Workflow::unacknowledged, 1);
    EXPECT_EQ(act(severe, "shelve", "works", "li", kNow).error().code, "E_ALARM_SHELVE");
    Alarm alarm = alarmIn(Workflow::acknowledged, 3);
    EXPECT_EQ(act(alarm, "shelve", "", "li", kNow).error().code, "E_ALARM_TEXT");
    ASSERT_TRUE(act(alarm, "shelve", "works until noon", "li", kNow));
    EXPECT_EQ(alarm.workflow, Workflow::shelved);
    EXPECT_EQ(alarm.shelvedUntil, kNow + kShelveTime);
    EXPECT_EQ(alarm.comments.size(), 1u);
}

TEST(LifeCycle, wordsOfStatesReadBack) {
    for (int i = 0; i <= static_cast<int>(Workflow::shelved); ++i)
        EXPECT_EQ(workflowFrom(wordOf(static_cast<Workflow>(i))), static_cast<Workflow>(i));
}
