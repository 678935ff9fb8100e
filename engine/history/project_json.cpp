#include "history/project_json.h"

namespace matou::history {
namespace {

using Ordered = nlohmann::ordered_json;
using Ring = std::vector<std::pair<double, double>>;

Ordered ringJson(const Ring& ring) {
    Ordered json = Ordered::array();
    for (const auto& [lon, lat] : ring) json.push_back({lon, lat});
    return json;
}

} // namespace

Ordered ledgerJson(const twin::ProjectStatus& status) {
    Ordered json = Ordered::object();
    const auto number = [&](const char* name, const std::optional<double>& value) {
        if (value) json[name] = *value;
    };
    if (!status.name.empty()) json["name"] = status.name;
    if (!status.department.empty()) json["department"] = status.department;
    number("budget", status.budgetTenThousandYuan);
    number("spent", status.spentTenThousandYuan);
    number("consultation", status.consultationPercent);
    number("signing", status.signingPercent);
    number("moving", status.movingPercent);
    for (const auto& milestone : status.milestones) {
        Ordered entry = {{"name", milestone.name}, {"before", milestone.before}, {"after", milestone.after}, {"outline", ringJson(milestone.outline)}};
        if (milestone.planned) entry["planned"] = milestone.planned->time_since_epoch().count();
        if (milestone.actual) entry["actual"] = milestone.actual->time_since_epoch().count();
        json["milestones"].push_back(std::move(entry));
    }
    if (!status.outline.empty()) json["outline"] = ringJson(status.outline);
    return json;
}

void readLedger(const nlohmann::json& json, twin::ProjectStatus& status) {
    const auto number = [&](const char* name, std::optional<double>& to) {
        if (const auto found = json.find(name); found != json.end()) to = found->get<double>();
    };
    const auto instant = [](const nlohmann::json& entry, const char* name) {
        const auto found = entry.find(name);
        return found == entry.end() ? std::nullopt : std::optional(core::Instant(core::Duration(found->get<std::int64_t>())));
    };
    const auto ring = [](const nlohmann::json& list) {
        Ring result;
        for (const auto& corner : list) result.emplace_back(corner.at(0).get<double>(), corner.at(1).get<double>());
        return result;
    };
    status.name = json.value("name", "");
    status.department = json.value("department", "");
    number("budget", status.budgetTenThousandYuan);
    number("spent", status.spentTenThousandYuan);
    number("consultation", status.consultationPercent);
    number("signing", status.signingPercent);
    number("moving", status.movingPercent);
    if (const auto list = json.find("milestones"); list != json.end())
        for (const auto& entry : *list)
            status.milestones.push_back({entry.at("name").get<std::string>(), instant(entry, "planned"), instant(entry, "actual"), ring(entry.at("outline")),
                                         entry.at("before").get<std::string>(), entry.at("after").get<std::string>()});
    if (const auto outline = json.find("outline"); outline != json.end()) status.outline = ring(*outline);
}

} // namespace matou::history
