// A district fed by Kafka: librdkafka's mock cluster is the peer.

#include <set>

#include <sqlite3.h>

#include "history/history.h"
#include "support/mock_kafka.h"
#include "support/program.h"
#include "unit/service/feed_support.h"

using namespace matou;
using namespace std::chrono_literals;
using support::MockKafka;
using tests::OneFeed;

namespace {

std::string feedToml(const MockKafka& kafka, const std::string& topics, const std::string& options = "?session=6", const std::string& more = "") {
    return "[[feed]]\nid = \"city\"\nkind = \"kafka\"\nurl = \"kafka://" + kafka.brokers() + "/" + topics + options + "\"\n" + more;
}
std::string event(int number) {
    return R"({"id":")" + std::to_string(number) + R"(","ts":")" + core::formatInstant(core::RealClock().now()) + R"(","class":"litter","camera":"C-1"})";
}
std::set<std::string> storedIds(const std::filesystem::path& file, std::size_t& rows) {
    core::Diagnostics remarks;
    const auto history = history::History::open(file.string(), {}, remarks);
    EXPECT_TRUE(history);
    EXPECT_TRUE(remarks.empty());
    std::set<std::string> ids;
    rows = 0;
    const auto events = *history->events({.limit = 1000000});
    for (const auto& row : events) {
        if (row.feed != "city") continue; // the killed program plays the district's embedded feed, too
        ++rows;
        ids.insert(row.id);
    }
    return ids;
}

/// Read beside the program that writes it.
std::size_t storedNow(const std::filesystem::path& file) {
    sqlite3* db = nullptr;
    sqlite3_stmt* query = nullptr;
    std::size_t rows = 0;
    if (sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT count(*) FROM events WHERE feed='city'", -1, &query, nullptr) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW)
        rows = static_cast<std::size_t>(sqlite3_column_int64(query, 0));
    sqlite3_finalize(query);
    sqlite3_close(db);
    return rows;
}

} // namespace

TEST(Kafka, everyEventIsStoredOnce) {
    MockKafka kafka;
    kafka.topic("city.event", 3);
    for (int i = 0; i < 500; ++i) kafka.produce("city.event", "C-" + std::to_string(i % 4 + 1), event(i));
    kafka.flush();
    OneFeed one(feedToml(kafka, "city.event"));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.service->snapshot()->eventsStored == 500; }, 20000)) << one.feed().lastError;
    EXPECT_TRUE(one.feed().connected);
    EXPECT_TRUE(one.soon([&] { return one.feed().behind == 0; }));
    EXPECT_EQ(one.feed().received, 500u);
    EXPECT_EQ(one.feed().invalid + one.feed().duplicates, 0u);
}

/// More kills: MATOU_ROUNDS. (The mock does not know static members, so each start waits for the killed one's session to end.)
TEST(Kafka, killedBetweenStoringAndCommittingNothingIsLostOrDoubled) {
    MockKafka kafka;
    kafka.topic("city.event", 2);
    OneFeed one(feedToml(kafka, "city.event")); // its folder is what the killed program uses
    const char* wanted = std::getenv("MATOU_ROUNDS");
    const int rounds = wanted ? std::max(1, std::atoi(wanted)) : 1;
    const auto file = one.path / "h.db";
    int sent = 0;
    for (int round = 0; round < rounds; ++round) {
        support::Program program(support::testFolder() / "state_side", {"serve", (one.path / "d").string(), "--history", file.string(), "--control", "none"}, one.path / "log");
        const std::size_t before = storedNow(file);
        // Places are committed twice a second, so that at any moment something is stored that is not committed.
        for (int i = 0; i < 6000 && storedNow(file) < before + 400; ++i) {
            kafka.produce("city.event", "C-" + std::to_string(i % 4 + 1), event(sent++));
            std::this_thread::sleep_for(4ms);
        }
        EXPECT_GE(storedNow(file), before + 400) << program.output();
        for (int i = 0; i < 300; ++i) { // a second and more: some of it is committed
            kafka.produce("city.event", "C-" + std::to_string(i % 4 + 1), event(sent++));
            std::this_thread::sleep_for(4ms);
        }
        EXPECT_EQ(program.end(SIGKILL), -SIGKILL);
    }
    kafka.flush();
    ASSERT_TRUE(one.start());
    EXPECT_TRUE(one.soon([&] { return storedNow(file) == static_cast<std::size_t>(sent) && one.feed().duplicates > 0; }, 30000)) << storedNow(file);
    const auto again = one.feed().duplicates;
    one.service->stop();
    std::size_t rows = 0;
    const auto ids = storedIds(file, rows);
    EXPECT_EQ(rows, static_cast<std::size_t>(sent));
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(sent));
    EXPECT_GT(again, 0u);
    EXPECT_LT(again, 400u); // what was committed does not come again
    std::printf("%d kills, %d events sent, %zu stored, %zu lost, %zu doubled; the last start got %llu again\n", rounds, sent, ids.size(), static_cast<std::size_t>(sent) - ids.size(),
                rows - ids.size(), static_cast<unsigned long long>(again));
}

TEST(Kafka, aBrokerThatGoesIsSaidAndItsReturnBringsWhatWaits) {
    MockKafka kafka;
    kafka.topic("city.event", 1);
    OneFeed one(feedToml(kafka, "city.event"));
    ASSERT_TRUE(one.start());
    kafka.produce("city.event", "C-1", event(1));
    ASSERT_TRUE(one.soon([&] { return one.service->snapshot()->eventsStored == 1; }, 20000));
    kafka.down();
    ASSERT_TRUE(one.soon([&] { return !one.feed().connected; }, 10000));
    EXPECT_NE(one.feed().lastError.find("E_KAFKA_BROKER"), std::string::npos) << one.feed().lastError;
    kafka.produce("city.event", "C-1", event(2));
    kafka.up();
    ASSERT_TRUE(one.soon([&] { return one.service->snapshot()->eventsStored == 2; }, 20000));
    ASSERT_TRUE(one.soon([&] { return one.feed().connected; }));
    EXPECT_EQ(one.feed().lastError, "");
    kafka.down(); // and an end while it is away takes no more than its limit
    const auto begun = std::chrono::steady_clock::now();
    one.service->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 8s);
}

TEST(Kafka, badRecordsAreCountedAndPassedMappedOnesBecomeCanonical) {
    MockKafka kafka;
    kafka.topic("iot", 1);
    kafka.topic("city.obs", 1);
    const std::string mapping = R"(envelope = true
[[feed.mapping]]
topic = "iot"
fields = { id = "/key", ts = "/value/t", value = "/value/v", unit = "/value/u" }
[[feed.mapping]]
topic = "city.obs"
fields = { id = "/value/id", ts = "/value/ts", value = "/value/value" }
)";
    kafka.produce("iot", "S-001", "not json");
    kafka.produce("iot", "S-001", std::string(std::size_t{1200000}, ' '));
    kafka.produce("iot", "S-001", R"({"t":")" + OneFeed::ago(0) + R"(","v":"none"})");
    kafka.produce("iot", "S-001", R"({"t":")" + OneFeed::ago(0) + R"(","v":"250","u":"cm"})");
    kafka.produce("city.obs", "x", R"({"id":"S-002","ts":")" + OneFeed::ago(600) + R"(","value":3})", 600);
    kafka.flush();
    OneFeed one(feedToml(kafka, "iot,city.obs", "?group=g&session=6", mapping));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(one.soon([&] { return one.sensor("S-001").known && one.sensor("S-002").known; }, 20000)) << one.feed().lastError;
    EXPECT_DOUBLE_EQ(one.sensor("S-001").value, 2.5);
    EXPECT_EQ(one.sensor("S-001").age, twin::Age::fresh);
    EXPECT_EQ(one.sensor("S-002").age, twin::Age::lost); // it lay in the broker for ten minutes
    EXPECT_EQ(one.feed().invalid, 3u);
    EXPECT_EQ(one.feed().received, 5u);
}

TEST(Kafka, twoOfAGroupShareThePartitionsAndOneTakesOverWhatTheOtherLeaves) {
    MockKafka kafka;
    kafka.topic("city.event", 4);
    OneFeed one(feedToml(kafka, "city.event")), two(feedToml(kafka, "city.event"));
    ASSERT_TRUE(one.start());
    ASSERT_TRUE(two.start());
    int sent = 0;
    const auto all = [&] { return one.service->snapshot()->eventsStored + two.service->snapshot()->eventsStored; };
    for (int i = 0; i < 300; ++i) {
        kafka.produce("city.event", "C-" + std::to_string(i % 50), event(sent++));
        std::this_thread::sleep_for(20ms); // over the rebalances
    }
    kafka.flush();
    // What one had stored and not committed when a partition went comes to the other once more.
    ASSERT_TRUE(one.soon([&] { return all() >= static_cast<std::uint64_t>(sent); }, 20000)) << all();
    one.service->stop();
    two.service->stop();
    std::size_t first = 0, second = 0;
    auto ids = storedIds(one.path / "h.db", first);
    const auto others = storedIds(two.path / "h.db", second);
    ids.insert(others.begin(), others.end());
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(sent));
    EXPECT_GT(first, 0u);
    EXPECT_GT(second, 0u);
    std::printf("%d events: %zu and %zu stored\n", sent, first, second);
}

TEST(Kafka, aSettingThatIsWrongKeepsItFromStarting) {
    const auto wrong = [](const std::string& toml) {
        OneFeed one("[[feed]]\nid = \"city\"\nkind = \"kafka\"\n" + toml);
        const auto started = one.start();
        return started ? std::string() : started.error().code + " " + (started.error().arguments.size() > 1 ? started.error().arguments[1] : "");
    };
    EXPECT_EQ(wrong("url = \"kafka://a:9092\"\n"), "E_FEED_SETTING url");
    EXPECT_EQ(wrong("url = \"kafka://a:9092/city.event?user=u\"\n"), "E_FEED_SETTING secret");
    EXPECT_EQ(wrong("url = \"kafka://a:9092/city\"\n"), "E_FEED_SETTING mapping");
    EXPECT_EQ(wrong("url = \"kafkas://a:9092/city.event?ca=/does/not/exist\"\n"), "E_KAFKA_CLIENT ");
}
