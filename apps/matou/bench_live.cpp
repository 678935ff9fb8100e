#include "apps/matou/bench_live.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "apps/common/draw_flags.h"
#include "apps/matou/bench_load.h"
#include "core/cpu_time.h"
#include "core/json.h"
#include "engine/engine.h"
#include "engine/subject.h"

namespace matou::apps {
namespace {

using Figures = std::map<std::string, double>;
namespace fs = std::filesystem;

double at(std::vector<double> values, double share) {
    if (values.empty()) return std::nan("");
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Milliseconds of the wall for work that is always the same: how busy the machine is.
double referenceWork() {
    const double start = seconds();
    volatile std::uint64_t x = 88172645463325252ull;
    for (int i = 0; i < 100'000'000; ++i) {
        std::uint64_t v = x;
        v ^= v << 13, v ^= v >> 7, v ^= v << 17;
        x = v;
    }
    return 1000 * (seconds() - start);
}

double residentMiB() {
    std::ifstream file("/proc/self/statm");
    double total = 0, resident = 0;
    file >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1048576.0;
}

/// Least squares over the second half; MiB a minute and the half width of its 95 % interval.
std::pair<double, double> slope(const std::vector<std::pair<double, double>>& all) {
    const std::vector<std::pair<double, double>> points(all.begin() + static_cast<std::ptrdiff_t>(all.size() / 5), all.end()); // the first fifth warms up
    const double n = static_cast<double>(points.size());
    if (n < 10) return {std::nan(""), std::nan("")};
    double mx = 0, my = 0, xx = 0, xy = 0, rest = 0;
    for (const auto& [x, y] : points) mx += x / n, my += y / n;
    for (const auto& [x, y] : points) xx += (x - mx) * (x - mx), xy += (x - mx) * (y - my);
    const double b = xy / xx;
    for (const auto& [x, y] : points) rest += std::pow(y - my - b * (x - mx), 2);
    return {60 * b, 60 * 1.96 * std::sqrt(rest / (n - 2) / xx)};
}

struct Place {
    fs::path folder = fs::temp_directory_path() / ("matou-bench-live-" + std::to_string(::getpid()));
    Place() { fs::create_directories(folder); }
    ~Place() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
};

/// One load with its picture (or none): the figures, or why there are none.
core::Result<Figures> measure(const LiveBench& bench, const Load& load, const district::District& district, core::Language language) {
    Place place;
    LoadSource source(load, *district.registry, district.id);
    std::vector<std::pair<double, double>> memory; // second, MiB
    std::uint64_t stored = 0, applied = 0, dropped = 0, invalid = 0, snapshots = 0;
    const double began = seconds();
    const auto published = [&](const twin::StateSnapshot& state) {
        source.published(state);
        ++snapshots;
        stored = state.eventsStored;
        if (!state.feeds.empty()) applied = state.feeds[0].applied, dropped = state.feeds[0].dropped, invalid = state.feeds[0].invalid;
        if (memory.empty() || seconds() - began - memory.back().first >= 1) memory.emplace_back(seconds() - began, residentMiB());
    };
    const auto push = [&](live::Inbox& inbox, std::uint32_t feed) { return source.run(inbox, feed); };
    const std::string history = (place.folder / "history.db").string(), file = (place.folder / "stats.json").string();
    Figures out;
    out["reference_ms"] = referenceWork();
    const double cpu = core::processCpuMilliseconds(), start = seconds();
    if (bench.picture) {
        const std::vector<std::string> flags = {bench.subject, "--headless", "--size", bench.size, "--quality", bench.quality, "--control", "none", "--history", history, "--stats", file};
        MATOU_TRY(options, parseDrawFlags(Program::command, flags, language));
        options.clock = ClockKind::real;
        options.durationSeconds = load.seconds + 3;
        options.settleFrames = 5;
        options.fps = 60;
        options.source = push;
        options.published = published;
        options.drawn = [&](const twin::StateSnapshot& state) { source.drawn(state); };
        MATOU_TRY(good, runEngine(options));
        if (!good) return core::fail("E_BENCH_LIVE", bench.subject);
        std::ifstream stream(file);
        const auto stats = core::Json::parse(stream, nullptr, false);
        for (const char* key : {"p50", "p95", "p99"}) out[std::string("frame_ms_") + key] = stats["frame_ms"].value(key, 0.0);
        out["frames"] = stats.value("frames", 0.0);
    } else {
        service::ServiceOptions options;
        options.district = std::make_shared<district::District>(district);
        options.clock = std::make_shared<core::RealClock>();
        options.history = history;
        options.control = "none";
        options.source = push;
        options.published = published;
        MATOU_TRY(service, service::Service::start(options));
        while (!source.finished()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        service->stop();
    }
    out["cpu_share"] = (core::processCpuMilliseconds() - cpu) / 1000 / (seconds() - start);
    out["values_sent_per_s"] = static_cast<double>(source.sentValues()) / source.pushSeconds();
    out["events_sent_per_s"] = static_cast<double>(source.sentEvents()) / source.pushSeconds();
    out["applied_per_s"] = static_cast<double>(applied) / source.pushSeconds();
    out["values_replaced"] = static_cast<double>(dropped);
    out["invalid"] = static_cast<double>(invalid);
    out["events_sent"] = static_cast<double>(source.sentEvents());
    out["events_stored"] = static_cast<double>(stored);
    out["snapshots_per_s"] = static_cast<double>(snapshots) / (seconds() - start);
    const auto times = source.times();
    for (const auto& [name, values] : {std::pair{"value_ms", &times.valuePublished}, {"alarm_ms", &times.alarmPublished}, {"value_frames", &times.valueFrames}, {"alarm_frames", &times.alarmFrames}})
        for (const auto& [word, share] : {std::pair{"_p50", 0.5}, {"_p95", 0.95}, {"_p99", 0.99}, {"_max", 1.0}})
            if (!values->empty()) out[std::string(name) + word] = at(*values, share);
    out["probes_missing"] = static_cast<double>(std::llround(10 * load.seconds + 5 * load.seconds)) - static_cast<double>(times.valuePublished.size() + times.alarmPublished.size());
    out["resident_mib"] = residentMiB();
    const auto [perMinute, half] = slope(memory);
    if (!std::isnan(perMinute)) out["mib_per_minute"] = perMinute, out["mib_per_minute_95"] = half;
    return out;
}

void print(const std::string& name, const core::Json& figures) {
    std::printf("%s\n", name.c_str());
    for (const auto& [key, value] : figures.items())
        std::printf("  %-24s %12.3f   [%.3f … %.3f]\n", key.c_str(), value["median"].get<double>(), value["least"].get<double>(), value["most"].get<double>());
    std::fflush(stdout);
}

} // namespace

CLI::App* addLiveBench(CLI::App& bench, LiveBench& into, core::Language language) {
    const auto say = [language](const char* key) { return core::text(language, key, {}); };
    auto* live = bench.add_subcommand("live", say("UI_BENCH_LIVE"));
    live->add_option("subject", into.subject, say("UI_FLAG_SUBJECT"))->option_text("");
    live->add_option("--seconds", into.seconds, say("UI_BENCH_LIVE_SECONDS"))->option_text("S")->check(CLI::Range(1.0, 86400.0));
    live->add_option("--values", into.values, say("UI_BENCH_LIVE_VALUES"))->option_text("N")->check(CLI::Range(0.0, 1e7));
    live->add_option("--alarms", into.alarms, say("UI_BENCH_LIVE_ALARMS"))->option_text("N")->check(CLI::Range(0.0, 1e6));
    live->add_option("--messages", into.messages, say("UI_BENCH_LIVE_MESSAGES"))->option_text("N")->check(CLI::Range(0.0, 1e6));
    live->add_option("--runs", into.runs, say("UI_BENCH_LIVE_RUNS"))->option_text("N")->check(CLI::Range(1, 100));
    live->add_option("--memory-minutes", into.memoryMinutes, say("UI_BENCH_LIVE_MEMORY"))->option_text("M")->check(CLI::Range(0.0, 1e5));
    live->add_option("--size", into.size, say("UI_BENCH_SIZE"))->option_text("WxH");
    live->add_option("--quality", into.quality, say("UI_BENCH_QUALITY"))->option_text("low|medium|high|ultra")->check(CLI::IsMember({"low", "medium", "high", "ultra"}));
    live->add_flag("!--no-picture", into.picture, say("UI_BENCH_LIVE_NO_PICTURE"));
    live->add_flag("--json", into.json, say("UI_BENCH_JSON"));
    return live;
}

int benchLive(const LiveBench& bench, core::Language language) {
    const auto subject = openSubject(bench.subject);
    if (!subject) return report(subject.error(), language);
    if (!subject->district) return report(core::fail("E_BENCH_LIVE", bench.subject).value(), language);
    std::vector<std::pair<std::string, Load>> loads = {{"none", {0, 0, bench.seconds, true}},
                                                       {"values", {bench.values, 0, bench.seconds, true}},
                                                       {"alarms", {0, bench.alarms, bench.seconds, true}},
                                                       {"latency", {0.95 * bench.messages, 0.05 * bench.messages, bench.seconds, true}}};
    core::Json all = {{"subject", bench.subject}, {"size", bench.size}, {"seconds", bench.seconds}, {"runs", bench.runs}, {"picture", bench.picture}};
    std::map<std::string, std::map<std::string, std::vector<double>>> figures;
    bool lost = false;
    const auto run = [&](const std::string& name, const Load& load) {
        const auto done = measure(bench, load, *subject->district, language);
        if (!done) return report(done.error(), language);
        for (const auto& [key, value] : *done) figures[name][key].push_back(value);
        lost = lost || done->at("events_stored") != done->at("events_sent");
        return static_cast<int>(kSuccess);
    };
    // In turn, so that what else the machine does meets all of them.
    for (int i = 0; i < bench.runs; ++i)
        for (const auto& [name, load] : loads)
            if (const int failed = run(name, load)) return failed;
    if (bench.memoryMinutes > 0) {
        loads.push_back({"memory", {0.95 * bench.messages, 0.05 * bench.messages, 60 * bench.memoryMinutes, true}});
        if (const int failed = run("memory", loads.back().second)) return failed;
    }
    for (const auto& [name, load] : loads) {
        for (const auto& [key, values] : figures[name])
            all["loads"][name][key] = {{"median", at(values, 0.5)}, {"least", at(values, 0)}, {"most", at(values, 1)}};
        if (!bench.json) print(name, all["loads"][name]);
    }
    if (bench.picture) {
        for (const char* name : {"values", "alarms", "latency"}) {
            std::vector<double> ratios;
            for (std::size_t i = 0; i < figures[name]["frame_ms_p99"].size(); ++i) ratios.push_back(figures[name]["frame_ms_p99"][i] / figures["none"]["frame_ms_p99"][i]);
            all["frame_p99_ratio"][name] = at(ratios, 0.5);
            if (!bench.json) std::printf("frame p99, %s / none: %.3f\n", name, at(ratios, 0.5));
        }
    }
    if (bench.json) std::printf("%s\n", all.dump(2).c_str());
    return lost ? kFailure : kSuccess;
}

} // namespace matou::apps
