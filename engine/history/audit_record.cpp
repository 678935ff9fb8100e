#include "history/audit_record.h"

#include "alarm/life_cycle.h"
#include "core/json.h"

namespace matou::history {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered begun(const char* kind, core::Instant at) {
    return {{"kind", kind}, {"t", core::formatInstant(at)}, {"local", core::formatBeijing(at)}};
}
std::string dump(const Ordered& json) {
    return json.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

} // namespace

std::string auditRecord(const alarm::Change& change) {
    using Of = alarm::Change::Of;
    const auto& alarm = change.alarm;
    Ordered json = begun(change.of == Of::alarm ? "alarm" : change.of == Of::candidate ? "candidate" : "district", change.at);
    if (change.of != Of::district) json["id"] = alarm.id;
    json["what"] = change.what;
    json["actor"] = change.actor;
    json["text"] = change.text;
    if (change.of == Of::district) return dump(json);
    json["class"] = alarm.alarmClass;
    json["source"] = alarm.source;
    json["severity"] = alarm.severity;
    json["condition"] = alarm::wordOf(alarm.condition);
    json["workflow"] = alarm::wordOf(alarm.workflow);
    json["count"] = alarm.count;
    if (alarm.suppressed != twin::Suppressed::no) {
        json["suppressed"] = alarm::wordOf(alarm.suppressed);
        json["suppressed_by"] = alarm.suppressedBy;
    }
    if (alarm.workflow == twin::Workflow::shelved) {
        json["shelved_for"] = alarm.shelvedFor;
        json["shelved_until"] = core::formatInstant(alarm.shelvedUntil);
    }
    if (alarm.drill) json["drill"] = true;
    return dump(json);
}

std::string auditRecord(const AuditRow& row) {
    Ordered json = begun("command", row.at);
    json["actor"] = row.actor;
    json["role"] = row.role;
    json["origin"] = row.origin;
    json["what"] = row.what; // JSON text, kept as it was checked
    json["outcome"] = row.outcome;
    return dump(json);
}

std::optional<AuditRow> auditRowOf(const std::string& record) {
    const auto parsed = core::parseJson(record, "audit", {.depth = 8, .bytes = std::size_t{4} << 20});
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const core::JsonCursor root(*parsed, "audit");
    const auto text = [&](const char* name) { return root.stringOr(name, "").value_or(""); };
    AuditRow row;
    row.at = core::parseInstant(text("t")).value_or(core::Instant{});
    row.actor = text("actor");
    row.role = text("role");
    row.origin = text("origin");
    row.what = text("what");
    row.outcome = text("outcome");
    return row;
}

std::string firstRecord(const std::string& chain, const std::string& hash, core::Instant at) {
    Ordered json = begun("begin", at);
    json["chain"] = chain;
    json["hash"] = hash;
    return dump(json);
}

std::string retentionRecord(std::int64_t through, const std::string& hash, core::Instant at) {
    Ordered json = begun("retention", at);
    json["through"] = through;
    json["hash"] = hash;
    return dump(json);
}

} // namespace matou::history
