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
Ordered milestoneJson(const twin::Milestone& milestone, core::Instant at) {
    const auto slip = twin::slipDays(milestone, at);
    Ordered json = {{"name", milestone.name}, {"planned", day(milestone.planned)}, {"actual", day(milestone.actual)}, {"slip_days", slip ? Ordered(*slip) : Ordered(nullptr)}};
    if (!milestone.before.empty()) json["before"] = milestone.before;
    if (!milestone.after.empty()) json["after"] = milestone.after;
    if (!milestone.outline.empty()) json["outline"] = ringJson(milestone.outline);
    return json;
}

void addLedger(Ordered& json, const twin::ProjectStatus& status, core::Instant at) {
    const auto slip = twin::slipDays(status, at);
    json["slip_days"] = slip ? Ordered(*slip) : Ordered(nullptr);
    if (status.budgetTenThousandYuan) json["budget_wan"] = *status.budgetTenThousandYuan;
    if (status.spentTenThousandYuan) json["spent_wan"] = *status.spentTenThousandYuan;
    if (status.consultationPercent || status.signingPercent || status.movingPercent) {
        Ordered& renewal = json["renewal"] = Ordered::object();
        if (status.consultationPercent) renewal["consultation_percent"] = *status.consultationPercent;
        if (status.signingPercent) renewal["signing_percent"] = *status.signingPercent;
        if (status.movingPercent) renewal["moving_percent"] = *status.movingPercent;
    }
    json["milestones"] = Ordered::array();
    for (const auto& milestone : status.milestones) json["milestones"].push_back(milestoneJson(milestone, at));
}

Ordered projectJson(const twin::Project* project, const twin::ProjectStatus* status, core::Instant at) {
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
    json["status"] = status->status;
    json["phase"] = status->phase;
    json["percent"] = status->percent;
    if (!status->note.empty()) json["note"] = status->note;
    json["as_of"] = core::formatInstant(status->eventTime);
    json["received"] = core::formatInstant(status->receiveTime);
    json["feed"] = status->feed;
    addLedger(json, *status, at);
    const Ring& outline = !status->outline.empty() || !project ? status->outline : project->outline;
    if (!outline.empty()) json["outline"] = ringJson(outline);
    return json;
}

} // namespace

std::string projectsJson(const twin::StateSnapshot& snapshot) {
    Ordered root = {{"version", snapshot.version}, {"at", core::formatInstant(snapshot.now)}, {"mode", snapshot.mode}, {"projects", Ordered::array()}};
    for (std::size_t i = 0; i < snapshot.registry->projects.size(); ++i) {
        const bool known = i < snapshot.projects.size() && snapshot.projects[i];
        root["projects"].push_back(projectJson(&snapshot.registry->projects[i], known ? &*snapshot.projects[i] : nullptr, snapshot.now));
    }
    if (snapshot.otherProjects)
        for (const auto& status : *snapshot.otherProjects) root["projects"].push_back(projectJson(nullptr, &status, snapshot.now));
    return root.dump(1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

} // namespace matou::control
