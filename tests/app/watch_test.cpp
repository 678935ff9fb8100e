// The watch does not hang on the picture: the state side without any Vulkan driver and a command centre whose picture stands still, and
// then is gone, keep the same alarm log of the same recording, byte for byte; and two centres that show one state show one
// acknowledgement. A few seconds without a picture; MATOU_STOPPED_SECONDS sets more (the soak's half minute of each kind).

#include <algorithm>
#include <cmath>
#include <csignal>

#include <httplib.h>
#include <sqlite3.h>

#include "app/app_support.h"
#include "district/district.h"
#include "live/recording.h"
#include "service/replay.h"
#include "simulate/simulator.h"
#include "support/box_glb.h"
#include "support/mosquitto.h"
#include "support/tiny_district.h"

namespace matou::tests {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Steady = std::chrono::steady_clock;

int stoppedSeconds() {
    const char* wanted = std::getenv("MATOU_STOPPED_SECONDS");
    return wanted ? std::max(1, std::atoi(wanted)) : 4;
}

core::Instant now() {
    return core::RealClock().now();
}

/// The tiny district with one box to draw, and with clocks short enough to run out within the test.
void writeWatchedDistrict(const std::filesystem::path& folder) {
    support::writeTinyDistrict(folder);
    std::ofstream(folder / "district.toml", std::ios::app)
        << "\n[alarms]\nacknowledge_within_s = { 1 = 2, 2 = 3, 3 = 5, 4 = 0 }\nflood_start = 8\nflood_end = 3\nflood_window_s = 10\n"
           "chatter_count = 3\nchatter_window_s = 8\nchatter_quiet_s = 3\n";
    const auto glb = test::boxGlb({{{-20, -20, 0}, {20, 20, 30}}});
    // East, north and up at the district's centre, on the ellipsoid of WGS 84.
    constexpr double kRadius = 6378137, kE2 = 6.69437999014e-3, kDegree = 0.017453292519943295;
    const double sp = std::sin(31.1946 * kDegree), cp = std::cos(31.1946 * kDegree), sl = std::sin(121.5096 * kDegree), cl = std::cos(121.5096 * kDegree);
    const double n = kRadius / std::sqrt(1 - kE2 * sp * sp);
    const Json tileset = {{"asset", {{"version", "1.1"}}},
                          {"geometricError", 100},
                          {"root",
                           {{"geometricError", 0},
                            {"refine", "ADD"},
                            {"boundingVolume", {{"box", {0, 0, 15, 20, 0, 0, 0, 20, 0, 0, 0, 15}}}},
                            {"content", {{"uri", "box.glb"}}},
                            {"transform", {-sl, cl, 0, 0, -sp * cl, -sp * sl, cp, 0, cp * cl, cp * sl, sp, 0, n * cp * cl, n * cp * sl, n * (1 - kE2) * sp, 1}}}}};
    for (const char* layer : {"buildings", "ground"}) {
        write(folder / "tiles" / layer / "box.glb", {reinterpret_cast<const char*>(glb.data()), glb.size()});
        write(folder / "tiles" / layer / "tileset.json", tileset.dump());
    }
}

/// `length` of what the district says, from `begin`: the simulator's values, a water level that goes up and down over its thresholds, a
/// smoke detector that chatters, and events that fold, prove one another or are too many.
int record(const district::District& district, core::Instant begin, core::Duration length, const std::filesystem::path& to) {
    std::vector<live::Message> messages;
    const auto say = [&](core::Instant at, const std::string& topic, Json payload) {
        live::Message message;
        message.received = at;
        message.topic = "matou/v1/" + district.id + "/" + topic;
        // Half a second ahead, so that none is behind its timers on its way through a busy machine.
        payload["ts"] = core::formatInstant(at + 500ms);
        message.payload = payload.dump();
        messages.push_back(std::move(message));
    };
    simulate::Simulator simulator(district.registry, {district.id, 7, 20});
    simulator.play(begin, begin + length, [&](const simulate::Message& message) {
        const auto payload = Json::parse(message.payload);
        const std::string id = payload["id"];
        if (message.topic.find("/obs/") != std::string::npos && id != "S-001" && id != "S-004") say(message.at, "obs/" + id, payload);
    });
    const char* classes[] = {"litter", "crowd", "intrusion", "smoke", "fire", "illegal_parking"};
    int events = 0, number = 0;
    for (auto at = begin; at < begin + length; at += 250ms, ++number) {
        const double seconds = std::chrono::duration<double>(at - begin).count();
        say(at, "obs/S-001", {{"id", "S-001"}, {"value", std::round(100 * (3 + 1.3 * std::sin(seconds))) / 100}, {"unit", "m"}, {"seq", number}});
        if (number % 4 == 2) say(at, "obs/S-004", {{"id", "S-004"}, {"value", number / 4 % 2 ? 9.5 : 1.0}, {"seq", number}});
        for (int burst = 0; burst < (number % 20 < 4 ? 3 : 1); ++burst, ++events) {
            const std::string camera = "C-" + std::to_string(events % 4 + 1);
            say(at, "event/" + camera,
                {{"id", std::to_string(events)}, {"class", classes[events % 6]}, {"severity", events % 6 < 3 ? 3 : 2}, {"confidence", events % 3 ? 0.5 : 0.9}, {"camera", camera},
                 {"lon", 121.506 + 0.0005 * (events % 7)}, {"lat", 31.1946}});
        }
    }
    std::stable_sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.received < b.received; });
    auto writer = live::RecordingWriter::open(to);
    EXPECT_TRUE(writer);
    for (const auto& message : messages) EXPECT_TRUE(writer->write(message));
    EXPECT_TRUE(writer->flush());
    return events;
}

/// What the journal of a history says of alarms up to `until`: its records as they are chained, a line each.
std::string journalOf(const std::filesystem::path& history, core::Instant until) {
    std::string result;
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open_v2(history.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    sqlite3_stmt* rows = nullptr;
    sqlite3_prepare_v2(handle, "SELECT record FROM journal WHERE command = 0 AND seq > 1 AND at <= ? ORDER BY seq", -1, &rows, nullptr);
    sqlite3_bind_int64(rows, 1, until.time_since_epoch().count());
    while (sqlite3_step(rows) == SQLITE_ROW) result += std::string(reinterpret_cast<const char*>(sqlite3_column_text(rows, 0))) + "\n";
    sqlite3_finalize(rows);
    sqlite3_close(handle);
    return result;
}

/// The same in the words of the replay's log (alarm::logLine), as far as a journal holds them.
std::string logOf(const std::string& journal) {
    std::string result;
    std::istringstream lines(journal);
    for (std::string line; std::getline(lines, line);) {
        const auto json = Json::parse(line);
        const std::string text = json.value("text", "");
        result += std::string(json["t"]);
        if (json["kind"] == "district")
            result += " - " + std::string(json["what"]) + (text.empty() ? "" : " " + text);
        else
            result += " " + std::string(json["id"]) + " " + std::string(json["what"]) + " S" + json["severity"].dump() + " " + std::string(json["class"]) + " " +
                      std::string(json["source"]) + " " + std::string(json["condition"]) + " " + std::string(json["workflow"]) + " count=" + json["count"].dump();
        result += "\n";
    }
    return result;
}

int linesOf(const std::string& text) {
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

/// The log without words that only some lines have, to its last line at `until`.
std::string comparable(const std::string& log, core::Instant until) {
    std::string result;
    std::istringstream lines(log);
    const std::string last = core::formatInstant(until);
    for (std::string line; std::getline(lines, line);) {
        if (const auto end = line.find(" chattering", line.find("count=")); end != std::string::npos) line.resize(end);
        if (line.substr(0, last.size()) <= last) result += line + "\n";
    }
    return result;
}

class Watch : public ::testing::Test {
protected:
    void SetUp() override {
        if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
        writeWatchedDistrict(_scratch / "d");
        std::filesystem::create_directories(_scratch / "faults");
        auto opened = district::District::open(_scratch / "d");
        ASSERT_TRUE(opened);
        _district = std::make_shared<const district::District>(std::move(*opened));
    }
    std::unique_ptr<Running> start(std::vector<std::string> command, std::map<std::string, std::string> more = {}) const {
        command[0] = program(command[0]);
        more.insert({{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}, {"LC_ALL", "C"}, {"XDG_STATE_HOME", _scratch / "state"}});
        return std::make_unique<Running>(Launch{command, more, {}, std::chrono::seconds(600)});
    }
    /// The state side where there is nothing to draw with.
    std::unique_ptr<Running> serve(int port) const {
        return start({"matou", "serve", _scratch / "d", "--mqtt", _broker.url(), "--history", _scratch / "serve.db", "--control", "127.0.0.1:" + std::to_string(port), "--control-token", "t"},
                     {{"VK_ICD_FILENAMES", "/no/driver.json"}, {"VK_DRIVER_FILES", "/no/driver.json"}});
    }
    std::unique_ptr<Running> centre(std::vector<std::string> more) const {
        std::vector<std::string> command{"matou-command", _scratch / "d", "--headless", "--size", "160x90", "--fps", "5", "--quality", "low"};
        command.insert(command.end(), more.begin(), more.end());
        const auto layers = program("matou").parent_path().parent_path() / "tests/layers";
        return start(command, {{"VK_LAYER_PATH", layers.string()}, {"VK_INSTANCE_LAYERS", "VK_LAYER_MATOU_fault"}, {"MATOU_FAULTS", _scratch / "faults"}});
    }
    static Json state(int port, const std::string& path = "/api/v1/state") {
        httplib::Client api("127.0.0.1", port);
        const auto answer = api.Get(path);
        return answer ? Json::parse(answer->body, nullptr, false) : Json();
    }
    static bool listens(int port) {
        const auto json = state(port);
        return json.is_object() && json["feeds"][0]["connected"] == true;
    }
    /// A picture drawn just now is to be had.
    static bool pictured(int port) {
        httplib::Client api("127.0.0.1", port);
        api.set_read_timeout(1s);
        const auto answer = api.Get("/api/v1/screenshot.png");
        return answer && answer->status == 200;
    }
    void fault(const char* name) const { write(_scratch / "faults" / name, ""); }
    void heal(const char* name) const { std::filesystem::remove(_scratch / "faults" / name); }

    ScratchFolder _scratch;
    support::Mosquitto _broker;
    std::shared_ptr<const district::District> _district;
};

TEST_F(Watch, withoutADriverAndWithAPictureThatStopsTheAlarmLogIsTheSame) {
    const int servePort = freePort(), centrePort = freePort(), stopped = stoppedSeconds();
    auto serving = serve(servePort);
    auto drawing = centre({"--mqtt", _broker.url(), "--history", _scratch / "centre.db", "--control", "127.0.0.1:" + std::to_string(centrePort), "--control-token", "t"});
    ASSERT_TRUE(eventually(30s, [&] { return listens(servePort) || !serving->alive(); })) << serving->err();
    ASSERT_TRUE(eventually(60s, [&] { return (listens(centrePort) && pictured(centrePort)) || !drawing->alive(); })) << drawing->err();
    sleepMilliseconds(300); // the subscriptions are on their way

    const core::Instant begin = now() + 300ms;
    const core::Duration length = std::chrono::seconds(6 + 2 * stopped);
    const int events = record(*_district, begin, length, _scratch / "recording.jsonl");
    const core::Instant last = begin + length;
    while (now() < begin) sleepMilliseconds(5);
    auto playing = start({"matou", "replay", _scratch / "recording.jsonl", "--mqtt", _broker.url(), "--speed", "1"});

    // The thread that draws stands still in the driver.
    sleepMilliseconds(2000);
    fault("freeze");
    sleepMilliseconds(500);
    const auto frozen = state(centrePort);
    EXPECT_FALSE(pictured(centrePort));
    sleepMilliseconds(stopped * 1000 - 1500);
    const auto still = state(centrePort);
    EXPECT_GT(still["events_stored"], frozen["events_stored"]);
    EXPECT_GT(still["version"], frozen["version"]);
    heal("freeze");
    EXPECT_TRUE(eventually(10s, [&] { return pictured(centrePort); })) << drawing->err();

    // The device is lost, and none is to be had.
    fault("no-device");
    fault("lose");
    ASSERT_TRUE(eventually(10s, [&] { return drawing->err().find("E_DEVICE_LOST") != std::string::npos; })) << drawing->err();
    const auto lost = state(centrePort);
    EXPECT_FALSE(pictured(centrePort));
    sleepMilliseconds(stopped * 1000 - 1000);
    EXPECT_GT(state(centrePort)["events_stored"], lost["events_stored"]);
    heal("no-device");
    EXPECT_TRUE(eventually(std::chrono::seconds(20 + stopped), [&] { return pictured(centrePort); })) << drawing->err();

    EXPECT_EQ(playing->wait(std::chrono::seconds(60 + 2 * stopped)).status, 0) << playing->err();
    // Both have heard all and their timers have passed the last of it.
    for (const int port : {servePort, centrePort})
        EXPECT_TRUE(eventually(20s, [&] { return state(port)["events_stored"] == events; })) << port << " " << state(port)["events_stored"] << " of " << events;
    while (now() < last + 3500ms) sleepMilliseconds(20);
    for (auto* one : {serving.get(), drawing.get()}) one->signal(SIGTERM);
    EXPECT_EQ(serving->wait(20s).status, 0) << serving->err();
    EXPECT_EQ(drawing->wait(60s).status, 0) << drawing->err();

    const std::string ofServe = journalOf(_scratch / "serve.db", last), ofCentre = journalOf(_scratch / "centre.db", last);
    EXPECT_EQ(ofServe, ofCentre);
    const auto offline = service::replay(_district, _scratch / "recording.jsonl");
    ASSERT_TRUE(offline);
    EXPECT_EQ(comparable(offline->alarmLog, last), comparable(logOf(ofServe), last));
    for (const char* word : {" raised ", " repeated ", " cleared ", " reactivated ", " overdue ", " chattering ", " flood_began", " C-"})
        EXPECT_NE(logOf(ofServe).find(word), std::string::npos) << word;
    std::printf("%d events in %lld s, the picture frozen %d s and without a device %d s: alarm log of %d lines, the same in the centre, without a driver and replayed\n", events,
                static_cast<long long>(length.count() / 1000), stopped, stopped, linesOf(ofServe));
}

TEST_F(Watch, twoCentresThatShowOneStateShowAnAcknowledgementWithinASecond) {
    const int port = freePort();
    auto serving = serve(port);
    ASSERT_TRUE(eventually(30s, [&] { return listens(port) || !serving->alive(); })) << serving->err();
    httplib::Client api("127.0.0.1", port);
    const auto attached = [&] {
        const auto answer = api.Get("/metrics");
        const std::string name = "\nmatou_attached_programs ";
        const auto at = answer ? answer->body.find(name) : std::string::npos;
        return at == std::string::npos ? -1 : std::atoi(answer->body.c_str() + at + name.size());
    };
    const std::string address = "127.0.0.1:" + std::to_string(port);
    auto one = centre({"--attach", address, "--stats", _scratch / "1.json"}), two = centre({"--attach", address, "--stats", _scratch / "2.json"});
    const auto before = centre({"--attach", address, "--stats", _scratch / "0.json"});
    ASSERT_TRUE(eventually(60s, [&] { return attached() == 3; })) << attached() << one->err() << two->err();

    record(*_district, now(), 300ms, _scratch / "recording.jsonl");
    ASSERT_EQ(runProgram("matou", {"replay", _scratch / "recording.jsonl", "--mqtt", _broker.url(), "--speed", "0"}).status, 0);
    std::string id;
    ASSERT_TRUE(eventually(10s, [&] {
        const auto open = state(port, "/api/v1/alarms");
        for (const auto& alarm : open["alarms"])
            if (alarm["severity"] == 2 && alarm["workflow"] == "unacknowledged") id = alarm["id"];
        return !id.empty();
    })) << state(port, "/api/v1/alarms").dump() << serving->err();
    sleepMilliseconds(3000); // all three have drawn it
    const auto countOf = [&](const char* file, const char* workflow) {
        const auto stats = jsonOf(_scratch / file);
        return stats.is_object() ? stats["alarms"].value(workflow, 0) : -1;
    };
    before->signal(SIGINT);
    EXPECT_EQ(before->wait(30s).status, 0) << before->err();
    EXPECT_EQ(countOf("0.json", "acknowledged"), 0);
    EXPECT_GT(countOf("0.json", "unacknowledged"), 0);

    const auto asked = Steady::now();
    const auto answer = api.Post("/api/v1/alarms/" + id + "/ack", {{"Authorization", "Bearer t"}}, "{\"actor\":\"wang\"}", "application/json");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    std::this_thread::sleep_until(asked + 900ms);
    for (auto* program : {one.get(), two.get()}) program->signal(SIGINT); // what they show now stands in their figures
    EXPECT_EQ(one->wait(30s).status, 0) << one->err();
    EXPECT_EQ(two->wait(30s).status, 0) << two->err();
    for (const char* file : {"1.json", "2.json"}) EXPECT_EQ(countOf(file, "acknowledged"), 1) << contentOf(_scratch / file).substr(0, 400);
    serving->signal(SIGTERM);
    EXPECT_EQ(serving->wait(20s).status, 0) << serving->err();
}

} // namespace
} // namespace matou::tests
