#pragma once
// What a person has chosen to see: scene, camera, layers, selection, proposal, look, time. Everything here changes only by
// a Command, a camera gesture or the tour.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "command/command.h"
#include "engine/contents.h"
#include "engine/options.h"
#include "engine/subject.h"
#include "story/tour.h"
#include "symbology/overlay_builder.h"
#include "view/camera_input.h"

namespace matou {

/// Main lane.
class Picture {
public:
    /// `subject` outlives it. The camera is the first scene's until a command, a camera file or the tour says otherwise.
    Picture(const Subject& subject, const EngineOptions& options);

    /// The one place where commands about the picture take effect. E_COMMAND_SCENE, E_COMMAND_LAYER, E_COMMAND_PROPOSAL,
    /// E_COMMAND_TOUR name what does not exist.
    core::Result<void> apply(const command::Command& command, Contents& contents, const symbology::OverlayBuilder* overlay,
                             const twin::StateSnapshot* state);
    /// A planner's and viewer's keys: walk and orbit, looks and aids, proposal and swipe. True where it was one.
    bool handleKey(platform::Key key, Contents& contents);
    /// Flights, held keys, the tour. What `filter` hides neither carries nor stops a walker.
    void update(double seconds, Contents& contents, const spatial::Filter& filter = {});

    const std::string& scene() const { return _scene; }
    const district::Scene* sceneRecord() const;
    const std::string& proposal() const { return _proposal; }
    /// The proposal that this scene offers; empty where it offers none.
    std::string offeredProposal() const;
    double swipe() const { return _swipe; }
    const core::FeatureKey& selected() const { return _selected; }
    scene::Look look() const { return _look; }
    /// low medium high ultra; empty until somebody chose one while it runs.
    const std::string& quality() const { return _quality; }
    /// The switches; colours and heights are the views' (views.h).
    const scene::ViewAids& aids() const { return _aids; }
    std::optional<core::Instant> sunTime() const { return _sunTime; }
    /// What moment of the past is shown at `now`; nothing: the present, as soon as the past has caught up with it.
    std::optional<core::Instant> pastTime(core::Instant now);
    double pastSpeed() const { return _past ? _past->speed : 1; }
    std::optional<core::Instant> projectDate() const { return _projectDate; }
    const symbology::Visibility& groups() const { return _groups; }
    bool layerVisible(const std::string& layer) const;
    view::CameraInput& camera() { return _camera; }
    const view::CameraInput& camera() const { return _camera; }
    story::Tour& tour() { return _tour; }
    const story::Tour& tour() const { return _tour; }
    const std::optional<story::TourFrame>& tourFrame() const { return _tourFrame; }
    /// Ray filter: what is hidden by the shown proposal is not hit.
    spatial::Filter rayFilter(const scene::FeatureRegistry& registry) const;
    /// Where a district has no scene: look at all of it, once its bounds are known.
    bool needsFraming() const { return _needsFraming; }
    void frame(const geo::BoundingVolume& bounds, double fovYRadians, double aspect);

private:
    core::Result<void> showScene(const std::string& id, Contents& contents, double flightSeconds);
    void applyTourFrame(Contents& contents);
    void setNavigation(view::CameraMode mode, const Contents& contents);
    /// Where somebody who looks from above wants to be set down.
    geo::CameraPose walkStart(const Contents& contents) const;

    const Subject& _subject;
    std::string _scene, _proposal, _quality;
    double _swipe = -1;
    core::FeatureKey _selected;
    scene::Look _look = scene::Look::natural;
    scene::ViewAids _aids;
    std::optional<core::Instant> _sunTime, _projectDate;
    struct Past {
        core::Instant from{}, begun{};
        double speed = 1;
    };
    std::optional<Past> _past;
    symbology::Visibility _groups;
    std::map<std::string, bool> _layers;
    view::CameraInput _camera;
    spatial::Filter _filter; // of the last update
    story::Tour _tour;
    std::optional<story::TourFrame> _tourFrame;
    bool _needsFraming = false;
};

/// The storyboard of that id as module story plays it; the first one where `id` is empty. Nothing where there is none.
std::optional<story::Storyboard> storyboardOf(const district::District& district, const std::string& id);

} // namespace matou
