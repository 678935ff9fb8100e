#include "engine/interface.h"

#include "engine/state_watch.h"
#include "geo/sun.h"
#include "media/png.h"

namespace matou {
namespace {

constexpr const char* kGroups[] = {"alarms", "sensors", "cameras", "projects", "cases", "flood", "zones", "labels"};

bool groupVisible(const symbology::Visibility& groups, std::string_view name) {
    if (name == "alarms") return groups.alarms;
    if (name == "sensors") return groups.sensors;
    if (name == "cameras") return groups.cameras;
    if (name == "projects") return groups.projects;
    if (name == "cases") return groups.cases;
    if (name == "flood") return groups.flood;
    if (name == "zones") return groups.zones;
    return groups.labels;
}

/// A switch for what no feed of this district brings would be a riddle.
bool groupUsed(const twin::StateSnapshot* state, std::string_view name) {
    if (name == "cases") return state && state->cases;
    if (name == "flood") return state && state->floodSeason;
    return true;
}

const char* lookName(scene::Look look) {
    static constexpr const char* kNames[] = {"natural", "monitor", "plan", "night"};
    return kNames[static_cast<std::size_t>(look)];
}

const char* modeName(view::CameraMode mode) {
    switch (mode) {
    case view::CameraMode::walk: return "walk";
    case view::CameraMode::fly: return "fly";
    default: return "orbit";
    }
}

ui::PlannerModel plannerModel(const Subject& subject, const Picture& picture, const InterfaceInput& input) {
    ui::PlannerModel planner;
    if (subject.district)
        for (const auto& proposal : subject.district->proposals)
            if (proposal.scene == picture.scene()) planner.proposals.push_back({proposal.id, proposal.name});
    planner.active = picture.proposal();
    planner.swipe = picture.swipe();
    planner.navigation = modeName(picture.camera().mode());
    planner.speedMetersPerSecond = picture.camera().speedMetersPerSecond();
    planner.sunTime = input.sunTime;
    const auto sun = geo::sunPosition(input.sunTime, input.place.latitudeDegrees, input.place.longitudeDegrees);
    planner.sunAzimuthDegrees = sun.azimuthDegrees;
    planner.sunElevationDegrees = sun.elevationDegrees;
    planner.look = lookName(picture.look());
    return planner;
}

ui::PresenterModel presenterModel(const Picture& picture) {
    ui::PresenterModel presenter;
    const auto& tour = picture.tour();
    const auto& board = tour.storyboard();
    presenter.title = board.name;
    presenter.steps = static_cast<int>(board.steps.size());
    presenter.elapsedSeconds = tour.seconds();
    presenter.totalSeconds = tour.durationSeconds();
    presenter.playing = tour.playing();
    for (const auto& step : board.steps) {
        presenter.stepSeconds.push_back(step.seconds);
        if (!step.date) continue;
        if (presenter.dateFrom == core::Instant{} || *step.date < presenter.dateFrom) presenter.dateFrom = *step.date;
        presenter.dateTo = std::max(presenter.dateTo, *step.date);
    }
    if (const auto& frame = picture.tourFrame()) {
        presenter.step = static_cast<int>(frame->step);
        presenter.caption = frame->caption;
        presenter.date = frame->projectDate.value_or(core::Instant{});
    }
    return presenter;
}

ui::Key uiKey(platform::Key key) {
    using platform::Key;
    switch (key) {
    case Key::left: return ui::Key::left;
    case Key::right: return ui::Key::right;
    case Key::up: return ui::Key::up;
    case Key::down: return ui::Key::down;
    case Key::pageUp: return ui::Key::pageUp;
    case Key::pageDown: return ui::Key::pageDown;
    case Key::home: return ui::Key::home;
    case Key::end: return ui::Key::end;
    case Key::tab: return ui::Key::tab;
    case Key::enter: return ui::Key::enter;
    case Key::escape: return ui::Key::escape;
    case Key::space: return ui::Key::space;
    case Key::backspace: return ui::Key::backspace;
    case Key::deleteKey: return ui::Key::del;
    case Key::a: return ui::Key::a;
    case Key::c: return ui::Key::c;
    case Key::v: return ui::Key::v;
    case Key::x: return ui::Key::x;
    case Key::y: return ui::Key::y;
    case Key::z: return ui::Key::z;
    default: return ui::Key::none;
    }
}

} // namespace

ui::Program uiProgram(Program program) {
    switch (program) {
    case Program::command: return ui::Program::commandCenter;
    case Program::planner: return ui::Program::planner;
    case Program::presenter: return ui::Program::presenter;
    default: return ui::Program::viewer;
    }
}

ui::UiModel uiModel(const EngineOptions& options, const Subject& subject, const Picture& picture, const Contents& contents,
                    const RunStats& stats, const InterfaceInput& input) {
    ui::UiModel model;
    model.language = options.language;
    model.state = input.state;
    model.networkLost = input.state && outOfReach(*input.state);
    model.user = options.user;
    model.role = options.role;
    model.now = input.now;
    if (const auto* district = subject.district.get()) {
        model.district = district->name;
        model.notice = district->notice;
        model.attribution = district->attribution;
        for (const auto& scene : district->scenes) model.scenes.push_back({scene.id, scene.name});
    }
    model.activeScene = picture.scene();
    for (const char* group : kGroups)
        if (groupUsed(input.state.get(), group)) model.layers.push_back({group, {}, true, groupVisible(picture.groups(), group)});
    for (const auto& layer : subject.layers) model.layers.push_back({layer.id, layer.name, false, picture.layerVisible(layer.id)});
    model.planner = plannerModel(subject, picture, input);
    model.presenter = presenterModel(picture);
    model.display.look = model.planner.look;
    model.display.xray = picture.aids().xray;
    model.display.ghost = picture.aids().ghostContext;
    model.display.heightTint = picture.aids().heightTint;
    model.display.contourMeters = picture.aids().contourMeters;
    if (subject.district) model.display.datum = subject.district->datum.name;
    else if (!subject.anchorKnown) model.display.datum = "WGS 84";
    const auto streaming = contents.stats();
    const auto& report = stats.lastReport();
    model.figures.frameMs = input.frameMs;
    model.figures.framesPerSecond = input.frameMs > 0 ? 1000.0 / input.frameMs : 0;
    model.figures.gpuMs = report.gpuMilliseconds;
    model.figures.triangles = streaming.trianglesDrawn;
    model.figures.drawCalls = report.drawCalls;
    model.figures.tilesDrawn = streaming.drawn;
    model.figures.tilesLoading = static_cast<std::uint32_t>(contents.selection().load.size()); // wanted now, not left from before
    model.figures.bytesUsed = streaming.gpuBytes + streaming.cpuBytes;
    model.figures.bytesBudget = streaming.budgetBytes;
    return model;
}

std::optional<ui::InputEvent> uiEvent(const platform::InputEvent& event) {
    ui::InputEvent out;
    if (const auto* move = std::get_if<platform::MouseMoveEvent>(&event)) {
        out.kind = ui::InputEvent::Kind::pointerMove;
        out.x = static_cast<float>(move->x);
        out.y = static_cast<float>(move->y);
    } else if (const auto* button = std::get_if<platform::MouseButtonEvent>(&event)) {
        if (button->button == platform::MouseButton::other) return std::nullopt;
        out.kind = ui::InputEvent::Kind::pointerButton;
        out.x = static_cast<float>(button->x);
        out.y = static_cast<float>(button->y);
        out.button = static_cast<int>(button->button);
        out.pressed = button->pressed;
    } else if (const auto* scroll = std::get_if<platform::ScrollEvent>(&event)) {
        out.kind = ui::InputEvent::Kind::wheel;
        out.wheel = static_cast<float>(scroll->deltaY);
    } else if (const auto* key = std::get_if<platform::KeyEvent>(&event)) {
        out.kind = ui::InputEvent::Kind::key;
        out.key = uiKey(key->key);
        out.pressed = key->pressed;
        out.control = key->modifiers.control;
        out.shift = key->modifiers.shift;
        out.alt = key->modifiers.alt;
        if (out.key == ui::Key::none) return std::nullopt;
    } else if (const auto* character = std::get_if<platform::CharacterEvent>(&event)) {
        out.kind = ui::InputEvent::Kind::character;
        out.character = character->codepoint;
    } else {
        return std::nullopt;
    }
    return out;
}

core::Result<std::vector<std::byte>> ScreenshotDesk::ask(std::chrono::seconds patience) {
    auto promise = std::make_shared<std::promise<std::shared_ptr<const render::Pixels>>>();
    auto future = promise->get_future();
    {
        std::lock_guard lock(_mutex);
        if (_waiting.size() >= 8) return core::fail("E_SCREENSHOT_BUSY", "screenshot.png");
        _waiting.push_back(promise);
    }
    if (future.wait_for(patience) != std::future_status::ready) return core::fail("E_SCREENSHOT_TIMEOUT", "screenshot.png");
    const auto pixels = future.get();
    return media::encodePng(pixels->width, pixels->height, pixels->rgba);
}

bool ScreenshotDesk::wanted() const {
    std::lock_guard lock(_mutex);
    return !_waiting.empty();
}

void ScreenshotDesk::answer(const render::Pixels& pixels) {
    const auto shared = std::make_shared<const render::Pixels>(pixels);
    std::lock_guard lock(_mutex);
    for (auto& promise : _waiting) promise->set_value(shared);
    _waiting.clear();
}

} // namespace matou
