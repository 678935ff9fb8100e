#pragma once
// The state side's face to everybody who shows it: immutable, versioned, whole. Made on the state lane, read anywhere.

#include <memory>
#include <optional>

#include "twin/cases.h"
#include "twin/flood_season.h"
#include "twin/records.h"

namespace matou::twin {

struct SensorState {
    bool known = false;
    double value = 0;
    core::Instant eventTime{};
    core::Instant receiveTime{}; // of a value that was pulled or came late (kLate) its stamp
    core::Instant validUntil{}; // not 0: stale from then on, whatever the interval
    Quality quality = Quality::good;
    Age age = Age::never;
    int severity = 0; // of the worst active threshold, 0: none
    int feed = -1;    // that brought it, in StateSnapshot::feeds; -1: not known (of the past)
};

/// Of a camera that a feed speaks for; members that it did not tell are the registry's.
struct CameraState {
    bool known = false;
    bool online = false; // false while known: no contact
    std::optional<double> headingDegrees, pitchDegrees, horizontalFovDegrees, rangeMeters;
    std::optional<Place> place;
    core::Instant eventTime{}, receiveTime{};
};

/// A camera that a feed's catalogue tells of and no registry holds: what it says of itself is all there is.
struct FoundCamera {
    std::string id, name, feed;
    CameraState state;
};

/// ISA-18.2: the process condition and the operator workflow are two machines.
enum class Condition : std::uint8_t { active, normal };
enum class Workflow : std::uint8_t { unacknowledged, acknowledged, rejected, dispatched, returned, inProgress, verified, closed, shelved };

/// Off the list though it is there. Shelving, the third of them, is a workflow: it is an operator's and has a limit.
enum class Suppressed : std::uint8_t { no, byDesign, outOfService };

struct Alarm {
    std::string id;
    std::string dedupKey;
    std::string alarmClass;
    int severity = 4; // 1..4: 一级·紧急 二级·重要 三级·一般 四级·提示
    Name title;
    std::string source; // sensor, camera, gateway or feed id
    std::string feed;   // that brought it; empty: a rule's own
    Place place;
    double errorMajorMeters = 0, errorMinorMeters = 0, errorBearingDegrees = 0;
    Condition condition = Condition::active;
    Workflow workflow = Workflow::unacknowledged;
    core::Instant raised{}, lastOccurrence{}, acknowledged{};
    std::string acknowledgedBy;
    std::uint32_t count = 1;
    std::vector<std::string> comments;
    core::Instant shelvedUntil{}; // while shelved
    std::string shelvedFor;       // reason code, while shelved
    Suppressed suppressed = Suppressed::no;
    std::string suppressedBy; // id of the rule, or of the alarm that it hangs on
    /// Comes and goes too often to be looked at each time: held active until it is quiet. `settled`: what it is beneath.
    bool chattering = false;
    Condition settled = Condition::active;
    core::Instant annunciated{}, dispatched{}; // begin of the clocks below
    int overdue = 0;                           // 0 in time, 1 the duty lead is told, 2 the commander
    std::string incident;                      // that it belongs to
    std::string verification;                  // sure repeated second_camera operator; empty: needs none
    bool drill = false;
    std::vector<std::string> events; // ids at the source, the latest kEventsKept

    static constexpr std::size_t kEventsKept = 8;
};

/// A fire or smoke detection that nothing proves yet.
struct Candidate {
    std::string id; // C-000001
    std::string eventClass, source, feed;
    std::vector<std::string> events;
    Name title;
    std::optional<Place> place;
    double confidence = 0; // the highest
    int severity = 4;
    std::uint32_t count = 1;
    core::Instant first{}, last{}, until{};
    bool drill = false;
};

/// Alarms that are one thing. As long as one of them is open, so is it.
struct Incident {
    std::string id;
    Name title; // of its worst alarm
    int severity = 4;
    core::Instant begun{};
    std::vector<std::string> alarms;
};

/// More than a person can follow (EEMUA 191): lists are grouped, severity 1 still breaks through, nothing is dropped.
struct Flood {
    bool active = false;
    core::Instant since{};
    std::size_t annunciated = 0; // in the window that ends now
    std::string firstOut;        // id of the alarm that it began with
};

/// Later than this behind its own stamp a message is counted late.
inline constexpr core::Duration kLate{120000};

struct FeedState {
    std::string id;
    std::string kind;
    bool connected = false;
    /// received = applied + dropped + invalid + still waiting. Dropped: a newer value of the same sensor came before this
    /// one was looked at. Applied: told to the twin or, where it is no news to it, to history.
    std::uint64_t received = 0, applied = 0, dropped = 0, invalid = 0;
    /// Of the applied: heard before (duplicates), older than what is known or more than kLate behind (late); codes and things that
    /// nothing here knows, which are shown and kept as such (unclassified); held back because its sender sent too much (limited).
    std::uint64_t duplicates = 0, late = 0, unclassified = 0, limited = 0;
    std::uint64_t behind = 0; // that still wait at the source (Kafka's lag)
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
    std::vector<CameraState> cameras;                          // parallel to registry->cameras
    std::shared_ptr<const std::vector<FoundCamera>> found;     // by id; null: none
    std::vector<std::optional<ProjectStatus>> projects;        // parallel to registry->projects
    std::shared_ptr<const std::vector<ProjectStatus>> otherProjects; // that only a feed knows, by id; null: none
    std::shared_ptr<const std::vector<Case>> cases;            // by id, closed ones too; null: none
    std::shared_ptr<const std::vector<FloodItem>> floodSeason; // by id; null: none
    std::vector<Alarm> alarms;                                 // open ones, by severity then newest first
    std::vector<Candidate> candidates;                         // by id
    std::vector<Incident> incidents;                           // by id
    std::vector<Suppression> suppressions;                     // in force now
    Flood flood;
    std::vector<FeedState> feeds;
    std::uint64_t eventsStored = 0;
    std::uint64_t alarmsClosed = 0;
    std::string mode = "live"; // live, replay, drill
};

} // namespace matou::twin
