// Tables of databases: a GeoPackage is an SQLite file; PostgreSQL is asked.

#include <algorithm>
#include <array>
#include <memory>

#include <libpq-fe.h>
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

/// Names come from configuration and are quoted as SQL wants it.
std::string quoted(const std::string& name) {
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

} // namespace

core::Result<Table> tableOfGeoPackage(const std::string& path, const std::string& table) {
    sqlite3* handle = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    const Database database(handle, &sqlite3_close);
    if (opened != SQLITE_OK) return core::fail("E_TABLE_OPEN", path, {handle ? sqlite3_errmsg(handle) : "?"});
    // The file is others': it may be hostile, or being written.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(Table::kCellBytes));
    sqlite3_busy_timeout(handle, 2000);
    std::string name = table, geometry;
    auto geometries = prepare(handle, "SELECT table_name, column_name FROM gpkg_geometry_columns ORDER BY rowid", path);
    if (!geometries && name.empty()) return tl::unexpected(geometries.error()); // no GeoPackage, and no table named
    while (geometries && sqlite3_step(geometries->get()) == SQLITE_ROW) {
        if (name.empty()) name = textAt(geometries->get(), 0);
        if (textAt(geometries->get(), 0) == name) geometry = textAt(geometries->get(), 1);
    }
    if (name.empty()) return core::fail("E_TABLE_READ", path, {"gpkg_geometry_columns"});
    MATOU_TRY(query, prepare(handle, "SELECT * FROM " + quoted(name), path + "#" + name));
    Table result;
    int code = SQLITE_ROW;
    for (std::size_t number = 1; (code = sqlite3_step(query.get())) == SQLITE_ROW; ++number) {
        TableRow row{core::Json::object(), path + "#" + name + "/" + std::to_string(number), {}};
        if (result.rows.size() >= Table::kRows) {
            result.refused.push_back({"E_MAPPING_LIMIT", {">" + std::to_string(Table::kRows), std::to_string(Table::kRows)}, path, nullptr});
            return result;
        }
        for (int i = 0; i < sqlite3_column_count(query.get()); ++i) {
            const std::string column = sqlite3_column_name(query.get(), i);
            const bool shape = column == geometry;
            row.cells[shape ? "geometry" : column] = shape ? geometryAt(query.get(), i) : cellAt(query.get(), i);
        }
        result.rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) return core::fail("E_TABLE_READ", path + "#" + name, {sqlite3_errmsg(handle)});
    return result;
}

core::Result<Table> tableOfPostgres(const std::string& url, const std::string& table, const std::string& password) {
    using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
    using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;
    const std::array<const char*, 7> keys{"connect_timeout", "tcp_user_timeout", "application_name", "client_encoding", "dbname", password.empty() ? nullptr : "password", nullptr};
    const std::array<const char*, 7> values{"5", "10000", "matou", "UTF8", url.c_str(), password.c_str(), nullptr};
    const std::string shown = url.substr(0, url.find('?'));
    const Connection connection(PQconnectdbParams(keys.data(), values.data(), 1), &PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK) return core::fail("E_TABLE_OPEN", shown, {oneLine(PQerrorMessage(connection.get()))});
    const auto run = [&](const std::string& sql) { return Answer(PQexec(connection.get(), sql.c_str()), &PQclear); };
    run("BEGIN READ ONLY");
    run("SET LOCAL statement_timeout = 30000");
    std::string from;
    for (std::size_t at = 0; at <= table.size();) {
        const auto end = std::min(table.find('.', at), table.size());
        from += (from.empty() ? "" : ".") + quoted(table.substr(at, end - at));
        at = end + 1;
    }
    const Answer answer = run("SELECT * FROM " + from + " LIMIT " + std::to_string(Table::kRows + 1));
    const std::string where = shown + "#" + table;
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return core::fail("E_TABLE_READ", where, {oneLine(PQerrorMessage(connection.get()))});
    Table result;
    for (int i = 0; i < PQntuples(answer.get()); ++i) {
        if (result.rows.size() >= Table::kRows) {
            result.refused.push_back({"E_MAPPING_LIMIT", {">" + std::to_string(Table::kRows), std::to_string(Table::kRows)}, where, nullptr});
            break;
        }
        TableRow row{core::Json::object(), where + "/" + std::to_string(i + 1), {}};
        for (int column = 0; column < PQnfields(answer.get()); ++column) {
            const char* text = PQgetvalue(answer.get(), i, column);
            core::Json& cell = row.cells[PQfname(answer.get(), column)];
            if (!PQgetisnull(answer.get(), i, column)) cell = text;
        }
        result.rows.push_back(std::move(row));
    }
    return result;
}

} // namespace matou::live
