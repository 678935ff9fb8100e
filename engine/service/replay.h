#pragma once
// A recording played through the state side as fast as it goes: the same recording gives the same alarm log, byte for
// byte, whichever feed it was made from.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "district/district.h"
#include "live/message.h"

namespace matou::service {

struct ReplayResult {
    std::string alarmLog; // lines of alarm::logLine
    std::uint64_t messages = 0, invalid = 0, events = 0;
};

/// The next message, nothing at the end.
using Messages = std::function<core::Result<std::optional<live::Message>>()>;
core::Result<ReplayResult> replay(std::shared_ptr<const district::District> district, const Messages& next);
/// Time is what the recording says. E_FILE_…, E_RECORDING_LINE.
core::Result<ReplayResult> replay(std::shared_ptr<const district::District> district,
                                  const std::filesystem::path& recording);

} // namespace matou::service
