// SQLite behind Database: a file of its own (WAL), or memory.

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "history/database.h"

namespace matou::history {
using core::fail;
namespace {

constexpr Dialect kDialect{.schema = R"(
CREATE TABLE IF NOT EXISTS notes(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sensors(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS observations(sensor INTEGER NOT NULL, t INTEGER NOT NULL, received INTEGER NOT NULL, value REAL NOT NULL,
  quality INTEGER NOT NULL, seq INTEGER);
CREATE INDEX IF NOT EXISTS observations_of ON observations(sensor, t);
CREATE TABLE IF NOT EXISTS summaries(sensor INTEGER NOT NULL, t INTEGER NOT NULL, count INTEGER NOT NULL, bad INTEGER NOT NULL,
  minimum REAL NOT NULL, maximum REAL NOT NULL, sum REAL NOT NULL, PRIMARY KEY(sensor, t)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events(seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, id TEXT NOT NULL, t INTEGER NOT NULL,
  received INTEGER NOT NULL, stored INTEGER NOT NULL, class TEXT NOT NULL, severity INTEGER NOT NULL, confidence REAL NOT NULL,
  feed TEXT NOT NULL, raw TEXT NOT NULL, UNIQUE(source, id));
CREATE TABLE IF NOT EXISTS alarms(id TEXT PRIMARY KEY, open INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alarms_open ON alarms(open);
CREATE TABLE IF NOT EXISTS transitions(seq INTEGER PRIMARY KEY AUTOINCREMENT, alarm TEXT NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL,
  actor TEXT NOT NULL, text TEXT NOT NULL, severity INTEGER NOT NULL, condition TEXT NOT NULL, workflow TEXT NOT NULL, count INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS transitions_of ON transitions(alarm, at);
CREATE TABLE IF NOT EXISTS outgoing(seq INTEGER PRIMARY KEY AUTOINCREMENT, feed TEXT NOT NULL, topic TEXT NOT NULL, payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS candidates(id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS projects(seq INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, t INTEGER NOT NULL, received INTEGER NOT NULL,
  json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS projects_of ON projects(project, t);
CREATE TABLE IF NOT EXISTS words(seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, thing TEXT NOT NULL, t INTEGER NOT NULL, received INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS words_of ON words(kind, thing, t);
CREATE TABLE IF NOT EXISTS nonces(nonce TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, command INTEGER NOT NULL, record TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS journal_is_not_changed BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
)",
                           .guard = "CREATE TRIGGER IF NOT EXISTS journal_is_not_deleted BEFORE DELETE ON journal "
                                    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
                           .unguard = "DROP TRIGGER IF EXISTS journal_is_not_deleted",
                           .begin = "BEGIN IMMEDIATE"};

core::Error errorOf(sqlite3* handle, const std::string& where) {
    // Only a damaged file may be put aside; a full disk or a lock must not cost the history.
    const int code = sqlite3_errcode(handle) & 0xff;
    const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    const bool refused = code == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH;
    return {damaged ? "E_HISTORY_DAMAGED" : refused ? "E_HISTORY_REFUSED" : "E_HISTORY_SQL", {sqlite3_errmsg(handle)}, where, nullptr};
}

class SqliteStatement final : public Statement::Backend {
public:
    SqliteStatement(sqlite3_stmt* handle, const std::string& where) : _handle(handle), _where(where) {}
    ~SqliteStatement() override { sqlite3_finalize(_handle); }
    void bind(int position, std::int64_t value) override { sqlite3_bind_int64(_handle, position, value); }
    void bind(int position, double value) override { sqlite3_bind_double(_handle, position, value); }
    void bind(int position, const std::string& value) override {
        sqlite3_bind_text64(_handle, position, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    void bindNull(int position) override { sqlite3_bind_null(_handle, position); }
    core::Result<bool> step() override {
        const int code = sqlite3_step(_handle);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) {
            _changes = sqlite3_changes(sqlite3_db_handle(_handle));
            return false;
        }
        auto error = errorOf(sqlite3_db_handle(_handle), _where);
        sqlite3_reset(_handle);
        return tl::unexpected(std::move(error));
    }
    void reset() override { sqlite3_reset(_handle); }
    std::int64_t changes() const override { return _changes; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(_handle, column); }
    double number(int column) const override { return sqlite3_column_double(_handle, column); }
    std::string text(int column) const override {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(_handle, column));
        return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(_handle, column)))
                     : std::string();
    }

private:
    sqlite3_stmt* _handle;
    std::string _where;
    std::int64_t _changes = 0;
};

class SqliteDatabase final : public Database::Backend {
public:
    SqliteDatabase(sqlite3* handle, std::string where) : _handle(handle), _where(std::move(where)) {}
    ~SqliteDatabase() override {
        if (_log >= 0) ::close(_log); // SQLite locks the file and its index, never the log
        sqlite3_close_v2(_handle);
    }
    const Dialect& dialect() const override { return kDialect; }
    core::Result<void> execute(const std::string& sql) override {
        if (sqlite3_exec(_handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            return tl::unexpected(errorOf(_handle, _where));
        return {};
    }
    core::Result<std::unique_ptr<Statement::Backend>> prepare(const std::string& sql) override {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(_handle, sql.c_str(), static_cast<int>(sql.size() + 1), &statement, nullptr) !=
            SQLITE_OK)
            return tl::unexpected(errorOf(_handle, _where));
        return std::make_unique<SqliteStatement>(statement, _where);
    }
    bool inTransaction() const override { return sqlite3_get_autocommit(_handle) == 0; }
    core::Result<void> sync(bool each) override {
        return execute(each ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    }
    core::Result<void> makeRoom(std::int64_t) override { return {}; }
    void interrupt() override { sqlite3_interrupt(_handle); }
    void countLog(std::atomic<std::int64_t>& pages) override {
        // In the place of SQLite's own checkpoint, which comes with a commit and waits for the disk twice.
        const auto hook = [](void* count, sqlite3*, const char*, int frames) {
            *static_cast<std::atomic<std::int64_t>*>(count) = frames;
            return SQLITE_OK;
        };
        sqlite3_wal_hook(_handle, hook, &pages);
    }
    core::Result<std::int64_t> checkpoint() override {
        int frames = 0, moved = 0;
        if (sqlite3_wal_checkpoint_v2(_handle, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &moved) != SQLITE_OK) return tl::unexpected(errorOf(_handle, _where));
        return frames - moved;
    }
    core::Result<void> settled() override {
        const char* file = sqlite3_db_filename(_handle, "main");
        if (file == nullptr || *file == '\0') return {}; // in memory
        if (_log < 0) _log = ::open((std::string(file) + "-wal").c_str(), O_RDONLY | O_CLOEXEC);
        if (_log < 0 || ::fdatasync(_log) != 0) return fail("E_HISTORY_SQL", _where, {std::strerror(errno)});
        return {};
    }
    core::Result<std::string> damage(const std::string& table) override {
        MATOU_TRY(check, prepare(table.empty() ? "PRAGMA quick_check(1)" : "PRAGMA quick_check('" + table + "')"));
        MATOU_TRY(row, check->step());
        if (!row) return std::string("no answer");
        return check->text(0) == "ok" ? std::string() : check->text(0);
    }

private:
    sqlite3* _handle;
    std::string _where;
    int _log = -1; // opened by settled()
};

} // namespace

core::Result<std::unique_ptr<Database::Backend>> openSqlite(const std::string& path, const std::string& where,
                                                            bool readOnly) {
    sqlite3* handle = nullptr;
    const int flags =
        (readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.empty() ? ":memory:" : path.c_str(), &handle, flags, nullptr);
    auto database = std::make_unique<SqliteDatabase>(handle, where);
    if (code != SQLITE_OK) return fail("E_HISTORY_OPEN", where, {handle ? sqlite3_errmsg(handle) : "out of memory"});
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 5000);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    if (!readOnly) {
        MATOU_CHECK(database->execute("PRAGMA journal_mode=WAL"));
        MATOU_CHECK(database->sync(true));
    }
    return database;
}

} // namespace matou::history
