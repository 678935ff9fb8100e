#include "apps/common/draw_flags.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "core/file.h"
#include "core/heap.h"
#include "engine/engine.h"

namespace matou::apps {
namespace {

using core::Language;

constexpr int kSideLimit = 16384;

/// "1920x1080" or "10,20"; exactly two whole numbers.
std::optional<glm::ivec2> twoNumbers(const std::string& text, char between) {
    const auto at = text.find(between);
    if (at == std::string::npos) return std::nullopt;
    glm::ivec2 result{0};
    const char* middle = text.data() + at;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), middle, result.x);
    const auto second = std::from_chars(middle + 1, end, result.y);
    if (first.ec != std::errc() || second.ec != std::errc() || first.ptr != middle || second.ptr != end) return std::nullopt;
    return result;
}

[[noreturn]] void wrong(const std::string& flag, const std::string& value, const std::string& expected) {
    throw CLI::ValidationError(flag, "'" + value + "': " + expected);
}

template <typename T>
std::string words(const std::map<std::string, T>& table) {
    std::string result;
    for (const auto& [word, value] : table) result += (result.empty() ? "" : "|") + word;
    return result;
}

/// The flags of one run as CLI11 options that write into `options`. Lives as long as the App.
class Flags {
public:
    Flags(CLI::App& app, Program program, Language language) : _app(app), _language(language) {
        options.program = program;
        options.language = language;
        addSubject(program);
        addRun();
        addLook();
        addMachine();
        if (program == Program::command) addCommandCentre();
        if (program == Program::planner || program == Program::render || program == Program::view) addProposal();
        if (program == Program::presenter)
            _app.add_option("--storyboard", options.storyboard, say("UI_FLAG_STORYBOARD"))->option_text("ID");
    }

    EngineOptions options;
    bool limits = false;

private:
    std::string say(std::string_view key) const { return core::text(_language, key, {}); }

    void flag(const std::string& name, const std::string& key, const std::string& shape, std::function<void(const std::string&)> take) {
        _app.add_option_function<std::string>(name, std::move(take), say(key))->option_text(shape);
    }

    template <typename T>
    void choice(const std::string& name, const std::string& key, const std::map<std::string, T>& table, std::function<void(T)> take) {
        flag(name, key, words(table), [=](const std::string& word) {
            const auto found = table.find(word);
            if (found == table.end()) wrong(name, word, words(table));
            take(found->second);
        });
    }

    /// A finite number of at least `least`.
    void number(const std::string& name, const std::string& key, const std::string& shape, double least, double& target) {
        _app.add_option(name, target, say(key))->option_text(shape)->check([least](const std::string& word) {
            char* end = nullptr;
            const double value = std::strtod(word.c_str(), &end);
            const bool good = !word.empty() && *end == '\0' && value >= least && value <= 1e9; // false for nan
            return good ? std::string() : "'" + word + "': >= " + std::to_string(least);
        });
    }

    void addSubject(Program program) {
        auto* subject = _app.add_option("subject", options.subject, say("UI_FLAG_SUBJECT"))->option_text("");
        if (program == Program::view || program == Program::render) subject->required();
        else options.subject = "nanmatou";
        options.headless = program == Program::render;
        _app.add_flag("--headless", options.headless, say("UI_FLAG_HEADLESS"));
        flag("--size", "UI_FLAG_SIZE", "WxH", [this](const std::string& word) {
            const auto size = twoNumbers(word, 'x');
            if (!size || size->x < 16 || size->y < 16 || size->x > kSideLimit || size->y > kSideLimit)
                wrong("--size", word, "WxH, 16x16 … 16384x16384");
            options.size = *size;
        });
        _app.add_option("--scene", options.scene, say("UI_FLAG_SCENE"))->option_text("ID");
        _app.add_option("--camera", options.camera, say("UI_FLAG_CAMERA"))->option_text("FILE[#NAME]");
    }

    void addRun() {
        flag("--time", "UI_FLAG_TIME", "ISO8601", [this](const std::string& word) {
            const auto instant = core::parseInstant(word);
            if (!instant) wrong("--time", word, core::text(_language, instant.error().code, instant.error().arguments));
            options.time = *instant;
        });
        choice<ClockKind>("--clock", "UI_FLAG_CLOCK", {{"real", ClockKind::real}, {"fixed", ClockKind::fixed}},
                          [this](ClockKind kind) { options.clock = kind; });
        number("--duration", "UI_FLAG_DURATION", "S", 0.001, options.durationSeconds);
        _app.add_option("--screenshot", options.screenshot, say("UI_FLAG_SCREENSHOT"))->option_text("FILE.png");
        _app.add_option("--frames", options.frames, say("UI_FLAG_FRAMES"))->option_text("N")->check(CLI::Range(1, 100'000'000));
        _app.add_option("--record", options.record, say("UI_FLAG_RECORD"))->option_text("FILE.mp4");
        _app.add_option("--fps", options.fps, say("UI_FLAG_FPS"))->option_text("N")->check(CLI::Range(1.0, 240.0));
        flag("--pick", "UI_FLAG_PICK", "X,Y", [this](const std::string& word) {
            const auto pixel = twoNumbers(word, ',');
            if (!pixel || pixel->x < 0 || pixel->y < 0) wrong("--pick", word, "X,Y");
            options.pick = *pixel;
        });
        _app.add_option("--stats", options.stats, say("UI_FLAG_STATS"))->option_text("FILE.json");
        number("--timeout", "UI_FLAG_TIMEOUT", "S", 0.001, options.timeoutSeconds);
    }

    void addLook() {
        number("--sse", "UI_FLAG_SSE", "N", 0.1, options.maximumErrorPixels);
        flag("--fade", "UI_FLAG_FADE", "SECONDS", [this](const std::string& word) {
            char* end = nullptr;
            const double seconds = std::strtod(word.c_str(), &end);
            if (word.empty() || *end != '\0' || !(seconds >= 0 && seconds <= 10)) wrong("--fade", word, "0 … 10");
            options.fadeSeconds = seconds;
        });
        _app.add_option("--style", options.style, say("UI_FLAG_STYLE"))->option_text("FILE.json");
        choice<scene::Look>("--look", "UI_FLAG_LOOK",
                            {{"natural", scene::Look::natural}, {"monitor", scene::Look::monitor}, {"plan", scene::Look::plan}, {"night", scene::Look::night}},
                            [this](scene::Look look) { options.look = look; });
        choice<scene::Weather>("--weather", "UI_FLAG_WEATHER",
                               {{"clear", scene::Weather::clear}, {"haze", scene::Weather::haze}, {"overcast", scene::Weather::overcast}, {"rain", scene::Weather::rain}},
                               [this](scene::Weather weather) { options.weather = weather; });
        flag("--exposure", "UI_FLAG_EXPOSURE", "auto|EV", [this](const std::string& word) {
            char* end = nullptr;
            const float ev = std::strtof(word.c_str(), &end);
            if (word == "auto") options.exposureEv.reset();
            else if (word.empty() || *end != '\0' || !(ev > -20 && ev < 30)) wrong("--exposure", word, "auto | -20 … 30");
            else options.exposureEv = ev;
        });
        flag("--select", "UI_FLAG_SELECT", "LAYER/ID", [this](const std::string& word) {
            options.select = core::featureKeyFrom(word);
            if (options.select.layer.empty() || options.select.id.empty()) wrong("--select", word, "LAYER/ID");
        });
        choice<bool>("--xray", "UI_FLAG_XRAY", {{"on", true}, {"off", false}}, [this](bool on) { options.aids.xray = on; });
        choice<bool>("--ghost", "UI_FLAG_GHOST", {{"on", true}, {"off", false}}, [this](bool on) { options.aids.ghostContext = on; });
        choice<bool>("--height-tint", "UI_FLAG_HEIGHT_TINT", {{"on", true}, {"off", false}}, [this](bool on) { options.aids.heightTint = on; });
        flag("--contours", "UI_FLAG_CONTOURS", "M", [this](const std::string& word) {
            char* end = nullptr;
            const double meters = std::strtod(word.c_str(), &end);
            const bool good = !word.empty() && *end == '\0' && (meters == 0 || (meters >= 0.05 && meters <= 1000));
            if (!good) wrong("--contours", word, "0 | 0.05 … 1000");
            options.aids.contourMeters = static_cast<float>(meters);
        });
        _app.add_option("--variant", options.variant, say("UI_FLAG_VARIANT"))->option_text("NAME");
        choice<bool>("--theme", "UI_FLAG_THEME", {{"dark", false}, {"light", true}}, [this](bool light) { options.lightTheme = light; });
        choice<bool>("--overlay", "UI_FLAG_OVERLAY", {{"on", true}, {"off", false}}, [this](bool on) { options.overlay = on; });
        choice<bool>("--debug", "UI_FLAG_DEBUG", {{"tiles", true}, {"off", false}}, [this](bool on) { options.debugTiles = on; });
        choice<bool>("--ui", "UI_FLAG_UI", {{"on", true}, {"off", false}}, [this](bool on) { options.ui = on; });
        flag("--environment", "UI_FLAG_ENVIRONMENT", "neutral|sky|FILE", [this](const std::string& word) {
            options.neutralEnvironment = word == "neutral";
            options.environmentFile = word == "neutral" || word == "sky" ? "" : word;
            if (!options.environmentFile.empty() && word.find('.') == std::string::npos) wrong("--environment", word, "neutral | sky | FILE.hdr | FILE.exr");
        });
    }

    void addMachine() {
        _app.add_option("--user", options.user, say("UI_FLAG_USER"))->option_text("NAME");
        choice<std::string>("--role", "UI_FLAG_ROLE",
                            {{"viewer", "viewer"}, {"presenter", "presenter"}, {"planner", "planner"}, {"operator", "operator"}, {"duty_lead", "duty_lead"}, {"commander", "commander"}},
                            [this](std::string role) { options.role = std::move(role); });
        _app.add_option("--attach", options.attach, say("UI_FLAG_ATTACH"))->option_text("HOST:PORT");
        token("--attach-token", "UI_FLAG_ATTACH_TOKEN", options.attachToken);
        number("--memory", "UI_FLAG_MEMORY", "MiB", 1, options.memoryMiB);
        number("--cache-mb", "UI_FLAG_CACHE_MB", "MiB", 0, options.cacheMiB);
        _app.add_flag("--offline", options.offline, say("UI_FLAG_OFFLINE"));
        _app.add_flag("--validation", options.validation, say("UI_FLAG_VALIDATION"));
        _app.add_option("--device", options.device, say("UI_FLAG_DEVICE"))->option_text("N|NAME");
        choice<std::string>("--quality", "UI_FLAG_QUALITY", {{"low", "low"}, {"medium", "medium"}, {"high", "high"}, {"ultra", "ultra"}},
                            [this](std::string tier) { options.quality = std::move(tier); });
        choice<bool>("--shadows", "UI_FLAG_SHADOWS", {{"maps", false}, {"reference", true}},
                     [this](bool reference) { options.referenceShadows = reference; });
        _app.add_flag("--limits", limits, say("UI_FLAG_LIMITS"));
    }

    void addCommandCentre() {
        _app.add_option("--mqtt", options.mqtt, say("UI_FLAG_MQTT"))->option_text("URL");
        _app.add_option("--history", options.history, say("UI_FLAG_HISTORY"))->option_text("FILE.db|postgresql://…");
        _app.add_option("--control", options.control, say("UI_FLAG_CONTROL"))->option_text("ADDR:PORT|none");
        token("--control-token", "UI_FLAG_CONTROL_TOKEN", options.controlToken);
        _app.add_option("--client-id", options.clientId, say("UI_FLAG_CLIENT_ID"))->option_text("ID");
    }

    /// A secret by its place; on the command line itself it works and warns.
    void token(const char* name, const char* key, std::string& target) {
        flag(name, key, "@FILE|env:NAME", [this, name, &target](const std::string& word) {
            if (word.starts_with("@")) {
                auto read = core::readTextFile(word.substr(1), 4096);
                if (!read) wrong(name, word, core::text(_language, read.error().code, read.error().arguments));
                while (!read->empty() && (read->back() == '\n' || read->back() == '\r')) read->pop_back();
                target = *read;
            } else if (word.starts_with("env:")) {
                const char* value = std::getenv(word.c_str() + 4);
                if (!value || !*value) wrong(name, word, core::text(_language, "E_ENVIRONMENT_UNSET", {word.substr(4)}));
                target = value;
            } else {
                core::Error warning{"W_TOKEN_VISIBLE", {}, name, nullptr};
                std::fprintf(stderr, "%s\n", core::describe(warning, _language).c_str());
                target = word;
            }
        });
    }

    void addProposal() {
        _app.add_option("--proposal", options.proposal, say("UI_FLAG_PROPOSAL"))->option_text("ID");
        _app.add_option("--swipe", options.swipe, say("UI_FLAG_SWIPE"))->option_text("0…1")->check(CLI::Range(0.0, 1.0));
    }

    CLI::App& _app;
    Language _language;
};

std::string summaryKey(Program program) {
    switch (program) {
    case Program::view: return "UI_COMMAND_VIEW";
    case Program::render: return "UI_COMMAND_RENDER";
    case Program::command: return "UI_PROGRAM_COMMAND";
    case Program::planner: return "UI_PROGRAM_PLANNER";
    case Program::presenter: return "UI_PROGRAM_PRESENTER";
    }
    return "";
}

/// What no single flag can check.
core::Result<void> checkTogether(const EngineOptions& options, const std::string& name) {
    if (options.program == Program::render && options.screenshot.empty() && options.record.empty() && options.stats.empty() && !options.pick)
        return core::fail("E_USAGE", name, {core::text(options.language, "UI_USAGE_RENDER_NOTHING", {})});
    if (options.pick && options.headless && (options.pick->x >= options.size.x || options.pick->y >= options.size.y))
        return core::fail("E_USAGE", name, {core::text(options.language, "UI_USAGE_PICK_OUTSIDE", {})});
    if (!options.record.empty() && ((options.size.x | options.size.y) & 1))
        return core::fail("E_USAGE", name, {core::text(options.language, "UI_USAGE_EVEN_SIZE", {})});
    return {};
}

} // namespace

core::Result<EngineOptions> parseDrawFlags(Program program, const std::vector<std::string>& arguments, Language language) {
    CLI::App app;
    Flags flags(app, program, language);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
        return core::fail("E_USAGE", "matou", {error.what()});
    }
    MATOU_CHECK(checkTogether(flags.options, "matou"));
    return flags.options;
}

int runDrawing(Program program, const std::string& name, const std::vector<std::string>& arguments, Language language) {
    CLI::App app(core::text(language, summaryKey(program), {}), name);
    dress(app, language);
    app.set_version_flag("--version", versionLine(name), core::text(language, "UI_HELP_VERSION", {}));
    app.footer(core::text(language, "UI_HELP_DRAW_FOOTER", {}));
    Flags flags(app, program, language);
    for (const auto& argument : arguments) // before anything is required
        if (argument == "--limits") {
            std::printf("%s", limitsTable().c_str());
            return kSuccess;
        }
    if (const int status = parse(app, name, arguments, language); status >= 0) return status;
    if (const auto together = checkTogether(flags.options, name); !together) return report(together.error(), language);
    const auto asAsked = runEngine(flags.options);
    if (!asAsked) return report(asAsked.error(), language);
    return *asAsked ? kSuccess : kFailure;
}

int drawingMain(Program program, const std::string& name, int argc, char** argv) {
    core::keepFreedMemory();
    const auto line = commandLine(argc, argv, Language::zh);
    if (!line) return report(line.error(), core::languageOfEnvironment(Language::zh));
    return runDrawing(program, name, line->arguments, line->language);
}

} // namespace matou::apps
