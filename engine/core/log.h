#pragma once
// Log lines for operators. Results go to stdout, everything here to stderr.

#include <string_view>

#include "core/messages.h"
#include "core/result.h"

namespace matou::core {

enum class LogLevel { debug, info, warn, error };

/// Thread: any. Level is debug only if MATOU_LOG=debug.
void log(LogLevel level, std::string_view line);
/// The error's one line, in the process's language.
void logError(const Error& error);
/// The same for a remark that stops nothing.
void logWarning(const Error& remark);
/// Called once by a program's main; en until then.
void setLogLanguage(Language language);

} // namespace matou::core
