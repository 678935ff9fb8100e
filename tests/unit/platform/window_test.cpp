// A window under a virtual display that this test starts, driven with xdotool as a person's hands would.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "platform/window.h"

extern char** environ;

using namespace matou;
using platform::Key;

namespace {

pid_t spawn(std::vector<std::string> words, posix_spawn_file_actions_t* actions = nullptr) {
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = -1;
    return posix_spawnp(&pid, arguments[0], actions, nullptr, arguments.data(), environ) == 0 ? pid : -1;
}

/// Xvfb on a display number that it finds free itself (-displayfd). Ends with the test program.
class VirtualDisplay : public ::testing::Environment {
public:
    void SetUp() override {
        int ends[2];
        ASSERT_EQ(pipe(ends), 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], 7);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        _pid = spawn({"Xvfb", "-displayfd", "7", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"}, &actions);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        ASSERT_GT(_pid, 0) << "Xvfb cannot be started; tools/setup installs it";
        std::string number;
        pollfd waiting{ends[0], POLLIN, 0};
        char letter = 0;
        while (::poll(&waiting, 1, 20000) > 0 && read(ends[0], &letter, 1) == 1 && letter != '\n') number += letter;
        close(ends[0]);
        ASSERT_FALSE(number.empty()) << "Xvfb did not come up";
        setenv("DISPLAY", (":" + number).c_str(), 1);
        unsetenv("WAYLAND_DISPLAY");
    }
    void TearDown() override {
        if (_pid <= 0) return;
        kill(_pid, SIGTERM);
        int status = 0;
        waitpid(_pid, &status, 0);
    }

private:
    pid_t _pid = -1;
};

[[maybe_unused]] const auto* kDisplay = ::testing::AddGlobalTestEnvironment(new VirtualDisplay);

void xdotool(std::vector<std::string> words) {
    words.insert(words.begin(), "xdotool");
    const pid_t pid = spawn(words);
    ASSERT_GT(pid, 0) << "xdotool cannot be started; tools/setup installs it";
    int status = 1;
    waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
}

/// Polls until `done` says so of all events since the call, at most 10 s.
template <typename Done>
std::vector<platform::InputEvent> pollUntil(platform::Window& window, Done done) {
    std::vector<platform::InputEvent> all;
    for (int i = 0; i < 1000 && !done(all); ++i) {
        const auto events = window.wait(0.01);
        all.insert(all.end(), events.begin(), events.end());
    }
    return all;
}

template <typename Event>
auto has(std::function<bool(const Event&)> matches) {
    return [matches](const std::vector<platform::InputEvent>& events) {
        return std::any_of(events.begin(), events.end(), [&](const platform::InputEvent& event) {
            const Event* found = std::get_if<Event>(&event);
            return found != nullptr && matches(*found);
        });
    };
}

struct WindowTest : ::testing::Test {
    void SetUp() override {
        auto made = platform::Window::create({.size = {640, 480}, .title = "matou test"});
        ASSERT_TRUE(made) << made.error().arguments.at(0);
        window.emplace(std::move(*made));
        id = std::to_string(window->nativeId());
        pollUntil(*window, [&](const auto&) { return window->framebufferSize() == platform::Size{640, 480}; });
        // No window manager runs here: the window gets the keyboard by being asked to.
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        xdotool({"windowfocus", "--sync", id});
        pollUntil(*window, [&](const auto&) { return window->focused(); });
    }
    std::optional<platform::Window> window;
    std::string id;
};

} // namespace

TEST_F(WindowTest, receivesKeysWithModifiersAndText) {
    xdotool({"key", "a"});
    auto events = pollUntil(*window, has<platform::KeyEvent>([](const auto& e) { return e.key == Key::a && !e.pressed; }));
    EXPECT_TRUE(has<platform::KeyEvent>([](const auto& e) { return e.key == Key::a && e.pressed && !e.repeat; })(events));
    EXPECT_TRUE(has<platform::CharacterEvent>([](const auto& e) { return e.codepoint == U'a'; })(events));

    xdotool({"key", "ctrl+shift+F5"});
    const auto chord = has<platform::KeyEvent>([](const auto& e) {
        return e.key == Key::f5 && e.pressed && e.modifiers.control && e.modifiers.shift && !e.modifiers.alt;
    });
    EXPECT_TRUE(chord(pollUntil(*window, chord)));
    pollUntil(*window, [&](const auto&) { return !window->keyDown(Key::leftControl) && !window->keyDown(Key::leftShift); });

    for (const auto& [name, key] : {std::pair{"Right", Key::right}, {"Up", Key::up}, {"Page_Down", Key::pageDown}, {"Escape", Key::escape}}) {
        xdotool({"key", name});
        const auto seen = has<platform::KeyEvent>([key = key](const auto& e) { return e.key == key && !e.pressed; });
        EXPECT_TRUE(seen(pollUntil(*window, seen))) << name;
    }

    xdotool({"keydown", "w"});
    pollUntil(*window, [&](const auto&) { return window->keyDown(Key::w); });
    EXPECT_TRUE(window->keyDown(Key::w));
    xdotool({"keyup", "w"});
    pollUntil(*window, [&](const auto&) { return !window->keyDown(Key::w); });
    EXPECT_FALSE(window->keyDown(Key::w));
}

TEST_F(WindowTest, receivesMouseMotionButtonsAndWheel) {
    xdotool({"mousemove", "--window", id, "200", "150"});
    const auto moved = has<platform::MouseMoveEvent>([](const auto& e) { return std::abs(e.x - 200) < 1.5 && std::abs(e.y - 150) < 1.5; });
    EXPECT_TRUE(moved(pollUntil(*window, moved)));

    xdotool({"click", "3"});
    const auto released = has<platform::MouseButtonEvent>([](const auto& e) {
        return e.button == platform::MouseButton::right && !e.pressed && std::abs(e.x - 200) < 1.5 && std::abs(e.y - 150) < 1.5;
    });
    const auto events = pollUntil(*window, released);
    EXPECT_TRUE(released(events));
    EXPECT_TRUE(has<platform::MouseButtonEvent>([](const auto& e) { return e.button == platform::MouseButton::right && e.pressed; })(events));

    xdotool({"click", "4"}); // X11's wheel away from the user
    const auto scrolled = has<platform::ScrollEvent>([](const auto& e) { return e.deltaY == 1.0 && std::abs(e.x - 200) < 1.5; });
    EXPECT_TRUE(scrolled(pollUntil(*window, scrolled)));
}

TEST_F(WindowTest, dragArrivesInOrder) {
    xdotool({"mousemove", "--window", id, "100", "100", "mousedown", "1", "mousemove", "--window", id, "300", "120", "mouseup", "1"});
    const auto events = pollUntil(*window, has<platform::MouseButtonEvent>([](const auto& e) { return !e.pressed; }));
    std::string order;
    for (const auto& event : events) {
        if (const auto* button = std::get_if<platform::MouseButtonEvent>(&event)) order += button->pressed ? 'D' : 'U';
        if (const auto* move = std::get_if<platform::MouseMoveEvent>(&event); move && std::abs(move->x - 300) < 1.5) order += 'M';
    }
    EXPECT_EQ(order, "DMU");
}

TEST_F(WindowTest, reportsResize) {
    xdotool({"windowsize", id, "800", "500"});
    const auto resized = has<platform::ResizeEvent>([](const auto& e) { return e.width == 800 && e.height == 500; });
    EXPECT_TRUE(resized(pollUntil(*window, resized)));
    EXPECT_EQ(window->framebufferSize(), (platform::Size{800, 500}));
}

TEST_F(WindowTest, releasesHeldKeysWhenItLosesTheKeyboard) {
    xdotool({"keydown", "d"});
    pollUntil(*window, [&](const auto&) { return window->keyDown(Key::d); });
    auto other = platform::Window::create({.size = {100, 100}, .title = "other"});
    ASSERT_TRUE(other);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    xdotool({"windowfocus", "--sync", std::to_string(other->nativeId())});
    const auto lost = has<platform::FocusEvent>([](const auto& e) { return !e.focused; });
    const auto events = pollUntil(*window, lost);
    EXPECT_TRUE(lost(events));
    EXPECT_FALSE(window->keyDown(Key::d));
    xdotool({"keyup", "d"});
}

TEST_F(WindowTest, namesTheMonitorAndWhatVulkanNeeds) {
    const auto all = platform::monitors();
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 1u);
    EXPECT_TRUE(all->front().primary);
    EXPECT_EQ(all->front().size, (platform::Size{1280, 800}));
    const auto extensions = window->requiredInstanceExtensions();
    EXPECT_NE(std::find(extensions.begin(), extensions.end(), "VK_KHR_surface"), extensions.end());
}

TEST(WindowErrors, sayWhatIsMissing) {
    const auto none = platform::Window::create({.fullscreen = true, .monitor = 7});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, "E_NO_MONITOR");

    const std::string display = getenv("DISPLAY");
    setenv("DISPLAY", ":4093", 1);
    const auto result = platform::Window::create({});
    setenv("DISPLAY", display.c_str(), 1);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_NO_DISPLAY");
    EXPECT_EQ(result.error().where, "display");
}
