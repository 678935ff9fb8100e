#pragma once
// `matou bench live`: the twin under load: values and alarms made in this process, the state side whole, a picture beside it.

#include <string>

#include "core/messages.h"

namespace CLI {
class App;
}

namespace matou::apps {

struct LiveBench {
    std::string subject = "nanmatou"; // a district
    std::string size = "640x360";
    std::string quality = "low";
    double seconds = 10;      // of each load
    double values = 100'000;  // observations a second in "values"
    double alarms = 10'000;   // events a second in "alarms"
    double messages = 5'000;  // of both in "latency"
    int runs = 5;             // medians of so many
    double memoryMinutes = 0; // of "memory" at `messages`; 0: it is left out
    bool picture = true;
    bool json = false;
};

/// `live` with its flags under `bench`; they fill `into`, which outlives the parse.
CLI::App* addLiveBench(CLI::App& bench, LiveBench& into, core::Language language);

/// Prints the figures of each load beside a run without any and a piece of work that is always the same, which tells how busy
/// the machine was. Gives the exit status: failure where an event was lost or stored twice.
int benchLive(const LiveBench& bench, core::Language language);

} // namespace matou::apps
