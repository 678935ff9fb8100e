#pragma once
// What must not be lost: events, alarms with every transition, audit rows (on disk when commit() returns), and
// observations (batched, at most a second behind). SQLite, WAL; survives SIGKILL at any point.

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
#include "twin/records.h"
#include "twin/state_snapshot.h"

namespace matou::history {

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

struct AuditRow {
    core::Instant at{};
    std::string actor, role, origin, what, outcome;
};

class History {
public:
    /// Empty path: in memory. A damaged file is moved to "<file>.damaged-<time>" and a new one begun; `remarks` says so
    /// (W_HISTORY_DAMAGED). E_HISTORY_OPEN where no file can be made there.
    static core::Result<History> open(const std::filesystem::path& path, core::Instant now, core::Diagnostics& remarks);
    History(History&&) noexcept;
    History& operator=(History&&) noexcept;
    ~History();

    // One writer: the state lane. Events, changes and audit rows belong to the open transaction, which begins by
    // itself.
    /// false: this (source, id) is stored already.
    core::Result<bool> addEvent(const twin::Event& event, core::Instant stored);
    core::Result<void> addChange(const alarm::Change& change);
    core::Result<void> addAudit(const AuditRow& row);
    /// Durable (fsync) when it returns. Nothing open: does nothing. On an error nothing of the transaction is stored.
    core::Result<void> commit();
    void rollback();
    /// Kept in memory until flushObservations(), at most kObservationsHeld.
    void addObservation(const twin::Observation& observation);
    /// One transaction of its own, not synced: a power cut may lose the last seconds of values, never events.
    core::Result<void> flushObservations();

    std::vector<twin::Alarm> openAlarms() const;
    /// Of the highest alarm id "A-<number>".
    std::uint64_t lastAlarmNumber() const;
    std::uint64_t closedAlarms() const;
    /// Kept values: "client_id" and the like.
    std::optional<std::string> note(const std::string& key) const;
    core::Result<void> setNote(const std::string& key, const std::string& value);

    // Readers. Thread: any.
    std::uint64_t eventsStored() const;
    /// At most limit rows after `after`, in order of storing.
    core::Result<std::vector<StoredEvent>> events(const EventQuery& query) const;
    std::uint64_t observationsStored() const;
    std::vector<AuditRow> audit(std::int64_t limit) const;

    static constexpr std::size_t kObservationsHeld = 200000;

private:
    struct Impl;
    explicit History(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::history
