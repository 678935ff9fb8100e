#include "service/options.h"

#include <csignal>
#include <cstdio>
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
        core::logWarning({"W_SERVICE_TOKEN", {}, "--control-token", nullptr});
        token = given;
    }
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.pop_back();
    if (token.empty() || token.find_first_of("\r\n") != std::string::npos)
        return core::fail("E_SERVICE_TOKEN",
                          given.starts_with('@') || given.starts_with("env:") ? given : "--control-token");
    return token;
}

core::Result<std::shared_ptr<const district::District>> openDistrict(const std::string& nameOrPath) {
    MATOU_TRY(folder, district::findDistrict(nameOrPath));
    MATOU_TRY(opened, district::District::open(folder));
    for (const auto& warning : opened.warnings)
        if (warning.code != "W_DISTRICT_TILESET") // tiles are the picture's business
            core::logWarning(warning);
    return std::make_shared<const district::District>(std::move(opened));
}

namespace {
// A signal handler can reach nothing else.
std::atomic<int> endRequested{0};
extern "C" void requestEnd(int) {
    endRequested = 1;
}
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

core::Language languageOf(const std::vector<std::string>& arguments) {
    auto language = core::languageOfEnvironment(core::Language::en);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string value = arguments[i] == "--lang" && i + 1 < arguments.size() ? arguments[i + 1]
                                  : arguments[i].starts_with("--lang=")                ? arguments[i].substr(7)
                                                                                       : "";
        if (value == "zh") language = core::Language::zh;
        if (value == "en") language = core::Language::en;
    }
    return language;
}

int parse(CLI::App& app, const std::vector<std::string>& arguments, core::Language language) {
    const auto words = [&](const char* key) { return core::text(language, key, {}); };
    core::setLogLanguage(language);
    std::string chosen;
    app.add_option("--lang", chosen, words("UI_SERVICE_LANG"))->check(CLI::IsMember({"zh", "en"}))->type_name("zh|en");
    app.set_version_flag("--version", app.get_name() + " " MATOU_VERSION, words("UI_SERVICE_VERSION"));
    app.set_help_flag("-h,--help", words("UI_SERVICE_HELP"));
    auto formatter = std::make_shared<CLI::Formatter>();
    formatter->column_width(34);
    for (const auto& [english, key] :
         {std::pair("Usage", "UI_SERVICE_USAGE"), std::pair("Options", "UI_SERVICE_OPTIONS"),
          std::pair("OPTIONS", "UI_SERVICE_OPTIONS"), std::pair("Positionals", "UI_SERVICE_POSITIONALS")})
        formatter->label(english, words(key));
    app.formatter(formatter);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // CLI11 wants it so
    try {
        app.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        std::fputs(app.help().c_str(), stdout);
        return 0;
    } catch (const CLI::CallForVersion& version) {
        std::printf("%s\n", version.what());
        return 0;
    } catch (const CLI::ParseError& error) {
        core::logError({"E_SERVICE_USAGE", {error.what()}, app.get_name(), nullptr});
        return 2;
    }
    return -1;
}

int failed(const core::Error& error) {
    core::logError(error);
    return 1;
}

} // namespace matou::service
