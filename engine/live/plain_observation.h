#pragma once
// The common value, read without a document in between. Private to this module.

#include <optional>
#include <string_view>

#include "twin/records.h"

namespace matou::live {

/// A payload that is one flat object of what observations have, each member once, texts without escapes: most are.
/// Nothing for any other, also for a wrong one: decode() then reads it the long way and says what is wrong. Without
/// sensor, receive time and feed, which do not stand in it. A test holds both ways against each other. Cost: some 100
/// ns, no allocation for ids and units of up to 15 bytes.
std::optional<twin::Observation> plainObservation(std::string_view payload);

} // namespace matou::live
