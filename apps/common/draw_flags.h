#pragma once
// The flags that everything that draws shares, in one place, and the whole main of a program that draws.

#include <memory>
#include <string>
#include <vector>

#include "core/messages.h"
#include "core/result.h"
#include "engine/options.h"

namespace matou::apps {

/// Parses and runs: what `matou view`, `matou render` and the three window programs do. `arguments` without the program's name
/// and without --lang. Gives the exit status.
int runDrawing(Program program, const std::string& name, const std::vector<std::string>& arguments, core::Language language);

/// The main of a window program; zh where the locale says nothing.
int drawingMain(Program program, const std::string& name, int argc, char** argv);

/// The flags alone: E_USAGE where they are wrong. For tests; --help and --version are not handled here.
core::Result<EngineOptions> parseDrawFlags(Program program, const std::vector<std::string>& arguments, core::Language language);

} // namespace matou::apps
