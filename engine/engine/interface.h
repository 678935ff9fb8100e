#pragma once
// Between the panels and everything else: fills their model, translates window events, hands the remote page its picture.

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/contents.h"
#include "engine/options.h"
#include "engine/picture.h"
#include "engine/run_stats.h"
#include "platform/input.h"
#include "render/renderer.h"
#include "ui/ui.h"

namespace matou {

ui::Program uiProgram(Program program);

struct InterfaceInput {
    std::shared_ptr<const twin::StateSnapshot> state;
    core::Instant now{};
    core::Instant sunTime{};
    geo::Geodetic place;
    double frameMs = 0;
};

/// Everything that the panels show this frame.
ui::UiModel uiModel(const EngineOptions& options, const Subject& subject, const Picture& picture, const Contents& contents,
                    const RunStats& stats, const InterfaceInput& input);

/// Nothing for events that panels do not know.
std::optional<ui::InputEvent> uiEvent(const platform::InputEvent& event);

/// Pictures for other threads: they ask and wait, the main lane answers when it has drawn one.
class ScreenshotDesk {
public:
    /// Thread: any but main. PNG bytes. E_SCREENSHOT_TIMEOUT when no frame came.
    core::Result<std::vector<std::byte>> ask(std::chrono::seconds patience);
    /// Main lane.
    bool wanted() const;
    void answer(const render::Pixels& pixels);

private:
    mutable std::mutex _mutex;
    std::vector<std::shared_ptr<std::promise<std::shared_ptr<const render::Pixels>>>> _waiting;
};

} // namespace matou
