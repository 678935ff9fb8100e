#include <gtest/gtest.h>

#include <mutex>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "control/access.h"
#include "control/server.h"

using namespace matou;
using Json = nlohmann::json;

namespace {

const core::Instant kNow{std::chrono::milliseconds(1750000000000)};

struct Bench {
    std::shared_ptr<twin::StateSnapshot> snapshot = std::make_shared<twin::StateSnapshot>();
    std::vector<command::Command> commands;
    std::mutex mutex;
    core::Instant now = kNow;
    std::int64_t rows = 3;
    bool broken = false; // the history, from the second page on
    bool picture = false;
    std::unique_ptr<control::Server> server;
    std::unique_ptr<httplib::Client> client;

    Bench() {
        auto registry = std::make_shared<twin::Registry>();
        twin::Sensor sensor;
        sensor.id = "S-001";
        sensor.unit = "m";
        registry->sensors = {sensor};
        snapshot->registry = registry;
        snapshot->now = kNow;
        snapshot->version = 7;
        snapshot->sensors.resize(1);
        snapshot->sensors[0].known = true;
        snapshot->sensors[0].value = 3.5;
        snapshot->sensors[0].age = twin::Age::late;
        twin::Alarm alarm;
        alarm.id = "A-000001";
        alarm.severity = 2;
        alarm.title = {"疑似烟雾", "Possible smoke"};
        snapshot->alarms = {alarm};
        twin::FeedState feed;
        feed.id = "mqtt";
        feed.received = 12;
        feed.invalid = 2;
        snapshot->feeds = {feed};

        control::Backend backend;
        backend.district = "tiny";
        backend.districtName = {"小样<街道>", "Tiny"};
        backend.scenes = {{"core", {"核心区域", "Core"}}};
        backend.snapshot = [this] { return snapshot; };
        backend.now = [this] { return now; };
        backend.command = [this](command::Command c) -> core::Result<void> {
            const std::lock_guard lock(mutex);
            if (const auto* action = std::get_if<command::AlarmAction>(&c.body); action && action->alarm != "A-000001")
                return core::fail("E_ALARM_UNKNOWN", "alarm " + action->alarm);
            commands.push_back(std::move(c));
            return {};
        };
        backend.events = [this](const history::EventQuery& query) -> core::Result<std::vector<history::StoredEvent>> {
            if (broken && query.after >= 1000) return core::fail("E_HISTORY_SQL", "h.db", {"gone"});
            std::vector<history::StoredEvent> result;
            for (std::int64_t i = query.after + 1; i <= rows && static_cast<std::int64_t>(result.size()) < query.limit;
                 ++i) {
                history::StoredEvent row;
                row.sequence = i;
                row.id = std::to_string(i);
                row.source = "C-1";
                row.raw = R"({"id":")" + row.id + "\"}";
                result.push_back(row);
            }
            return result;
        };
        backend.screenshot = [this]() -> core::Result<std::vector<std::byte>> {
            if (!picture) return core::fail("E_CONTROL_NO_PICTURE", "here");
            return std::vector<std::byte>{std::byte{0x89}, std::byte{'P'}, std::byte{'N'}, std::byte{'G'}};
        };
        auto started = control::Server::start({"127.0.0.1:0", "s3cret"}, std::move(backend));
        EXPECT_TRUE(started);
        server = std::move(*started);
        client = std::make_unique<httplib::Client>("127.0.0.1", server->port());
    }
    httplib::Headers token(const std::string& value = "s3cret") const { return {{"Authorization", "Bearer " + value}}; }
    Json json(const std::string& path) { return Json::parse(client->Get(path.c_str())->body); }
};

} // namespace

TEST(Control, answersWhatItIsAsked) {
    Bench b;
    EXPECT_EQ(b.client->Get("/healthz")->status, 200);
    b.now = kNow + std::chrono::seconds(11);
    EXPECT_EQ(b.client->Get("/healthz")->status, 503);
    const Json state = b.json("/api/v1/state");
    EXPECT_EQ(state["version"], 7);
    EXPECT_EQ(state["sensors"][0]["age"], "late");
    EXPECT_EQ(state["alarms"]["by_severity"]["2"], 1);
    EXPECT_EQ(state["feeds"][0]["invalid"], 2);
    const Json alarms = b.json("/api/v1/alarms");
    EXPECT_EQ(alarms["alarms"][0]["title"]["zh"], "疑似烟雾");
    const std::string metrics = b.client->Get("/metrics")->body;
    EXPECT_NE(metrics.find("matou_feed_received_total{feed=\"mqtt\"} 12\n"), std::string::npos);
    EXPECT_NE(metrics.find("matou_alarms_open{severity=\"2\"} 1\n"), std::string::npos);
    EXPECT_NE(metrics.find("matou_attached_programs 0\n"), std::string::npos);
    const Json api = b.json("/api/v1/openapi.json");
    EXPECT_TRUE(api["paths"].contains("/api/v1/alarms/{id}/{verb}"));
    const auto page = b.client->Get("/");
    EXPECT_NE(page->body.find("小样&lt;街道&gt;"), std::string::npos);
    EXPECT_NE(page->body.find("data-post=\"scene/core\""), std::string::npos);
    const auto nothing = b.client->Get("/api/v2/x");
    EXPECT_EQ(nothing->status, 404);
    EXPECT_EQ(Json::parse(nothing->body)["error"]["code"], "E_CONTROL_PATH");
}

TEST(Control, changesNothingWithoutTheToken) {
    Bench b;
    for (const auto& headers : {httplib::Headers{}, b.token("s3cre"), b.token("s3cret2"), b.token(""),
                                httplib::Headers{{"Authorization", "s3cret"}}}) {
        const auto answer = b.client->Post("/api/v1/alarms/A-000001/ack", headers, "", "application/json");
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 401);
        EXPECT_EQ(Json::parse(answer->body)["error"]["code"], "E_CONTROL_TOKEN");
    }
    EXPECT_EQ(b.client->Post("/api/v1/scene/core", "", "application/json")->status, 401);
    EXPECT_EQ(b.client->Post("/api/v1/tour/start?token=s3cret", "", "application/json")->status, 401);
    EXPECT_TRUE(b.commands.empty());
}

TEST(Control, turnsRequestsIntoCommands) {
    Bench b;
    EXPECT_EQ(b.client
                  ->Post("/api/v1/alarms/A-000001/comment", b.token(), R"({"text":"已派人","actor":"li"})",
                         "application/json")
                  ->status,
              200);
    EXPECT_EQ(b.client->Post("/api/v1/scene/core", b.token(), "", "application/json")->status, 202);
    EXPECT_EQ(
        b.client->Post("/api/v1/camera", b.token(), R"({"lat":31.19,"lon":121.5,"height":300})", "application/json")
            ->status,
        202);
    EXPECT_EQ(b.client->Post("/api/v1/tour/pause", b.token(), "", "application/json")->status, 202);
    EXPECT_EQ(b.client->Post("/api/v1/quality/ultra", b.token(), "", "application/json")->status, 202);
    EXPECT_EQ(b.client->Post("/api/v1/quality/best", b.token(), "", "application/json")->status, 404);
    EXPECT_EQ(b.client->Post("/api/v1/quality/low", "", "application/json")->status, 401);
    ASSERT_EQ(b.commands.size(), 5u);
    EXPECT_EQ(std::get<command::SetQuality>(b.commands[4].body).quality, "ultra");
    const auto& action = std::get<command::AlarmAction>(b.commands[0].body);
    EXPECT_EQ(action.verb, "comment");
    EXPECT_EQ(action.text, "已派人");
    EXPECT_EQ(b.commands[0].actor, "li");
    EXPECT_EQ(b.commands[0].origin, "control");
    EXPECT_EQ(std::get<command::ShowScene>(b.commands[1].body).scene, "core");

    EXPECT_EQ(b.client->Post("/api/v1/alarms/A-9/ack", b.token(), "", "application/json")->status, 404);
    EXPECT_EQ(b.client->Post("/api/v1/scene/mars", b.token(), "", "application/json")->status, 404);
    EXPECT_EQ(b.client->Post("/api/v1/tour/explode", b.token(), "", "application/json")->status, 404);
    EXPECT_EQ(b.client->Post("/api/v1/camera", b.token(), R"({"lat":91,"lon":121.5,"height":300})", "application/json")
                  ->status,
              400);
    EXPECT_EQ(b.client->Post("/api/v1/alarms/A-000001/ack", b.token(), "{", "application/json")->status, 400);
    EXPECT_EQ(b.client->Post("/api/v1/camera", b.token(), std::string(100000, ' '), "application/json")->status, 413);
}

TEST(Control, refusesForeignHostsAndOrigins) {
    Bench b;
    EXPECT_EQ(b.client->Get("/api/v1/state", {{"Host", "evil.example"}})->status, 403);
    EXPECT_EQ(b.client->Get("/api/v1/state", {{"Origin", "http://evil.example"}})->status, 403);
    const std::string own = "127.0.0.1:" + std::to_string(b.server->port());
    EXPECT_EQ(b.client->Get("/api/v1/state", {{"Host", own}, {"Origin", "http://" + own}})->status, 200);
    EXPECT_EQ(b.client->Get("/api/v1/state", {{"Host", "localhost:80"}})->status, 200);
}

TEST(Control, streamsEventsInPages) {
    Bench b;
    Json events = b.json("/api/v1/events");
    EXPECT_EQ(events["events"].size(), 3u);
    EXPECT_EQ(events["next"], 3);
    EXPECT_EQ(events["events"][1]["payload"]["id"], "2");
    EXPECT_EQ(b.json("/api/v1/events?after=3")["events"].size(), 0u);
    EXPECT_EQ(b.json("/api/v1/events?after=3")["next"], 3);
    b.rows = 12345;
    EXPECT_EQ(b.json("/api/v1/events")["events"].size(), 1000u);
    events = b.json("/api/v1/events?limit=1000000");
    EXPECT_EQ(events["events"].size(), 12345u);
    EXPECT_EQ(events["next"], 12345);
    EXPECT_EQ(b.json("/api/v1/events?limit=2500&after=10")["next"], 2510);
    EXPECT_EQ(b.client->Get("/api/v1/events?limit=0")->status, 400);
    EXPECT_EQ(b.client->Get("/api/v1/events?after=x")->status, 400);
    EXPECT_EQ(b.client->Get("/api/v1/events?since=yesterday")->status, 400);
    EXPECT_EQ(b.client->Get("/api/v1/events?since=2025-06-15T10:00:00+08:00")->status, 200);
}

TEST(Control, anExportThatTheHistoryBreaksOffDoesNotLookWhole) {
    Bench b;
    b.rows = 2500;
    b.broken = true;
    EXPECT_FALSE(b.client->Get("/api/v1/events?limit=1000000"));
    b.broken = false;
    EXPECT_EQ(b.json("/api/v1/events?limit=1000000")["events"].size(), 2500u);
}

TEST(Control, theScreenshotIsThePicturesOr503) {
    Bench b;
    EXPECT_EQ(b.client->Get("/api/v1/screenshot.png")->status, 503);
    b.picture = true;
    const auto picture = b.client->Get("/api/v1/screenshot.png");
    EXPECT_EQ(picture->status, 200);
    EXPECT_EQ(picture->get_header_value("Content-Type"), "image/png");
    EXPECT_EQ(picture->body.size(), 4u);
}

TEST(Control, aPortInUseIsALocatedError) {
    Bench b;
    const std::string address = "127.0.0.1:" + std::to_string(b.server->port());
    const auto second = control::Server::start({address, "x"}, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "E_CONTROL_PORT");
    EXPECT_EQ(second.error().where, address);
    for (const char* bad : {"", "8088", "127.0.0.1", ":8088", "127.0.0.1:x", "127.0.0.1:99999", "::1:80"})
        EXPECT_EQ(control::Server::start({bad, "x"}, {}).error().code, "E_CONTROL_ADDRESS") << bad;
}
