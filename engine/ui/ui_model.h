#pragma once
// Everything that the panels show, as plain values; filled by the engine each frame.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/ids.h"
#include "core/messages.h"
#include "twin/state_snapshot.h"

namespace matou::ui {

struct SceneTab {
    std::string id;
    twin::Name name;
};

/// A switch in the layer list: a tile layer, or an overlay group (sensors cameras alarms projects zones labels), whose
/// names and legends the ui knows.
struct LayerSwitch {
    std::string id;
    twin::Name name; // empty for overlay groups
    bool overlayGroup = false;
    bool visible = true;
};

/// One row of a card; "every number has a unit, a source and an age".
struct CardRow {
    std::string name, value, unit, source, age;
};

/// What is selected. For sensors/… cameras/… alarms/… projects/… the ui reads the snapshot itself; for features of tile
/// layers the engine gives the rows (property table) and the title.
struct Selection {
    core::FeatureKey key;
    std::string title, subtitle;
    std::vector<CardRow> rows;
    std::vector<float> trend; // last values of a sensor, oldest first; may be empty
};

struct ProposalChoice {
    std::string id; // empty: existing
    twin::Name name;
};

struct PlannerModel {
    std::vector<ProposalChoice> proposals; // without 现状, which the ui adds
    std::string active;                    // empty: existing
    double swipe = -1;                     // 0..1, negative: off
    std::string navigation = "orbit";      // orbit walk fly
    double eyeHeightMeters = 1.6;
    double speedMetersPerSecond = 0;
    core::Instant sunTime{};
    double sunAzimuthDegrees = 0, sunElevationDegrees = 0;
    std::string look = "natural";
};

struct PresenterModel {
    twin::Name title;
    twin::Name caption; // of the step
    int step = 0, steps = 0;
    std::vector<double> stepSeconds; // lengths, for the progress bar
    double elapsedSeconds = 0, totalSeconds = 0;
    bool playing = false;
    core::Instant date{};                  // project timeline
    core::Instant dateFrom{}, dateTo{};    // its ends
};

struct FrameFigures {
    double framesPerSecond = 0, frameMs = 0, gpuMs = 0;
    std::uint64_t triangles = 0, drawCalls = 0;
    std::uint32_t tilesDrawn = 0, tilesLoading = 0;
    std::uint64_t bytesUsed = 0, bytesBudget = 0;
};

/// Looks and what helps to read them (scene::ViewAids).
struct DisplayModel {
    std::string look = "natural";
    bool xray = false, ghost = false, heightTint = false;
    double contourMeters = 0;
    double rampBaseMeters = 0; // where the height ramp begins
    std::string datum;         // that heights count in; empty: the model's own
    bool legend = true;        // heights are explained
};

/// The past that the city shows; the alarm list, counts and feeds stay live.
struct PastModel {
    core::Instant at{};
    double speed = 1;
    std::shared_ptr<const twin::StateSnapshot> state; // null until it has come
};

struct UiModel {
    core::Language language = core::Language::zh;
    twin::Name district;
    twin::Name notice; // 示意数据 界线仅为示意,不作为法定边界依据
    std::vector<std::string> attribution;
    std::vector<SceneTab> scenes;
    std::string activeScene;
    std::vector<LayerSwitch> layers;
    std::shared_ptr<const twin::StateSnapshot> state; // may be null (no state side yet)
    std::optional<PastModel> past;                    // while looking back
    core::Instant now{};                              // the clock shown
    Selection selection;
    std::string user = "operator";
    std::string role = "operator"; // viewer presenter operator …; a viewer gets no alarm buttons
    FrameFigures figures;
    bool networkLost = false; // attached service unreachable
    /// --ui off: only what every picture must say (the notice) is drawn.
    bool panels = true;
    DisplayModel display;
    PlannerModel planner;
    PresenterModel presenter;
};

} // namespace matou::ui
