#pragma once
// What must not be lost: events, alarms with every transition, audit rows (on disk when commit() returns), and
// observations (batched, at most a second behind). SQLite (WAL) or PostgreSQL; survives SIGKILL at any point.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "alarm/alarm_engine.h"
#include "history/audit_chain.h"
#include "history/series.h"
#include "twin/records.h"
#include "twin/state_snapshot.h"

namespace matou::history {

/// true: a PostgreSQL URL ("postgresql://…", "postgres://…"), false: a file.
bool isServer(const std::string& location);

struct StoredEvent {
    std::int64_t sequence = 0; // order of storing, from 1
    std::string source, id, eventClass, feed, raw;
    int severity = 4;
    double confidence = 1;
    core::Instant eventTime{}, stored{};
};

struct EventQuery {
    std::string source;     // empty: all
    core::Instant since{};  // event time
    std::int64_t after = 0; // sequence
    std::int64_t limit = 1000;
};

/// What somebody asked for, and what became of it.
struct AuditRow {
    core::Instant at{};
    std::string actor, role, origin, what, outcome;
};

struct HistoryOptions {
    std::string auditHash = "sha256"; // or sm3; of a new chain, an old one keeps its own
    /// Up to so many bytes a file is checked whole before it is used. Of a larger one the values are checked beside the work:
    /// months of them take a minute, and alarms must not wait for that.
    std::uint64_t checkedAtOnce = 64ull << 20;
};

/// How long things are kept. Audit records are kept at least kAuditDays.
struct Retention {
    static constexpr int kAuditDays = 180;
    int observationDays = 90; // then an hour in one row
    int summaryDays = 1096;
    int auditDays = 1096;
    int payloadDays = 180; // then an event is without its payload as it came, which may be a megabyte
    int alarmDays = 1096;  // events, transitions, and alarms that are closed
};

/// A message to a source that must reach it: kept until its broker has confirmed it.
struct Outgoing {
    std::int64_t sequence = 0;
    std::string feed, topic, payload;
};

/// What a source said of a thing and what stands until it says otherwise (word_json.h).
struct Word {
    std::string kind, thing; // case, flood; its id
    core::Instant eventTime{}, receiveTime{};
    std::string json;
};

class History {
public:
    /// `location`: a file, a PostgreSQL URL, or empty: in memory. A damaged file is moved to "<file>.damaged-<time>" and a new one
    /// begun; `remarks` says so (W_HISTORY_DAMAGED). E_HISTORY_OPEN where no file can be made or no server answers;
    /// E_HISTORY_BUSY where another service writes to the same server's database, E_HISTORY_SECRET for a password in the URL.
    static core::Result<History> open(const std::string& location, core::Instant now, core::Diagnostics& remarks,
                                      const HistoryOptions& options = {});
    History(History&&) noexcept;
    History& operator=(History&&) noexcept;
    ~History();

    // One writer: the state lane. Events, changes and audit rows belong to the open transaction, which begins by
    // itself.
    /// false: this (source, id) is stored already.
    core::Result<bool> addEvent(const twin::Event& event, core::Instant stored);
    /// Both also go into the audit chain (audit_chain.h), in the same transaction.
    core::Result<void> addChange(const alarm::Change& change);
    core::Result<void> addAudit(const AuditRow& row);
    /// What may not come a second time; forgotten after an hour.
    core::Result<void> addNonce(const std::string& nonce, core::Instant at);
    core::Result<std::vector<std::string>> nonces() const;
    /// What a project's source said, in the open transaction.
    core::Result<void> addProject(const twin::ProjectStatus& status);
    /// The same of a case or a thing of flood season.
    core::Result<void> addWord(const Word& word);
    /// What is not proved yet, for the next run; in the open transaction.
    core::Result<void> saveCandidate(const twin::Candidate& candidate);
    core::Result<void> removeCandidate(const std::string& id);
    core::Result<void> addOutgoing(const Outgoing& message);
    /// Durable (fsync) when it returns. Nothing open: does nothing. On an error nothing of the transaction is stored.
    core::Result<void> commit();
    /// Whether the disk stands by what commit() said; before anybody is told that he may forget (Database::settled).
    core::Result<void> settled();
    void rollback();
    /// Kept in memory until it is written, at most kObservationsHeld.
    void addObservation(const twin::Observation& observation);
    /// From now on a thread with a connection of its own writes observations, once a second and in pieces of some milliseconds between the
    /// commits; without effect in memory and on a server.
    void writeValuesBeside();
    /// Ends that; what it has not written is held.
    void writeValuesHere();
    /// Transactions of their own, not synced: a power cut may lose the last seconds of values, never events. Writes until `patience`
    /// is over, at least some, else all that is held. With writeValuesBeside() it writes nothing and says what became of the last try.
    core::Result<void> flushObservations(std::optional<core::Duration> patience = {});
    /// Whether some wait for flushObservations().
    bool holdsObservations() const;
    /// Observations that were dropped since the last call, because the disk failed or was too slow for too long, or refused them.
    std::uint64_t takeDropped();
    /// Once, when the check beside the work has found the values damaged (E_HISTORY_VALUES): the next start puts the file aside.
    std::optional<core::Error> takeDamage();

    /// Takes away what is older than it must be kept, a piece at a time (20,000 observations, 2,000 of the others); true: there
    /// is more. Of observations a summary of each hour stays. Call it between commits. That audit records went is itself in the chain.
    core::Result<bool> retain(core::Instant now, const Retention& retention);
    /// The chain's end, to be written elsewhere; of what is committed.
    AuditAnchor auditHead() const;

    // What a run begins with. An error is never an empty answer: numbers given again would overwrite old alarms.
    core::Result<std::vector<twin::Alarm>> openAlarms() const;
    core::Result<std::vector<twin::Candidate>> candidates() const;
    /// Of the highest alarm id "A-<number>".
    core::Result<std::uint64_t> lastAlarmNumber() const;
    /// Of the highest candidate id "C-<number>" in the journal.
    core::Result<std::uint64_t> lastCandidateNumber() const;
    core::Result<std::uint64_t> closedAlarms() const;
    /// Not yet confirmed ones after `sequence`, in order. The writer's, between commits; never waits for readers.
    std::vector<Outgoing> outgoing(std::int64_t after, std::int64_t limit) const;
    core::Result<void> removeOutgoing(std::int64_t sequence);
    /// Kept values: "client_id" and the like.
    core::Result<std::optional<std::string>> note(const std::string& key) const;
    core::Result<void> setNote(const std::string& key, const std::string& value);

    // Readers. Thread: any.
    std::uint64_t eventsStored() const;
    /// At most limit rows after `after`, in order of storing.
    core::Result<std::vector<StoredEvent>> events(const EventQuery& query) const;
    core::Result<std::uint64_t> observationsStored() const;
    /// Values of one sensor over a time, as they came or in equal spans; an hour summarised by
    /// retention counts in the span in which it begins.
    /// An unknown sensor has none. Cost: that of the indexed rows.
    core::Result<Series> series(const SeriesQuery& query) const;
    /// What was known then: each sensor's last value by its own time of those that had come; what came later about that time is
    /// not in it. Cost: an index search for each sensor that ever spoke.
    core::Result<std::vector<twin::Observation>> valuesAt(core::Instant at) const;
    /// Alarms that were open then, by severity, then newest first. Those that changed afterwards are without what has no time of
    /// its own (comments, suppression, chattering). Cost: an index search for each alarm ever.
    core::Result<std::vector<twin::Alarm>> alarmsAt(core::Instant at) const;
    /// Each project's last word by its own time of those that had come then. Cost: that of all words ever.
    core::Result<std::vector<twin::ProjectStatus>> projectsAt(core::Instant at) const;
    /// Of each thing of that kind its last word, likewise.
    core::Result<std::vector<std::string>> wordsAt(const std::string& kind, core::Instant at) const;
    /// What people asked for, newest first.
    std::vector<AuditRow> audit(std::int64_t limit) const;

    static constexpr std::size_t kObservationsHeld = 500'000; // 24 MB
    /// Values of a history without a file; their hours are kept for a week.
    static constexpr std::chrono::hours kKeptInMemory{1};

private:
    struct Impl;
    explicit History(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

/// Reads a history file from outside and compares its audit chain with the anchors. E_HISTORY_OPEN, E_HISTORY_SQL,
/// E_AUDIT_HASH, E_AUDIT_MISSING (no chain in it). Findings are in the report.
core::Result<AuditReport> verifyAudit(const std::string& location, std::vector<AuditAnchor> anchors);

} // namespace matou::history
