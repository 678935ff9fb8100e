#pragma once
// The district's own numbers for alarms, and what takes alarms off the operator's list (terms of ISA-18.2). Plain values.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"

namespace matou::twin {

/// Takes matching alarms off the list: by the plant's state (works permit, school hours), for maintenance, or out of service.
/// Nothing is deleted: they are raised, journaled and shown as suppressed. Severity 1 is never suppressed by design.
struct Suppression {
    std::string id;
    std::string kind = "state"; // state maintenance out_of_service
    std::string source, zone, alarmClass; // empty: any; at least one is given
    std::string reason;
    std::string actor;                       // empty: the district's file
    std::optional<core::Instant> from, until; // nothing: open
    /// Daily hours in Beijing time, minutes since midnight; equal: the whole day. Over midnight where from > to; bit 0 of
    /// `days` is Monday, the day that the hours begin on.
    int fromMinute = 0, toMinute = 0;
    std::uint8_t days = 0x7f;
};

struct AlarmPolicy {
    /// Longest time to the acknowledgement by severity 1 to 4, then the duty lead is told, after twice as long the
    /// commander. 0: nobody.
    std::array<core::Duration, 4> acknowledgeWithin{core::Duration(60000), core::Duration(180000), core::Duration(900000),
                                                    core::Duration(0)};
    /// Longest time from handing out to the start of work.
    std::array<core::Duration, 4> startWithin{core::Duration(600000), core::Duration(1800000), core::Duration(7200000),
                                              core::Duration(0)};
    /// So many activations within the window are chatter; it ends after the quiet time without any.
    int chatterCount = 3;
    core::Duration chatterWindow{60000}, chatterQuiet{300000};
    /// Annunciated within the window: a flood begins at `floodStart` and ends below `floodEnd` (EEMUA 191).
    std::size_t floodStart = 10, floodEnd = 5;
    core::Duration floodWindow{600000};
    core::Duration shelveLimit{8 * 3600000};
    /// A candidate waits so long for a second detection or an operator.
    core::Duration candidateLife{600000};
    /// A sensor that says nothing for 10 of its intervals is an alarm of severity 4. Gateways are always watched.
    bool sensorLost = false;
    std::vector<Suppression> suppressions;
};

} // namespace matou::twin
