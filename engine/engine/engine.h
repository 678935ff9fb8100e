#pragma once
// Builds every part of a program that draws, owns it, and runs its frame loop.

#include <memory>

#include "core/result.h"
#include "engine/options.h"

namespace matou {

/// Runs a program from start to end: opens the subject, draws until the options say to stop, a signal or the window's
/// close button does, writes what was asked for (screenshot, film, stats; --pick prints to stdout).
/// Returns the exit status' meaning: true success, false "ended, but not as asked" (validation messages, time-out;
/// already said on stderr). Thread: the program's main thread.
core::Result<bool> runEngine(const EngineOptions& options);

} // namespace matou
