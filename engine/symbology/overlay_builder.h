#pragma once
// From what is known to what is drawn over the scene: pins, cones, rings, outlines and labels of one view.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/ids.h"
#include "core/messages.h"
#include "scene/feature_registry.h"
#include "scene/frame_snapshot.h"
#include "symbology/theme.h"
#include "text/text_shaper.h"
#include "twin/state_snapshot.h"

namespace matou::symbology {

/// A name on the map (district's labels file).
struct MapLabel {
    std::string id;
    twin::Name name;
    std::string kind; // road water green metro landmark place …
    int rank = 3;     // 1 most important
    twin::Place place;
};

/// What does not change from frame to frame. `groundHeight`: metres above the district's datum at lon, lat; without it
/// the ground is flat at `defaultGroundHeight`. Called once per vertex of outlines and cones, in the constructor.
struct Site {
    std::shared_ptr<const twin::Registry> registry;
    std::vector<MapLabel> labels;
    double datumAboveEllipsoidMeters = 0;
    std::function<double(double longitude, double latitude)> groundHeight;
    double defaultGroundHeight = 4.0;
};

/// Overlay groups as SetLayerVisible names them.
struct Visibility {
    bool sensors = true, cameras = true, alarms = true, projects = true, zones = true, labels = true, cases = true, flood = true;
    /// Sets the group by name; false where there is no such group.
    bool set(const std::string& group, bool visible);
};

/// Pixels of the target: x, y, width, height.
using PixelRect = glm::vec4;

struct OverlayRequest {
    Visibility visible;
    core::FeatureKey selected;
    core::FeatureKey hovered;
    core::Instant now{};          // ages
    core::Instant projectDate{};  // project timeline; zero: now, with the reported status
    double secondsSinceStart = 0; // flashing
    core::Language language = core::Language::zh;
    Theme theme = Theme::dark;
    float scale = 1.0f;             // of icons and text
    std::vector<PixelRect> covered; // by panels: labels and edge markers keep out of them
    bool xray = false; // alarms whose place the city hides are drawn hatched
    /// Where an alarm must be seen for that, if not at its own place: on its building's roof, say. May be empty.
    std::function<std::optional<geo::Ecef>(const std::string& alarm)> seenAt;
    /// Presentation: no sensor pins' clutter, larger map names.
    bool presentation = false;
};

struct OverlayCounters {
    std::uint32_t sensorsInView = 0, sensorPins = 0, sensorClusters = 0, cameraIcons = 0, cones = 0;
    std::uint32_t alarmPins = 0, alarmsAtEdge = 0, labelsShown = 0, labelsDropped = 0;
};

/// Keys of what it draws: sensors/<id> cameras/<id> alarms/<id> projects/<id> zones/<id> labels/<id> cases/<id> flood/<id>.
/// Owner: the main lane. Keeps, per View::id, which labels were shown, so that they stay while they fit. Cost: a few
/// milliseconds at 6,000 sensors and 1,500 cameras. Same input and history, same answer.
class OverlayBuilder {
public:
    OverlayBuilder(Site site, scene::FeatureRegistry& registry, text::TextShaper& shaper);
    ~OverlayBuilder();

    /// `view.target` is the pixel rectangle, positions that fall outside are dropped or moved to its edge (alarms).
    /// The shaper's beginFrame() is called by the engine once per frame, before the first view.
    std::shared_ptr<const scene::Overlay> build(const twin::StateSnapshot& state, const scene::View& view,
                                                const OverlayRequest& request);
    const OverlayCounters& counters() const;

    /// Where an overlay key stands in the world (fly-to, cards); nothing for unknown keys.
    std::optional<geo::Ecef> placeOf(const core::FeatureKey& key, const twin::StateSnapshot& state) const;
    /// Id of the innermost zone that holds lon, lat; empty outside.
    std::string zoneAt(double longitude, double latitude) const;

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::symbology
