#pragma once
// Rows of a project ledger (项目台账) → canonical project payloads: one project from one row, or from a row for each of its milestones.

#include <map>
#include <string>
#include <vector>

#include "core/clock.h"
#include "live/table_source.h"

namespace matou::live {

struct LedgerColumns {
    /// Canonical name → the table's column; one that is not here has its canonical name:
    /// of the project   id name department phase percent status note budget_wan spent_wan consultation_percent signing_percent moving_percent as_of geometry
    /// of a milestone   milestone planned actual milestone_geometry before after
    std::map<std::string, std::string> names;
    std::string crs = "wgs84"; // of geometries that do not say theirs

    static const std::vector<std::string>& canonical();
};

struct Ledger {
    std::vector<core::Json> projects;  // canonical payloads, by their first row; without `ts` where no row says as_of
    core::Diagnostics refused;         // each bad row or cell with its place; what else the row says stands
    bool more = false;                 // than kRefused of them; then the last says so

    static constexpr std::size_t kRefused = 10000;
};

/// Empty cells say nothing. A project's cell that says something else than an earlier row of it is refused: the first stands. Dates:
/// 2025-03-01, 2025/3/1, 2025.3.1, 20250301, 2025年3月1日; numbers may have thousands separators, percents a %. Errors: E_LEDGER_COLUMN {column}
/// for a configured column that no row has, E_CRS_UNKNOWN.
core::Result<Ledger> ledgerOf(const Table& table, const LedgerColumns& columns, const std::string& where);

} // namespace matou::live
