#include "engine/views.h"

#include <algorithm>
#include <cmath>

#include "geo/moon.h"
#include "geo/sun.h"
#include "geo/swept_volume.h"
#include "render/cascades.h"
#include "render/environment.h"
#include "render/view_math.h"
#include "symbology/theme.h"

namespace matou {

namespace {

/// The monitor look is a display, not a photograph: its city stays legible through the night. Below this height the sun
/// gives way to a fixed light from the south-west; the other looks keep the true one.
constexpr geo::SunPosition kMonitorLight{225.0, 32.0};
constexpr double kMonitorSunLeastDegrees = 18.0;

/// Of the content's radius: a model of millimetres is looked at from millimetres, where the usual near plane would cut all of it.
constexpr double kNearOfRadius = 0.05, kNearLeastMeters = 1e-5;

/// Of the picture on each side: between two of the moments that are looked at, something passes through its corner.
constexpr double kComingWider = 0.1;

constexpr float kOutlinePixels = 2.5f; // at 1080 lines

} // namespace

tiles::ViewState castersFor(const scene::View& view, const tiles::ViewState& seen, const Contents& contents,
                            const geo::Ecef& anchor, bool neutral) {
    const glm::dmat3 axes = render::shadingAxes(anchor);
    const double heightMeters = glm::dot(axes[2], view.eye.eye.meters - anchor.meters);
    geo::ReceiverRegion receivers;
    receivers.eye = view.eye;
    receivers.fovYRadians = view.fovYRadians;
    receivers.planeAspect = view.planeAspect;
    receivers.window = view.window;
    receivers.nearMeters = view.nearMeters;
    receivers.farMeters = render::shadowReachMeters(heightMeters);
    receivers.floor = {axes[2], -contents.lowestAlong(axes[2])};
    auto state = seen;
    state.layerMask &= contents.casterMask();
    state.casterRegion =
        geo::sweptTowards(receivers, axes * render::steppedLight(render::lightDirection(view, neutral)));
    if (state.casterRegion.empty()) state.layerMask = 0;
    return state;
}

ViewSet makeViews(const Picture& picture, const EngineOptions& options, const Contents& contents, const ViewInput& input) {
    scene::View whole;
    whole.eye = input.eye;
    whole.fovYRadians = input.fovYRadians;
    whole.planeAspect = static_cast<double>(input.size.x) / input.size.y;
    whole.target = {0, 0, input.size.x, input.size.y};
    if (const auto bounds = contents.bounds(); bounds && bounds->radius > 0)
        whole.nearMeters = std::clamp(kNearOfRadius * bounds->radius, kNearLeastMeters, whole.nearMeters);
    whole.look = picture.look();
    whole.weather = options.weather;
    whole.aids = picture.aids();
    whole.aids.outlinePixels = kOutlinePixels * std::max(1.0f, input.interfaceScale);
    for (std::uint32_t mark = 1; mark <= scene::kStyleMarks; ++mark)
        whole.aids.markColors[mark - 1] = symbology::severityStyle(5 - static_cast<int>(mark)).color;
    whole.aids.anchorHeightMeters = input.place.heightMeters - input.datumAboveEllipsoidMeters;
    whole.aids.rampBaseMeters = input.rampBaseMeters;
    auto sun = geo::sunPosition(input.sunTime, input.place.latitudeDegrees, input.place.longitudeDegrees);
    if (whole.look == scene::Look::monitor && sun.elevationDegrees < kMonitorSunLeastDegrees) sun = kMonitorLight;
    whole.sunDirection = geo::directionEnu(sun);
    const auto moon = geo::moonAt(input.sunTime, input.place.latitudeDegrees, input.place.longitudeDegrees);
    whole.moonDirection = geo::directionEnu(moon.position);
    whole.moonLitFraction = moon.litFraction;
    whole.autoExposure = !options.exposureEv.has_value();
    if (options.exposureEv) whole.exposureEv = *options.exposureEv;

    ViewSet set;
    const int split = picture.swipe() < 0 ? -1 : static_cast<int>(std::lround(picture.swipe() * input.size.x));
    if (split <= 0 || split >= input.size.x) {
        set.views.push_back(whole);
    } else {
        const double at = static_cast<double>(split) / input.size.x;
        scene::View existing = whole, proposed = whole;
        existing.window = {0.0, 0.0, at, 1.0};
        existing.target = {0, 0, split, input.size.y};
        proposed.id = 1;
        proposed.window = {at, 0.0, 1.0, 1.0};
        proposed.target = {split, 0, input.size.x - split, input.size.y};
        set.views = {existing, proposed};
    }
    for (std::size_t i = 0; i < set.views.size(); ++i) {
        const auto& view = set.views[i];
        auto state = tiles::viewStateOf(view.eye, view.fovYRadians, view.planeAspect, view.window, view.nearMeters, view.target.w);
        const bool proposed = set.views.size() == 2 ? i == 1 : split < 0 || split == 0;
        state.layerMask = contents.layerMask(proposed ? picture.proposal() : std::string());
        set.states.push_back(state);
    }
    set.casterStates = set.views.size();
    for (std::size_t i = 0; i < set.views.size(); ++i)
        set.states.push_back(
            castersFor(set.views[i], set.states[i], contents, input.anchor, options.neutralEnvironment));
    return set;
}

std::vector<std::vector<tiles::ViewState>> comingStates(const ViewSet& now, std::span<const geo::EyeFrame> eyes, const Contents& contents, const geo::Ecef& anchor,
                                                        bool neutralEnvironment) {
    std::vector<std::vector<tiles::ViewState>> moments;
    for (const auto& eye : eyes) {
        std::vector<tiles::ViewState> states;
        for (std::size_t i = 0; i < now.views.size(); ++i) {
            auto view = now.views[i];
            view.eye = eye;
            auto state = tiles::widerViewStateOf(eye, view.fovYRadians, view.planeAspect, view.window, view.nearMeters, view.target.w, kComingWider);
            state.layerMask = now.states[i].layerMask;
            states.push_back(state);
            states.push_back(castersFor(view, state, contents, anchor, neutralEnvironment));
        }
        moments.push_back(std::move(states));
    }
    return moments;
}

tiles::ViewState surroundings(const geo::CameraPose& walker, std::uint64_t layerMask) {
    constexpr double kAboveMeters = 60.0, kFovYRadians = 1.85; // 79 m to each side
    // As fine as 0.15 m a pixel: finer than collision needs, coarser than the picture ahead.
    constexpr double kHeightPixels = 1080.0;
    geo::CameraPose above = walker;
    above.position.heightMeters += kAboveMeters;
    above.pitchDegrees = -90.0;
    above.rollDegrees = 0.0;
    auto state = tiles::viewStateOf(geo::eyeFrameFromPose(above), kFovYRadians, 1.0, {0.0, 0.0, 1.0, 1.0}, 0.1, kHeightPixels);
    state.layerMask = layerMask;
    return state;
}

symbology::StyleRequest styleRequest(const Picture& picture, const Subject& subject, std::size_t viewIndex, bool tintProjects,
                                     const AlarmHosts& hosts) {
    symbology::StyleRequest request;
    request.tintProjects = tintProjects && picture.groups().projects;
    if (const auto date = picture.projectDate()) request.projectDate = *date;
    request.selected = picture.selected();
    if (request.selected.layer == "alarms") request.alsoSelected = hosts.hostOf(request.selected.id);
    if (picture.aids().xray) request.marked = hosts.marked();
    const bool existingSide = picture.swipe() > 0 && (viewIndex == 0);
    const auto* proposal = subject.district && !picture.proposal().empty() ? subject.district->proposal(picture.proposal()) : nullptr;
    if (proposal && !existingSide) request.hidden = proposal->hide;
    return request;
}

} // namespace matou
