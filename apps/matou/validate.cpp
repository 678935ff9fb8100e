// `matou validate`: anything that the engine reads, one file or a whole district, without a GPU.

#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "apps/matou/commands.h"
#include "apps/matou/validate_geojson.h"
#include "core/file.h"
#include "decode/gltf.h"
#include "decode/image.h"
#include "district/district.h"
#include "geo/district_frame.h"
#include "io/location.h"
#include "service/feed_adapter.h"
#include "stream/validate.h"

namespace matou::apps {
namespace {

using core::Language;
namespace fs = std::filesystem;

struct Outcome {
    core::Diagnostics problems, warnings;
    std::string summary;
};

class Validator {
public:
    explicit Validator(Language language) : _language(language) {}

    Outcome check(const std::string& given) {
        if (given.starts_with("http://") || given.starts_with("https://")) return tileset(given);
        std::error_code ignored;
        if (fs::is_directory(given, ignored)) {
            if (fs::exists(fs::path(given) / "district.toml")) return district(given);
            if (fs::exists(fs::path(given) / "tileset.json")) return tileset(given);
            return failed({"E_VALIDATE_FOLDER", {}, given, nullptr});
        }
        const fs::path path(given);
        if (path.filename() == "district.toml") return district(path.parent_path().empty() ? "." : path.parent_path().string());
        if (!fs::exists(path, ignored)) {
            if (auto found = district::findDistrict(given)) return district(found->string());
            return failed({"E_FILE_MISSING", {}, given, nullptr});
        }
        auto location = io::locationFrom(given);
        if (!location) return failed(location.error());
        const std::string extension = location->extension();
        if (extension == "glb" || extension == "gltf" || extension == "b3dm" || extension == "i3dm" || extension == "pnts" || extension == "cmpt" || extension == "subtree" ||
            !location->inside.empty())
            return tileset(given);
        if (extension == "png" || extension == "jpg" || extension == "jpeg" || extension == "webp" || extension == "ktx2") return image(given);
        if (extension == "geojson") return geoJson(given);
        if (extension == "json") return json(given);
        return failed({"E_VALIDATE_KIND", {"tileset.json .glb .gltf .b3dm .i3dm .pnts .cmpt .subtree .3tz .png .jpg .webp .ktx2 .geojson district.toml"}, given, nullptr});
    }

private:
    static Outcome failed(core::Error error) { return {{std::move(error)}, {}, ""}; }
    std::string say(std::string_view key, std::initializer_list<std::string> arguments) const { return core::text(_language, key, arguments); }

    Outcome tileset(const std::string& path) {
        auto report = stream::validatePath(path);
        const std::string summary = say("UI_VALIDATE_TILESET", {std::to_string(report.tilesets), std::to_string(report.tiles),
                                                                std::to_string(report.contents), std::to_string(report.triangles), std::to_string(report.features)});
        return {std::move(report.problems), {}, summary};
    }

    Outcome image(const std::string& path) {
        auto bytes = core::readFile(path);
        if (!bytes) return failed(bytes.error());
        auto image = decode::decodeImage(*bytes, path);
        if (!image) return failed(image.error());
        return {{}, {}, std::to_string(image->width) + "x" + std::to_string(image->height) + (image->levels > 1 ? ", " + std::to_string(image->levels) + " mip levels" : "")};
    }

    Outcome geoJson(const std::string& path) {
        auto text = core::readTextFile(path);
        if (!text) return failed(text.error());
        auto report = validateGeoJson(*text, path);
        return {std::move(report.problems), {}, say("UI_VALIDATE_GEOJSON", {std::to_string(report.features)})};
    }

    Outcome json(const std::string& path) {
        auto text = core::readTextFile(path);
        if (!text) return failed(text.error());
        if (looksLikeGeoJson(*text)) return geoJson(path);
        return tileset(path); // what is no tileset is said there, with its place
    }

    Outcome district(const std::string& folder) {
        auto opened = district::District::open(folder);
        if (!opened) return failed(opened.error());
        Outcome all;
        all.warnings = opened->warnings;
        if (auto frame = geo::DistrictFrame::create(opened->crs, opened->datum.aboveEllipsoidMeters); !frame) {
            frame.error().where = (fs::path(folder) / "district.toml").string(); // whose key `crs` it is
            all.problems.push_back(frame.error());
        }
        const auto add = [&](const std::string& title, Outcome part) {
            std::printf("  %s: %s\n", title.c_str(),
                        part.problems.empty() ? part.summary.c_str() : say("UI_VALIDATE_PROBLEMS", {std::to_string(part.problems.size())}).c_str());
            std::fflush(stdout);
            all.problems.insert(all.problems.end(), std::make_move_iterator(part.problems.begin()), std::make_move_iterator(part.problems.end()));
        };
        for (const auto& feed : opened->feeds)
            for (auto& problem : service::checkFeed(feed, *opened)) (problem.code.starts_with("W_") ? all.warnings : all.problems).push_back(std::move(problem));
        for (const auto& layer : opened->layers) add(layer.id, tileset(layer.tileset.string()));
        for (const auto& proposal : opened->proposals)
            for (const auto& model : proposal.add) add(core::toString(model.feature), tileset(model.model.string()));
        const auto& registry = *opened->registry;
        all.summary = say("UI_VALIDATE_DISTRICT",
                          {std::to_string(opened->layers.size()), std::to_string(opened->scenes.size()), std::to_string(registry.zones.size()),
                           std::to_string(registry.sensors.size()), std::to_string(registry.cameras.size()), std::to_string(registry.projects.size()),
                           std::to_string(opened->proposals.size()), std::to_string(opened->storyboards.size())});
        return all;
    }

    Language _language;
};

} // namespace

int runValidate(const Arguments& arguments, Language language) {
    CLI::App app(core::text(language, "UI_COMMAND_VALIDATE", {}), "matou validate");
    dress(app, language);
    std::vector<std::string> paths;
    bool plausible = false;
    app.add_option("paths", paths, core::text(language, "UI_FLAG_VALIDATE_PATHS", {}))->required()->option_text("PATH…");
    app.add_flag("--plausible", plausible, core::text(language, "UI_FLAG_PLAUSIBLE", {}));
    app.footer(core::text(language, "UI_HELP_VALIDATE_FOOTER", {}));
    if (const int status = parse(app, "matou validate", arguments, language); status >= 0) return status;
    int status = kSuccess;
    Validator validator(language);
    for (const auto& path : paths) {
        Outcome outcome = validator.check(path);
        for (const auto& warning : outcome.warnings) std::fprintf(stderr, "%s\n", core::describe(warning, language).c_str());
        for (const auto& problem : outcome.problems) status = report(problem, language);
        if (!outcome.problems.empty()) {
            std::printf("%s: %s\n", path.c_str(), core::text(language, "UI_VALIDATE_PROBLEMS", {std::to_string(outcome.problems.size())}).c_str());
            status = kFailure;
        } else {
            std::printf("%s: %s%s%s\n", path.c_str(), core::text(language, "UI_VALIDATE_GOOD", {}).c_str(), outcome.summary.empty() ? "" : ": ",
                        outcome.summary.c_str());
        }
        std::fflush(stdout);
        if (!plausible) continue;
        std::error_code ignored;
        const auto folder = fs::exists(path, ignored) ? core::Result<fs::path>(path) : district::findDistrict(path);
        if (folder && callImporter("plausible", {folder->string()}, language) != 0) status = kFailure;
    }
    return status;
}

} // namespace matou::apps
