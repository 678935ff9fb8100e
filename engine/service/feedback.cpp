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

} // namespace matou::service
