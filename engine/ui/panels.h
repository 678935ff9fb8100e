#pragma once
// The panels: each reads the model, draws with the kit and sends commands. What a panel must remember between frames
// (scroll, order, folds) is its part of PanelMemory.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ui/kit.h"
#include "ui/ui_model.h"

namespace matou::ui {

struct FeedRate {
    std::uint64_t received = 0;
    double seconds = 0;
    double perSecond = 0;
    bool known = false;
};

struct PanelMemory {
    double seconds = 0;          // since the first frame
    double lastPointer = -1e9;   // when the pointer last did something
    float alarmScroll = 0, cardScroll = 0, layerScroll = 0;
    std::vector<std::string> alarmOrder; // held while the pointer is on the list
    std::set<std::string> unfolded;      // alarm groups shown row by row
    std::string cardKey;
    std::map<std::string, FeedRate> rates;
    bool swipeHeld = false;
};

/// Where the bars end: cards stand between them.
struct Layout {
    float top = 0, bottom = 0, margin = 0;
};

enum class TopBarKind : std::uint8_t { command, planner };

Layout topBar(Kit& kit, const UiModel& model, TopBarKind kind);
/// While looking back: the frame, the time and the way home.
void replayBar(Kit& kit, const UiModel& model, const Layout& layout);
/// Feeds, notice and figures; returns the y where it begins.
float statusStrip(Kit& kit, const UiModel& model, PanelMemory& memory);
void alarmList(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout);
/// Returns its bottom.
float layerList(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout);
/// Switches of what helps to read the picture, in rows of `room`'s width from its top; returns their height.
float displaySwitches(Kit& kit, const UiModel& model, const Rect& room, bool withAlarms, bool draw);
/// What the colours of heights and the contours mean, above `bottom` in the middle; nothing while neither is on.
void heightLegend(Kit& kit, const UiModel& model, float bottom);
/// One of several, side by side: what was just picked, or nothing.
std::string segments(Kit& kit, const std::string& id, const Rect& rect, const std::vector<std::pair<std::string, std::string>>& choices, const std::string& chosen);
void selectionCard(Kit& kit, const UiModel& model, PanelMemory& memory, const Rect& room);
void plannerPanel(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout);
void swipeHandle(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout);
void presenterPanel(Kit& kit, const UiModel& model, PanelMemory& memory);
/// What every picture of synthetic data says; bottom left.
void notice(Kit& kit, const UiModel& model, float bottom);

// Pieces that panels share.

/// Name of the innermost zone that holds the place; empty outside all.
std::string zoneName(const UiModel& model, double longitude, double latitude, core::Language language);
/// Catalogue key of the workflow state's name.
const char* workflowKey(twin::Workflow workflow);
struct AlarmVerb {
    const char* verb;
    const char* key;
    bool primary;
};
/// What an operator may do next.
std::vector<AlarmVerb> alarmVerbs(const twin::Alarm& alarm);
/// 演练, 停用, 按规则抑制, 频繁告警, 超时: what is not the rule, in words; empty where nothing is.
std::string alarmMarks(const Kit& kit, const twin::Alarm& alarm);
bool mayAct(const UiModel& model);
/// "2025-06-15" and "14:30:00", Beijing time.
std::string dateText(core::Instant instant);
std::string timeText(core::Instant instant);
/// Text of a feed's or sensor's state with its age: 正常 0.4 秒前, 数据中断 03:12.
std::string ageWords(const Kit& kit, twin::Age age, core::Duration since);
/// ● filled, ● dim, ◌ dashed …: the same coding as on the map.
void ageMark(const Kit& kit, glm::vec2 center, float radius, twin::Age age);
/// Handles the wheel over `view` and draws a thin bar; returns the offset to subtract.
float scrolled(Kit& kit, const Rect& view, float contentHeight, float& offset);

/// Cards of things that the snapshot knows; false: not one of those.
struct CardContent {
    std::string kind, title, subtitle;
    int severity = 0;
    std::vector<CardRow> rows;
    const twin::Alarm* alarm = nullptr;
    const twin::Project* project = nullptr;
    std::vector<float> trend;
};
CardContent cardOf(const Kit& kit, const UiModel& model);

} // namespace matou::ui
