#pragma once
// Payloads of the city's own offices: cases and flood season. Private to this module.

#include "live/decode.h"
#include "live/payload.h"

namespace matou::live {

/// {"id","ts","class","state"} and, if told, "channel","department","opened","due","alarm","lon","lat". Nothing else is looked at.
core::Result<Decoded> cityCase(const Payload& payload, const std::string& id, const Message& message);
/// {"id","ts","kind","state"} and, if told, "name","hazard","value","used","capacity","until","issuer","text","lon","lat".
core::Result<Decoded> floodItem(const Payload& payload, const std::string& id, const Message& message);

} // namespace matou::live
