#pragma once
// `matou serve`, `matou simulate`, `matou replay`, `matou audit` as functions of their arguments (after the command's name).

#include <string>
#include <vector>

namespace matou::service {

/// Exit status as design/faces has it: 0, 1 failure, 2 wrong usage. They end cleanly on SIGINT and SIGTERM.
int runServe(const std::vector<std::string>& arguments);
int runSimulate(const std::vector<std::string>& arguments);
int runReplay(const std::vector<std::string>& arguments);
int runAudit(const std::vector<std::string>& arguments);

} // namespace matou::service
