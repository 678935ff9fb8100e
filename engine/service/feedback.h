#pragma once
// What a source is told about its own alarms: that one was false (误报), so that the AI behind it can learn.

#include <string>

#include "alarm/alarm_engine.h"
#include "history/history.h"

namespace matou::service {

/// matou/v1/<district>/feedback/<source>: {"id": the last event, "ids": up to 8 of them, "alarm", "class", "verdict":"false",
/// "actor","reason","ts"} for rejected alarms and dismissed candidates. Empty topic: nothing to say (also of a drill).
history::Outgoing feedbackOf(const alarm::Change& change, const std::string& district);

} // namespace matou::service
