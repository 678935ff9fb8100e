#include "service/stats.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "alarm/life_cycle.h"

namespace matou::service {

std::string statsJson(const twin::StateSnapshot& snapshot) {
    using Ordered = nlohmann::ordered_json;
    constexpr const char* kAges[] = {"never", "fresh", "late", "stale", "lost"};
    Ordered root;
    root["feeds"] = Ordered::object();
    root["errors"] = Ordered::array();
    for (const auto& feed : snapshot.feeds) {
        root["feeds"][feed.id] = {{"received", feed.received},
                                  {"applied", feed.applied},
                                  {"dropped", feed.dropped},
                                  {"invalid", feed.invalid},
                                  {"duplicates", feed.duplicates},
                                  {"late", feed.late},
                                  {"unclassified", feed.unclassified},
                                  {"limited", feed.limited},
                                  {"behind", feed.behind},
                                  {"latency_ms", {{"p50", feed.latencyMsP50}, {"p95", feed.latencyMsP95}}}};
        if (!feed.lastError.empty()) root["errors"].push_back({{"where", feed.id}, {"what", feed.lastError}});
    }
    Ordered alarms = Ordered::object();
    for (const auto& alarm : snapshot.alarms) {
        auto& count = alarms[alarm::wordOf(alarm.workflow)];
        count = count.is_number() ? count.get<int>() + 1 : 1;
    }
    alarms["closed"] = snapshot.alarmsClosed;
    root["alarms"] = alarms;
    root["events_stored"] = snapshot.eventsStored;
    Ordered ages = Ordered::object();
    for (const char* age : kAges)
        ages[age] = 0;
    for (const auto& sensor : snapshot.sensors) {
        auto& count = ages[kAges[static_cast<std::size_t>(sensor.age)]];
        count = count.get<int>() + 1;
    }
    root["sensors"] = ages;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    root["rss_peak_bytes"] = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
    return root.dump(1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

} // namespace matou::service
