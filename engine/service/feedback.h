#pragma once
// What others are told: a source that its alarm was false (误报), so that the AI behind it can learn; a case system that one is its to work on.

#include <string>

#include "alarm/alarm_engine.h"
#include "history/history.h"

namespace matou::service {

/// matou/v1/<district>/feedback/<source>: {"id": the last event, "ids": up to 8 of them, "alarm", "class", "verdict":"false",
/// "actor","reason","ts"} for rejected alarms and dismissed candidates. Empty topic: nothing to say (also of a drill).
history::Outgoing feedbackOf(const alarm::Change& change, const std::string& district);

/// matou/v1/<district>/handout/<alarm>: {"id","ts","class","severity","title","lon","lat","raised","text"}, the order to the city's case system, when an
/// alarm is dispatched (派单). That system answers with a case whose `alarm` is this id. Empty topic: nothing to hand out (also of a drill).
history::Outgoing handOutOf(const alarm::Change& change, const std::string& district, const std::string& feed);

} // namespace matou::service
