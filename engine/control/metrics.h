#pragma once
// GET /metrics, Prometheus text exposition format 0.0.4.

#include <string>

#include "twin/state_snapshot.h"

namespace matou::control {

/// `attached`: programs that show this state from elsewhere.
std::string metricsText(const twin::StateSnapshot& snapshot, int attached);

} // namespace matou::control
