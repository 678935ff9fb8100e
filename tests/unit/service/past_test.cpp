// Looking back: what history gives for a moment is what the live state showed then.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <httplib.h>

#include "history/history.h"
#include "service/past.h"
#include "service/service.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace std::chrono_literals;
using service::Service;
using Json = nlohmann::json;

namespace {

struct Shown {
    std::string id;
    int severity;
    twin::Condition condition;
    twin::Workflow workflow;
    bool operator==(const Shown&) const = default;
};
std::vector<Shown> shownOf(const twin::StateSnapshot& snapshot) {
    std::vector<Shown> result;
    for (const auto& alarm : snapshot.alarms)
        result.push_back({alarm.id, alarm.severity, alarm.condition, alarm.workflow});
    std::sort(result.begin(), result.end(), [](const Shown& a, const Shown& b) { return a.id < b.id; });
    return result;
}
void PrintTo(const Shown& shown, std::ostream* out) {
    *out << shown.id << " severity " << shown.severity << " condition " << static_cast<int>(shown.condition)
         << " workflow " << static_cast<int>(shown.workflow);
}

} // namespace

TEST(Past, isWhatTheLiveStateShowedThen) {
    const support::TemporaryFolder folder("past");
    support::writeTinyDistrict(folder.path / "d");
    const auto district = std::make_shared<const district::District>(*district::District::open(folder.path / "d"));
    const auto clock = std::make_shared<core::ManualClock>(district->start);
    service::ServiceOptions options;
    options.district = district;
    options.clock = clock;
    options.history = folder.path / "h.db";
    options.ownLane = false;
    std::vector<std::shared_ptr<const twin::StateSnapshot>> live;
    {
        const auto service = std::move(*Service::start(std::move(options)));
        for (int step = 0; step < 900; ++step) {
            clock->advance(10s);
            auto snapshot = service->advance();
            // Operators are at work, too.
            if (step % 7 == 3)
                for (const auto& alarm : snapshot->alarms)
                    if (alarm.workflow == twin::Workflow::unacknowledged) {
                        command::Command ack;
                        ack.actor = "li";
                        ack.body = command::AlarmAction{alarm.id, step % 2 ? "ack" : "comment", "看过"};
                        service->submit(ack);
                        break;
                    }
            if (step % 90 == 40) live.push_back(service->advance());
        }
    }
    core::Diagnostics remarks;
    const auto history = history::History::open(folder.path / "h.db", clock->now(), remarks);
    ASSERT_TRUE(history);
    std::size_t alarms = 0, values = 0;
    for (const auto& then : live) {
        const auto past = service::pastState(*district, *history, then->now);
        ASSERT_TRUE(past);
        EXPECT_EQ(past->mode, "replay");
        EXPECT_EQ(past->now, then->now);
        EXPECT_EQ(shownOf(*past), shownOf(*then));
        alarms += then->alarms.size();
        ASSERT_EQ(past->sensors.size(), then->sensors.size());
        for (std::size_t i = 0; i < then->sensors.size(); ++i) {
            const auto &a = past->sensors[i], &b = then->sensors[i];
            EXPECT_EQ(a.known, b.known) << i;
            EXPECT_EQ(a.value, b.value) << district->registry->sensors[i].id;
            EXPECT_EQ(a.eventTime, b.eventTime) << i;
            EXPECT_EQ(a.age, b.age) << i;
            values += a.known;
        }
    }
    EXPECT_GT(alarms, 10u);
    EXPECT_GT(values, 100u);
    // Before anything was: nothing.
    const auto before = service::pastState(*district, *history, district->start - 24h);
    ASSERT_TRUE(before);
    EXPECT_TRUE(before->alarms.empty());
    EXPECT_EQ(before->sensors.at(0).age, twin::Age::never);
}

TEST(Past, whatCameLateWasNotKnownThen) {
    const support::TemporaryFolder folder("past");
    support::writeTinyDistrict(folder.path / "d");
    const auto district = *district::District::open(folder.path / "d");
    core::Diagnostics remarks;
    auto history = *history::History::open("", district.start, remarks);
    const core::Instant noon = district.start + 12h;
    twin::Observation observation;
    observation.sensor = district.registry->sensors.at(0).id;
    observation.eventTime = observation.receiveTime = noon;
    observation.value = 1;
    history.addObservation(observation);
    observation.eventTime = noon + 1min; // came an hour later
    observation.receiveTime = noon + 1h;
    observation.value = 2;
    history.addObservation(observation);
    ASSERT_TRUE(history.flushObservations());
    EXPECT_EQ(service::pastState(district, history, noon + 30min)->sensors.at(0).value, 1);
    EXPECT_EQ(service::pastState(district, history, noon + 2h)->sensors.at(0).value, 2);
    EXPECT_FALSE(service::pastState(district, history, noon - 1s)->sensors.at(0).known);
}

TEST(Past, theControlApiTellsItByTime) {
    const support::TemporaryFolder folder("past");
    support::writeTinyDistrict(folder.path / "d");
    service::ServiceOptions options;
    options.district = std::make_shared<const district::District>(*district::District::open(folder.path / "d"));
    const auto clock = std::make_shared<core::ManualClock>(options.district->start);
    options.clock = clock;
    options.control = "127.0.0.1:0";
    options.controlToken = "t0ken-for-tests";
    const auto service = std::move(*Service::start(std::move(options)));
    httplib::Client client("127.0.0.1", service->controlPort());
    for (int i = 0; i < 20; ++i) {
        clock->advance(60s);
        std::this_thread::sleep_for(25ms);
    }
    const auto answer = client.Get(("/api/v1/state?at=" + core::formatInstant(clock->now() - 5min)).c_str());
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200);
    const Json state = Json::parse(answer->body);
    EXPECT_EQ(state["mode"], "replay");
    EXPECT_EQ(state["now"], core::formatInstant(clock->now() - 5min));
    EXPECT_EQ(client.Get(("/api/v1/alarms?at=" + core::formatInstant(clock->now())).c_str())->status, 200);
    EXPECT_EQ(client.Get(("/api/v1/state?at=" + core::formatInstant(clock->now() + 1h)).c_str())->status,
              400); // not yet
    EXPECT_EQ(client.Get("/api/v1/state?at=noon")->status, 400);
    EXPECT_EQ(Json::parse(client.Get("/api/v1/state")->body)["mode"], "live");
}
