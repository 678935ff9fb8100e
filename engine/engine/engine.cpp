#include "engine/engine.h"

#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <limits>
#include <thread>

#include "core/cpu_time.h"
#include "core/file.h"
#include "core/log.h"
#include "engine/cards.h"
#include "engine/contents.h"
#include "engine/hosts.h"
#include "engine/interface.h"
#include "engine/look_back.h"
#include "engine/pacing.h"
#include "engine/picture.h"
#include "engine/run_stats.h"
#include "engine/state_watch.h"
#include "engine/sun_reference.h"
#include "engine/tile_overlay.h"
#include "engine/views.h"
#include "geo/frustum.h"
#include "jobs/worker_pool.h"
#include "media/film.h"
#include "media/png.h"
#include "media/radiance.h"
#include "platform/paths.h"
#include "platform/window.h"
#include "render/environment.h"
#include "render/tiers.h"
#include "service/service.h"
#include "view/camera_file.h"
#include "view/picking.h"

namespace matou {
namespace {

// A signal handler can reach nothing but a flag of the process.
std::atomic<bool> stopAsked{false};
extern "C" void askToStop(int) { stopAsked = true; }

double millisecondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

std::string mebibytes(std::uint64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", static_cast<double>(bytes) / 1048576.0);
    return text;
}

/// Where the height ramp begins: at the datum's zero where the place lies low, else at the hundred metres below it.
double rampBaseMeters(double placeMeters) { return std::abs(placeMeters) < 50.0 ? 0.0 : std::floor(placeMeters / 100.0) * 100.0; }

/// Where the camera will be is known along tours, films and paths: what it sees then is fetched by then. The last is what a slow
/// server (some 100 tiles a second) needs to bring a whole new view.
constexpr double kAheadSeconds[] = {0.15, 0.35, 0.6, 1.0, 1.6, 2.3, 3.1, 4.0};

/// Two renders of the same instant must not differ because panels settle their sizes over the first frames.
constexpr int kPanelSettlingPasses = 2;

/// Of the clock of fades: they are over.
constexpr double kAtOnce = std::numeric_limits<double>::infinity();

class Engine {
public:
    explicit Engine(const EngineOptions& options, Subject subject)
        : _options(options), _subject(std::move(subject)),
          _pacing(_options, _subject.district ? _subject.district->start : core::Instant(std::chrono::sys_days(std::chrono::year{2025} / 6 / 15) + std::chrono::hours(2))),
          _picture(_subject, _options), _size(options.size) {}

    core::Result<void> open();
    core::Result<bool> run();

private:
    core::Result<void> openWindowAndDevice();
    core::Result<void> openState();
    core::Result<void> openWords();
    void handleEvents();
    void handleKey(platform::Key key);
    bool overPanels(double x, double y) const;
    void click(double x, double y);
    void send(command::Body body);
    void send(command::Command command);
    void applyCommands();
    void applyQuality();
    void showPast();
    core::Result<void> traceSunOf(std::size_t index);
    void drawTilesOver();
    void aim();
    geo::EyeFrame eye() const;
    geo::EyeFrame eyeOfPose(std::size_t index) const;
    std::vector<geo::EyeFrame> comingEyes() const;
    core::Result<void> update();
    core::Result<bool> waitForContents();
    /// `step` as panels feel it, `fadeStep` as levels of detail do that fade into one another.
    core::Result<void> draw(double step, double fadeStep);
    /// What the machine may fail in: driver, display, memory. false: stopped on the way.
    core::Result<bool> frame(double step);
    /// A watch outlives its picture: everything of it is made anew, again and again, while the state side goes on. The error where the
    /// picture is all that was asked for.
    core::Result<void> remakePicture(const core::Error& why);
    /// A dead encoder costs its film: with a window the wall goes on, and the exit status says it.
    core::Result<void> loseFilm(const core::Error& error);
    core::Result<bool> finish();
    double frameSeconds() const;
    float interfaceScale() const { return _ui ? _ui->scale() : static_cast<float>(_size.y) / 1080.0f; }

    EngineOptions _options;
    Subject _subject;
    Pacing _pacing;
    Picture _picture;
    glm::ivec2 _size;
    scene::FeatureRegistry _registry;

    std::unique_ptr<platform::Window> _window;
    std::unique_ptr<gpu::Device> _device;
    std::unique_ptr<Contents> _contents;
    std::unique_ptr<render::Renderer> _renderer;
    std::unique_ptr<SunReference> _sunReference; // null: shadows are maps alone
    render::Quality _quality = render::Quality::medium; // asked of it last
    jobs::WorkerPool _aside{1}; // what frames will need next
    ScreenshotDesk _desk;       // whose callers are the service's
    std::unique_ptr<service::Service> _service;
    LookBack _lookBack{[this](core::Instant at) { return _service->past(at); }}; // before the service ends
    std::unique_ptr<text::TextShaper> _shaper;
    std::unique_ptr<symbology::OverlayBuilder> _overlay;
    std::unique_ptr<ui::UiContext> _ui;
    symbology::StyleBuilder _existingStyles{_registry}, _proposedStyles{_registry};
    AlarmHosts _hosts{_subject, _registry};
    std::optional<view::CameraChoice> _cameraFile;
    std::optional<media::Film> _film;
    RunStats _stats;

    StateWatch _watch;
    std::shared_ptr<const twin::StateSnapshot> _state, _shown; // the newest; what the city shows: it, or the past
    scene::FrameSnapshot _frame;
    ViewSet _views;
    core::Instant _now{}, _sunTime{};
    int _frames = 0;
    std::uint64_t _updates = 0; // of the contents: waiting for tiles takes many to one frame
    std::shared_ptr<const model::EnvironmentImage> _environment; // of --environment FILE
    bool _closed = false, _timedOut = false, _filmLost = false;
    std::chrono::milliseconds _remakePause{250}; // before the picture is made anew
    std::chrono::steady_clock::time_point _remade{};
    double _lastFrameMs = 0;
    double _pressX = 0, _pressY = 0;
    bool _pressed = false;
    std::optional<glm::vec2> _pointer; // pixels, once it was seen
    std::chrono::steady_clock::time_point _began = std::chrono::steady_clock::now();
};

core::Result<void> Engine::openWindowAndDevice() {
    gpu::DeviceOptions deviceOptions{_options.device, _options.validation, {}};
    if (!_options.headless) {
        platform::WindowOptions windowOptions;
        windowOptions.size = {_options.size.x, _options.size.y};
        windowOptions.title = _subject.district ? "Matou · " + _subject.district->name.zh : "Matou";
        MATOU_TRY(window, platform::Window::create(windowOptions));
        _window = std::make_unique<platform::Window>(std::move(window));
        deviceOptions.surfaceExtensions = _window->requiredInstanceExtensions();
        const auto size = _window->framebufferSize();
        _size = {size.width, size.height};
    }
    MATOU_TRY(device, gpu::Device::create(deviceOptions));
    _device = std::move(device);
    ContentsOptions contentsOptions;
    contentsOptions.budgetBytes = static_cast<std::uint64_t>(_options.memoryMiB * 1048576.0);
    contentsOptions.variant = _options.variant;
    contentsOptions.standLocalTilesets = _options.camera.empty(); // a camera file's poses are the tileset's own
    contentsOptions.fadeSeconds = _pacing.fadeSeconds();
    if (const auto folder = platform::cacheFolder()) // without a home nothing is kept
        contentsOptions.cache = {*folder / "http", static_cast<std::uint64_t>(_options.cacheMiB * 1048576.0), _options.offline, nullptr};
    // Also for the buildings of alarms: an operator or the control API may ask for them at any time.
    contentsOptions.rayCasting = !_options.headless || _options.program == Program::planner || _options.program == Program::command ||
                                 _options.aids.xray || _options.select.layer == "alarms" || _options.referenceShadows;
    contentsOptions.rayCastPlants = !_options.referenceShadows;
    if (_options.referenceShadows) contentsOptions.rayCopiesOnDevice = SunReference::copiesOnDevice(*_device);
    if (!_options.style.empty()) {
        MATOU_TRY(text, core::readTextFile(_options.style));
        MATOU_TRY(style, scene::TilesetStyle::parse(text, _options.style.string()));
        contentsOptions.style = std::make_shared<const scene::TilesetStyle>(std::move(style));
    }
    // A still may take its time; a wall may not hitch.
    if (_pacing.waitsForTiles()) contentsOptions.uploadBytesPerFrame = std::size_t{64} << 20;
    MATOU_TRY(contents, Contents::create(*_device, _subject, _registry, contentsOptions));
    _contents = std::move(contents);
    if (!_options.environmentFile.empty()) {
        MATOU_TRY(image, media::readEnvironment(_options.environmentFile));
        _environment = std::make_shared<const model::EnvironmentImage>(std::move(image));
    }
    render::RendererOptions rendererOptions;
    rendererOptions.referenceShadows = _options.referenceShadows;
    rendererOptions.counts = _options.countWork;
    rendererOptions.fades = _pacing.fadeSeconds() > 0;
    for (const auto& layer : _subject.layers)
        if (layer.visible) rendererOptions.expected.push_back(layer.role);
    if (!_pacing.fixed()) // else a frame shows the sky of its own instant
        rendererOptions.aside = [this](std::function<void()> task) { _aside.submit(std::move(task)); };
    rendererOptions.quality = render::defaultQuality(_device->description());
    if (const auto asked = render::qualityFrom(_options.quality)) rendererOptions.quality = *asked;
    _quality = rendererOptions.quality;
    MATOU_TRY(renderer, render::Renderer::create(*_device, _contents->table(), glm::uvec2(_size), rendererOptions));
    _renderer = std::move(renderer);
    if (_options.referenceShadows) _sunReference = std::make_unique<SunReference>(*_device);
    if (_window) {
        core::Result<void> made;
        const auto makeSurface = [&](VkInstance instance) -> VkSurfaceKHR {
            auto surface = _window->createSurface(instance);
            if (!surface) {
                made = tl::unexpected(surface.error());
                return VK_NULL_HANDLE;
            }
            return *surface;
        };
        auto attached = _renderer->attachWindow(makeSurface, glm::uvec2(_size));
        if (!made) return made;
        if (!attached) return attached;
    }
    return {};
}

core::Result<void> Engine::openState() {
    if (!_subject.district) return {};
    service::ServiceOptions options;
    options.district = _subject.district;
    options.clock = _pacing.clock();
    options.mqttUrl = _options.mqtt;
    options.clientId = _options.clientId;
    options.history = _options.history;
    options.attach = _options.attach;
    options.attachToken = _options.attachToken;
    options.control = _options.program == Program::command ? _options.control : "none";
    options.controlToken = _options.controlToken;
    options.source = _options.source;
    options.published = _options.published;
    // With a clock that moves by frames the state moves by frames too, so that films and stills repeat.
    options.ownLane = _options.program == Program::command ? !_pacing.fixed() || !_options.mqtt.empty() : !_options.mqtt.empty();
    MATOU_TRY(service, service::Service::start(options));
    _service = std::move(service);
    for (const auto& remark : _service->remarks()) {
        core::logError(remark);
        _stats.error(remark);
    }
    _service->setScreenshot([this] { return _desk.ask(std::chrono::seconds(20)); });
    return {};
}

core::Result<void> Engine::openWords() {
    const bool mayDebug = _options.debugTiles || _window; // by its key
    if (!_options.overlay && !_options.ui && !_subject.district && !mayDebug) return {};
    MATOU_TRY(fonts, text::findCjkFonts());
    const auto theme = _options.lightTheme ? symbology::Theme::light : symbology::Theme::dark;
    if (_options.overlay || mayDebug) {
        MATOU_TRY(shaper, text::TextShaper::create(fonts));
        _shaper = std::move(shaper);
    }
    if (_options.overlay) {
        symbology::Site site;
        if (const auto* district = _subject.district.get()) {
            site.registry = district->registry;
            site.datumAboveEllipsoidMeters = district->datum.aboveEllipsoidMeters;
            for (std::size_t i = 0; i < district->labels.size(); ++i) {
                const auto& label = district->labels[i];
                site.labels.push_back({"L" + std::to_string(i), label.name, label.kind, label.rank, label.place});
            }
        }
        _overlay = std::make_unique<symbology::OverlayBuilder>(std::move(site), _registry, *_shaper);
    }
    if (_options.ui || _subject.district) { // without panels it still says that the data is synthetic
        MATOU_TRY(panels, ui::UiContext::create({fonts, theme, 0.0f}));
        _ui = std::move(panels);
    }
    return {};
}

core::Result<void> Engine::open() {
    // Seconds a frame: nothing for a window that somebody looks at.
    if (_options.referenceShadows && !_pacing.waitsForTiles()) return core::fail("E_SHADOWS_REFERENCE", "--shadows");
    if (_subject.district)
        for (const auto& warning : _subject.district->warnings) {
            core::logError(warning);
            _stats.error(warning);
        }
    if (!_options.scene.empty() && !(_subject.district && _subject.district->scene(_options.scene)))
        return core::fail("E_COMMAND_SCENE", _options.scene);
    if (!_options.proposal.empty() && !(_subject.district && _subject.district->proposal(_options.proposal)))
        return core::fail("E_COMMAND_PROPOSAL", _options.proposal);
    if (!_options.camera.empty()) {
        MATOU_TRY(choice, view::readCamera(_options.camera));
        _cameraFile = std::move(choice);
    }
    MATOU_CHECK(openWindowAndDevice());
    MATOU_CHECK(openState());
    MATOU_CHECK(openWords());
    if (!_options.record.empty()) {
        media::FilmOptions film;
        film.width = static_cast<std::uint32_t>(_size.x);
        film.height = static_cast<std::uint32_t>(_size.y);
        film.framesPerSecond = static_cast<std::uint32_t>(_options.fps + 0.5);
        MATOU_TRY(started, media::Film::start(_options.record, film));
        _film = std::move(started);
        if (_options.program == Program::presenter && _options.durationSeconds <= 0 && _options.frames == 0)
            _options.durationSeconds = _picture.tour().durationSeconds();
    }
    if (_options.program == Program::presenter && (_options.headless || _film)) _picture.tour().play();
    return {};
}

double Engine::frameSeconds() const {
    return _pacing.fixed() ? _frames / _options.fps : millisecondsSince(_began) / 1000.0;
}

void Engine::send(command::Body body) {
    send(command::Command{_options.user, _options.role, "ui", _now, std::move(body)});
}

void Engine::send(command::Command command) {
    if (_service) {
        _service->submit(std::move(command)); // comes back by takePictureCommands once it is in the audit log
    } else if (auto applied = _picture.apply(command, *_contents, _overlay.get(), _state.get()); !applied) {
        core::logError(applied.error());
    }
}

void Engine::applyCommands() {
    if (!_service) return;
    for (const auto& command : _service->takePictureCommands())
        if (auto applied = _picture.apply(command, *_contents, _overlay.get(), _state.get()); !applied) {
            core::logError(applied.error());
            _stats.error(applied.error());
        }
}

void Engine::showPast() {
    if (!_service) return;
    if (auto shown = _lookBack.show(_picture.pastTime(_now), _pacing.fixed()); !shown) {
        core::logError(shown.error());
        _stats.error(shown.error());
        send(command::LookBack{}); // not a past that cannot be had
    }
    _shown = _lookBack.state() ? _lookBack.state() : _state;
}

void Engine::applyQuality() {
    const auto wanted = render::qualityFrom(_picture.quality());
    if (!wanted || *wanted == _quality) return;
    _quality = *wanted; // one that cannot be had (memory) is said once, and what is there stays
    if (auto changed = _renderer->setQuality(*wanted); !changed) {
        core::logError(changed.error());
        _stats.error(changed.error());
    }
}

void Engine::click(double x, double y) {
    const auto hit = _renderer->pick(_frame, static_cast<std::int32_t>(x), static_cast<std::int32_t>(y));
    if (!hit) {
        core::logError(hit.error());
        return;
    }
    const auto key = hit->feature ? _registry.key(hit->feature) : std::nullopt;
    send(command::SelectFeature{key.value_or(core::FeatureKey{})});
}

void Engine::handleKey(platform::Key key) {
    using platform::Key;
    const auto* district = _subject.district.get();
    if (key == Key::k) {
        send(command::SetQuality{render::kTiers[(static_cast<std::size_t>(_quality) + 1) % render::kTiers.size()].name});
        return;
    }
    if (key == Key::b && (_options.program == Program::view || _options.program == Program::planner)) {
        _options.debugTiles = !_options.debugTiles;
        return;
    }
    if (key >= Key::digit1 && key <= Key::digit9 && district) {
        const auto index = static_cast<std::size_t>(key) - static_cast<std::size_t>(Key::digit1);
        if (index < district->scenes.size()) send(command::ShowScene{district->scenes[index].id});
        return;
    }
    if (_options.program == Program::presenter) {
        if (key == Key::space) send(command::TourControl{_picture.tour().playing() ? "pause" : "start"});
        else if (key == Key::right || key == Key::pageDown) send(command::TourControl{"next"});
        else if (key == Key::left || key == Key::pageUp) send(command::TourControl{"previous"});
        return;
    }
    if (_options.program == Program::command && key != Key::escape) return;
    _picture.handleKey(key, *_contents);
}

bool Engine::overPanels(double x, double y) const {
    if (!_ui) return false;
    // What the panels last said they want is a frame old: a press may come with the very move that brought the pointer.
    if (_picture.swipe() > 0 && std::abs(x - _picture.swipe() * _size.x) < 14.0 * _ui->scale()) return true;
    for (const auto& rectangle : _ui->covered())
        if (x >= rectangle.x && y >= rectangle.y && x < rectangle.x + rectangle.z && y < rectangle.y + rectangle.w) return true;
    return false;
}

void Engine::handleEvents() {
    if (!_window) return;
    const auto filter = _picture.rayFilter(_registry);
    for (const auto& event : _window->poll()) {
        if (std::holds_alternative<platform::CloseEvent>(event)) _closed = true;
        if (const auto* move = std::get_if<platform::MouseMoveEvent>(&event)) _pointer = glm::vec2(move->x, move->y);
        if (const auto* resize = std::get_if<platform::ResizeEvent>(&event))
            if (resize->width > 0 && resize->height > 0) _size = {resize->width, resize->height};
        if (_ui)
            if (const auto translated = uiEvent(event)) _ui->feed(*translated);
        bool pointerTaken = _ui && _ui->wantsPointer();
        if (const auto* button = std::get_if<platform::MouseButtonEvent>(&event); button && button->pressed)
            pointerTaken = pointerTaken || overPanels(button->x, button->y);
        if (const auto* scroll = std::get_if<platform::ScrollEvent>(&event)) pointerTaken = pointerTaken || overPanels(scroll->x, scroll->y);
        if (const auto* key = std::get_if<platform::KeyEvent>(&event); key && key->pressed && !key->repeat && !(_ui && _ui->wantsKeyboard()))
            handleKey(key->key);
        if (const auto* button = std::get_if<platform::MouseButtonEvent>(&event); button && button->button == platform::MouseButton::left) {
            if (button->pressed) {
                _pressed = !pointerTaken;
                _pressX = button->x;
                _pressY = button->y;
            } else if (_pressed && std::abs(button->x - _pressX) + std::abs(button->y - _pressY) < 6.0) {
                _pressed = false;
                click(button->x, button->y);
            }
        }
        const bool pointerEvent = std::holds_alternative<platform::MouseButtonEvent>(event) || std::holds_alternative<platform::ScrollEvent>(event);
        const bool released = std::holds_alternative<platform::MouseButtonEvent>(event) && !std::get<platform::MouseButtonEvent>(event).pressed;
        if ((pointerTaken && pointerEvent && !released) || _views.views.empty()) continue;
        // The presenter's arrows turn pages, and what is typed into a panel moves nothing. Releases always pass.
        if (const auto* key = std::get_if<platform::KeyEvent>(&event); key && key->pressed)
            if (_options.program == Program::presenter || (_ui && _ui->wantsKeyboard())) continue;
        _picture.camera().handle(event, _views.views.front(), _contents->geometry(), filter);
    }
    if (glm::uvec2(_size) != _renderer->size())
        if (auto resized = _renderer->resize(glm::uvec2(_size)); !resized) core::logError(resized.error());
}

geo::EyeFrame Engine::eye() const {
    if (!_cameraFile) return geo::eyeFrameFromPose(_picture.camera().pose());
    return eyeOfPose(static_cast<std::size_t>(std::max(0, _frames)));
}

geo::EyeFrame Engine::eyeOfPose(std::size_t index) const {
    const auto& poses = _cameraFile->poses;
    const glm::dmat4 place = _subject.models.empty() ? glm::dmat4(1.0) : _subject.models.front().ecefFromModel;
    return view::eyeFrameOf(poses[std::min(poses.size() - 1, index)], place);
}

std::vector<geo::EyeFrame> Engine::comingEyes() const {
    std::vector<geo::EyeFrame> eyes;
    for (const double ahead : kAheadSeconds) {
        if (_cameraFile && _cameraFile->poses.size() > 1) {
            eyes.push_back(eyeOfPose(static_cast<std::size_t>(_frames + std::lround(ahead * _options.fps))));
        } else if (!_cameraFile && _picture.tour().playing()) {
            const auto& tour = _picture.tour();
            eyes.push_back(geo::eyeFrameFromPose(story::frameAt(tour.storyboard(), tour.seconds() + ahead).camera));
        }
    }
    return eyes;
}

void Engine::aim() {
    if (!_cameraFile && _picture.needsFraming())
        if (const auto bounds = _contents->volume(); bounds && geo::boundingSphere(*bounds).radius > 0)
            _picture.frame(*bounds, kFovYRadians, static_cast<double>(_size.x) / _size.y);
    ViewInput input;
    input.eye = eye();
    if (_cameraFile && _cameraFile->file.fovYDegrees) input.fovYRadians = glm::radians(*_cameraFile->file.fovYDegrees);
    input.size = _size;
    _sunTime = input.sunTime = _picture.sunTime().value_or(_now);
    if (!_subject.anchorKnown) _subject.anchor = input.eye.eye;
    input.place = geo::geodeticFromEcef(_subject.anchor);
    input.anchor = _subject.anchor;
    // A district counts from its datum, a model without a place from its own zero, all else from the ellipsoid.
    if (_subject.district) input.datumAboveEllipsoidMeters = _subject.district->datum.aboveEllipsoidMeters;
    else if (_subject.anchorKnown) input.datumAboveEllipsoidMeters = input.place.heightMeters;
    input.rampBaseMeters = rampBaseMeters(input.place.heightMeters - input.datumAboveEllipsoidMeters);
    input.interfaceScale = interfaceScale();
    _views = makeViews(_picture, _options, *_contents, input);
    _contents->setComing(comingStates(_views, comingEyes(), *_contents, _subject.anchor, _options.neutralEnvironment));
    // A walker also meets what is beside and behind him: that is asked for, and not drawn.
    if (_picture.camera().mode() == view::CameraMode::walk) _views.states.push_back(surroundings(_picture.camera().pose(), _contents->layerMask(_picture.proposal())));
}

core::Result<void> Engine::update() {
    aim();
    const auto uploaded = _contents->update(_views.states, _options.maximumErrorPixels, ++_updates);
    for (const auto& error : _contents->takeErrors()) {
        // What ends the run is said once, by whoever started it.
        if (!(_options.headless && _contents->fatalError())) core::logError(error);
        _stats.error(error);
    }
    return uploaded;
}

core::Result<bool> Engine::waitForContents() {
    const auto start = std::chrono::steady_clock::now();
    while (true) {
        MATOU_CHECK(update());
        if (const auto* fatal = _contents->fatalError()) return tl::unexpected(*fatal);
        const bool framed = _cameraFile || !_picture.needsFraming();
        if (framed && _contents->complete()) break;
        if (stopAsked) return false;
        if (millisecondsSince(start) > _options.timeoutSeconds * 1000.0) {
            const auto stats = _contents->stats();
            const auto loading = stats.states[1] + stats.states[2] + stats.states[3];
            const bool tooSmall = stats.floorBytes > stats.budgetBytes;
            const auto late = tooSmall ? core::fail("E_MEMORY_FLOOR", _options.subject, {mebibytes(stats.budgetBytes), mebibytes(stats.floorBytes)})
                                     : core::fail("E_TIMEOUT", _options.subject, {std::to_string(_options.timeoutSeconds), std::to_string(loading)});
            core::logError(late.value());
            _stats.error(late.value());
            _timedOut = true;
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    _stats.allTiles(secondsSinceProcessStart());
    return true;
}

core::Result<void> Engine::traceSunOf(std::size_t index) {
    scene::View& view = _views.views[index];
    auto filter = _picture.rayFilter(_registry);
    filter.contents = std::make_shared<const std::vector<std::uint64_t>>(_contents->rayContents(index, _views.casterStates + index));
    filter.layers &= ~kPlantRayBit; // their leaves are cut from quads, which rays know nothing of
    filter.hidden = [hides = filter.hidden, styles = view.styles](std::uint32_t feature) {
        const bool styled = styles && feature < styles->styles.size();
        return (hides && hides(feature)) || (styled && (styles->styles[feature].flags & (scene::kStyleHidden | scene::kStyleGhosted)) != 0);
    };
    MATOU_TRY(mask, _sunReference->trace(view, _subject.anchor, render::lightDirection(view, _options.neutralEnvironment), _contents->geometry(), filter,
                                         kSolidRayBit));
    view.sunMask = std::move(mask);
    return {};
}

void Engine::drawTilesOver() {
    _frame.overlays.resize(_views.views.size());
    for (std::size_t i = 0; i < _views.views.size(); ++i) {
        const auto target = glm::vec4(_views.views[i].target);
        TileOverlayInput input{&_views.views[i], &_views.states[i], i, {}, {}, _options.language, std::max(0.75f, interfaceScale())};
        if (_pointer && _pointer->x >= target.x && _pointer->x < target.x + target.z && _pointer->y >= target.y && _pointer->y < target.y + target.w) input.pointer = _pointer;
        if (_ui) input.covered = _ui->covered();
        auto overlay = _frame.overlays[i] ? std::make_shared<scene::Overlay>(*_frame.overlays[i]) : std::make_shared<scene::Overlay>();
        addTileOverlay(*_contents, input, *_shaper, *overlay);
        _frame.overlays[i] = std::move(overlay);
    }
}

core::Result<void> Engine::draw(double step, double fadeStep) {
    const auto start = std::chrono::steady_clock::now();
    const double cpuStart = core::threadCpuMilliseconds();
    _contents->moveFades(fadeStep);
    const bool tint = _options.overlay;
    for (std::size_t i = 0; i < _views.views.size(); ++i) {
        _views.views[i].contents = _contents->drawList(i);
        _views.views[i].casters = _contents->casterList(i, _views.casterStates + i);
        if (!_shown && _options.style.empty() && _picture.selected().id.empty()) continue;
        auto& builder = i == 0 ? _existingStyles : _proposedStyles;
        if (i == 0 && _shown) _hosts.update(*_shown, _contents->geometry());
        auto request = styleRequest(_picture, _subject, i, tint, _hosts);
        request.styled = &_contents->styled();
        _views.views[i].styles = builder.build(_shown ? *_shown : twin::StateSnapshot{}, request);
    }
    if (_options.referenceShadows && _contents->complete()) {
        for (std::size_t i = 0; i < _views.views.size(); ++i) MATOU_CHECK(traceSunOf(i));
        _sunReference->endFrame();
        _stats.sunTrace(_sunReference->figures());
        if (const auto remark = _sunReference->takeRemark()) {
            core::logError(*remark);
            _stats.error(*remark);
        }
    }
    if (!_stats.hasFirstTile() && !_views.views.front().contents.empty()) _stats.firstTile(secondsSinceProcessStart());

    render::UiDrawData uiData;
    std::shared_ptr<const ui::FontImage> font;
    if (_ui) {
        InterfaceInput input{_state, _now, _sunTime, geo::geodeticFromEcef(_subject.anchor), _lastFrameMs};
        auto model = uiModel(_options, _subject, _picture, *_contents, _stats, input);
        model.panels = _options.ui;
        model.display.legend = _options.overlay;
        model.display.rampBaseMeters = _views.views.front().aids.rampBaseMeters;
        if (const auto past = _picture.pastTime(_now)) model.past = {*past, _picture.pastSpeed(), _lookBack.state()};
        model.selection = selectionCard(_picture.selected(), *_contents, _options.language);
        for (int pass = _frames == 0 ? 0 : kPanelSettlingPasses - 1; pass < kPanelSettlingPasses; ++pass)
            for (auto& command : _ui->build(model, uiProgram(_options.program), _size, step)) send(std::move(command));
        font = _ui->fontImage();
        uiData = {_ui->drawData(), font->alpha.data(), font->width, font->height, 1, font->version};
    }
    _frame.number = static_cast<std::uint64_t>(_frames);
    _frame.secondsSinceStart = frameSeconds();
    _frame.anchor = _subject.anchor;
    _frame.neutralEnvironment = _options.neutralEnvironment;
    _frame.environment = _environment;
    _frame.overlayOn = _options.overlay || _options.debugTiles;
    _frame.views = _views.views;
    _frame.overlays.clear();
    if (_shaper) _shaper->beginFrame();
    if (_overlay && _shown) {
        symbology::OverlayRequest request;
        request.visible = _picture.groups();
        request.selected = _picture.selected();
        request.now = _shown == _state ? _now : _shown->now;
        if (const auto date = _picture.projectDate()) request.projectDate = *date;
        request.secondsSinceStart = _frame.secondsSinceStart;
        request.language = _options.language;
        request.theme = _options.lightTheme ? symbology::Theme::light : symbology::Theme::dark;
        request.scale = interfaceScale();
        request.xray = _picture.aids().xray;
        request.seenAt = [this](const std::string& alarm) { return _hosts.roofOf(alarm); };
        request.presentation = _options.program == Program::presenter;
        if (_ui) {
            request.covered = _ui->covered();
            request.hovered = _ui->hovered();
        }
        for (const auto& view : _views.views) _frame.overlays.push_back(_overlay->build(*_shown, view, request));
    }
    if (_options.debugTiles && _shaper) drawTilesOver();
    if (_shaper) _frame.glyphs = _shaper->image();
    const double cpuMs = core::threadCpuMilliseconds() - cpuStart;
    MATOU_TRY(report, _renderer->render(_frame, _ui ? &uiData : nullptr));
    if (report.windowOutdated) MATOU_CHECK(_renderer->resize(glm::uvec2(_size)));
    _lastFrameMs = millisecondsSince(start);
    _stats.frame(_lastFrameMs, cpuMs + report.cpuMilliseconds, _contents->selectMilliseconds(), report);
    _stats.firstFrame(secondsSinceProcessStart());
    return {};
}

core::Result<bool> Engine::frame(double step) {
    handleEvents();
    applyCommands();
    applyQuality();
    showPast();
    _picture.update(_frames == 0 ? 0.0 : step, *_contents, _picture.rayFilter(_registry));
    MATOU_CHECK(update());
    if (const auto* fatal = _contents->fatalError(); fatal && _options.headless) return tl::unexpected(*fatal);
    if (_pacing.waitsForTiles()) {
        if (_frames == 0) MATOU_CHECK(draw(step, kAtOnce)); // something is on screen at once, whatever is still to come
        MATOU_TRY(arrived, waitForContents());
        if (!arrived) return false;
    }
    // A picture that is kept is taken when levels have settled, and a film begins so.
    const bool asked = _desk.wanted(), settled = asked || (_frames == 0 && _pacing.waitsForTiles());
    MATOU_CHECK(draw(step, settled ? kAtOnce : step));
    if (!_pacing.waitsForTiles() && _contents->complete()) _stats.allTiles(secondsSinceProcessStart());
    if (_film || asked) {
        MATOU_TRY(pixels, _renderer->readback());
        if (_film)
            if (auto added = _film->addFrame(pixels.rgba); !added) MATOU_CHECK(loseFilm(added.error()));
        if (asked) _desk.answer(pixels);
    }
    return true;
}

core::Result<void> Engine::remakePicture(const core::Error& why) {
    const bool machine = why.code == "E_DEVICE_LOST" || why.code == "E_SWAPCHAIN" || why.code == "E_GPU_MEMORY";
    if (!machine || !_service || _options.program != Program::command || _pacing.fixed() || _film) return tl::unexpected(why);
    core::logError(why);
    _stats.error(why);
    const auto drop = [this] { // what is drawn with first, what it lies on last
        _renderer.reset();
        _contents.reset();
        _device.reset();
        _window.reset();
        _views = {};
        _frame = {};
    };
    const auto pause = [this] {
        for (auto waited = std::chrono::milliseconds(0); waited < _remakePause && !stopAsked; waited += std::chrono::milliseconds(50))
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        _remakePause = std::min(_remakePause * 2, std::chrono::milliseconds(30000));
    };
    // One that is lost again and again must not take the machine from the watch.
    const auto now = std::chrono::steady_clock::now();
    if (now - _remade > std::chrono::minutes(1)) _remakePause = std::chrono::milliseconds(250);
    for (std::string said = why.code; !stopAsked;) {
        drop();
        pause();
        if (stopAsked) break;
        const auto opened = openWindowAndDevice();
        if (opened) {
            for (const auto& layer : _subject.layers) _contents->setLayerVisible(layer.id, _picture.layerVisible(layer.id));
            _remade = std::chrono::steady_clock::now();
            return {};
        }
        if (opened.error().code != said) core::logError(opened.error());
        said = opened.error().code;
    }
    drop();
    return {};
}

core::Result<bool> Engine::run() {
    while (!stopAsked && !_closed && !_pacing.ended(_frames)) {
        const double step = _pacing.beginFrame();
        _now = _pacing.clock()->now();
        if (_service && (_pacing.fixed() || _options.program != Program::command))
            _state = _service->advance();
        else if (_service)
            _state = _watch.see(_service->snapshot(), std::chrono::steady_clock::now());
        const auto drawn = frame(step);
        if (!drawn) {
            MATOU_CHECK(remakePicture(drawn.error()));
            continue;
        }
        if (!*drawn) break;
        if (_options.drawn && _state) _options.drawn(*_state);
        if (++_frames == _options.settleFrames) _stats.startOver();
        _pacing.endFrame(_frames);
    }
    return finish();
}

core::Result<void> Engine::loseFilm(const core::Error& error) {
    _film.reset();
    if (!_window) return tl::unexpected(error); // nothing else was asked for
    core::logError(error);
    _stats.error(error);
    _filmLost = true;
    return {};
}

core::Result<bool> Engine::finish() {
    if (!_device) { // stopped while there was no picture
        if (_service) _service->setScreenshot({});
        return true;
    }
    // Stopped on the way to a still or a film: half of one is nobody's result.
    const bool interrupted = stopAsked && _pacing.waitsForTiles() && !_pacing.ended(_frames);
    if (interrupted) {
        const core::Error error{"E_INTERRUPTED", {}, _options.subject, nullptr};
        core::logError(error);
        _stats.error(error);
        _film.reset();
    }
    if (!interrupted && (!_options.screenshot.empty() || _options.pick)) {
        if (!_pacing.waitsForTiles() && !_timedOut) {
            MATOU_TRY(arrived, waitForContents());
            if (arrived) MATOU_CHECK(draw(1.0 / _options.fps, kAtOnce));
        } else if (_contents->fading()) {
            MATOU_CHECK(draw(1.0 / _options.fps, kAtOnce));
        }
        if (!_options.screenshot.empty()) {
            MATOU_TRY(pixels, _renderer->readback());
            MATOU_CHECK(media::writePng(_options.screenshot, pixels.width, pixels.height, pixels.rgba));
        }
        if (_options.pick) {
            MATOU_TRY(hit, _renderer->pick(_frame, _options.pick->x, _options.pick->y));
            std::printf("%s\n", pickJson(hit, _registry, *_contents, _state.get()).c_str());
        }
    }
    if (_timedOut) _film.reset(); // no film with holes
    if (_film)
        if (auto finished = _film->finish(); !finished) MATOU_CHECK(loseFilm(finished.error()));
    if (_service) {
        _service->setScreenshot({});
        if (_options.program == Program::command && !_pacing.fixed()) _state = _service->snapshot();
    }
    if (!_options.stats.empty())
        MATOU_CHECK(_stats.write(_options.stats, *_device, *_renderer, *_contents, static_cast<std::uint64_t>(_options.memoryMiB * 1048576.0), _state.get()));
    bool good = !_timedOut && !_filmLost && !interrupted;
    if (_device->validationOn() && _device->validationMessageCount() > 0) {
        for (const auto& message : _device->validationMessages()) core::log(core::LogLevel::error, message);
        good = false;
    }
    return good;
}

} // namespace

core::Result<bool> runEngine(const EngineOptions& options) {
    std::signal(SIGINT, askToStop);
    std::signal(SIGTERM, askToStop);
    std::signal(SIGPIPE, SIG_IGN);
    stopAsked = false;
    MATOU_TRY(subject, openSubject(options.subject));
    Engine engine(options, std::move(subject));
    MATOU_CHECK(engine.open());
    return engine.run();
}

} // namespace matou
