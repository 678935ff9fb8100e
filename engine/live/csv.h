#pragma once
// Comma-separated text (RFC 4180) as a list of objects, so that one mapping serves both.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace matou::live {

/// The first line names the members; all values are texts. `separator`: ',', ';' or a tab. Errors `WHERE:line N`: E_CSV_QUOTE,
/// E_CSV_COLUMNS {found, expected}, E_CSV_LIMIT (more than 100,000 rows, 1,000 columns, 2,000,000 cells). Empty lines are skipped; CR LF or LF.
core::Result<core::Json> parseCsv(std::string_view text, std::string_view where, char separator = ',');

struct CsvRow {
    std::vector<std::string> values;
    std::vector<std::uint32_t> characters; // of the line, from 1, where each begins
    std::size_t line = 0;                  // from 1, where the row begins
};
struct CsvRows {
    std::vector<std::string> names;
    std::vector<CsvRow> rows;
    core::Diagnostics refused; // WHERE:LINE:CHARACTER: E_CSV_COLUMNS, E_CSV_QUOTE
};
/// The same, but a bad line is refused by itself and the others stand. E_CSV_LIMIT.
core::Result<CsvRows> readCsv(std::string_view text, std::string_view where, char separator = ',');

} // namespace matou::live
