#include "engine/run_stats.h"

#include <algorithm>
#include <cmath>

#include <sys/resource.h>

#include "core/cpu_time.h"
#include "core/file.h"
#include "core/json.h"
#include "core/messages.h"
#include "render/tiers.h"

namespace matou {
namespace {

constexpr std::size_t kSamplesKept = 200'000; // about two hours of 30 Hz; a wall's newest figures are in /metrics
constexpr std::size_t kErrorsKept = 200;

core::Json json(const Distribution& d) { return {{"p50", d.p50}, {"p95", d.p95}, {"p99", d.p99}, {"max", d.max}}; }

core::Json withPasses(const Samples& all, const std::map<std::string, Samples>& passes) {
    core::Json result = json(distributionOf(all.values));
    result["passes"] = core::Json::object();
    for (const auto& [name, samples] : passes) result["passes"][name] = json(distributionOf(samples.values));
    return result;
}

core::Json secondsOrNull(double seconds) { return seconds < 0 ? core::Json(nullptr) : core::Json(seconds); }

core::Json feedsOf(const twin::StateSnapshot* state) {
    core::Json feeds = core::Json::object();
    if (!state) return feeds;
    for (const auto& feed : state->feeds)
        feeds[feed.id] = {{"received", feed.received}, {"applied", feed.applied}, {"dropped", feed.dropped}, {"invalid", feed.invalid},
                          {"connected", feed.connected}, {"latency_ms", {{"p50", feed.latencyMsP50}, {"p95", feed.latencyMsP95}}}};
    return feeds;
}

core::Json alarmsOf(const twin::StateSnapshot* state) {
    static constexpr const char* kWorkflow[] = {"unacknowledged", "acknowledged", "rejected", "dispatched", "returned",
                                                "in_progress",    "verified",     "closed",   "shelved"};
    core::Json alarms = core::Json::object();
    if (!state) return alarms;
    for (const auto& alarm : state->alarms) {
        auto& count = alarms[kWorkflow[static_cast<std::size_t>(alarm.workflow)]];
        count = count.is_null() ? 1 : count.get<int>() + 1;
    }
    return alarms;
}

core::Json sensorAges(const twin::StateSnapshot* state) {
    static constexpr const char* kAges[] = {"never", "fresh", "late", "stale", "lost"};
    core::Json ages = core::Json::object();
    if (!state) return ages;
    std::size_t counts[5] = {};
    for (const auto& sensor : state->sensors) ++counts[static_cast<std::size_t>(sensor.age)];
    for (std::size_t i = 0; i < 5; ++i) ages[kAges[i]] = counts[i];
    return ages;
}

} // namespace

void Samples::add(double value) {
    if (values.size() < kSamplesKept) values.push_back(value);
    else values[count % kSamplesKept] = value;
    ++count;
}

Distribution distributionOf(std::vector<double> values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) { return values[std::min(values.size() - 1, static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1)]; };
    return {at(0.5), at(0.95), at(0.99), values.back()};
}

void RunStats::frame(double frameMs, double cpuMs, double selectMs, const render::FrameReport& report) {
    _frameMs.add(frameMs);
    _cpuMs.add(cpuMs);
    _selectMs.add(selectMs);
    _gpuMs.add(report.gpuMilliseconds);
    for (const auto& pass : report.cpu) _cpuPasses[pass.name].add(pass.milliseconds);
    for (const auto& pass : report.gpu) _gpuPasses[pass.name].add(pass.milliseconds);
    _last = report;
    const double thread = core::threadCpuMilliseconds(), process = core::processCpuMilliseconds();
    if (_threadBefore >= 0) {
        _threadMs.add(thread - _threadBefore);
        _processMs.add(process - _processBefore);
    }
    _threadBefore = thread;
    _processBefore = process;
}

void RunStats::startOver() {
    _frameMs = _cpuMs = _selectMs = _gpuMs = _threadMs = _processMs = {};
    _cpuPasses.clear();
    _gpuPasses.clear();
}

void RunStats::firstFrame(double seconds) {
    if (_firstFrame < 0) _firstFrame = seconds;
}
void RunStats::firstTile(double seconds) {
    if (_firstTile < 0) _firstTile = seconds;
}
void RunStats::allTiles(double seconds) { _allTiles = seconds; }

void RunStats::error(const core::Error& error) {
    if (_errors.size() < kErrorsKept) _errors.push_back(error);
    else ++_errorsDropped;
}

core::Result<void> RunStats::write(const std::filesystem::path& path, const gpu::Device& device, const render::Renderer& renderer,
                                   const Contents& contents, std::uint64_t budgetBytes, const twin::StateSnapshot* state) const {
    core::Json out;
    const auto stats = contents.stats();
    const auto size = renderer.size();
    const auto source = contents.sourceStats();
    out["device"] = device.description().name;
    out["driver"] = device.description().driver;
    out["width"] = size.x;
    out["height"] = size.y;
    out["quality"] = render::tierOf(renderer.options().quality).name;
    out["frames"] = frames();
    out["first_frame_s"] = secondsOrNull(_firstFrame);
    out["first_tile_s"] = secondsOrNull(_firstTile);
    out["all_tiles_s"] = secondsOrNull(_allTiles);
    out["frame_ms"] = json(distributionOf(_frameMs.values));
    out["cpu_ms"] = withPasses(_cpuMs, _cpuPasses);
    out["gpu_ms"] = withPasses(_gpuMs, _gpuPasses);
    out["thread_cpu_ms"] = json(distributionOf(_threadMs.values));
    out["process_cpu_ms"] = json(distributionOf(_processMs.values));
    out["select_ms"] = json(distributionOf(_selectMs.values));
    out["tiles_visited"] = stats.visited;
    out["tiles_drawn"] = stats.drawn;
    out["tiles_loaded"] = stats.loaded;
    out["effective_error_px"] = stats.effectiveErrorPixels;
    out["limited"] = stats.limited;
    out["triangles_drawn"] = stats.trianglesDrawn;
    out["triangles_submitted"] = _last.trianglesSubmitted;
    if (const auto& counts = _last.counts; counts.pixels > 0)
        out["counted"] = {{"triangles", counts.triangles}, {"triangles_seen", counts.trianglesSeen}, {"pixels_shaded", counts.pixels}};
    out["draw_calls"] = _last.drawCalls;
    out["features_drawn"] = stats.featuresDrawn;
    out["bytes"] = {{"gpu", stats.gpuBytes}, {"cpu", stats.cpuBytes}, {"aside", stats.asideBytes}, {"budget", budgetBytes}, {"most", contents.bytesMost()}, {"needed", stats.neededBytes}, {"floor", stats.floorBytes},
                    {"frame", renderer.frameBytes()}, {"disk_cache", source.cacheBytes}, {"downloaded", source.bytesDownloaded}};
    if (!_sunTrace.by.empty())
        out["sun_trace"] = {{"by", _sunTrace.by}, {"ms", _sunTrace.milliseconds}, {"bytes", _sunTrace.bytes}};
    out["disk_cache"] = {{"hits", source.cacheHits}, {"renewed", source.cacheRenewed}, {"damaged", source.cacheDamaged}};
    out["layers"] = core::Json::object();
    for (const auto& [id, layer] : contents.layerStats())
        out["layers"][id] = {{"tiles", layer.resident}, {"tiles_drawn", layer.drawn}, {"triangles_drawn", layer.trianglesDrawn},
                             {"bytes", {{"cpu", layer.cpuBytes + layer.besideBytes}, {"tables", layer.tableBytes}, {"gpu", layer.gpuBytes}}}};
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    out["rss_peak_bytes"] = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    out["feeds"] = feedsOf(state);
    out["sensors"] = sensorAges(state);
    out["alarms"] = alarmsOf(state);
    out["validation_messages"] = device.validationOn() ? core::Json(device.validationMessageCount()) : core::Json(nullptr);
    out["errors"] = core::Json::array();
    for (const auto& error : _errors) out["errors"].push_back({{"where", error.where}, {"what", core::describe(error, core::Language::en)}});
    out["errors_not_listed"] = _errorsDropped;
    return core::writeFile(path, out.dump(2, ' ', false, core::Json::error_handler_t::replace) + "\n");
}

} // namespace matou
