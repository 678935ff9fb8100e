#include "alarm/words.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/messages.h"

namespace matou::alarm {
namespace {

constexpr std::array kKnownClasses = {"fire",  "smoke", "intrusion", "crowd", "illegal_parking", "litter",
                                      "flood", "fall",  "manhole",   "gas",   "device_fault"};

twin::Name words(const std::string& key, std::initializer_list<std::string> arguments = {}) {
    return {core::text(core::Language::zh, key, arguments), core::text(core::Language::en, key, arguments)};
}

/// Without trailing zeros.
std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

} // namespace

bool needsProof(const std::string& eventClass) {
    return eventClass == "fire" || eventClass == "smoke";
}

twin::Name eventTitle(const twin::Registry& registry, const twin::Event& event) {
    std::string key = "UI_CLASS_UNCLASSIFIED";
    if (std::find(kKnownClasses.begin(), kKnownClasses.end(), event.eventClass) != kKnownClasses.end()) {
        key = "UI_CLASS_" + event.eventClass;
        std::transform(key.begin(), key.end(), key.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    }
    twin::Name place{event.source, event.source};
    const std::string& device = !event.camera.empty()   ? event.camera
                                : !event.sensor.empty() ? event.sensor
                                                        : event.source;
    if (const auto camera = registry.cameraIndex.find(device); camera != registry.cameraIndex.end())
        place = registry.cameras[camera->second].name;
    else if (const auto sensor = registry.sensorIndex.find(device); sensor != registry.sensorIndex.end())
        place = registry.sensors[sensor->second].name;
    const twin::Name kind = words(key, {event.eventClass});
    return {kind.zh + " · " + place.zh, kind.en + ", " + place.en};
}

twin::Name thresholdTitle(const twin::Sensor& sensor, const twin::Threshold& threshold) {
    const std::string limit = number(threshold.value) + (sensor.unit.empty() ? "" : " " + sensor.unit);
    const char* key = threshold.above ? "UI_ALARM_ABOVE" : "UI_ALARM_BELOW";
    return {core::text(core::Language::zh, key, {sensor.name.zh, limit}),
            core::text(core::Language::en, key, {sensor.name.en, limit})};
}

twin::Name feedLostTitle(const std::string& feed) {
    return words("UI_ALARM_FEED_LOST", {feed});
}

twin::Name gatewayLostTitle(const std::string& gateway, std::size_t sensors) {
    return words("UI_ALARM_GATEWAY_LOST", {gateway, std::to_string(sensors)});
}

twin::Name sensorLostTitle(const twin::Sensor& sensor) {
    return {core::text(core::Language::zh, "UI_ALARM_SENSOR_LOST", {sensor.name.zh}),
            core::text(core::Language::en, "UI_ALARM_SENSOR_LOST", {sensor.name.en})};
}

} // namespace matou::alarm
