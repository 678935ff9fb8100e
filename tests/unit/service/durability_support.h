#pragma once
// What the tests of things that break share: a broker that keeps, a steady sender, the state side's words.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <httplib.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "history/history.h"
#include "live/mqtt_client.h"
#include "service/service.h"
#include "support/mosquitto.h"
#include "support/program.h"
#include "support/tiny_district.h"

namespace matou::durability {
using namespace std::chrono_literals;
using live::mqtt::Client;
using Json = nlohmann::json;
using Steady = std::chrono::steady_clock;

inline int rounds(int usual) {
    const char* wanted = std::getenv("MATOU_ROUNDS");
    return wanted ? std::max(1, std::atoi(wanted)) : usual;
}

template <typename Condition>
bool eventually(Steady::duration patience, Condition condition) {
    const auto until = Steady::now() + patience;
    while (!condition()) {
        if (Steady::now() > until) return false;
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

inline double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

inline std::string eventPayload(int number) {
    return R"({"id":")" + std::to_string(number) + R"(","ts":")" + core::formatInstant(core::RealClock().now()) +
           R"(","class":"litter","camera":"C-1"})";
}

inline std::set<std::string> storedIds(const std::string& file, std::size_t& rows) {
    core::Diagnostics remarks;
    const auto history = history::History::open(file, {}, remarks);
    EXPECT_TRUE(history);
    EXPECT_TRUE(remarks.empty()); // integrity is checked at opening
    std::set<std::string> ids;
    const auto events = *history->events({.limit = 10000000});
    rows = events.size();
    for (const auto& row : events)
        ids.insert(row.id);
    return ids;
}

class Durability : public testing::Test {
protected:
    void SetUp() override {
        if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
        support::writeTinyDistrict(folder.path / "d");
        startBroker("autosave_interval 1\nautosave_on_changes true\nset_tcp_nodelay true\n");
    }
    void startBroker(const std::string& more) {
        broker.reset();
        broker = std::make_unique<support::Mosquitto>(
            folder.path / "broker", "listener PORT 127.0.0.1\nallow_anonymous true\npersistence true\n" + more +
                                        "max_queued_messages 0\npersistence_location " + (folder.path / "broker/").string());
    }
    std::vector<std::string> serving(const std::string& control = "none") const {
        return {"serve", (folder.path / "d").string(), "--mqtt", broker->url(), "--history", file(), "--control", control};
    }
    std::string file() const { return (folder.path / "h.db").string(); }
    std::unique_ptr<Client> client(const std::string& id, live::mqtt::ClientCallbacks callbacks = {},
                                   std::vector<live::mqtt::Subscription> subscriptions = {}) {
        live::mqtt::ClientOptions options;
        options.address = *live::mqtt::parseAddress(broker->url());
        options.clientId = id;
        options.cleanSession = subscriptions.empty();
        options.subscriptions = std::move(subscriptions);
        options.firstWait = core::Duration(100);
        options.lastWait = core::Duration(1000);
        auto made = std::make_unique<Client>(std::move(options), std::move(callbacks));
        EXPECT_TRUE(eventually(10s, [&] { return made->connected(); }));
        return made;
    }
    support::TemporaryFolder folder{"durability"};
    std::filesystem::path program = support::testFolder() / "state_side";
    std::unique_ptr<support::Mosquitto> broker;
};

/// So many a second, from a thread of its own, at QoS 1.
class Publisher {
public:
    Publisher(Client& client, int perSecond) : _client(client), _thread([this, perSecond] { run(perSecond); }) {}
    ~Publisher() { stop(); }
    int stop() {
        _ending = true;
        if (_thread.joinable()) _thread.join();
        return _sent;
    }
    int sent() const { return _sent; }

private:
    void run(int perSecond) {
        const auto begun = Steady::now();
        while (!_ending) {
            const auto due = static_cast<int>(std::chrono::duration<double>(Steady::now() - begun).count() * perSecond);
            while (_sent < due && !_ending)
                if (_client.publish("matou/v1/tiny/event/C-" + std::to_string(_sent % 4 + 1), eventPayload(_sent), 1))
                    ++_sent;
                else
                    std::this_thread::sleep_for(5ms);
            std::this_thread::sleep_for(5ms);
        }
    }
    Client& _client;
    std::atomic<bool> _ending{false};
    std::atomic<int> _sent{0};
    std::thread _thread;
};

/// What the control API on that port of loopback says; null where nobody answers.
inline Json stateOf(int port, const std::string& path = "/api/v1/state") {
    httplib::Client api("127.0.0.1", port);
    const auto answer = api.Get(path);
    return answer ? Json::parse(answer->body, nullptr, false) : Json();
}
/// What the operator is told of the history; empty while all is well.
inline std::string errorOfHistory(const Json& state) {
    if (!state.is_object()) return "";
    for (const auto& feed : state["feeds"])
        if (feed["id"] == "history") return feed["last_error"];
    return "";
}

} // namespace matou::durability
