#include "story/tour.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/expect.h"
#include "view/flight.h"

namespace matou::story {

namespace {

constexpr double kCaptionFadeSeconds = 0.4;
constexpr double kPreviousWithinSeconds = 1.0;

/// Where the camera stands when a step has run `seconds` after its transition: on the way to endCamera, if there is one.
geo::CameraPose standingPose(const Step& step, double seconds) {
    if (!step.endCamera) return step.camera;
    const double length = step.seconds - step.transitionSeconds;
    const double t = length > 0.0 ? std::clamp(seconds / length, 0.0, 1.0) : 1.0;
    return geo::interpolate(step.camera, *step.endCamera, view::easeInOut(t));
}

std::optional<core::Instant> between(const std::optional<core::Instant>& from, const std::optional<core::Instant>& to, double t) {
    if (!from || !to) return to ? to : from;
    const double milliseconds = static_cast<double>((*to - *from).count()) * t;
    return *from + core::Duration(std::llround(milliseconds));
}

/// What a step's member last was when only some steps state it.
template <typename Member>
std::optional<core::Instant> lastStated(const Storyboard& storyboard, std::size_t step, Member member) {
    for (std::size_t i = step + 1; i-- > 0;)
        if (storyboard.steps[i].*member) return storyboard.steps[i].*member;
    return std::nullopt;
}

} // namespace

double duration(const Storyboard& storyboard) { return stepStart(storyboard, storyboard.steps.size()); }

double stepStart(const Storyboard& storyboard, std::size_t step) {
    double start = 0.0;
    for (std::size_t i = 0; i < std::min(step, storyboard.steps.size()); ++i) start += storyboard.steps[i].seconds;
    return start;
}

TourFrame frameAt(const Storyboard& storyboard, double seconds) {
    MATOU_EXPECT(!storyboard.steps.empty());
    seconds = std::max(0.0, seconds);
    TourFrame frame;
    double start = 0.0;
    while (frame.step + 1 < storyboard.steps.size() && seconds >= start + storyboard.steps[frame.step].seconds)
        start += storyboard.steps[frame.step++].seconds;
    const Step& step = storyboard.steps[frame.step];
    frame.secondsInStep = std::min(seconds - start, step.seconds);

    const bool first = frame.step == 0;
    const double transition = first ? 0.0 : step.transitionSeconds;
    frame.inTransition = frame.secondsInStep < transition;
    const double t = frame.inTransition ? frame.secondsInStep / transition : 1.0;
    if (frame.inTransition) {
        const Step& before = storyboard.steps[frame.step - 1];
        frame.camera = view::flightPose(standingPose(before, before.seconds), step.camera, t);
    } else {
        // A first step spends its transition standing, so endCamera moves last as long as it says.
        frame.camera = standingPose(step, frame.secondsInStep - step.transitionSeconds);
    }
    frame.scene = step.scene;
    frame.caption = step.caption;
    const double left = step.seconds - frame.secondsInStep;
    // The last caption stays: a film ends with it readable.
    const bool last = frame.step + 1 == storyboard.steps.size();
    const double fade = std::min(first ? kCaptionFadeSeconds : frame.secondsInStep, last ? kCaptionFadeSeconds : left);
    frame.captionOpacity = static_cast<float>(std::clamp(fade / kCaptionFadeSeconds, 0.0, 1.0));
    frame.layers = step.layers;
    frame.look = step.look;
    frame.proposal = step.proposal;

    const double eased = view::easeInOut(t);
    const auto date = lastStated(storyboard, frame.step, &Step::date), time = lastStated(storyboard, frame.step, &Step::time);
    frame.projectDate = first ? date : between(lastStated(storyboard, frame.step - 1, &Step::date), date, eased);
    frame.time = first ? time : between(lastStated(storyboard, frame.step - 1, &Step::time), time, eased);
    return frame;
}

Tour::Tour(Storyboard storyboard) : _storyboard(std::move(storyboard)), _duration(duration(_storyboard)) {
    MATOU_EXPECT(!_storyboard.steps.empty());
}

void Tour::play() {
    if (_seconds >= _duration) _seconds = 0.0;
    _started = _playing = _duration > 0.0;
}

void Tour::pause() { _playing = false; }

void Tour::stop() {
    _playing = _started = false;
    _seconds = 0.0;
}

void Tour::seek(double seconds) {
    if (_duration <= 0.0) return;
    _started = true;
    _seconds = std::clamp(seconds, 0.0, _duration);
}

double Tour::settled(std::size_t step) const {
    // A flight as long as its step ends where the next one begins: a millisecond before, it is still this step's.
    const Step& shown = _storyboard.steps[step];
    return step == 0 ? 0.0 : std::min(shown.transitionSeconds, shown.seconds - 0.001);
}

void Tour::goTo(std::size_t step) { seek(stepStart(_storyboard, step) + (_playing ? 0.0 : settled(step))); }

void Tour::next() {
    if (_duration <= 0.0) return;
    const std::size_t step = frame().step;
    if (step + 1 < _storyboard.steps.size()) goTo(step + 1);
}

void Tour::previous() {
    if (_duration <= 0.0) return;
    const TourFrame now = frame();
    const double since = now.secondsInStep - (_playing ? 0.0 : settled(now.step));
    goTo(since < kPreviousWithinSeconds && now.step > 0 ? now.step - 1 : now.step);
}

void Tour::update(double seconds) {
    if (!_playing || !(seconds > 0.0)) return;
    _seconds = std::min(_duration, _seconds + seconds);
    if (_seconds >= _duration) _playing = false;
}

} // namespace matou::story
