#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/json.h"
#include "district/district.h"
#include "simulate/incidents.h"
#include "simulate/simulator.h"
#include "support/tiny_district.h"

using namespace matou;
using simulate::Message;
using simulate::Simulator;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const twin::Registry> tiny() {
    const support::TemporaryFolder folder("simulate");
    support::writeTinyDistrict(folder.path);
    return district::District::open(folder.path)->registry;
}

const core::Instant kStart = *core::parseInstant("2025-06-15T14:30:00+08:00");

std::vector<Message> played(std::uint64_t seed, core::Instant from, core::Instant to, double rate = 0) {
    Simulator simulator(tiny(), {"tiny", seed, rate});
    std::vector<Message> result;
    simulator.play(from, to, [&](const Message& message) { result.push_back(message); });
    return result;
}

std::string bytes(const std::vector<Message>& messages) {
    std::string result;
    for (const auto& message : messages)
        result += message.topic + " " + message.payload + "\n";
    return result;
}

} // namespace

TEST(Simulator, sameSeedSameBytesWhereverTheRunStarts) {
    const auto whole = played(7, kStart, kStart + 30min);
    EXPECT_EQ(bytes(whole), bytes(played(7, kStart, kStart + 30min)));
    EXPECT_NE(bytes(whole), bytes(played(8, kStart, kStart + 30min)));

    Simulator pieces(tiny(), {"tiny", 7, 0});
    std::string together;
    for (auto at = kStart; at < kStart + 30min; at += 250ms)
        pieces.play(at, at + 250ms, [&](const Message& m) { together += m.topic + " " + m.payload + "\n"; });
    EXPECT_EQ(together, bytes(whole));

    const std::string tail = bytes(played(7, kStart + 20min, kStart + 30min));
    EXPECT_EQ(bytes(whole).substr(bytes(whole).size() - tail.size()), tail);
}

TEST(Simulator, everySensorReportsAtItsInterval) {
    std::map<std::string, int> counts;
    core::Instant before{};
    for (const auto& message : played(7, kStart, kStart + 60s)) {
        EXPECT_GE(message.at, before);
        before = message.at;
        if (message.topic.starts_with("matou/v1/tiny/obs/")) ++counts[message.topic];
    }
    EXPECT_EQ(counts.size(), 20u);
    for (const auto& [topic, count] : counts)
        EXPECT_EQ(count, 12) << topic;
}

TEST(Simulator, aHigherRateShortensIntervalsAndALowerOneIsIgnored) {
    EXPECT_NEAR(Simulator(tiny(), {"tiny", 1, 40}).rate(), 40, 0.5);
    EXPECT_NEAR(Simulator(tiny(), {"tiny", 1, 1}).rate(), 4, 0.01);
}

TEST(Simulator, lastKnowsEveryThingOnce) {
    std::set<std::string> topics;
    Simulator simulator(tiny(), {"tiny", 7, 0});
    simulator.last(kStart, [&](const Message& message) {
        EXPECT_LE(message.at, kStart);
        EXPECT_TRUE(topics.insert(message.topic).second);
    });
    EXPECT_EQ(topics.size(), 22u);
}

TEST(Simulator, valuesFollowTheDayAndStayBelievable) {
    std::map<int, std::pair<double, int>> traffic; // by Beijing hour
    int beyond = 0, all = 0;
    const auto registry = tiny();
    const auto midnight = *core::parseInstant("2025-06-15T00:00:00+08:00");
    Simulator simulator(registry, {"tiny", 7, 0});
    simulator.play(midnight, midnight + 24h, [&](const Message& message) {
        if (!message.topic.starts_with("matou/v1/tiny/obs/")) return;
        const auto json = core::Json::parse(message.payload);
        const auto& sensor = registry->sensors[registry->sensorIndex.at(json["id"])];
        const double value = json["value"];
        ++all;
        if (value < sensor.typicalMinimum || value > sensor.typicalMaximum) ++beyond;
        if (sensor.kind == "traffic") {
            auto& [sum, count] = traffic[static_cast<int>((message.at - midnight) / 1h)];
            sum += value;
            ++count;
        }
    });
    const auto mean = [&](int hour) { return traffic[hour].first / traffic[hour].second; };
    EXPECT_GT(mean(8), 3 * mean(3));
    EXPECT_GT(mean(18), 3 * mean(3));
    EXPECT_LT(beyond, all / 20);
}

TEST(Simulator, eventsAreRareMostlyUnsureAndNameTheirCamera) {
    int candidates = 0, sure = 0, others = 0;
    std::set<std::pair<std::string, std::string>> identities;
    const auto registry = tiny();
    for (std::int64_t slot = 29000000; slot < 29000000 + 60 * 24 * 30; ++slot)
        for (const auto& incident : simulate::incidentsOfSlot(*registry, 7, slot)) {
            EXPECT_TRUE(registry->cameraIndex.contains(incident.source));
            EXPECT_TRUE(identities.emplace(incident.source, incident.id).second);
            if (incident.eventClass != "fire" && incident.eventClass != "smoke")
                ++others;
            else if (incident.confidence < 0.6)
                ++candidates;
            else
                ++sure;
        }
    EXPECT_GT(candidates, 20);
    EXPECT_GT(sure, 20);
    EXPECT_GT(others, 100);
    EXPECT_LT(candidates + sure + others, 60 * 24 * 30 / 5);
}
