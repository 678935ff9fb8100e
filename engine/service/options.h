#pragma once
// What the three commands share: reading tokens, waiting for the end, saying errors.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/messages.h"
#include "core/result.h"
#include "district/district.h"

namespace CLI {
class App;
}

namespace matou::service {

/// `@FILE`, `env:NAME`, or the token itself (which warns: it can be read in the process list). E_SERVICE_TOKEN.
core::Result<std::string> readToken(const std::string& given);

core::Result<std::shared_ptr<const district::District>> openDistrict(const std::string& nameOrPath);

/// Becomes true at SIGINT or SIGTERM, from its making to its end.
class EndSignal {
public:
    EndSignal();
    ~EndSignal();
    /// Sleeps up to `milliseconds`; true when it is time to end.
    bool wait(int milliseconds) const;
};

/// What --lang says, else the environment, else English. The help is made in it before anything is parsed.
core::Language languageOf(const std::vector<std::string>& arguments);
/// Parses, with --lang, --version and headings in that language; gives -1 to go on, else the exit status (0 after
/// --help and --version, 2 for wrong usage, said in one line).
int parse(CLI::App& app, const std::vector<std::string>& arguments, core::Language language);

/// Logs the error; 1.
int failed(const core::Error& error);

} // namespace matou::service
