#pragma once
// Windows and monitors. Nothing of Vulkan but the surface. A program that never calls this (--headless) never touches a
// display server.

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "platform/input.h"

// Vulkan's own handle types, so that this header needs none of Vulkan's.
struct VkInstance_T;
struct VkSurfaceKHR_T;

namespace matou::platform {

struct Size {
    int width = 0, height = 0;
    bool operator==(const Size&) const = default;
};

struct Monitor {
    std::string name;
    int x = 0, y = 0; // of its top left corner on the desktop, screen coordinates
    Size size;        // current mode
    double refreshHz = 0;
    double contentScale = 1; // 2 on dense displays
    bool primary = false;
};

struct WindowOptions {
    Size size{1920, 1080}; // ignored where fullscreen
    std::string title = "Matou";
    bool fullscreen = false; // borderless at the monitor's current mode
    int monitor = 0;         // index into monitors(): where fullscreen goes
    bool resizable = true;
};

/// Thread: main only, all of it.
class Window {
public:
    /// E_NO_DISPLAY (no display server to be reached), E_NO_WINDOW (the server refused), E_NO_MONITOR; where = "display".
    static core::Result<Window> create(const WindowOptions& options);
    Window(Window&&) noexcept;
    Window& operator=(Window&&) noexcept;
    ~Window();

    /// What happened since the last call, in order. Never blocks.
    std::vector<InputEvent> poll();
    /// Like poll, but sleeps until something happens or the time has passed: for windows that stand still.
    std::vector<InputEvent> wait(double timeoutSeconds);

    Size framebufferSize() const;
    double contentScale() const;
    bool closeRequested() const;
    bool focused() const;
    /// State of a key now, by the events handed out so far.
    bool keyDown(Key key) const;
    void setTitle(const std::string& title);
    void setSize(Size size);
    void setFullscreen(bool fullscreen, int monitor = 0);
    bool fullscreen() const;
    /// Hides the pointer and reports unbounded motion: walking with the mouse.
    void capturePointer(bool captured);
    /// The native X11 window number where there is one, else 0: for tests and screen recorders.
    unsigned long nativeId() const;

    /// What the instance needs so that createSurface works. Empty where this display has no Vulkan loader.
    std::vector<std::string> requiredInstanceExtensions() const;
    /// E_NO_SURFACE with Vulkan's result. The caller destroys the surface before this window.
    core::Result<VkSurfaceKHR_T*> createSurface(VkInstance_T* instance) const;

private:
    struct Impl;
    explicit Window(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

/// What is plugged in; the primary one first. E_NO_DISPLAY.
core::Result<std::vector<Monitor>> monitors();

} // namespace matou::platform
