#pragma once
// Titles of alarms in both languages.

#include <string>

#include "twin/records.h"

namespace matou::alarm {

twin::Name eventTitle(const twin::Registry& registry, const twin::Event& event);
twin::Name thresholdTitle(const twin::Sensor& sensor, const twin::Threshold& threshold);
twin::Name feedLostTitle(const std::string& feed);
/// `sensors`: how many hang on it.
twin::Name gatewayLostTitle(const std::string& gateway, std::size_t sensors);
twin::Name sensorLostTitle(const twin::Sensor& sensor);
/// Fire and smoke: what an unsure detection alone does not prove.
bool needsProof(const std::string& eventClass);

} // namespace matou::alarm
