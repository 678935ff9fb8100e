#pragma once
// What a run of any program that draws was asked for: the flags of the four programs as plain values.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "core/clock.h"
#include "core/ids.h"
#include "core/messages.h"
#include "scene/frame_snapshot.h"
#include "service/service.h"

namespace matou {

enum class Program { view, render, command, planner, presenter };
enum class ClockKind { byFlags, real, fixed };

struct EngineOptions {
    Program program = Program::view;
    core::Language language = core::Language::zh;

    /// A .glb/.gltf, a tileset.json, an http(s) tileset, a district folder or a bundled district's name.
    std::string subject;
    bool headless = false;
    glm::ivec2 size{1920, 1080};
    std::string scene;  // empty: the district's first
    std::string camera; // FILE or FILE#NAME

    std::optional<core::Instant> time;
    ClockKind clock = ClockKind::byFlags;
    double durationSeconds = 0; // 0: not limited
    int frames = 0;             // 0: not limited
    int settleFrames = 0;       // the first ones, which the figures leave out: pipelines are made in them
    bool countWork = false;     // triangles and pixels on the GPU
    double fps = 30;
    double timeoutSeconds = 120;
    std::filesystem::path screenshot;
    std::filesystem::path record;
    std::filesystem::path stats;
    std::optional<glm::ivec2> pick;

    double maximumErrorPixels = 16;
    std::optional<double> fadeSeconds; // of a level of detail into the next; without it Pacing::fadeSeconds' own
    double memoryMiB = 1024;
    double cacheMiB = 1024; // of what servers sent, on disk; 0: none
    bool offline = false;   // servers are not asked
    std::filesystem::path style; // a 3D Tiles style for all features
    std::optional<scene::Look> look; // without it the program's own
    core::FeatureKey select; // from the start; empty: nothing
    scene::ViewAids aids;    // the switches of it
    scene::Weather weather = scene::Weather::clear;
    std::optional<float> exposureEv; // without it automatic
    bool lightTheme = false;
    bool overlay = true;
    bool debugTiles = false; // what streaming does, drawn over the picture
    bool ui = true;
    std::string variant; // KHR_materials_variants of models; empty: their own materials
    bool neutralEnvironment = false;
    std::string environmentFile; // a Radiance picture that lights everything; empty: sky or neutral
    bool validation = false;
    std::string device;
    bool referenceShadows = false; // sun visibility traced per pixel; stills and films only
    std::string quality; // low medium high ultra; empty: by device

    std::string user = "operator", role = "operator"; // of whoever sits before the panels: in the audit log, and what they may do
    std::string attach; // HOST:PORT of a service that holds the state
    std::string attachToken;

    // matou-command
    std::string mqtt;    // use this broker instead of the embedded feed
    std::string history; // FILE.db
    std::string control = "127.0.0.1:8088";
    std::string controlToken;
    std::string clientId;

    // matou bench live: what ServiceOptions says of them, and a call after each frame with the state that it shows
    decltype(service::ServiceOptions::source) source;
    decltype(service::ServiceOptions::published) published;
    std::function<void(const twin::StateSnapshot&)> drawn;

    // matou-planner, matou render
    std::string proposal;
    double swipe = -1; // 0..1 of the width; negative: off
    // matou-presenter
    std::string storyboard; // id; empty: the district's first
};

} // namespace matou
