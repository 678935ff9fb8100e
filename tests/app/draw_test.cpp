// Programs that draw, without a window: pictures, figures, picking, streaming, the memory budget, and what is said when
// something that they need is missing.

#include <csignal>
#include <set>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/app_support.h"
#include "media/compare.h"
#include "media/png.h"

namespace matou::tests {
namespace {

media::Picture pictureOf(const std::filesystem::path& path) {
    auto picture = media::readPng(path);
    EXPECT_TRUE(picture) << path << (picture ? "" : picture.error().code);
    return picture ? *picture : media::Picture{};
}

/// How many different colours stand on a grid of 64 x 64 points: a blank or one-coloured picture has few.
std::size_t colours(const media::Picture& picture) {
    std::set<std::uint32_t> seen;
    for (std::uint32_t y = 0; y < 64 && picture.height; ++y)
        for (std::uint32_t x = 0; x < 64; ++x) {
            const std::size_t at = 4 * (std::size_t{y * picture.height / 64} * picture.width + x * picture.width / 64);
            seen.insert(picture.rgba[at] | picture.rgba[at + 1] << 8 | picture.rgba[at + 2] << 16);
        }
    return seen.size();
}

/// Every byte of content stays within the budget and nothing was said by the validation layers.
void expectHealthy(const nlohmann::json& stats) {
    ASSERT_TRUE(stats.is_object());
    EXPECT_EQ(stats.at("validation_messages"), 0);
    EXPECT_LE(stats["bytes"]["most"].get<double>(), stats["bytes"]["budget"].get<double>()) << "at every frame";
    EXPECT_GT(stats["tiles_drawn"].get<int>(), 0);
    EXPECT_TRUE(stats["errors"].empty()) << stats["errors"];
}

class Draw : public ::testing::Test {
protected:
    void SetUp() override { MATOU_NEEDS_BUNDLED_DISTRICT(); }
    ScratchFolder _scratch;
};

TEST_F(Draw, ShadowMapsAgreeWithTracedShadows) {
    const auto drawn = [&](const char* shadows, const char* time) {
        const auto png = _scratch / (std::string(shadows) + time + ".png");
        const auto done = runProgram("matou", {"render", "nanmatou", "--scene", "core", "--look", "plan", "--overlay", "off", "--time", "2025-06-15T" + std::string(time) + ":00+08:00",
                                               "--size", "320x180", "--shadows", shadows, "--validation", "--screenshot", png}, 240);
        EXPECT_EQ(done.status, 0) << done.err;
        return pictureOf(png);
    };
    const auto maps = drawn("maps", "16:30"), traced = drawn("reference", "16:30"), later = drawn("reference", "17:00");
    ASSERT_EQ(maps.rgba.size(), traced.rgba.size());
    ASSERT_EQ(maps.rgba.size(), later.rgba.size());
    const auto differing = [](const media::Picture& a, const media::Picture& b) {
        std::size_t count = 0;
        for (std::size_t i = 0; i + 3 < a.rgba.size(); i += 4) count += std::abs(a.rgba[i + 1] - b.rgba[i + 1]) > 32;
        return 4.0 * static_cast<double>(count) / static_cast<double>(a.rgba.size());
    };
    const double off = differing(maps, traced), moved = differing(traced, later);
    std::printf("pixels lit otherwise by maps than by tracing: %.2f %%; by half an hour: %.2f %%\n", 100 * off, 100 * moved);
    EXPECT_LT(off, 0.01); // edges
    EXPECT_GT(moved, 2 * off);
}

TEST_F(Draw, EachSideOfASwipeIsTracedAgainstItsOwnCity) {
    const auto drawn = [&](const char* name, std::vector<std::string> more) {
        const auto png = _scratch / (std::string(name) + ".png");
        std::vector<std::string> words{"render", "nanmatou", "--scene", "core", "--look", "plan", "--overlay", "off", "--time", "2025-06-15T16:30:00+08:00", "--size", "320x180",
                                       "--shadows", "reference", "--validation", "--screenshot", png};
        words.insert(words.end(), more.begin(), more.end());
        const auto done = runProgram("matou", words, 240);
        EXPECT_EQ(done.status, 0) << done.err;
        return pictureOf(png);
    };
    const auto existing = drawn("existing", {}), proposed = drawn("proposed", {"--proposal", "core-a"});
    // The proposal stands left of the middle: once on the one side, once on the other.
    const auto mostlyProposed = drawn("swipe1", {"--proposal", "core-a", "--swipe", "0.25"}), mostlyExisting = drawn("swipe2", {"--proposal", "core-a", "--swipe", "0.75"});
    const auto differing = [](const media::Picture& a, const media::Picture& b, std::size_t begin, std::size_t end) {
        std::size_t count = 0;
        for (std::size_t y = 0; y < 180; ++y)
            for (std::size_t x = begin; x < end; ++x) count += std::abs(a.rgba[(y * 320 + x) * 4 + 1] - b.rgba[(y * 320 + x) * 4 + 1]) > 16;
        return static_cast<double>(count) / static_cast<double>(180 * (end - begin));
    };
    const double apart = differing(existing, proposed, 82, 238), right = differing(mostlyProposed, proposed, 82, 320), left = differing(mostlyExisting, existing, 0, 238);
    std::printf("existing and proposed differ in %.2f %%; the proposed side from the proposal alone in %.3f %%, the other from what exists in %.3f %%\n", 100 * apart,
                100 * right, 100 * left);
    EXPECT_GT(apart, 0.003);
    EXPECT_LT(right, 0.1 * apart);
    EXPECT_LT(left, 0.1 * apart);
}

TEST_F(Draw, TracedShadowsAreNotForWindowsThatSomebodyLooksAt) {
    const auto done = runProgram("matou-command", {"nanmatou", "--headless", "--clock", "real", "--control", "none", "--shadows", "reference", "--duration", "1"}, 60);
    EXPECT_NE(done.status, 0);
    EXPECT_NE(done.err.find("E_SHADOWS_REFERENCE"), std::string::npos) << done.err;
}

TEST_F(Draw, EachProgramDrawsTheDistrictWithoutADisplay) {
    for (const std::string name : {"matou-command", "matou-planner", "matou-presenter"}) {
        const auto png = _scratch / (name + ".png"), json = _scratch / (name + ".json");
        const auto done = runProgram(name, {"nanmatou", "--headless", "--size", "640x360", "--validation", "--screenshot", png, "--stats", json}, 240);
        EXPECT_EQ(done.status, 0) << name << done.err;
        const auto picture = pictureOf(png);
        EXPECT_EQ(picture.width, 640u);
        EXPECT_EQ(picture.height, 360u);
        EXPECT_GT(colours(picture), 100u) << name;
        expectHealthy(jsonOf(json));
    }
}

TEST_F(Draw, StatsHaveEveryPromisedFigure) {
    const auto json = _scratch / "s.json";
    const auto done = runProgram("matou", {"render", "nanmatou", "--size", "320x180", "--stats", json}, 240);
    ASSERT_EQ(done.status, 0) << done.err;
    const auto stats = jsonOf(json);
    for (const char* name : {"device", "driver", "width", "height", "frames", "first_frame_s", "first_tile_s", "all_tiles_s", "frame_ms", "cpu_ms", "gpu_ms",
                             "select_ms", "tiles_visited", "tiles_drawn", "tiles_loaded", "triangles_drawn", "triangles_submitted", "draw_calls",
                             "features_drawn", "bytes", "rss_peak_bytes", "feeds", "alarms", "validation_messages", "errors"})
        EXPECT_TRUE(stats.contains(name)) << name;
    for (const char* name : {"gpu", "cpu", "budget", "frame", "disk_cache", "downloaded"}) EXPECT_TRUE(stats["bytes"].contains(name)) << name;
    EXPECT_TRUE(stats["validation_messages"].is_null()) << "null, not 0, where validation was off";
    EXPECT_EQ(stats["width"], 320);
}

TEST_F(Draw, BenchFrameTellsEveryPassOfEveryScene) {
    const std::vector<std::string> small{"bench", "frame", "nanmatou", "--size", "64x36", "--frames", "2", "--json"};
    const auto measured = [&](std::vector<std::string> more) {
        more.insert(more.begin(), small.begin(), small.end());
        const auto done = runProgram("matou", more, 240);
        EXPECT_EQ(done.status, 0) << done.err;
        return nlohmann::json::parse(done.out, nullptr, false);
    };
    const auto low = measured({"--quality", "low"});
    ASSERT_TRUE(low.is_object());
    std::set<std::string> scenes;
    for (const auto& run : low["runs"]) {
        scenes.insert(run["scene"].get<std::string>());
        EXPECT_EQ(run["frames"], 2) << "settling frames are not counted";
        for (const char* side : {"gpu_ms", "cpu_ms"})
            for (const char* pass : {"prepare", "shadow", "scene", "tonemap"}) {
                ASSERT_TRUE(run[side]["passes"].contains(pass)) << run["scene"] << side << pass;
                for (const char* share : {"p50", "p95", "p99"}) EXPECT_GE(run[side]["passes"][pass][share].get<double>(), 0.0);
            }
        EXPECT_GT(run["gpu_ms"]["passes"]["scene"]["p50"].get<double>(), 0.0);
        EXPECT_GT(run["thread_cpu_ms"]["p50"].get<double>(), 0.0);
        EXPECT_GE(run["process_cpu_ms"]["p50"].get<double>(), run["thread_cpu_ms"]["p50"].get<double>());
        if (run["counted"].is_null()) continue; // the device does not count
        EXPECT_GE(run["counted"]["triangles"].get<double>(), run["triangles_submitted"].get<double>());
        EXPECT_GE(run["counted"]["pixels_shaded"].get<double>(), 64.0 * 36) << "every pixel is shaded by one pass at least";
    }
    EXPECT_EQ(scenes, (std::set<std::string>{"riverfront", "core", "residential"}));
    const auto best = measured({"--quality", "ultra", "--scene", "core"});
    ASSERT_EQ(best["runs"].size(), 1u);
    for (const char* pass : {"occlusion", "bloom"}) EXPECT_TRUE(best["runs"][0]["gpu_ms"]["passes"].contains(pass)) << pass;
}

TEST_F(Draw, TheSamePictureTwice) {
    for (const char* name : {"a.png", "b.png"}) {
        const auto done = runProgram("matou", {"render", "nanmatou", "--scene", "core", "--size", "480x270", "--screenshot", _scratch / name}, 240);
        ASSERT_EQ(done.status, 0) << done.err;
    }
    EXPECT_TRUE(contentOf(_scratch / "a.png") == contentOf(_scratch / "b.png"));
}

TEST_F(Draw, StreamedFromAServerEqualsReadFromDisk) {
    const int port = freePort();
    Running server({{"python3", "-m", "http.server", std::to_string(port), "--bind", "127.0.0.1", "--directory", bundledDistrict()}, {}, {}, std::chrono::seconds(300)});
    ASSERT_TRUE(eventually(std::chrono::seconds(10), [&] {
        return run({{"python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:" + std::to_string(port) + "/district.toml')"}, {}, {}, std::chrono::seconds(10)}).status == 0;
    }));
    const std::string tileset = "tiles/buildings/tileset.json";
    const auto fromDisk = runProgram("matou", {"render", bundledDistrict() / tileset, "--size", "640x360", "--screenshot", _scratch / "disk.png"}, 240);
    ASSERT_EQ(fromDisk.status, 0) << fromDisk.err;
    const auto fromServer = runProgram("matou", {"render", "http://127.0.0.1:" + std::to_string(port) + "/" + tileset, "--size", "640x360",
                                                 "--screenshot", _scratch / "server.png", "--stats", _scratch / "server.json"}, 240);
    ASSERT_EQ(fromServer.status, 0) << fromServer.err;
    EXPECT_GT(colours(pictureOf(_scratch / "disk.png")), 50u);
    EXPECT_TRUE(contentOf(_scratch / "disk.png") == contentOf(_scratch / "server.png"));
    EXPECT_GT(jsonOf(_scratch / "server.json")["bytes"]["downloaded"].get<double>(), 0);
    const auto missing = runProgram("matou", {"render", "http://127.0.0.1:" + std::to_string(port) + "/none/tileset.json", "--size", "64x64", "--screenshot",
                                              _scratch / "none.png"}, 60);
    EXPECT_EQ(missing.status, 1);
    EXPECT_NE(missing.err.find("E_HTTP_STATUS"), std::string::npos) << missing.err;
    EXPECT_FALSE(std::filesystem::exists(_scratch / "none.png"));
}

TEST_F(Draw, LessMemoryIsCoarserAndNeverAHole) {
    const auto render = [&](const std::string& name, const std::vector<std::string>& more, int status = 0) {
        std::vector<std::string> arguments{"render", "nanmatou", "--size", "1920x1080", "--quality", "low", "--overlay", "off", "--screenshot", _scratch / (name + ".png"), "--stats", _scratch / (name + ".json")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto done = runProgram("matou", arguments, 240);
        EXPECT_EQ(done.status, status) << name << done.err;
        if (status != 0) {
            EXPECT_NE(done.err.find("E_MEMORY_FLOOR"), std::string::npos) << done.err;
        }
        return jsonOf(_scratch / (name + ".json"));
    };
    const auto all = render("all", {});
    ASSERT_TRUE(all.is_object());
    const double needed = (all["bytes"]["gpu"].get<double>() + all["bytes"]["cpu"].get<double>()) / (1 << 20);
    double before = all["triangles_drawn"].get<double>();
    const auto whole = pictureOf(_scratch / "all.png");
    for (const int part : {4, 8}) {
        const auto stats = render(std::to_string(part), {"--memory", std::to_string(needed / part)});
        ASSERT_TRUE(stats.is_object());
        EXPECT_LT(stats["triangles_drawn"].get<double>(), before) << "N/" << part;
        before = stats["triangles_drawn"].get<double>();
        EXPECT_LE(stats["bytes"]["most"].get<double>(), stats["bytes"]["budget"].get<double>()) << "at every frame";
        // Coarser, but everything is there: no block of the picture is a different thing altogether.
        const auto difference = media::compare(whole, pictureOf(_scratch / (std::to_string(part) + ".png")));
        ASSERT_TRUE(difference);
        EXPECT_LT(difference->meanAbsolute, 12.0) << "N/" << part;
    }
    // Less than the coarsest level takes: refused with the number, and still never over the budget.
    const auto refused = render("refused", {"--memory", "1", "--timeout", "10"}, 1);
    EXPECT_LE(refused["bytes"]["most"].get<double>(), refused["bytes"]["budget"].get<double>());
    EXPECT_GT(refused["bytes"]["floor"].get<double>(), refused["bytes"]["budget"].get<double>());
    const auto again = render("again", {"--memory", std::to_string(needed)});
    EXPECT_TRUE(contentOf(_scratch / "all.png") == contentOf(_scratch / "again.png"));
}

TEST_F(Draw, PickAnswersWithAFeature) {
    std::size_t features = 0;
    for (const char* pixel : {"320,240", "200,260", "420,220", "320,300"}) {
        const auto done = runProgram("matou", {"render", "nanmatou", "--scene", "residential", "--size", "640x360", "--pick", pixel}, 240);
        ASSERT_EQ(done.status, 0) << done.err;
        const auto answer = nlohmann::json::parse(done.out, nullptr, false);
        ASSERT_TRUE(answer.is_object()) << done.out;
        features += done.out.find("buildings/") != std::string::npos;
    }
    EXPECT_GT(features, 0u);
}

TEST_F(Draw, MissingThingsAreOneErrorLine) {
    expectOneError(runProgram("matou", {"render", "/no/such/model.glb", "--screenshot", _scratch / "x.png"}), "E_");
    const std::map<std::string, std::string> noDriver{{"VK_ICD_FILENAMES", "/no/driver.json"}, {"VK_DRIVER_FILES", "/no/driver.json"}};
    expectOneError(runProgram("matou", {"render", "nanmatou", "--screenshot", _scratch / "x.png"}, 60, noDriver), "E_NO_");
    expectOneError(runProgram("matou-command", {"nanmatou"}, 60), "E_NO_DISPLAY");
    expectOneError(runProgram("matou", {"render", "nanmatou", "--device", "no-such-gpu", "--screenshot", _scratch / "x.png"}, 60), "E_DEVICE_UNKNOWN");
    expectOneError(runProgram("matou", {"render", "nanmatou", "--scene", "no-such-scene", "--screenshot", _scratch / "x.png"}, 60), "E_");
    EXPECT_FALSE(std::filesystem::exists(_scratch / "x.png"));
}

TEST_F(Draw, APortInUseIsSaid) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(fd, 1), 0);
    ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    const std::string where = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    const auto done = runProgram("matou-command", {"nanmatou", "--headless", "--size", "64x64", "--duration", "2", "--control", where}, 60);
    close(fd);
    EXPECT_EQ(done.status, 1) << done.err;
    ASSERT_EQ(errorLines(done.err).size(), 1u) << done.err;
    EXPECT_NE(errorLines(done.err)[0].find(where), std::string::npos) << done.err;
}

TEST_F(Draw, AFullDiskLeavesNothingHalfWritten) {
    const auto disk = _scratch / "disk";
    std::filesystem::create_directory(disk);
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=16k") != 0) GTEST_SKIP() << "mounting a tiny file system needs root";
    const auto done = runProgram("matou", {"render", "nanmatou", "--size", "640x360", "--screenshot", disk / "x.png"}, 240);
    std::size_t left = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(disk)) ++left;
    umount(disk.c_str());
    expectOneError(done, "E_FILE_WRITE");
    EXPECT_EQ(left, 0u);
}

TEST_F(Draw, ASignalEndsCleanly) {
    std::vector<std::string> command{program("matou-command"), "nanmatou", "--headless", "--size", "320x180", "--control", "none"};
    Running running({command, {{"DISPLAY", ""}, {"LC_ALL", "C"}, {"MATOU_DISTRICTS", bundledDistrict().parent_path()}}, {}, std::chrono::seconds(60)});
    sleepMilliseconds(4000);
    EXPECT_TRUE(running.alive()) << running.err();
    running.signal(SIGINT);
    EXPECT_EQ(running.wait(std::chrono::seconds(20)).status, 0);
}

} // namespace
} // namespace matou::tests
