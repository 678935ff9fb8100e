#include "control/project_json.h"

#include <nlohmann/json.hpp>

#include "core/clock.h"

namespace matou::control {
namespace {

using Ordered = nlohmann::ordered_json;
using Ring = std::vector<std::pair<double, double>>;

/// Dates of plans are Beijing days.
Ordered day(const std::optional<core::Instant>& instant) {
    return instant ? Ordered(core::formatBeijing(*instant).substr(0, 10)) : Ordered(nullptr);
}
Ordered ringJson(const Ring& ring) {
    Ordered json = Ordered::array();
    for (const auto& [lon, lat] : ring) json.push_back({lon, lat});
    return json;
}
/// The day that is asked for, and up to when what was told counts: that day, or all of it where nobody asked for one.
struct Asked {
    core::Instant day, told;
};

Ordered milestoneJson(const twin::Milestone& milestone, const Asked& asked) {
    const auto slip = twin::slipDays(milestone, asked.day);
    Ordered json = {{"name", milestone.name}, {"planned", day(milestone.planned)}, {"actual", day(milestone.actual && *milestone.actual <= asked.told ? milestone.actual : std::nullopt)}, {"slip_days", slip ? Ordered(*slip) : Ordered(nullptr)}};
    if (!milestone.before.empty()) json["before"] = milestone.before;
    if (!milestone.after.empty()) json["after"] = milestone.after;
    if (!milestone.outline.empty()) json["outline"] = ringJson(milestone.outline);
    return json;
}

void addLedger(Ordered& json, const twin::ProjectStatus& status, const Asked& asked) {
    const auto slip = twin::slipDays(status, asked.day);
    json["slip_days"] = slip ? Ordered(*slip) : Ordered(nullptr);
    if (status.budgetTenThousandYuan) json["budget_wan"] = *status.budgetTenThousandYuan;
    json["milestones"] = Ordered::array();
    for (const auto& milestone : status.milestones) json["milestones"].push_back(milestoneJson(milestone, asked));
    if (status.eventTime > asked.told) return; // of that day nothing more is known
    if (status.spentTenThousandYuan) json["spent_wan"] = *status.spentTenThousandYuan;
    if (status.consultationPercent || status.signingPercent || status.movingPercent) {
        Ordered& renewal = json["renewal"] = Ordered::object();
        if (status.consultationPercent) renewal["consultation_percent"] = *status.consultationPercent;
        if (status.signingPercent) renewal["signing_percent"] = *status.signingPercent;
        if (status.movingPercent) renewal["moving_percent"] = *status.movingPercent;
    }
}

Ordered projectJson(const twin::Project* project, const twin::ProjectStatus* status, const Asked& asked) {
    Ordered json = {{"id", project ? project->id : status->project}, {"registered", project != nullptr}};
    const std::string zh = status && !status->name.empty() ? status->name : project ? project->name.zh : "";
    json["name"] = {{"zh", zh}, {"en", project ? project->name.en : zh}};
    json["department"] = status && !status->department.empty() ? status->department : project ? project->department : "";
    if (project) {
        json["kind"] = project->kind;
        json["zone"] = project->zone;
        if (project->budgetTenThousandYuan > 0) json["budget_wan"] = project->budgetTenThousandYuan;
        json["phases"] = Ordered::array();
        for (const auto& phase : project->phases)
            json["phases"].push_back({{"name", phase.name}, {"planned_start", day(phase.plannedStart)}, {"planned_end", day(phase.plannedEnd)}, {"actual_start", day(phase.actualStart)}, {"actual_end", day(phase.actualEnd)}});
    }
    if (!status) return json;
    if (status->eventTime <= asked.told) {
        json["status"] = status->status;
        json["phase"] = status->phase;
        json["percent"] = status->percent;
        if (!status->note.empty()) json["note"] = status->note;
    }
    json["as_of"] = core::formatInstant(status->eventTime);
    json["received"] = core::formatInstant(status->receiveTime);
    json["feed"] = status->feed;
    addLedger(json, *status, asked);
    const Ring& outline = !status->outline.empty() || !project ? status->outline : project->outline;
    if (!outline.empty()) json["outline"] = ringJson(outline);
    return json;
}

} // namespace

std::string projectsJson(const twin::StateSnapshot& snapshot, std::optional<core::Instant> on) {
    const Asked asked{on.value_or(snapshot.now), on.value_or(core::Instant::max())};
    Ordered root = {{"version", snapshot.version}, {"at", core::formatInstant(snapshot.now)}, {"on", core::formatInstant(asked.day)}, {"mode", snapshot.mode}, {"projects", Ordered::array()}};
    for (std::size_t i = 0; i < snapshot.registry->projects.size(); ++i) {
        const bool known = i < snapshot.projects.size() && snapshot.projects[i];
        root["projects"].push_back(projectJson(&snapshot.registry->projects[i], known ? &*snapshot.projects[i] : nullptr, asked));
    }
    if (snapshot.otherProjects)
        for (const auto& status : *snapshot.otherProjects) root["projects"].push_back(projectJson(nullptr, &status, asked));
    return root.dump(1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

} // namespace matou::control
