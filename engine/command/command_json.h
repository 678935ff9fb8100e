#pragma once
// Commands as JSON text: for the audit log and the control API.

#include <string>

#include "command/command.h"
#include "core/result.h"

namespace matou::command {

/// "alarm.ack", "scene", "camera", "select", "layer", "proposal", "swipe", "time", "tour.start", …
std::string nameOf(const Command& command);
/// {"command":"alarm.ack","alarm":"A-000001","text":"…"}; without actor, role, origin and time.
std::string toJson(const Command& command);
/// Body of POST /camera: {"lat","lon","height","heading","pitch","roll","seconds"}. E_JSON_….
core::Result<MoveCamera> moveCameraFromJson(const std::string& text, const std::string& where);
/// Body of POST /aids: {"xray","ghost","height_tint","contours"}, each optional; contours in metres, 0: none. E_JSON_…, E_COMMAND_VALUE.
inline constexpr double kLeastContourMeters = 0.05, kMostContourMeters = 1000.0;
core::Result<SetAids> aidsFromJson(const std::string& text, const std::string& where);

} // namespace matou::command
