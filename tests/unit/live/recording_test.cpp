#include <gtest/gtest.h>

#include "core/file.h"
#include "live/recording.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace matou::live;

TEST(Recording, givesBackTheSameBytes) {
    const support::TemporaryFolder folder("recording");
    const auto path = folder.path / "r.jsonl";
    const std::string payloads[] = {R"({"id":"1","text":"烟雾 \"x\"\n"})", "", "not json \xff\x00\x01",
                                    std::string("\0\0", 2), std::string(100000, 'x')};
    {
        auto writer = RecordingWriter::open(path);
        ASSERT_TRUE(writer);
        for (const auto& payload : payloads) {
            Message message;
            message.topic = "matou/v1/tiny/obs/水位";
            message.payload = payload;
            message.received = *core::parseInstant("2025-06-15T06:30:00.123Z");
            ASSERT_TRUE(writer->write(message));
        }
        ASSERT_TRUE(writer->flush());
    }
    auto reader = RecordingReader::open(path);
    ASSERT_TRUE(reader);
    for (const auto& payload : payloads) {
        const auto message = reader->next();
        ASSERT_TRUE(message && *message);
        EXPECT_EQ((*message)->payload, payload);
        EXPECT_EQ((*message)->topic, "matou/v1/tiny/obs/水位");
        EXPECT_EQ(core::formatInstant((*message)->received), "2025-06-15T06:30:00.123Z");
    }
    const auto end = reader->next();
    ASSERT_TRUE(end);
    EXPECT_FALSE(*end);
}

TEST(Recording, aLineCutByAKillEndsItAndABrokenOneIsLocated) {
    const support::TemporaryFolder folder("recording");
    const std::string line = R"({"t":"2025-06-15T06:30:00Z","topic":"a","payload":"{}"})";
    support::writeText(folder.path / "cut.jsonl", line + "\n" + line.substr(0, 20));
    auto cut = RecordingReader::open(folder.path / "cut.jsonl");
    EXPECT_TRUE((*cut->next()).has_value());
    EXPECT_FALSE((*cut->next()).has_value());

    support::writeText(folder.path / "broken.jsonl", line + "\nnonsense\n" + line + "\n");
    auto broken = RecordingReader::open(folder.path / "broken.jsonl");
    EXPECT_TRUE((*broken->next()).has_value());
    const auto error = broken->next();
    ASSERT_FALSE(error);
    EXPECT_EQ(error.error().code, "E_RECORDING_LINE");
    EXPECT_EQ(error.error().where, (folder.path / "broken.jsonl").string() + ":2:1");
    EXPECT_EQ(RecordingReader::open(folder.path / "none").error().code, "E_FILE_MISSING");
}

TEST(Recording, goesOnBehindAKillAndMarksWhatWasCut) {
    const support::TemporaryFolder folder("recording");
    const auto path = folder.path / "r.jsonl";
    const std::string line = R"({"t":"2025-06-15T06:30:00Z","topic":"a","payload":"{}"})";
    support::writeText(path, line + "\n" + line.substr(0, 20));
    Message giant;
    giant.topic = "b";
    giant.payload = "first bytes";
    giant.cut = true;
    {
        auto writer = RecordingWriter::open(path);
        ASSERT_TRUE(writer && writer->write(giant) && writer->flush());
    }
    auto reader = RecordingReader::open(path);
    EXPECT_EQ((*reader->next())->topic, "a");
    const auto second = reader->next();
    ASSERT_TRUE(second && *second);
    EXPECT_EQ((*second)->topic, "b");
    EXPECT_TRUE((*second)->cut);
    EXPECT_FALSE((*reader->next()).has_value());
}
