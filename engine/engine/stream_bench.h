#pragma once
// What streaming a tileset costs, as the side-by-side bench of 3D Tiles clients measures it: the parts of the frame loop that
// stream and draw, alone. No shadows, sky, fog, overlay, panels or occlusion, one sample a pixel, the neutral light.

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/run_stats.h"

namespace matou {

struct StreamBenchOptions {
    std::string tileset; // file or URL
    std::string camera;  // a camera file with `viewport`, `fovYDeg`, `fixed` and `orbit`
    double maximumErrorPixels = 16;
    double scale = 1; // of viewport and error: fewer pixels, the same tiles
    int orbitFrames = 300, stillFrames = 60;
    int restEvery = 0; // also: what is drawn at rest at every so manieth pose of the orbit; 0: not asked for
    double memoryMiB = 1024;
    double timeoutSeconds = 240;
    std::string device;
    std::string screenshot; // of the rest at the fixed pose
};

/// What is drawn when nothing is on its way any more.
struct RestFigures {
    int pose = -1; // of the orbit; -1: the fixed one
    std::uint32_t tilesDrawn = 0, visited = 0;
    std::uint64_t triangles = 0, tilesLoaded = 0;
};

/// Milliseconds per frame. `frame` from setting the camera until the GPU is done, `cpu` until the frame is given to it, both by
/// the clock; `thread` is what the main thread worked in `cpu`; `select` is the choice of tiles, `update` the whole pump.
struct StreamPhase {
    std::vector<double> frame, cpu, thread, select, update;
};

/// Times in milliseconds; first tile and all tiles from the call that opens the tileset, after a first empty frame.
struct StreamFigures {
    std::string device;
    double launchToFirstFrame = 0, tilesetOpen = -1, firstTile = -1, allTiles = -1;
    bool timedOut = false;
    RestFigures atRest;
    std::vector<RestFigures> restOfOrbit;
    StreamPhase loading, still, orbitCold, orbitWarm;
    double pssMiB = 0, rssMiB = 0; // of this process, at rest
    stream::StreamStats stats;     // at rest
    std::uint64_t requests = 0, bytesDownloaded = 0;
};

/// Main thread; a process measures once. E_CAMERA_…, the subject's and the device's errors.
core::Result<StreamFigures> benchStream(const StreamBenchOptions& options);

} // namespace matou
