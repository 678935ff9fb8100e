#include "history/database.h"

#include <sqlite3.h>

namespace matou::history {
using core::fail;

void Database::Closer::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}
void Statement::Finalizer::operator()(sqlite3_stmt* handle) const {
    sqlite3_finalize(handle);
}

core::Result<Database> Database::open(const std::filesystem::path& path, bool readOnly) {
    Database database;
    database._where = path.empty() ? "history in memory" : path.string();
    sqlite3* handle = nullptr;
    const int flags =
        (readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.empty() ? ":memory:" : path.c_str(), &handle, flags, nullptr);
    database._handle.reset(handle);
    if (code != SQLITE_OK)
        return fail("E_HISTORY_OPEN", database._where, {handle ? sqlite3_errmsg(handle) : "out of memory"});
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 5000);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return database;
}

namespace {
core::Error errorOf(sqlite3* handle, const std::string& where) {
    // Only a damaged file may be put aside; a full disk or a lock must not cost the history.
    const int code = sqlite3_errcode(handle) & 0xff;
    const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return {damaged ? "E_HISTORY_DAMAGED" : "E_HISTORY_SQL", {sqlite3_errmsg(handle)}, where, nullptr};
}
} // namespace

core::Error Database::error() const {
    return errorOf(_handle.get(), _where);
}
std::int64_t Database::changes() const {
    return sqlite3_changes(_handle.get());
}
std::int64_t Database::lastRow() const {
    return sqlite3_last_insert_rowid(_handle.get());
}
bool Database::inTransaction() const {
    return sqlite3_get_autocommit(_handle.get()) == 0;
}

void Database::interrupt() const {
    sqlite3_interrupt(_handle.get());
}
core::Result<std::string> Database::damage(const std::string& table) const {
    MATOU_TRY(check, prepare(table.empty() ? "PRAGMA quick_check(1)" : ("PRAGMA quick_check('" + table + "')").c_str()));
    MATOU_TRY(row, check.step());
    if (!row) return std::string("no answer");
    return check.text(0) == "ok" ? std::string() : check.text(0);
}

core::Result<void> Database::execute(const char* sql) {
    if (sqlite3_exec(_handle.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return tl::unexpected(error());
    return {};
}

core::Result<Statement> Database::prepare(const char* sql) const {
    sqlite3_stmt* handle = nullptr;
    if (sqlite3_prepare_v2(_handle.get(), sql, -1, &handle, nullptr) != SQLITE_OK) return tl::unexpected(error());
    Statement statement;
    statement._handle.reset(handle);
    statement._where = _where;
    return statement;
}

Statement& Statement::bind(int position, std::int64_t value) {
    sqlite3_bind_int64(_handle.get(), position, value);
    return *this;
}
Statement& Statement::bind(int position, double value) {
    sqlite3_bind_double(_handle.get(), position, value);
    return *this;
}
Statement& Statement::bind(int position, const std::string& value) {
    sqlite3_bind_text64(_handle.get(), position, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}
Statement& Statement::bindNull(int position) {
    sqlite3_bind_null(_handle.get(), position);
    return *this;
}

core::Result<bool> Statement::step() {
    const int code = sqlite3_step(_handle.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto error = errorOf(sqlite3_db_handle(_handle.get()), _where);
    sqlite3_reset(_handle.get());
    return tl::unexpected(std::move(error));
}

core::Result<void> Statement::run() {
    auto result = step();
    reset();
    if (!result) return tl::unexpected(std::move(result).error());
    return {};
}

void Statement::reset() {
    sqlite3_reset(_handle.get());
}
std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(_handle.get(), column);
}
double Statement::number(int column) const {
    return sqlite3_column_double(_handle.get(), column);
}
std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(_handle.get(), column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(_handle.get(), column)))
                 : std::string();
}

} // namespace matou::history
