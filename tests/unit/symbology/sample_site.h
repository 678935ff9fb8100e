#pragma once
// A made-up district state for tests of overlays and panels: zones, thousands of sensors and cameras, projects, alarms.

#include <memory>

#include "symbology/overlay_builder.h"
#include "twin/state_snapshot.h"

namespace matou::test {

struct SampleSite {
    std::shared_ptr<twin::Registry> registry;
    std::shared_ptr<twin::StateSnapshot> state;
    std::vector<symbology::MapLabel> labels;
};

/// The same for the same numbers.
SampleSite sampleSite(int sensors = 6000, int cameras = 1500, int projects = 40);
twin::Alarm sampleAlarm(const std::string& id, int severity, double longitude, double latitude, core::Instant raised);
core::Instant sampleNow();
/// Looks at a place of the district from `distance` metres; heading and pitch in degrees.
scene::View sampleView(double longitude, double latitude, double distance, double heading, double pitch, glm::ivec2 size = {1920, 1080});

} // namespace matou::test
