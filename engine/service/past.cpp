#include "service/past.h"

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
    for (auto alarm = alarms.rbegin(); alarm != alarms.rend(); ++alarm) // the worst last
        if (const auto sensor = twin.sensorIndex(alarm->source); sensor && alarm->condition == twin::Condition::active)
            twin.setSeverity(*sensor, alarm->severity);
    twin::StateSnapshot result = twin.snapshot(at);
    result.alarms = std::move(alarms);
    result.mode = "replay";
    return result;
}

} // namespace matou::service
