#pragma once
// The views of a frame: one picture, or existing beside proposed with one camera.

#include <memory>
#include <span>
#include <vector>

#include "engine/contents.h"
#include "engine/hosts.h"
#include "engine/options.h"
#include "engine/picture.h"
#include "symbology/style_builder.h"

namespace matou {

/// Vertical field of view where no camera file says otherwise: 45°, as the benches' camera files have it.
inline constexpr double kFovYRadians = 0.7853981633974483;

/// One view's worth of choices that the scene contracts leave to the engine.
struct ViewSet {
    std::vector<scene::View> views;
    /// One per view; then, from `casterStates` on, one per view for what throws shadows into it; then those that only
    /// ask for contents.
    std::vector<tiles::ViewState> states;
    std::size_t casterStates = 0;
};

struct ViewInput {
    geo::EyeFrame eye;
    double fovYRadians = kFovYRadians;
    glm::ivec2 size{1920, 1080};
    core::Instant sunTime{};
    geo::Geodetic place; // of the sun's height
    geo::Ecef anchor;    // of the frame: whose up the light's direction is given in
    double datumAboveEllipsoidMeters = 0, rampBaseMeters = 0; // of the heights that contours and tint count in
    float interfaceScale = 1.0f;
};

/// Without contents and styles, which come after streaming and symbology.
ViewSet makeViews(const Picture& picture, const EngineOptions& options, const Contents& contents, const ViewInput& input);

/// Asks for what stands outside of a view and throws a shadow into it, as fine as the view would have it. `seen` is the
/// view's own request. The region does not depend on what is loaded, so a shadow stays for as long as it is seen.
tiles::ViewState castersFor(const scene::View& view, const tiles::ViewState& seen, const Contents& contents,
                            const geo::Ecef& anchor, bool neutralEnvironment);

/// What the same views would ask for from each of these eyes, what throws shadows into them included.
std::vector<std::vector<tiles::ViewState>> comingStates(const ViewSet& now, std::span<const geo::EyeFrame> eyes, const Contents& contents, const geo::Ecef& anchor,
                                                        bool neutralEnvironment);

/// Asks for what stands within some 80 m of a walker, as seen from above: what he may bump into or step back onto.
tiles::ViewState surroundings(const geo::CameraPose& walker, std::uint64_t layerMask);

/// What the proposal of view `index` hides; what is selected, with the building of a selected alarm; alarms' buildings under x-ray.
symbology::StyleRequest styleRequest(const Picture& picture, const Subject& subject, std::size_t viewIndex, bool tintProjects,
                                     const AlarmHosts& hosts);

} // namespace matou
