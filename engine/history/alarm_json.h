#pragma once
// An alarm as JSON text: what is stored, and what the control API shows.

#include <optional>
#include <string>
#include <vector>

#include "twin/state_snapshot.h"

namespace matou::history {

std::string toJson(const twin::Alarm& alarm);
/// A rule that takes alarms off the list; and a list of them, as kept between runs.
std::string toJson(const twin::Suppression& rule);
std::vector<twin::Suppression> suppressionsFromJson(const std::string& text);
/// Nothing where the text is not an alarm; members of later versions are ignored.
std::optional<twin::Alarm> alarmFromJson(const std::string& text);

} // namespace matou::history
