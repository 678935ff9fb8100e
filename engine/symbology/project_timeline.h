#pragma once
// Where a project stands at a date: from the last report, or from its phases when the timeline shows another date.

#include <optional>
#include <string>

#include "core/clock.h"
#include "twin/state_snapshot.h"

namespace matou::symbology {

struct ProjectAtDate {
    std::string status = "planned"; // on-track at-risk late paused done planned
    std::string phase;              // name of the current (or next) phase
    double percent = 0;             // of the whole project, 0..100
    double plannedPercent = 0;      // what the plan says for that date
    core::Duration slip{0};         // positive: behind the plan
};

/// Pure. Percent is the share of planned phase time that is done. Late: a planned end passed by over 30 days without an
/// actual end; at risk: by less. `reported` (the newest status) wins where it is not newer than `date`.
ProjectAtDate projectAt(const twin::Project& project, core::Instant date,
                        const std::optional<twin::ProjectStatus>& reported = std::nullopt);

} // namespace matou::symbology
