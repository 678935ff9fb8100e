#include "view/camera_input.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "view/picking.h"

namespace matou::view {

namespace {

constexpr double kDegreesPerPixel = 0.2;
constexpr double kZoomPerNotch = 0.85;
constexpr double kKeyTurnDegreesPerSecond = 60.0;

double axis(bool plus, bool minus) { return (plus ? 1.0 : 0.0) - (minus ? 1.0 : 0.0); }

} // namespace

using platform::Key;

void CameraInput::setMode(CameraMode mode, const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    _flight.reset();
    _drag = Drag::none;
    _mode = mode;
    _orbitReady = false;
    _turn = _tilt = 0.0;
    if (mode == CameraMode::fly) _fly = FlyController(_pose);
    if (mode == CameraMode::walk) {
        _walk = WalkController(_pose, index, _walkOptions, filter);
        _pose = _walk.pose();
    }
}

void CameraInput::setPose(const geo::CameraPose& pose) {
    _flight.reset();
    _pose = pose;
    _orbitReady = false;
    if (_mode == CameraMode::walk) _mode = CameraMode::orbit;
    _fly = FlyController(pose);
}

void CameraInput::flyTo(const geo::CameraPose& pose, double seconds) {
    const geo::CameraPose from = _pose;
    setPose(pose);
    if (seconds <= 0.0) return;
    _pose = from;
    _flight = Flight(from, pose, seconds);
}

geo::Ecef CameraInput::pointUnder(double x, double y, const scene::View& view, const spatial::SpatialIndex& index,
                                  const spatial::Filter& filter) const {
    const spatial::Ray ray = pickRay(view, x, y);
    if (const auto hit = index.castRay(ray, 100000.0, filter)) return {hit->positionEcef};
    if (const auto ground = intersectEllipsoid(ray, _fallbackGround); ground && *ground < 100000.0)
        return {ray.origin + *ground * ray.direction};
    return {ray.origin + (_orbitReady ? _orbit.distanceMeters() : 500.0) * ray.direction};
}

void CameraInput::beginDrag(const platform::MouseButtonEvent& event, const scene::View& view, const spatial::SpatialIndex& index,
                            const spatial::Filter& filter) {
    _flight.reset();
    _lastX = event.x;
    _lastY = event.y;
    const bool turns = event.button != platform::MouseButton::left || event.modifiers.control || _mode != CameraMode::orbit;
    _drag = turns ? Drag::turn : Drag::pan;
    if (_mode != CameraMode::orbit) return;
    if (!_orbitReady) _orbit = OrbitController::fromPose(_pose, index, _fallbackGround);
    _orbitReady = true;
    _grabbed = pointUnder(event.x, event.y, view, index, filter);
}

void CameraInput::drag(double x, double y, const scene::View& view) {
    const double dx = x - _lastX, dy = y - _lastY;
    _lastX = x;
    _lastY = y;
    switch (_mode) {
    case CameraMode::orbit:
        if (_drag == Drag::turn) {
            _orbit.rotateAround(_grabbed, dx * kDegreesPerPixel, -dy * kDegreesPerPixel);
        } else {
            // From where the camera is now, not from where it was drawn: several moves may come in one frame.
            scene::View now = view;
            now.eye = geo::eyeFrameFromPose(_orbit.pose());
            _orbit.panTo(_grabbed, pickRay(now, x, y));
        }
        _pose = _orbit.pose();
        break;
    case CameraMode::fly:
        _fly.turn(-dx * kDegreesPerPixel, dy * kDegreesPerPixel);
        _pose = _fly.pose();
        break;
    case CameraMode::walk:
        _turn -= dx * kDegreesPerPixel;
        _tilt += dy * kDegreesPerPixel;
        break;
    }
}

bool CameraInput::handle(const platform::InputEvent& event, const scene::View& view, const spatial::SpatialIndex& index,
                         const spatial::Filter& filter) {
    if (const auto* key = std::get_if<platform::KeyEvent>(&event)) {
        if (key->key >= Key::count) return false;
        _held[static_cast<std::size_t>(key->key)] = key->pressed;
        if (key->pressed) _tapped[static_cast<std::size_t>(key->key)] = true;
        return false; // others may use the key too
    }
    if (const auto* button = std::get_if<platform::MouseButtonEvent>(&event)) {
        if (!button->pressed) return std::exchange(_drag, Drag::none) != Drag::none;
        beginDrag(*button, view, index, filter);
        return true;
    }
    if (const auto* move = std::get_if<platform::MouseMoveEvent>(&event)) {
        if (_drag == Drag::none) return false;
        drag(move->x, move->y, view);
        return true;
    }
    if (const auto* scroll = std::get_if<platform::ScrollEvent>(&event)) {
        if (scroll->deltaY == 0.0 || _mode == CameraMode::walk) return false;
        _flight.reset();
        const double factor = std::pow(kZoomPerNotch, scroll->deltaY);
        const geo::Ecef towards = pointUnder(scroll->x, scroll->y, view, index, filter);
        if (_mode == CameraMode::fly || !_orbitReady) _orbit = OrbitController::fromPose(_pose, index, _fallbackGround);
        _orbitReady = true;
        _orbit.zoom(factor, towards);
        _pose = _orbit.pose();
        _fly = FlyController(_pose);
        return true;
    }
    return false;
}

void CameraInput::update(double seconds, const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    geo::Geodetic before = _pose.position;
    move(seconds, index, filter);
    _tapped.fill(false);
    before.heightMeters = _pose.position.heightMeters;
    const glm::dvec3 way = geo::ecefFromGeodetic(_pose.position).meters - geo::ecefFromGeodetic(before).meters;
    _speed = seconds > 0.0 ? glm::length(way) / seconds : 0.0;
}

void CameraInput::move(double seconds, const spatial::SpatialIndex& index, const spatial::Filter& filter) {
    const double forward = axis(held(Key::w) || held(Key::up), held(Key::s) || held(Key::down));
    const double right = axis(held(Key::d) || held(Key::right), held(Key::a) || held(Key::left));
    const double up = axis(held(Key::e), held(Key::q));
    const bool fast = held(Key::leftShift) || held(Key::rightShift);
    if (_mode == CameraMode::walk) {
        // Left and right arrows turn; A and D step aside.
        WalkInput input{forward, axis(held(Key::d), held(Key::a)), fast, _turn, _tilt};
        input.turnDegrees += axis(held(Key::right), held(Key::left)) * kKeyTurnDegreesPerSecond * seconds;
        _turn = _tilt = 0.0;
        _walk.update(seconds, input, index, filter);
        _pose = _walk.pose();
        return;
    }
    if (_flight && (forward != 0.0 || right != 0.0 || up != 0.0)) _flight.reset();
    if (_flight) {
        _pose = _flight->advance(seconds);
        if (!_flight->active()) _flight.reset();
        _fly = FlyController(_pose);
        return;
    }
    if (forward == 0.0 && right == 0.0 && up == 0.0) return;
    const double height = std::max(0.0, _pose.position.heightMeters - _fallbackGround);
    const double meters = FlyController::speedAt(height) * seconds * (fast ? 4.0 : 1.0);
    if (_mode == CameraMode::fly) {
        _fly.move(glm::dvec3(right, up, forward) * meters);
        _pose = _fly.pose();
        return;
    }
    if (!_orbitReady) _orbit = OrbitController::fromPose(_pose, index, _fallbackGround);
    _orbitReady = true;
    const double span = _orbit.distanceMeters() * seconds * (fast ? 2.0 : 0.5);
    _orbit.pan(right * span, forward * span);
    if (up != 0.0) _orbit.zoom(std::pow(0.5, -up * seconds), _orbit.focus());
    _pose = _orbit.pose();
}

} // namespace matou::view
