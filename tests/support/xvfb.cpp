#include "support/xvfb.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace matou::tests {

VirtualDisplay::VirtualDisplay(int width, int height) {
    const std::string screen = std::to_string(width) + "x" + std::to_string(height) + "x24";
    // -displayfd 1: the server picks a free number and prints it when it is ready.
    _server = std::make_unique<Running>(
        Launch{{"Xvfb", "-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"}, {}, {}, std::chrono::seconds(600)});
    if (!eventually(std::chrono::seconds(30), [this] { return _server->out().find('\n') != std::string::npos || !_server->alive(); }) ||
        !_server->alive())
        throw std::runtime_error("Xvfb did not start: " + _server->err());
    const std::string out = _server->out();
    _name = ":" + out.substr(0, out.find('\n'));
}

std::string VirtualDisplay::tool(std::vector<std::string> words) const {
    words.insert(words.begin(), "xdotool");
    const Finished done = run({words, {{"DISPLAY", _name}}, {}, std::chrono::seconds(30)});
    EXPECT_EQ(done.status, 0) << done.err;
    return done.out;
}

std::string VirtualDisplay::window(const std::string& title, std::chrono::seconds limit) const {
    std::string id;
    eventually(limit, [&] {
        const Finished found = run({{"xdotool", "search", "--onlyvisible", "--name", title}, {{"DISPLAY", _name}}, {}, std::chrono::seconds(10)});
        id = found.out.substr(0, found.out.find('\n'));
        return !id.empty();
    });
    return id;
}

void VirtualDisplay::click(int x, int y) const {
    tool({"mousemove", std::to_string(x), std::to_string(y)});
    sleepMilliseconds(200);
    tool({"mousedown", "1"});
    sleepMilliseconds(120);
    tool({"mouseup", "1"});
}

void VirtualDisplay::drag(int fromX, int fromY, int toX, int toY) const {
    tool({"mousemove", std::to_string(fromX), std::to_string(fromY)});
    sleepMilliseconds(200);
    tool({"mousedown", "1"});
    for (int step = 1; step <= 10; ++step) {
        sleepMilliseconds(60);
        tool({"mousemove", std::to_string(fromX + (toX - fromX) * step / 10), std::to_string(fromY + (toY - fromY) * step / 10)});
    }
    sleepMilliseconds(120);
    tool({"mouseup", "1"});
}

} // namespace matou::tests
