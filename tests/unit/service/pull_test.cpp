// Sources that are asked (http-poll) and sources that leave files (file-drop), from their configuration to the twin.

#include <atomic>
#include <mutex>

#include "unit/service/feed_support.h"
#include "service/feed_adapter.h"
#include "unit/service/stub_server.h"

using namespace matou;
using tests::OneFeed;
using tests::StubServer;

namespace {

const char* kObs = R"(
[[feed.mapping]]
kind = "obs"
items = "/list"
ids = { "A-1" = "S-001" }
fields = { id = "/code", ts = "/time", value = "/v", unit = "/u" }
)";
const char* kEvents = R"(
[[feed.mapping]]
kind = "event"
fields = { source = "/dev", id = "/no", ts = "/at", class = "/type", severity = "/level" }
classes = { 7 = "crowd" }
)";

std::string poll(const std::string& url, const std::string& more) {
    return "[[feed]]\nid = \"air\"\nkind = \"http-poll\"\nurl = \"" + url + "\"\ninterval_s = 0.2\ntimeout_s = 2\n" + more;
}
std::string drop(const std::string& more) {
    return "[[feed]]\nid = \"gate\"\nkind = \"file-drop\"\nfolder = \"FOLDER/in\"\n" + more;
}
std::filesystem::path today(const std::filesystem::path& folder, const char* where) {
    return folder / where / core::formatInstant(core::RealClock().now()).substr(0, 10);
}
void put(const std::filesystem::path& folder, const std::string& name, const std::string& text) {
    support::writeText(folder / ("." + name), text);
    std::filesystem::rename(folder / ("." + name), folder / name);
}

} // namespace

TEST(HttpPoll, valuesComeConvertedAndAgeFromTheirOwnStamp) {
    std::atomic<int> asked{0}, unchanged{0};
    std::string authorization;
    const std::string stamp = OneFeed::ago(300);
    StubServer server([&](const auto& request, auto& response) {
        ++asked;
        authorization = request.get_header_value("Authorization");
        if (request.get_header_value("If-None-Match") == "\"1\"") {
            ++unchanged;
            response.status = 304;
            return;
        }
        response.set_header("ETag", "\"1\"");
        response.set_content(R"({"list":[{"code":"A-1","time":")" + stamp + R"(","v":"250","u":"cm"}]})", "application/json");
    });
    ::setenv("MATOU_TEST_POLL", "a-token", 1);
    OneFeed one(poll(server.url("/air?key=1"), std::string("secret = \"env:MATOU_TEST_POLL\"\n") + kObs));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.sensor("S-001").known && unchanged > 1; }));
    EXPECT_DOUBLE_EQ(one.sensor("S-001").value, 2.5);
    EXPECT_EQ(one.sensor("S-001").age, twin::Age::lost); // five minutes old, however often it is told
    EXPECT_EQ(authorization, "Bearer a-token");
    const auto feed = one.feed();
    EXPECT_TRUE(feed.connected);
    EXPECT_EQ(feed.received, 1u);
    EXPECT_EQ(feed.late, 1u);
    EXPECT_EQ(feed.age, twin::Age::fresh); // the source itself answers
}

TEST(HttpPoll, theSameEventIsStoredOnceAndUnknownCodesAreShown) {
    const std::string stamp = OneFeed::ago(1);
    StubServer server([&](const auto&, auto& response) {
        response.set_content(R"([{"dev":"C-1","no":"1","at":")" + stamp + R"(","type":7,"level":2},{"dev":"C-2","no":"2","at":")" + stamp + R"(","type":99,"level":2}])", "application/json");
    });
    OneFeed one(poll(server.url("/e"), kEvents));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.feed().duplicates >= 4; }));
    const auto state = one.service->snapshot();
    EXPECT_EQ(state->eventsStored, 2u);
    ASSERT_EQ(state->alarms.size(), 2u);
    bool unclassified = false;
    for (const auto& alarm : state->alarms) unclassified = unclassified || alarm.title.zh.find("未分类（code:99）") != std::string::npos;
    EXPECT_TRUE(unclassified) << state->alarms[0].title.zh << " " << state->alarms[1].title.zh;
    EXPECT_GE(one.feed().unclassified, 1u);
}

TEST(HttpPoll, aBrokenSourceIsNamedWithoutItsSecretsAndAskedLessOften) {
    std::atomic<int> asked{0}, answer{0};
    StubServer server([&](const auto&, auto& response) {
        ++asked;
        if (answer == 0) response.status = 500;
        else if (answer == 1) response.set_content("{\"list\":", "application/json");
        else if (answer == 2) response.set_content(std::string(std::size_t{17} << 20, ' '), "application/json");
        else response.set_content(R"({"list":[]})", "application/json");
    });
    OneFeed one(poll(server.url("/air?key=geheim"), kObs));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.feed().lastError.find("E_FETCH_STATUS") != std::string::npos; }));
    EXPECT_FALSE(one.feed().connected);
    EXPECT_EQ(one.feed().lastError.find("geheim"), std::string::npos);
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    EXPECT_LE(asked, 5); // 0, 0.4, 1.2, 2.8 s …
    answer = 1;
    ASSERT_TRUE(one.soon([&] { return one.feed().lastError.find("E_JSON_SYNTAX") != std::string::npos; }));
    EXPECT_GE(one.feed().invalid, 1u);
    answer = 2;
    ASSERT_TRUE(one.soon([&] { return one.feed().lastError.find("E_FETCH_LIMIT") != std::string::npos; }));
    answer = 3;
    EXPECT_TRUE(one.soon([&] { return one.feed().connected; }));
}

TEST(HttpPoll, aSettingThatIsWrongKeepsItFromStarting) {
    const auto code = [](const std::string& toml) {
        OneFeed one(toml);
        const auto started = one.start();
        return started ? "" : started.error().code + " " + started.error().arguments[1];
    };
    EXPECT_EQ(code(poll("ftp://x/", kObs)), "E_FEED_SETTING url");
    EXPECT_EQ(code(poll("http://user:word@x/", kObs)), "E_FEED_SETTING url");
    EXPECT_EQ(code(poll("http://x/", "")), "E_FEED_SETTING mapping");
    EXPECT_TRUE(service::feedKindKnown("http-poll"));
    EXPECT_FALSE(service::feedKindKnown("smoke-signals"));
}

TEST(FileDrop, wholeFilesAreTakenStoredAndMovedBadOnesSaid) {
    OneFeed one(drop(kEvents));
    ASSERT_TRUE(one.start());
    const auto in = one.path / "in";
    ASSERT_TRUE(one.soon([&] { return std::filesystem::is_directory(in) && one.feed().connected; }));
    const std::string event = R"({"dev":"C-1","no":"1","at":")" + OneFeed::ago(1) + R"(","type":7,"level":2})";
    put(in, "one.json", event);
    ASSERT_TRUE(one.soon([&] { return std::filesystem::exists(today(in, "done") / "one.json"); }));
    EXPECT_TRUE(one.soon([&] { return one.service->snapshot()->eventsStored == 1; }));
    put(in, "two.json", "[" + event + R"(,{"dev":"C-1"}])"); // partly good
    put(in, "bad.json", "not json");
    put(in, "half.json.part", event);
    std::filesystem::create_symlink("/etc/passwd", in / "link.json");
    ASSERT_TRUE(one.soon([&] { return std::filesystem::exists(today(in, "bad") / "bad.json.reason.txt") && std::filesystem::exists(today(in, "done") / "two.json.reason.txt"); }));
    EXPECT_TRUE(one.soon([&] { return std::filesystem::is_symlink(today(in, "bad") / "link.json"); }));
    EXPECT_TRUE(std::filesystem::exists(in / "half.json.part"));
    EXPECT_EQ(one.service->snapshot()->eventsStored, 1u);
    const auto reason = core::readTextFile(today(in, "bad") / "bad.json.reason.txt");
    ASSERT_TRUE(reason);
    EXPECT_NE(reason->find("E_JSON_SYNTAX"), std::string::npos) << *reason;
    EXPECT_TRUE(one.soon([&] { return one.feed().invalid == 3; })) << one.feed().invalid;
}

TEST(FileDrop, aFileThatGrowsIsLeftUntilItIsQuietAndCsvInGbkIsRead) {
    OneFeed one(drop("format = \"csv\"\ncharset = \"gbk\"\n[[feed.mapping]]\nkind = \"obs\"\nids = { \"\xE6\xB0\xB4\xE4\xBD\x8D\" = \"S-001\" }\nfields = { id = \"/\xE5\x90\x8D\", ts = \"/t\", value = \"/v\", unit = \"m\" }\n"));
    ASSERT_TRUE(one.start());
    const auto file = one.path / "in/values.csv";
    std::ofstream growing(file, std::ios::binary);
    growing << "\xC3\xFB,t,v\n" << std::flush; // 名
    std::this_thread::sleep_for(std::chrono::milliseconds(900));
    growing << "\xCB\xAE\xCE\xBB," << OneFeed::ago(1) << ",3.5\n" << std::flush; // 水位
    std::this_thread::sleep_for(std::chrono::milliseconds(900));
    EXPECT_TRUE(std::filesystem::exists(file));
    growing.close();
    ASSERT_TRUE(one.soon([&] { return std::filesystem::exists(today(one.path / "in", "done") / "values.csv"); }));
    EXPECT_TRUE(one.soon([&] { return one.sensor("S-001").known; }));
    EXPECT_DOUBLE_EQ(one.sensor("S-001").value, 3.5);
}

TEST(FileDrop, daysThatAreOverAreTakenAwayAndNothingElse) {
    OneFeed one(drop("keep_days = 7\n" + std::string(kEvents)));
    const auto in = one.path / "in";
    for (const char* old : {"done/2020-01-01/a.json", "bad/2020-01-02/b.json", "done/2020-spring/c.json", "done/d.json"})
        support::writeText(in / old, "{}");
    support::writeText(today(in, "done") / "e.json", "{}");
    ASSERT_TRUE(one.start());
    put(in, "one.json", R"({"dev":"C-1","no":"1","at":")" + OneFeed::ago(1) + R"(","type":7,"level":2})");
    ASSERT_TRUE(one.soon([&] { return std::filesystem::exists(today(in, "done") / "one.json"); }));
    EXPECT_FALSE(std::filesystem::exists(in / "done/2020-01-01"));
    EXPECT_FALSE(std::filesystem::exists(in / "bad/2020-01-02"));
    for (const char* kept : {"done/2020-spring/c.json", "done/d.json"})
        EXPECT_TRUE(std::filesystem::exists(in / kept)) << kept;
    EXPECT_TRUE(std::filesystem::exists(today(in, "done") / "e.json"));
}

TEST(Feeds, aMappingThatWouldNeverBeUsedIsRefused) {
    OneFeed one("[[feed]]\nid = \"m\"\nkind = \"mqtt\"\nurl = \"mqtt://127.0.0.1:1\"\n" + std::string(kObs));
    const auto started = one.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, "E_FEED_SETTING");
}
