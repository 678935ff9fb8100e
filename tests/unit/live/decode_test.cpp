#include <gtest/gtest.h>

#include <bit>

#include "core/messages.h"
#include "live/decode.h"
#include "live/plain_observation.h"

using namespace matou;
using namespace matou::live;

namespace {

const core::Instant kNow{std::chrono::milliseconds(1750000000000)};

core::Result<Decoded> decoded(const std::string& topic, const std::string& payload) {
    Message message;
    message.topic = topic;
    message.payload = payload;
    message.received = kNow;
    return decode(message, "tiny", "mqtt");
}
std::string refusal(const std::string& topic, const std::string& payload) {
    const auto result = decoded(topic, payload);
    return result ? "accepted" : result.error().code;
}

const char* const kObs = "matou/v1/tiny/obs/S-001";
const char* const kEvent = "matou/v1/tiny/event/C-1";
const char* const kProject = "matou/v1/tiny/project/P-01";

} // namespace

TEST(Decode, readsAnObservation) {
    const auto result = decoded(
        kObs,
        R"({"id":"S-001","ts":"2025-06-15T15:06:39.500Z","value":3.25,"unit":"m","q":"uncertain","seq":12,"vendor":{"x":1}})");
    ASSERT_TRUE(result) << core::describe(result.error(), core::Language::en);
    const auto& o = std::get<twin::Observation>(*result);
    EXPECT_EQ(o.sensor, "S-001");
    EXPECT_DOUBLE_EQ(o.value, 3.25);
    EXPECT_EQ(o.unit, "m");
    EXPECT_EQ(o.quality, twin::Quality::uncertain);
    EXPECT_EQ(o.sequence, 12);
    EXPECT_EQ(o.feed, "mqtt");
    EXPECT_EQ(o.receiveTime - o.eventTime, std::chrono::milliseconds(500));
}

TEST(Decode, theShortWayAndTheLongWayReadTheSame) {
    // A member that is an object sends the same payload the long way.
    const auto compare = [](const std::string& payload, bool isShort) {
        const auto plain = plainObservation(payload);
        EXPECT_EQ(plain.has_value(), isShort) << payload;
        if (!plain) return;
        auto there = payload;
        there.insert(there.find('{') + 1, R"("other":{},)");
        ASSERT_FALSE(plainObservation(there)) << there;
        const auto read = decoded(kObs, there);
        ASSERT_TRUE(read) << payload;
        const auto& slow = std::get<twin::Observation>(*read);
        EXPECT_EQ(plain->eventTime, slow.eventTime) << payload;
        EXPECT_EQ(std::bit_cast<std::uint64_t>(plain->value), std::bit_cast<std::uint64_t>(slow.value)) << payload;
        EXPECT_EQ(plain->unit, slow.unit) << payload;
        EXPECT_EQ(plain->quality, slow.quality) << payload;
        EXPECT_EQ(plain->sequence, slow.sequence) << payload;
        EXPECT_EQ(plain->life, slow.life) << payload;
        EXPECT_EQ(plain->pulled, slow.pulled) << payload;
    };
    const std::string begin = R"({"id":"S","ts":"2025-06-15T15:06:39Z",)";
    for (const char* value : {"0", "-0", "-0.0", "1", "3.25", "0.1", "1e3", "1E+3", "-1.5e-7", "9007199254740993", "18446744073709551615", "123456789012345678901234567890", "true", "false"})
        compare(begin + "\"value\":" + value + "}", true);
    for (const char* value : {"01", "+1", ".5", "1.", "1e", "-", "1e999", "1e-999", "nan", "NaN", "Infinity", "null", "True", "\"1\"", "[]", "{}", "0x1", "1 2", ""})
        compare(begin + "\"value\":" + value + "}", false);
    for (const char* more : {R"("q":"good")", R"("q":"")", R"("q":"sim")", R"("q":"uncertain")", R"("q":"bad")", R"("seq":0)", R"("seq":-9223372036854775808)", R"("unit":"Cel")", R"("unit":"℃")", R"("unit":"")",
                             R"("exp":0)", R"("exp":1.5)", R"("pulled":true)", R"("pulled":false)", R"("drill":false)", R"("vendor":"x","vendor":1.5,"v":true)"})
        compare(begin + " \t\r\n\"value\" : 7 , " + more + "}\n", true);
    for (const char* more : {R"("q":"perhaps")", R"("q":null)", R"("q":1)", R"("seq":1.0)", R"("seq":9223372036854775808)", R"("seq":"1")", R"("unit":3)", R"("unit":"\u2103")", "\"unit\":\"\xe2\x84\"", "\"unit\":\"a\nb\"",
                             R"("exp":-1)", R"("exp":1e10)", R"("pulled":1)", R"("drill":true)", R"("values":{"a":1})", R"("values":1)", R"("value":8)", R"("id":"T")", R"("vendor":1e999)", R"("vendor":null)", R"("vendor":[1])", "", "1", R"("a")", R"("a":)"})
        compare(begin + "\"value\":7," + more + "}", false);
    for (const std::string& payload : {std::string(), std::string("{"), std::string("{}"), std::string("[]"), begin + R"("value":7)", begin + R"("value":7}})", begin + R"("value":7}x)", begin + std::string("\"value\":7}\0", 11),
                                       std::string(R"({"id":"","ts":"2025-06-15T15:06:39Z","value":7})"), std::string(R"({"id":"S","ts":"yesterday","value":7})"), std::string(R"({"id":"S","value":7})"),
                                       std::string(R"({"ts":"2025-06-15T15:06:39Z","value":7})"), begin + R"("value":7,"unit":")" + std::string(2000, 'x') + "\"}"})
        compare(payload, false);
}

TEST(Decode, whatABrokerKeptIsAsOldAsItsStamp) {
    Message message;
    message.topic = kObs;
    message.payload = R"({"id":"S-001","ts":"2025-06-01T00:00:00Z","value":1})";
    message.received = kNow;
    message.retained = true;
    const auto result = decode(message, "tiny", "mqtt");
    ASSERT_TRUE(result);
    const auto& o = std::get<twin::Observation>(*result);
    EXPECT_TRUE(o.pulled);           // two weeks ago: nobody takes it for fresh
    EXPECT_EQ(o.receiveTime, kNow);  // and nobody knew it before
    message.retained = false;
    EXPECT_FALSE(std::get<twin::Observation>(*decode(message, "tiny", "mqtt")).pulled);
}

TEST(Decode, readsSeveralValues) {
    const auto result = decoded(kObs, R"({"id":"S-001","ts":"2025-06-15T15:06:39Z","values":{"pm25":35,"pm10":60}})");
    ASSERT_TRUE(result);
    const auto& o = std::get<twin::Observation>(*result);
    EXPECT_EQ(o.values.size(), 2u);
    EXPECT_DOUBLE_EQ(o.value, o.values[0].second);
}

TEST(Decode, readsAnEventWithDefaultsAndKeepsWhatItDoesNotKnow) {
    const std::string payload =
        R"({"id":"77","ts":"2025-06-15T23:06:39+08:00","class":"vendor_thing","boxes":[[1,2,3,4]]})";
    const auto result = decoded(kEvent, payload);
    ASSERT_TRUE(result);
    const auto& e = std::get<twin::Event>(*result);
    EXPECT_EQ(e.source, "C-1");
    EXPECT_EQ(e.id, "77");
    EXPECT_EQ(e.eventClass, "vendor_thing");
    EXPECT_EQ(e.severity, 4);
    EXPECT_FALSE(e.place);
    EXPECT_EQ(e.raw, payload);
    EXPECT_EQ(core::formatInstant(e.eventTime), "2025-06-15T15:06:39.000Z");

    const auto placed = decoded(
        kEvent,
        R"({"id":"78","ts":"2025-06-15T15:06:39Z","class":"fire","severity":1,"confidence":0.7,"lon":121.5,"lat":31.19,"height":2,"heightRef":"1985"})");
    ASSERT_TRUE(placed);
    EXPECT_DOUBLE_EQ(std::get<twin::Event>(*placed).place->latitude, 31.19);
    const auto nowhere = decoded(kEvent, R"({"id":"79","ts":"2025-06-15T15:06:39Z","class":"fire","lon":0,"lat":0})");
    EXPECT_FALSE(std::get<twin::Event>(*nowhere).place); // what devices without a position send
}

TEST(Decode, readsAProjectStatus) {
    const auto result = decoded(
        kProject, R"({"id":"P-01","ts":"2025-06-15T15:06:39Z","phase":"施工","percent":62.5,"status":"on-track"})");
    ASSERT_TRUE(result);
    EXPECT_DOUBLE_EQ(std::get<twin::ProjectStatus>(*result).percent, 62.5);
}

TEST(Decode, refusesEachKindOfWrongPayloadWithItsCode) {
    EXPECT_EQ(refusal(kObs, ""), "E_PAYLOAD_JSON");
    EXPECT_EQ(refusal(kObs, "{"), "E_PAYLOAD_JSON");
    EXPECT_EQ(refusal(kObs, "\xff\xfe"), "E_PAYLOAD_JSON");
    EXPECT_EQ(refusal(kObs, std::string(5000, '[')), "E_PAYLOAD_JSON");
    EXPECT_EQ(refusal(kObs, "[1]"), "E_PAYLOAD_MEMBER");
    EXPECT_EQ(refusal(kObs, "null"), "E_PAYLOAD_MEMBER");
    for (const char* payload :
         {R"({"ts":"2025-06-15T15:06:39Z","value":1})", R"({"id":"S","value":1})",
          R"({"id":"S","ts":"2025-06-15T15:06:39Z"})", R"({"id":"S","ts":"2025-06-15T15:06:39","value":1})",
          R"({"id":"S","ts":1750000000,"value":1})", R"({"id":"S","ts":"2025-06-15T15:06:39Z","value":"1"})",
          R"({"id":"S","ts":"2025-06-15T15:06:39Z","value":null})",
          R"({"id":"S","ts":"2025-06-15T15:06:39Z","value":1,"q":"fine"})",
          R"({"id":"S","ts":"2025-06-15T15:06:39Z","value":1,"seq":1.5})",
          R"({"id":"S","ts":"2025-06-15T15:06:39Z","values":{}})",
          R"({"id":"S","ts":"2025-06-15T15:06:39Z","values":{"a":"b"}})",
          R"({"id":5,"ts":"2025-06-15T15:06:39Z","value":1})"})
        EXPECT_EQ(refusal(kObs, payload), "E_PAYLOAD_MEMBER") << payload;
    EXPECT_EQ(refusal(kObs, R"({"id":"S","ts":"2025-06-15T15:06:39Z","value":1e999})"), "E_PAYLOAD_JSON");
    for (const char* payload :
         {R"({"ts":"2025-06-15T15:06:39Z","class":"fire"})", R"({"id":"1","ts":"2025-06-15T15:06:39Z"})",
          R"({"id":"1","ts":"2025-06-15T15:06:39Z","class":"fire","severity":0})",
          R"({"id":"1","ts":"2025-06-15T15:06:39Z","class":"fire","severity":2.5})",
          R"({"id":"1","ts":"2025-06-15T15:06:39Z","class":"fire","confidence":7})",
          R"({"id":"1","ts":"2025-06-15T15:06:39Z","class":"fire","lon":121.5})",
          R"({"id":"1","ts":"2025-06-15T15:06:39Z","class":"fire","lon":221.5,"lat":31})",
          R"({"id":"1","ts":"2025-06-15T15:06:39Z","class":"fire","heightRef":"sea"})"})
        EXPECT_EQ(refusal(kEvent, payload), "E_PAYLOAD_MEMBER") << payload;
    EXPECT_EQ(refusal(kProject, R"({"id":"P","ts":"2025-06-15T15:06:39Z","percent":101})"), "E_PAYLOAD_MEMBER");
}

TEST(Decode, refusesTopicsThatAreNotThisDistricts) {
    const char* good = R"({"id":"S","ts":"2025-06-15T15:06:39Z","value":1})";
    for (const char* topic : {"", "matou/v1/tiny/obs", "matou/v1/tiny/obs/", "matou/v1/other/obs/S",
                              "matou/v2/tiny/obs/S", "matou/v1/tiny/cmd/S", "matou/v1/tiny/obs/S/extra", "x"})
        EXPECT_EQ(refusal(topic, good), "E_TOPIC") << topic;
    EXPECT_EQ(refusal("matou/v1/tiny/obs/" + std::string(2000, 'x'), good), "E_TOPIC");
}

TEST(Decode, limitsTheSizeAndNamesTheTopic) {
    const auto result = decoded(kObs, std::string(kMaximumPayload + 1, ' '));
    ASSERT_FALSE(result);
    EXPECT_EQ(core::describe(result.error(), core::Language::en),
              "topic matou/v1/tiny/obs/S-001: E_PAYLOAD_SIZE: the payload has 1048577 bytes, the limit is 1048576");
}

TEST(Decode, idsThatAreNoUtf8AreRefusedAndSoIsWhatWasCut) {
    Message message;
    message.topic = "matou/v1/tiny/event/\xb2\xe2"; // GBK
    message.payload = R"({"id":"1","ts":"2025-06-15T15:06:39Z","class":"smoke"})";
    message.received = kNow;
    EXPECT_EQ(decode(message, "tiny", "hook").error().code, "E_TOPIC");
    message.topic = "matou/v1/tiny/event/C-1";
    ASSERT_TRUE(decode(message, "tiny", "hook"));
    message.cut = true;
    EXPECT_EQ(decode(message, "tiny", "hook").error().code, "E_PAYLOAD_SIZE");
}
