#pragma once
// A table as an office keeps it – CSV, GeoPackage, PostgreSQL, JSON – as rows by column name, each cell with its place.

#include <atomic>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace matou::live {

struct TableRow {
    core::Json cells; // object: column → text, number, boolean, null; a geometry is {"wkt"|"wkb": text} or GeoJSON
    std::string where; // FILE:LINE, FILE#TABLE/ROWID, …
    std::map<std::string, std::uint32_t> at; // of CSV: column → character of the line, from 1
    /// FILE:LINE:CHARACTER, or WHERE/column.
    std::string place(const std::string& column) const;
};

struct Table {
    std::vector<TableRow> rows;
    core::Diagnostics refused; // rows that could not be read; the others stand

    static constexpr std::size_t kRows = 100000;
    static constexpr std::size_t kCellBytes = std::size_t{1} << 20;
    static constexpr std::size_t kBytes = std::size_t{256} << 20; // of a reading in memory, a cell counting for kCellCost and what it holds
    static constexpr std::size_t kCellCost = 120;
};

/// A row with too few or too many columns or a bad quote is refused, the next line begins anew. E_CSV_LIMIT as parseCsv.
core::Result<Table> tableOfCsv(std::string_view utf8, const std::string& where, char separator);
/// `pointer` leads to a list of objects (empty: the whole is one, or a GeoJSON collection); of a feature the properties become cells, the
/// geometry "geometry".
core::Result<Table> tableOfJson(const core::Json& payload, const std::string& pointer, const std::string& where);
/// A table or view of a GeoPackage (or any SQLite file), read only. Geometry columns are found in gpkg_geometry_columns and come as
/// {"wkb": hex, "srs": EPSG code, 0: not said}. Empty `table`: the first feature table. E_TABLE_OPEN, E_TABLE_READ, E_TABLE_LIMIT (memory),
/// E_TABLE_TIME (30 s, or `stopping`).
core::Result<Table> tableOfGeoPackage(const std::string& path, const std::string& table, const std::atomic<bool>& stopping);
/// A table or view ("schema.table") in a read-only transaction. The password comes from ~/.pgpass or PGPASSWORD or `password`. Errors as above.
core::Result<Table> tableOfPostgres(const std::string& url, const std::string& table, const std::string& password, const std::atomic<bool>& stopping);

} // namespace matou::live
