#pragma once
// Comma-separated text (RFC 4180) as a list of objects, so that one mapping serves both.

#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace matou::live {

/// The first line names the members; all values are texts. `separator`: ',', ';' or a tab. Errors `WHERE:line N`: E_CSV_QUOTE,
/// E_CSV_COLUMNS {found, expected}, E_CSV_LIMIT (more than 100,000 rows, 1,000 columns). Empty lines are skipped; CR LF or LF.
core::Result<core::Json> parseCsv(std::string_view text, std::string_view where, char separator = ',');

} // namespace matou::live
