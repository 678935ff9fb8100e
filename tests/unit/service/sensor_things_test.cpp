// A district fed by a SensorThings service: a stub of its REST side, and a real broker for its deltas.

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "live/mqtt_client.h"
#include "live/sensor_things.h"
#include "support/mosquitto.h"
#include "unit/service/feed_support.h"
#include "unit/service/stub_server.h"

using namespace matou;
using namespace std::chrono_literals;
using core::Json;
using tests::OneFeed;
using tests::StubServer;
namespace sta = live::sta;

namespace {

/// As much of a server as the feed asks for: two datastreams a page, three observations a page.
class StubThings {
public:
    StubThings() : http([this](const auto& request, auto& response) { answer(request, response); }) {}

    void datastream(const Json& id, const std::string& name, const std::string& symbol, const std::string& definition = "", Json properties = nullptr) {
        const std::lock_guard lock(mutex);
        Json entry = {{"@iot.id", id}, {"name", name}, {"unitOfMeasurement", {{"name", symbol}, {"symbol", symbol}, {"definition", definition}}}};
        if (!properties.is_null()) entry["properties"] = properties;
        streams.push_back(entry);
    }
    Json observe(const Json& id, double result, const std::string& time) {
        const std::lock_guard lock(mutex);
        Json observation = {{"@iot.id", ++last}, {"phenomenonTime", time}, {"resultTime", nullptr}, {"result", result}};
        observations[id.dump()].push_back(observation);
        return observation;
    }
    std::string root() const { return http.url("/v1.1"); }

    std::mutex mutex;
    std::vector<Json> streams;
    std::map<std::string, std::vector<Json>> observations;
    int last = 0;
    std::atomic<int> asked{0};
    std::atomic<bool> down{false};
    std::string authorization, publicRoot;
    std::function<void(const std::string& expand)> before; // called before an answer is made

private:
    void answer(const httplib::Request& request, httplib::Response& response) {
        ++asked;
        if (before) before(request.get_param_value("$expand"));
        const std::lock_guard lock(mutex);
        authorization = request.get_header_value("Authorization");
        if (down) {
            response.status = 503;
            return;
        }
        const std::string self = publicRoot.empty() ? root() : publicRoot;
        const auto skip = static_cast<std::size_t>(std::atoi(request.get_param_value("$skip").c_str()));
        Json body = {{"value", Json::array()}};
        if (request.path == "/v1.1/Datastreams") {
            const std::string expand = request.get_param_value("$expand");
            for (std::size_t i = skip; i < std::min(skip + 2, streams.size()); ++i) {
                Json entry = streams[i];
                const auto page = pageOf(entry["@iot.id"], expand, 0, self);
                if (expand.starts_with("Observations(")) {
                    entry["Observations"] = page.first;
                    if (!page.second.empty()) entry["Observations@iot.nextLink"] = page.second;
                } else {
                    entry["Thing"] = {{"name", "a thing"}};
                }
                body["value"].push_back(entry);
            }
            if (skip + 2 < streams.size())
                body["@iot.nextLink"] = self + "/Datastreams?$expand=" + httplib::detail::encode_query_param(expand) + "&$skip=" + std::to_string(skip + 2);
        } else {
            const auto key = sta::datastreamOfTopic(request.path + "");
            const auto page = pageOf(Json::parse(*key), request.get_param_value("$expand"), skip, self);
            body["value"] = page.first;
            if (!page.second.empty()) body["@iot.nextLink"] = page.second;
        }
        response.set_content(body.dump(), "application/json");
    }
    std::pair<Json, std::string> pageOf(const Json& id, const std::string& expand, std::size_t skip, const std::string& self) {
        const auto& all = observations[id.dump()];
        Json page = Json::array();
        if (expand.find(" desc") != std::string::npos) {
            if (!all.empty()) page.push_back(*std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a["phenomenonTime"] < b["phenomenonTime"]; }));
            return {page, all.size() > 1 ? self + "/Datastreams(" + id.dump() + ")/Observations?$expand=x&$skip=1" : ""};
        }
        const auto after = expand.find("phenomenonTime gt ");
        const std::string since = after == std::string::npos ? "" : expand.substr(after + 18, 24);
        std::vector<Json> newer;
        for (const auto& observation : all)
            if (observation["phenomenonTime"].get<std::string>() > since) newer.push_back(observation);
        for (std::size_t i = skip; i < std::min(skip + 3, newer.size()); ++i) page.push_back(newer[i]);
        return {page, skip + 3 < newer.size() ? self + "/Datastreams(" + id.dump() + ")/Observations?$expand=" + httplib::detail::encode_query_param(expand) + "&$skip=" + std::to_string(skip + 3) : ""};
    }

public:
    StubServer http; // last: it calls the rest
};

class SensorThings : public testing::Test {
protected:
    void SetUp() override {
        if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
        broker = std::make_unique<support::Mosquitto>();
        things = std::make_unique<StubThings>();
        things->datastream(1, "S-001", "cm", "ucum:cm");
        things->datastream(2, "dust at the gate", "ug/m3", "", {{"sensor", "S-002"}});
        things->datastream(3, "anything", "dB");
        things->datastream(4, "somewhere", "m");
        things->datastream(5, "S-004", "m");
    }
    std::string toml(const std::string& more = "") const {
        return "[[feed]]\nid = \"frost\"\nkind = \"sensorthings\"\nurl = \"" + things->root() + "/\"\nmqtt = \"" + broker->url() + "\"\ninterval_s = 3600\ntimeout_s = 2\nids = { 3 = \"S-003\" }\n" + more;
    }
    std::unique_ptr<live::mqtt::Client> publisher() {
        live::mqtt::ClientOptions options;
        options.address = *live::mqtt::parseAddress(broker->url());
        options.clientId = "the-server";
        options.cleanSession = true;
        auto client = std::make_unique<live::mqtt::Client>(options, live::mqtt::ClientCallbacks{});
        for (int i = 0; i < 500 && !client->connected(); ++i) std::this_thread::sleep_for(20ms);
        return client;
    }
    static std::string topic(int id) { return "v1.1/Datastreams(" + std::to_string(id) + ")/Observations"; }
    static std::string now() { return OneFeed::ago(0); }

    std::unique_ptr<support::Mosquitto> broker;
    std::unique_ptr<StubThings> things;
};

} // namespace

TEST_F(SensorThings, theSnapshotComesByPagesAndADeltaIsSeenWithinASecond) {
    things->observe(1, 100, OneFeed::ago(700));
    things->observe(1, 250, OneFeed::ago(600));
    things->observe(2, 3.5, OneFeed::ago(1));
    things->observe(3, 1.25, OneFeed::ago(2) + "/" + OneFeed::ago(1));
    things->observe(4, 9, OneFeed::ago(1));
    ::setenv("MATOU_TEST_STA", "a-token", 1);
    OneFeed one(toml("secret = \"env:MATOU_TEST_STA\"\n"));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.sensor("S-003").known && one.feed().unclassified >= 1 && one.feed().connected; })) << one.feed().lastError;
    EXPECT_EQ(things->authorization, "Bearer a-token");
    EXPECT_DOUBLE_EQ(one.sensor("S-001").value, 2.5); // the newest of them, in the sensor's unit
    EXPECT_EQ(one.sensor("S-001").age, twin::Age::lost);
    EXPECT_DOUBLE_EQ(one.sensor("S-002").value, 3.5);
    EXPECT_DOUBLE_EQ(one.sensor("S-003").value, 1.25);
    EXPECT_EQ(one.feed().received, 4u);
    EXPECT_EQ(one.feed().unclassified, 1u); // datastream 4 is nobody's: kept as frost-4
    EXPECT_EQ(one.feed().invalid, 0u);

    auto server = publisher();
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_TRUE(server->publish(topic(1), things->observe(1, 333, now()).dump(), 1));
    ASSERT_TRUE(one.soon([&] { return one.sensor("S-001").value == 3.33; }));
    const auto took = std::chrono::steady_clock::now() - begun;
    std::printf("delta published -> in the state: %lld ms\n", static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    EXPECT_LT(took, 1s);
    EXPECT_EQ(one.sensor("S-001").age, twin::Age::fresh);
}

TEST_F(SensorThings, whatIsMeasuredWhileTheSnapshotIsTakenIsNeitherLostNorDoubled) {
    auto server = publisher();
    // Between the subscription and each answer something new is measured, told, and also in the answer.
    std::atomic<int> measured{0};
    things->before = [&](const std::string& expand) {
        if (!expand.starts_with("Observations(")) return;
        for (int id : {1, 2, 3}) {
            server->publish(topic(id), things->observe(id, 1 + ++measured, now()).dump(), 1);
            std::this_thread::sleep_for(3ms);
        }
    };
    OneFeed one(toml());
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return measured >= 9 && one.feed().received >= 9; })) << measured << " " << one.feed().received;
    std::this_thread::sleep_for(300ms);
    EXPECT_EQ(one.feed().received, static_cast<std::uint64_t>(measured));
}

TEST_F(SensorThings, afterABreakWhatWasMissedIsAskedForAgain) {
    OneFeed one(toml());
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.feed().connected && things->asked >= 6; }));
    broker->kill();
    ASSERT_TRUE(one.soon([&] { return !one.feed().connected; }, 15000));
    for (int i = 0; i < 8; ++i) { // more than a page of them
        things->observe(1, 100 + i, now());
        std::this_thread::sleep_for(5ms);
    }
    things->publicRoot = "http://frost.internal:8080/FROST-Server/v1.1"; // the server sits behind a gateway now
    things->down = true;                                                   // and is not quite there when the broker is
    ASSERT_TRUE(broker->start());
    ASSERT_TRUE(one.soon([&] { return one.feed().connected && one.feed().lastError.find("E_FETCH_STATUS") != std::string::npos; }, 15000)) << one.feed().lastError;
    things->down = false;
    ASSERT_TRUE(one.soon([&] { return one.feed().received >= 8; }, 15000)) << one.feed().received;
    EXPECT_EQ(one.feed().received, 8u);
    EXPECT_DOUBLE_EQ(one.sensor("S-001").value, 1.07);
}

TEST_F(SensorThings, aNewDatastreamIsSubscribedAndNonsenseIsCounted) {
    OneFeed one(toml());
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.feed().connected && things->asked >= 6; }));
    auto server = publisher();
    things->datastream(6, "S-006", "m");
    things->datastream("x/../y", "S-007", "m"); // an id that must not become an address
    server->publish("v1.1/Datastreams", "{}", 1);
    ASSERT_TRUE(one.soon([&] {
        server->publish(topic(6), things->observe(6, 4, now()).dump(), 1);
        std::this_thread::sleep_for(100ms);
        return one.sensor("S-006").known;
    }));
    const auto invalid = one.feed().invalid;
    EXPECT_GE(invalid, 1u);
    server->publish(topic(6), "{\"result\":", 1);
    server->publish(topic(6), R"({"phenomenonTime":")" + now() + R"(","result":{"no":"number"}})", 1);
    server->publish(topic(6), R"({"result":3})", 1);
    server->publish(topic(6), "[1,2]", 1);
    EXPECT_TRUE(one.soon([&] { return one.feed().invalid == invalid + 4; })) << one.feed().invalid << " " << one.feed().lastError;
}

TEST_F(SensorThings, withoutABrokerItIsAsked) {
    std::string text = toml();
    text.replace(text.find("mqtt ="), text.find("interval_s") - text.find("mqtt ="), "");
    text.replace(text.find("3600"), 4, "0.2");
    OneFeed one(text);
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.feed().connected; }));
    things->observe(1, 200, now());
    ASSERT_TRUE(one.soon([&] { return one.sensor("S-001").known; }));
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(one.feed().received, 1u); // asked for again and again, handed on once
    things->down = true;
    EXPECT_TRUE(one.soon([&] { return !one.feed().connected; }));
    things->down = false;
    EXPECT_TRUE(one.soon([&] { return one.feed().connected; }));
}

TEST(SensorThingsModel, linksUnitsAndTimesAreReadAsTheStandardHasThem) {
    const std::string root = "https://a/FROST/v1.1";
    EXPECT_EQ(*sta::linkBelow(root, root + "/Datastreams?$skip=2"), root + "/Datastreams?$skip=2");
    EXPECT_EQ(*sta::linkBelow(root, "http://inner:8080/v1.1/Datastreams?$skip=2"), root + "/Datastreams?$skip=2");
    EXPECT_FALSE(sta::linkBelow(root, "http://evil/"));
    EXPECT_FALSE(sta::readDatastreams(Json::parse("[]"), "x"));
    EXPECT_FALSE(sta::readDatastreams(Json::parse(R"({"value":3})"), "x"));
    auto page = sta::readDatastreams(Json::parse(R"({"value":[{"@iot.id":"it's"},{"@iot.id":[1]},7,{"@iot.id":"a-b","unitOfMeasurement":{"symbol":"°C","definition":"ucum:Cel"}}],"@iot.nextLink":"n"})"), "x");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->refused.size(), 3u);
    ASSERT_EQ(page->entries.size(), 1u);
    EXPECT_EQ(page->entries[0].datastream.key, "'a-b'");
    EXPECT_EQ(page->entries[0].datastream.unit, "Cel");
    EXPECT_EQ(page->next, "n");
    const auto item = sta::itemOf(page->entries[0].datastream, Json::parse(R"({"phenomenonTime":"2026-01-01T00:00:00Z/2026-01-01T01:00:00Z","result":1})"), "S");
    EXPECT_EQ(item["time"], "2026-01-01T01:00:00Z");
    EXPECT_EQ(*sta::datastreamOfTopic("v1.1/Datastreams('a-b')/Observations"), "'a-b'");
    EXPECT_FALSE(sta::datastreamOfTopic("v1.1/Datastreams"));
    EXPECT_NE(sta::identityOf(Json::parse(R"({"@iot.id":7})")), sta::identityOf(Json::parse(R"({"@iot.id":"7"})")));
    EXPECT_EQ(sta::identityOf(Json::parse(R"({"result":7})")), 0u);
}
