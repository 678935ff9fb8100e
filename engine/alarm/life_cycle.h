#pragma once
// What an operator may do with an alarm, and when (after ISA-18.2). Condition (active, normal) and workflow are two
// machines; only the workflow listens to people.

#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "twin/state_snapshot.h"

namespace matou::alarm {

inline constexpr core::Duration kShelveTime = std::chrono::hours(1);

/// Verbs: ack reject dispatch start return verify close shelve comment. Changes `alarm` or nothing.
/// E_ALARM_VERB {verb}, E_ALARM_STATE {verb, state, verbs possible now}, E_ALARM_TEXT {verb}, E_ALARM_SHELVE (severity
/// 1).
core::Result<void> act(twin::Alarm& alarm, const std::string& verb, const std::string& text, const std::string& actor,
                       core::Instant at);

/// Rejected and closed alarms leave the list.
bool isOpen(const twin::Alarm& alarm);
/// Verbs possible now, separated by spaces.
std::string possibleVerbs(const twin::Alarm& alarm);

const char* wordOf(twin::Workflow workflow); // unacknowledged …, as in the API
const char* wordOf(twin::Condition condition);
twin::Workflow workflowFrom(const std::string& word); // unknown words: unacknowledged

} // namespace matou::alarm
