#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <thread>

#include <httplib.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "alarm/life_cycle.h"
#include "history/history.h"
#include "live/recording.h"
#include "service/commands.h"
#include "service/replay.h"
#include "service/service.h"
#include "support/mosquitto.h"
#include "support/program.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace std::chrono_literals;
using service::Service;
using service::ServiceOptions;
using Json = nlohmann::json;

namespace {

struct Tiny : support::TemporaryFolder {
    std::shared_ptr<const district::District> district;
    Tiny() : TemporaryFolder("service") {
        support::writeTinyDistrict(path / "d");
        district = std::make_shared<const district::District>(*district::District::open(path / "d"));
    }
};

/// Everything in a snapshot that a picture could show, as text.
std::string shown(const twin::StateSnapshot& snapshot) {
    std::string text = core::formatInstant(snapshot.now);
    for (const auto& sensor : snapshot.sensors)
        text += " " + std::to_string(sensor.value) + "/" + std::to_string(static_cast<int>(sensor.age)) + "/" +
                std::to_string(sensor.severity);
    for (const auto& alarm : snapshot.alarms)
        text += " " + alarm.id + alarm.title.zh + std::to_string(alarm.count) + alarm::wordOf(alarm.workflow);
    for (const auto& project : snapshot.projects)
        text += " " + (project ? project->phase + std::to_string(project->percent) : "-");
    return text;
}

std::unique_ptr<Service> started(ServiceOptions options) {
    auto result = Service::start(std::move(options));
    EXPECT_TRUE(result) << (result ? "" : result.error().code + " " + result.error().where);
    return std::move(*result);
}

} // namespace

TEST(Service, theFirstSnapshotKnowsEverySensorOfTheEmbeddedFeed) {
    const Tiny tiny;
    const auto service = started({.district = tiny.district,
                                  .clock = std::make_shared<core::ManualClock>(tiny.district->start),
                                  .ownLane = false});
    const auto snapshot = service->snapshot();
    ASSERT_EQ(snapshot->sensors.size(), 20u);
    for (const auto& sensor : snapshot->sensors)
        EXPECT_EQ(sensor.age, twin::Age::fresh);
    for (const auto& project : snapshot->projects)
        ASSERT_TRUE(project);
    EXPECT_EQ(snapshot->projects[0]->phase, "施工");
    ASSERT_EQ(snapshot->feeds.size(), 1u);
    EXPECT_TRUE(snapshot->feeds[0].connected);
    EXPECT_GE(snapshot->feeds[0].received, 22u);
    EXPECT_EQ(snapshot->feeds[0].received, snapshot->feeds[0].applied);
    EXPECT_EQ(snapshot->feeds[0].invalid, 0u);
}

TEST(Service, aFixedClockGivesTheSameStatesWhateverTheStep) {
    const Tiny tiny;
    const auto run = [&](core::Duration step) {
        const auto clock = std::make_shared<core::ManualClock>(tiny.district->start);
        const auto service = started({.district = tiny.district, .clock = clock, .ownLane = false});
        std::string result;
        for (auto at = core::Duration(0); at < 600s; at += step) {
            clock->advance(step);
            const auto snapshot = service->advance();
            if ((at + step) % 60s == 0s) result += shown(*snapshot) + "\n";
        }
        return result;
    };
    const auto coarse = run(1000ms);
    EXPECT_EQ(coarse, run(40ms));
    EXPECT_GT(coarse.size(), 1000u);
}

TEST(Service, aClockThatGoesBackShowsTheEarlierTime) {
    const Tiny tiny;
    const auto clock = std::make_shared<core::ManualClock>(tiny.district->start);
    const auto service = started({.district = tiny.district, .clock = clock, .ownLane = false});
    const auto first = shown(*service->advance());
    clock->advance(24h);
    EXPECT_NE(shown(*service->advance()), first);
    clock->set(tiny.district->start);
    const auto again = service->advance();
    for (const auto& sensor : again->sensors)
        EXPECT_EQ(sensor.age, twin::Age::fresh);
    EXPECT_LE(again->sensors[0].eventTime, tiny.district->start);
}

TEST(Service, commandsAreAppliedByTheirOwnSide) {
    const Tiny tiny;
    const auto service = started({.district = tiny.district,
                                  .clock = std::make_shared<core::ManualClock>(tiny.district->start),
                                  .ownLane = false});
    command::Command scene;
    scene.body = command::ShowScene{"core"};
    service->submit(scene);
    command::Command nobody = scene;
    nobody.role = "nobody";
    service->submit(nobody);
    const auto taken = service->takePictureCommands();
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(std::get<command::ShowScene>(taken[0].body).scene, "core");
    EXPECT_TRUE(service->takePictureCommands().empty());
}

TEST(Service, theControlApiAcknowledgesAnAlarmOfTheLiveDay) {
    const Tiny tiny;
    // A clock of its own far enough on that the day has brought alarms.
    const auto clock = std::make_shared<core::ManualClock>(tiny.district->start);
    const auto service = started({.district = tiny.district,
                                  .clock = clock,
                                  .history = tiny.path / "h.db",
                                  .control = "127.0.0.1:0",
                                  .controlToken = "t0ken"});
    httplib::Client client("127.0.0.1", service->controlPort());
    for (int i = 0; i < 400 && service->snapshot()->alarms.empty(); ++i) {
        clock->advance(100s);
        std::this_thread::sleep_for(25ms);
    }
    const auto snapshot = service->snapshot();
    ASSERT_FALSE(snapshot->alarms.empty());
    std::string id;
    for (const auto& alarm : snapshot->alarms)
        if (alarm.workflow == twin::Workflow::unacknowledged) id = alarm.id;
    ASSERT_FALSE(id.empty());
    EXPECT_EQ(client.Post(("/api/v1/alarms/" + id + "/ack").c_str(), "", "application/json")->status, 401);
    const httplib::Headers token{{"Authorization", "Bearer t0ken"}};
    const auto close = client.Post(("/api/v1/alarms/" + id + "/explode").c_str(), token, "", "application/json");
    EXPECT_EQ(close->status, 400);
    EXPECT_EQ(client
                  .Post(("/api/v1/alarms/" + id + "/comment").c_str(), token, R"({"text":"已看","actor":"li"})",
                        "application/json")
                  ->status,
              200);
    EXPECT_EQ(
        client.Post(("/api/v1/alarms/" + id + "/ack").c_str(), token, R"({"actor":"li"})", "application/json")->status,
        200);
    EXPECT_EQ(client.Get("/healthz")->status, 200);
    EXPECT_EQ(client.Post("/api/v1/scene/core", token, "", "application/json")->status, 202);
    ASSERT_EQ(service->takePictureCommands().size(), 1u);
    EXPECT_EQ(client.Get("/api/v1/screenshot.png")->status, 503);
    service->setScreenshot([]() -> core::Result<std::vector<std::byte>> { return std::vector<std::byte>(8); });
    EXPECT_EQ(client.Get("/api/v1/screenshot.png")->status, 200);
    const Json events = Json::parse(client.Get("/api/v1/events?limit=100000")->body);
    EXPECT_EQ(events["events"].size(), service->snapshot()->eventsStored);

    // The curve of a sensor: as it came, and in spans that count the same values.
    const std::string curve = "/api/v1/sensors/" + tiny.district->registry->sensors.front().id + "/observations";
    Json values;
    for (int i = 0; i < 100 && values["values"].empty(); ++i) { // they are stored a second behind
        clock->advance(1s);
        std::this_thread::sleep_for(25ms);
        values = Json::parse(client.Get(curve + "?since=2000-01-01T00:00:00Z&limit=100000")->body);
    }
    ASSERT_FALSE(values["values"].empty());
    EXPECT_FALSE(values["cut"].get<bool>());
    const Json spans = Json::parse(client.Get(curve + "?since=2000-01-01T00:00:00Z&points=7")->body);
    std::size_t counted = 0;
    for (const auto& bucket : spans["buckets"])
        counted += bucket["count"].get<std::size_t>() + bucket["bad"].get<std::size_t>();
    EXPECT_GE(counted, values["values"].size());
    EXPECT_LE(spans["buckets"].size(), 7u);
    EXPECT_EQ(client.Get("/api/v1/sensors/none/observations")->status, 404);
    EXPECT_EQ(client.Get(curve + "?points=10001")->status, 400);
    EXPECT_EQ(client.Get(curve + "?since=yesterday")->status, 400);
}

TEST(Service, alarmsAndTheirStatesSurviveARestart) {
    const Tiny tiny;
    const auto clock = std::make_shared<core::ManualClock>(tiny.district->start);
    std::string before, id;
    std::uint64_t stored = 0;
    {
        const auto service =
            started({.district = tiny.district, .clock = clock, .history = tiny.path / "h.db", .ownLane = false});
        for (int i = 0; i < 400 && service->snapshot()->alarms.empty(); ++i) {
            clock->advance(100s);
            service->advance();
        }
        ASSERT_FALSE(service->snapshot()->alarms.empty());
        id = service->snapshot()->alarms.front().id;
        command::Command ack;
        ack.actor = "li";
        ack.body = command::AlarmAction{id, "comment", "记一笔"};
        service->submit(ack);
        const auto snapshot = service->advance();
        before = shown(*snapshot);
        stored = snapshot->eventsStored;
    }
    const auto service =
        started({.district = tiny.district, .clock = clock, .history = tiny.path / "h.db", .ownLane = false});
    const auto snapshot = service->snapshot();
    EXPECT_EQ(shown(*snapshot), before);
    EXPECT_EQ(snapshot->eventsStored, stored); // the half hour before is heard again and known
    for (const auto& alarm : snapshot->alarms)
        if (alarm.id == id) {
            EXPECT_EQ(alarm.comments.size(), 1u);
        }
}

TEST(Service, aRecordingReplaysToTheSameAlarmLogEachTime) {
    const Tiny tiny;
    const auto clock = std::make_shared<core::ManualClock>(tiny.district->start);
    {
        const auto service =
            started({.district = tiny.district, .clock = clock, .record = tiny.path / "r.jsonl", .ownLane = false});
        for (int i = 0; i < 2000; ++i) {
            clock->advance(10s);
            service->advance();
        }
    }
    const auto first = service::replay(tiny.district, tiny.path / "r.jsonl");
    ASSERT_TRUE(first);
    EXPECT_GT(first->alarmLog.size(), 500u);
    EXPECT_EQ(first->invalid, 0u);
    EXPECT_EQ(first->alarmLog, service::replay(tiny.district, tiny.path / "r.jsonl")->alarmLog);
}

TEST(Service, saysWhatCannotStart) {
    const Tiny tiny;
    const auto clock = std::make_shared<core::RealClock>();
    EXPECT_EQ(Service::start({.district = tiny.district, .clock = clock, .mqttUrl = "nonsense"}).error().code,
              "E_MQTT_URL");
    EXPECT_EQ(Service::start({.district = tiny.district, .clock = clock, .control = "nonsense"}).error().code,
              "E_CONTROL_ADDRESS");
    EXPECT_EQ(Service::start({.district = tiny.district, .clock = clock, .history = "/proc/no/h.db"}).error().code,
              "E_HISTORY_OPEN");
    EXPECT_EQ(Service::start({.district = tiny.district, .clock = clock, .record = "/proc/no/r"}).error().code,
              "E_FILE_WRITE");
    const auto first = started({.district = tiny.district, .clock = clock, .control = "127.0.0.1:0"});
    const auto second = Service::start(
        {.district = tiny.district, .clock = clock, .control = "127.0.0.1:" + std::to_string(first->controlPort())});
    EXPECT_EQ(second.error().code, "E_CONTROL_PORT");
}

TEST(Commands, exitAsTheyPromise) {
    EXPECT_EQ(service::runServe({"--help"}), 0);
    EXPECT_EQ(service::runServe({"--nonsense"}), 2);
    EXPECT_EQ(service::runSimulate({}), 2); // --mqtt is required
    EXPECT_EQ(service::runServe({"/no/such/district"}), 1);
    EXPECT_EQ(service::runReplay({"/no/such/file", "--mqtt", "nonsense"}), 1);
    const Tiny tiny;
    EXPECT_EQ(service::runServe({(tiny.path / "d").string(), "--control", "none", "--duration", "0.3", "--stats",
                                 (tiny.path / "s.json").string()}),
              0);
    const auto stats = Json::parse(std::ifstream(tiny.path / "s.json"));
    EXPECT_EQ(stats["sensors"]["fresh"], 20);
    EXPECT_EQ(stats["feeds"]["embedded"]["invalid"], 0);
}

TEST(StateSide, linksNothingOfThePicture) {
    const auto program = support::testFolder() / "state_side";
    ASSERT_TRUE(std::filesystem::exists(program));
    FILE* pipe = ::popen(("ldd " + program.string()).c_str(), "r");
    std::string libraries;
    char buffer[4096];
    while (std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe))
        libraries.append(buffer, got);
    ASSERT_EQ(::pclose(pipe), 0);
    EXPECT_NE(libraries.find("libsqlite3"), std::string::npos);
    for (const char* word : {"vulkan", "glfw", "libX11", "wayland", "freetype", "harfbuzz", "libGL"})
        EXPECT_EQ(libraries.find(word), std::string::npos) << word << "\n" << libraries;
}

TEST(Service, aDamagedHistoryIsARemarkAndTheWatchGoesOn) {
    const Tiny tiny;
    support::writeText(tiny.path / "h.db", std::string(9000, 'x'));
    const auto service = started({.district = tiny.district,
                                  .clock = std::make_shared<core::ManualClock>(tiny.district->start),
                                  .history = tiny.path / "h.db",
                                  .ownLane = false});
    ASSERT_EQ(service->remarks().size(), 1u);
    EXPECT_EQ(service->remarks()[0].code, "W_HISTORY_DAMAGED");
    EXPECT_EQ(service->snapshot()->sensors.at(0).age, twin::Age::fresh);
}

TEST(Service, everythingAskedOfTheAlarmsIsAudited) {
    const Tiny tiny;
    {
        const auto service = started({.district = tiny.district,
                                      .clock = std::make_shared<core::ManualClock>(tiny.district->start),
                                      .history = tiny.path / "h.db",
                                      .ownLane = false});
        command::Command command;
        command.actor = "li";
        command.body = command::AlarmAction{"A-999999", "ack", ""};
        service->submit(command);
        command.role = "viewer";
        service->submit(command);
        service->advance();
    }
    core::Diagnostics remarks;
    const auto history = history::History::open(tiny.path / "h.db", {}, remarks);
    ASSERT_TRUE(history);
    const auto rows = history->audit(10); // newest first
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].outcome, "E_COMMAND_ROLE");
    EXPECT_EQ(rows[1].outcome, "E_ALARM_UNKNOWN");
    EXPECT_EQ(rows[1].what, R"({"command":"alarm.ack","alarm":"A-999999","text":""})");
}

TEST(Replay, aStormGivesTheSameAlarmLogByteForByteEachTime) {
    const Tiny tiny;
    const auto file = tiny.path / "storm.jsonl";
    std::size_t written = 0;
    {
        auto writer = live::RecordingWriter::open(file);
        ASSERT_TRUE(writer);
        std::minstd_rand random(5);
        const core::Instant begun = tiny.district->start;
        for (int i = 0; i < 20000; ++i) {
            // Levels that rise and chatter, unsure smoke, floods of one place, duplicates, stamps out of order and ahead.
            live::Message message;
            message.received = begun + core::Duration(i * 90);
            core::Instant stamp = message.received - core::Duration(random() % 4000);
            if (random() % 200 == 0) stamp = message.received + std::chrono::hours(1);
            const std::string ts = core::formatInstant(stamp);
            if (i % 3) {
                const auto& sensor = tiny.district->registry->sensors[random() % 20];
                message.topic = "matou/v1/tiny/obs/" + sensor.id;
                const double share = 0.5 + static_cast<double>(random() % 1000) / 700 + (i > 8000 && i < 14000 ? 1 : 0);
                message.payload = R"({"id":")" + sensor.id + R"(","ts":")" + ts + R"(","value":)" +
                                  std::to_string(share * sensor.typicalMaximum) + ",\"seq\":" + std::to_string(i - static_cast<int>(random() % 3)) + "}";
            } else {
                const char* classes[] = {"smoke", "fire", "crowd", "flood", "litter", "unknown_77"};
                const int camera = static_cast<int>(random() % 4) + 1;
                message.topic = "matou/v1/tiny/event/C-" + std::to_string(camera);
                message.payload = R"({"id":")" + std::to_string(i - static_cast<int>(random() % 2) * 3) + R"(","ts":")" + ts +
                                  R"(","class":")" + classes[random() % 6] + R"(","severity":)" + std::to_string(random() % 4 + 1) +
                                  R"(,"confidence":0.)" + std::to_string(random() % 9 + 1) + R"(,"lon":121.5)" +
                                  std::to_string(random() % 90 + 10) + R"(,"lat":31.19})";
            }
            ASSERT_TRUE(writer->write(message));
            ++written;
        }
        ASSERT_TRUE(writer->flush());
    }
    const auto first = service::replay(tiny.district, file);
    const auto second = service::replay(tiny.district, file);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->messages, written);
    EXPECT_EQ(first->alarmLog, second->alarmLog);
    const auto count = [&](const char* word) {
        std::size_t times = 0;
        for (auto at = first->alarmLog.find(word); at != std::string::npos; at = first->alarmLog.find(word, at + 1))
            ++times;
        return times;
    };
    for (const char* word : {" raised ", " chattering", " candidate ", "flood_began", " overdue ", " cleared "})
        EXPECT_GT(count(word), 0u) << word;
    std::printf("%zu messages, %zu raised, %zu chattering, %zu candidates, %zu overdue, %zu floods: %zu bytes of alarm log, the same twice\n",
                written, count(" raised "), count(" chattering S"), count(" candidate "), count(" overdue "), count("flood_began"),
                first->alarmLog.size());
}

TEST(Service, busyMeansThatItDoesNotHappen) {
    const Tiny tiny;
    const auto clock = std::make_shared<core::ManualClock>(tiny.district->start);
    const auto service = started({.district = tiny.district, .clock = clock, .control = "127.0.0.1:0", .controlToken = "a-long-token", .ownLane = false});
    httplib::Client api("127.0.0.1", service->controlPort());
    api.set_read_timeout(10);
    const httplib::Headers token{{"Authorization", "Bearer a-long-token"}};
    const std::string body = R"({"zone":"z1","reason":"works","minutes":30})";
    EXPECT_EQ(api.Post("/api/v1/suppressions", token, body, "application/json")->status, 503); // the lane stands
    clock->advance(1s);
    EXPECT_TRUE(service->advance()->suppressions.empty()); // so whoever asks again does it once
}

TEST(Service, aClockThatIsSetIsNoticedAndJournaled) {
    const Tiny tiny;
    const auto clock = std::make_shared<core::ManualClock>(tiny.district->start);
    core::Duration steady{};
    {
        const auto service = started({.district = tiny.district, .clock = clock, .steady = [&] { return steady; }, .history = tiny.path / "h.db", .ownLane = false});
        const auto pass = [&](core::Duration wall, core::Duration time) {
            clock->advance(wall);
            steady += time;
            service->advance();
        };
        pass(10s, 10s);
        pass(-3590s, 10s); // an hour back
        pass(10s, 10s);
        pass(500ms, 100ms); // the steering of an NTP daemon
    }
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open((tiny.path / "h.db").c_str(), &file), SQLITE_OK);
    std::vector<std::string> said;
    sqlite3_exec(
        file, "SELECT text FROM transitions WHERE what='clock_set'",
        [](void* into, int, char** columns, char**) { return static_cast<std::vector<std::string>*>(into)->emplace_back(columns[0]), 0; }, &said, nullptr);
    sqlite3_close(file);
    EXPECT_EQ(said, std::vector<std::string>{"-3600000 ms"});
}
