#pragma once
// What the state lane does, without the lane: messages in, state, alarms and history out. One caller at a time; time
// comes with the messages and with tick(), so that a recording plays the same way every time.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "alarm/alarm_engine.h"
#include "command/command.h"
#include "core/clock.h"
#include "core/result.h"
#include "district/district.h"
#include "history/history.h"
#include "live/inbox.h"
#include "service/unstored.h"
#include "twin/twin_state.h"

namespace matou::service {

/// What is known of a feed here; the transport's own counters are added by its owner.
struct FeedLedger {
    std::string id, kind;
    core::Duration expectedInterval{5000};
    std::uint64_t received = 0, applied = 0, invalid = 0, dropped = 0;
    std::uint64_t duplicates = 0, late = 0, unclassified = 0;
    live::FeedCounts transport; // what the feed itself counted
    bool connected = false;
    core::Instant lastReceived{}, disconnectedSince{};
    core::Error lastError;        // of a message; code empty: none
    std::string transportError;   // one line, empty while connected
    std::vector<float> latencies; // ring of the last kLatencies, milliseconds
    std::size_t nextLatency = 0;
    bool lost = false;

    static constexpr std::size_t kLatencies = 1000;
};

class StateLane {
public:
    /// Begins with what an earlier run left. E_HISTORY_… where that cannot be read: it must not be taken for nothing.
    static core::Result<std::unique_ptr<StateLane>> open(std::shared_ptr<const district::District> district, history::History history,
                                                         std::vector<FeedLedger> feeds);

    /// Decodes, applies, raises alarms, hands to history. Message::feed indexes feeds(). Invalid ones are counted.
    void process(const std::vector<live::Message>& messages);
    /// Plays timers and looks at the feeds. `now` is the clock's.
    void tick(core::Instant now);
    /// An alarm action, with its audit row (also when refused). Errors of the alarm engine.
    core::Result<void> act(const command::Command& command);
    void audit(const command::Command& command, const std::string& outcome);

    /// Makes everything so far durable, then calls `stored` with the tokens of the messages (Message::acknowledge) that
    /// are safe now. A failing disk keeps them for the next call; nothing is confirmed that is not stored.
    void commit(const Unstored::Stored& stored);
    /// The last commit: a failing disk is tried once more, without a pause.
    void hurry() { _unstored->hurry(); }
    /// The clock was set by so much: ages, silences, delays and duties go on as if it had not been.
    void clockSet(core::Duration by);
    /// Writes the observations held (History::flushObservations); call about once a second, and again at once where it says true: some
    /// are left. Takes away what is older than must be kept, at most once an hour and then piece by piece.
    bool flush(std::optional<core::Duration> patience = {});
    history::Retention retention;

    std::shared_ptr<const twin::StateSnapshot> snapshot(core::Instant now);
    /// True when something happened since the last snapshot that a person should see at once.
    bool urgent() const { return _urgent; }

    std::vector<FeedLedger>& feeds() { return _feeds; }
    history::History& history() { return _history; }
    /// Messages to sources that became durable with the last commits (and, the first time, those of earlier runs).
    std::vector<history::Outgoing> takeOutgoing();
    /// Its broker has it: forgotten with the next commit.
    void delivered(std::int64_t outgoing) { _unstored->delivered(outgoing); }
    /// Called for each change of an alarm, in order.
    std::function<void(const alarm::Change&)> onChange;
    /// Forgets what is live (not what is stored): the clock went back.
    void restart();

private:
    twin::Applied apply(twin::Observation observation, std::uint32_t feed);
    twin::Applied apply(twin::Event event, std::uint32_t feed);
    twin::Applied apply(twin::ProjectStatus status, std::uint32_t feed);
    twin::Applied apply(twin::CameraStatus status, std::uint32_t feed);
    twin::Applied apply(twin::Case item, std::uint32_t feed);
    twin::Applied apply(twin::FloodItem item, std::uint32_t feed);
    template <typename Item>
    twin::Applied applyOfCity(Item item, const char* kind);
    StateLane(std::shared_ptr<const district::District> district, history::History history, std::vector<FeedLedger> feeds);
    core::Result<void> begin();
    void makeTwin();
    void collectChanges();
    void keepRules();
    void keepRetained(core::Instant upTo);

    std::shared_ptr<const district::District> _district;
    history::History _history;
    std::vector<FeedLedger> _feeds;
    std::unique_ptr<twin::TwinState> _twin;
    std::unique_ptr<alarm::AlarmEngine> _alarms;
    std::vector<std::uint32_t> _watched; // sensors whose severity a snapshot must refresh
    std::map<std::string, twin::ProjectStatus> _projects; // as stored
    std::unique_ptr<Unstored> _unstored;
    core::Instant _now{}, _started{};
    std::uint64_t _closedBefore = 0;
    std::int64_t _lastOutgoing = 0;
    bool _mayHaveOutgoing = true;
    core::Instant _looked{};   // when it was last looked for what is too old
    core::Instant _retained{}; // and by which time
    bool _urgent = true;
};

} // namespace matou::service
