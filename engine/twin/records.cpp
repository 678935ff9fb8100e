#include "twin/records.h"

namespace matou::twin {

Age ageOf(core::Duration sinceReceived, core::Duration expectedInterval) {
    const auto since = sinceReceived.count(), expected = expectedInterval.count();
    if (since * 2 <= expected * 3) return Age::fresh;
    if (since <= expected * 3) return Age::late;
    if (since <= expected * 10) return Age::stale;
    return Age::lost;
}

void Registry::index() {
    const auto fill = [](auto& table, const auto& things) {
        table.clear();
        // The first of two things with one id wins, so that a later duplicate cannot take over what is shown.
        for (std::uint32_t i = 0; i < things.size(); ++i)
            table.emplace(things[i].id, i);
    };
    fill(sensorIndex, sensors);
    fill(cameraIndex, cameras);
    fill(projectIndex, projects);
}

} // namespace matou::twin
