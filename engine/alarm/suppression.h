#pragma once
// When a rule that takes alarms off the list is in force, and for which alarms. Pure.

#include <optional>

#include "core/result.h"
#include "twin/records.h"
#include "twin/state_snapshot.h"

namespace matou::alarm {

bool inForce(const twin::Suppression& rule, core::Instant at);
/// The first instant after `at` at which inForce() may change.
std::optional<core::Instant> nextChange(const twin::Suppression& rule, core::Instant at);
/// By source, class and zone (that of the source's sensor or camera); severity 1 only by what is out of service.
bool concerns(const twin::Suppression& rule, const twin::Alarm& alarm, const twin::Registry& registry);
/// What an operator may ask for: E_ALARM_SUPPRESSION {what is expected}.
core::Result<void> check(const twin::Suppression& rule, core::Instant now);

} // namespace matou::alarm
