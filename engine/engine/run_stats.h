#pragma once
// The figures of --stats, gathered frame by frame.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/contents.h"
#include "engine/sun_reference.h"
#include "gpu/device.h"
#include "render/renderer.h"
#include "twin/state_snapshot.h"

namespace matou {

struct Distribution {
    double p50 = 0, p95 = 0, p99 = 0, max = 0;
};
/// Nearest-rank percentiles; zeros without values.
Distribution distributionOf(std::vector<double> values);

/// The newest samples, up to a bound, so that weeks of running take no more memory than an hour.
struct Samples {
    std::vector<double> values;
    std::size_t count = 0;
    void add(double value);
};

class RunStats {
public:
    /// After a frame: how long it took, what of it the main thread worked, and the renderer's report.
    void frame(double frameMs, double cpuMs, double selectMs, const render::FrameReport& report);
    /// Forgets the frames so far; first times and errors stay.
    void startOver();
    void sunTrace(const SunReference::Figures& figures) { _sunTrace = figures; }
    void firstFrame(double seconds);
    void firstTile(double seconds);
    void allTiles(double seconds);
    /// What went wrong and did not stop the run.
    void error(const core::Error& error);
    std::size_t frames() const { return _frameMs.count; }
    bool hasFirstTile() const { return _firstTile >= 0; }
    const render::FrameReport& lastReport() const { return _last; }

    /// faces.md "--stats"; `state` may be null.
    core::Result<void> write(const std::filesystem::path& path, const gpu::Device& device, const render::Renderer& renderer,
                             const Contents& contents, std::uint64_t budgetBytes, const twin::StateSnapshot* state) const;

private:
    Samples _frameMs, _cpuMs, _selectMs, _gpuMs, _threadMs, _processMs;
    double _threadBefore = -1, _processBefore = -1; // at the end of the frame before
    std::map<std::string, Samples> _cpuPasses, _gpuPasses;
    double _firstFrame = -1, _firstTile = -1, _allTiles = -1;
    std::vector<core::Error> _errors;
    std::uint64_t _errorsDropped = 0;
    render::FrameReport _last;
    SunReference::Figures _sunTrace;
};

} // namespace matou
