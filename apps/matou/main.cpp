// The command line: one word says what to do; each command stands in a file of its own or in the library that does the work.

#include <csignal>
#include <cstdio>
#include <functional>

#include "apps/common/command_line.h"
#include "apps/matou/commands.h"
#include "core/heap.h"
#if MATOU_DRAWS
#include "apps/common/draw_flags.h"
#endif
#if MATOU_SERVES
#include "service/commands.h"
#endif

namespace matou::apps {
namespace {

using core::Language;

struct Command {
    std::string name;
    std::string summaryKey;
    std::function<int(const Arguments&, Language)> run;
};

/// The language that a command of another library is to use: handed on as a flag.
#if MATOU_SERVES
Arguments withLanguage(Arguments arguments, Language language) {
    arguments.insert(arguments.end(), {"--lang", language == Language::zh ? "zh" : "en"});
    return arguments;
}
#endif

std::vector<Command> commands() {
    return {
#if MATOU_DRAWS
        {"view", "UI_COMMAND_VIEW", [](const Arguments& a, Language l) { return runDrawing(Program::view, "matou view", a, l); }},
        {"render", "UI_COMMAND_RENDER", [](const Arguments& a, Language l) { return runDrawing(Program::render, "matou render", a, l); }},
#endif
        {"import", "UI_COMMAND_IMPORT", [](const Arguments& a, Language l) { return becomeImporter("import", a, l); }},
        {"generate", "UI_COMMAND_GENERATE", [](const Arguments& a, Language l) { return becomeImporter("generate", a, l); }},
        {"validate", "UI_COMMAND_VALIDATE", runValidate},
        {"info", "UI_COMMAND_INFO", runInfo},
#if MATOU_SERVES
        {"serve", "UI_COMMAND_SERVE", [](const Arguments& a, Language l) { return service::runServe(withLanguage(a, l)); }},
        {"audit", "UI_COMMAND_AUDIT", [](const Arguments& a, Language l) { return service::runAudit(withLanguage(a, l)); }},
        {"simulate", "UI_COMMAND_SIMULATE", [](const Arguments& a, Language l) { return service::runSimulate(withLanguage(a, l)); }},
        {"replay", "UI_COMMAND_REPLAY", [](const Arguments& a, Language l) { return service::runReplay(withLanguage(a, l)); }},
#endif
        {"bench", "UI_COMMAND_BENCH", runBench},
        {"doctor", "UI_COMMAND_DOCTOR", runDoctor},
    };
}

void printHelp(const std::vector<Command>& all, Language language, FILE* to) {
    std::fprintf(to, "%s\n\n", core::text(language, "UI_HELP_MATOU", {}).c_str());
    for (const auto& command : all)
        std::fprintf(to, "  %-10s %s\n", command.name.c_str(), core::text(language, command.summaryKey, {}).c_str());
    std::fprintf(to, "\n%s\n", core::text(language, "UI_HELP_MATOU_FOOTER", {}).c_str());
}

int run(int argc, char** argv) {
    core::keepFreedMemory();
    std::signal(SIGPIPE, SIG_IGN); // a reader that went away is a write error, not a death
    const auto line = commandLine(argc, argv, Language::en);
    if (!line) return report(line.error(), core::languageOfEnvironment(Language::en));
    const auto all = commands();
    if (line->arguments.empty()) {
        printHelp(all, line->language, stderr);
        return kWrongUsage;
    }
    const std::string& word = line->arguments.front();
    if (word == "--help" || word == "-h" || word == "help") {
        printHelp(all, line->language, stdout);
        return kSuccess;
    }
    if (word == "--version") {
        std::printf("%s\n", versionLine("matou").c_str());
        return kSuccess;
    }
    if (word == "--limits") {
        std::printf("%s", limitsTable().c_str());
        return kSuccess;
    }
    for (const auto& command : all)
        if (command.name == word) return command.run({line->arguments.begin() + 1, line->arguments.end()}, line->language);
    return report({"E_USAGE", {core::text(line->language, "UI_USAGE_COMMAND", {word})}, "matou", nullptr}, line->language);
}

} // namespace
} // namespace matou::apps

int main(int argc, char** argv) { return matou::apps::run(argc, argv); }
