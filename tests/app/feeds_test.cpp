// Live data from a real broker (mosquitto): the state side alone, the command centre, a broker that goes away, payloads
// that are no payloads.

#include <csignal>

#include "app/app_support.h"

namespace matou::tests {
namespace {

/// mosquitto on a free loopback port; may be stopped and started again on the same one.
class Broker {
public:
    Broker() : _port(freePort()) {
        write(_scratch / "mosquitto.conf", "listener " + std::to_string(_port) + " 127.0.0.1\nallow_anonymous true\npersistence false\n");
        start();
    }
    void start() {
        const std::string program = std::filesystem::exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        _server = std::make_unique<Running>(Launch{{program, "-c", _scratch / "mosquitto.conf"}, {}, {}, std::chrono::seconds(600)});
        sleepMilliseconds(700);
        EXPECT_TRUE(_server->alive()) << _server->err();
    }
    void stop() {
        _server->signal(SIGTERM);
        _server->wait(std::chrono::seconds(10));
    }
    std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(_port); }
    int port() const { return _port; }

private:
    ScratchFolder _scratch;
    int _port;
    std::unique_ptr<Running> _server;
};

nlohmann::json get(int port, const std::string& path) {
    const auto answer = run({{"python3", "-c", "import urllib.request as u; print(u.urlopen('http://127.0.0.1:" + std::to_string(port) + path + "', timeout=10).read().decode())"},
                             {}, {}, std::chrono::seconds(20)});
    return nlohmann::json::parse(answer.out, nullptr, false);
}

/// The figure anywhere in the state that `GET /api/v1/state` gives of its mqtt feed.
double feedFigure(const nlohmann::json& state, const std::string& name) {
    if (!state.is_object() || !state.contains("feeds")) return -1;
    const auto& feeds = state["feeds"];
    for (const auto& feed : feeds) {
        if (feed.is_object() && feed.contains(name)) return feed[name].get<double>();
    }
    return -1;
}

class Feeds : public ::testing::Test {
protected:
    void SetUp() override { MATOU_NEEDS_BUNDLED_DISTRICT(); }
    std::map<std::string, std::string> environment() const {
        return {{"DISPLAY", ""}, {"LC_ALL", "C"}, {"MATOU_DISTRICTS", bundledDistrict().parent_path()}, {"XDG_STATE_HOME", _scratch / "state"}};
    }
    std::unique_ptr<Running> start(std::vector<std::string> command, std::map<std::string, std::string> more = {}) const {
        command[0] = program(command[0]);
        auto all = environment();
        all.insert(more.begin(), more.end());
        return std::make_unique<Running>(Launch{command, all, {}, std::chrono::seconds(600)});
    }
    ScratchFolder _scratch;
};

TEST_F(Feeds, TheStateSideServesWithoutAnyVulkanDriver) {
    Broker broker;
    const int port = freePort();
    auto serve = start({"matou", "serve", "nanmatou", "--mqtt", broker.url(), "--control", "127.0.0.1:" + std::to_string(port)},
                       {{"VK_ICD_FILENAMES", "/no/driver.json"}, {"VK_DRIVER_FILES", "/no/driver.json"}});
    ASSERT_TRUE(eventually(std::chrono::seconds(20), [&] { return get(port, "/api/v1/state").is_object() || !serve->alive(); })) << serve->err();
    ASSERT_TRUE(serve->alive()) << serve->err();
    auto simulate = start({"matou", "simulate", "nanmatou", "--mqtt", broker.url(), "--rate", "300", "--duration", "15"});
    EXPECT_TRUE(eventually(std::chrono::seconds(20), [&] { return feedFigure(get(port, "/api/v1/state"), "applied") > 1000; }))
        << get(port, "/api/v1/state").dump().substr(0, 600) << serve->err() << simulate->err();
    EXPECT_EQ(feedFigure(get(port, "/api/v1/state"), "invalid"), 0);
    EXPECT_EQ(simulate->wait(std::chrono::seconds(30)).status, 0) << simulate->err();
    serve->signal(SIGTERM);
    EXPECT_EQ(serve->wait(std::chrono::seconds(20)).status, 0) << serve->err();
}

TEST_F(Feeds, TheQualityChangesWhileTheCentreRuns) {
    const int port = freePort();
    auto centre = start({"matou-command", "nanmatou", "--headless", "--size", "160x90", "--fps", "5", "--quality", "low", "--validation", "--control",
                         "127.0.0.1:" + std::to_string(port), "--control-token", "t", "--stats", _scratch / "s.json"});
    ASSERT_TRUE(eventually(std::chrono::seconds(60), [&] { return get(port, "/api/v1/state").is_object() || !centre->alive(); })) << centre->err();
    const auto post = [&](const std::string& quality) {
        return run({{"python3", "-c", "import urllib.request as u; print(u.urlopen(u.Request('http://127.0.0.1:" + std::to_string(port) + "/api/v1/quality/" + quality +
                                          "', data=b'', headers={'Authorization': 'Bearer t'}), timeout=10).status)"},
                    {}, {}, std::chrono::seconds(20)})
            .out;
    };
    EXPECT_EQ(post("ultra"), "202\n") << centre->err();
    sleepMilliseconds(4000);
    EXPECT_EQ(post("medium"), "202\n") << centre->err();
    sleepMilliseconds(4000);
    centre->signal(SIGINT);
    EXPECT_EQ(centre->wait(std::chrono::seconds(60)).status, 0) << centre->err();
    const auto stats = jsonOf(_scratch / "s.json");
    ASSERT_TRUE(stats.is_object());
    EXPECT_EQ(stats["quality"], "medium");
    EXPECT_TRUE(stats["gpu_ms"]["passes"].contains("occlusion")) << "which low does not have";
    EXPECT_EQ(stats["validation_messages"], 0);
}

class Faults : public Feeds {
protected:
    /// A command centre without a window, over the layer that fails on demand (support/fault_layer.cpp).
    void open() {
        const auto layers = program("matou").parent_path().parent_path() / "tests/layers";
        std::filesystem::create_directories(_scratch / "faults");
        _centre = start({"matou-command", "nanmatou", "--headless", "--size", "160x90", "--fps", "5", "--quality", "low", "--control", "127.0.0.1:" + std::to_string(_port),
                         "--control-token", "t", "--stats", _scratch / "s.json"},
                        {{"VK_LAYER_PATH", layers.string()}, {"VK_INSTANCE_LAYERS", "VK_LAYER_MATOU_fault"}, {"MATOU_FAULTS", _scratch / "faults"}});
        ASSERT_TRUE(eventually(std::chrono::seconds(60), [&] { return pictured() || !_centre->alive(); })) << _centre->err();
    }
    void fault(const char* name) const { write(_scratch / "faults" / name, ""); }
    void heal(const char* name) const { std::filesystem::remove(_scratch / "faults" / name); }
    bool faulty(const char* name) const { return std::filesystem::exists(_scratch / "faults" / name); }
    /// A picture was drawn just now.
    bool pictured() const {
        return run({{"python3", "-c", "import urllib.request as u; print(u.urlopen('http://127.0.0.1:" + std::to_string(_port) + "/api/v1/screenshot.png', timeout=20).status)"},
                    {}, {}, std::chrono::seconds(25)})
                   .out == "200\n";
    }
    void choose(const std::string& quality) const {
        run({{"python3", "-c", "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:" + std::to_string(_port) + "/api/v1/quality/" + quality +
                                   "', data=b'', headers={'Authorization': 'Bearer t'}), timeout=10)"},
             {}, {}, std::chrono::seconds(20)});
    }
    nlohmann::json end() {
        _centre->signal(SIGINT);
        EXPECT_EQ(_centre->wait(std::chrono::seconds(60)).status, 0) << _centre->err();
        return jsonOf(_scratch / "s.json");
    }
    int _port = freePort();
    std::unique_ptr<Running> _centre;
};

TEST_F(Faults, ALostDeviceCostsThePictureForAMomentAndNeverTheWatch) {
    open();
    for (int loss = 0; loss < 2; ++loss) {
        fault("lose");
        ASSERT_TRUE(eventually(std::chrono::seconds(20), [&] { return !faulty("lose"); })) << _centre->err();
        const auto before = get(_port, "/api/v1/state");
        ASSERT_TRUE(before.is_object()) << _centre->err();
        EXPECT_TRUE(eventually(std::chrono::seconds(5), [&] { return get(_port, "/api/v1/state").value("version", 0) > before.value("version", 0); })) << _centre->err();
        EXPECT_TRUE(eventually(std::chrono::seconds(30), [&] { return pictured(); })) << _centre->err();
    }
    EXPECT_NE(_centre->err().find("E_DEVICE_LOST"), std::string::npos) << _centre->err();
    EXPECT_EQ(_centre->err().find("still alive"), std::string::npos) << _centre->err(); // nothing of the lost one leaks
    EXPECT_TRUE(end().is_object());
}

TEST_F(Faults, AQualityThatDoesNotFitLeavesWhatIsThere) {
    open();
    fault("no-memory");
    choose("ultra");
    EXPECT_TRUE(eventually(std::chrono::seconds(10), [&] { return _centre->err().find("E_GPU_MEMORY") != std::string::npos; })) << _centre->err();
    EXPECT_TRUE(pictured()) << _centre->err();
    heal("no-memory");
    choose("medium");
    EXPECT_TRUE(pictured()) << _centre->err();
    EXPECT_EQ(_centre->err().find("E_DEVICE_LOST"), std::string::npos);
    EXPECT_EQ(end()["quality"], "medium");
}

TEST_F(Feeds, ABrokerThatRestartsLosesNothingAndRubbishIsOnlyCounted) {
    Broker broker;
    const int port = freePort();
    auto centre = start({"matou-command", "nanmatou", "--headless", "--size", "160x90", "--fps", "5", "--clock", "real", "--mqtt", broker.url(), "--control",
                         "127.0.0.1:" + std::to_string(port), "--stats", _scratch / "s.json"});
    auto simulate = start({"matou", "simulate", "nanmatou", "--mqtt", broker.url(), "--rate", "300"});
    ASSERT_TRUE(eventually(std::chrono::seconds(60), [&] { return feedFigure(get(port, "/api/v1/state"), "applied") > 500; })) << centre->err();

    broker.stop();
    sleepMilliseconds(10000);
    broker.start();
    const double before = feedFigure(get(port, "/api/v1/state"), "applied");
    EXPECT_TRUE(eventually(std::chrono::seconds(15), [&] { return feedFigure(get(port, "/api/v1/state"), "applied") > before + 300; })) << centre->err();

    const double invalid = feedFigure(get(port, "/api/v1/state"), "invalid");
    auto flood = run({{"python3", MATOU_SOURCE_DIR "/tests/app/publish.py", std::to_string(broker.port()), "matou/v1/nanmatou/obs/none", "1000"}, {}, {}, std::chrono::seconds(60)});
    ASSERT_EQ(flood.status, 0) << flood.err;
    EXPECT_TRUE(eventually(std::chrono::seconds(20), [&] { return feedFigure(get(port, "/api/v1/state"), "invalid") >= invalid + 1000; }));
    EXPECT_EQ(feedFigure(get(port, "/api/v1/state"), "invalid"), invalid + 1000);
    EXPECT_TRUE(centre->alive());
    simulate->signal(SIGINT);
    EXPECT_EQ(simulate->wait(std::chrono::seconds(20)).status, 0) << simulate->err();
    centre->signal(SIGINT);
    EXPECT_EQ(centre->wait(std::chrono::seconds(30)).status, 0) << centre->err();
    const auto stats = jsonOf(_scratch / "s.json");
    ASSERT_TRUE(stats.is_object());
    EXPECT_EQ(stats["feeds"].begin().value()["invalid"], 1000);
}

} // namespace
} // namespace matou::tests
