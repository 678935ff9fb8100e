#pragma once
// What an operator may do with an alarm, and when (after ISA-18.2). Condition (active, normal) and workflow are two
// machines; only the workflow listens to people.

#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "twin/state_snapshot.h"

namespace matou::alarm {

inline constexpr core::Duration kShelveTime = std::chrono::hours(1);
/// Of one text, and how many comments an alarm keeps (the journal has all): an alarm is stored and sent whole.
inline constexpr std::size_t kTextBytes = 2000, kComments = 100;

/// What shelving wants to know besides a text.
struct ActionDetail {
    std::string reason;  // of shelveReasons(); empty: other
    core::Duration time{}; // 0: kShelveTime
    core::Duration longest = std::chrono::hours(8);
};
/// nuisance maintenance known test other; `other` needs a text.
const std::vector<std::string>& shelveReasons();

/// Verbs: ack reject dispatch start return verify close shelve unshelve comment. Changes `alarm` or nothing.
/// E_ALARM_VERB {verb}, E_ALARM_STATE {verb, state, verbs possible now}, E_ALARM_TEXT {verb}, E_ALARM_SHELVE (severity
/// 1), E_ALARM_SHELVE_TIME {longest, minutes}, E_ALARM_SHELVE_REASON {reasons}.
core::Result<void> act(twin::Alarm& alarm, const std::string& verb, const std::string& text, const std::string& actor,
                       core::Instant at, const ActionDetail& detail = {});

/// Rejected and closed alarms leave the list.
bool isOpen(const twin::Alarm& alarm);
/// Verbs possible now, separated by spaces.
std::string possibleVerbs(const twin::Alarm& alarm);

const char* wordOf(twin::Workflow workflow); // unacknowledged …, as in the API
const char* wordOf(twin::Condition condition);
const char* wordOf(twin::Suppressed suppressed); // no by_design out_of_service
twin::Workflow workflowFrom(const std::string& word); // unknown words: unacknowledged
twin::Suppressed suppressedFrom(const std::string& word);

} // namespace matou::alarm
