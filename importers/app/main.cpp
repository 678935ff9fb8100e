// matou-import: what reads the world's files, and what writes the bundled district. `matou import` and `matou generate`
// run it, so that the programs that draw do not link GDAL.

#include <atomic>
#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include "core/log.h"
#include "core/messages.h"
#include "osm/import_district.h"
#ifdef MATOU_WITH_NANMATOU
#include "nanmatou/nanmatou.h"
#include "nanmatou/plausible.h"
#endif

namespace {

using namespace matou;

constexpr const char* kVersion = "matou-import 0.1.0";

// Set by SIGINT and SIGTERM; looked at between the steps of the import, which then leaves nothing behind.
std::atomic<bool> interrupted{false};
void interrupt(int) { interrupted.store(true); }

int report(const core::Error& error, core::Language language) {
    std::cerr << core::describe(error, language) << "\n";
    return error.code == "E_USAGE" ? 2 : 1;
}

/// --lang is looked for first, because --help is already in that language. Empty: a wrong one.
std::string languageName(int argc, char** argv) {
    std::string name = core::languageOfEnvironment(core::Language::en) == core::Language::zh ? "zh" : "en";
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--lang" && i + 1 < argc) name = argv[i + 1];
        if (word.starts_with("--lang=")) name = word.substr(7);
    }
    return name == "zh" || name == "en" ? name : "";
}

} // namespace

int main(int argc, char** argv) {
    const std::string name = languageName(argc, argv);
    if (name.empty()) return report({"E_USAGE", {"zh | en"}, "--lang", nullptr}, core::Language::en);
    const core::Language language = name == "zh" ? core::Language::zh : core::Language::en;
    core::setLogLanguage(language);
    const auto help = [&](const char* key) { return core::text(language, key, {}); };

    CLI::App app{help("UI_IMPORTER_HELPER")};
    app.set_version_flag("--version", kVersion);
    app.set_help_flag("-h,--help", help("UI_IMPORTER_HELPER_HELP"));
    app.require_subcommand(1);
    app.fallthrough();
    std::string ignoredLanguage;
    app.add_option("--lang", ignoredLanguage, help("UI_IMPORTER_HELPER_LANG"))->option_text("zh|en");

    importers::ImportOptions options;
    std::vector<std::string> sources;
    std::string out;
    int jobs = 0;
    auto* import = app.add_subcommand("import", help("UI_IMPORTER_HELP"));
    import->add_option("SOURCE", sources, help("UI_IMPORTER_HELP_SOURCE"))->required();
    import->add_option("--out", out, help("UI_IMPORTER_HELP_OUT"))->required();
    import->add_option("--layer", options.layer, help("UI_IMPORTER_HELP_LAYER"));
    import->add_option("--as", options.as, help("UI_IMPORTER_HELP_AS"));
    import->add_option("--crs", options.crs, help("UI_IMPORTER_HELP_CRS"));
    import->add_option("--vertical-datum", options.verticalDatum, help("UI_IMPORTER_HELP_DATUM"));
    import->add_option("--height-field", options.buildings.heightField, help("UI_IMPORTER_HELP_HEIGHT"))->capture_default_str();
    import->add_option("--floors-field", options.buildings.floorsField, help("UI_IMPORTER_HELP_FLOORS"))->capture_default_str();
    import->add_option("--floor-height", options.buildings.floorHeightMeters, help("UI_IMPORTER_HELP_FLOOR_HEIGHT"))
        ->capture_default_str()
        ->check(CLI::Range(1.0, 20.0));
    import->add_option("--jobs", jobs, help("UI_IMPORTER_HELP_JOBS"))->check(CLI::Range(0, 256));

    std::string district;
    std::uint64_t seed = 1;
    auto* generate = app.add_subcommand("generate", help("UI_IMPORTER_HELP_GENERATE"));
    generate->add_option("DISTRICT", district, "nanmatou")->required();
    generate->add_option("--seed", seed, help("UI_IMPORTER_HELP_GENERATE_SEED"))->capture_default_str();
    generate->add_option("--out", out, help("UI_IMPORTER_HELP_GENERATE_OUT"))->required();

#ifdef MATOU_WITH_NANMATOU
    std::string folder;
    auto* plausible = app.add_subcommand("plausible", help("UI_IMPORTER_HELP_PLAUSIBLE"));
    plausible->add_option("FOLDER", folder, help("UI_IMPORTER_HELP_PLAUSIBLE_FOLDER"))->required();
#endif

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) { // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        return report({"E_USAGE", {error.what()}, "matou-import", nullptr}, language);
    }
    std::signal(SIGINT, interrupt);
    std::signal(SIGTERM, interrupt);

    if (*import) {
        options.sources.assign(sources.begin(), sources.end());
        options.out = out;
        options.language = language;
        options.cancelled = [] { return interrupted.load(); };
        const auto done = importers::importDistrict(options, [](const std::string& line) { std::cout << line << std::endl; });
        return done ? 0 : report(done.error(), language);
    }
#ifdef MATOU_WITH_NANMATOU
    if (*plausible) {
        const auto checked = importers::plausibleReport(folder, language);
        if (!checked) return report(checked.error(), language);
        for (const auto& line : checked->lines) std::cout << line << "\n";
        return checked->violations == 0 ? 0 : 1;
    }
    if (district == "nanmatou") {
        const auto done = importers::generateNanmatou(seed, out);
        if (!done) return report(done.error(), language);
        for (const auto& line : done->lines) std::cout << line << "\n";
        std::cout << core::text(language, "UI_GENERATE_DONE", {out, std::to_string(seed)}) << "\n";
        return 0;
    }
#endif
    return report({"E_GENERATE_UNKNOWN", {district}, "matou generate", nullptr}, language);
}
