#pragma once
// What a History is made of. Private to this module.

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "history/audit_chain.h"
#include "history/database.h"
#include "history/history.h"
#include "history/value_writer.h"

namespace matou::history {

struct History::Impl {
    std::string location;
    Database writer, reader; // reader is open only for a file
    // In memory there is one connection for all, so readers and the writer share the first lock.
    mutable std::mutex writing, reading;
    std::optional<Statement> insertEvent, saveAlarm, insertTransition, insertJournal;
    std::optional<AuditHash> hash;
    AuditAnchor head, headOpen; // committed; with the open transaction
    WriteTurn turn;
    bool hasTurn = false;
    ValueWriter values;
    core::Instant noncesSwept{};
    std::atomic<std::uint64_t> events{0};
    std::uint64_t eventsOpen = 0; // in the open transaction
    // The check of the values of a large file: a connection and a thread of its own.
    Database checked;
    std::string damage; // written by it, read after checkEnded
    std::atomic<bool> checkEnded{false};
    std::thread checker;
    ~Impl() {
        if (!checker.joinable()) return;
        checked.interrupt();
        checker.join();
    }

    core::Result<void> prepare();
    core::Result<void> checkValues();
    core::Result<void> openChain(const HistoryOptions& options, core::Instant now);
    core::Result<void> append(core::Instant at, bool command, const std::string& record);
    /// Payloads, events and closed alarms that are too old; true: there is more.
    core::Result<bool> retainEvents(core::Instant now, const Retention& retention);
    /// The turn is kept until endTurn(), whatever becomes of the transaction.
    core::Result<void> begin() {
        if (writer.inTransaction()) return {};
        takeTurn();
        auto done = writer.begin();
        if (!done) endTurn();
        return done;
    }
    void takeTurn() {
        if (!std::exchange(hasTurn, true)) turn.takeFirst();
    }
    void endTurn() {
        if (std::exchange(hasTurn, false)) turn.giveBack();
    }
    /// For what writes outside begin() and commit().
    struct Turn {
        explicit Turn(Impl& impl) : of(impl), taken(!impl.hasTurn) { of.takeTurn(); }
        ~Turn() {
            if (taken) of.endTurn();
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        Impl& of;
        bool taken;
    };
    std::unique_lock<std::mutex> readLock() const { return std::unique_lock(location.empty() ? writing : reading); }
    const Database& readDatabase() const { return location.empty() ? writer : reader; }
    core::Result<std::uint64_t> count(const char* sql) const {
        const auto lock = readLock();
        MATOU_TRY(statement, readDatabase().prepare(sql));
        MATOU_TRY(row, statement.step());
        return row ? static_cast<std::uint64_t>(statement.integer(0)) : 0;
    }
};

} // namespace matou::history
