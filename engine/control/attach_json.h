#pragma once
// The attach stream: what a picture elsewhere must hear to show the same state. One JSON text a line: first the whole
// snapshot, then what changed. Sensors and projects go by their number, so both sides must have read the same district.

#include <string>

#include "core/result.h"
#include "twin/state_snapshot.h"

namespace matou::control {

/// Changes with anything that a sensor's or project's number stands for.
std::string districtFingerprint(const std::string& district, const twin::Registry& registry);

/// One line without its end. `before` null: whole. Ages are not sent: whoever shows derives them from the times.
std::string attachLine(const twin::StateSnapshot* before, const twin::StateSnapshot& now, const std::string& fingerprint);

/// Applies a line to `state`, whose registry is set. Ages are left alone. E_ATTACH_DISTRICT (another fingerprint),
/// E_ATTACH_LINE (not such a line, numbers beyond the registry). On an error `state` is not to be shown.
core::Result<void> applyAttachLine(const std::string& line, const std::string& fingerprint, twin::StateSnapshot& state);

} // namespace matou::control
