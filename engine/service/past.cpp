#include "service/past.h"

#include "history/word_json.h"
#include "twin/twin_state.h"

namespace matou::service {

core::Result<twin::StateSnapshot> pastState(const district::District& district, const history::History& history,
                                            core::Instant at) {
    MATOU_TRY(values, history.valuesAt(at));
    MATOU_TRY(alarms, history.alarmsAt(at));
    twin::TwinState twin(district.registry, district.initialProjects);
    for (auto& value : values)
        twin.apply(value);
    MATOU_TRY(projects, history.projectsAt(at));
    for (const auto& status : projects)
        twin.apply(status);
    bool news = false;
    MATOU_TRY(cases, history.wordsAt("case", at));
    for (const auto& word : cases)
        if (auto item = history::caseFromJson(word)) twin.apply(std::move(*item), news);
    MATOU_TRY(flood, history.wordsAt("flood", at));
    for (const auto& word : flood)
        if (auto item = history::floodFromJson(word)) twin.apply(std::move(*item), news);
    for (auto alarm = alarms.rbegin(); alarm != alarms.rend(); ++alarm) // the worst last
        if (const auto sensor = twin.sensorIndex(alarm->source); sensor && alarm->condition == twin::Condition::active)
            twin.setSeverity(*sensor, alarm->severity);
    twin::StateSnapshot result = twin.snapshot(at);
    result.alarms = std::move(alarms);
    result.mode = "replay";
    return result;
}

} // namespace matou::service
