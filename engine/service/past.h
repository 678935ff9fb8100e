#pragma once
// The state as it was known at a moment, made of history by the code that makes the live one: for looking back
// (历史回放).

#include "core/result.h"
#include "district/district.h"
#include "history/history.h"
#include "twin/state_snapshot.h"

namespace matou::service {

/// Mode "replay"; ages are those of then. Feeds, candidates and incidents are not kept by time and empty. Thread: any. Cost: History::valuesAt and alarmsAt, a
/// tenth of a second for some thousand sensors. E_HISTORY_….
core::Result<twin::StateSnapshot> pastState(const district::District& district, const history::History& history,
                                            core::Instant at);

} // namespace matou::service
