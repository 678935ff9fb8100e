#include "apps/matou/bench_stream.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "core/json.h"

namespace matou::apps {
namespace {

double rounded(double value) { return std::round(value * 1000.0) / 1000.0; }

/// As the pages of the other clients summarise: the value at floor(share · n) of the sorted ones.
core::Json summary(std::vector<double> values) {
    if (values.empty()) return nullptr;
    std::sort(values.begin(), values.end());
    double sum = 0;
    for (const double value : values) sum += value;
    const auto at = [&](double share) { return rounded(values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))]); };
    return {{"n", values.size()}, {"mean", rounded(sum / static_cast<double>(values.size()))}, {"median", at(0.5)}, {"p95", at(0.95)}, {"p99", at(0.99)}, {"max", rounded(values.back())}};
}

core::Json json(const StreamPhase& phase) {
    if (phase.frame.empty()) return nullptr;
    return {{"frame", summary(phase.frame)}, {"cpu", summary(phase.cpu)}, {"cpuThread", summary(phase.thread)}, {"select", summary(phase.select)}, {"update", summary(phase.update)}};
}

core::Json json(const RestFigures& rest) {
    return {{"tilesDrawn", rest.tilesDrawn}, {"visited", rest.visited}, {"triangles", rest.triangles}, {"tilesLoaded", rest.tilesLoaded}};
}

core::Json json(const StreamFigures& f, const StreamBenchOptions& options) {
    core::Json out = {{"peer", "matou"}, {"version", versionLine("matou")}, {"gl", f.device}, {"tileset", options.tileset}, {"sse", options.maximumErrorPixels * options.scale}, {"scale", options.scale},
                      {"launchToFirstFrameMs", rounded(f.launchToFirstFrame)}, {"tilesetOpenMs", rounded(f.tilesetOpen)}, {"firstTileMs", rounded(f.firstTile)},
                      {"allTilesMs", rounded(f.allTiles)}, {"loadFrame", summary(f.loading.frame)}, {"loadUpdate", summary(f.loading.update)}};
    out["atRest"] = json(f.atRest);
    out["memoryAtRest"] = {{"pssMB", rounded(f.pssMiB)}, {"rssSumMB", rounded(f.rssMiB)}, {"contentGpuMB", rounded(static_cast<double>(f.stats.gpuBytes) / 1048576.0)},
                           {"contentCpuMB", rounded(static_cast<double>(f.stats.cpuBytes - f.stats.asideBytes) / 1048576.0)}};
    out["phases"] = {{"still", json(f.still)}, {"orbitCold", json(f.orbitCold)}, {"orbitWarm", json(f.orbitWarm)}};
    for (const auto& rest : f.restOfOrbit) {
        auto row = json(rest);
        row["pose"] = rest.pose;
        out["restOfOrbit"].push_back(std::move(row));
    }
    out["servedTileFiles"] = f.requests;
    out["servedMB"] = rounded(static_cast<double>(f.bytesDownloaded) / 1048576.0);
    if (f.timedOut) out["loadTimedOut"] = true;
    return out;
}

void printTable(const core::Json& r) {
    for (const char* key : {"launchToFirstFrameMs", "tilesetOpenMs", "firstTileMs", "allTilesMs"}) std::printf("%-24s %10.2f\n", key, r[key].get<double>());
    for (const char* key : {"tilesDrawn", "visited", "triangles", "tilesLoaded"}) std::printf("%-24s %10lld\n", key, r["atRest"][key].get<long long>());
    std::printf("%-24s %10.1f\n", "pssMB", r["memoryAtRest"]["pssMB"].get<double>());
    std::printf("%-24s %10s %10s %10s %10s\n", "ms", "mean", "median", "p99", "max");
    for (const auto& [phase, figures] : r["phases"].items())
        if (figures.is_object())
            for (const auto& [name, f] : figures.items())
                std::printf("%-24s %10.3f %10.3f %10.3f %10.3f\n", (phase + ", " + name).c_str(), f["mean"].get<double>(), f["median"].get<double>(), f["p99"].get<double>(), f["max"].get<double>());
    if (!r.contains("restOfOrbit")) return;
    std::printf("%-24s %10s %10s %10s\n", "pose at rest", "tiles", "visited", "triangles");
    for (const auto& rest : r["restOfOrbit"])
        std::printf("%-24d %10lld %10lld %10lld\n", rest["pose"].get<int>(), rest["tilesDrawn"].get<long long>(), rest["visited"].get<long long>(), rest["triangles"].get<long long>());
}

} // namespace

CLI::App* addStreamBench(CLI::App& bench, StreamBenchFlags& into, core::Language language) {
    const auto say = [language](const char* key) { return core::text(language, key, {}); };
    auto& o = into.options;
    auto* stream = bench.add_subcommand("stream", say("UI_BENCH_STREAM"));
    stream->add_option("--tileset", o.tileset, say("UI_BENCH_TILESET"))->option_text("FILE|URL")->required();
    stream->add_option("--camera", o.camera, say("UI_BENCH_CAMERA"))->option_text("FILE")->required();
    stream->add_option("--sse", o.maximumErrorPixels, say("UI_FLAG_SSE"))->option_text("N")->check(CLI::Range(0.01, 1e6));
    stream->add_option("--scale", o.scale, say("UI_BENCH_SCALE"))->option_text("S")->check(CLI::Range(0.01, 8.0));
    stream->add_option("--orbit", o.orbitFrames, say("UI_BENCH_ORBIT"))->option_text("N")->check(CLI::Range(0, 100'000));
    stream->add_option("--still", o.stillFrames, say("UI_BENCH_STILL"))->option_text("N")->check(CLI::Range(0, 100'000));
    stream->add_option("--rest-every", o.restEvery, say("UI_BENCH_REST_EVERY"))->option_text("N")->check(CLI::Range(1, 100'000));
    stream->add_option("--memory", o.memoryMiB, say("UI_FLAG_MEMORY"))->option_text("MiB")->check(CLI::Range(1.0, 1e7));
    stream->add_option("--timeout", o.timeoutSeconds, say("UI_FLAG_TIMEOUT"))->option_text("S")->check(CLI::Range(0.1, 1e6));
    stream->add_option("--device", o.device, say("UI_FLAG_DEVICE"))->option_text("N|NAME");
    stream->add_option("--screenshot", o.screenshot, say("UI_FLAG_SCREENSHOT"))->option_text("FILE.png");
    stream->add_flag("--json", into.json, say("UI_BENCH_JSON"));
    return stream;
}

int benchStreams(const StreamBenchFlags& flags, core::Language language) {
    const auto figures = benchStream(flags.options);
    if (!figures) return report(figures.error(), language);
    const auto out = json(*figures, flags.options);
    if (flags.json) std::printf("%s\n", out.dump(-1, ' ', false, core::Json::error_handler_t::replace).c_str());
    else printTable(out);
    return figures->timedOut ? kFailure : kSuccess;
}

} // namespace matou::apps
