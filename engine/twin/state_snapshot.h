#pragma once
// The state side's face to everybody who shows it: immutable, versioned, whole. Made on the state lane, read anywhere.

#include <memory>

#include "twin/records.h"

namespace matou::twin {

struct SensorState {
    bool known = false;
    double value = 0;
    core::Instant eventTime{};
    core::Instant receiveTime{};
    Quality quality = Quality::good;
    Age age = Age::never;
    int severity = 0; // of the worst active threshold, 0: none
};

/// ISA-18.2: the process condition and the operator workflow are two machines.
enum class Condition : std::uint8_t { active, normal };
enum class Workflow : std::uint8_t { unacknowledged, acknowledged, rejected, dispatched, returned, inProgress, verified, closed, shelved };

struct Alarm {
    std::string id;
    std::string dedupKey;
    std::string alarmClass;
    int severity = 4; // 1..4: 一级·紧急 二级·重要 三级·一般 四级·提示
    Name title;
    std::string source; // sensor or camera id
    Place place;
    double errorMajorMeters = 0, errorMinorMeters = 0, errorBearingDegrees = 0;
    Condition condition = Condition::active;
    Workflow workflow = Workflow::unacknowledged;
    core::Instant raised{}, lastOccurrence{}, acknowledged{};
    std::string acknowledgedBy;
    std::uint32_t count = 1;
    std::vector<std::string> comments;
    core::Instant shelvedUntil{}; // while shelved
};

struct FeedState {
    std::string id;
    std::string kind;
    bool connected = false;
    /// received = applied + dropped + invalid + still waiting. Dropped: a newer value of the same sensor came before this
    /// one was looked at. Applied: told to the twin or, where it is no news to it, to history.
    std::uint64_t received = 0, applied = 0, dropped = 0, invalid = 0;
    core::Instant lastReceived{};
    core::Duration expectedInterval{1000};
    Age age = Age::never;
    std::string lastError; // one line, zh
    double latencyMsP50 = 0, latencyMsP95 = 0;
};

struct StateSnapshot {
    std::uint64_t version = 0;
    core::Instant now{};
    std::shared_ptr<const Registry> registry;
    std::vector<SensorState> sensors;                          // parallel to registry->sensors
    std::vector<std::optional<ProjectStatus>> projects;        // parallel to registry->projects
    std::vector<Alarm> alarms;                                 // open ones, by severity then newest first
    std::vector<FeedState> feeds;
    std::uint64_t eventsStored = 0;
    std::uint64_t alarmsClosed = 0;
    std::string mode = "live"; // live, replay, drill
};

} // namespace matou::twin
