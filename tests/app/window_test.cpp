// A real window on a virtual display, with real key presses, clicks and drags. What is looked at is the screen itself
// (x11grab), not what the program says of itself. The pictures stay under <build>/test-pictures.

#include <csignal>

#include "app/app_support.h"
#include "media/compare.h"
#include "media/png.h"
#include "support/xvfb.h"

namespace matou::tests {
namespace {

constexpr int kWidth = 960, kHeight = 540;

class Window : public ::testing::Test {
protected:
    void SetUp() override {
        MATOU_NEEDS_BUNDLED_DISTRICT();
        _pictures = std::filesystem::path(std::getenv("MATOU_BIN") ? std::getenv("MATOU_BIN") : "bin").parent_path() / "test-pictures";
        std::filesystem::create_directories(_pictures);
        _display = std::make_unique<VirtualDisplay>(kWidth, kHeight);
    }

    void open(const std::string& name, std::vector<std::string> more = {}) {
        std::vector<std::string> command{program(name), "nanmatou", "--size", std::to_string(kWidth) + "x" + std::to_string(kHeight), "--validation",
                                         "--stats", _scratch / "stats.json"};
        command.insert(command.end(), more.begin(), more.end());
        _program = std::make_unique<Running>(Launch{command, {{"DISPLAY", _display->name()}, {"WAYLAND_DISPLAY", ""}, {"LC_ALL", "C"},
                                                              {"MATOU_DISTRICTS", bundledDistrict().parent_path()}, {"XDG_STATE_HOME", _scratch / "state"}},
                                                    {}, std::chrono::seconds(600)});
        const std::string id = _display->window(".", std::chrono::seconds(60));
        ASSERT_FALSE(id.empty()) << _program->err();
        _display->tool({"windowmove", id, "0", "0"});
        _display->tool({"windowfocus", id});
    }

    /// The screen now.
    media::Picture grab(const std::string& name) {
        const auto path = _pictures / (name + ".png");
        const auto done = run({{"ffmpeg", "-v", "error", "-y", "-f", "x11grab", "-draw_mouse", "0", "-video_size", std::to_string(kWidth) + "x" + std::to_string(kHeight),
                                "-i", _display->name(), "-frames:v", "1", path}, {}, {}, std::chrono::seconds(60)});
        EXPECT_EQ(done.status, 0) << done.err;
        auto picture = media::readPng(path);
        EXPECT_TRUE(picture) << path;
        return picture ? *picture : media::Picture{};
    }

    /// The screen once it stands still (two pictures nearly alike, a moment apart), or after the limit.
    /// Unchanged for `calm` seconds: on a slow machine a frame may take one, and detail comes some frames later.
    media::Picture settled(const std::string& name, int seconds = 60, int calm = 1) {
        media::Picture before = grab(name);
        int still = 0;
        for (int i = 0; i < seconds; ++i) {
            sleepMilliseconds(1000);
            media::Picture now = grab(name);
            const auto difference = media::compare(before, now, 8);
            still = difference && difference->fractionDiffering < 0.01 ? still + 1 : 0;
            if (still == calm) return now;
            before = std::move(now);
        }
        return before;
    }

    static double differing(const media::Picture& a, const media::Picture& b) {
        const auto difference = media::compare(a, b, 8);
        EXPECT_TRUE(difference);
        return difference ? difference->fractionDiffering : 0.0;
    }

    /// The part of the screen in x0..x1.
    static media::Picture columns(const media::Picture& whole, std::uint32_t x0, std::uint32_t x1) {
        media::Picture part{x1 - x0, whole.height, {}};
        for (std::uint32_t y = 0; y < whole.height; ++y) {
            const auto* row = whole.rgba.data() + std::size_t{4} * (std::size_t{y} * whole.width + x0);
            part.rgba.insert(part.rgba.end(), row, row + std::size_t{4} * part.width);
        }
        return part;
    }

    void close() {
        _program->signal(SIGINT);
        const auto done = _program->wait(std::chrono::seconds(40));
        EXPECT_EQ(done.status, 0) << done.err;
        const auto stats = jsonOf(_scratch / "stats.json");
        ASSERT_TRUE(stats.is_object()) << done.err;
        EXPECT_EQ(stats["validation_messages"], 0) << done.err;
    }

    ScratchFolder _scratch;
    std::filesystem::path _pictures;
    std::unique_ptr<VirtualDisplay> _display;
    std::unique_ptr<Running> _program;
};

TEST_F(Window, KeysSwitchScenes) {
    open("matou-command", {"--control", "none"});
    _display->key("1");
    const auto first = settled("command-scene-1");
    _display->key("2");
    sleepMilliseconds(3000);
    const auto second = settled("command-scene-2");
    _display->key("3");
    sleepMilliseconds(3000);
    const auto third = settled("command-scene-3");
    _display->key("1");
    sleepMilliseconds(3000);
    const auto again = settled("command-scene-1-again");
    EXPECT_GT(differing(first, second), 0.3);
    EXPECT_GT(differing(second, third), 0.3);
    EXPECT_LT(differing(first, again), 0.5 * differing(first, second));
    close();
}

TEST_F(Window, AClickSelectsABuildingAndShowsItsCard) {
    open("matou-planner", {"--scene", "residential"});
    const auto before = settled("planner-before-click");
    double most = 0;
    // Somewhere near the middle stands a building; the card and the highlight change the picture.
    for (const auto& [x, y] : {std::pair{480, 270}, {420, 300}, {540, 300}, {480, 340}}) {
        _display->click(x, y);
        sleepMilliseconds(1500);
        most = std::max(most, differing(before, settled("planner-after-click", 10)));
        if (most > 0.02) break;
    }
    EXPECT_GT(most, 0.02);
    _display->key("Escape");
    sleepMilliseconds(1500);
    EXPECT_LT(differing(before, settled("planner-after-escape", 10)), most);
    close();
}

TEST_F(Window, ADragSwipesTheProposal) {
    // Without the overlay: labels settle anew beside a moved divider, and this is about the city. In this look nothing moves by itself.
    open("matou-planner", {"--scene", "residential", "--overlay", "off", "--look", "monitor"});
    settled("planner-existing", 60, 4);
    _display->key("v"); // the divider stands in the middle
    sleepMilliseconds(2000);
    const auto middle = settled("planner-swipe-middle", 60, 4);
    _display->drag(kWidth / 2, kHeight / 2, kWidth / 4, kHeight / 2);
    sleepMilliseconds(1500);
    const auto left = settled("planner-swipe-left", 60, 4);
    // Between the old and the new place of the divider existing became proposed; the camera did not move.
    EXPECT_GT(differing(columns(middle, kWidth / 4, kWidth / 2), columns(left, kWidth / 4, kWidth / 2)), 0.002);
    EXPECT_LT(differing(columns(middle, kWidth * 5 / 8, kWidth), columns(left, kWidth * 5 / 8, kWidth)), 0.02);
    close();
}

} // namespace
} // namespace matou::tests
