#pragma once
// A recording played through the state side as fast as it goes: the same recording gives the same alarm log, byte for
// byte, whichever feed it was made from.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "district/district.h"

namespace matou::service {

struct ReplayResult {
    std::string alarmLog; // lines of alarm::logLine
    std::uint64_t messages = 0, invalid = 0, events = 0;
};

/// Time is what the recording says. E_FILE_…, E_RECORDING_LINE.
core::Result<ReplayResult> replay(std::shared_ptr<const district::District> district,
                                  const std::filesystem::path& recording);

} // namespace matou::service
