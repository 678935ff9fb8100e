// `matou bench`: figures about pictures and runs: how different two pictures look, what a picture
// costs, how fast a tileset streams.

#include <cstdio>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "apps/matou/bench_frame.h"
#include "apps/matou/bench_live.h"
#include "apps/matou/bench_objects.h"
#include "apps/matou/bench_stream.h"
#include "apps/matou/bench_tiles.h"
#include "apps/matou/commands.h"
#include "media/compare.h"
#include "media/perceptual.h"
#include "media/png.h"

namespace matou::apps {
namespace {

using core::Language;

int compareFiles(const std::string& a, const std::string& b, const std::string& heatmap, double failAbove, Language language) {
    const auto first = media::readPng(a);
    if (!first) return report(first.error(), language);
    const auto second = media::readPng(b);
    if (!second) return report(second.error(), language);
    const auto seen = media::perceive(*first, *second);
    if (!seen) return report(seen.error(), language);
    const auto plain = media::compare(*first, *second);
    if (!plain) return report(plain.error(), language);
    std::printf("{\"flip_mean\": %.5f, \"flip_worst_block\": %.5f, \"worst_block_at\": [%u, %u], \"mean_absolute\": %.4f, "
                "\"largest\": %u, \"fraction_differing\": %.6f}\n",
                seen->mean, seen->worstBlock, seen->worstX, seen->worstY, plain->meanAbsolute, plain->maximum, plain->fractionDiffering);
    if (!heatmap.empty())
        if (const auto written = media::writePng(heatmap, media::errorPicture(*seen)); !written) return report(written.error(), language);
    return seen->mean > failAbove ? kFailure : kSuccess;
}

} // namespace

int runBench(const Arguments& arguments, Language language) {
    CLI::App app(core::text(language, "UI_COMMAND_BENCH", {}));
    app.require_subcommand(1);
    auto* compare = app.add_subcommand("compare", core::text(language, "UI_BENCH_COMPARE", {}));
    std::string a, b, heatmap;
    double failAbove = 1.0;
    compare->add_option("A", a, core::text(language, "UI_BENCH_PICTURE", {}))->required();
    compare->add_option("B", b, core::text(language, "UI_BENCH_PICTURE", {}))->required();
    compare->add_option("--heatmap", heatmap, core::text(language, "UI_BENCH_HEATMAP", {}))->option_text("FILE.png");
    compare->add_option("--fail-above", failAbove, core::text(language, "UI_BENCH_FAIL_ABOVE", {}))->option_text("0…1")->check(CLI::Range(0.0, 1.0));
    TilesBench tiles;
    CLI::App* tilesets = addTilesBench(app, tiles, language);
#if MATOU_DRAWS
    FrameBench frame;
    CLI::App* frames = addFrameBench(app, frame, language);
    StreamBenchFlags stream;
    CLI::App* streams = addStreamBench(app, stream, language);
    ObjectBenchFlags many;
    CLI::App* objects = addObjectBench(app, many, language);
    LiveBench live;
    CLI::App* twin = addLiveBench(app, live, language);
#endif
    dress(app, language);
    if (const int ended = parse(app, "matou bench", arguments, language); ended >= 0) return ended;
    if (tilesets->parsed()) return benchTiles(tiles, language);
#if MATOU_DRAWS
    if (frames->parsed()) return benchFrames(frame, language);
    if (streams->parsed()) return benchStreams(stream, language);
    if (objects->parsed()) return benchManyObjects(many, language);
    if (twin->parsed()) return benchLive(live, language);
#endif
    return compareFiles(a, b, heatmap, failAbove, language);
}

} // namespace matou::apps
