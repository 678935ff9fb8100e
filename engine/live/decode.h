#pragma once
// Canonical payloads (design/faces, "Feeds") → twin records. Strict about what is required, generous about what is not
// known: unknown members are kept in Event::raw.

#include <string>
#include <variant>

#include "core/result.h"
#include "live/message.h"
#include "twin/cases.h"
#include "twin/flood_season.h"
#include "twin/records.h"

namespace matou::live {

using Decoded = std::variant<twin::Observation, twin::Event, twin::ProjectStatus, twin::CameraStatus, twin::Case, twin::FloodItem>;

/// Topics `matou/v1/<district>/obs|event|project|camera|case|flood/<id>`; the topic's id is the thing's, `id` in an event's payload is
/// the event's. Errors carry `topic T`: E_TOPIC (shape, length or another district), E_PAYLOAD_SIZE, E_PAYLOAD_JSON,
/// E_PAYLOAD_MEMBER {member, expected}. Cost: one JSON parse. Thread: any.
core::Result<Decoded> decode(const Message& message, const std::string& district, const std::string& feedId);

/// "topic T", shortened to what fits on a line.
std::string topicWhere(const std::string& topic);

} // namespace matou::live
