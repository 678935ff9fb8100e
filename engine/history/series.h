#pragma once
// The course of one sensor's values over a time: what a curve on a panel is drawn from.

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.h"
#include "twin/records.h"

namespace matou::history {

/// Time is the event's own, since <= t < until.
struct SeriesQuery {
    std::string sensor;
    core::Instant since{}, until{};
    /// 0: every value, the oldest first, at most `limit` of them. Else: as many equal spans of time, each as one
    /// bucket.
    std::int64_t points = 0;
    std::int64_t limit = 10000;
};

struct StoredValue {
    core::Instant time{};
    double value = 0;
    twin::Quality quality = twin::Quality::good;
};

/// What the values of a span were between; bad ones are only counted.
struct SeriesBucket {
    core::Instant from{};
    std::int64_t count = 0, bad = 0;
    double minimum = 0, maximum = 0, mean = 0; // of those that are not bad; 0 where there are none
};

struct Series {
    std::vector<StoredValue> values;   // points == 0
    std::vector<SeriesBucket> buckets; // points > 0; spans without any value are left out
    core::Duration span{};             // of a bucket
    bool cut = false;                  // there are more than `limit` values
};

} // namespace matou::history
