#include "apps/common/command_line.h"

#include <cstdio>

#include <CLI/CLI.hpp>

#include "core/json.h"
#include "core/log.h"
#include "decode/gltf.h"
#include "io/limits.h"
#include "tiles/tile_tree.h"

namespace matou::apps {

using core::Language;
using core::text;

core::Result<CommandLine> commandLine(int argc, char** argv, Language fallback) {
    CommandLine line;
    line.language = core::languageOfEnvironment(fallback);
    for (int i = 1; i < argc; ++i) {
        std::string word = argv[i];
        std::string value;
        if (word == "--lang" && i + 1 < argc) value = argv[++i];
        else if (word.starts_with("--lang=")) value = word.substr(7);
        else if (word != "--lang") {
            line.arguments.push_back(std::move(word));
            continue;
        }
        if (value != "zh" && value != "en") return core::fail("E_USAGE", "--lang", {"zh | en"});
        line.language = value == "zh" ? Language::zh : Language::en;
        line.languageGiven = true;
    }
    core::setLogLanguage(line.language);
    return line;
}

std::string versionLine(const std::string& program) { return program + " " + MATOU_VERSION; }

int report(const core::Error& error, Language language) {
    std::fprintf(stderr, "%s\n", core::describe(error, language).c_str());
    return error.code == "E_USAGE" ? kWrongUsage : kFailure;
}

void dress(CLI::App& app, Language language) {
    auto formatter = std::make_shared<CLI::Formatter>();
    formatter->label("Usage", text(language, "UI_HELP_USAGE", {}));
    formatter->label("OPTIONS", text(language, "UI_HELP_OPTIONS", {}));
    formatter->label("Options", text(language, "UI_HELP_OPTIONS", {}));
    formatter->label("Positionals", text(language, "UI_HELP_POSITIONALS", {}));
    formatter->label("TEXT", "");
    formatter->column_width(34);
    app.formatter(formatter);
    app.set_help_flag("-h,--help", text(language, "UI_HELP_HELP", {}));
    app.add_option("--lang")->description(text(language, "UI_HELP_LANG", {}))->option_text("zh|en");
}

int parse(CLI::App& app, const std::string& program, const std::vector<std::string>& arguments, Language language) {
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
        return -1;
    } catch (const CLI::CallForHelp&) {
        std::printf("%s", app.help().c_str());
        return kSuccess;
    } catch (const CLI::CallForVersion&) {
        std::printf("%s\n", versionLine(program).c_str());
        return kSuccess;
    } catch (const CLI::ParseError& error) {
        return report({"E_USAGE", {error.what()}, program, nullptr}, language);
    }
}

std::string limitsTable() {
    std::string table;
    const auto row = [&](const std::string& name, const std::string& value, const std::string& unit) {
        table += name + std::string(name.size() < 36 ? 36 - name.size() : 1, ' ') + value + " " + unit + "\n";
    };
    for (const auto& limit : io::limitRows()) row(limit.name, limit.value, limit.unit);
    const core::JsonLimits json;
    row("json.depth", std::to_string(json.depth), "levels");
    row("json.bytes", std::to_string(json.bytes), "bytes");
    const decode::GltfOptions gltf;
    row("content.decoded_bytes", std::to_string(gltf.decodedBytesLimit), "bytes");
    row("image.pixels", std::to_string(gltf.imagePixelsLimit), "pixels");
    row("tileset.depth", std::to_string(tiles::kDepthLimit), "levels");
    row("tileset.tiles", std::to_string(tiles::kTilesLimit), "tiles");
    return table;
}

} // namespace matou::apps
