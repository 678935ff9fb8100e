#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/json.h"
#include "district/district.h"
#include "simulate/incidents.h"
#include "simulate/scenario.h"
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

TEST(Scenario, isNamedWithItsMinutesAndNothingElse) {
    EXPECT_EQ(simulate::scenarioFrom("storm", kStart)->length, 120min);
    EXPECT_EQ(simulate::scenarioFrom("drill", kStart)->length, 15min);
    EXPECT_EQ(simulate::scenarioFrom("gateway-loss:3", kStart)->length, 3min);
    EXPECT_EQ(simulate::scenarioFrom("storm:7", kStart)->begin, kStart);
    for (const char* wrong : {"", "rain", "storm:", "storm:0", "storm:1441", "storm:5x", "storm: 5", "storm:5:5", "drill:-1"})
        EXPECT_EQ(simulate::scenarioFrom(wrong, kStart).error().code, "E_SIMULATE_SCENARIO") << wrong;
}

TEST(Scenario, isTheSameWhereverTheRunStartsAndNothingOutsideItsTime) {
    const auto registry = tiny();
    const auto begin = kStart + 10min;
    const auto stormy = [&](std::uint64_t seed) {
        std::vector<simulate::Course> courses;
        for (const char* name : {"storm:20", "drill:5"})
            courses.push_back(*simulate::Course::open(*registry, seed, *simulate::scenarioFrom(name, begin)));
        return Simulator(registry, {"tiny", seed, 0}, courses);
    };
    const auto between = [](Simulator simulator, core::Instant from, core::Instant to, core::Duration step) {
        std::string result;
        for (auto at = from; at < to; at += step)
            simulator.play(at, std::min(at + step, to), [&](const Message& m) { result += m.topic + " " + m.payload + "\n"; });
        return result;
    };
    const auto whole = between(stormy(7), kStart, kStart + 40min, 40min);
    EXPECT_EQ(whole, between(stormy(7), kStart, kStart + 40min, 250ms));
    EXPECT_TRUE(whole.ends_with(between(stormy(7), kStart + 15min, kStart + 40min, 25min)));
    const auto plain = between(Simulator(registry, {"tiny", 7, 0}), kStart, kStart + 40min, 40min);
    EXPECT_NE(whole, plain);
    EXPECT_TRUE(whole.starts_with(between(Simulator(registry, {"tiny", 7, 0}), kStart, begin, 10min)));
    EXPECT_TRUE(whole.ends_with(between(Simulator(registry, {"tiny", 7, 0}), begin + 20min, kStart + 40min, 10min)));
    EXPECT_NE(between(stormy(8), begin, begin + 5min, 5min), between(stormy(7), begin, begin + 5min, 5min));
}

TEST(Scenario, aStormRaisesTheRiverOverItsThresholdsAndLetsItDownAgain) {
    const auto registry = tiny();
    const auto course = *simulate::Course::open(*registry, 7, *simulate::scenarioFrom("storm", kStart));
    const auto& river = registry->sensors[registry->sensorIndex.at("S-001")];
    double highest = 0, before = 2;
    for (auto at = kStart; at <= kStart + 120min; at += 10s) {
        const double level = course.reading(river, at, 2);
        EXPECT_LT(std::abs(level - before), 0.02); // water has no steps
        highest = std::max(highest, before = level);
    }
    EXPECT_GT(highest, river.thresholds[0].value);
    EXPECT_LT(highest, river.thresholds[1].value * 1.1);
    EXPECT_EQ(before, 2);
}

TEST(Scenario, aDistrictWithoutWhatItIsAboutIsAnError) {
    const twin::Registry empty;
    for (const char* name : {"storm", "drill", "gateway-loss"})
        EXPECT_EQ(simulate::Course::open(empty, 1, *simulate::scenarioFrom(name, kStart)).error().code, "E_SIMULATE_NOTHING") << name;
    EXPECT_FALSE(simulate::Course::open(*tiny(), 1, *simulate::scenarioFrom("gateway-loss", kStart)));
}
