// Tables of databases: a GeoPackage is an SQLite file; PostgreSQL is asked.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include <libpq-fe.h>
#include <poll.h>
#include <sqlite3.h>

#include "live/table_source.h"

namespace matou::live {
namespace {

std::string hexOf(const unsigned char* bytes, std::size_t size) {
    std::string hex;
    hex.reserve(size * 2);
    for (std::size_t i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[bytes[i] >> 4];
        hex += "0123456789abcdef"[bytes[i] & 15];
    }
    return hex;
}

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience(30); // of one reading: a view may take long, a table that somebody made may take for ever

/// Names come from configuration and are quoted as SQL wants it.
std::string sqlName(const std::string& name) {
    std::string out = "\"";
    for (const char c : name)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

std::string oneLine(const char* text) {
    std::string line = text ? text : "";
    while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Query = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

core::Result<Query> prepare(sqlite3* database, const std::string& sql, const std::string& where) {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v2(database, sql.c_str(), static_cast<int>(sql.size()), &handle, nullptr);
    Query query(handle, &sqlite3_finalize);
    if (code != SQLITE_OK) return core::fail("E_TABLE_READ", where, {sqlite3_errmsg(database)});
    return query;
}

std::string textAt(sqlite3_stmt* row, int column) {
    const auto* text = sqlite3_column_text(row, column);
    return text ? std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(row, column))) : std::string();
}

core::Json cellAt(sqlite3_stmt* row, int column) {
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER: return sqlite3_column_int64(row, column);
    case SQLITE_FLOAT: return sqlite3_column_double(row, column);
    case SQLITE_TEXT: return textAt(row, column);
    default: return nullptr;
    }
}

/// GeoPackage's header (OGC 12-128r18, 2.1.3) before the WKB: "GP", version, flags, SRS, an envelope by the flags.
core::Json geometryAt(sqlite3_stmt* row, int column) {
    if (sqlite3_column_type(row, column) != SQLITE_BLOB) return nullptr;
    const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(row, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
    constexpr std::size_t kEnvelopes[] = {0, 32, 48, 48, 64};
    if (size < 8 || size > Table::kCellBytes || bytes[0] != 'G' || bytes[1] != 'P') return {{"wkb", ""}};
    const unsigned flags = bytes[3], envelope = flags >> 1 & 7;
    if (envelope > 4 || (flags & 0x20) || size < 8 + kEnvelopes[envelope]) return {{"wkb", ""}};
    std::int32_t srs = 0;
    for (int i = 0; i < 4; ++i)
        srs |= static_cast<std::int32_t>(static_cast<std::uint32_t>(bytes[4 + (flags & 1 ? i : 3 - i)]) << 8 * i);
    const std::size_t begin = 8 + kEnvelopes[envelope];
    return {{"wkb", hexOf(bytes + begin, size - begin)}, {"srs", srs}};
}

/// What a reading may cost, whatever the table holds.
class Budget {
public:
    Budget(std::string where, const std::atomic<bool>& stopping) : _where(std::move(where)), _stopping(stopping) {}
    bool over() const { return _stopping || Steady::now() >= _until; }
    core::Error overdue() const { return {"E_TABLE_TIME", {std::to_string(kPatience.count())}, _where, nullptr}; }
    /// E_TABLE_LIMIT.
    core::Result<void> take(std::size_t bytes) {
        _bytes += bytes;
        if (_bytes > Table::kBytes) return core::fail("E_TABLE_LIMIT", _where, {std::to_string(Table::kBytes >> 20)});
        return {};
    }
    static int watch(void* budget) { return static_cast<const Budget*>(budget)->over() ? 1 : 0; }

private:
    std::string _where;
    const std::atomic<bool>& _stopping;
    const Steady::time_point _until = Steady::now() + kPatience;
    std::size_t _bytes = 0;
};

core::Error tooManyRows(const std::string& where) {
    return {"E_MAPPING_LIMIT", {">" + std::to_string(Table::kRows), std::to_string(Table::kRows)}, where, nullptr};
}

/// A GeoPackage numbers its reference systems as it likes; those of EPSG by their own number, others are not said (0).
std::map<int, int> epsgBySrs(sqlite3* database, const std::string& where) {
    std::map<int, int> codes;
    auto systems = prepare(database, "SELECT srs_id, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE upper(organization) = 'EPSG'", where);
    while (systems && codes.size() < 10000 && sqlite3_step(systems->get()) == SQLITE_ROW)
        codes[sqlite3_column_int(systems->get(), 0)] = sqlite3_column_int(systems->get(), 1);
    return codes;
}

} // namespace

core::Result<Table> tableOfGeoPackage(const std::string& path, const std::string& table, const std::atomic<bool>& stopping) {
    sqlite3* handle = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    const Database database(handle, &sqlite3_close);
    if (opened != SQLITE_OK) return core::fail("E_TABLE_OPEN", path, {handle ? sqlite3_errmsg(handle) : "?"});
    // The file is others': it may be hostile, or being written.
    Budget budget(path, stopping);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(Table::kCellBytes));
    sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, 1000);
    sqlite3_busy_timeout(handle, 2000);
    sqlite3_progress_handler(handle, 10000, &Budget::watch, &budget);
    std::string name = table, geometry;
    auto geometries = prepare(handle, "SELECT table_name, column_name FROM gpkg_geometry_columns ORDER BY rowid", path);
    if (!geometries && name.empty()) return tl::unexpected(geometries.error()); // no GeoPackage, and no table named
    while (geometries && sqlite3_step(geometries->get()) == SQLITE_ROW) {
        if (name.empty()) name = textAt(geometries->get(), 0);
        if (textAt(geometries->get(), 0) == name) geometry = textAt(geometries->get(), 1);
    }
    if (name.empty()) return core::fail("E_TABLE_READ", path, {"gpkg_geometry_columns"});
    const std::string where = path + "#" + name;
    const auto systems = epsgBySrs(handle, path);
    MATOU_TRY(query, prepare(handle, "SELECT * FROM " + sqlName(name), where));
    Table result;
    int code = SQLITE_ROW;
    for (std::size_t number = 1; (code = sqlite3_step(query.get())) == SQLITE_ROW; ++number) {
        TableRow row{core::Json::object(), where + "/" + std::to_string(number), {}};
        if (result.rows.size() >= Table::kRows) {
            result.refused.push_back(tooManyRows(where));
            return result;
        }
        for (int i = 0; i < sqlite3_column_count(query.get()); ++i) {
            const std::string column = sqlite3_column_name(query.get(), i);
            const bool shape = column == geometry;
            MATOU_CHECK(budget.take(Table::kCellCost + static_cast<std::size_t>(sqlite3_column_bytes(query.get(), i)) * (shape ? 2 : 1)));
            core::Json cell = shape ? geometryAt(query.get(), i) : cellAt(query.get(), i);
            if (shape && cell.is_object() && cell.contains("srs") && !systems.empty()) {
                const auto system = systems.find(cell["srs"].get<int>());
                cell["srs"] = system == systems.end() ? 0 : system->second;
            }
            row.cells[shape ? "geometry" : column] = std::move(cell);
        }
        result.rows.push_back(std::move(row));
    }
    if (code == SQLITE_INTERRUPT) return tl::unexpected(budget.overdue());
    if (code != SQLITE_DONE) return core::fail("E_TABLE_READ", where, {sqlite3_errmsg(handle)});
    return result;
}

namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// A connection of which nothing is waited for longer than the budget has: a frozen server must hold up neither the feed nor its end.
class Session {
public:
    Session(const std::string& url, const std::string& password, Budget& budget) : _budget(budget), _connection(begin(url, password), &PQfinish) {}
    PGconn* handle() const { return _connection.get(); }
    std::string reason() const { return oneLine(PQerrorMessage(handle())); }

    bool connected() {
        if (!handle() || PQstatus(handle()) == CONNECTION_BAD) return false;
        for (auto wants = PGRES_POLLING_WRITING; wants != PGRES_POLLING_OK; wants = PQconnectPoll(handle())) {
            if (wants == PGRES_POLLING_FAILED) return false;
            while (!ready(wants == PGRES_POLLING_READING ? POLLIN : POLLOUT))
                if (_budget.over()) return false;
        }
        return true;
    }
    /// The next result of what was sent; null: the last was had. Nothing: overdue.
    std::optional<Answer> next() {
        while (true) {
            const int unsent = PQflush(handle());
            if (unsent <= 0 && !PQisBusy(handle())) return Answer(PQgetResult(handle()), &PQclear);
            if (_budget.over()) return std::nullopt;
            if (ready(static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0))) && PQconsumeInput(handle()) != 1) return Answer(PQgetResult(handle()), &PQclear);
        }
    }
    /// For statements without rows. false: it failed, or is overdue.
    bool run(const char* sql) {
        if (PQsendQuery(handle(), sql) != 1) return false;
        bool good = true;
        for (auto answer = next(); ; answer = next()) {
            if (!answer) return false;
            if (!*answer) return good;
            good = good && PQresultStatus(answer->get()) == PGRES_COMMAND_OK;
        }
    }

private:
    static PGconn* begin(const std::string& url, const std::string& password) {
        const std::array<const char*, 6> keys{"tcp_user_timeout", "application_name", "client_encoding", "dbname", password.empty() ? nullptr : "password", nullptr};
        const std::array<const char*, 6> values{"10000", "matou", "UTF8", url.c_str(), password.c_str(), nullptr};
        return PQconnectStartParams(keys.data(), values.data(), 1);
    }
    bool ready(short events) const {
        pollfd socket{PQsocket(handle()), events, 0};
        return ::poll(&socket, 1, 100) > 0;
    }
    Budget& _budget;
    std::unique_ptr<PGconn, decltype(&PQfinish)> _connection;
};

/// false: a row too many.
core::Result<bool> takeRow(const PGresult* answer, const std::string& where, Budget& budget, Table& table) {
    if (table.rows.size() >= Table::kRows) {
        table.refused.push_back(tooManyRows(where));
        return false;
    }
    TableRow row{core::Json::object(), where + "/" + std::to_string(table.rows.size() + 1), {}};
    for (int column = 0; column < PQnfields(answer); ++column) {
        const auto size = static_cast<std::size_t>(PQgetlength(answer, 0, column));
        MATOU_CHECK(budget.take(Table::kCellCost + size));
        core::Json& cell = row.cells[PQfname(answer, column)];
        if (!PQgetisnull(answer, 0, column)) cell = std::string(PQgetvalue(answer, 0, column), size);
    }
    table.rows.push_back(std::move(row));
    return true;
}

} // namespace

core::Result<Table> tableOfPostgres(const std::string& url, const std::string& table, const std::string& password, const std::atomic<bool>& stopping) {
    const std::string shown = url.substr(0, url.find('?')), where = shown + "#" + table;
    Budget budget(where, stopping);
    Session session(url, password, budget);
    if (!session.connected()) return budget.over() ? tl::unexpected(budget.overdue()) : core::Result<Table>(core::fail("E_TABLE_OPEN", shown, {session.reason()}));
    std::string from;
    for (std::size_t at = 0; at <= table.size();) {
        const auto end = std::min(table.find('.', at), table.size());
        from += (from.empty() ? "" : ".") + sqlName(table.substr(at, end - at));
        at = end + 1;
    }
    const std::string sql = "SELECT * FROM " + from + " LIMIT " + std::to_string(Table::kRows + 1);
    // Row by row: what the server holds is not ours to hold all at once.
    if (!session.run("BEGIN READ ONLY") || !session.run("SET LOCAL statement_timeout = 30000") || PQsendQuery(session.handle(), sql.c_str()) != 1 ||
        PQsetSingleRowMode(session.handle()) != 1)
        return budget.over() ? tl::unexpected(budget.overdue()) : core::Result<Table>(core::fail("E_TABLE_READ", where, {session.reason()}));
    Table result;
    while (true) {
        const auto answer = session.next();
        if (!answer) return tl::unexpected(budget.overdue());
        if (!*answer) return result;
        const auto status = PQresultStatus(answer->get());
        if (status == PGRES_TUPLES_OK) continue;
        if (status != PGRES_SINGLE_TUPLE) return core::fail("E_TABLE_READ", where, {session.reason()});
        MATOU_TRY(more, takeRow(answer->get(), where, budget, result));
        if (!more) return result;
    }
}

} // namespace matou::live
