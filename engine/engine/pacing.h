#pragma once
// When a run ends and how its clock moves: the rules of --frames, --duration, --record, --screenshot, --time and --clock
// in one place.

#include <chrono>
#include <memory>

#include "core/clock.h"
#include "engine/options.h"

namespace matou {

/// Seconds since this process was started by the system, which is what "start to first frame" counts from.
double secondsSinceProcessStart();

class Pacing {
public:
    /// `sceneStart`: the instant that the district states for itself.
    Pacing(const EngineOptions& options, core::Instant sceneStart);

    std::shared_ptr<const core::Clock> clock() const { return _clock; }
    /// Time moves one fixed step a frame: the same input gives the same pictures.
    bool fixed() const { return _fixed; }
    /// A frame is drawn only when everything it needs is there, and loading takes no time on the clock.
    bool waitsForTiles() const { return _waits; }
    /// How long a level of detail takes to give way to the next: what was asked for, else 0.3 s where somebody watches, at a
    /// window or in a film, and nothing elsewhere. Reference shadows know one state of the city, not two beside each other.
    double fadeSeconds() const;
    /// The run ends by itself after this many counted frames; 0: it does not.
    int lastFrame() const { return _lastFrame; }

    /// Seconds between the last two frames, as cameras and panels should feel them.
    double beginFrame();
    /// After a counted frame. Moves the fixed clock; paces real time when headless.
    void endFrame(int framesDone);
    /// True where the options' end is reached.
    bool ended(int framesDone) const;

private:
    const EngineOptions& _options;
    std::shared_ptr<core::ManualClock> _manual; // null with the real clock
    std::shared_ptr<const core::Clock> _clock;
    bool _fixed = false, _waits = false;
    int _lastFrame = 0;
    core::Instant _start{};
    std::chrono::steady_clock::time_point _began, _lastFrameAt;
};

} // namespace matou
