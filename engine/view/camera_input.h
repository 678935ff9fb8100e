#pragma once
// From keys and mouse to a camera: left drag pans, right or Ctrl+left drag turns, wheel zooms to the cursor; W A S D or the
// arrows fly and walk, Q E go down and up, Shift is faster.

#include <array>
#include <optional>

#include "platform/input.h"
#include "scene/frame_snapshot.h"
#include "view/controllers.h"
#include "view/flight.h"

namespace matou::view {

enum class CameraMode : std::uint8_t { orbit, fly, walk };

/// One camera under a person's hands. Mode changes keep the picture; a flight gives way to any touch.
class CameraInput {
public:
    CameraInput() = default;
    explicit CameraInput(const geo::CameraPose& pose) : _pose(pose) {}

    CameraMode mode() const { return _mode; }
    void setMode(CameraMode mode, const spatial::SpatialIndex& index, const spatial::Filter& filter = {});
    void setWalkOptions(const WalkOptions& options) { _walkOptions = options; }
    /// Ellipsoidal metres where nothing is loaded yet, for finding what the cursor is on.
    void setFallbackGround(double heightMeters) { _fallbackGround = heightMeters; }

    const geo::CameraPose& pose() const { return _pose; }
    /// At once, ending any flight.
    void setPose(const geo::CameraPose& pose);
    void flyTo(const geo::CameraPose& pose, double seconds);
    bool flying() const { return _flight.has_value(); }
    /// Over the last update, along the ground.
    double speedMetersPerSecond() const { return _speed; }

    /// One event; `view` is the one under the pointer as last drawn. True where the camera took it.
    bool handle(const platform::InputEvent& event, const scene::View& view, const spatial::SpatialIndex& index,
                const spatial::Filter& filter = {});
    /// Held keys and flights, over the time since the last frame.
    void update(double seconds, const spatial::SpatialIndex& index, const spatial::Filter& filter = {});

private:
    enum class Drag : std::uint8_t { none, pan, turn };
    geo::Ecef pointUnder(double x, double y, const scene::View& view, const spatial::SpatialIndex& index,
                         const spatial::Filter& filter) const;
    void beginDrag(const platform::MouseButtonEvent& event, const scene::View& view, const spatial::SpatialIndex& index,
                   const spatial::Filter& filter);
    void drag(double x, double y, const scene::View& view);
    bool held(platform::Key key) const { return _held[static_cast<std::size_t>(key)] || _tapped[static_cast<std::size_t>(key)]; }
    void move(double seconds, const spatial::SpatialIndex& index, const spatial::Filter& filter);

    geo::CameraPose _pose;
    CameraMode _mode = CameraMode::orbit;
    OrbitController _orbit;
    FlyController _fly;
    WalkController _walk;
    WalkOptions _walkOptions;
    bool _orbitReady = false;
    double _fallbackGround = 0.0;
    Drag _drag = Drag::none;
    geo::Ecef _grabbed;
    double _lastX = 0, _lastY = 0;
    double _turn = 0, _tilt = 0; // gathered mouse motion for the walker, degrees
    /// Down now; and pressed since the last update, so that a tap between two slow frames counts.
    std::array<bool, static_cast<std::size_t>(platform::Key::count)> _held{}, _tapped{};
    double _speed = 0;
    std::optional<Flight> _flight;
};

} // namespace matou::view
