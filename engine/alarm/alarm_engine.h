#pragma once
// Observations and events in, alarms out. Deterministic: the same messages in the same order give the same alarms with
// the same ids, whenever they are played; time is what the messages say.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "alarm/threshold_watch.h"
#include "core/clock.h"
#include "core/result.h"
#include "twin/records.h"
#include "twin/state_snapshot.h"

namespace matou::alarm {

/// Repeats within this time of the last occurrence fold into one alarm; after it without one, the condition is normal.
inline constexpr core::Duration kFoldWindow{120000};
/// Detections of one class nearer than this are one place.
inline constexpr double kFoldMeters = 25;
/// A fire or smoke detection less sure than this needs another one (same place within 5 s, or another camera within 60
/// s).
inline constexpr double kSureConfidence = 0.6;

/// One line of an alarm's journal, with the alarm as it was after it.
struct Change {
    twin::Alarm alarm;
    core::Instant at{};
    std::string what;  // raised repeated reactivated escalated cleared unshelved closed, or an operator's verb
    std::string actor; // empty: the system
    std::string text;
};
/// "2025-06-15T06:30:00.000Z A-000001 raised S2 smoke C-2 active unacknowledged count=1"; the replay log.
std::string logLine(const Change& change);

/// Not thread-safe; lives on the state lane.
class AlarmEngine {
public:
    explicit AlarmEngine(std::shared_ptr<const twin::Registry> registry);

    /// Open alarms of an earlier run, and the number of the last alarm ever made.
    void restore(const std::vector<twin::Alarm>& open, std::uint64_t lastNumber);

    /// Plays timers up to `at`. Time never goes back here: an older instant does nothing.
    void advance(core::Instant at);
    /// Values of quality bad say nothing about thresholds. Advances time to the observation's.
    void observe(std::uint32_t sensor, const twin::Observation& observation);
    /// The caller has dropped events heard before. Advances time to the event's.
    void occur(const twin::Event& event);
    /// One alarm for a feed, however many sensors hang on it.
    void feedLost(const std::string& feed, core::Instant at);
    void feedBack(const std::string& feed, core::Instant at);
    /// Errors of life_cycle.h, and E_ALARM_UNKNOWN.
    core::Result<void> act(const std::string& alarm, const std::string& verb, const std::string& text,
                           const std::string& actor, core::Instant at);

    /// Open ones, by severity, then newest first.
    std::vector<twin::Alarm> open() const;
    const twin::Alarm* find(const std::string& id) const;
    int severity(std::uint32_t sensor) const { return _thresholds.severity(sensor); }
    std::uint64_t closed() const { return _closed; }
    /// Everything that changed since the last call, in order.
    std::vector<Change> takeChanges();

private:
    struct Candidate {
        twin::Event event;
    };
    twin::Alarm& raise(twin::Alarm alarm, core::Instant at);
    void note(const twin::Alarm& alarm, core::Instant at, std::string what, std::string actor = {},
              std::string text = {});
    void clear(twin::Alarm& alarm, core::Instant at);
    void retire(const std::string& id);
    void thresholdChanged(std::uint32_t sensor, int threshold, core::Instant at);
    twin::Alarm* openWithKey(const std::string& key);
    twin::Alarm* openNear(const twin::Event& event);
    bool isVerified(const twin::Event& event);
    void schedule(const twin::Alarm& alarm);

    std::shared_ptr<const twin::Registry> _registry;
    ThresholdWatch _thresholds;
    std::map<std::string, twin::Alarm> _open;
    std::map<std::string, std::string> _byKey;               // dedup key → id of the newest open one
    std::multimap<std::string, std::string> _placed;         // class → ids of open ones with a place
    std::set<std::pair<core::Instant, std::string>> _timers; // when to look at an alarm again
    std::vector<Candidate> _candidates;
    std::vector<Change> _changes;
    core::Instant _now{};
    std::uint64_t _lastNumber = 0, _closed = 0;
};

} // namespace matou::alarm
