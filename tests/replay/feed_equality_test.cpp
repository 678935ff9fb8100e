// The embedded feed and MQTT are one decode path: a recording of either replays as the other, message for message; received at the same
// times they give the same alarm log, received late the same alarms, none of them overdue before it was heard of.

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "core/file.h"
#include "live/recording.h"
#include "service/replay.h"
#include "service/service.h"
#include "support/mosquitto.h"
#include "support/program.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace std::chrono_literals;
using service::Service;

namespace {

std::vector<std::pair<std::string, std::string>> messagesOf(const std::filesystem::path& recording) {
    std::vector<std::pair<std::string, std::string>> result;
    auto reader = live::RecordingReader::open(recording);
    EXPECT_TRUE(reader);
    while (true) {
        auto message = reader->next();
        EXPECT_TRUE(message);
        if (!message || !*message) break;
        result.emplace_back((*message)->topic, (*message)->payload);
    }
    return result;
}

/// The messages of one recording, received at the times of another of as many.
void receivedAs(const std::filesystem::path& messages, const std::filesystem::path& times, const std::filesystem::path& to) {
    auto first = live::RecordingReader::open(messages), second = live::RecordingReader::open(times);
    auto writer = live::RecordingWriter::open(to);
    ASSERT_TRUE(first && second && writer);
    while (true) {
        auto message = first->next();
        const auto time = second->next();
        ASSERT_TRUE(message && time);
        if (!*message || !*time) break;
        (*message)->received = (*time)->received;
        ASSERT_TRUE(writer->write(**message));
    }
    ASSERT_TRUE(writer->flush());
}

/// "A-000001 S3 intrusion C-1", of each that was raised.
std::vector<std::string> raisedIn(const std::string& log) {
    std::vector<std::string> result;
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string at, id, what, severity, eventClass, source;
        words >> at >> id >> what >> severity >> eventClass >> source;
        if (what == "raised") result.push_back(id + " " + severity + " " + eventClass + " " + source);
    }
    return result;
}

} // namespace

TEST(FeedEquality, aRecordingOfTheEmbeddedFeedReplaysOverMqttToTheSameAlarms) {
    if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
    const support::TemporaryFolder folder("replay");
    support::writeTinyDistrict(folder.path / "d");
    const auto district = std::make_shared<const district::District>(*district::District::open(folder.path / "d"));

    // Three hours of the embedded feed.
    const auto clock = std::make_shared<core::ManualClock>(district->start);
    {
        service::ServiceOptions options;
        options.district = district;
        options.clock = clock;
        options.record = folder.path / "embedded.jsonl";
        options.ownLane = false;
        const auto service = std::move(*Service::start(std::move(options)));
        for (int i = 0; i < 1080; ++i) {
            clock->advance(10s);
            service->advance();
        }
    }
    const auto embedded = messagesOf(folder.path / "embedded.jsonl");
    ASSERT_GT(embedded.size(), 40000u);

    // The same recording, published as fast as it goes to a real broker, received and recorded there.
    const support::Mosquitto broker;
    {
        service::ServiceOptions options;
        options.district = district;
        options.clock = clock; // stands still at the recording's end
        options.mqttUrl = broker.url();
        options.record = folder.path / "mqtt.jsonl";
        const auto service = std::move(*Service::start(std::move(options)));
        for (int i = 0; i < 500 && !service->snapshot()->feeds.at(0).connected; ++i)
            std::this_thread::sleep_for(20ms);
        std::this_thread::sleep_for(300ms);
        support::Program replay(
            support::testFolder() / "state_side",
            {"replay", (folder.path / "embedded.jsonl").string(), "--mqtt", broker.url(), "--speed", "1080"},
            folder.path / "replay.log");
        EXPECT_EQ(replay.end(), 0) << replay.output();
        for (int i = 0; i < 500 && service->snapshot()->feeds.at(0).received < embedded.size(); ++i)
            std::this_thread::sleep_for(20ms);
        EXPECT_EQ(service->snapshot()->feeds.at(0).received, embedded.size());
        EXPECT_EQ(service->snapshot()->feeds.at(0).invalid, 0u);
    }
    const auto mqtt = messagesOf(folder.path / "mqtt.jsonl");
    ASSERT_EQ(mqtt.size(), embedded.size());
    EXPECT_TRUE(mqtt == embedded); // every topic and payload, byte for byte, in order

    const auto fromEmbedded = service::replay(district, folder.path / "embedded.jsonl");
    receivedAs(folder.path / "mqtt.jsonl", folder.path / "embedded.jsonl", folder.path / "timed.jsonl");
    const auto timed = service::replay(district, folder.path / "timed.jsonl"), late = service::replay(district, folder.path / "mqtt.jsonl");
    ASSERT_TRUE(fromEmbedded && timed && late);
    EXPECT_GT(fromEmbedded->alarmLog.size(), 300u);
    EXPECT_EQ(fromEmbedded->alarmLog, timed->alarmLog);
    EXPECT_EQ(raisedIn(fromEmbedded->alarmLog), raisedIn(late->alarmLog));
    EXPECT_EQ(late->alarmLog.find("overdue"), std::string::npos) << late->alarmLog;
}
