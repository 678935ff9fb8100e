#pragma once
// An alarm, and what else is stored whole, as JSON text; of alarms also what the control API shows.

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
std::string toJson(const twin::Candidate& candidate);
std::optional<twin::Candidate> candidateFromJson(const std::string& text);
std::string toJson(const twin::ProjectStatus& status);
std::optional<twin::ProjectStatus> projectFromJson(const std::string& text);

} // namespace matou::history
