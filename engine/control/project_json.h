#pragma once
// Projects as readers of the API get them.

#include <string>

#include "twin/state_snapshot.h"

namespace matou::control {

/// {"at", "projects": […]}: each with what the registry and the ledger say of it, its milestones with slip in days, money and, of a renewal,
/// the shares. Projects that only a ledger knows have "registered": false.
std::string projectsJson(const twin::StateSnapshot& snapshot);

} // namespace matou::control
