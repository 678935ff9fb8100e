#include "engine/picture.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "view/camera_file.h"

namespace matou {
namespace {

template <typename... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};
template <typename... Cases>
Match(Cases...) -> Match<Cases...>;

/// A planner starts with the place alone: zones and names; live data is one switch away.
constexpr symbology::Visibility kPlannerGroups{.sensors = false, .cameras = false, .alarms = false, .projects = false};

scene::Look lookFrom(const std::string& name, scene::Look fallback) {
    if (name == "natural") return scene::Look::natural;
    if (name == "monitor") return scene::Look::monitor;
    if (name == "plan") return scene::Look::plan;
    if (name == "night") return scene::Look::night;
    return fallback;
}

scene::Look defaultLook(const EngineOptions& options) {
    if (options.look) return *options.look;
    return options.program == Program::command ? scene::Look::monitor : scene::Look::natural;
}

/// Stands off from a place so that it and what is around it are seen.
geo::CameraPose poseTowards(const geo::Ecef& place, const geo::CameraPose& from, double distanceMeters) {
    geo::CameraPose pose = from;
    pose.pitchDegrees = std::clamp(from.pitchDegrees, -50.0, -20.0);
    pose.rollDegrees = 0;
    pose.position = geo::geodeticFromEcef(place);
    const auto frame = geo::eyeFrameFromPose(pose);
    pose.position = geo::geodeticFromEcef({place.meters + frame.axes[2] * distanceMeters});
    return pose;
}

/// What the key goes through.
float nextContour(float meters) { return meters <= 0 ? 0.5f : meters < 1 ? 1.0f : meters < 5 ? 5.0f : 0.0f; }

} // namespace

std::optional<story::Storyboard> storyboardOf(const district::District& district, const std::string& id) {
    for (const auto& found : district.storyboards) {
        if (!id.empty() && found.id != id) continue;
        if (auto board = story::makeStoryboard(found)) return *board;
        else core::logError(board.error());
    }
    return std::nullopt;
}

Picture::Picture(const Subject& subject, const EngineOptions& options) : _subject(subject) {
    _look = defaultLook(options);
    _aids = options.aids;
    _selected = options.select;
    _proposal = options.proposal;
    _swipe = options.swipe;
    if (options.program == Program::planner) _groups = kPlannerGroups;
    for (const auto& layer : subject.layers) _layers[layer.id] = layer.visible;
    const auto* district = subject.district.get();
    if (!district || district->scenes.empty()) {
        _needsFraming = true;
        return;
    }
    _scene = district->scene(options.scene) ? options.scene : district->scenes.front().id;
    _camera = view::CameraInput(sceneRecord()->camera);
    view::WalkOptions walking;
    walking.water = kWaterRayBit;
    _camera.setWalkOptions(walking);
    _camera.setFallbackGround(district->datum.aboveEllipsoidMeters + 4.0);
    if (options.swipe >= 0 && _proposal.empty()) _proposal = offeredProposal();
    if (options.program == Program::presenter) {
        if (auto board = storyboardOf(*district, options.storyboard)) {
            _tour = story::Tour(std::move(*board));
            _tourFrame = _tour.frame();
        }
    }
}

const district::Scene* Picture::sceneRecord() const { return _subject.district ? _subject.district->scene(_scene) : nullptr; }

std::string Picture::offeredProposal() const {
    const auto* scene = sceneRecord();
    return scene ? scene->proposal : std::string();
}

bool Picture::layerVisible(const std::string& layer) const {
    const auto found = _layers.find(layer);
    return found == _layers.end() || found->second;
}

core::Result<void> Picture::showScene(const std::string& id, Contents& contents, double flightSeconds) {
    const auto* scene = _subject.district ? _subject.district->scene(id) : nullptr;
    if (!scene) return core::fail("E_COMMAND_SCENE", id);
    _scene = id;
    _proposal.clear();
    _swipe = -1;
    if (_camera.mode() == view::CameraMode::walk) _camera.setMode(view::CameraMode::orbit, contents.geometry());
    if (flightSeconds > 0) _camera.flyTo(scene->camera, flightSeconds);
    else _camera.setPose(scene->camera);
    for (const auto& layer : _subject.layers) {
        const bool listed = scene->layers.empty() || std::find(scene->layers.begin(), scene->layers.end(), layer.id) != scene->layers.end();
        _layers[layer.id] = layer.visible && listed;
        contents.setLayerVisible(layer.id, _layers[layer.id]);
    }
    return {};
}

std::optional<core::Instant> Picture::pastTime(core::Instant now) {
    if (!_past) return std::nullopt;
    const auto gone = std::chrono::duration<double, core::Duration::period>(now - _past->begun) * _past->speed;
    const core::Instant at = _past->from + std::chrono::duration_cast<core::Duration>(gone);
    if (at >= now) _past.reset();
    return _past ? std::optional(at) : std::nullopt;
}

core::Result<void> Picture::apply(const command::Command& command, Contents& contents, const symbology::OverlayBuilder* overlay,
                                  const twin::StateSnapshot* state) {
    using namespace command;
    return std::visit(
        Match{
            [&](const AlarmAction& action) -> core::Result<void> {
                // The state side does the work; the picture turns to what was acted on.
                _selected = {"alarms", action.alarm};
                return {};
            },
            // The state side's alone.
            [&](const SuppressAlarms&) -> core::Result<void> { return {}; },
            [&](const EndSuppression&) -> core::Result<void> { return {}; },
            [&](const SetDrill&) -> core::Result<void> { return {}; },
            [&](const ShowScene& show) -> core::Result<void> { return showScene(show.scene, contents, 2.0); },
            [&](const MoveCamera& move) -> core::Result<void> {
                if (move.seconds > 0) _camera.flyTo(move.pose, move.seconds);
                else _camera.setPose(move.pose);
                return {};
            },
            [&](const SelectFeature& select) -> core::Result<void> {
                _selected = select.feature;
                return {};
            },
            [&](const FlyTo& fly) -> core::Result<void> {
                if (overlay && state)
                    if (const auto place = overlay->placeOf(fly.feature, *state)) _camera.flyTo(poseTowards(*place, _camera.pose(), 260.0), 1.5);
                return {};
            },
            [&](const SetNavigation& set) -> core::Result<void> {
                const auto mode = set.mode == "walk" ? view::CameraMode::walk : set.mode == "fly" ? view::CameraMode::fly : view::CameraMode::orbit;
                setNavigation(mode, contents);
                return {};
            },
            [&](const LookBack& back) -> core::Result<void> {
                if (back.at != core::Instant{} && (back.at >= command.at || !(back.speed >= 0 && back.speed <= 60)))
                    return core::fail("E_COMMAND_PAST", core::formatInstant(back.at));
                _past.reset();
                if (back.at != core::Instant{}) _past = {back.at, command.at, back.speed};
                return {};
            },
            [&](const SetQuality& set) -> core::Result<void> {
                _quality = set.quality;
                return {};
            },
            [&](const SetLook& set) -> core::Result<void> {
                _look = lookFrom(set.look, _look);
                return {};
            },
            [&](const SetAids& set) -> core::Result<void> {
                _aids.xray = set.xray.value_or(_aids.xray);
                _aids.ghostContext = set.ghost.value_or(_aids.ghostContext);
                _aids.heightTint = set.heightTint.value_or(_aids.heightTint);
                _aids.contourMeters = static_cast<float>(set.contourMeters.value_or(_aids.contourMeters));
                return {};
            },
            [&](const SetLayerVisible& set) -> core::Result<void> {
                if (_groups.set(set.layer, set.visible)) return {};
                const auto found = _layers.find(set.layer);
                if (found == _layers.end()) return core::fail("E_COMMAND_LAYER", set.layer);
                found->second = set.visible;
                contents.setLayerVisible(set.layer, set.visible);
                return {};
            },
            [&](const SetProposal& set) -> core::Result<void> {
                if (!set.proposal.empty() && !(_subject.district && _subject.district->proposal(set.proposal)))
                    return core::fail("E_COMMAND_PROPOSAL", set.proposal);
                _proposal = set.proposal;
                if (_proposal.empty()) _swipe = -1;
                return {};
            },
            [&](const SetSwipe& set) -> core::Result<void> {
                _swipe = set.position < 0 ? -1 : std::clamp(set.position, 0.0, 1.0);
                if (_swipe >= 0 && _proposal.empty()) _proposal = offeredProposal();
                return {};
            },
            [&](const SetTime& set) -> core::Result<void> {
                _sunTime = set.instant;
                return {};
            },
            [&](const TourControl& control) -> core::Result<void> {
                if (_tour.storyboard().steps.empty()) {
                    const auto board = _subject.district ? storyboardOf(*_subject.district, "") : std::nullopt;
                    if (!board) return core::fail("E_COMMAND_TOUR", control.verb);
                    _tour = story::Tour(*board);
                }
                if (control.verb == "start") _tour.play();
                else if (control.verb == "pause") _tour.pause();
                else if (control.verb == "next") _tour.next();
                else if (control.verb == "previous") _tour.previous();
                else if (control.verb == "stop") {
                    _tour.stop();
                    _tourFrame.reset();
                    return {};
                } else {
                    return core::fail("E_COMMAND_TOUR", control.verb);
                }
                _tourFrame = _tour.frame();
                applyTourFrame(contents);
                if (!_tour.playing() && control.verb != "pause") _camera.flyTo(_tourFrame->camera, 1.2);
                return {};
            }},
        command.body);
}

bool Picture::handleKey(platform::Key key, Contents& contents) {
    using platform::Key;
    switch (key) {
    case Key::m:
        setNavigation(_camera.mode() == view::CameraMode::walk ? view::CameraMode::orbit : view::CameraMode::walk, contents);
        return true;
    case Key::l:
        _look = static_cast<scene::Look>((static_cast<int>(_look) + 1) % 4);
        return true;
    case Key::p:
        _proposal = _proposal.empty() ? offeredProposal() : std::string();
        if (_proposal.empty()) _swipe = -1;
        return true;
    case Key::v:
        _swipe = _swipe < 0 ? 0.5 : -1;
        if (_swipe >= 0 && _proposal.empty()) _proposal = offeredProposal();
        if (_proposal.empty()) _swipe = -1;
        return true;
    case Key::x: _aids.xray = !_aids.xray; return true;
    case Key::g: _aids.ghostContext = !_aids.ghostContext; return true;
    case Key::t: _aids.heightTint = !_aids.heightTint; return true;
    case Key::c: _aids.contourMeters = nextContour(_aids.contourMeters); return true;
    case Key::escape: _selected = {}; return true;
    default: return false;
    }
}

geo::CameraPose Picture::walkStart(const Contents& contents) const {
    constexpr double kStandingAlready = 30.0;
    const auto& pose = _camera.pose();
    const auto below = contents.geometry().groundBelow(geo::ecefFromGeodetic(pose.position), kStandingAlready, _filter);
    if (below) return pose;
    if (const auto* record = sceneRecord())
        for (const auto& bookmark : record->bookmarks)
            if (bookmark.id == "walk") return bookmark.camera;
    const auto eye = geo::eyeFrameFromPose(pose);
    const auto ahead = contents.geometry().castRay({eye.eye.meters, -eye.axes[2]}, 20000.0, _filter);
    if (!ahead) return pose;
    geo::CameraPose start = pose;
    start.position = geo::geodeticFromEcef({ahead->positionEcef});
    start.position.heightMeters += 1.6;
    start.pitchDegrees = 0;
    start.rollDegrees = 0;
    return start;
}

void Picture::setNavigation(view::CameraMode mode, const Contents& contents) {
    if (mode == view::CameraMode::walk && _camera.mode() != view::CameraMode::walk) _camera.setPose(walkStart(contents));
    _camera.setMode(mode, contents.geometry(), _filter);
}

void Picture::update(double seconds, Contents& contents, const spatial::Filter& filter) {
    _filter = filter;
    if (_tour.playing()) {
        _tour.update(seconds);
        _tourFrame = _tour.frame();
    }
    if (_tourFrame && !_camera.flying() && (_tour.playing() || !_tour.ended())) applyTourFrame(contents);
    _camera.update(seconds, contents.geometry(), filter);
}

void Picture::applyTourFrame(Contents& contents) {
    const auto& frame = *_tourFrame;
    if (frame.scene != _scene && _subject.district && _subject.district->scene(frame.scene)) {
        const auto kept = _camera.pose();
        (void)showScene(frame.scene, contents, 0); // the scene was just looked up
        _camera.setPose(kept);
    }
    // Paused, the person may look around; playing, the tour holds the camera.
    if (_tour.playing() || !_tour.started()) _camera.setPose(frame.camera);
    _proposal = frame.proposal;
    _look = frame.look;
    _sunTime = frame.time;
    _projectDate = frame.projectDate;
    _groups = {false, false, false, false, false, true};
    for (const auto& group : frame.layers) _groups.set(group, true);
}

spatial::Filter Picture::rayFilter(const scene::FeatureRegistry& registry) const {
    spatial::Filter filter;
    const auto* proposal = _subject.district && !_proposal.empty() && _swipe < 0 ? _subject.district->proposal(_proposal) : nullptr;
    if (!proposal) return filter;
    std::vector<std::uint32_t> numbers;
    for (const auto& key : proposal->hide)
        if (const auto number = registry.find(key)) numbers.push_back(number);
    std::sort(numbers.begin(), numbers.end());
    filter.hidden = [numbers = std::move(numbers)](std::uint32_t number) { return std::binary_search(numbers.begin(), numbers.end(), number); };
    return filter;
}

void Picture::frame(const geo::BoundingVolume& bounds, double fovYRadians, double aspect) {
    _camera.setPose(geo::poseFromEyeFrame(view::frameModel(bounds, fovYRadians, aspect)));
    _needsFraming = false;
}

} // namespace matou
