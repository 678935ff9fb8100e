#pragma once
// What it costs the processor to draw many separate objects: contents of generated boxes, each with a mesh, a place and a feature of
// its own, in two kinds of material, from an eye that moves every frame.

#include <string>
#include <vector>

#include "core/result.h"

namespace matou {

struct ObjectBenchOptions {
    std::vector<int> counts{1'000, 10'000, 100'000}; // each > 0
    int perContent = 1'000;
    int frames = 40; // of each count, taken in turns
    std::string quality = "low"; // by its name (render/tiers.h); low where there is none of that name
    double heightMeters = 40; // of the eye, among boxes of up to 19 m
    bool occlusionCulling = false; // what is hidden is left out, whatever the quality and the driver
    std::string device;
};

/// Milliseconds that the calling thread works in Renderer::render(), frame by frame; waiting is not in them.
struct ObjectFigures {
    int objects = 0, contents = 0;
    std::uint32_t draws = 0, drawCalls = 0; // of the last frame
    std::vector<double> still, moving;      // an eye that stands, and one that moves
    std::vector<double> restyled;           // moving, and every object gets another colour in every frame
    std::vector<double> picture;            // moving, by the clock, until the GPU is done
};

/// Main thread. Errors: the device's.
core::Result<std::vector<ObjectFigures>> benchObjects(const ObjectBenchOptions& options);

} // namespace matou
