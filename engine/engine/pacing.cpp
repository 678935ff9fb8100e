#include "engine/pacing.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include <time.h>
#include <unistd.h>

namespace matou {

double secondsSinceProcessStart() {
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    // The name in parentheses may hold anything; fields are counted after its end. Field 22 is the start in clock ticks.
    std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
    std::string skipped;
    for (int field = 3; field < 22; ++field) fields >> skipped;
    double ticks = 0;
    fields >> ticks;
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) - ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Pacing::Pacing(const EngineOptions& options, core::Instant sceneStart) : _options(options) {
    const bool offline = options.program == Program::render || !options.record.empty();
    const bool still = options.headless && !options.screenshot.empty() && options.frames == 0 && options.durationSeconds <= 0;
    const bool realByDefault = options.program == Program::command && !options.time && options.record.empty();
    const bool real = options.clock == ClockKind::real || (options.clock == ClockKind::byFlags && realByDefault);
    _fixed = !real && (offline || options.time.has_value() || options.headless || options.clock == ClockKind::fixed);
    _waits = offline || still;
    _lastFrame = options.frames > 0 ? options.frames : (still || (offline && options.record.empty()) ? 1 : 0);
    if (real) {
        _clock = std::make_shared<core::RealClock>();
    } else {
        _manual = std::make_shared<core::ManualClock>(options.time.value_or(sceneStart));
        _clock = _manual;
    }
    _start = _clock->now();
    _began = _lastFrameAt = std::chrono::steady_clock::now();
}

double Pacing::fadeSeconds() const {
    constexpr double kFadeSeconds = 0.3;
    if (_options.fadeSeconds) return *_options.fadeSeconds;
    const bool watched = !_options.headless || !_options.record.empty();
    return watched && !_options.referenceShadows ? kFadeSeconds : 0;
}

double Pacing::beginFrame() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - _lastFrameAt).count();
    _lastFrameAt = now;
    if (_fixed) return 1.0 / _options.fps;
    if (_manual) _manual->advance(core::Duration(static_cast<std::int64_t>(std::lround(seconds * 1000.0))));
    return std::max(seconds, 1e-4);
}

void Pacing::endFrame(int framesDone) {
    // From the start each time, so that 1/30 s does not drift by its rounding to milliseconds.
    if (_fixed && _manual) _manual->set(_start + core::Duration(std::llround(1000.0 * framesDone / _options.fps)));
    if (_options.headless && !_waits && (_options.durationSeconds > 0 || _lastFrame == 0)) {
        const auto due = _began + std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(framesDone / _options.fps));
        const auto now = std::chrono::steady_clock::now();
        if (due > now) std::this_thread::sleep_until(std::min(due, now + std::chrono::milliseconds(500)));
    }
}

bool Pacing::ended(int framesDone) const {
    if (_lastFrame > 0 && framesDone >= _lastFrame) return true;
    if (_options.durationSeconds <= 0) return false;
    // A film's duration is its own time; elsewhere it is the wall's.
    if (_fixed && _waits) return framesDone >= std::llround(_options.durationSeconds * _options.fps);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - _began).count() >= _options.durationSeconds;
}

} // namespace matou
