#include "apps/matou/bench_frame.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <tuple>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "apps/common/draw_flags.h"
#include "core/json.h"
#include "core/result.h"
#include "engine/engine.h"
#include "engine/subject.h"

namespace matou::apps {
namespace {

/// One run of the engine, told by its own --stats. Empty where it was interrupted.
core::Result<core::Json> statsOf(const FrameBench& bench, const std::string& scene, const std::string& quality, core::Language language) {
    const auto file = std::filesystem::temp_directory_path() / ("matou-bench-" + std::to_string(::getpid()) + ".json");
    std::vector<std::string> flags = {bench.subject, "--quality", quality, "--size", bench.size, "--ui", "off", "--overlay", "off", "--stats", file.string()};
    if (!scene.empty()) flags.insert(flags.end(), {"--scene", scene});
    flags.insert(flags.end(), bench.drawFlags.begin(), bench.drawFlags.end());
    MATOU_TRY(options, parseDrawFlags(Program::render, flags, language)); // which waits for all tiles
    options.settleFrames = bench.settle;
    options.frames = bench.settle + bench.frames;
    options.fps = 1.0 / bench.stepSeconds;
    options.countWork = true;
    const auto ran = runEngine(options);
    std::ifstream stream(file);
    auto stats = ran && *ran ? core::Json::parse(stream, nullptr, false) : core::Json();
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (!ran) return tl::unexpected(ran.error());
    return stats;
}

core::Json reportOf(const std::string& scene, const std::string& quality, const core::Json& stats) {
    core::Json out = {{"scene", scene}, {"quality", quality}};
    for (const char* key : {"device", "driver", "width", "height", "frames", "frame_ms", "thread_cpu_ms", "process_cpu_ms", "gpu_ms", "cpu_ms",
                            "triangles_drawn", "triangles_submitted", "draw_calls"})
        out[key] = stats.value(key, core::Json());
    out["counted"] = stats.value("counted", core::Json()); // null where the device cannot count
    out["frame_bytes"] = stats["bytes"]["frame"];
    return out;
}

void printTimes(const char* name, const core::Json& times) {
    std::printf("  %-22s %9.2f %9.2f %9.2f\n", name, times.value("p50", 0.0), times.value("p95", 0.0), times.value("p99", 0.0));
}

void printBlock(const core::Json& r) {
    const auto millions = [](const core::Json& count) { return count.is_number() ? count.get<double>() * 1e-6 : 0.0; };
    const auto& counted = r["counted"];
    std::printf("%s, %s: %d x %d, %d frames\n", r["scene"].get<std::string>().c_str(), r["quality"].get<std::string>().c_str(),
                r["width"].get<int>(), r["height"].get<int>(), r["frames"].get<int>());
    if (counted.is_object())
        std::printf("  %.3f M triangles submitted, %.3f M left after clipping, %.3f M pixels shaded\n", millions(counted["triangles"]),
                    millions(counted["triangles_seen"]), millions(counted["pixels_shaded"]));
    else
        std::printf("  %.3f M triangles submitted\n", millions(r["triangles_submitted"]));
    std::printf("  %-22s %9s %9s %9s\n", "ms", "median", "p95", "p99");
    printTimes("frame", r["frame_ms"]);
    printTimes("render thread, CPU", r["thread_cpu_ms"]);
    printTimes("all threads, CPU", r["process_cpu_ms"]);
    printTimes("GPU", r["gpu_ms"]);
    for (const char* side : {"gpu_ms", "cpu_ms"})
        for (const auto& [pass, times] : r[side]["passes"].items())
            printTimes(("  " + pass + (side[0] == 'g' ? ", GPU" : ", CPU")).c_str(), times);
    std::fflush(stdout);
}

core::Result<std::vector<std::string>> scenesOf(const FrameBench& bench) {
    if (!bench.scenes.empty()) return bench.scenes;
    MATOU_TRY(subject, openSubject(bench.subject));
    std::vector<std::string> scenes;
    if (subject.district)
        for (const auto& scene : subject.district->scenes) scenes.push_back(scene.id);
    if (scenes.empty()) scenes.emplace_back(); // a model has none
    return scenes;
}

} // namespace

CLI::App* addFrameBench(CLI::App& bench, FrameBench& into, core::Language language) {
    const auto say = [language](const char* key) { return core::text(language, key, {}); };
    auto* frame = bench.add_subcommand("frame", say("UI_BENCH_FRAME"));
    frame->add_option("subject", into.subject, say("UI_FLAG_SUBJECT"))->option_text("");
    frame->add_option("--scene", into.scenes, say("UI_BENCH_SCENE"))->option_text("ID…")->expected(1, 100);
    frame->add_option("--quality", into.qualities, say("UI_BENCH_QUALITY"))->option_text("low|medium|high|ultra…")->expected(1, 4)->check(CLI::IsMember({"low", "medium", "high", "ultra"}));
    frame->add_option("--size", into.size, say("UI_BENCH_SIZE"))->option_text("WxH");
    frame->add_option("--frames", into.frames, say("UI_BENCH_FRAMES"))->option_text("N")->check(CLI::Range(1, 100'000));
    frame->add_option("--settle", into.settle, say("UI_BENCH_SETTLE"))->option_text("N")->check(CLI::Range(3, 1000));
    frame->add_option("--step", into.stepSeconds, say("UI_BENCH_STEP"))->option_text("S")->check(CLI::Range(0.001, 86400.0));
    for (const auto& [name, key, shape] : {std::tuple{"--look", "UI_FLAG_LOOK", "natural|monitor|plan|night"}, {"--weather", "UI_FLAG_WEATHER", "clear|haze|overcast|rain"},
                                           {"--time", "UI_FLAG_TIME", "ISO8601"}, {"--camera", "UI_FLAG_CAMERA", "FILE[#NAME]"}, {"--device", "UI_FLAG_DEVICE", "N|NAME"}})
        frame->add_option_function<std::string>(name, [&into, name = std::string(name)](const std::string& word) { into.drawFlags.insert(into.drawFlags.end(), {name, word}); }, say(key))->option_text(shape);
    frame->add_flag("--json", into.json, say("UI_BENCH_JSON"));
    return frame;
}

int benchFrames(const FrameBench& bench, core::Language language) {
    const auto scenes = scenesOf(bench);
    if (!scenes) return report(scenes.error(), language);
    const auto qualities = bench.qualities.empty() ? std::vector<std::string>{"low", "medium", "high", "ultra"} : bench.qualities;
    core::Json all = {{"subject", bench.subject}, {"step_s", bench.stepSeconds}, {"runs", core::Json::array()}};
    double load[1] = {0};
    if (::getloadavg(load, 1) == 1) all["machine"] = {{"load_1min", load[0]}, {"processors", ::sysconf(_SC_NPROCESSORS_ONLN)}};
    bool first = true;
    for (const auto& scene : *scenes)
        for (const auto& quality : qualities) {
            const auto stats = statsOf(bench, scene, quality, language);
            if (!stats) return report(stats.error(), language);
            if (!stats->is_object()) return kFailure; // the engine has said why
            const auto run = reportOf(scene, quality, *stats);
            if (!bench.json && first)
                std::printf("%s, %s; %ld processors, load %.2f\n", run["device"].get<std::string>().c_str(), run["driver"].get<std::string>().c_str(),
                            ::sysconf(_SC_NPROCESSORS_ONLN), load[0]);
            first = false;
            if (!bench.json) printBlock(run);
            all["runs"].push_back(run);
        }
    if (bench.json) std::printf("%s\n", all.dump(2).c_str());
    return kSuccess;
}

} // namespace matou::apps
