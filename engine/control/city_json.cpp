#include "control/city_json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/clock.h"

namespace matou::control {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered instant(core::Instant value) {
    return value == core::Instant{} ? Ordered() : Ordered(core::formatInstant(value));
}
Ordered placeJson(const std::optional<twin::Place>& place) {
    return place ? Ordered{{"lon", place->longitude}, {"lat", place->latitude}} : Ordered();
}
std::string dump(const Ordered& json) {
    return json.dump(1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

Ordered caseJson(const twin::Case& item, core::Instant now) {
    Ordered json = {{"id", item.id},       {"channel", item.channel},        {"class", item.caseClass},
                    {"state", item.state}, {"open", twin::isOpen(item)},     {"overdue", twin::isOverdue(item, now)},
                    {"department", item.department}, {"opened", instant(item.opened)}, {"due", instant(item.due)},
                    {"as_of", core::formatInstant(item.eventTime)}, {"received", core::formatInstant(item.receiveTime)}, {"place", placeJson(item.place)},
                    {"feed", item.feed}};
    if (!item.alarm.empty()) json["alarm"] = item.alarm;
    return json;
}

Ordered itemJson(const twin::FloodItem& item) {
    Ordered json = {{"id", item.id}, {"name", item.name}, {"state", item.state}};
    if (!item.hazard.empty()) json["hazard"] = item.hazard;
    if (item.value) json[item.kind == twin::FloodKind::ponding ? "depth_m" : "m3_per_s"] = *item.value;
    if (item.used) json["used"] = *item.used;
    if (item.capacity) json["capacity"] = *item.capacity;
    if (!item.issuer.empty()) json["issuer"] = item.issuer;
    if (!item.text.empty()) json["text"] = item.text;
    if (item.until != core::Instant{}) json["until"] = core::formatInstant(item.until);
    json["as_of"] = core::formatInstant(item.eventTime);
    json["received"] = core::formatInstant(item.receiveTime);
    json["place"] = placeJson(item.place);
    json["feed"] = item.feed;
    return json;
}

} // namespace

std::string casesJson(const twin::StateSnapshot& snapshot) {
    std::size_t open = 0, overdue = 0;
    Ordered list = Ordered::array();
    if (snapshot.cases)
        for (const auto& item : *snapshot.cases) {
            open += twin::isOpen(item);
            overdue += twin::isOverdue(item, snapshot.now);
            list.push_back(caseJson(item, snapshot.now));
        }
    return dump({{"at", core::formatInstant(snapshot.now)}, {"mode", snapshot.mode}, {"open", open}, {"overdue", overdue}, {"cases", std::move(list)}});
}

std::string floodJson(const twin::StateSnapshot& snapshot) {
    Ordered root = {{"at", core::formatInstant(snapshot.now)}, {"mode", snapshot.mode}, {"response", nullptr}, {"warnings", Ordered::array()}};
    for (const auto kind : {twin::FloodKind::ponding, twin::FloodKind::pump, twin::FloodKind::gate, twin::FloodKind::shelter})
        root[std::string(twin::wordOf(kind))] = Ordered::array();
    if (!snapshot.floodSeason) return dump(root);
    const int level = twin::responseLevel(*snapshot.floodSeason, snapshot.now);
    std::vector<const twin::FloodItem*> warnings;
    for (const auto& item : *snapshot.floodSeason) {
        if (!twin::inForce(item, snapshot.now)) continue;
        if (item.kind == twin::FloodKind::warning) warnings.push_back(&item);
        else if (item.kind != twin::FloodKind::response) root[std::string(twin::wordOf(item.kind))].push_back(itemJson(item));
        else if (level > 0 && item.state == twin::floodStates(item.kind)[static_cast<std::size_t>(4 - level)])
            root["response"] = {{"level", item.state}, {"id", item.id}, {"issuer", item.issuer}, {"as_of", core::formatInstant(item.eventTime)}};
    }
    std::stable_sort(warnings.begin(), warnings.end(), [](const auto* a, const auto* b) { return twin::warningRank(*a) > twin::warningRank(*b); });
    for (const auto* item : warnings) root["warnings"].push_back(itemJson(*item));
    return dump(root);
}

std::string caseOfAlarmJson(const twin::StateSnapshot& snapshot, const std::string& alarm) {
    if (snapshot.cases)
        for (const auto& item : *snapshot.cases)
            if (item.alarm == alarm) return Ordered{{"id", item.id}, {"state", item.state}}.dump(-1, ' ', false, Ordered::error_handler_t::replace);
    return "null";
}

} // namespace matou::control
