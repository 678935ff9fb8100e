// The state side with a real broker: mosquitto, started and killed here.

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "history/history.h"
#include "live/mqtt_client.h"
#include "service/replay.h"
#include "service/service.h"
#include "support/mosquitto.h"
#include "support/program.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace std::chrono_literals;
using live::mqtt::Client;
using service::Service;
using Json = nlohmann::json;

namespace {

class Broker : public testing::Test {
protected:
    void SetUp() override {
        if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
        support::writeTinyDistrict(folder.path / "d");
        district = std::make_shared<const district::District>(*district::District::open(folder.path / "d"));
        broker = std::make_unique<support::Mosquitto>();
        ASSERT_TRUE(support::listening(broker->port()));
    }
    std::unique_ptr<Service> serve(const std::string& history = "", const std::string& record = "") {
        service::ServiceOptions options;
        options.district = district;
        options.clock = std::make_shared<core::RealClock>();
        options.mqttUrl = broker->url();
        options.history = history;
        options.record = record;
        auto started = Service::start(std::move(options));
        EXPECT_TRUE(started);
        return std::move(*started);
    }
    std::unique_ptr<Client> publisher() {
        live::mqtt::ClientOptions options;
        options.address = *live::mqtt::parseAddress(broker->url());
        options.clientId = "test-publisher";
        options.cleanSession = true;
        auto client = std::make_unique<Client>(options, live::mqtt::ClientCallbacks{});
        EXPECT_TRUE(eventually(10s, [&] { return client->connected(); }));
        return client;
    }
    std::unique_ptr<support::Program> simulate(const std::string& rate = "40") {
        return std::make_unique<support::Program>(
            support::testFolder() / "state_side",
            std::vector<std::string>{"simulate", (folder.path / "d").string(), "--mqtt", broker->url(), "--rate", rate},
            folder.path / "simulate.log");
    }
    template <typename Condition>
    static bool eventually(std::chrono::steady_clock::duration patience, Condition condition) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(20ms);
        }
        return true;
    }
    static std::size_t fresh(const Service& service) {
        std::size_t count = 0;
        for (const auto& sensor : service.snapshot()->sensors)
            count += sensor.age == twin::Age::fresh;
        return count;
    }

    support::TemporaryFolder folder{"broker"};
    std::shared_ptr<const district::District> district;
    std::unique_ptr<support::Mosquitto> broker;
};

std::string eventPayload(int number) {
    return R"({"id":")" + std::to_string(number) + R"(","ts":")" + core::formatInstant(core::RealClock().now()) +
           R"(","class":"litter","camera":"C-1"})";
}

} // namespace

TEST_F(Broker, aKilledBrokerLosesNoSensorAllAreFreshAgain) {
    const auto service = serve();
    const auto simulator = simulate();
    ASSERT_TRUE(eventually(15s, [&] { return fresh(*service) == 20; }));
    EXPECT_TRUE(service->snapshot()->feeds.at(0).connected);
    broker->kill();
    EXPECT_TRUE(eventually(5s, [&] { return !service->snapshot()->feeds.at(0).connected; }));
    std::this_thread::sleep_for(10s);
    const auto away = service->snapshot();
    for (const auto& sensor : away->sensors)
        EXPECT_TRUE(sensor.known); // the last word stays, and its age is shown
    EXPECT_LT(fresh(*service), 20u);
    EXPECT_FALSE(away->feeds.at(0).lastError.empty());
    ASSERT_TRUE(broker->start());
    const auto back = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually(15s, [&] { return fresh(*service) == 20; }));
    std::printf("all fresh again %.1f s after the broker came back\n",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - back).count());
    EXPECT_EQ(service->snapshot()->feeds.at(0).invalid, 0u);
}

TEST_F(Broker, aThousandMalformedPayloadsRaiseInvalidByAThousandAndNothingElse) {
    const auto service = serve();
    const auto client = publisher();
    const std::string good =
        R"({"id":"S-001","ts":")" + core::formatInstant(core::RealClock().now()) + R"(","value":2.5})";
    ASSERT_TRUE(eventually(10s, [&] { return service->snapshot()->feeds.at(0).connected; }));
    std::this_thread::sleep_for(300ms); // the subscription is on its way
    client->publish("matou/v1/tiny/obs/S-001", good, 1);
    ASSERT_TRUE(eventually(10s, [&] { return service->snapshot()->feeds.at(0).applied == 1; }));
    const auto before = service->snapshot();

    std::minstd_rand random(7);
    for (int i = 0; i < 1000; ++i) {
        std::string payload = i % 2 ? eventPayload(i) : good;
        switch (i % 5) {
        case 0:
            payload.resize(random() % (payload.size() - 1));
            break; // cut
        case 1:
            payload[0] = '[';
            break;
        case 2:
            payload.assign(1 + random() % 200, static_cast<char>(random() % 256));
            break;
        case 3:
            payload.replace(payload.find("\"id\":\""), 6, "\"id\":7,\"x\":\"");
            break; // wrong type
        case 4:
            payload = "{\"id\":\"1\",\"ts\":\"yesterday\",\"value\":1,\"class\":\"fire\"}";
            break;
        }
        ASSERT_TRUE(client->publish(i % 2 ? "matou/v1/tiny/event/C-1" : "matou/v1/tiny/obs/S-001", payload, 1));
    }
    EXPECT_TRUE(eventually(20s, [&] { return service->snapshot()->feeds.at(0).received >= 1001; }));
    std::this_thread::sleep_for(500ms);
    const auto after = service->snapshot();
    EXPECT_EQ(after->feeds.at(0).invalid, before->feeds.at(0).invalid + 1000);
    EXPECT_EQ(after->feeds.at(0).received, 1001u);
    EXPECT_EQ(after->feeds.at(0).applied, before->feeds.at(0).applied);
    EXPECT_EQ(after->feeds.at(0).dropped, 0u);
    EXPECT_EQ(after->alarms.size(), before->alarms.size());
    EXPECT_EQ(after->eventsStored, 0u);
    EXPECT_DOUBLE_EQ(after->sensors.at(0).value, 2.5);
    EXPECT_TRUE(after->feeds.at(0).connected);
    EXPECT_NE(after->feeds.at(0).lastError.find("topic matou/v1/tiny/"), std::string::npos);
    // And it still listens.
    client->publish("matou/v1/tiny/event/C-1", eventPayload(99999), 1);
    EXPECT_TRUE(eventually(10s, [&] { return service->snapshot()->eventsStored == 1; }));
}

TEST_F(Broker, aPayloadOverTheLimitIsCountedAndDoesNotBlockTheFeed) {
    const auto service = serve();
    const auto client = publisher();
    ASSERT_TRUE(eventually(10s, [&] { return service->snapshot()->feeds.at(0).connected; }));
    std::this_thread::sleep_for(300ms);
    client->publish("matou/v1/tiny/event/C-1", std::string(3 << 20, ' '), 1);
    client->publish("matou/v1/tiny/event/C-1", eventPayload(1), 1);
    EXPECT_TRUE(eventually(20s, [&] { return service->snapshot()->eventsStored == 1; }));
    EXPECT_EQ(service->snapshot()->feeds.at(0).invalid, 1u);
}

TEST_F(Broker, whatAKilledServiceDidNotConfirmComesAgainAndNothingIsLostOrDoubled) {
    const auto program = support::testFolder() / "state_side";
    const std::string file = (folder.path / "h.db").string();
    const std::vector<std::string> arguments{
        "serve", (folder.path / "d").string(), "--mqtt", broker->url(), "--history", file, "--control", "none"};
    // Once quietly, so that the broker knows the session.
    {
        support::Program serve(program, arguments, folder.path / "serve.log");
        std::this_thread::sleep_for(1500ms);
        EXPECT_EQ(serve.end(SIGTERM), 0) << serve.output();
    }
    const auto client = publisher();
    int sent = 0;
    for (int round = 0; round < 4; ++round) {
        support::Program serve(program, arguments, folder.path / "serve.log");
        const auto until = std::chrono::steady_clock::now() + 600ms + 130ms * round;
        while (std::chrono::steady_clock::now() < until) {
            for (int i = 0; i < 20; ++i, ++sent)
                ASSERT_TRUE(
                    client->publish("matou/v1/tiny/event/C-" + std::to_string(sent % 4 + 1), eventPayload(sent), 1));
            std::this_thread::sleep_for(10ms);
        }
        EXPECT_EQ(serve.end(SIGKILL), -SIGKILL);
    }
    ASSERT_TRUE(eventually(10s, [&] { return client->unconfirmed() == 0; }));
    const auto service = this->serve(file);
    EXPECT_TRUE(eventually(20s, [&] { return service->snapshot()->eventsStored >= static_cast<std::uint64_t>(sent); }));
    service->stop();
    core::Diagnostics remarks;
    const auto stored = history::History::open(file, {}, remarks);
    ASSERT_TRUE(stored);
    EXPECT_TRUE(remarks.empty());
    const auto rows = *stored->events({.limit = 1000000});
    std::set<std::string> ids;
    for (const auto& row : rows)
        EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(sent));
    std::printf("%d events over 4 kills: %zu stored\n", sent, ids.size());
}

TEST_F(Broker, aWrongPasswordOrNoBrokerIsSaidAndTriedOn) {
    const int nowhere = support::freePort();
    service::ServiceOptions options;
    options.district = district;
    options.clock = std::make_shared<core::RealClock>();
    options.mqttUrl = "mqtt://127.0.0.1:" + std::to_string(nowhere);
    const auto service = std::move(*Service::start(std::move(options)));
    EXPECT_TRUE(eventually(5s, [&] { return !service->snapshot()->feeds.at(0).lastError.empty(); }));
    EXPECT_NE(service->snapshot()->feeds.at(0).lastError.find("E_MQTT_CONNECT"), std::string::npos);
    // One alarm for the feed, not one for each of its twenty sensors.
    EXPECT_TRUE(eventually(15s, [&] { return service->snapshot()->alarms.size() == 1; }));
    EXPECT_EQ(service->snapshot()->alarms.at(0).alarmClass, "feed_lost");
}

TEST_F(Broker, aFalseAlarmIsToldToItsSourceAlsoWhenTheBrokerWasAway) {
    // One that remembers over a kill who listens: else the platform may come back after the word was said.
    broker.reset();
    broker = std::make_unique<support::Mosquitto>(
        folder.path / "broker", "listener PORT 127.0.0.1\nallow_anonymous true\npersistence true\nautosave_interval 1\n"
                                "autosave_on_changes true\npersistence_location " +
                                    (folder.path / "broker/").string());
    const auto service = serve((folder.path / "h.db").string());
    std::mutex mutex;
    std::vector<live::mqtt::Publish> told;
    live::mqtt::ClientOptions options;
    options.address = *live::mqtt::parseAddress(broker->url());
    options.clientId = "ai-platform";
    options.cleanSession = false;
    options.subscriptions = {{"matou/v1/tiny/feedback/+", 1}, {"matou/v1/tiny/audit/head", 1}};
    live::mqtt::ClientCallbacks callbacks;
    callbacks.message = [&](live::mqtt::Received received) {
        const std::lock_guard lock(mutex);
        told.push_back(std::move(received.publish));
        return true;
    };
    const Client platform(options, callbacks);
    const auto sender = publisher();
    ASSERT_TRUE(eventually(10s, [&] { return service->snapshot()->feeds.at(0).connected && platform.connected(); }));
    std::this_thread::sleep_for(300ms);
    sender->publish("matou/v1/tiny/event/C-1", eventPayload(7), 1);
    sender->publish("matou/v1/tiny/event/C-1", R"({"id":"8","ts":")" + core::formatInstant(core::RealClock().now()) +
                                                   R"(","class":"crowd","drill":true})", 1);
    ASSERT_TRUE(eventually(10s, [&] { return service->snapshot()->alarms.size() == 2; }));
    EXPECT_EQ(service->snapshot()->mode, "drill"); // marked for everybody as long as there is such an alarm
    // The broker is away when the operator decides.
    broker->kill();
    ASSERT_TRUE(eventually(10s, [&] { return !service->snapshot()->feeds.at(0).connected; }));
    for (const auto& alarm : service->snapshot()->alarms) {
        command::Command command;
        command.actor = "li";
        command.body = command::AlarmAction{alarm.id, "reject", "steam", "", 0};
        service->submit(command);
    }
    ASSERT_TRUE(eventually(5s, [&] { // but the lost feed
        const auto alarms = service->snapshot()->alarms;
        return std::all_of(alarms.begin(), alarms.end(), [](const auto& alarm) { return alarm.alarmClass == "feed_lost"; });
    }));
    ASSERT_TRUE(broker->start());
    ASSERT_TRUE(eventually(15s, [&] {
        const std::lock_guard lock(mutex);
        return !told.empty();
    }));
    std::this_thread::sleep_for(300ms);
    const std::lock_guard lock(mutex);
    ASSERT_EQ(told.size(), 1u); // nothing of the drill
    const auto json = Json::parse(told[0].payload);
    EXPECT_EQ(told[0].topic, "matou/v1/tiny/feedback/C-1");
    EXPECT_EQ(json["id"], "7");
    EXPECT_EQ(json["verdict"], "false");
    EXPECT_EQ(json["actor"], "li");
}
