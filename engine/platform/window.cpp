#include "platform/window.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#define GLFW_INCLUDE_VULKAN
#include <GLFW/glfw3.h>
// From GLFW/glfw3native.h, whose X11 headers (macros None, Always, …) are not needed for one number; weak: absent on Wayland builds.
extern "C" unsigned long glfwGetX11Window(GLFWwindow*) __attribute__((weak));

#include "core/expect.h"
#include "platform/keys.h"

namespace matou::platform {

namespace {

std::string lastGlfwError() {
    const char* description = nullptr;
    glfwGetError(&description);
    return description != nullptr ? description : "no reason given";
}

// GLFW keeps one state for the process and has no count of its users; this is that count. Main thread only, as GLFW.
int glfwUsers = 0;

/// Holds GLFW open.
class GlfwUse {
public:
    static core::Result<GlfwUse> open() {
        if (glfwUsers == 0 && glfwInit() == GLFW_FALSE) return core::fail("E_NO_DISPLAY", "display", {lastGlfwError()});
        ++glfwUsers;
        return GlfwUse(true);
    }
    GlfwUse(GlfwUse&& other) noexcept : _held(std::exchange(other._held, false)) {}
    GlfwUse& operator=(GlfwUse&& other) noexcept {
        std::swap(_held, other._held);
        return *this;
    }
    ~GlfwUse() {
        if (_held && --glfwUsers == 0) glfwTerminate();
    }

private:
    explicit GlfwUse(bool held) : _held(held) {}
    bool _held;
};

core::Result<GLFWmonitor*> monitorAt(int index) {
    int count = 0;
    GLFWmonitor** all = glfwGetMonitors(&count);
    if (index < 0 || index >= count) return core::fail("E_NO_MONITOR", "display", {std::to_string(index), std::to_string(count)});
    return all[index];
}

} // namespace

struct Window::Impl {
    GlfwUse use;
    GLFWwindow* window = nullptr;
    std::vector<InputEvent> events;
    std::array<bool, static_cast<std::size_t>(Key::count)> down{};
    double x = 0, y = 0; // pointer, framebuffer pixels
    bool full = false;
    int restoreX = 0, restoreY = 0; // of the window before full screen
    Size restoreSize;

    explicit Impl(GlfwUse held) : use(std::move(held)) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        if (window != nullptr) glfwDestroyWindow(window);
    }

    static Impl& of(GLFWwindow* window) { return *static_cast<Impl*>(glfwGetWindowUserPointer(window)); }

    /// GLFW reports screen coordinates; on dense displays a framebuffer pixel is a part of one.
    void setPointer(double screenX, double screenY) {
        int windowWidth = 1, windowHeight = 1, width = 1, height = 1;
        glfwGetWindowSize(window, &windowWidth, &windowHeight);
        glfwGetFramebufferSize(window, &width, &height);
        x = screenX * (windowWidth > 0 ? static_cast<double>(width) / windowWidth : 1.0);
        y = screenY * (windowHeight > 0 ? static_cast<double>(height) / windowHeight : 1.0);
    }

    Modifiers modifiers() const {
        const auto held = [&](Key key) { return down[static_cast<std::size_t>(key)]; };
        return {held(Key::leftShift) || held(Key::rightShift), held(Key::leftControl) || held(Key::rightControl),
                held(Key::leftAlt) || held(Key::rightAlt), held(Key::leftSuper) || held(Key::rightSuper)};
    }

    void onKey(int glfwKey, int action, int glfwModifiers) {
        const Key key = keyFromGlfw(glfwKey);
        down[static_cast<std::size_t>(key)] = action != GLFW_RELEASE;
        events.push_back(KeyEvent{key, action != GLFW_RELEASE, action == GLFW_REPEAT, modifiersFromGlfw(glfwModifiers)});
    }

    void onFocus(bool focused) {
        // A key that is let go elsewhere is never reported: it would seem held for ever.
        if (!focused) {
            for (std::size_t i = 0; i < down.size(); ++i)
                if (std::exchange(down[i], false)) events.push_back(KeyEvent{static_cast<Key>(i), false, false, {}});
        }
        events.push_back(FocusEvent{focused});
    }

    void connect() {
        glfwSetWindowUserPointer(window, this);
        glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int, int action, int mods) { of(w).onKey(key, action, mods); });
        glfwSetCharCallback(window, [](GLFWwindow* w, unsigned codepoint) {
            of(w).events.push_back(CharacterEvent{static_cast<char32_t>(codepoint)});
        });
        glfwSetCursorPosCallback(window, [](GLFWwindow* w, double screenX, double screenY) {
            Impl& self = of(w);
            self.setPointer(screenX, screenY);
            self.events.push_back(MouseMoveEvent{self.x, self.y});
        });
        glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int button, int action, int mods) {
            Impl& self = of(w);
            double screenX = 0, screenY = 0;
            glfwGetCursorPos(w, &screenX, &screenY);
            self.setPointer(screenX, screenY);
            self.events.push_back(MouseButtonEvent{mouseButtonFromGlfw(button), action == GLFW_PRESS, self.x, self.y,
                                                   modifiersFromGlfw(mods)});
        });
        glfwSetScrollCallback(window, [](GLFWwindow* w, double deltaX, double deltaY) {
            Impl& self = of(w);
            self.events.push_back(ScrollEvent{deltaX, deltaY, self.x, self.y, self.modifiers()});
        });
        glfwSetFramebufferSizeCallback(window, [](GLFWwindow* w, int width, int height) {
            of(w).events.push_back(ResizeEvent{width, height});
        });
        glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int focused) { of(w).onFocus(focused == GLFW_TRUE); });
        glfwSetWindowCloseCallback(window, [](GLFWwindow* w) { of(w).events.push_back(CloseEvent{}); });
    }
};

Window::Window(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
Window::Window(Window&&) noexcept = default;
Window& Window::operator=(Window&&) noexcept = default;
Window::~Window() = default;

core::Result<Window> Window::create(const WindowOptions& options) {
    MATOU_TRY(use, GlfwUse::open());
    auto impl = std::make_unique<Impl>(std::move(use));
    glfwDefaultWindowHints();
    glfwWindowHint(GLFW_CLIENT_API, GLFW_NO_API);
    glfwWindowHint(GLFW_RESIZABLE, options.resizable ? GLFW_TRUE : GLFW_FALSE);
    // A wall of several windows must not go dark because the operator types in one of them.
    glfwWindowHint(GLFW_AUTO_ICONIFY, GLFW_FALSE);
    Size size = options.size;
    GLFWmonitor* monitor = nullptr;
    if (options.fullscreen) {
        MATOU_TRY(chosen, monitorAt(options.monitor));
        monitor = chosen;
        if (const GLFWvidmode* mode = glfwGetVideoMode(monitor)) {
            size = {mode->width, mode->height};
            glfwWindowHint(GLFW_REFRESH_RATE, mode->refreshRate);
        }
    }
    size.width = std::clamp(size.width, 1, 16384);
    size.height = std::clamp(size.height, 1, 16384);
    impl->window = glfwCreateWindow(size.width, size.height, options.title.c_str(), monitor, nullptr);
    if (impl->window == nullptr) return core::fail("E_NO_WINDOW", "display", {lastGlfwError()});
    impl->full = options.fullscreen;
    impl->restoreSize = options.size;
    impl->connect();
    return Window(std::move(impl));
}

std::vector<InputEvent> Window::poll() {
    glfwPollEvents();
    return std::exchange(_impl->events, {});
}

std::vector<InputEvent> Window::wait(double timeoutSeconds) {
    if (_impl->events.empty()) {
        if (timeoutSeconds > 0)
            glfwWaitEventsTimeout(timeoutSeconds);
        else
            glfwPollEvents();
    }
    return std::exchange(_impl->events, {});
}

Size Window::framebufferSize() const {
    Size size;
    glfwGetFramebufferSize(_impl->window, &size.width, &size.height);
    return size;
}

double Window::contentScale() const {
    float x = 1, y = 1;
    glfwGetWindowContentScale(_impl->window, &x, &y);
    return std::max(x, y);
}

bool Window::closeRequested() const { return glfwWindowShouldClose(_impl->window) == GLFW_TRUE; }
bool Window::focused() const { return glfwGetWindowAttrib(_impl->window, GLFW_FOCUSED) == GLFW_TRUE; }
bool Window::keyDown(Key key) const { return key < Key::count && _impl->down[static_cast<std::size_t>(key)]; }
void Window::setTitle(const std::string& title) { glfwSetWindowTitle(_impl->window, title.c_str()); }

void Window::setSize(Size size) {
    if (!_impl->full) glfwSetWindowSize(_impl->window, std::clamp(size.width, 1, 16384), std::clamp(size.height, 1, 16384));
}

void Window::setFullscreen(bool fullscreen, int monitor) {
    if (fullscreen == _impl->full) return;
    if (!fullscreen) {
        glfwSetWindowMonitor(_impl->window, nullptr, _impl->restoreX, _impl->restoreY, _impl->restoreSize.width,
                             _impl->restoreSize.height, GLFW_DONT_CARE);
        _impl->full = false;
        return;
    }
    const auto target = monitorAt(monitor);
    const GLFWvidmode* mode = target ? glfwGetVideoMode(*target) : nullptr;
    if (mode == nullptr) return; // the monitor was unplugged meanwhile: the window stays as it is
    glfwGetWindowPos(_impl->window, &_impl->restoreX, &_impl->restoreY);
    glfwGetWindowSize(_impl->window, &_impl->restoreSize.width, &_impl->restoreSize.height);
    glfwSetWindowMonitor(_impl->window, *target, 0, 0, mode->width, mode->height, mode->refreshRate);
    _impl->full = true;
}

bool Window::fullscreen() const { return _impl->full; }

void Window::capturePointer(bool captured) {
    glfwSetInputMode(_impl->window, GLFW_CURSOR, captured ? GLFW_CURSOR_DISABLED : GLFW_CURSOR_NORMAL);
}

unsigned long Window::nativeId() const { return glfwGetX11Window != nullptr ? glfwGetX11Window(_impl->window) : 0; }

std::vector<std::string> Window::requiredInstanceExtensions() const {
    std::uint32_t count = 0;
    const char** names = glfwGetRequiredInstanceExtensions(&count);
    return names != nullptr ? std::vector<std::string>(names, names + count) : std::vector<std::string>{};
}

core::Result<VkSurfaceKHR_T*> Window::createSurface(VkInstance_T* instance) const {
    MATOU_EXPECT(instance != nullptr);
    VkSurfaceKHR surface = VK_NULL_HANDLE;
    const VkResult result = glfwCreateWindowSurface(instance, _impl->window, nullptr, &surface);
    if (result != VK_SUCCESS)
        return core::fail("E_NO_SURFACE", "display", {std::to_string(static_cast<int>(result)) + ", " + lastGlfwError()});
    return surface;
}

core::Result<std::vector<Monitor>> monitors() {
    MATOU_TRY(use, GlfwUse::open());
    int count = 0;
    GLFWmonitor** all = glfwGetMonitors(&count);
    std::vector<Monitor> result;
    for (int i = 0; i < count; ++i) {
        Monitor monitor;
        const char* name = glfwGetMonitorName(all[i]);
        monitor.name = name != nullptr ? name : "";
        glfwGetMonitorPos(all[i], &monitor.x, &monitor.y);
        if (const GLFWvidmode* mode = glfwGetVideoMode(all[i])) {
            monitor.size = {mode->width, mode->height};
            monitor.refreshHz = mode->refreshRate;
        }
        float scaleX = 1, scaleY = 1;
        glfwGetMonitorContentScale(all[i], &scaleX, &scaleY);
        monitor.contentScale = std::max(scaleX, scaleY);
        monitor.primary = i == 0; // GLFW's order
        result.push_back(std::move(monitor));
    }
    return result;
}

} // namespace matou::platform
