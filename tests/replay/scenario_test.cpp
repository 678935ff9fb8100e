// What `matou simulate --scenario` plays, and what the twin says to it: the same seed gives the same recording, a recording the same
// alarm log, byte for byte, each time; a storm is a flood of alarms that ends, a drill is marked everywhere, a gateway is one alarm.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <nlohmann/json.hpp>

#include "control/state_json.h"
#include "core/file.h"
#include "live/recording.h"
#include "service/replay.h"
#include "service/service.h"
#include "service/state_lane.h"
#include "support/program.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace std::chrono_literals;

namespace {

/// The tiny district on a river that floods its streets: gauges of standing water, a pump, and a gateway for most.
void writeWetDistrict(const std::filesystem::path& folder) {
    support::writeTinyDistrict(folder);
    const auto file = folder / "layers/sensors.geojson";
    auto sensors = nlohmann::ordered_json::parse(*core::readTextFile(file, 1 << 20));
    for (auto& feature : sensors["features"]) {
        auto& sensor = feature["properties"];
        if (sensor["kind"] == "smoke") {
            sensor["kind"] = "ponding";
            sensor["unit"] = "cm";
            sensor["typical_max"] = 2;
            sensor["thresholds"] = {{{"severity", 4}, {"op", "above"}, {"value", 5}, {"hysteresis", 1}, {"on_delay_s", 10}},
                                    {{"severity", 3}, {"op", "above"}, {"value", 15}, {"hysteresis", 2}, {"on_delay_s", 10}}};
        }
        if (sensor["id"] == "S-005") sensor["kind"] = "pump";
        if (sensor["kind"] != "water_level") sensor["gateway"] = "GW-1";
    }
    ASSERT_TRUE(core::writeFile(file, sensors.dump()));
}

class Scenarios : public testing::Test {
protected:
    void SetUp() override { writeWetDistrict(folder.path / "d"); }
    std::shared_ptr<const district::District> district() const {
        return std::make_shared<const district::District>(*district::District::open(folder.path / "d"));
    }
    /// `matou simulate` to a recording, from the evening of 1 July 2025; its bytes.
    std::string simulated(const std::string& name, std::vector<std::string> more) const {
        const auto file = folder.path / name;
        std::vector<std::string> arguments{"simulate", (folder.path / "d").string(), "--record-feed", file.string(), "--time", "2025-07-01T18:00:00+08:00"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        support::Program program(support::testFolder() / "state_side", arguments, folder.path / "log");
        EXPECT_EQ(program.end(), 0) << program.output();
        return core::readTextFile(file, std::size_t{64} << 20).value_or("");
    }
    std::string replayed(const std::string& name) const {
        const auto result = service::replay(district(), folder.path / name);
        EXPECT_TRUE(result);
        EXPECT_EQ(result->invalid, 0u);
        return result->alarmLog;
    }
    /// The state side after the first `length` of a recording, and when that was.
    std::pair<std::unique_ptr<service::StateLane>, core::Instant> played(const std::string& name, core::Duration length) const {
        core::Diagnostics remarks;
        service::FeedLedger feed;
        feed.id = "mqtt";
        feed.kind = "mqtt"; // one that is told what was rejected
        auto lane = std::move(*service::StateLane::open(district(), std::move(*history::History::open({}, {}, remarks)), {feed}));
        auto reader = std::move(*live::RecordingReader::open(folder.path / name));
        const auto end = *core::parseInstant("2025-07-01T18:00:00+08:00") + length;
        for (auto message = reader.next(); message && *message && (*message)->received <= end; message = reader.next())
            lane->process({**message});
        return {std::move(lane), end};
    }
    support::TemporaryFolder folder{"scenario"};
};

/// Lines that hold both.
int count(const std::string& log, const std::string& piece, const std::string& other = "") {
    int result = 0;
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);)
        result += line.find(piece) != std::string::npos && line.find(other) != std::string::npos;
    return result;
}

} // namespace

TEST_F(Scenarios, theSameSeedIsTheSameStormAndItsRecordingTheSameLogTwice) {
    const std::vector<std::string> storm{"--scenario", "storm:60", "--seed", "9"};
    const auto first = simulated("a.jsonl", storm);
    ASSERT_GT(first.size(), 100000u);
    EXPECT_EQ(first, simulated("b.jsonl", storm));
    EXPECT_NE(first, simulated("c.jsonl", {"--scenario", "storm:60", "--seed", "4"}));
    const auto log = replayed("a.jsonl");
    EXPECT_EQ(log, replayed("b.jsonl"));
    EXPECT_EQ(log, replayed("a.jsonl"));
    std::printf("a storm of 60 minutes: %zu bytes, alarm log of %d lines, the same twice\n", first.size(), count(log, ""));
}

TEST_F(Scenarios, aStormIsAFloodOfAlarmsThatPassesWithIt) {
    simulated("storm.jsonl", {"--scenario", "storm:60", "--seed", "9", "--duration", "4800"});
    simulated("plain.jsonl", {"--seed", "9", "--duration", "4800"});
    const auto log = replayed("storm.jsonl"), plain = replayed("plain.jsonl");
    EXPECT_EQ(count(plain, " water_level "), 0) << plain; // of this seed
    for (const char* river : {"S-001", "S-006", "S-011", "S-016"}) { // one water
        EXPECT_EQ(count(log, std::string(" raised S3 water_level ") + river), 1) << log;
        EXPECT_EQ(count(log, " cleared ", std::string(" water_level ") + river), 1) << log;
    }
    EXPECT_GE(count(log, " raised S4 ponding "), 2) << log;
    EXPECT_GE(count(log, " escalated S3 ponding "), 1) << log;
    EXPECT_EQ(count(log, " raised S2 device_fault S-005"), 1) << log;
    EXPECT_GE(count(log, " raised ", " flood "), 1) << log; // seen by a camera, three times
    EXPECT_EQ(count(log, " repeated ", " flood "), 2 * count(log, " raised ", " flood ")) << log;
    EXPECT_EQ(count(log, " raised S4 ponding "), count(log, " cleared ", " ponding ")) << log;
    EXPECT_EQ(count(log, "gateway_lost"), 0);
}

TEST_F(Scenarios, aDrillIsMarkedFromItsFirstSmokeToTheState) {
    const auto recording = simulated("drill.jsonl", {"--scenario", "drill", "--seed", "9"});
    EXPECT_EQ(count(recording, "\\\"drill\\\":true"), 6);
    const auto log = replayed("drill.jsonl");
    EXPECT_EQ(count(log, " candidate S2 smoke "), 1) << log;
    EXPECT_EQ(count(log, " raised S2 smoke "), 1) << log; // proved by the second look
    EXPECT_EQ(count(log, " raised S1 fire "), 1) << log;
    EXPECT_EQ(count(log, " repeated S1 fire "), 1) << log; // by the second camera
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);)
        for (const char* what : {" fire ", " smoke ", " fall "})
            if (line.find(what) != std::string::npos) {
                EXPECT_TRUE(line.ends_with(" drill")) << line;
            }

    // The state that pictures and other programs are given.
    const auto [lane, last] = played("drill.jsonl", 15min);
    const auto state = lane->snapshot(last);
    EXPECT_EQ(state->mode, "drill");
    EXPECT_NE(control::stateJson(*state, "tiny").find("\"mode\":\"drill\""), std::string::npos);
    EXPECT_FALSE(state->flood.active); // what is exercised floods nobody
    std::string fire;
    for (const auto& alarm : state->alarms) {
        if (alarm.alarmClass == "fire") fire = alarm.id;
        if (alarm.alarmClass == "fire" || alarm.alarmClass == "fall") {
            EXPECT_TRUE(alarm.drill) << alarm.id;
        }
    }
    ASSERT_FALSE(fire.empty());
    command::Command command;
    command.actor = "li";
    command.role = "duty_lead";
    command.at = last;
    command.body = command::AlarmAction{fire, "reject", "", "", 0};
    ASSERT_TRUE(lane->act(command));
    lane->commit([](std::uint32_t, std::uint64_t) {});
    EXPECT_TRUE(lane->takeOutgoing().empty()); // no source learns from an exercise
    command.body = command::SetDrill{true};
    ASSERT_TRUE(lane->act(command));
    command.body = command::SetDrill{false};
    ASSERT_TRUE(lane->act(command));
    const auto after = lane->snapshot(last);
    EXPECT_EQ(after->mode, "live");
    for (const auto& alarm : after->alarms)
        EXPECT_FALSE(alarm.drill) << alarm.id;
}

TEST_F(Scenarios, aGatewayThatFallsSilentIsOneAlarmAndItsSensorsAgeVisibly) {
    const auto recording = simulated("gateway.jsonl", {"--scenario", "gateway-loss:2", "--seed", "9", "--duration", "300"});
    const auto log = replayed("gateway.jsonl");
    EXPECT_EQ(count(log, " raised S3 gateway_lost GW-1 "), 1) << log;
    EXPECT_EQ(count(log, " cleared S3 gateway_lost GW-1 "), 1) << log;
    EXPECT_EQ(count(log, "_lost"), count(log, "gateway_lost")) << log;
    EXPECT_EQ(count(recording, "obs/S-002"), 1 + (300 - 120) / 5); // its last before, and all that came after
    EXPECT_EQ(count(recording, "obs/S-001"), 1 + 300 / 5); // has a line of its own
    const auto [lane, end] = played("gateway.jsonl", 110s);
    const auto state = lane->snapshot(end);
    for (std::size_t i = 0; i < state->sensors.size(); ++i)
        EXPECT_EQ(state->sensors[i].age, state->registry->sensors[i].gateway.empty() ? twin::Age::fresh : twin::Age::lost) << i;
}

TEST_F(Scenarios, aClockThatIsSetForwardSaysNothingOfGateways) {
    const auto clock = std::make_shared<core::ManualClock>(district()->start);
    service::ServiceOptions options;
    options.district = district();
    options.clock = clock;
    options.ownLane = false;
    const auto service = std::move(*service::Service::start(std::move(options)));
    for (int i = 0; i < 30; ++i) {
        clock->advance(i % 10 ? core::Duration(1s) : core::Duration(15min)); // as a story's steps do
        for (const auto& alarm : service->advance()->alarms)
            EXPECT_NE(alarm.alarmClass, "gateway_lost") << i;
    }
}
