#pragma once
// What stands in the audit chain: one JSON text per transition of an alarm and per command. Private to this module.

#include <optional>
#include <string>

#include "history/history.h"

namespace matou::history {

/// {"kind":"alarm|candidate|district","t","local","id","what","actor","text", and of an alarm: "class","source","severity",
/// "condition","workflow","count","suppressed"…}
std::string auditRecord(const alarm::Change& change);
/// {"kind":"command","t","local","actor","role","origin","command":{…},"outcome"}
std::string auditRecord(const AuditRow& row);
std::optional<AuditRow> auditRowOf(const std::string& record);
/// {"kind":"begin","t","chain","hash"}: the first of a chain.
std::string firstRecord(const std::string& chain, const std::string& hash, core::Instant at);
/// {"kind":"retention","t","through","hash"}: all up to that number is gone.
std::string retentionRecord(std::int64_t through, const std::string& hash, core::Instant at);

} // namespace matou::history
