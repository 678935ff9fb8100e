#pragma once
// What every program's command line has in common: language, version, how errors and wrong usage are said, exit status.

#include <string>
#include <vector>

#include "core/messages.h"
#include "core/result.h"

namespace CLI {
class App;
}

namespace matou::apps {

inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kWrongUsage = 2;

/// argv without [0], `--lang` taken out wherever it stands.
struct CommandLine {
    core::Language language = core::Language::en;
    std::vector<std::string> arguments;
    bool languageGiven = false;
};

/// `fallback`: the language where the locale says nothing. E_USAGE for an unknown one. Sets the log's language too.
core::Result<CommandLine> commandLine(int argc, char** argv, core::Language fallback);

/// "matou 0.1.0".
std::string versionLine(const std::string& program);

/// One line `WHERE: CODE: text` on stderr; gives kWrongUsage for E_USAGE, else kFailure.
int report(const core::Error& error, core::Language language);

/// The heading words of --help in `language`, and the flags that every command has (--lang, --help).
void dress(CLI::App& app, core::Language language);

/// Parses; -1: go on. Else the exit status: help and version were printed, or the wrong usage was said.
int parse(CLI::App& app, const std::string& program, const std::vector<std::string>& arguments, core::Language language);

/// The table of limits on foreign input (`--limits`), one `name value unit` a line.
std::string limitsTable();

} // namespace matou::apps
