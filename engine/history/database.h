#pragma once
// SQLite with errors as values. Private to this module.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace matou::history {

class Statement;

/// One connection. Not thread-safe.
class Database {
public:
    /// Empty path: in memory. E_HISTORY_OPEN.
    static core::Result<Database> open(const std::filesystem::path& path, bool readOnly);
    /// E_HISTORY_SQL with the database's words.
    core::Result<void> execute(const char* sql);
    core::Result<Statement> prepare(const char* sql) const;
    core::Error error() const;
    std::int64_t changes() const;
    std::int64_t lastRow() const;
    bool inTransaction() const;
    /// Of another thread: what runs on this connection ends soon with an error.
    void interrupt() const;
    /// As SQLite says it of structure (PRAGMA quick_check), of one table or of all; empty: sound. E_HISTORY_SQL.
    core::Result<std::string> damage(const std::string& table = "") const;
    const std::string& where() const { return _where; }

private:
    struct Closer {
        void operator()(sqlite3*) const;
    };
    std::unique_ptr<sqlite3, Closer> _handle;
    std::string _where;
};

/// Bind by position from 1, step, read columns from 0, reset.
class Statement {
public:
    Statement& bind(int position, std::int64_t value);
    Statement& bind(int position, double value);
    Statement& bind(int position, const std::string& value);
    Statement& bindNull(int position);
    /// true: a row is there.
    core::Result<bool> step();
    /// Steps a statement that gives no rows and resets it.
    core::Result<void> run();
    void reset();
    std::int64_t integer(int column) const;
    double number(int column) const;
    std::string text(int column) const;

private:
    friend class Database;
    struct Finalizer {
        void operator()(sqlite3_stmt*) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalizer> _handle;
    const Database* _database = nullptr;
    std::string _where;
};

} // namespace matou::history
