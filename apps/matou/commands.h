#pragma once
// The commands of `matou` as functions of their arguments (after the command's name). Each gives the exit status.

#include <string>
#include <vector>

#include "core/messages.h"

namespace matou::apps {

using Arguments = std::vector<std::string>;

int runValidate(const Arguments& arguments, core::Language language);
int runInfo(const Arguments& arguments, core::Language language);
int runBench(const Arguments& arguments, core::Language language);
int runDoctor(const Arguments& arguments, core::Language language);

/// `matou import …`, `matou generate …`: becomes `matou-import COMMAND …`, which stands beside this program. Returns only
/// where that failed.
int becomeImporter(const std::string& command, const Arguments& arguments, core::Language language);
/// Runs `matou-import COMMAND …` and waits; its exit status.
int callImporter(const std::string& command, const Arguments& arguments, core::Language language);

} // namespace matou::apps
