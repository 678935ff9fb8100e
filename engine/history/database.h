#pragma once
// SQL with errors as values, over SQLite (a file, or memory) or PostgreSQL (a URL). Private to this module.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"

namespace matou::history {

class Statement;

/// What the two databases say differently; everything else is one text for both.
struct Dialect {
    const char* schema;
    const char* guard;   // keeps records of the journal from being deleted
    const char* unguard; // the only way round it, for retention
    const char* begin;   // a transaction that will write
};

/// One connection. Not thread-safe.
class Database {
public:
    /// Implemented by sqlite_database.cpp and postgres_database.cpp.
    class Backend;

    /// Empty: in memory. E_HISTORY_OPEN; E_HISTORY_SECRET for a URL with a password in it; E_HISTORY_BUSY where another
    /// writer has the same PostgreSQL database (this one must be the only one).
    static core::Result<Database> open(const std::string& location, bool readOnly);
    /// A second connection that writes, for values: it never waits for a lock, and what is written is not synced. None where there can be
    /// only one (in memory) or the one holds a lock of its session (a server).
    static core::Result<std::optional<Database>> openBeside(const std::string& location);
    Database();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    const Dialect& dialect() const;
    /// E_HISTORY_SQL with the database's words, E_HISTORY_DAMAGED where it says that the file is no database, E_HISTORY_REFUSED
    /// where it works but will never take this value.
    core::Result<void> execute(const std::string& sql);
    /// Parameters are ? or ?N.
    core::Result<Statement> prepare(const std::string& sql) const;
    core::Result<void> begin() { return execute(dialect().begin); }
    bool inTransaction() const;
    /// Whether a commit waits until it is on disk.
    core::Result<void> sync(bool each);
    /// Readies the table of observations for one of that time (milliseconds since 1970).
    core::Result<void> makeRoom(std::int64_t time);
    /// From now on commits leave the log as long as it is and say its pages, so that somebody else takes them into the file. `pages` outlives this.
    void countLog(std::atomic<std::int64_t>& pages);
    /// Takes the log's pages into the file, waiting for nobody; how many are left.
    core::Result<std::int64_t> checkpoint();
    /// Asks the disk once more, after a commit: a kernel that gives a file system up in the middle of one may have said that it is done (seen with ext4 after
    /// an error of its own).
    core::Result<void> settled() const;
    /// Of another thread: what runs on this connection ends soon with an error.
    void interrupt() const;
    /// As the database says it of structure, of one table or of all; empty: sound. A server looks after its own.
    core::Result<std::string> damage(const std::string& table = "") const;
    const std::string& where() const { return _where; }

private:
    std::unique_ptr<Backend> _backend;
    std::string _where;
};

/// Bind by position from 1, step, read columns from 0, reset.
class Statement {
public:
    class Backend {
    public:
        virtual ~Backend() = default;
        virtual void bind(int position, std::int64_t value) = 0;
        virtual void bind(int position, double value) = 0;
        virtual void bind(int position, const std::string& value) = 0;
        virtual void bindNull(int position) = 0;
        virtual core::Result<bool> step() = 0;
        virtual void reset() = 0;
        virtual std::int64_t changes() const = 0;
        virtual std::int64_t integer(int column) const = 0;
        virtual double number(int column) const = 0;
        virtual std::string text(int column) const = 0;
    };

    explicit Statement(std::unique_ptr<Backend> backend) : _backend(std::move(backend)) {}
    Statement& bind(int position, std::int64_t value) { return _backend->bind(position, value), *this; }
    Statement& bind(int position, double value) { return _backend->bind(position, value), *this; }
    Statement& bind(int position, const std::string& value) { return _backend->bind(position, value), *this; }
    Statement& bindNull(int position) { return _backend->bindNull(position), *this; }
    /// true: a row is there.
    core::Result<bool> step() { return _backend->step(); }
    /// Steps a statement that gives no rows and resets it.
    core::Result<void> run();
    void reset() { _backend->reset(); }
    /// Rows that the last run() changed.
    std::int64_t changes() const { return _backend->changes(); }
    std::int64_t integer(int column) const { return _backend->integer(column); }
    double number(int column) const { return _backend->number(column); }
    std::string text(int column) const { return _backend->text(column); }

private:
    std::unique_ptr<Backend> _backend;
};

class Database::Backend {
public:
    virtual ~Backend() = default;
    virtual const Dialect& dialect() const = 0;
    virtual core::Result<void> execute(const std::string& sql) = 0;
    virtual core::Result<std::unique_ptr<Statement::Backend>> prepare(const std::string& sql) = 0;
    virtual bool inTransaction() const = 0;
    virtual core::Result<void> sync(bool each) = 0;
    virtual core::Result<void> makeRoom(std::int64_t time) = 0;
    virtual void interrupt() = 0;
    virtual void countLog(std::atomic<std::int64_t>&) {}
    virtual core::Result<std::int64_t> checkpoint() { return 0; }
    virtual core::Result<void> settled() { return {}; }
    virtual core::Result<std::string> damage(const std::string& table) = 0;
};

core::Result<std::unique_ptr<Database::Backend>> openSqlite(const std::string& path, const std::string& where,
                                                            bool readOnly);
core::Result<std::unique_ptr<Database::Backend>> openPostgres(const std::string& url, bool readOnly);

} // namespace matou::history
