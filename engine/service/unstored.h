#pragma once
// What the history does not have yet. While a disk fails it waits in memory, bounded; what did not fit is counted and told in the
// journal when the disk works again.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "alarm/alarm_engine.h"
#include "core/clock.h"
#include "history/history.h"
#include "twin/records.h"

namespace matou::service {

/// Not thread-safe; the state lane's.
class Unstored {
public:
    /// `history` outlives this. `candidates`: what it has of them.
    Unstored(history::History& history, std::map<std::string, twin::Candidate> candidates);

    /// false: the history has it, or it waits here already.
    bool add(const twin::Event& event);
    void add(alarm::Change change) { _changes.push_back(std::move(change)); }
    void add(history::AuditRow row) { _audit.push_back(std::move(row)); }
    void add(history::Outgoing message) { _outgoing.push_back(std::move(message)); }
    void add(twin::ProjectStatus status) { _projects.push_back(std::move(status)); }
    void add(history::Word word) { _words.push_back(std::move(word)); }
    void addNonce(std::string nonce, core::Instant at) { _nonces.emplace_back(std::move(nonce), at); }
    void addToken(std::uint32_t feed, std::uint64_t token) { _tokens.emplace_back(feed, token); }
    void delivered(std::int64_t outgoing) { _delivered.push_back(outgoing); }
    void keepRules(std::string suppressions, bool drill) { _rules.emplace(std::move(suppressions), drill); }

    /// One transaction of all that waits, and of how the candidates stand; then `stored` hears the tokens. What the history refuses
    /// by its content is found by halving, told in the journal and let go, so that it holds up nothing else. A failing disk is tried
    /// again after 1, 2 and 4 s.
    using Stored = std::function<void(std::uint32_t feed, std::uint64_t token)>;
    void commit(const std::map<std::string, twin::Candidate>& candidates, core::Instant now, const Stored& stored);
    /// The observations that the history holds (History::flushObservations).
    core::Result<void> flushValues(core::Instant now, std::optional<core::Duration> patience);
    /// The next commit() tries at once, and may be the last.
    void hurry() {
        _nextTry = {};
        _last = true;
    }
    /// Why the history fails now, or what is damaged in it; code empty: neither.
    const core::Error& trouble() const;
    bool outgoingStored() { return std::exchange(_outgoingStored, false); }

    static constexpr std::size_t kWaiting = 200000;             // of each kind
    /// Values that a slow disk loses come in lots: so long after the last it is over.
    static constexpr core::Duration kQuiet{5000};
    static constexpr std::size_t kWaitingBytes = 128ull << 20; // of each kind

private:
    core::Result<void> writeAll(const std::map<std::string, twin::Candidate>& candidates);
    core::Result<void> writeRest(const std::map<std::string, twin::Candidate>& candidates);
    core::Result<void> writeInParts(const std::map<std::string, twin::Candidate>& candidates);
    void failed(const core::Error& error, core::Instant now);
    void bound();
    void refuse(const std::string& what, const core::Error& error);
    void lookAtGap(core::Instant now);
    void gapTold();

    history::History& _history;
    std::vector<twin::Event> _events;
    std::unordered_set<std::string> _waiting; // their identities
    std::vector<alarm::Change> _changes, _refusals;
    std::vector<history::AuditRow> _audit;
    std::vector<history::Outgoing> _outgoing;
    std::vector<twin::ProjectStatus> _projects;
    std::vector<history::Word> _words;
    std::vector<std::int64_t> _delivered;
    std::vector<std::pair<std::string, core::Instant>> _nonces;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> _tokens;
    std::optional<std::pair<std::string, bool>> _rules;
    std::map<std::string, twin::Candidate> _candidates; // as stored
    std::size_t _inTransaction = 0; // so many of _events, from the first, are in the open transaction
    bool _outgoingStored = true;    // of an earlier run, perhaps
    core::Error _error, _valuesError; // of commit() and of flushValues(), until one succeeds; code empty: none
    core::Error _damage;              // of the values, found while at work; stays until the next start
    core::Instant _nextTry{};
    core::Duration _pause{};
    core::Instant _now{};
    struct Gap {
        std::uint64_t events = 0, changes = 0, values = 0;
        core::Instant since{}, lastDropped{};
    } _gap;
    std::optional<alarm::Change> _gapLine; // of it, for the next commit
    bool _gapLineEnds = false, _last = false;
};

} // namespace matou::service
