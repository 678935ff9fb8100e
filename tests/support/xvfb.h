#pragma once
// A virtual display with real key and mouse events (Xvfb, xdotool).

#include <memory>
#include <string>
#include <vector>

#include "support/subprocess.h"

namespace matou::tests {

class VirtualDisplay {
public:
    /// Starts Xvfb on a display number that it picks itself; throws std::runtime_error where Xvfb is missing.
    explicit VirtualDisplay(int width = 1280, int height = 800);

    /// ":N", for DISPLAY.
    const std::string& name() const { return _name; }
    /// xdotool with these words; its output. Fails the calling test where xdotool fails.
    std::string tool(std::vector<std::string> words) const;
    /// The id of the first visible window whose title contains `title`, waited for; empty when none came.
    std::string window(const std::string& title, std::chrono::seconds limit) const;
    void key(const std::string& keys) const { tool({"key", keys}); }
    void click(int x, int y) const;
    void drag(int fromX, int fromY, int toX, int toY) const;

private:
    std::unique_ptr<Running> _server;
    std::string _name;
};

} // namespace matou::tests
