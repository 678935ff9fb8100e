#pragma once
// The live state of the district: the last good word of every sensor and project. One owner (the state lane); what others
// see is the immutable StateSnapshot made of it.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "twin/records.h"
#include "twin/standing.h"
#include "twin/state_snapshot.h"

namespace matou::twin {

/// What became of a message.
enum class Applied : std::uint8_t {
    updated,   // the state shows it now
    older,     // in the past of what is shown: for history only
    duplicate, // heard before: for nobody
    unknown,   // no such sensor or project in the registry: for history only
};

/// Stamps later than receive time + this are kept, but as uncertain.
inline constexpr core::Duration kFutureTolerance{5000};

/// Not thread-safe. Memory: constant per sensor.
class TwinState {
public:
    explicit TwinState(std::shared_ptr<const Registry> registry,
                       std::vector<std::optional<ProjectStatus>> initialProjects = {});

    /// Same sensor with the same sequence number, or (without one) the same event time, is a duplicate. May lower
    /// `observation.quality` to uncertain (future stamps). `feed`: SensorState::feed.
    Applied apply(Observation& observation, int feed = -1) { return apply(observation, sensorIndex(observation.sensor), feed); }
    /// `index` is the sensor's, for who needs it besides.
    Applied apply(Observation& observation, std::optional<std::uint32_t> index, int feed);
    Applied apply(const ProjectStatus& status);
    Applied apply(const CameraStatus& status);
    /// `news`: it says something that was not known, so that it is worth keeping.
    Applied apply(Case item, bool& news);
    Applied apply(FloodItem item, bool& news);
    /// The receiver's clock was set by so much: what was received keeps its age. Stamps are the senders'.
    void clockSet(core::Duration by);
    /// Worst active threshold of a sensor, 0 for none; from the alarm engine.
    void setSeverity(std::uint32_t sensor, int severity);

    /// Sensors and projects with ages as of `now`; the caller adds alarms and feeds. Cost: one copy of the sensor array.
    StateSnapshot snapshot(core::Instant now);

    /// Projects kept that the registry does not have; more are unknown and gone.
    static constexpr std::size_t kOtherProjects = 10000;

    const Registry& registry() const { return *_registry; }
    std::optional<std::uint32_t> sensorIndex(const std::string& id) const;

private:
    static constexpr std::size_t kFound = 20000; // cameras beyond it are unknown
    static constexpr int kRemembered = 8; // last sequence numbers or stamps per sensor, for duplicates out of order
    struct Recent {
        std::int64_t keys[kRemembered];
        std::uint8_t used = 0, next = 0;
        bool pulled = false; // the state ages from its stamp
        bool seen(std::int64_t key);
    };

    std::shared_ptr<const Registry> _registry;
    std::unordered_map<std::string_view, std::uint32_t> _sensorOf; // the registry's index, at the cost of one look
    std::vector<SensorState> _sensors;
    std::vector<Recent> _recent;
    std::vector<std::optional<ProjectStatus>> _projects;
    std::map<std::string, ProjectStatus> _otherProjects; // that the registry does not have
    std::shared_ptr<const std::vector<ProjectStatus>> _shownProjects; // of the last snapshot; null: out of date
    Standing<Case> _cases;
    Standing<FloodItem> _floodSeason;
    std::vector<CameraState> _cameras;
    std::map<std::string, FoundCamera> _found;
    std::shared_ptr<const std::vector<FoundCamera>> _shownFound; // of the last snapshot; null: out of date
    std::uint64_t _version = 0;
};

} // namespace matou::twin
