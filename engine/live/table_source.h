#pragma once
// A table as an office keeps it – CSV, GeoPackage, PostgreSQL, JSON – as rows by column name, each cell with its place.

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
};

/// A row with too few or too many columns or a bad quote is refused, the next line begins anew. E_CSV_LIMIT as parseCsv.
core::Result<Table> tableOfCsv(std::string_view utf8, const std::string& where, char separator);
/// `pointer` leads to a list of objects (of a GeoJSON collection to its features: properties become cells, the geometry "geometry").
core::Result<Table> tableOfJson(const core::Json& payload, const std::string& pointer, const std::string& where);
/// A table or view of a GeoPackage (or any SQLite file), read only. Geometry columns are found in gpkg_geometry_columns and come as
/// {"wkb": hex, "srs": EPSG code}. Empty `table`: the first feature table. E_TABLE_OPEN, E_TABLE_READ.
core::Result<Table> tableOfGeoPackage(const std::string& path, const std::string& table);
/// A table or view ("schema.table") in a read-only transaction that ends after 30 s. The password comes from ~/.pgpass or PGPASSWORD or `password`.
core::Result<Table> tableOfPostgres(const std::string& url, const std::string& table, const std::string& password);

} // namespace matou::live
