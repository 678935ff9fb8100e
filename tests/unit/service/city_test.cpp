// Cases of the city's systems and flood season, from what their systems send to what the twin says – and what it never says.

#include <atomic>
#include <filesystem>
#include <mutex>

#include "control/attach_json.h"
#include "control/city_json.h"
#include "control/state_json.h"
#include "core/json.h"
#include "live/decode.h"
#include "live/mqtt_client.h"
#include "support/mosquitto.h"
#include "twin/standing.h"
#include "twin/twin_state.h"
#include "unit/service/feed_support.h"
#include "unit/service/stub_server.h"

using namespace matou;
using namespace std::chrono_literals;
using core::Json;
using tests::OneFeed;
using tests::StubServer;

namespace {

const char* kCases = R"(
[[feed.mapping]]
kind = "case"
items = "/data"
fields = { id = "/taskId", ts = "/updateTime", class = "/infoType", state = "/status", channel = "12345", department = "/dept", opened = "/reportTime", due = "/limit", lon = "/x", lat = "/y" }
classes = { 0203 = "暴露垃圾", 0105 = "占道经营" }
states = { 1 = "accepted", 3 = "handling", 9 = "closed" }
)";

std::string poll(const std::string& url, const std::string& mapping) {
    return "[[feed]]\nid = \"office\"\nkind = \"http-poll\"\nurl = \"" + url + "\"\ninterval_s = 0.2\ntimeout_s = 2\n" + mapping;
}

/// As such systems send them: with the person in it.
Json ticket(const std::string& id, const std::string& type, int status, const std::string& at) {
    return {{"taskId", id},       {"infoType", type},        {"status", status},       {"updateTime", at},          {"reportTime", "2026-01-01 08:00:00"},
            {"limit", "2026-01-02 08:00:00"}, {"dept", "市容所"}, {"x", 121.502}, {"y", 31.19}, {"callerName", "秘密甲"}, {"phone", "13800000001"},
            {"address", "秘密路1号"}, {"content", "我住在秘密路1号"}};
}

Json withId(const std::string& text, const std::string& list, const std::string& id) {
    const Json root = Json::parse(text);
    for (const auto& item : root.at(list))
        if (item["id"] == id) return item;
    return nullptr;
}

std::string allBytesIn(const std::filesystem::path& folder) {
    std::string bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) {
            std::ifstream file(entry.path(), std::ios::binary);
            bytes.append(std::istreambuf_iterator<char>(file), {});
        }
    return bytes;
}

} // namespace

TEST(Cases, placeClassAndStateArriveAndTheCallerNowhere) {
    std::mutex mutex;
    Json list = Json::array({ticket("SH-1", "0203", 1, OneFeed::ago(60)), ticket("SH-2", "7777", 3, OneFeed::ago(50)), ticket("SH-3", "0105", 42, OneFeed::ago(40))});
    list.push_back({{"taskId", "SH-4"}, {"infoType", "0105"}, {"updateTime", "soon"}, {"status", 1}});
    StubServer server([&](const auto&, auto& response) {
        const std::lock_guard lock(mutex);
        response.set_content(Json{{"data", list}}.dump(), "application/json");
    });
    OneFeed one(poll(server.url("/tickets"), kCases));
    ASSERT_TRUE(one.start());
    const auto cases = [&] { return control::casesJson(*one.service->snapshot()); };
    ASSERT_TRUE(one.soon([&] { return Json::parse(cases())["cases"].size() == 3; })) << one.feed().lastError;
    const Json first = withId(cases(), "cases", "SH-1");
    EXPECT_EQ(first["class"], "暴露垃圾");
    EXPECT_EQ(first["state"], "accepted");
    EXPECT_EQ(first["channel"], "12345");
    EXPECT_EQ(first["opened"], "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(first["overdue"], true);
    EXPECT_DOUBLE_EQ(first["place"]["lon"], 121.502);
    EXPECT_EQ(withId(cases(), "cases", "SH-2")["class"], "code:7777"); // shown as unclassified, never dropped
    EXPECT_EQ(withId(cases(), "cases", "SH-3")["state"], "code:42");
    EXPECT_GE(one.feed().unclassified, 2u);
    EXPECT_GE(one.feed().invalid, 1u);
    EXPECT_NE(one.feed().lastError.find("#/data/3"), std::string::npos) << one.feed().lastError; // located

    std::this_thread::sleep_for(300ms);
    const auto before = core::RealClock().now();
    std::this_thread::sleep_for(50ms);
    {
        const std::lock_guard lock(mutex);
        list = Json::array({ticket("SH-1", "0203", 9, OneFeed::ago(0))});
    }
    ASSERT_TRUE(one.soon([&] { return withId(cases(), "cases", "SH-1")["state"] == "closed"; }));
    EXPECT_EQ(withId(cases(), "cases", "SH-1")["open"], false);
    const auto past = one.service->past(before);
    ASSERT_TRUE(past);
    EXPECT_EQ(withId(control::casesJson(*past), "cases", "SH-1")["state"], "accepted"); // what was known then
    one.service->stop();
    one.service.reset();
    ASSERT_TRUE(one.start());
    EXPECT_EQ(withId(cases(), "cases", "SH-1")["state"], "closed"); // at once, from the history
    one.service->stop();
    for (const std::string secret : {"秘密", "13800000001"}) {
        EXPECT_EQ(cases().find(secret), std::string::npos);
        EXPECT_EQ(allBytesIn(one.path).find(secret), std::string::npos) << "on the disk";
    }
}

TEST(Cases, aDispatchedAlarmIsHandedOutAndTrackedByItsCaseNumber) {
    if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
    support::Mosquitto broker;
    OneFeed one("[[feed]]\nid = \"city\"\nkind = \"mqtt\"\nurl = \"" + broker.url() + "\"\nhand_out = true\n");
    ASSERT_TRUE(one.start());
    // The case system: takes what is handed out and answers with a number.
    std::mutex mutex;
    std::vector<live::mqtt::Publish> orders;
    live::mqtt::ClientOptions options;
    options.address = *live::mqtt::parseAddress(broker.url());
    options.clientId = "case-system";
    options.cleanSession = true;
    options.subscriptions = {{"matou/v1/tiny/handout/+", 1}};
    live::mqtt::ClientCallbacks callbacks;
    callbacks.message = [&](live::mqtt::Received received) {
        const std::lock_guard lock(mutex);
        orders.push_back(std::move(received.publish));
        return true;
    };
    live::mqtt::Client city(options, callbacks);
    ASSERT_TRUE(one.soon([&] { return one.feed().connected && city.connected(); }));
    std::this_thread::sleep_for(200ms);
    for (const char* id : {"1", "2"})
        city.publish("matou/v1/tiny/event/C-" + std::string(id), R"({"id":")" + std::string(id) + R"(","ts":")" + OneFeed::ago(0) + R"(","class":"crowd","severity":2})", 1);
    ASSERT_TRUE(one.soon([&] { return one.service->snapshot()->alarms.size() == 2; }));
    const std::string alarm = one.service->snapshot()->alarms[0].id;
    for (const char* verb : {"ack", "dispatch"}) {
        command::Command command;
        command.actor = "li";
        command.body = command::AlarmAction{alarm, verb, "城管中队", "", 0};
        one.service->submit(command);
    }
    ASSERT_TRUE(one.soon([&] {
        const std::lock_guard lock(mutex);
        return !orders.empty();
    }));
    const Json order = Json::parse(orders[0].payload);
    EXPECT_EQ(orders[0].topic, "matou/v1/tiny/handout/" + alarm);
    EXPECT_EQ(order["class"], "crowd");
    EXPECT_EQ(order["text"], "城管中队");
    EXPECT_FALSE(order.contains("actor")); // who sat there is nobody's business outside
    city.publish("matou/v1/tiny/case/PD-2026-77", R"({"id":"PD-2026-77","ts":")" + OneFeed::ago(0) + R"(","class":"人群聚集","state":"handling","channel":"grid","alarm":")" + alarm + R"("})", 1);
    ASSERT_TRUE(one.soon([&] { return !withId(control::alarmsJson(*one.service->snapshot()), "alarms", alarm)["case"].is_null(); }));
    EXPECT_EQ(withId(control::alarmsJson(*one.service->snapshot()), "alarms", alarm)["case"], (Json{{"id", "PD-2026-77"}, {"state", "handling"}}));
    const std::lock_guard lock(mutex);
    EXPECT_EQ(orders.size(), 1u); // the other alarm was given to nobody
}

TEST(FloodSeason, signalsResponseAndWorksAreShownAsTheyStand) {
    std::mutex mutex;
    Json list = Json::parse(R"([
      {"id":"W-1","ts":"now","kind":"warning","what":"rainstorm","state":"橙色","by":"区气象台"},
      {"id":"W-2","ts":"now","kind":"warning","what":"typhoon","state":"蓝色","until":"2026-01-01 00:00:00"},
      {"id":"R","ts":"now","kind":"response","state":"三级"},
      {"id":"J-1","ts":"now","kind":"ponding","state":"积水","name":"临沂路","v":"0.27","x":121.501,"y":31.19},
      {"id":"B-1","ts":"now","kind":"pump","state":"运行","used":3,"capacity":4,"v":2.5,"x":121.502,"y":31.19},
      {"id":"Z-1","ts":"now","kind":"gate","state":"旋转","x":121.503,"y":31.19},
      {"id":"A-1","ts":"now","kind":"shelter","state":"启用","used":120,"capacity":300,"x":121.504,"y":31.19},
      {"id":"X-1","ts":"now","kind":"balloon","state":"启用"}])");
    StubServer server([&](const auto&, auto& response) {
        const std::lock_guard lock(mutex);
        response.set_content(list.dump(), "application/json");
    });
    OneFeed one(poll(server.url("/flood"), R"(
[[feed.mapping]]
kind = "flood"
fields = { id = "/id", ts = "/ts", kind = "/kind", state = "/state", hazard = "/what", issuer = "/by", name = "/name", value = "/v", used = "/used", capacity = "/capacity", until = "/until", lon = "/x", lat = "/y" }
states = { "蓝色" = "blue", "橙色" = "orange", "解除" = "lifted", "三级" = "III", "积水" = "ponding", "运行" = "running", "启用" = "open" }
)"));
    {
        const std::lock_guard lock(mutex);
        for (auto& item : list) item["ts"] = OneFeed::ago(5);
    }
    ASSERT_TRUE(one.start());
    const auto flood = [&] { return Json::parse(control::floodJson(*one.service->snapshot())); };
    ASSERT_TRUE(one.soon([&] { return flood()["shelter"].size() == 1; })) << one.feed().lastError;
    const Json now = flood();
    ASSERT_EQ(now["warnings"].size(), 1u) << now; // the other ended years ago
    EXPECT_EQ(now["warnings"][0]["state"], "orange");
    EXPECT_EQ(now["warnings"][0]["hazard"], "rainstorm");
    EXPECT_EQ(now["response"]["level"], "III");
    EXPECT_DOUBLE_EQ(now["ponding"][0]["depth_m"], 0.27);
    EXPECT_EQ(now["pump"][0]["used"], 3);
    EXPECT_EQ(now["gate"][0]["state"], "code:旋转");
    EXPECT_EQ(now["shelter"][0]["capacity"], 300);
    EXPECT_TRUE(one.soon([&] { return one.feed().invalid >= 1; }));
    EXPECT_NE(one.feed().lastError.find("flood/X-1"), std::string::npos) << one.feed().lastError;
    EXPECT_EQ(one.service->snapshot()->alarms.size(), 0u); // a forecast (预警) is no alarm (告警)
    std::this_thread::sleep_for(200ms);
    const auto before = core::RealClock().now();
    std::this_thread::sleep_for(50ms);
    {
        const std::lock_guard lock(mutex);
        list[0]["state"] = "解除";
        list[0]["ts"] = OneFeed::ago(0);
    }
    ASSERT_TRUE(one.soon([&] { return flood()["warnings"].empty(); }));
    const auto past = one.service->past(before);
    ASSERT_TRUE(past);
    EXPECT_EQ(Json::parse(control::floodJson(*past))["warnings"].size(), 1u);
}

TEST(City, attachedProgramsHearWhatChangesAndWhatIsGone) {
    auto registry = std::make_shared<twin::Registry>();
    registry->index();
    const auto line = [&](const std::string& payload, const char* topic) {
        live::Message message;
        message.topic = topic;
        message.payload = payload;
        message.received = *core::parseInstant("2026-01-01T00:00:00Z");
        return *live::decode(message, "d", "f");
    };
    twin::TwinState twin(registry);
    bool news = false;
    const auto tell = [&](const std::string& id, const std::string& state) {
        twin.apply(std::get<twin::Case>(line(R"({"id":")" + id + R"(","ts":"2026-01-01T00:00:00Z","class":"x","state":")" + state + R"(","lon":121.5,"lat":31.2})", ("matou/v1/d/case/" + id).c_str())), news);
    };
    tell("1", "accepted");
    tell("2", "accepted");
    twin.apply(std::get<twin::FloodItem>(line(R"({"id":"W","ts":"2026-01-01T00:00:00Z","kind":"warning","hazard":"tide","state":"red"})", "matou/v1/d/flood/W")), news);
    const auto now = *core::parseInstant("2026-01-01T00:01:00Z");
    const auto first = twin.snapshot(now);
    twin::StateSnapshot attached;
    attached.registry = registry;
    const std::string mark = control::districtFingerprint("d", *registry);
    ASSERT_TRUE(control::applyAttachLine(control::attachLine(nullptr, first, mark), mark, attached));
    ASSERT_TRUE(attached.cases && attached.floodSeason);
    EXPECT_EQ(attached.cases->size(), 2u);
    EXPECT_EQ(twin::warningRank(attached.floodSeason->at(0)), 4);
    tell("2", "closed");
    const auto second = twin.snapshot(now + 1s);
    const std::string delta = control::attachLine(&first, second, mark);
    EXPECT_EQ(Json::parse(delta)["cases"]["changed"].size(), 1u);
    EXPECT_FALSE(Json::parse(delta).contains("flood_season"));
    ASSERT_TRUE(control::applyAttachLine(delta, mark, attached));
    EXPECT_EQ(control::casesJson(attached), control::casesJson(second));
    twin::StateSnapshot fewer = second;
    fewer.cases = std::make_shared<std::vector<twin::Case>>(1, second.cases->at(0));
    ASSERT_TRUE(control::applyAttachLine(control::attachLine(&second, fewer, mark), mark, attached));
    EXPECT_EQ(attached.cases->size(), 1u);
}

TEST(City, whatStandsIsBoundedAndOpenCasesStay) {
    twin::Standing<twin::Case> standing;
    using Told = twin::Standing<twin::Case>::Told;
    twin::Case item;
    const auto tell = [&](int number, const char* state, int second) {
        item.id = std::to_string(number);
        item.state = state;
        item.eventTime = core::Instant(std::chrono::seconds(second));
        return standing.tell(item);
    };
    for (int i = 0; i < static_cast<int>(twin::Standing<twin::Case>::kItems); ++i) ASSERT_EQ(tell(i, i == 7 ? "closed" : "accepted", i), Told::fresh);
    EXPECT_EQ(tell(-1, "accepted", 1), Told::fresh); // in the place of the closed one
    EXPECT_EQ(tell(-2, "accepted", 1), Told::noRoom);
    EXPECT_EQ(tell(8, "accepted", 8), Told::again);
    EXPECT_EQ(tell(8, "accepted", 9), Told::same);
    EXPECT_EQ(tell(8, "closed", 5), Told::older);
    EXPECT_EQ(standing.shown()->size(), twin::Standing<twin::Case>::kItems);
    EXPECT_EQ(standing.shown(), standing.shown()); // made once
}
