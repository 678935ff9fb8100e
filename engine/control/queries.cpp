#include "control/queries.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <httplib.h>

namespace matou::control {
namespace {

constexpr std::int64_t kMaximumLimit = 1000000, kMaximumValues = 100000, kMaximumPoints = 10000;

using httplib::Request;

std::optional<std::int64_t> integer(const std::string& text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

core::Result<std::int64_t> number(const Request& request, const char* name, std::int64_t fallback, std::int64_t minimum,
                                  std::int64_t maximum) {
    if (!request.has_param(name)) return fallback;
    const auto value = integer(request.get_param_value(name));
    if (!value || *value < minimum || *value > maximum)
        return core::fail("E_CONTROL_PARAMETER", request.path + "?" + name,
                          {name, std::to_string(minimum) + "…" + std::to_string(maximum)});
    return *value;
}

} // namespace

core::Result<core::Instant> instant(const Request& request, const char* name, core::Instant fallback) {
    if (!request.has_param(name)) return fallback;
    std::string text = request.get_param_value(name);
    std::replace(text.begin(), text.end(), ' ', '+'); // "+08:00" unescaped in a query
    const auto parsed = core::parseInstant(text);
    if (!parsed) return core::fail("E_CONTROL_PARAMETER", request.path + "?" + name, {name, "RFC 3339"});
    return *parsed;
}

core::Result<history::EventQuery> eventQuery(const Request& request) {
    history::EventQuery query;
    query.source = request.get_param_value("source");
    MATOU_TRY(after, number(request, "after", 0, 0, INT64_MAX));
    MATOU_TRY(limit, number(request, "limit", 1000, 1, kMaximumLimit));
    MATOU_TRY(since, instant(request, "since", {}));
    query.after = after;
    query.limit = limit;
    query.since = since;
    return query;
}

core::Result<history::SeriesQuery> seriesQuery(const Request& request, core::Instant now) {
    history::SeriesQuery query;
    query.sensor = request.matches[1];
    MATOU_TRY(until, instant(request, "until", now + core::Duration(1)));
    MATOU_TRY(since, instant(request, "since", until - std::chrono::hours(24)));
    MATOU_TRY(points, number(request, "points", 0, 0, kMaximumPoints));
    MATOU_TRY(limit, number(request, "limit", 10000, 1, kMaximumValues));
    query.since = since;
    query.until = until;
    query.points = points;
    query.limit = limit;
    return query;
}

} // namespace matou::control
