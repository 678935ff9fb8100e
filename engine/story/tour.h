#pragma once
// Plays a storyboard. What is shown is a pure function of the tour's own time, so a film is the same each time.

#include <optional>
#include <string>
#include <vector>

#include "story/storyboard.h"

namespace matou::story {

/// Everything that a picture of the tour depends on.
struct TourFrame {
    std::size_t step = 0;
    double secondsInStep = 0;
    geo::CameraPose camera;
    bool inTransition = false;
    std::string scene;
    twin::Name caption;
    float captionOpacity = 1; // fades in and out over 0.4 s
    std::vector<std::string> layers;
    scene::Look look = scene::Look::natural;
    std::string proposal;
    /// Moves along the timeline during a transition; the last stated date before, nothing until one is stated.
    std::optional<core::Instant> projectDate;
    std::optional<core::Instant> time;
};

/// Sum of the steps' seconds.
double duration(const Storyboard& storyboard);
/// Where the step begins.
double stepStart(const Storyboard& storyboard, std::size_t step);
/// At a tour time, held to 0..duration. The first step has no flight to it: it starts in place. `storyboard` has a step.
TourFrame frameAt(const Storyboard& storyboard, double seconds);

/// The buttons.
class Tour {
public:
    Tour() = default;
    explicit Tour(Storyboard storyboard);
    const Storyboard& storyboard() const { return _storyboard; }
    double durationSeconds() const { return _duration; }
    double seconds() const { return _seconds; }

    void play();  // from the start where it had ended
    void pause();
    void stop();  // back to the start
    /// To the next step: playing, to its flight's start; paused, to where the flight ends, so that the step is seen.
    void next();
    /// Likewise back: to this step again, or to the one before within its first second (after its flight when paused).
    void previous();
    void seek(double seconds);
    bool playing() const { return _playing; }
    bool started() const { return _started; }
    bool ended() const { return _started && _seconds >= _duration; }
    /// Advances where playing; pauses at the end.
    void update(double seconds);
    TourFrame frame() const { return frameAt(_storyboard, _seconds); }

private:
    void goTo(std::size_t step);
    double settled(std::size_t step) const;

    Storyboard _storyboard;
    double _duration = 0, _seconds = 0;
    bool _playing = false, _started = false;
};

} // namespace matou::story
