#pragma once
// What `matou bench live` puts into the inbox of a state side, and the times at which it comes out again.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "live/inbox.h"
#include "twin/state_snapshot.h"

namespace matou::apps {

struct Load {
    double valuesPerSecond = 0, eventsPerSecond = 0;
    double seconds = 10;
    bool probes = true; // ten marked values and five marked alarms of the first severity a second
};

/// Milliseconds from the hand-over of a probe; frames: how many were finished from the state's publishing to the one that shows it.
struct ProbeTimes {
    std::vector<double> valuePublished, alarmPublished;
    std::vector<double> valueFrames, alarmFrames;
};

class LoadSource {
public:
    LoadSource(const Load& load, const twin::Registry& registry, std::string district);

    /// The thread that pushes: for ServiceOptions::source.
    std::jthread run(live::Inbox& inbox, std::uint32_t feed);
    /// For ServiceOptions::published. Thread: the state lane.
    void published(const twin::StateSnapshot& state);
    /// After a frame, with the state that it shows. Thread: the picture's.
    void drawn(const twin::StateSnapshot& state);
    /// The load has been pushed, all of it.
    bool finished() const { return _finished; }

    std::uint64_t sentValues() const { return _values; }
    std::uint64_t sentEvents() const { return _events; }
    double pushSeconds() const { return _pushSeconds; }
    /// When all is over.
    ProbeTimes times() const;

private:
    struct Probe {
        std::uint64_t number = 0;
        double sent = 0;                   // milliseconds of the steady clock
        std::uint64_t framesAtPublish = 0; // once it is published
    };
    /// Probes on their way: sent, then published, then drawn.
    struct Lane {
        std::deque<Probe> sent, published;
        std::vector<double> milliseconds, frames;
        void publishedUpTo(std::uint64_t number, double now, std::uint64_t frames);
        void drawnUpTo(std::uint64_t number, std::uint64_t frames);
    };
    void push(live::Inbox& inbox, std::uint32_t feed, const std::stop_token& stop);
    live::Message value(std::size_t sensor, double value, const std::string& at) const;
    live::Message event(const std::string& source, const std::string& id, int severity, const std::string& at) const;
    static std::uint64_t newestAlarmProbe(const twin::StateSnapshot& state);

    Load _load;
    std::string _prefix;
    std::vector<std::string> _sensors, _cameras;
    std::vector<std::int64_t> _sequence; // of each sensor
    mutable std::mutex _mutex;           // of the lanes
    Lane _valueProbes, _alarmProbes;
    std::uint64_t _frames = 0;
    std::atomic<std::uint64_t> _values{0}, _events{0};
    std::atomic<double> _pushSeconds{0};
    std::atomic<bool> _finished{false};
};

} // namespace matou::apps
