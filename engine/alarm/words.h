#pragma once
// Titles of alarms in both languages.

#include <string>

#include "twin/records.h"

namespace matou::alarm {

twin::Name eventTitle(const twin::Registry& registry, const twin::Event& event);
twin::Name thresholdTitle(const twin::Sensor& sensor, const twin::Threshold& threshold);
twin::Name feedLostTitle(const std::string& feed);
/// Fire and smoke: what an unsure detection alone does not prove.
bool needsProof(const std::string& eventClass);

} // namespace matou::alarm
