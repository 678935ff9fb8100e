// The platform's side of GB/T 28181, without sockets.

#include "core/messages.h"
#include "unit/live/gb_device.h"

using namespace matou;
using tests::kCamera;
using tests::kRecorder;
using tests::Platform;

namespace {

std::string keepalive(const std::string& device, const std::string& info = {}) {
    return "<?xml version=\"1.0\"?><Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>" + device + "</DeviceID><Status>OK</Status>" + info + "</Notify>";
}

/// 中文 in GB18030.
const std::string kChinese = "\xD6\xD0\xCE\xC4";

std::string item(const std::string& id, const std::string& more = {}, const std::string& status = "ON") {
    return "<Item><DeviceID>" + id + "</DeviceID><Name>" + kChinese + (id.size() > 17 ? id.substr(17) : id) + "</Name><Password>geheim</Password><Status>" + status + "</Status>" + more + "</Item>";
}
std::string page(const std::string& sn, int sum, const std::string& items) {
    return "<?xml version=\"1.0\" encoding=\"GB2312\"?><Response><CmdType>Catalog</CmdType><SN>" + sn + "</SN><DeviceID>" + kRecorder + "</DeviceID><SumNum>" + std::to_string(sum) + "</SumNum><DeviceList Num=\"1\">" + items +
           "</DeviceList></Response>";
}
std::string serialOf(const live::sip::Message& message) {
    const auto at = message.body.find("<SN>") + 4;
    return message.body.substr(at, message.body.find('<', at) - at);
}

} // namespace

TEST(Gb28181Register, onlyWhoKnowsThePasswordGetsIn) {
    Platform one;
    EXPECT_EQ(one.enroll(kCamera), 200);
    EXPECT_EQ(one.answers.back().headerOr("expires"), "3600");
    EXPECT_EQ(one.answers.back().headerOr("date"), "2026-01-01T08:00:00.000");
    EXPECT_EQ(one.answers.back().headerOr("x-gb-ver"), "3.0");
    EXPECT_EQ(one.platform->online(), 1u);
    EXPECT_EQ(one.enroll(kRecorder, "wrong"), 403);
    EXPECT_EQ(one.notes.refused, 1u);
    EXPECT_EQ(one.platform->online(), 1u);
    for (int i = 0; i < 6; ++i) one.enroll(kRecorder, "guess" + std::to_string(i));
    EXPECT_EQ(one.enroll(kRecorder), 403); // five are enough, for a minute
    one.pass(core::Duration(61000));
    EXPECT_EQ(one.enroll(kRecorder), 200);
    EXPECT_EQ(core::describe(one.notes.error, core::Language::en).find("guess"), std::string::npos);
}

TEST(Gb28181Register, sha256IsOfferedToTheEditionThatKnowsIt) {
    Platform one;
    EXPECT_EQ(one.enroll(kCamera, tests::kSecret, "X-GB-Ver: 3.0\r\n", "SHA-256"), 200);
    EXPECT_EQ(one.send(one.request("REGISTER", kCamera, "")), 401);
    EXPECT_EQ(std::count_if(one.answers.back().headers.begin(), one.answers.back().headers.end(), [](const auto& header) { return header.first == "www-authenticate"; }), 1);
    EXPECT_NE(one.answers.back().headerOr("www-authenticate").find("MD5"), std::string::npos); // of 2016: MD5 alone
    Platform strict({}, [](auto& settings) { settings.registrar.digest = live::gb::RegistrarSettings::Digest::sha256; });
    EXPECT_EQ(strict.enroll(kCamera, tests::kSecret, "", "SHA-256"), 200);
}

TEST(Gb28181Register, anOverheardAnswerOpensNothingTwiceAndEachMayHaveItsOwnPassword) {
    Platform one({}, [](auto& settings) { settings.registrar.passwords = {{kCamera, "its own"}}; });
    EXPECT_EQ(one.enroll(kRecorder), 403);
    ASSERT_EQ(one.send(one.request("REGISTER", kCamera, "")), 401);
    const std::string header = "Expires: 3600\r\n" + one.authorization(kCamera, "its own");
    EXPECT_EQ(one.send(one.request("REGISTER", kCamera, "", header)), 200);
    EXPECT_EQ(one.send(one.request("REGISTER", kCamera, "", header), "198.51.100.66"), 401); // another one with what it heard
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, keepalive(kCamera))), 200);
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, keepalive(kCamera)), "198.51.100.66"), 403);
}

TEST(Gb28181Register, expiresAndIsTakenBack) {
    Platform one;
    ASSERT_EQ(one.enroll(kCamera), 200);
    for (int i = 0; i < 59; ++i) {
        one.pass(core::Duration(60000));
        EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, keepalive(kCamera))), 200) << i;
    }
    one.pass(core::Duration(61000)); // an hour is over
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, keepalive(kCamera))), 403);
    EXPECT_EQ(one.platform->online(), 0u);
    ASSERT_EQ(one.enroll(kCamera), 200);
    EXPECT_EQ(one.send(one.request("REGISTER", kCamera, "")), 401);
    EXPECT_EQ(one.send(one.request("REGISTER", kCamera, "", "Expires: 0\r\n" + one.authorization(kCamera, tests::kSecret))), 200);
    EXPECT_EQ(one.platform->online(), 0u);
    EXPECT_EQ(one.of("camera").back()["online"], false);
}

TEST(Gb28181Register, outlivesARestartAndSpeaksAtOnce) {
    Platform before;
    ASSERT_EQ(before.enroll(kRecorder), 200);
    ASSERT_EQ(before.enroll(kCamera), 200);
    const std::string memory = before.platform->remember(before.now);
    EXPECT_EQ(memory.find(tests::kSecret), std::string::npos);
    Platform after;
    after.platform->restore(memory, after.now);
    EXPECT_EQ(after.platform->online(), 0u); // nobody has said a word yet
    EXPECT_EQ(after.send(after.request("MESSAGE", kCamera, Platform::alarm(kCamera, after.local()))), 0); // taken, and being stored
    EXPECT_EQ(after.of("event").size(), 1u);
    after.pass(core::Duration(1000));
    EXPECT_EQ(after.platform->online(), 1u);
    EXPECT_TRUE(after.asking("SUBSCRIBE"));
    EXPECT_TRUE(after.asking("Catalog"));
    EXPECT_EQ(after.send(after.request("MESSAGE", kRecorder, keepalive(kRecorder)), "198.51.100.66"), 403);
    Platform late;
    late.now.wall += std::chrono::hours(2);
    late.platform->restore(memory, late.now);
    EXPECT_EQ(late.send(late.request("MESSAGE", kCamera, keepalive(kCamera))), 403);
    for (const char* broken : {"", "{}", "[1,{}]", "[{\"id\":7}]", "[{\"id\":\"x\",\"host\":\"h\",\"port\":1,\"tcp\":false,\"until\":\"2099-01-01T00:00:00Z\",\"version\":0}]"}) {
        Platform other;
        other.platform->restore(broken, other.now);
        EXPECT_EQ(other.platform->remember(other.now), "[]") << broken;
    }
}

TEST(Gb28181Keepalive, threeMissedAreNoContactAndTheNextWordIsContactAgain) {
    Platform one;
    ASSERT_EQ(one.enroll(kCamera), 200);
    one.pass(core::Duration(179000));
    EXPECT_EQ(one.of("camera").back()["online"], true);
    one.pass(core::Duration(2000));
    EXPECT_EQ(one.of("camera").back()["online"], false);
    EXPECT_EQ(one.of("camera").back()["id"], kCamera);
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, keepalive(kCamera))), 200);
    EXPECT_EQ(one.of("camera").back()["online"], true);
}

TEST(Gb28181Alarm, isAnsweredWhenItIsStoredAndOnlyOnce) {
    Platform one({}, [](auto& settings) { settings.ids = {{kCamera, "CAM-1"}}; });
    ASSERT_EQ(one.enroll(kCamera), 200);
    const std::string request = one.request("MESSAGE", kCamera, Platform::alarm(kCamera, one.local(3), "<AlarmDescription>" + kChinese + "</AlarmDescription><Info><AlarmType>6</AlarmType></Info>"));
    EXPECT_EQ(one.send(request), 0);
    EXPECT_EQ(one.send(request), 0); // repeated while it is being stored
    auto events = one.of("event");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0]["class"], "intrusion");
    EXPECT_EQ(events[0]["severity"], 1);
    EXPECT_EQ(events[0]["text"], "中文");
    EXPECT_EQ(events[0]["camera"], "CAM-1");
    EXPECT_EQ(events[0]["ts"], core::formatInstant(one.now.wall - std::chrono::seconds(3)));
    EXPECT_EQ(one.messages.back().topic, "matou/v1/tiny/event/CAM-1");
    one.asked.clear();
    one.store();
    ASSERT_EQ(one.answers.size(), 1u);
    EXPECT_EQ(one.answers[0].status, 200);
    EXPECT_TRUE(one.answers[0].body.empty());
    ASSERT_EQ(one.asked.size(), 1u); // 9.4: besides the 200
    EXPECT_NE(one.asked[0].body.find("<Response>\r\n<CmdType>Alarm</CmdType>\r\n<SN>17</SN>\r\n<DeviceID>34020000001320000001</DeviceID>\r\n<Result>OK</Result>"), std::string::npos) << one.asked[0].body;
    EXPECT_EQ(one.send(request), 200); // and later: the same answer
    EXPECT_EQ(one.of("event").size(), 1u);
    EXPECT_EQ(one.notes.duplicates, 2u);
}

TEST(Gb28181Alarm, theTableDecidesAndWhatItDoesNotKnowIsShownAsUnclassified) {
    twin::FeedMapping table;
    table.kind = "event";
    table.classes = {{"5/99", "crowd"}};
    table.rules = {{{{"/AlarmDescription", "~烟|火"}}, "smoke", 2}};
    Platform one({table});
    ASSERT_EQ(one.enroll(kCamera), 200);
    const auto classOf = [&](const std::string& more) {
        one.send(one.request("MESSAGE", kCamera, Platform::alarm(kCamera, one.local(), more)));
        return one.of("event").back()["class"].get<std::string>();
    };
    EXPECT_EQ(classOf("<Info><AlarmType>99</AlarmType></Info>"), "crowd");
    EXPECT_EQ(classOf("<Info><AlarmType>6</AlarmType></Info>"), "intrusion");
    EXPECT_EQ(classOf("<AlarmDescription>\xB7\xA2\xCF\xD6\xD1\xCC\xCE\xED</AlarmDescription>"), "smoke"); // 发现烟雾
    EXPECT_EQ(one.of("event").back()["severity"], 2);
    EXPECT_EQ(classOf("<Info><AlarmType>77</AlarmType></Info>"), "code:5/77");
    EXPECT_EQ(classOf(""), "code:5");
    EXPECT_EQ(one.notes.unclassified, 2u);
    std::string two = Platform::alarm(kCamera, one.local());
    two.replace(two.find("<AlarmMethod>5"), 14, "<AlarmMethod>5/6");
    one.send(one.request("MESSAGE", kCamera, two));
    EXPECT_EQ(one.of("event").back()["class"], "code:56"); // methods 5 and 6, not an intrusion
}

TEST(Gb28181Alarm, timesPlacesAndPrioritiesThatCannotBeAreNotBelieved) {
    Platform one({}, [](auto& settings) { settings.crs = "gcj02"; });
    ASSERT_EQ(one.enroll(kCamera), 200);
    const auto of = [&](const std::string& time, const std::string& more = {}) {
        one.send(one.request("MESSAGE", kCamera, Platform::alarm(kCamera, time, more)));
        return one.of("event").back();
    };
    EXPECT_EQ(of("9999-12-31T23:59:59")["ts"], core::formatInstant(one.now.wall));
    EXPECT_EQ(of("yesterday")["ts"], core::formatInstant(one.now.wall));
    EXPECT_EQ(of(one.local(-600))["ts"], core::formatInstant(one.now.wall + std::chrono::minutes(10))); // said, and counted late or early further on
    EXPECT_FALSE(of(one.local(), "<Longitude>0</Longitude><Latitude>0</Latitude>").contains("lon"));
    EXPECT_FALSE(of(one.local(), "<Longitude>999</Longitude><Latitude>31</Latitude>").contains("lon"));
    EXPECT_FALSE(of(one.local(), "<Longitude>east</Longitude>").contains("lon"));
    const auto placed = of(one.local(1), "<Longitude>121.5114</Longitude><Latitude>31.1909</Latitude>");
    EXPECT_NEAR(placed["lon"].get<double>(), 121.507, 0.0005); // the point of domain B.6, moved by GCJ-02
    EXPECT_NEAR(placed["lat"].get<double>(), 31.193, 0.0005);
    // A clock that stands still and a counter that began anew: two alarms, not one.
    const auto before = one.of("event").size();
    EXPECT_NE(of("2000-01-01T00:00:00")["id"], of("2000-01-01T00:00:00")["id"]);
    EXPECT_EQ(one.of("event").size(), before + 2);
    // The same, sent anew by the device: one identity.
    EXPECT_EQ(of(one.local(5))["id"], of(one.local(5))["id"]);
}

TEST(Gb28181Alarm, whoMaySpeakForWhom) {
    Platform one;
    ASSERT_EQ(one.enroll(kRecorder), 200);
    ASSERT_EQ(one.enroll(kCamera), 200);
    const auto status = [&](const std::string& sender, const std::string& about) { return one.send(one.request("MESSAGE", sender, Platform::alarm(about, one.local()))); };
    EXPECT_EQ(status(kRecorder, "34020000001310000009"), 0); // a recorder for a camera behind it, listed or not
    EXPECT_EQ(status(kRecorder, kCamera), 403);              // who speaks for itself
    EXPECT_EQ(status(kCamera, "34020000001310000009"), 403);
    EXPECT_EQ(one.of("event").size(), 1u);
}

TEST(Gb28181Catalog, pagesInAnyOrderBecomeCameras) {
    Platform one({}, [](auto& settings) { settings.ids = {{"34020000001310000001", "CAM-1"}}; });
    ASSERT_EQ(one.enroll(kRecorder, tests::kSecret, "X-GB-Ver: 3.0\r\n"), 200);
    const auto* query = one.asking("Catalog");
    ASSERT_TRUE(query);
    const std::string sn = serialOf(*query);
    one.reply(*query, 200);
    const std::string place = "<Longitude>121.5</Longitude><Latitude>31.19</Latitude>";
    const std::vector<std::string> pages = {
        item("34020000001310000001", place + "<Info><DirectionType>5</DirectionType></Info>"),
        item("34020000001310000002", place + "<Info><PTZType>1</PTZType><DirectionType>6</DirectionType><HorizontalFieldAngle>45.5</HorizontalFieldAngle><MaxViewDistance>300</MaxViewDistance></Info>"),
        item("34020000001310000003", "<Longitude>0</Longitude><Latitude>0</Latitude>", "OFF") + item("34020000002150000001"), item("broken") + item("34020000001340000001")};
    for (const int i : {2, 0, 3, 0}) EXPECT_EQ(one.send(one.request("MESSAGE", kRecorder, page(sn, 6, pages[i]))), 200);
    EXPECT_TRUE(one.of("camera").empty()); // not whole yet
    EXPECT_EQ(one.send(one.request("MESSAGE", kRecorder, page("99", 6, pages[1]))), 200); // of another query
    EXPECT_TRUE(one.of("camera").empty());
    EXPECT_EQ(one.send(one.request("MESSAGE", kRecorder, page(sn, 6, pages[1]))), 200);
    const auto cameras = one.of("camera");
    ASSERT_EQ(cameras.size(), 3u);
    EXPECT_EQ(cameras[0]["id"], "CAM-1");
    EXPECT_FALSE(cameras[0].contains("heading")); // it is surveyed
    EXPECT_EQ(cameras[0]["name"], "中文001");
    EXPECT_EQ(cameras[1]["heading"], 45.0);
    EXPECT_EQ(cameras[1]["hfov"], 45.5);
    EXPECT_EQ(cameras[1]["range"], 300.0);
    EXPECT_EQ(cameras[1]["lon"], 121.5);
    EXPECT_EQ(cameras[2]["online"], false);
    EXPECT_FALSE(cameras[2].contains("lon"));
    EXPECT_EQ(one.notes.refused, 1u); // the one without an id
    for (const auto& message : one.messages) EXPECT_EQ(message.payload.find("geheim"), std::string::npos);
    one.pass(core::Duration(1000));
    ASSERT_TRUE(one.asking("PTZPosition")); // what can turn is subscribed
    EXPECT_NE(one.asking("PTZPosition")->uri.find("34020000001310000002"), std::string::npos);
    // An alarm without a place has its camera's.
    one.send(one.request("MESSAGE", kRecorder, Platform::alarm("34020000001310000002", one.local())));
    EXPECT_EQ(one.of("event").back()["lat"], 31.19);
    // The recorder falls silent: so do its cameras.
    one.messages.clear();
    one.pass(core::Duration(200000));
    EXPECT_EQ(one.of("camera").size(), 3u);
    for (const auto& camera : one.of("camera")) EXPECT_EQ(camera["online"], false);
}

TEST(Gb28181Catalog, oneThatStaysIncompleteIsTakenAsFarAsItCameAndAskedAgain) {
    Platform one;
    ASSERT_EQ(one.enroll(kRecorder), 200);
    const auto* query = one.asking("Catalog");
    ASSERT_TRUE(query);
    one.reply(*query, 200);
    one.send(one.request("MESSAGE", kRecorder, page(serialOf(*query), 6, item("34020000001310000001"))));
    one.asked.clear();
    one.pass(core::Duration(21000));
    EXPECT_EQ(one.of("camera").size(), 1u);
    for (int i = 0; i < 5; ++i) {
        one.pass(core::Duration(60000));
        one.send(one.request("MESSAGE", kRecorder, keepalive(kRecorder)));
    }
    one.pass(core::Duration(1000));
    EXPECT_TRUE(one.asking("Catalog"));
}

TEST(Gb28181Keepalive, namesTheFaultyOnesAmongItsOwn) {
    Platform one;
    ASSERT_EQ(one.enroll(kRecorder), 200);
    const auto* query = one.asking("Catalog");
    ASSERT_TRUE(query);
    one.send(one.request("MESSAGE", kRecorder, page(serialOf(*query), 2, item("34020000001310000001") + item("34020000001310000002"))));
    one.messages.clear();
    EXPECT_EQ(one.send(one.request("MESSAGE", kRecorder, keepalive(kRecorder, "<Info><DeviceID>34020000001310000002</DeviceID></Info>"))), 200);
    ASSERT_EQ(one.of("camera").size(), 1u);
    EXPECT_EQ(one.of("camera")[0]["id"], "34020000001310000002");
    EXPECT_EQ(one.of("camera")[0]["online"], false);
}

TEST(Gb28181Subscribe, alarmsComeByNotifyAndTheSubscriptionIsRenewed) {
    Platform one;
    ASSERT_EQ(one.enroll(kCamera), 200);
    const auto* asked = one.asking("SUBSCRIBE");
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->headerOr("event"), "presence");
    EXPECT_NE(asked->body.find("<StartAlarmPriority>0</StartAlarmPriority>"), std::string::npos);
    const std::string callId = asked->headerOr("call-id");
    one.reply(*asked, 200, "600");
    const auto notify = [&](const std::string& id, const std::string& body) {
        std::string text = one.request("NOTIFY", kCamera, body, "Event: presence\r\nSubscription-State: active;expires=500\r\n");
        const auto at = text.find("Call-ID: ") + 9;
        return text.replace(at, text.find('\r', at) - at, id);
    };
    EXPECT_EQ(one.send(notify(callId, "")), 200);
    EXPECT_EQ(one.send(notify(callId, Platform::alarm(kCamera, one.local()))), 0);
    one.asked.clear();
    one.store();
    EXPECT_EQ(one.answers.at(0).status, 200);
    EXPECT_TRUE(one.asked.empty()); // a NOTIFY's 200 is all it wants
    EXPECT_EQ(one.send(notify("of-another-life", Platform::alarm(kCamera, one.local(1)))), 0);
    one.messages.erase(one.messages.begin(), one.messages.end() - 1);
    one.store();
    EXPECT_EQ(one.answers.at(0).status, 481); // taken, and ended
    one.asked.clear();
    for (int i = 0; i < 10; ++i) {
        one.pass(core::Duration(55000));
        one.send(one.request("MESSAGE", kCamera, keepalive(kCamera)));
    }
    ASSERT_TRUE(one.asking("SUBSCRIBE")); // after nine tenths of 600 s
    EXPECT_EQ(one.asking("SUBSCRIBE")->headerOr("call-id"), callId);
    EXPECT_EQ(one.asking("SUBSCRIBE")->headerOr("to"), "<sip:34020000001320000001@3402000000>;tag=dev");
}

TEST(Gb28181Pose, whereACameraLooksAndWhereAMovingOneIs) {
    Platform one({}, [](auto& settings) {
        settings.northDegrees = {{kCamera, 300.0}};
        settings.moving = core::Duration(5000);
    });
    ASSERT_EQ(one.enroll(kCamera), 200);
    ASSERT_TRUE(one.asking("MobilePosition"));
    EXPECT_NE(one.asking("MobilePosition")->body.find("<Interval>5</Interval>"), std::string::npos);
    const std::string head = "<SN>1</SN><DeviceID>" + std::string(kCamera) + "</DeviceID>";
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, "<Notify><CmdType>PTZPosition</CmdType>" + head + "<Pan>90.5</Pan><Tilt>12</Tilt><Zoom>2</Zoom><HorizontalFieldAngle>33</HorizontalFieldAngle></Notify>")), 200);
    const auto pose = one.of("camera").back();
    EXPECT_EQ(pose["heading"], 30.5);
    EXPECT_EQ(pose["pitch"], -12.0);
    EXPECT_EQ(pose["hfov"], 33.0);
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, "<Notify><CmdType>MobilePosition</CmdType>" + head + "<Time>" + one.local(2) + "</Time><Longitude>121.5</Longitude><Latitude>31.2</Latitude><Speed>3</Speed></Notify>")), 200);
    EXPECT_EQ(one.of("camera").back()["lon"], 121.5);
    EXPECT_EQ(one.of("camera").back()["ts"], core::formatInstant(one.now.wall));
    const auto before = one.messages.size();
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, "<Notify><CmdType>MobilePosition</CmdType>" + head + "<Longitude>0.0</Longitude><Latitude>0.0</Latitude></Notify>")), 200);
    EXPECT_EQ(one.messages.size(), before);
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, "<Response><CmdType>DeviceStatus</CmdType>" + head + "<Result>OK</Result><Online>OFFLINE</Online><Status>OK</Status></Response>")), 200);
    EXPECT_EQ(one.of("camera").back()["online"], false);
}

TEST(Gb28181Storm, threeThousandThatComeBackTogetherAreAskedInTurn) {
    Platform one;
    for (int i = 0; i < 3000; ++i) {
        char id[24];
        std::snprintf(id, sizeof id, "340200000013200%05d", i);
        ASSERT_EQ(one.registerOnly(id, tests::kSecret, {}, "MD5", "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)), 200);
    }
    EXPECT_EQ(one.platform->online(), 3000u);
    EXPECT_TRUE(one.asked.empty());
    for (int i = 1; i <= 10; ++i) {
        one.pass(core::Duration(250));
        std::set<std::string> different; // others are repeated: nobody answers
        for (const auto& asked : one.asked) different.insert(asked.headerOr("call-id"));
        EXPECT_EQ(different.size(), 20u * static_cast<std::size_t>(i)); // of nine thousand, a tick's worth at a time
    }
    EXPECT_EQ(one.notes.refused + one.notes.limited, 0u);
}

TEST(Gb28181Flood, aStreamIsHeldBackAndNothingOfItIsLost) {
    Platform one({}, [](auto& settings) {
        settings.messagesPerSecond = 10;
        settings.burst = 4;
    });
    for (int i = 0; i < 100; ++i) one.platform->receive({"192.0.2.9", 40000, 1}, one.request("OPTIONS", kCamera, ""), one.now);
    one.collect();
    EXPECT_EQ(one.answers.size(), 100u);
    EXPECT_FALSE(one.platform->mayRead("192.0.2.9", one.now.steady));
    EXPECT_TRUE(one.platform->mayRead("192.0.2.10", one.now.steady));
    EXPECT_FALSE(one.platform->mayRead("192.0.2.9", one.now.steady + core::Duration(9000)));
    EXPECT_TRUE(one.platform->mayRead("192.0.2.9", one.now.steady + core::Duration(9800)));
}

TEST(Gb28181Busy, whatCannotBeStoredIsNotPromised) {
    Platform one;
    ASSERT_EQ(one.enroll(kCamera), 200);
    one.platform->setBusy(true);
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, Platform::alarm(kCamera, one.local()))), 503);
    one.platform->setBusy(false);
    EXPECT_EQ(one.send(one.request("MESSAGE", kCamera, Platform::alarm(kCamera, one.local()))), 0);
    one.answers.clear();
    one.pass(core::Duration(26000)); // the disk does not come back
    ASSERT_FALSE(one.answers.empty());
    EXPECT_EQ(one.answers.back().status, 503);
}
