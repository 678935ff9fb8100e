#pragma once
// Which building an alarm is in: the one below its place, or within a few metres of it, found by rays from above.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/ids.h"
#include "engine/subject.h"
#include "geo/frames.h"
#include "scene/feature_registry.h"
#include "spatial/spatial_index.h"
#include "symbology/style_builder.h"
#include "twin/state_snapshot.h"

namespace matou {

/// Main lane. Needs ray-casting structures; without them no alarm has a host.
class AlarmHosts {
public:
    AlarmHosts(const Subject& subject, const scene::FeatureRegistry& registry);
    /// Asks again for every alarm when what can be hit or the alarms changed. Cost: nine rays an alarm then, some 50 µs.
    void update(const twin::StateSnapshot& state, const spatial::SpatialIndex& geometry);
    /// Empty where it stands in the open, or is unknown.
    core::FeatureKey hostOf(const std::string& alarm) const;
    /// A little above that building, over the alarm; nothing where there is none.
    std::optional<geo::Ecef> roofOf(const std::string& alarm) const;
    /// Hosts of the alarms that are on the list, by severity: scene's mark 4 is level one.
    const std::vector<symbology::MarkedFeature>& marked() const { return _marked; }

private:
    struct Host {
        core::FeatureKey feature;
        geo::Ecef roof;
    };
    Host standingAt(double longitude, double latitude, const spatial::SpatialIndex& geometry) const;
    const scene::FeatureRegistry& _registry;
    std::set<std::string> _buildingLayers;
    std::map<std::string, Host> _hosts; // by alarm id
    std::vector<symbology::MarkedFeature> _marked;
    std::uint64_t _geometryVersion = ~0ull, _stateVersion = ~0ull;
};

} // namespace matou
