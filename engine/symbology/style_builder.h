#pragma once
// Tint, hiding and highlight of the city's features: one StyleTable for a proposal set and a date.

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/ids.h"
#include "scene/feature_registry.h"
#include "scene/frame_snapshot.h"
#include "twin/state_snapshot.h"

namespace matou::symbology {

/// Features that a 3D Tiles style has spoken of; a new version wherever it grew.
struct StyledFeatures {
    std::uint64_t version = 0;
    std::map<scene::FeatureNumber, scene::FeatureStyle> entries;
};

/// What draws x-ray silhouettes: mark 1 … 4 of scene::ViewAids.
struct MarkedFeature {
    core::FeatureKey feature;
    std::uint32_t mark = 1;
    bool operator==(const MarkedFeature&) const = default;
};

struct StyleRequest {
    /// Lies under everything else; borrowed for the call.
    const StyledFeatures* styled = nullptr;
    bool tintProjects = true;
    core::Instant projectDate{}; // zero: the state's now, with the reported status
    core::FeatureKey selected;
    core::FeatureKey alsoSelected;     // where what is selected stands
    std::vector<MarkedFeature> marked; // of several marks of one feature the highest holds
    std::vector<core::FeatureKey> hidden;  // by a proposal
    std::vector<core::FeatureKey> ghosted; // shown faintly: what a proposal takes away, while comparing
};

/// Owner: the main lane; one per appearance set (existing, proposed). Gives the same pointer while nothing changed, so a
/// renderer uploads only on a new version. Versions are unique within the process.
class StyleBuilder {
public:
    explicit StyleBuilder(scene::FeatureRegistry& registry);
    std::shared_ptr<const scene::StyleTable> build(const twin::StateSnapshot& state, const StyleRequest& request);

private:
    scene::FeatureRegistry& _registry;
    std::shared_ptr<const scene::StyleTable> _last;
    std::vector<std::pair<scene::FeatureNumber, scene::FeatureStyle>> _lastEntries;
    std::uint64_t _lastStyled = 0;
};

} // namespace matou::symbology
