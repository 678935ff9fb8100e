#pragma once
// Cases of the city's own systems (12345工单, 网格案件): place, class, state and number. Who called, what they said and where they live has
// no member here, so that no feed can bring it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "twin/records.h"

namespace matou::twin {

struct Case {
    std::string id;        // the upstream system's number
    std::string channel;   // 12345, grid; another as its source says it; empty: not told
    std::string caseClass; // as its table has it; code:<it> for one that no table knows
    std::string state;     // of caseStates(); code:<it> for another
    std::string department; // that has it
    core::Instant opened{}, due{}; // 0: not told
    core::Instant eventTime{}, receiveTime{};
    std::optional<Place> place;
    std::string alarm; // of ours that was handed out as this case
    std::string feed;
};

/// reported 上报, accepted 受理, dispatched 派单, handling 处置中, returned 退单, solved 已处置, verified 已核查, closed 结案, cancelled 作废.
const std::vector<std::string_view>& caseStates();
bool isOpen(const Case& item);
bool isOverdue(const Case& item, core::Instant now);
/// They say the same, whenever.
bool sameWords(const Case& a, const Case& b);

} // namespace matou::twin
