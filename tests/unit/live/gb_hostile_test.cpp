// What broken and hostile devices send: refused with its place and its source, or taken; never more than that.

#include "core/file.h"
#include "core/messages.h"
#include "support/hostile_manifest.h"
#include "support/test_data.h"
#include "unit/live/gb_device.h"

using namespace matou;
using tests::Platform;

TEST(GbHostile, tortureMessagesOfRfc4475) {
    MATOU_NEEDS_TEST_DATA(root, "hostile");
    const auto cases = tests::hostileExpectations(root, "sip");
    ASSERT_EQ(cases.size(), 18u);
    std::size_t refused = 0;
    for (const auto& [path, expect] : cases) {
        const auto bytes = core::readTextFile(root / path);
        ASSERT_TRUE(bytes) << path;
        const auto parsed = live::sip::parse(*bytes, path);
        if (expect == "accept") {
            EXPECT_TRUE(parsed) << path << ": " << parsed.error().arguments[0];
        }
        if (expect == "reject") {
            EXPECT_FALSE(parsed) << path;
        }
        if (!parsed) {
            ++refused;
            EXPECT_TRUE(parsed.error().where.starts_with(path + ":byte ")) << parsed.error().where;
        }
        Platform one; // and whole, from a stranger: nothing of it becomes a message
        one.send(*bytes);
        EXPECT_TRUE(one.messages.empty()) << path;
    }
    std::printf("sip: %zu messages, %zu refused by the parser\n", cases.size(), refused);
}

TEST(GbHostile, messagesOfARegisteredCamera) {
    MATOU_NEEDS_TEST_DATA(root, "hostile");
    const auto cases = tests::hostileExpectations(root, "gb28181");
    ASSERT_EQ(cases.size(), 25u);
    std::map<std::string, int> verdicts;
    for (const auto& [path, expect] : cases) {
        const auto bytes = core::readTextFile(root / path);
        ASSERT_TRUE(bytes) << path;
        Platform one;
        ASSERT_EQ(one.enroll(tests::kCamera), 200);
        one.messages.clear();
        const int status = one.send(*bytes);
        const auto events = one.of("event");
        const bool taken = !one.messages.empty();
        ++verdicts[taken ? "taken" : one.notes.refused ? "refused" : "heard"];
        EXPECT_EQ(one.messages.size(), events.size()) << path;
        if (path.ends_with(".ps")) { // program streams: media comes from a gateway, and is no SIP
            EXPECT_FALSE(taken) << path;
            EXPECT_EQ(one.notes.refused, 1u) << path;
            continue;
        }
        if (expect == "accept") {
            ASSERT_EQ(events.size(), 1u) << path << " " << status;
            EXPECT_EQ(status, 0) << path << ": not answered before it is stored";
            one.store();
            ASSERT_FALSE(one.answers.empty());
            EXPECT_EQ(one.answers.front().status, 200) << path;
            EXPECT_EQ(one.notes.refused, 0u);
        }
        if (expect == "reject") {
            EXPECT_FALSE(taken) << path;
            EXPECT_NE(status, 200) << path;
            EXPECT_EQ(one.notes.refused, 1u) << path;
        }
        if (one.notes.refused) {
            EXPECT_EQ(one.notes.error.where, "192.0.2.7") << path;
            ASSERT_TRUE(one.notes.error.cause);
            EXPECT_NE(core::describe(one.notes.error, core::Language::en).find("192.0.2.7"), std::string::npos);
        }
    }
    for (const auto& [verdict, count] : verdicts) std::printf("gb28181: %d %s\n", count, verdict.c_str());
}

TEST(GbHostile, xmlHasBounds) {
    const auto code = [](const std::string& text) {
        const auto parsed = live::gb::parseBody(text, "P");
        return parsed ? std::string() : parsed.error().code;
    };
    std::string deep, many = "<a>";
    for (int i = 0; i < 100000; ++i) deep += "<a>";
    for (int i = 0; i < 30000; ++i) many += "<b/>";
    EXPECT_EQ(code(deep), "E_GB_LIMIT");
    EXPECT_EQ(code(many + "</a>"), "E_GB_LIMIT");
    EXPECT_EQ(code("<!DOCTYPE x SYSTEM \"http://192.0.2.1/x\"><x/>"), "E_GB_DTD");
    EXPECT_EQ(code("<x>&e;</x>"), "E_GB_XML");
    EXPECT_EQ(code("<x><y></x>"), "E_GB_XML");
    EXPECT_EQ(code(""), "E_GB_XML");
    EXPECT_EQ(code(std::string("<x>\0</x>", 8)), "E_GB_XML");
    EXPECT_EQ(code("<x/>"), "");
}

TEST(GbHostile, aFloodOfOneSourceDoesNotHurtAnother) {
    Platform one({}, [](auto& settings) {
        settings.messagesPerSecond = 10;
        settings.burst = 40;
    });
    ASSERT_EQ(one.enroll(tests::kCamera), 200);
    for (int i = 0; i < 1000; ++i) one.send("nonsense", "198.51.100.66");
    EXPECT_EQ(one.notes.refused, 40u);
    EXPECT_EQ(one.notes.limited, 960u);
    EXPECT_EQ(one.send(one.request("MESSAGE", tests::kCamera, "<Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>34020000001320000001</DeviceID><Status>OK</Status></Notify>")), 200);
    one.pass(core::Duration(1000));
    one.notes = {};
    for (int i = 0; i < 20; ++i) one.send("nonsense", "198.51.100.66");
    EXPECT_EQ(one.notes.refused, 10u); // its allowance comes back
}
