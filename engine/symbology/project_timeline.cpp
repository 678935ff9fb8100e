#include "symbology/project_timeline.h"

#include <algorithm>

namespace matou::symbology {

namespace {

using core::Duration;
using core::Instant;

constexpr Duration kGrace = std::chrono::hours(24 * 30); // domain A.2 #21: "late > 30 d"

double share(Instant start, Instant end, Instant at) {
    if (at <= start) return 0;
    if (at >= end) return 1;
    return static_cast<double>((at - start).count()) / static_cast<double>((end - start).count());
}

double weightOf(const twin::Phase& phase) {
    if (!phase.plannedStart || !phase.plannedEnd || *phase.plannedEnd <= *phase.plannedStart) return 1.0;
    return static_cast<double>((*phase.plannedEnd - *phase.plannedStart).count());
}

} // namespace

ProjectAtDate projectAt(const twin::Project& project, Instant date, const std::optional<twin::ProjectStatus>& reported) {
    ProjectAtDate result;
    double total = 0, done = 0, planned = 0;
    bool started = false, finished = !project.phases.empty();
    const twin::Phase* current = nullptr;
    for (const auto& phase : project.phases) {
        const double weight = weightOf(phase);
        total += weight;
        if (phase.plannedStart && phase.plannedEnd) planned += weight * share(*phase.plannedStart, *phase.plannedEnd, date);
        const bool begun = phase.actualStart && *phase.actualStart <= date;
        const bool ended = phase.actualEnd && *phase.actualEnd <= date;
        started = started || begun;
        finished = finished && ended;
        if (ended) {
            done += weight;
        } else if (begun) {
            // An end not yet known is taken as start + planned length; short of 100 % until it has really ended.
            const Instant end = phase.actualEnd ? *phase.actualEnd
                                : phase.plannedStart && phase.plannedEnd && *phase.plannedEnd > *phase.plannedStart
                                    ? *phase.actualStart + (*phase.plannedEnd - *phase.plannedStart)
                                    : *phase.actualStart + kGrace;
            done += weight * std::min(0.95, share(*phase.actualStart, end, date));
        }
        if (!ended && current == nullptr) current = &phase;
        if (!ended && phase.plannedEnd && *phase.plannedEnd < date) result.slip = std::max(result.slip, date - *phase.plannedEnd);
    }
    if (total > 0) {
        result.percent = 100.0 * done / total;
        result.plannedPercent = 100.0 * planned / total;
    }
    if (current == nullptr && !project.phases.empty()) current = &project.phases.back();
    if (current != nullptr) {
        result.phase = current->name;
        if (!(current->actualStart && *current->actualStart <= date) && current->plannedStart && *current->plannedStart < date)
            result.slip = std::max(result.slip, date - *current->plannedStart);
    }
    if (finished) {
        result.status = "done";
        result.percent = 100;
    } else if (result.slip > kGrace) {
        result.status = "late";
    } else if (result.slip > Duration{0}) {
        result.status = "at-risk";
    } else {
        result.status = started ? "on-track" : "planned";
    }
    if (reported && reported->eventTime <= date) {
        if (!reported->status.empty()) result.status = reported->status;
        if (!reported->phase.empty()) result.phase = reported->phase;
        result.percent = reported->percent;
    }
    return result;
}

} // namespace matou::symbology
