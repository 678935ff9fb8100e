#pragma once
// Observations and events in, alarms out. Deterministic: the same messages in the same order give the same alarms with
// the same ids, whenever they are played; time is what the messages say.

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "alarm/chatter_guard.h"
#include "alarm/flood_watch.h"
#include "alarm/life_cycle.h"
#include "alarm/silence_watch.h"
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
/// s), or an operator.
inline constexpr double kSureConfidence = 0.6;

/// One line of the journal: of an alarm as it was after it, of a candidate (id C-…), or of the district (no id).
struct Change {
    enum class Of : std::uint8_t { alarm, candidate, district };
    Of of = Of::alarm;
    twin::Alarm alarm;
    core::Instant at{};
    /// raised repeated reactivated escalated cleared unshelved suppressed unsuppressed chattering settled overdue closed;
    /// candidate expired; flood_began flood_ended suppression_began suppression_ended drill_began drill_ended clock_set; or a verb.
    std::string what;
    std::string actor; // empty: the system
    std::string text;
};
/// "2025-06-15T06:30:00.000Z A-000001 raised S2 smoke C-2 active unacknowledged count=1"; the replay log.
std::string logLine(const Change& change);

/// Not thread-safe; lives on the state lane.
class AlarmEngine {
public:
    explicit AlarmEngine(std::shared_ptr<const twin::Registry> registry);

    /// What an earlier run left: its open alarms, the numbers of the last alarm and candidate ever made, and operators'
    /// rules.
    void restore(const std::vector<twin::Alarm>& open, std::uint64_t lastNumber, std::uint64_t lastCandidate = 0,
                 std::vector<twin::Suppression> rules = {}, bool drill = false);

    /// Fire and smoke that an earlier run could not prove: another detection still may.
    void restore(const std::vector<twin::Candidate>& candidates);

    /// Plays timers up to `at`. Time never goes back here: an older instant does nothing.
    void advance(core::Instant at);
    /// The receiver's clock was set by so much: what runs goes on as long as it would have; hours of rules are the new clock's. The
    /// journal says so (clock_set).
    void clockSet(core::Duration by);
    /// Values of quality bad say nothing about thresholds. Advances time to the observation's.
    void observe(std::uint32_t sensor, const twin::Observation& observation);
    /// The caller has dropped events heard before. Advances time to the event's.
    void occur(const twin::Event& event);
    /// One alarm for a feed, however many sensors hang on it.
    void feedLost(const std::string& feed, core::Instant at);
    void feedBack(const std::string& feed, core::Instant at);

    /// Verbs of life_cycle.h, and: join (text: an incident's id, or nothing for a new one), leave; for candidates confirm,
    /// dismiss. Errors of life_cycle.h, E_ALARM_UNKNOWN, E_ALARM_INCIDENT, E_ALARM_TEXT_LONG (over kTextBytes).
    core::Result<void> act(const std::string& id, const std::string& verb, const std::string& text,
                           const std::string& actor, core::Instant at, const ActionDetail& detail = {});
    /// Gives the rule's id. E_ALARM_SUPPRESSION.
    core::Result<std::string> suppress(twin::Suppression rule, core::Instant at);
    /// Only what an operator made: the district's own rules are changed in its file. E_ALARM_SUPPRESSION_UNKNOWN.
    core::Result<void> endSuppression(const std::string& id, const std::string& actor, core::Instant at);
    /// Ending a drill closes its alarms.
    void setDrill(bool on, const std::string& actor, core::Instant at);

    /// Open ones, by severity, then newest first.
    std::vector<twin::Alarm> open() const;
    /// Alarms, candidates, incidents, rules in force, flood and mode.
    void show(twin::StateSnapshot& snapshot) const;
    const twin::Alarm* find(const std::string& id) const;
    int severity(std::uint32_t sensor) const { return _thresholds.severity(sensor); }
    std::uint64_t closed() const { return _closed; }
    std::uint64_t lastNumber() const { return _lastNumber; }
    std::uint64_t lastCandidate() const { return _lastCandidate; }
    bool drill() const { return _drill; }
    const std::map<std::string, twin::Candidate>& candidates() const { return _candidates; }
    /// Rules that operators made and that have not ended, for the next run.
    std::vector<twin::Suppression> operatorRules() const;
    /// Everything that changed since the last call, in order.
    std::vector<Change> takeChanges();

private:
    struct Timer {
        enum class Kind : std::uint8_t { rule, alarm, candidate, flood };
        core::Instant due;
        Kind kind;
        std::string id;
        auto operator<=>(const Timer&) const = default;
    };
    struct Rule {
        twin::Suppression rule;
        bool inForce = false;
    };

    twin::Alarm& raise(twin::Alarm alarm, core::Instant at);
    void note(const twin::Alarm& alarm, core::Instant at, std::string what, std::string actor = {},
              std::string text = {});
    void note(const twin::Candidate& candidate, core::Instant at, std::string what, std::string actor = {},
              std::string text = {});
    void noteDistrict(core::Instant at, std::string what, std::string actor = {}, std::string text = {});
    void clear(twin::Alarm& alarm, core::Instant at);
    void closeMeasured(twin::Alarm& alarm, core::Instant at);
    void retire(const std::string& id);
    void schedule(const twin::Alarm& alarm);
    void lookAt(twin::Alarm& alarm, core::Instant due);
    void lookAtClocks(twin::Alarm& alarm, core::Instant due);
    /// It is to be seen and heard now: starts its clock and counts for the flood.
    void annunciate(twin::Alarm& alarm, core::Instant at);
    void chatter(twin::Alarm& alarm, core::Instant at);
    /// The condition is there (again). `worse`: with a severity that was just raised.
    void activate(twin::Alarm& alarm, core::Instant at, bool worse);
    void unshelve(twin::Alarm& alarm, core::Instant at, const std::string& actor);

    void thresholdChanged(std::uint32_t sensor, int threshold, core::Instant at);
    void watch(core::Instant at); // thresholds and silence up to `at`
    void gatewayChanged(const std::string& gateway, bool lost, core::Instant at);
    void sensorChanged(std::uint32_t sensor, bool lost, core::Instant at);
    void lost(const std::string& key, twin::Alarm made, core::Instant at);
    SilenceWatch::Listener listener();

    twin::Alarm* openWithKey(const std::string& key);
    twin::Alarm* openNear(const twin::Event& event);
    void place(twin::Alarm& alarm);
    void displace(twin::Alarm& alarm);
    void repeat(twin::Alarm& alarm, const twin::Event& event, core::Instant at);
    twin::Alarm alarmOf(const twin::Event& event) const;
    std::string proofOf(const twin::Event& event); // empty: none
    twin::Candidate* candidateNear(const twin::Event& event);
    void addCandidate(const twin::Event& event, core::Instant at);
    core::Result<void> actOnCandidate(const std::string& id, const std::string& verb, const std::string& text,
                                      const std::string& actor, core::Instant at);
    core::Result<void> join(twin::Alarm& alarm, const std::string& incident);

    void lookAtRule(const std::string& id, core::Instant at);
    const twin::Suppression* ruleFor(const twin::Alarm& alarm) const;
    void suppressBy(twin::Alarm& alarm, const std::string& id, twin::Suppressed how);
    /// What `id` (a rule or a parent alarm) held down comes back, where nothing else holds it.
    void release(const std::string& id, core::Instant at);

    std::shared_ptr<const twin::Registry> _registry;
    ThresholdWatch _thresholds;
    SilenceWatch _silence;
    ChatterGuard _chatter;
    FloodWatch _flood;
    std::map<std::string, twin::Alarm> _open;
    std::map<std::string, std::string> _byKey;       // dedup key → id of the newest open one
    // Open ones that events made, by class and source and by class and square of the ground; of equals the older first.
    std::multimap<std::string, twin::Alarm*> _ofSource, _inSquare;
    std::map<std::string, twin::Candidate> _candidates;
    std::map<std::string, Rule> _rules;
    std::set<Timer> _timers;          // when to look at something again
    std::vector<twin::Event> _unsure; // of the last minute, that may prove one another
    std::vector<Change> _changes;
    core::Instant _now{};
    std::uint64_t _lastNumber = 0, _lastCandidate = 0, _closed = 0;
    bool _drill = false;
};

} // namespace matou::alarm
