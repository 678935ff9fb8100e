#include "twin/records.h"

#include <algorithm>
#include <tuple>

namespace matou::twin {

Age ageOf(core::Duration sinceReceived, core::Duration expectedInterval) {
    const auto since = sinceReceived.count(), expected = expectedInterval.count();
    if (since * 2 <= expected * 3) return Age::fresh;
    if (since <= expected * 3) return Age::late;
    if (since <= expected * 10) return Age::stale;
    return Age::lost;
}

bool sameWords(const ProjectStatus& a, const ProjectStatus& b) {
    const auto words = [](const ProjectStatus& s) {
        return std::tie(s.phase, s.percent, s.status, s.note, s.name, s.department, s.budgetTenThousandYuan, s.spentTenThousandYuan, s.consultationPercent,
                        s.signingPercent, s.movingPercent, s.milestones, s.outline);
    };
    return words(a) == words(b);
}

std::optional<int> slipDays(const Milestone& milestone, core::Instant at) {
    constexpr std::chrono::hours kDay{24};
    if (!milestone.planned) return std::nullopt;
    const auto days = [](core::Duration span) { return static_cast<int>(std::chrono::floor<std::chrono::days>(span).count()); };
    if (milestone.actual && *milestone.actual <= at) return days(*milestone.actual - *milestone.planned);
    if (at < *milestone.planned + kDay) return std::nullopt;
    return days(at - *milestone.planned);
}

std::optional<int> slipDays(const ProjectStatus& status, core::Instant at) {
    std::optional<int> overdue, last;
    core::Instant reached{};
    for (const auto& milestone : status.milestones) {
        const auto slip = slipDays(milestone, at);
        if (!slip) continue;
        const bool done = milestone.actual && *milestone.actual <= at;
        if (!done) overdue = std::max(overdue.value_or(*slip), *slip);
        else if (*milestone.actual >= reached) {
            reached = *milestone.actual;
            last = slip;
        }
    }
    return overdue ? overdue : last;
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
