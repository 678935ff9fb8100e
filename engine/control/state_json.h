#pragma once
// A snapshot as JSON text: GET /api/v1/state and /api/v1/alarms.

#include <string>

#include "core/result.h"
#include "history/series.h"
#include "twin/state_snapshot.h"

namespace matou::control {

/// {"version","now","mode","district","alarms":{"open","by_severity":{"1"…},"shelved","suppressed","out_of_service",
/// "chattering","overdue"},"flood","candidates":[…],"incidents":[…],"suppressions":[…],"feeds":[…],"sensors":[…],
/// "projects":[…]}
std::string stateJson(const twin::StateSnapshot& snapshot, const std::string& district);
/// {"version","now","alarms":[…]}, in the snapshot's order.
std::string alarmsJson(const twin::StateSnapshot& snapshot);
/// {"sensor","since","until","values":[{"ts","value","quality"}],"cut"}, or with points
/// {…,"span_s","buckets":[{"ts","count","bad","min","max","mean"}]}.
std::string seriesJson(const history::SeriesQuery& query, const history::Series& series);
/// {"error":{"code","where","zh","en"}}
std::string errorJson(const core::Error& error);

} // namespace matou::control
