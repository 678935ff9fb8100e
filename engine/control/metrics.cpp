#include "control/metrics.h"

#include <array>
#include <functional>

namespace matou::control {
namespace {

/// Label values: backslash, quote and line end escaped.
std::string label(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

} // namespace

std::string metricsText(const twin::StateSnapshot& snapshot, int attached) {
    std::string out;
    const auto head = [&](const char* name, const char* kind, const char* help) {
        out += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + kind + "\n";
    };
    const auto perFeed = [&](const char* name, const char* kind, const char* help,
                             const std::function<double(const twin::FeedState&)>& value) {
        head(name, kind, help);
        for (const auto& feed : snapshot.feeds) {
            char number[32];
            std::snprintf(number, sizeof number, "%.15g", value(feed));
            out += std::string(name) + "{feed=\"" + label(feed.id) + "\"} " + number + "\n";
        }
    };
    perFeed("matou_feed_connected", "gauge", "1 while the feed is connected",
            [](const auto& f) { return f.connected ? 1.0 : 0.0; });
    perFeed("matou_feed_received_total", "counter", "messages received",
            [](const auto& f) { return static_cast<double>(f.received); });
    perFeed("matou_feed_applied_total", "counter", "messages applied",
            [](const auto& f) { return static_cast<double>(f.applied); });
    perFeed("matou_feed_dropped_total", "counter", "values overtaken by newer ones before they were looked at",
            [](const auto& f) { return static_cast<double>(f.dropped); });
    perFeed("matou_feed_invalid_total", "counter", "messages that could not be understood",
            [](const auto& f) { return static_cast<double>(f.invalid); });
    perFeed("matou_feed_duplicates_total", "counter", "messages heard before", [](const auto& f) { return static_cast<double>(f.duplicates); });
    perFeed("matou_feed_late_total", "counter", "messages older than what was known, or 120 s behind their stamp",
            [](const auto& f) { return static_cast<double>(f.late); });
    perFeed("matou_feed_unclassified_total", "counter", "codes and things that nothing here knows: kept and shown as such",
            [](const auto& f) { return static_cast<double>(f.unclassified); });
    perFeed("matou_feed_limited_total", "counter", "messages held back because their sender sent too many",
            [](const auto& f) { return static_cast<double>(f.limited); });
    perFeed("matou_feed_behind", "gauge", "messages that still wait at the source",
            [](const auto& f) { return static_cast<double>(f.behind); });
    perFeed("matou_feed_latency_ms_p95", "gauge", "event time to receive time, 95th percentile of the last values",
            [](const auto& f) { return f.latencyMsP95; });

    std::array<std::size_t, 5> alarms{};
    for (const auto& alarm : snapshot.alarms)
        if (alarm.severity >= 1 && alarm.severity <= 4) ++alarms[static_cast<std::size_t>(alarm.severity)];
    head("matou_alarms_open", "gauge", "open alarms by severity, 1 the most severe");
    for (int severity = 1; severity <= 4; ++severity)
        out += "matou_alarms_open{severity=\"" + std::to_string(severity) + "\"} " +
               std::to_string(alarms[static_cast<std::size_t>(severity)]) + "\n";
    head("matou_alarms_annunciated_10m", "gauge", "alarms annunciated in the last 10 minutes");
    out += "matou_alarms_annunciated_10m " + std::to_string(snapshot.flood.annunciated) + "\n";
    head("matou_alarms_flood", "gauge", "1 during an alarm flood");
    out += std::string("matou_alarms_flood ") + (snapshot.flood.active ? "1" : "0") + "\n";
    head("matou_alarms_closed_total", "counter", "alarms closed or rejected");
    out += "matou_alarms_closed_total " + std::to_string(snapshot.alarmsClosed) + "\n";
    head("matou_events_stored_total", "counter", "events durably stored");
    out += "matou_events_stored_total " + std::to_string(snapshot.eventsStored) + "\n";

    constexpr std::array kAges = {"never", "fresh", "late", "stale", "lost"};
    std::array<std::size_t, 5> ages{};
    for (const auto& sensor : snapshot.sensors)
        ++ages[static_cast<std::size_t>(sensor.age)];
    head("matou_sensors", "gauge", "sensors by the age of their last value");
    for (std::size_t i = 0; i < ages.size(); ++i)
        out += std::string("matou_sensors{age=\"") + kAges[i] + "\"} " + std::to_string(ages[i]) + "\n";
    head("matou_snapshot_version", "counter", "snapshots made");
    out += "matou_snapshot_version " + std::to_string(snapshot.version) + "\n";
    head("matou_attached_programs", "gauge", "programs that show this state from elsewhere");
    out += "matou_attached_programs " + std::to_string(attached) + "\n";
    return out;
}

} // namespace matou::control
