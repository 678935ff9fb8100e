#pragma once
// What cameras and devices report now and then: events, as a function of seed and time.

#include <cstdint>
#include <string>
#include <vector>

#include "core/clock.h"
#include "twin/records.h"

namespace matou::simulate {

struct Incident {
    core::Instant at;
    std::string source; // camera or sensor id
    std::string id;
    std::string eventClass;
    int severity = 4;
    double confidence = 1;
    bool fromCamera = true;
    twin::Place place;
    std::string text;
    bool drill = false; // of an exercise
};

/// A point on the ground at `meters` along the camera's view; `sideways` from -1 to 1 within its field.
twin::Place ahead(const twin::Camera& camera, double meters, double sideways);

/// Each slot of this length may hold one incident (a burst of several events).
inline constexpr std::int64_t kIncidentSlotMs = 60000;

/// The events of slot number `slot` (instant / kIncidentSlotMs), in order of time. A burst may reach into the next
/// slots.
std::vector<Incident> incidentsOfSlot(const twin::Registry& registry, std::uint64_t seed, std::int64_t slot);

} // namespace matou::simulate
