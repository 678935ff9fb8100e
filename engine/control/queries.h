#pragma once
// What the parameters of a GET ask of history. E_CONTROL_PARAMETER with path and name.

#include "core/clock.h"
#include "core/result.h"
#include "history/history.h"

namespace httplib {
struct Request;
}

namespace matou::control {

/// RFC 3339; `fallback` where it is not given.
core::Result<core::Instant> instant(const httplib::Request& request, const char* name, core::Instant fallback);
core::Result<history::EventQuery> eventQuery(const httplib::Request& request);
/// Of /api/v1/sensors/{id}/observations: without `until` up to now; without `since` the 24 hours before that.
core::Result<history::SeriesQuery> seriesQuery(const httplib::Request& request, core::Instant now);

} // namespace matou::control
