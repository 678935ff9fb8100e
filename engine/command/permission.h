#pragma once
// Who may do what: the one place.

#include "command/command.h"
#include "core/result.h"

namespace matou::command {

/// Roles: viewer presenter planner operator duty_lead commander admin. E_COMMAND_ROLE {role, what}; an unknown role may
/// do nothing.
core::Result<void> permitted(const Command& command);

/// true: for the picture side (scene, camera, selection, layers, proposal, swipe, time, tour); false: for the state
/// side (alarms, suppression, drill).
bool isForPicture(const Command& command);

} // namespace matou::command
