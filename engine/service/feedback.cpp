#include "service/feedback.h"

#include <nlohmann/json.hpp>

namespace matou::service {

history::Outgoing feedbackOf(const alarm::Change& change, const std::string& district) {
    const auto& alarm = change.alarm;
    const bool denied = (change.of == alarm::Change::Of::alarm && change.what == "reject") ||
                        (change.of == alarm::Change::Of::candidate && change.what == "dismiss");
    if (!denied || alarm.drill || alarm.events.empty() || alarm.feed.empty()) return {};
    const nlohmann::ordered_json payload = {{"id", alarm.events.back()},
                                            {"ids", alarm.events},
                                            {"alarm", alarm.id},
                                            {"class", alarm.alarmClass},
                                            {"verdict", "false"},
                                            {"actor", change.actor},
                                            {"reason", change.text},
                                            {"ts", core::formatInstant(change.at)}};
    history::Outgoing result;
    result.feed = alarm.feed;
    result.topic = "matou/v1/" + district + "/feedback/" + alarm.source;
    result.payload = payload.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return result;
}

history::Outgoing handOutOf(const alarm::Change& change, const std::string& district, const std::string& feed) {
    const auto& alarm = change.alarm;
    if (change.of != alarm::Change::Of::alarm || change.what != "dispatch" || alarm.drill) return {};
    const nlohmann::ordered_json payload = {{"id", alarm.id},
                                            {"ts", core::formatInstant(change.at)},
                                            {"class", alarm.alarmClass},
                                            {"severity", alarm.severity},
                                            {"title", alarm.title.zh},
                                            {"lon", alarm.place.longitude},
                                            {"lat", alarm.place.latitude},
                                            {"raised", core::formatInstant(alarm.raised)},
                                            {"text", change.text}};
    history::Outgoing result;
    result.feed = feed;
    result.topic = "matou/v1/" + district + "/handout/" + alarm.id;
    result.payload = payload.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return result;
}

} // namespace matou::service
