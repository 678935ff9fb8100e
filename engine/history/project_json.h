#pragma once
// What a ledger adds to a project's status, as JSON: what history keeps and attached programs hear.

#include <nlohmann/json.hpp>

#include "twin/records.h"

namespace matou::history {

/// Empty where it adds nothing.
nlohmann::ordered_json ledgerJson(const twin::ProjectStatus& status);
/// Wrong members throw nlohmann's exceptions.
void readLedger(const nlohmann::json& json, twin::ProjectStatus& status);

} // namespace matou::history
