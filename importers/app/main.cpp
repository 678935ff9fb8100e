// matou-import: what reads the world's files, and what writes the bundled district. `matou import` and `matou generate`
// run it, so that the programs that draw do not link GDAL.

#include <iostream>

#include <CLI/CLI.hpp>

#include "core/log.h"
#include "core/messages.h"
#include "osm/import_district.h"
#ifdef MATOU_WITH_NANMATOU
#include "nanmatou/nanmatou.h"
#endif

namespace {

using namespace matou;

constexpr const char* kVersion = "matou-import 0.1.0";
constexpr int kWrongUsage = 2;

int report(const core::Error& error, core::Language language) {
    std::cerr << core::describe(error, language) << "\n";
    return 1;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"City sources to a Matou district (3D Tiles 1.1, per-feature ids and property tables)."};
    app.set_version_flag("--version", kVersion);
    app.require_subcommand(1);
    app.fallthrough();
    std::string language;
    app.add_option("--lang", language, "Language of messages: zh or en (default: by the locale)")->check(CLI::IsMember({"zh", "en"}));

    importers::ImportOptions options;
    std::vector<std::string> sources;
    std::string out;
    int jobs = 0;
    auto* import = app.add_subcommand("import", "Vector sources (GeoJSON, Shapefile, GeoPackage, FlatGeobuf, all of OGR) to a district folder.\n"
                                                "Each source becomes a layer named after its file; what it holds is found from its name and content.");
    import->add_option("SOURCE", sources, "Files to read")->required();
    import->add_option("--out", out, "District folder to write; replaced only if it is empty or a district already")->required();
    import->add_option("--layer", options.layer, "Id of the layer, instead of the file's name");
    import->add_option("--as", options.as, "What the source holds: buildings roads water green ground labels transit boundaries");
    import->add_option("--crs", options.crs, "Projected CRS of the district (default: the UTM zone), also taken for sources that state none");
    import->add_option("--vertical-datum", options.verticalDatum, "NAME, NAME=METRES or METRES of its zero above the ellipsoid");
    import->add_option("--height-field", options.buildings.heightField, "Field with the height in metres")->capture_default_str();
    import->add_option("--floors-field", options.buildings.floorsField, "Field with the number of storeys, where there is no height")->capture_default_str();
    import->add_option("--floor-height", options.buildings.floorHeightMeters, "Metres per storey")->capture_default_str()->check(CLI::Range(1.0, 20.0));
    import->add_option("--jobs", jobs, "Accepted for compatibility; the import runs in one thread")->check(CLI::Range(0, 256));

    std::string district;
    std::uint64_t seed = 1;
    auto* generate = app.add_subcommand("generate", "Write a bundled district; the same seed gives the same bytes.");
    generate->add_option("DISTRICT", district, "nanmatou")->required();
    generate->add_option("--seed", seed, "Seed")->capture_default_str();
    generate->add_option("--out", out, "Folder to write")->required();

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : kWrongUsage;
    }
    const auto lang = language.empty() ? core::languageOfEnvironment(core::Language::en) : language == "zh" ? core::Language::zh : core::Language::en;
    core::setLogLanguage(lang);

    if (*import) {
        options.sources.assign(sources.begin(), sources.end());
        options.out = out;
        options.language = lang;
        const auto done = importers::importDistrict(options, [](const std::string& line) { std::cout << line << std::endl; });
        return done ? 0 : report(done.error(), lang);
    }
#ifdef MATOU_WITH_NANMATOU
    if (district == "nanmatou") {
        const auto done = importers::generateNanmatou(seed, out);
        if (!done) return report(done.error(), lang);
        std::cout << core::text(lang, "UI_GENERATE_DONE", {out, std::to_string(seed)}) << "\n";
        return 0;
    }
#endif
    return report(core::Error{"E_GENERATE_UNKNOWN", {district}, district, nullptr}, lang);
}
