#pragma once
// Cases and flood season as readers of the API get them.

#include <string>

#include "twin/state_snapshot.h"

namespace matou::control {

/// {"at","open","overdue","cases":[{"id","channel","class","state","open","overdue","department","opened","due","as_of","received","place","zone"?,"alarm"?,"feed"}]},
/// by number. There is no member for who called.
std::string casesJson(const twin::StateSnapshot& snapshot);
/// {"at","response":{"level":"III","id","as_of"}|null,"warnings":[in force, the gravest first],"ponding":[…],"pump":[…],"gate":[…],"shelter":[…]}
std::string floodJson(const twin::StateSnapshot& snapshot);
/// {"id","state"} of the case that an alarm was handed out as; "null".
std::string caseOfAlarmJson(const twin::StateSnapshot& snapshot, const std::string& alarm);

} // namespace matou::control
