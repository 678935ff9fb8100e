// The GB/T 28181 feed against a real SIP peer: SIPp plays the devices of domain B.3. Scenarios: sipp/; what they say is printed as a list.

#include <atomic>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <set>

#include <iconv.h>

#include "history/history.h"
#include "support/mosquitto.h" // freePort
#include "support/program.h"
#include "unit/service/feed_support.h"

using namespace matou;
using tests::OneFeed;

namespace {

constexpr const char* kSipp = "/usr/bin/sipp";
constexpr const char* kPassword = "12345678";

std::string configuration(const std::string& more = {}) {
    return "[[feed]]\nid = \"video\"\nkind = \"gb28181\"\nurl = \"127.0.0.1:0\"\nsecret = \"env:MATOU_TEST_GB\"\nids = { \"34020000001320000031\" = \"C-1\" }\n"
           "[feed.video]\nplatform = \"34020000002000000001\"\ncrs = \"wgs84\"\nnorth = { \"34020000001320000031\" = 10.0 }\n" +
           more + "[[feed.mapping]]\nkind = \"event\"\n[[feed.mapping.rule]]\nwhen = { \"/AlarmDescription\" = \"~烟|火\" }\nclass = \"smoke\"\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
    return text;
}

std::string toGb18030(std::string text) {
    iconv_t converter = ::iconv_open("GB18030", "UTF-8");
    std::string out(text.size() * 2, '\0');
    char *from = text.data(), *to = out.data();
    std::size_t left = text.size(), room = out.size();
    ::iconv(converter, &from, &left, &to, &room);
    ::iconv_close(converter);
    out.resize(out.size() - room);
    return out;
}

struct Sipp : OneFeed {
    explicit Sipp(const std::string& more = {}) : OneFeed(configuration(more)) {
        ::setenv("MATOU_TEST_GB", kPassword, 1);
        const auto started = start();
        EXPECT_TRUE(started) << (started ? "" : core::describe(started.error(), core::Language::en));
    }
    static std::string scenario(const std::string& name) {
        const auto text = core::readTextFile(std::filesystem::path(MATOU_SOURCE_DIR) / "tests/unit/service/sipp" / (name + ".xml"));
        EXPECT_TRUE(text) << name;
        return text ? *text : std::string();
    }
    static std::string device(int number) {
        return "340200000013200" + std::to_string(100000 + number).substr(1);
    }
    /// AlarmTime as devices write it: local, without a zone.
    static std::string local(int secondsAgo = 0) {
        std::string text = core::formatBeijing(core::RealClock().now() - std::chrono::seconds(secondsAgo));
        text[10] = 'T';
        return text;
    }
    static std::string alarm(const std::string& id, const std::string& sn, const std::string& time, const std::string& more = {}) {
        return "<?xml version=\"1.0\" encoding=\"GB2312\"?><Notify><CmdType>Alarm</CmdType><SN>" + sn + "</SN><DeviceID>" + id + "</DeviceID><AlarmPriority>2</AlarmPriority><AlarmMethod>5</AlarmMethod><AlarmTime>" + time +
               "</AlarmTime>" + more + "</Notify>";
    }
    static std::string login(const std::string& id, const std::string& password = kPassword) { return id + ";[authentication username=" + id + " password=" + password + "]"; }

    /// Runs a scenario once per line; the exit status is SIPp's, 0 when every call went as written.
    int play(const std::string& text, const std::vector<std::string>& lines, std::vector<std::string> more = {}) {
        const auto sipp = begin(text, lines, std::move(more));
        const int status = sipp->end();
        if (status != 0) last = sipp->output();
        return status;
    }
    std::unique_ptr<support::Program> begin(const std::string& text, const std::vector<std::string>& lines, std::vector<std::string> more = {}) {
        const auto file = path / ("s" + std::to_string(++_runs)).append(".xml");
        support::writeText(file, text);
        std::vector<std::string> arguments{"127.0.0.1:" + std::to_string(port ? port : service->listeningPort()), "-sf", file.string(), "-i", "127.0.0.1", "-nostdin", "-timeout", "15s", "-timeout_error", "-recv_timeout", "8000"};
        if (!lines.empty()) {
            std::string csv = "SEQUENTIAL\n";
            for (const auto& line : lines) csv += line + "\n";
            support::writeText(path / "lines.csv", csv);
            arguments.insert(arguments.end(), {"-inf", (path / "lines.csv").string(), "-m", std::to_string(lines.size())});
        }
        arguments.insert(arguments.end(), more.begin(), more.end());
        return std::make_unique<support::Program>(kSipp, arguments, path / "sipp.log");
    }
    int play(const char* name, const std::vector<std::string>& lines, std::vector<std::string> more = {}) { return play(scenario(name), lines, std::move(more)); }

    bool events(std::uint64_t count) { return soon([&] { return service->snapshot()->eventsStored == count; }); }
    std::optional<twin::FoundCamera> found(const std::string& id) const {
        const auto state = service->snapshot();
        if (state->found)
            for (const auto& camera : *state->found)
                if (camera.id == id) return camera;
        return std::nullopt;
    }
    bool online(const std::string& id, bool yes) {
        return soon([&] {
            const auto camera = found(id);
            return camera && camera->state.online == yes;
        });
    }
    std::string last;
    int port = 0; // of a state side that is a process of its own; 0: of `service`

private:
    int _runs = 0;
};

/// One line of the list.
void say(const char* what, bool passed) {
    std::printf("  %-72s %s\n", what, passed ? "passed" : "FAILED");
    EXPECT_TRUE(passed) << what;
}

} // namespace

TEST(Gb28181Feed, aSettingThatIsWrongKeepsItFromStarting) {
    const auto code = [](const std::string& from, const std::string& to) {
        ::setenv("MATOU_TEST_GB", kPassword, 1);
        OneFeed one(replaced(configuration(), from, to));
        if (!one.district) return std::string("E_TOML");
        const auto started = one.start();
        return started ? std::string() : started.error().code;
    };
    EXPECT_EQ(code("x-nothing", ""), "");
    EXPECT_EQ(code("127.0.0.1:0", "nowhere"), "E_FEED_SETTING");
    EXPECT_EQ(code("secret = \"env:MATOU_TEST_GB\"", ""), "E_FEED_SETTING");
    EXPECT_EQ(code("env:MATOU_TEST_GB", "env:MATOU_TEST_NOT_THERE"), "E_GB_SECRET");
    EXPECT_EQ(code("crs = \"wgs84\"", "crs = \"EPSG:0\""), "E_CRS_UNKNOWN");
    const OneFeed folder(""); // passwords of their own, in a file
    support::writeText(folder.path / "good", "# ours\n34020000001320000011 one\n34020000001320000012  two words\n");
    support::writeText(folder.path / "bad", "34020000001320000011 one\nsomething else\n");
    EXPECT_EQ(code("env:MATOU_TEST_GB", "@" + (folder.path / "good").string()), "");
    EXPECT_EQ(code("env:MATOU_TEST_GB", "@" + (folder.path / "bad").string()), "E_GB_SECRET");
}

#define NEEDS_SIPP() \
    if (::access(kSipp, X_OK) != 0) GTEST_SKIP() << "no sipp"

TEST(Gb28181Sipp, registrationAndItsLoss) {
    NEEDS_SIPP();
    Sipp one("keepalive_s = 0.7\n");
    const std::string id = Sipp::device(11);
    say("REGISTER, 401, digest, 200", one.play("register", {Sipp::login(id)}) == 0 && one.online(id, true));
    say("REGISTER with a wrong password: 403", one.play("register_refused", {Sipp::login(Sipp::device(12), "wrong")}) == 0 && !one.found(Sipp::device(12)));
    say("the refusal names its source, and no password", one.soon([&] { return one.feed().lastError.find("127.0.0.1") != std::string::npos; }) && one.feed().lastError.find("wrong") == std::string::npos);
    const std::string beat = "<?xml version=\"1.0\"?><Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>" + id + "</DeviceID><Status>OK</Status></Notify>";
    say("Keepalive MESSAGE", one.play("message", {id + ";" + beat}) == 0 && one.online(id, true));
    say("three keepalives missed: no contact", one.online(id, false));
    say("and contact again with the next one", one.play("message", {id + ";" + beat}) == 0 && one.online(id, true));
    one.service.reset();
    ASSERT_TRUE(one.start());
    say("after a restart it speaks without registering again", one.play("message", {id + ";" + beat}) == 0 && one.online(id, true));
    say("TCP: register and speak", one.play("register", {Sipp::login(Sipp::device(13))}, {"-t", "t1"}) == 0 && one.online(Sipp::device(13), true));
}

TEST(Gb28181Sipp, alarms) {
    NEEDS_SIPP();
    Sipp one;
    const std::string id = Sipp::device(21);
    ASSERT_EQ(one.play("register", {Sipp::login(id)}), 0) << one.last;
    std::uint64_t stored = 0;
    const auto taken = [&](const char* what, const std::string& body) { say(what, one.play("message", {id + ";" + body}) == 0 && one.events(++stored)); };
    taken("alarm by MESSAGE: 200 after the commit", Sipp::alarm(id, "1", Sipp::local()));
    taken("alarm without coordinates and type", Sipp::alarm(id, "2", Sipp::local()));
    taken("alarm at longitude 0, latitude 0", Sipp::alarm(id, "3", Sipp::local(), "<Longitude>0</Longitude><Latitude>0</Latitude>"));
    taken("device clock ten minutes slow", Sipp::alarm(id, "4", Sipp::local(600)));
    taken("device clock ten minutes fast", Sipp::alarm(id, "5", Sipp::local(-600)));
    taken("the same SN again, of another time", Sipp::alarm(id, "1", Sipp::local(30)));
    taken("GB18030 that says it is UTF-8", replaced(toGb18030(Sipp::alarm(id, "6", Sipp::local(), "<AlarmDescription>发现烟雾</AlarmDescription>")), "GB2312", "UTF-8"));
    bool smoke = false;
    for (const auto& candidate : one.service->snapshot()->candidates) smoke = smoke || candidate.eventClass == "smoke";
    for (const auto& alarm : one.service->snapshot()->alarms) smoke = smoke || alarm.alarmClass == "smoke";
    say("… and its words decide its class", smoke);
    say("the same message twice (branch): one event, two answers", one.play("alarm_repeated", {id + ";" + Sipp::alarm(id, "7", Sipp::local())}, {"-nr"}) == 0 && one.events(++stored) && one.soon([&] { return one.feed().duplicates == 1; }));
    say("malformed XML: 400", one.play("message_refused", {id + ";<Notify><CmdType>Alarm</Notify>"}) == 0);
    say("XML with a DTD: 400", one.play("message_refused", {id + ";<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><Notify><CmdType>Alarm</CmdType></Notify>"}) == 0);
    say("both counted", one.soon([&] { return one.feed().invalid == 2; }) && one.events(stored));
    std::vector<std::string> burst;
    for (int i = 0; i < 400; ++i) burst.push_back(id + ";" + Sipp::alarm(id, std::to_string(1000 + i), Sipp::local()));
    say("a burst of 200 alarms/s for 2 s: each stored once, each answered", one.play("message", burst, {"-r", "200", "-l", "400"}) == 0 && one.events(stored += 400));
    say("unknown codes are shown and counted, none is dropped", one.feed().unclassified > 400);
}

TEST(Gb28181Sipp, catalogueAndSubscription) {
    NEEDS_SIPP();
    Sipp one;
    const std::string id = "34020000001180000041", port = std::to_string(support::freePort());
    std::string pages;
    int number = 0;
    for (const char* page : {"03", "01", "04", "03", "02"}) pages += replaced(replaced(Sipp::scenario("page"), "NUMBER", std::to_string(30 + ++number)), "PAGE", page);
    const std::string recorder = toGb18030(replaced(replaced(replaced(Sipp::scenario("recorder"), "PAGES", pages), "RECORDER", id), "TIME", Sipp::local()));
    ASSERT_EQ(one.play("register", {Sipp::login(id)}, {"-p", port}), 0) << one.last;
    // What it is asked meanwhile is asked again: the same device, from now on listening.
    const bool answered = one.play(recorder, {}, {"-p", port, "-m", "2"}) == 0;
    say("Catalog query, SUBSCRIBE: answered by the recorder", answered);
    if (!answered) std::printf("%s\n", one.last.c_str());
    const auto camera = [&] { return one.found("34020000001310000002"); };
    say("four pages in GB18030, out of order, one twice: the cameras", one.soon([&] { return camera().has_value(); }) && camera()->name == "码头路02号" && camera()->state.place && camera()->state.place->longitude == 121.5002);
    say("with field of view and the direction it names", camera() && camera()->state.horizontalFovDegrees == 60.0 && camera()->state.headingDegrees == 90.0);
    say("alarm by NOTIFY: stored, then 200", one.events(1));
    const bool told = one.play("message", {id + ";" + Sipp::alarm("34020000001310000004", "502", Sipp::local(), "<Info><AlarmType>6</AlarmType></Info>")}) == 0 && one.events(2);
    const auto placed = [&] {
        for (const auto& alarm : one.service->snapshot()->alarms)
            if (alarm.source == "34020000001310000004") return alarm.place.longitude == 121.5004;
        return false;
    };
    say("an alarm without a place has its camera's of the catalogue", told && one.soon(placed));
}

TEST(Gb28181Sipp, posesAndPositions) {
    NEEDS_SIPP();
    Sipp one;
    const std::string id = Sipp::device(31), head = "<SN>1</SN><DeviceID>" + id + "</DeviceID>", other = Sipp::device(32);
    ASSERT_EQ(one.play("register", {Sipp::login(id), Sipp::login(other)}), 0) << one.last;
    say("PTZPosition, MobilePosition and DeviceStatus: 200",
        one.play("message", {id + ";<Notify><CmdType>PTZPosition</CmdType>" + head + "<Pan>20</Pan><Tilt>5</Tilt><Zoom>1</Zoom><HorizontalFieldAngle>40</HorizontalFieldAngle></Notify>",
                             id + ";<Notify><CmdType>MobilePosition</CmdType>" + head + "<Time>" + Sipp::local() + "</Time><Longitude>121.51</Longitude><Latitude>31.2</Latitude></Notify>",
                             other + ";<Response><CmdType>DeviceStatus</CmdType><SN>1</SN><DeviceID>" + other + "</DeviceID><Result>OK</Result><Online>OFFLINE</Online><Status>OK</Status></Response>"}) == 0);
    const auto pose = [&]() -> twin::CameraState {
        const auto state = one.service->snapshot();
        const auto at = state->registry->cameraIndex.find("C-1");
        return at == state->registry->cameraIndex.end() ? one.found("C-1").value_or(twin::FoundCamera{}).state : state->cameras[at->second];
    };
    say("where it looks (pan from its north, tilt downwards)", one.soon([&] { return pose().headingDegrees == 30.0 && pose().pitchDegrees == -5.0 && pose().horizontalFovDegrees == 40.0; }));
    say("where it is", one.soon([&] { return pose().place && pose().place->longitude == 121.51; }));
    say("one that is not online", one.online(other, false));
}

TEST(Gb28181Sipp, aSourceThatFloods) {
    NEEDS_SIPP();
    Sipp one("messages_per_s = 200\n");
    const std::string id = Sipp::device(51);
    ASSERT_EQ(one.play("register", {Sipp::login(id)}), 0) << one.last;
    std::atomic<bool> ending{false};
    std::atomic<std::uint64_t> sent{0};
    std::thread flood([&, port = one.service->listeningPort()] { // from 127.0.0.2, as fast as it can
        const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
        sockaddr_in from{}, to{};
        from.sin_family = to.sin_family = AF_INET;
        ::inet_pton(AF_INET, "127.0.0.2", &from.sin_addr);
        ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        ::bind(fd, reinterpret_cast<sockaddr*>(&from), sizeof from);
        const std::string bytes = Sipp::alarm(id, "1", Sipp::local());
        while (!ending)
            if (::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to) > 0) ++sent;
        ::close(fd);
    });
    std::vector<std::string> lines;
    for (int i = 0; i < 40; ++i) lines.push_back(id + ";" + Sipp::alarm(id, std::to_string(2000 + i), Sipp::local()));
    const int status = one.play("message", lines, {"-r", "20"});
    ending = true;
    flood.join();
    say("is limited, and the alarms of another come through", status == 0 && one.events(40) && one.soon([&] { return one.feed().limited > 0; }));
    const auto feed = one.feed();
    std::printf("  %llu datagrams of the flood: %llu refused, %llu limited, the others lost on their way\n", static_cast<unsigned long long>(sent.load()), static_cast<unsigned long long>(feed.invalid),
                static_cast<unsigned long long>(feed.limited));
}

TEST(Gb28181Sipp, killedInTheMiddleNothingIsLostAndNothingDoubled) {
    NEEDS_SIPP();
    Sipp one;
    one.service.reset();
    one.port = support::freePort();
    auto toml = core::readTextFile(one.path / "d" / "district.toml");
    ASSERT_TRUE(toml);
    support::writeText(one.path / "d" / "district.toml", replaced(*toml, "127.0.0.1:0", "127.0.0.1:" + std::to_string(one.port)));
    const auto stateSide = [&] {
        auto side = std::make_unique<support::Program>(support::testFolder() / "state_side", std::vector<std::string>{"serve", (one.path / "d").string(), "--history", (one.path / "killed.db").string(), "--control", "none"}, one.path / "side.log");
        for (int i = 0; i < 400 && !support::listening(one.port); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return side;
    };
    auto side = stateSide();
    const std::string id = Sipp::device(61);
    ASSERT_EQ(one.play("register", {Sipp::login(id)}), 0) << one.last << side->output();
    std::this_thread::sleep_for(std::chrono::milliseconds(1300)); // who is registered is written once a second
    std::vector<std::string> lines;
    for (int i = 0; i < 300; ++i) lines.push_back(id + ";" + Sipp::alarm(id, std::to_string(3000 + i), Sipp::local()));
    const auto sipp = one.begin(Sipp::scenario("message"), lines, {"-r", "150", "-l", "300", "-timeout", "40s", "-recv_timeout", "30000"});
    for (int kill = 0; kill < 3; ++kill) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500 + 170 * kill));
        side->end(SIGKILL);
        side = stateSide();
    }
    const int status = sipp->end();
    if (status != 0) std::printf("%s\n%s\n", sipp->output().c_str(), side->output().c_str());
    side->end(SIGTERM);
    core::Diagnostics remarks;
    const auto history = history::History::open((one.path / "killed.db").string(), {}, remarks);
    ASSERT_TRUE(history);
    std::set<std::string> ids;
    std::size_t rows = 0;
    const auto events = history->events({.limit = 100000});
    ASSERT_TRUE(events);
    for (const auto& row : *events)
        if (row.source == id) {
            ids.insert(row.id);
            ++rows;
        }
    std::printf("  300 alarms, 3 SIGKILLs: %zu stored, %zu different\n", rows, ids.size());
    say("killed three times among 300 alarms: each answered, each stored once", status == 0 && rows == 300 && ids.size() == 300 && remarks.empty());
}

TEST(Gb28181Sipp, aStormOfRegistrations) {
    NEEDS_SIPP();
    Sipp one;
    const char* wanted = std::getenv("MATOU_GB_STORM"); // 3000 by hand
    const int count = wanted ? std::atoi(wanted) : 500;
    std::vector<std::string> lines;
    for (int i = 0; i < count; ++i) lines.push_back(Sipp::login(Sipp::device(20000 + i)));
    const auto begun = std::chrono::steady_clock::now();
    const bool all = one.play("register", lines, {"-r", "250", "-l", "1000", "-timeout", "60s"}) == 0;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::printf("  %d devices in %.1f s\n", count, seconds);
    say("all of them are registered", all && one.soon([&] { const auto state = one.service->snapshot(); return state->found && state->found->size() == static_cast<std::size_t>(count); }));
}
