#include "service/options.h"

#include <csignal>
#include <cstdlib>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "core/file.h"
#include "core/log.h"
#include "core/messages.h"

namespace matou::service {

core::Result<std::string> readToken(const std::string& given) {
    std::string token;
    if (given.starts_with('@')) {
        MATOU_TRY(text, core::readTextFile(given.substr(1), 4096));
        token = text;
    } else if (given.starts_with("env:")) {
        const char* value = std::getenv(given.c_str() + 4);
        token = value ? value : "";
    } else {
        core::log(core::LogLevel::warn, core::describe({"W_SERVICE_TOKEN", {}, "--control-token", nullptr}, core::Language::en));
        token = given;
    }
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) token.pop_back();
    if (token.empty() || token.find_first_of("\r\n") != std::string::npos)
        return core::fail("E_SERVICE_TOKEN", given.starts_with('@') || given.starts_with("env:") ? given : "--control-token");
    return token;
}

core::Result<std::shared_ptr<const district::District>> openDistrict(const std::string& nameOrPath) {
    MATOU_TRY(folder, district::findDistrict(nameOrPath));
    MATOU_TRY(opened, district::District::open(folder));
    for (const auto& warning : opened.warnings)
        if (warning.code != "W_DISTRICT_TILESET") // tiles are the picture's business
            core::log(core::LogLevel::warn, core::describe(warning, core::Language::en));
    return std::make_shared<const district::District>(std::move(opened));
}

namespace {
// A signal handler can reach nothing else.
std::atomic<int> endRequested{0};
extern "C" void requestEnd(int) { endRequested = 1; }
} // namespace

EndSignal::EndSignal() {
    endRequested = 0;
    struct sigaction action {};
    action.sa_handler = requestEnd;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}
EndSignal::~EndSignal() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}
bool EndSignal::wait(int milliseconds) const {
    if (!endRequested) ::poll(nullptr, 0, milliseconds); // a signal ends it early
    return endRequested;
}

void addLanguage(CLI::App& app) { app.add_option("--lang", "Language of messages")->check(CLI::IsMember({"zh", "en"}))->type_name("zh|en"); }

int parse(CLI::App& app, const std::vector<std::string>& arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // CLI11 wants it so
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (const auto* option = app.get_option_no_throw("--lang"); option && option->count())
        core::setLogLanguage(option->as<std::string>() == "zh" ? core::Language::zh : core::Language::en);
    return -1;
}

int failed(const core::Error& error) {
    core::logError(error);
    return 1;
}

} // namespace matou::service
