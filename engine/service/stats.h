#pragma once
// The feeds and alarms part of `--stats` (design/faces).

#include <string>

#include "twin/state_snapshot.h"

namespace matou::service {

/// {"feeds":{id:{received,applied,dropped,invalid,latency_ms}},"alarms":{state: count},"events_stored","sensors":{age:
/// count}, "rss_peak_bytes","errors":[]}
std::string statsJson(const twin::StateSnapshot& snapshot);

} // namespace matou::service
