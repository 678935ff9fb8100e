#include "apps/matou/bench_objects.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "core/json.h"

namespace matou::apps {
namespace {

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0.0 : values[values.size() / 2];
}

core::Json rowOf(const ObjectFigures& f, const ObjectFigures& least) {
    const auto rounded = [](double value) { return std::round(value * 1000.0) / 1000.0; };
    return {{"objects", f.objects}, {"contents", f.contents}, {"draws", f.draws}, {"draw_calls", f.drawCalls},
            {"still_ms", rounded(median(f.still))}, {"moving_ms", rounded(median(f.moving))}, {"restyled_ms", rounded(median(f.restyled))},
            {"picture_ms", rounded(median(f.picture))}, {"moving_ratio", rounded(median(f.moving) / std::max(median(least.moving), 1e-6))}};
}

} // namespace

CLI::App* addObjectBench(CLI::App& bench, ObjectBenchFlags& into, core::Language language) {
    const auto say = [language](const char* key) { return core::text(language, key, {}); };
    auto& o = into.options;
    auto* objects = bench.add_subcommand("objects", say("UI_BENCH_OBJECTS"));
    objects->add_option("--counts", o.counts, say("UI_BENCH_OBJECTS_COUNTS"))->option_text("N…")->expected(1, 16)->check(CLI::Range(1, 1'000'000));
    objects->add_option("--per-content", o.perContent, say("UI_BENCH_OBJECTS_EACH"))->option_text("N")->check(CLI::Range(1, 1'000'000));
    objects->add_option("--frames", o.frames, say("UI_BENCH_OBJECTS_FRAMES"))->option_text("N")->check(CLI::Range(1, 100'000));
    objects->add_option("--quality", o.quality, say("UI_FLAG_QUALITY"))->option_text("low|medium|high|ultra")->check(CLI::IsMember({"low", "medium", "high", "ultra"}));
    objects->add_option("--height", o.heightMeters, say("UI_BENCH_OBJECTS_HEIGHT"))->option_text("M")->check(CLI::Range(0.1, 10'000.0));
    objects->add_flag("--occlusion-culling", o.occlusionCulling, say("UI_BENCH_OBJECTS_HIDE"));
    objects->add_option("--device", o.device, say("UI_FLAG_DEVICE"))->option_text("N|NAME");
    objects->add_flag("--json", into.json, say("UI_BENCH_JSON"));
    return objects;
}

int benchManyObjects(const ObjectBenchFlags& flags, core::Language language) {
    const auto figures = benchObjects(flags.options);
    if (!figures) return report(figures.error(), language);
    auto rows = core::Json::array();
    for (const ObjectFigures& f : *figures) rows.push_back(rowOf(f, figures->front()));
    if (flags.json) {
        std::printf("%s\n", rows.dump().c_str());
        return kSuccess;
    }
    std::printf("%9s %9s %9s %6s %12s %12s %12s %12s %8s\n", "objects", "contents", "draws", "calls", "still ms", "moving ms", "restyled ms", "picture ms", "ratio");
    for (const auto& row : rows)
        std::printf("%9d %9d %9d %6d %12.3f %12.3f %12.3f %12.1f %8.2f\n", row["objects"].get<int>(), row["contents"].get<int>(), row["draws"].get<int>(),
                    row["draw_calls"].get<int>(), row["still_ms"].get<double>(), row["moving_ms"].get<double>(), row["restyled_ms"].get<double>(),
                    row["picture_ms"].get<double>(), row["moving_ratio"].get<double>());
    return kSuccess;
}

} // namespace matou::apps
