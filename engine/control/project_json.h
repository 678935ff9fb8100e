#pragma once
// Projects as readers of the API get them.

#include <optional>
#include <string>

#include "twin/state_snapshot.h"

namespace matou::control {

/// {"at", "projects": […]}: each with what the registry and the ledger say of it, its milestones with slip in days, money and, of a renewal,
/// the shares. Projects that only a ledger knows have "registered": false.
/// `on`: how that day stands by what the snapshot knows – milestones reached by then, slip as of then; status, percent and shares only where they were
/// told by then. (Another snapshot, of the past, is what was known then.)
std::string projectsJson(const twin::StateSnapshot& snapshot, std::optional<core::Instant> on = std::nullopt);

} // namespace matou::control
