#pragma once
// `matou bench frame`: what a picture costs, pass by pass, scene by scene, at every quality.

#include <string>
#include <vector>

#include "core/messages.h"

namespace CLI {
class App;
}

namespace matou::apps {

struct FrameBench {
    std::string subject = "nanmatou";
    std::vector<std::string> scenes;    // empty: all that the district has
    std::vector<std::string> qualities; // empty: all
    std::vector<std::string> drawFlags; // more of `matou render`'s
    std::string size = "1280x720";
    int frames = 30; // that count, per scene and quality
    int settle = 4;  // before them: pipelines, maps and tables are made, and GPU times come two frames late
    double stepSeconds = 1.0 / 30; // of the clock between frames; a minute moves the sun, so that its maps are made anew
    bool json = false;             // on stdout, instead of the table
};

/// `frame` with its flags under `bench`; they fill `into`, which outlives the parse.
CLI::App* addFrameBench(CLI::App& bench, FrameBench& into, core::Language language);

/// Draws every scene at every quality, without panels and marks, all tiles there; prints one block a scene and quality. Gives
/// the exit status; Ctrl-C ends after the frame at hand.
int benchFrames(const FrameBench& bench, core::Language language);

} // namespace matou::apps
