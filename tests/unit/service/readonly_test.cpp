// A disk that takes no writes any more, in the middle of a flood of events: the live view goes on, the operator is told, what was not
// stored is counted exactly. Once as kernels do it (ext4 that found an error and turns read-only until it is mounted anew), once so
// that it heals under the running service.

#include <signal.h>

#include "unit/service/durability_support.h"

using namespace matou;
using namespace matou::durability;

namespace {

bool works(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

class ReadOnly : public Durability {
protected:
    /// A value and an event sent now are shown, and an acknowledgement is taken.
    void expectLiveViewGoesOn(Client& sender, int port, double value, const std::string& event, const std::string& kind) {
        const std::string stamp = core::formatInstant(core::RealClock().now());
        sender.publish("matou/v1/tiny/obs/S-001", R"({"id":"S-001","ts":")" + stamp + R"(","value":)" + std::to_string(value) + "}", 1);
        sender.publish("matou/v1/tiny/event/C-2", R"({"id":")" + event + R"(","ts":")" + stamp + R"(","class":")" + kind + R"(","severity":2,"camera":"C-2"})", 1);
        EXPECT_TRUE(eventually(5s, [&] {
            const auto json = stateOf(port);
            for (const auto& sensor : json["sensors"])
                if (sensor["id"] == "S-001") return sensor.contains("value") && sensor["value"] == value;
            return false;
        }));
        std::string alarm;
        EXPECT_TRUE(eventually(5s, [&] {
            const auto json = stateOf(port, "/api/v1/alarms");
            for (const auto& open : json["alarms"])
                if (open["events"] == Json::array({event})) alarm = open["id"];
            return !alarm.empty();
        }));
        httplib::Client api("127.0.0.1", port);
        const auto since = Steady::now();
        const auto answer = api.Post("/api/v1/alarms/" + alarm + "/ack", {{"Authorization", "Bearer t"}}, "{\"actor\":\"wang\"}", "application/json");
        EXPECT_TRUE(answer && answer->status == 200) << alarm << (answer ? answer->body : "");
        EXPECT_LT(Steady::now() - since, 1s);
    }
    static bool listens(int port) {
        const auto json = stateOf(port);
        return json.is_object() && json["feeds"][0]["connected"] == true;
    }
    /// Ids of all events that the history holds, by the API.
    static std::set<std::string> idsAt(int port, std::size_t& rows) {
        std::set<std::string> ids;
        const auto json = stateOf(port, "/api/v1/events?limit=1000000");
        rows = json.is_object() ? json["events"].size() : 0;
        if (rows)
            for (const auto& event : json["events"]) ids.insert(event["id"]);
        return ids;
    }
};

TEST_F(ReadOnly, aFileSystemThatTurnsReadOnlyCostsNoEventAndTheLiveViewGoesOn) {
    const auto image = folder.path / "disk.img", disk = folder.path / "disk";
    std::filesystem::create_directories(disk);
    startBroker(""); // it lives: that it wrote its whole queue at each message would only make it the slowest part
    const std::string mount = "mount -o loop,errors=remount-ro " + image.string() + " " + disk.string();
    if (!works("truncate -s 64M " + image.string() + " && mke2fs -q -t ext4 " + image.string()) ||
        !works("unshare -m sh -c '" + mount + " && ls /sys/fs/ext4/$(basename $(findmnt -n -o SOURCE " + disk.string() + "))/trigger_fs_error'"))
        GTEST_SKIP() << "not run: no file system of its own can be mounted here (root, loop devices, ext4)";
    const int port = support::freePort();
    const std::string command = mount + " && exec " + program.string() + " serve " + (folder.path / "d").string() + " --mqtt " + broker->url() + " --history " +
                                (disk / "h.db").string() + " --control 127.0.0.1:" + std::to_string(port) + " --control-token t";
    const auto sender = client("sender");
    std::string said;
    int atFault = 0, held = 0;
    std::unique_ptr<Publisher> publisher;
    {
        support::Program serve("/usr/bin/unshare", {"-m", "sh", "-c", command}, folder.path / "serve.log");
        ASSERT_TRUE(eventually(20s, [&] { return listens(port); })) << serve.output();
        std::this_thread::sleep_for(300ms); // the subscription is on its way
        publisher = std::make_unique<Publisher>(*sender, 1000);
        ASSERT_TRUE(eventually(20s, [&] { return stateOf(port)["events_stored"] > 1500; })) << serve.output();
        // The kernel finds an error in the file system: nothing on it can be written from now on.
        std::ifstream mounts("/proc/" + std::to_string(serve.id()) + "/mounts");
        std::string device;
        for (std::string line; std::getline(mounts, line);)
            if (contains(line, " " + disk.string() + " ")) device = line.substr(5, line.find(' ') - 5);
        ASSERT_FALSE(device.empty());
        std::ofstream("/sys/fs/ext4/" + device + "/trigger_fs_error") << "test\n";
        const auto since = Steady::now();
        EXPECT_TRUE(eventually(5s, [&] { return !(said = errorOfHistory(stateOf(port))).empty(); })) << serve.output();
        const double told = std::chrono::duration<double>(Steady::now() - since).count();
        atFault = publisher->sent();
        expectLiveViewGoesOn(*sender, port, 1.25, "live-1", "intrusion");
        std::this_thread::sleep_for(2s);
        expectLiveViewGoesOn(*sender, port, 1.5, "live-2", "crowd");
        const auto json = stateOf(port);
        held = json["events_stored"];
        EXPECT_LT(held, publisher->sent());
        EXPECT_GT(json["feeds"][0]["applied"], atFault); // taken in, if not stored
        EXPECT_EQ(serve.end(SIGTERM), 0) << serve.output();
        std::printf("read-only at %d events, told after %.1f s: \"%s\"\n", atFault, told, said.c_str());
    }
    // Mounted anew, as after a repair: what was never confirmed comes again from the broker.
    support::Program serve("/usr/bin/unshare", {"-m", "sh", "-c", command}, folder.path / "again.log");
    ASSERT_TRUE(eventually(20s, [&] { return stateOf(port).is_object(); })) << serve.output();
    std::this_thread::sleep_for(500ms);
    const int sent = publisher->stop() + 2;
    ASSERT_TRUE(eventually(20s, [&] { return sender->unconfirmed() == 0; }));
    EXPECT_TRUE(eventually(30s, [&] { return stateOf(port)["events_stored"] == sent; })) << stateOf(port)["events_stored"] << " of " << sent << serve.output();
    std::size_t rows = 0;
    const auto ids = idsAt(port, rows);
    EXPECT_EQ(ids.size(), rows);
    EXPECT_EQ(static_cast<int>(rows), sent);
    std::string missing;
    for (int number = 0; number < sent - 2; ++number)
        if (!ids.contains(std::to_string(number))) missing += " " + std::to_string(number);
    EXPECT_EQ(missing, "") << held << " were stored before the fault, " << atFault << " sent";
    EXPECT_TRUE(errorOfHistory(stateOf(port)).empty());
    EXPECT_EQ(serve.end(SIGTERM), 0) << serve.output();
    EXPECT_FALSE(contains(serve.output(), "W_HISTORY_DAMAGED")) << serve.output();
    std::printf("%d stored before it, %d sent in all: mounted anew %zu stored, %d lost\n", held, sent, rows, sent - static_cast<int>(ids.size()));
}

TEST_F(ReadOnly, aHistoryThatTakesNoWritesForAWhileHasTheGapExactly) {
    // Not the memory that SQLite maps: a kernel lets it be written while the disk takes nothing.
    const std::string files = file() + " " + file() + "-wal";
    startBroker("");
    if (!works("touch " + file() + "x && chattr +i " + file() + "x && ! sh -c 'echo > " + file() + "x' 2>/dev/null && chattr -i " + file() + "x"))
        GTEST_SKIP() << "not run: no file can be made immutable here (root, chattr, ext4)";
    const int port = support::freePort();
    auto arguments = serving("127.0.0.1:" + std::to_string(port));
    arguments.insert(arguments.end(), {"--control-token", "t"});
    support::Program serve(program, arguments, folder.path / "serve.log");
    ASSERT_TRUE(eventually(15s, [&] { return listens(port); })) << serve.output();
    std::this_thread::sleep_for(300ms);
    const auto sender = client("sender");
    Publisher publisher(*sender, 500);
    ASSERT_TRUE(eventually(10s, [&] { return stateOf(port)["events_stored"] > 500; })) << serve.output();
    ASSERT_TRUE(works("chattr +i " + files));
    std::string said;
    EXPECT_TRUE(eventually(5s, [&] { return !(said = errorOfHistory(stateOf(port))).empty(); })) << serve.output();
    const int atFault = publisher.sent();
    expectLiveViewGoesOn(*sender, port, 1.25, "live", "intrusion");
    int sent = publisher.stop() + 1;
    // More than may wait in memory: the oldest go, and are counted.
    const std::string filler(700000, 'x');
    for (int i = 0; i < 220; ++i, ++sent) {
        const std::string payload = R"({"id":"large-)" + std::to_string(i) + R"(","ts":")" + core::formatInstant(core::RealClock().now()) + R"(","class":"litter","camera":"C-3","more":")" + filler + R"("})";
        while (!sender->publish("matou/v1/tiny/event/C-3", payload, 1)) std::this_thread::sleep_for(5ms);
    }
    EXPECT_TRUE(eventually(60s, [&] { return stateOf(port)["feeds"][0]["applied"] == sent + 1; })) << stateOf(port)["feeds"][0].dump() << sent;
    const int held = stateOf(port)["events_stored"];
    ASSERT_TRUE(works("chattr -i " + files));
    const auto since = Steady::now();
    EXPECT_TRUE(eventually(30s, [&] { return errorOfHistory(stateOf(port)).empty(); })) << serve.output();
    const double resumed = std::chrono::duration<double>(Steady::now() - since).count();
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(serve.end(SIGTERM), 0) << serve.output();

    std::size_t rows = 0;
    const auto ids = storedIds(file(), rows);
    EXPECT_EQ(ids.size(), rows);
    // The warnings name them: "… N events, …".
    const std::string log = serve.output();
    int lost = 0;
    for (auto gap = log.find("W_SERVICE_HISTORY_GAP"); gap != std::string::npos; gap = log.find("W_SERVICE_HISTORY_GAP", gap + 1))
        lost += std::atoi(log.c_str() + log.rfind(' ', log.find(" events", gap) - 1) + 1);
    EXPECT_GT(lost, 0) << log.substr(0, 2000);
    EXPECT_EQ(static_cast<int>(rows) + lost, sent);
    std::printf("no writes from event %d: said \"%s\"; %d events came until they went through again, %d too many for the memory; %zu stored + %d in the gap = %d sent, %.1f s after it healed\n",
                atFault, said.c_str(), sent - held, lost, rows, lost, sent, resumed);
}

} // namespace
