#include "engine/stream_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <thread>

#include "core/cpu_time.h"
#include "core/log.h"
#include "engine/contents.h"
#include "engine/pacing.h"
#include "engine/views.h"
#include "media/png.h"
#include "view/camera_file.h"

namespace matou {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

/// A line of /proc/self/smaps_rollup in MiB; 0 where there is none.
double processMiB(const std::string& key) {
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(key + ":")) return std::strtod(line.c_str() + key.size() + 1, nullptr) / 1024.0;
    return 0;
}

class Bench {
public:
    explicit Bench(const StreamBenchOptions& options) : _options(options) {}
    core::Result<StreamFigures> run();

private:
    core::Result<void> open();
    core::Result<void> load();
    core::Result<void> orbit(StreamPhase& phase);
    core::Result<void> restAlongOrbit();
    /// One frame from that pose, until the GPU is done; its times into `phase` where one is given.
    core::Result<void> frame(const view::FilePose& pose, StreamPhase* phase);
    core::Result<void> untilAtRest(const view::FilePose& pose);
    RestFigures rest(int pose) const;
    void takeErrors();

    const StreamBenchOptions& _options;
    StreamFigures _figures;
    view::CameraFile _camera;
    std::vector<view::FilePose> _orbit;
    double _fovYRadians = kFovYRadians;
    glm::uvec2 _size{1280, 720};
    scene::FeatureRegistry _registry;
    std::unique_ptr<gpu::Device> _device;
    std::unique_ptr<Contents> _contents;
    std::unique_ptr<render::Renderer> _renderer;
    scene::FrameSnapshot _frame;
};

core::Result<void> Bench::open() {
    MATOU_TRY(choice, view::readCamera(_options.camera));
    _camera = std::move(choice.file);
    if (!_camera.fixed) return core::fail("E_CAMERA_NAME", _options.camera, {"fixed", "?"});
    if (const auto path = _camera.paths.find("orbit"); path != _camera.paths.end()) _orbit = path->second;
    if (_camera.fovYDegrees) _fovYRadians = glm::radians(*_camera.fovYDegrees);
    const auto scaled = [&](std::uint32_t pixels) { return static_cast<std::uint32_t>(std::max(1L, std::lround(pixels * _options.scale))); };
    _size = {scaled(_camera.viewportWidth.value_or(1280)), scaled(_camera.viewportHeight.value_or(720))};

    MATOU_TRY(device, gpu::Device::create({_options.device, false, {}}));
    _device = std::move(device);
    _figures.device = _device->description().name;
    ContentsOptions contentsOptions;
    contentsOptions.budgetBytes = static_cast<std::uint64_t>(_options.memoryMiB * 1048576.0);
    contentsOptions.rayCasting = false;
    MATOU_TRY(contents, Contents::create(*_device, {}, _registry, contentsOptions));
    _contents = std::move(contents);
    render::RendererOptions rendererOptions;
    rendererOptions.quality = render::Quality::low;
    rendererOptions.samples = 1;
    rendererOptions.shadows = false;
    rendererOptions.timestamps = false;
    rendererOptions.expected = {SubjectLayer{}.role};
    MATOU_TRY(renderer, render::Renderer::create(*_device, _contents->table(), _size, rendererOptions));
    _renderer = std::move(renderer);
    _frame.anchor = view::eyeFrameOf(*_camera.fixed, glm::dmat4(1.0)).eye;
    _frame.neutralEnvironment = true;
    _frame.overlayOn = false;
    return {};
}

core::Result<void> Bench::frame(const view::FilePose& pose, StreamPhase* phase) {
    const auto start = Clock::now();
    const double threadStart = core::threadCpuMilliseconds();
    scene::View view;
    view.eye = view::eyeFrameOf(pose, glm::dmat4(1.0));
    view.fovYRadians = _fovYRadians;
    view.planeAspect = static_cast<double>(_size.x) / _size.y;
    view.target = {0, 0, static_cast<int>(_size.x), static_cast<int>(_size.y)};
    view.nearMeters = _camera.nearMeters.value_or(1.0);
    const auto state = tiles::viewStateOf(view.eye, view.fovYRadians, view.planeAspect, view.window, view.nearMeters, _size.y);
    const auto updateStart = Clock::now();
    MATOU_CHECK(_contents->update({&state, 1}, _options.maximumErrorPixels * _options.scale, ++_frame.number));
    const double update = since(updateStart);
    view.contents = _contents->drawList(0);
    _frame.views = {std::move(view)};
    MATOU_TRY(report, _renderer->render(_frame));
    const double cpu = since(start), thread = core::threadCpuMilliseconds() - threadStart;
    MATOU_CHECK(_renderer->waitForFrame());
    takeErrors();
    if (!phase) return {};
    phase->frame.push_back(since(start));
    phase->cpu.push_back(cpu);
    phase->thread.push_back(thread);
    phase->update.push_back(update);
    phase->select.push_back(_contents->selectMilliseconds());
    return {};
}

void Bench::takeErrors() {
    for (const auto& error : _contents->takeErrors())
        if (!_contents->fatalError()) core::logError(error);
}

RestFigures Bench::rest(int pose) const {
    const auto stats = _contents->stats();
    return {pose, stats.drawn, stats.visited, stats.trianglesDrawn, stats.states[static_cast<std::size_t>(stream::LoadState::resident)]};
}

/// Time 0 is the call that opens the tileset; "all tiles" is the first of four frames with nothing on its way and the same
/// tiles drawn.
core::Result<void> Bench::load() {
    MATOU_TRY(subject, openSubject(_options.tileset));
    const auto start = Clock::now();
    _contents->open(subject);
    std::size_t drawn = 0;
    double settled = 0;
    for (int still = 0; still < 4;) {
        MATOU_CHECK(frame(*_camera.fixed, &_figures.loading));
        if (const auto* fatal = _contents->fatalError()) return tl::unexpected(*fatal);
        const auto now = _contents->selection().draw.size();
        if (_figures.tilesetOpen < 0 && _contents->bounds()) _figures.tilesetOpen = since(start);
        if (_figures.firstTile < 0 && now > 0) _figures.firstTile = since(start);
        const bool same = _contents->complete() && now > 0 && now == drawn;
        if (same && still == 0) settled = since(start);
        still = same ? still + 1 : 0;
        drawn = now;
        if (since(start) < _options.timeoutSeconds * 1000.0) continue;
        _figures.timedOut = true;
        settled = since(start);
        break;
    }
    _figures.allTiles = settled;
    _figures.stats = _contents->stats();
    _figures.atRest = rest(-1);
    // The harness looks whether its clients are at rest every 100 ms, and reads their memory then.
    for (const auto settledAt = Clock::now(); since(settledAt) < 100.0;) MATOU_CHECK(frame(*_camera.fixed, nullptr));
    _figures.pssMiB = processMiB("Pss");
    _figures.rssMiB = processMiB("Rss");
    return {};
}

core::Result<void> Bench::orbit(StreamPhase& phase) {
    for (int i = 0; i < _options.orbitFrames; ++i) {
        const auto at = static_cast<std::size_t>(static_cast<double>(i) * static_cast<double>(_orbit.size()) / _options.orbitFrames);
        MATOU_CHECK(frame(_orbit[at], &phase));
    }
    return {};
}

core::Result<void> Bench::untilAtRest(const view::FilePose& pose) {
    const auto start = Clock::now();
    do MATOU_CHECK(frame(pose, nullptr));
    while (!_contents->complete() && since(start) < _options.timeoutSeconds * 1000.0);
    _figures.timedOut = _figures.timedOut || !_contents->complete();
    return {};
}

core::Result<void> Bench::restAlongOrbit() {
    for (std::size_t i = 0; i < _orbit.size(); i += static_cast<std::size_t>(_options.restEvery)) {
        MATOU_CHECK(untilAtRest(_orbit[i]));
        _figures.restOfOrbit.push_back(rest(static_cast<int>(i)));
    }
    return {};
}

core::Result<StreamFigures> Bench::run() {
    MATOU_CHECK(open());
    MATOU_CHECK(frame(*_camera.fixed, nullptr));
    _figures.launchToFirstFrame = secondsSinceProcessStart() * 1000.0;
    MATOU_CHECK(load());
    if (!_options.screenshot.empty()) {
        MATOU_TRY(pixels, _renderer->readback());
        MATOU_CHECK(media::writePng(_options.screenshot, pixels.width, pixels.height, pixels.rgba));
    }
    for (int i = 0; i < _options.stillFrames; ++i) MATOU_CHECK(frame(*_camera.fixed, &_figures.still));
    if (_options.orbitFrames > 0 && !_orbit.empty()) {
        MATOU_CHECK(orbit(_figures.orbitCold));
        MATOU_CHECK(orbit(_figures.orbitWarm));
    }
    if (_options.restEvery > 0) MATOU_CHECK(restAlongOrbit());
    const auto source = _contents->sourceStats();
    _figures.requests = source.requests;
    _figures.bytesDownloaded = source.bytesDownloaded;
    return std::move(_figures);
}

} // namespace

core::Result<StreamFigures> benchStream(const StreamBenchOptions& options) { return Bench(options).run(); }

} // namespace matou
