// Programs that show the state of a service elsewhere.

#include <gtest/gtest.h>

#include <thread>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "control/attach_json.h"
#include "control/server.h"
#include "core/file.h"
#include "live/mqtt_client.h"
#include "service/service.h"
#include "support/mosquitto.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace std::chrono_literals;
using service::Service;
using Json = nlohmann::json;

namespace {

struct Town : support::TemporaryFolder {
    Town() : TemporaryFolder("attach") {
        support::writeTinyDistrict(path / "d");
        district = std::make_shared<const district::District>(*district::District::open(path / "d"));
        EXPECT_TRUE(core::writeFile(path / "tokens", "# roles\nviewer wall wall-token-1\noperator li li-token-22\nduty_lead wu wu-token-33\n"));
    }
    std::unique_ptr<Service> serve(const std::string& address = "127.0.0.1:0", const std::string& mqtt = "") {
        service::ServiceOptions options;
        options.mqttUrl = mqtt;
        options.district = district;
        options.clock = std::make_shared<core::RealClock>();
        options.control = address;
        options.controlToken = "common-token";
        options.controlTokens = path / "tokens";
        auto started = Service::start(std::move(options));
        EXPECT_TRUE(started) << (started ? "" : started.error().code);
        return std::move(*started);
    }
    std::unique_ptr<Service> attach(int port, const std::string& token) {
        service::ServiceOptions options;
        options.district = district;
        options.clock = std::make_shared<core::RealClock>();
        options.attach = "127.0.0.1:" + std::to_string(port);
        options.attachToken = token;
        auto started = Service::start(std::move(options));
        EXPECT_TRUE(started);
        return std::move(*started);
    }
    std::shared_ptr<const district::District> district;
};

template <typename Condition>
bool eventually(std::chrono::steady_clock::duration patience, Condition condition) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

const twin::Alarm* alarmOf(const twin::StateSnapshot& snapshot, const std::string& id) {
    for (const auto& alarm : snapshot.alarms)
        if (alarm.id == id) return &alarm;
    return nullptr;
}

command::Command acknowledge(const std::string& id) {
    command::Command command;
    command.actor = "somebody"; // the token knows better
    command.role = "admin";
    command.at = core::RealClock().now();
    command.body = command::AlarmAction{id, "ack", "", "", 0};
    return command;
}

} // namespace

TEST(AttachLine, whatIsSentIsWhatIsShown) {
    const Town town;
    twin::StateSnapshot first;
    first.registry = town.district->registry;
    first.version = 1;
    first.sensors.resize(20);
    first.projects.resize(town.district->registry->projects.size());
    first.sensors[3] = {true, 1.5, core::Instant(5s), core::Instant(6s), core::Instant(9s), twin::Quality::uncertain, twin::Age::late, 2, 1};
    twin::Alarm alarm;
    alarm.id = "A-000001";
    alarm.dedupKey = "event|x";
    alarm.severity = 2;
    alarm.suppressed = twin::Suppressed::byDesign;
    alarm.suppressedBy = "R-1";
    alarm.chattering = true;
    alarm.events = {"e1"};
    first.alarms = {alarm};
    first.flood = {true, core::Instant(7s), 12, "A-000001"};
    const std::string print = control::districtFingerprint("tiny", *town.district->registry);
    twin::StateSnapshot theirs;
    theirs.registry = town.district->registry;
    ASSERT_TRUE(control::applyAttachLine(control::attachLine(nullptr, first, print), print, theirs));
    EXPECT_EQ(theirs.sensors[3].value, 1.5);
    EXPECT_EQ(theirs.sensors[3].feed, 1);
    EXPECT_EQ(theirs.sensors[3].validUntil, core::Instant(9s));
    EXPECT_EQ(theirs.flood.firstOut, "A-000001");
    ASSERT_EQ(theirs.alarms.size(), 1u);
    EXPECT_TRUE(theirs.alarms[0].chattering);
    EXPECT_EQ(theirs.alarms[0].suppressedBy, "R-1");
    auto second = first;
    second.version = 2;
    second.sensors[4] = {true, 7, core::Instant(8s), core::Instant(8s), {}, twin::Quality::good, twin::Age::fresh, 0, 0};
    second.alarms.clear();
    const std::string delta = control::attachLine(&first, second, print);
    EXPECT_NE(delta.find("\"sensors\":[[4,"), std::string::npos); // and nothing of the third
    EXPECT_EQ(delta.find("[3,"), std::string::npos);
    ASSERT_TRUE(control::applyAttachLine(delta, print, theirs));
    EXPECT_TRUE(theirs.alarms.empty());
    EXPECT_EQ(theirs.sensors[4].value, 7);
    EXPECT_EQ(theirs.sensors[3].value, 1.5);
    EXPECT_EQ(control::applyAttachLine(delta, "another", theirs).error().code, "E_ATTACH_DISTRICT");
    for (const char* bad : {"", "[]", "{\"district\":1}", "nonsense"})
        EXPECT_FALSE(control::applyAttachLine(bad, print, theirs)) << bad;
    EXPECT_EQ(control::applyAttachLine("{\"district\":\"" + print + "\"}", print, theirs).error().code, "E_ATTACH_LINE");
}

TEST(Attach, anAcknowledgementOnOneIsOnTheOtherWithinASecond) {
    if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
    Town town;
    const support::Mosquitto broker;
    const auto service = town.serve("127.0.0.1:0", broker.url());
    ASSERT_GT(service->controlPort(), 0);
    live::mqtt::ClientOptions options;
    options.address = *live::mqtt::parseAddress(broker.url());
    options.clientId = "publisher";
    options.cleanSession = true;
    live::mqtt::Client publisher(options, {});
    ASSERT_TRUE(eventually(10s, [&] { return publisher.connected() && service->snapshot()->feeds.at(0).connected; }));
    std::this_thread::sleep_for(300ms); // the subscription is on its way
    const std::string stamp = core::formatInstant(core::RealClock().now());
    for (const auto& sensor : town.district->registry->sensors)
        publisher.publish("matou/v1/tiny/obs/" + sensor.id, R"({"id":")" + sensor.id + R"(","ts":")" + stamp + R"(","value":0.1})", 0);
    publisher.publish("matou/v1/tiny/event/C-1", R"({"id":"1","ts":")" + stamp + R"(","class":"crowd","severity":2})", 1);
    ASSERT_TRUE(eventually(10s, [&] { return !service->snapshot()->alarms.empty(); }));
    const auto one = town.attach(service->controlPort(), "li-token-22"), two = town.attach(service->controlPort(), "wall-token-1");
    ASSERT_TRUE(eventually(5s, [&] { return !one->snapshot()->alarms.empty() && !two->snapshot()->alarms.empty(); }));
    EXPECT_TRUE(one->snapshot()->feeds.back().connected);
    std::size_t fresh = 0;
    for (const auto& sensor : two->snapshot()->sensors)
        fresh += sensor.known && sensor.age == twin::Age::fresh;
    EXPECT_GT(fresh, 10u);
    std::string id;
    for (const auto& alarm : one->snapshot()->alarms)
        if (alarm.workflow == twin::Workflow::unacknowledged) id = alarm.id;
    ASSERT_FALSE(id.empty());
    two->submit(acknowledge(id)); // a viewer may not
    std::this_thread::sleep_for(300ms);
    ASSERT_NE(alarmOf(*two->snapshot(), id), nullptr);
    EXPECT_EQ(alarmOf(*two->snapshot(), id)->workflow, twin::Workflow::unacknowledged);
    const auto since = std::chrono::steady_clock::now();
    one->submit(acknowledge(id));
    const auto known = [&](const Service& service) {
        const auto snapshot = service.snapshot();
        const auto* alarm = alarmOf(*snapshot, id);
        return !alarm || alarm->workflow != twin::Workflow::unacknowledged; // mild ones that are over close with it
    };
    EXPECT_TRUE(eventually(1s, [&] { return known(*one) && known(*two); }));
    std::printf("an acknowledgement on one attached program was on the other after %.0f ms\n",
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count());
    const auto snapshot = service->snapshot();
    if (const auto* alarm = alarmOf(*snapshot, id)) {
        EXPECT_EQ(alarm->acknowledgedBy, "li");
    }
}

TEST(Attach, rolesOfTokensDecide) {
    Town town;
    const auto service = town.serve();
    httplib::Client api("127.0.0.1", service->controlPort());
    const auto post = [&](const char* path, const char* token, const char* body) {
        const auto answer = api.Post(path, {{"Authorization", std::string("Bearer ") + token}}, body, "application/json");
        return answer ? answer->status : 0;
    };
    EXPECT_EQ(post("/api/v1/drill/start", "nobody", "{}"), 401);
    EXPECT_EQ(post("/api/v1/drill/start", "li-token-22", "{}"), 403);
    EXPECT_EQ(post("/api/v1/drill/start", "wu-token-33", "{}"), 200);
    EXPECT_TRUE(eventually(1s, [&] { return service->snapshot()->mode == "drill"; }));
    EXPECT_EQ(post("/api/v1/drill/stop", "wu-token-33", "{}"), 200);
    const char* out = "{\"kind\":\"out_of_service\",\"source\":\"S-001\",\"reason\":\"broken\"}";
    EXPECT_EQ(post("/api/v1/suppressions", "li-token-22", out), 403);
    EXPECT_EQ(post("/api/v1/suppressions", "wu-token-33", out), 200);
    EXPECT_EQ(post("/api/v1/suppressions", "wall-token-1", out), 403);
    EXPECT_EQ(post("/api/v1/suppressions", "common-token", "{\"zone\":\"z1\",\"reason\":\"works\",\"minutes\":30}"), 200);
    EXPECT_TRUE(eventually(1s, [&] { return service->snapshot()->suppressions.size() == 2; }));
    const auto state = Json::parse(api.Get("/api/v1/state")->body);
    EXPECT_EQ(state["suppressions"].size(), 2u);
    const std::string rule = state["suppressions"][0]["id"];
    EXPECT_EQ(post(("/api/v1/suppressions/" + rule + "/end").c_str(), "wu-token-33", ""), 200);
    EXPECT_EQ(post(("/api/v1/suppressions/" + rule + "/end").c_str(), "wu-token-33", ""), 404);
    EXPECT_EQ(Json::parse(api.Get("/api/v1/whoami", {{"Authorization", "Bearer wu-token-33"}})->body)["role"], "duty_lead");
    EXPECT_EQ(Json::parse(api.Get("/api/v1/whoami")->body)["role"], "viewer");
    EXPECT_FALSE(control::tokensFromText("viewer a short", "f"));
    EXPECT_EQ(control::tokensFromText("\nking a long-enough", "f").error().where, "f:2");
}

TEST(Attach, aServiceThatGoesIsSaidAgesGoOnAndItsReturnIsSeen) {
    Town town;
    auto service = town.serve();
    const int port = service->controlPort();
    const auto shown = town.attach(port, "");
    ASSERT_TRUE(shown->snapshot()->feeds.back().connected);
    service.reset();
    EXPECT_TRUE(eventually(6s, [&] { return !shown->snapshot()->feeds.back().connected; }));
    EXPECT_NE(shown->snapshot()->feeds.back().lastError.find("E_ATTACH_LOST"), std::string::npos);
    const auto now = shown->snapshot()->now;
    EXPECT_TRUE(eventually(2s, [&] { return shown->snapshot()->now > now + 500ms; }));
    service = town.serve("127.0.0.1:" + std::to_string(port));
    EXPECT_TRUE(eventually(6s, [&] { return shown->snapshot()->feeds.back().connected; }));
}

TEST(Attach, aCommandThatIsNotCarriedOutIsSaidAndOneThatCouldNotBeSentIsSentLater) {
    Town town;
    auto service = town.serve();
    const int port = service->controlPort();
    const auto wall = town.attach(port, "wall-token-1"), desk = town.attach(port, "wu-token-33");
    const auto drill = [](bool on) {
        command::Command command;
        command.at = core::RealClock().now();
        command.body = command::SetDrill{on};
        return command;
    };
    wall->submit(drill(true)); // a viewer
    EXPECT_TRUE(eventually(3s, [&] { return wall->snapshot()->feeds.back().lastError.find("/api/v1/drill/start") != std::string::npos; }));
    EXPECT_TRUE(wall->snapshot()->feeds.back().connected);
    service.reset();
    EXPECT_TRUE(eventually(6s, [&] { return !desk->snapshot()->feeds.back().connected; }));
    desk->submit(drill(true));
    std::this_thread::sleep_for(700ms);
    service = town.serve("127.0.0.1:" + std::to_string(port));
    EXPECT_TRUE(eventually(6s, [&] { return service->snapshot()->mode == "drill"; }));
}
