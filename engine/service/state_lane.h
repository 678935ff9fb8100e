#pragma once
// What the state lane does, without the lane: messages in, state, alarms and history out. One caller at a time; time
// comes with the messages and with tick(), so that a recording plays the same way every time.

#include <cstdint>
#include <functional>
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
    StateLane(std::shared_ptr<const district::District> district, history::History history,
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
    void commit(const std::function<void(std::uint32_t feed, std::uint64_t token)>& stored);
    /// Writes the observations held; call about once a second. Takes away what is older than must be kept, at most once an
    /// hour and then piece by piece.
    void flush();
    history::Retention retention;

    std::shared_ptr<const twin::StateSnapshot> snapshot(core::Instant now);
    /// True when something happened since the last snapshot that a person should see at once.
    bool urgent() const { return _urgent; }

    std::vector<FeedLedger>& feeds() { return _feeds; }
    history::History& history() { return _history; }
    /// Messages to sources that became durable with the last commits (and, the first time, those of earlier runs).
    std::vector<history::Outgoing> takeOutgoing();
    /// Its broker has it: forgotten with the next commit.
    void delivered(std::int64_t outgoing) { _delivered.push_back(outgoing); }
    /// Called for each change of an alarm, in order.
    std::function<void(const alarm::Change&)> onChange;
    /// Forgets what is live (not what is stored): the clock went back.
    void restart();

private:
    twin::Applied apply(twin::Observation observation);
    twin::Applied apply(twin::Event event);
    twin::Applied apply(twin::ProjectStatus status);
    twin::Applied apply(twin::CameraStatus status);
    void collectChanges();
    core::Result<void> writeAll();

    std::shared_ptr<const district::District> _district;
    history::History _history;
    std::vector<FeedLedger> _feeds;
    std::unique_ptr<twin::TwinState> _twin;
    std::unique_ptr<alarm::AlarmEngine> _alarms;
    std::vector<std::uint32_t> _watched; // sensors whose severity a snapshot must refresh
    // Not yet durable:
    std::vector<twin::Event> _events;
    std::vector<alarm::Change> _changes;
    std::vector<history::AuditRow> _audit;
    std::vector<history::Outgoing> _outgoing;
    std::vector<std::int64_t> _delivered;
    std::vector<std::pair<std::string, core::Instant>> _nonces;
    bool _keepRules = false; // operators' rules or the drill changed
    std::vector<std::pair<std::uint32_t, std::uint64_t>> _tokens;
    std::size_t _inTransaction = 0;          // so many of _events, from the first, are in the open transaction
    core::Error _damage;                     // of the values, found while at work; stays until the next start
    core::Error _historyError, _valuesError; // of commit() and of flush(), until one succeeds; code empty: none
    core::Instant _now{}, _started{};
    std::uint64_t _closedBefore = 0;
    std::int64_t _lastOutgoing = 0;
    bool _mayHaveOutgoing = true;
    core::Instant _retained{};
    /// What could not be kept while the disk failed; told in the journal when it works again.
    struct Gap {
        std::uint64_t events = 0, changes = 0, values = 0;
        core::Instant since{};
    } _gap;
    void noteGap();
    bool _urgent = true;
};

} // namespace matou::service
