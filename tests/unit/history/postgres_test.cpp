// The same history in PostgreSQL: a real server, started here, killed in the middle.

#include <gtest/gtest.h>

#include "history/history.h"
#include "support/postgres.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace matou::history;
using namespace std::chrono_literals;

namespace {

const core::Instant kNow{std::chrono::milliseconds(1750000000000)};

/// One server for all: making it takes seconds. Each test has a database of its own.
class PostgresHistory : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (support::Postgres::programs().empty()) return;
        folder = std::make_unique<support::TemporaryFolder>("postgres");
        server = std::make_unique<support::Postgres>(folder->path / "server");
    }
    static void TearDownTestSuite() {
        server.reset();
        folder.reset();
    }
    void SetUp() override {
        if (!server) GTEST_SKIP() << "not run: PostgreSQL is not installed";
        ASSERT_TRUE(server->made) << server->log();
    }
    /// A schema of the test's own.
    static std::string url(const std::string& schema) {
        const std::string make = "CREATE SCHEMA IF NOT EXISTS " + schema;
        support::Program psql(support::Postgres::programs() / "psql", {server->url(), "-q", "-c", make},
                              folder->path / "psql.log");
        EXPECT_EQ(psql.end(), 0);
        return server->url() + "&options=-csearch_path%3D" + schema;
    }
    static History opened(const std::string& where) {
        core::Diagnostics remarks;
        auto result = History::open(where, kNow, remarks);
        EXPECT_TRUE(result) << result.error().code << " "
                            << (result.error().arguments.empty() ? "" : result.error().arguments[0]);
        EXPECT_TRUE(remarks.empty());
        return std::move(*result);
    }
    static twin::Event event(const std::string& source, const std::string& id, int second = 0) {
        twin::Event result;
        result.source = source;
        result.id = id;
        result.eventTime = result.receiveTime = kNow + second * 1s;
        result.eventClass = "smoke";
        result.raw = R"({"id":")" + id + R"(","note":"烟 'quoted' \\ ?"})";
        result.feed = "mqtt";
        return result;
    }
    static alarm::Change change(const std::string& id) {
        alarm::Change result;
        result.at = kNow;
        result.what = "raised";
        result.alarm.id = id;
        result.alarm.dedupKey = "event|smoke|C1|";
        result.alarm.alarmClass = "smoke";
        result.alarm.severity = 2;
        result.alarm.title = {"疑似烟雾", "Possible smoke"};
        result.alarm.raised = result.alarm.lastOccurrence = kNow;
        return result;
    }
    static std::unique_ptr<support::TemporaryFolder> folder;
    static std::unique_ptr<support::Postgres> server;
};
std::unique_ptr<support::TemporaryFolder> PostgresHistory::folder;
std::unique_ptr<support::Postgres> PostgresHistory::server;

} // namespace

TEST_F(PostgresHistory, keepsEventsOnceAlarmsAndNotesOverARestart) {
    const auto where = url("restart");
    {
        auto history = opened(where);
        EXPECT_TRUE(*history.addEvent(event("C2", "9", 50), kNow));
        EXPECT_TRUE(*history.addEvent(event("C1", "9"), kNow));
        EXPECT_FALSE(*history.addEvent(event("C2", "9", 51), kNow + 1s)); // the same again
        ASSERT_TRUE(history.addChange(change("A-000012")));
        ASSERT_TRUE(history.commit());
        EXPECT_EQ(history.eventsStored(), 2u);
        ASSERT_TRUE(history.setNote("client_id", "matou-1"));
        ASSERT_TRUE(history.addEvent(event("C3", "1"), kNow));
        history.rollback();
        ASSERT_TRUE(history.addNonce("n", kNow));
        ASSERT_TRUE(history.addOutgoing({0, "mqtt", "t", "{}"}));
        ASSERT_TRUE(history.commit());
    }
    auto history = opened(where);
    EXPECT_EQ(history.eventsStored(), 2u);
    const auto rows = *history.events({});
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].source, "C2");
    EXPECT_EQ(rows[0].eventTime, kNow + 50s);
    EXPECT_EQ(rows[0].raw, event("C2", "9").raw);
    EXPECT_EQ(history.events({.source = "C1"})->size(), 1u);
    EXPECT_EQ(history.events({.after = rows[0].sequence})->size(), 1u);
    ASSERT_EQ(history.openAlarms()->size(), 1u);
    EXPECT_EQ(history.openAlarms()->at(0).title.zh, "疑似烟雾");
    EXPECT_EQ(history.lastAlarmNumber(), 12u);
    EXPECT_EQ(history.note("client_id"), "matou-1");
    EXPECT_EQ(history.nonces(), std::vector<std::string>{"n"});
    ASSERT_EQ(history.outgoing(0, 10).size(), 1u);
    ASSERT_TRUE(history.removeOutgoing(history.outgoing(0, 10)[0].sequence));
    ASSERT_TRUE(history.commit());
    EXPECT_TRUE(history.outgoing(0, 10).empty());
}

TEST_F(PostgresHistory, valuesLieInMonthsAndRetentionLeavesHours) {
    const auto where = url("months");
    auto history = opened(where);
    const core::Instant old =
        core::Instant(core::Duration(1740000000000 / 3600000 * 3600000)); // 2025-02-19, 116 days before
    twin::Observation observation;
    observation.sensor = "A";
    for (int i = 0; i < 200; ++i) {
        observation.eventTime = observation.receiveTime = old + i * 1min;
        observation.value = i / 8.0;
        observation.quality = i % 10 == 9 ? twin::Quality::bad : twin::Quality::good;
        history.addObservation(observation);
    }
    observation.eventTime = observation.receiveTime = kNow - 1h; // June
    history.addObservation(observation);
    observation.eventTime = core::Instant(-5000000000s); // before there were months
    history.addObservation(observation);
    ASSERT_TRUE(history.flushObservations());
    EXPECT_EQ(history.observationsStored(), 202u);
    const auto raw = *history.series({.sensor = "A", .since = old, .until = old + 4h});
    ASSERT_EQ(raw.values.size(), 200u);
    EXPECT_EQ(raw.values[199].value, 199 / 8.0);
    const SeriesQuery query{.sensor = "A", .since = old, .until = old + 4h, .points = 4};
    const auto before = *history.series(query);
    while (*history.retain(kNow, {})) {
    }
    EXPECT_EQ(history.observationsStored(), 2u);
    const auto after = *history.series(query);
    ASSERT_EQ(after.buckets.size(), before.buckets.size());
    for (std::size_t i = 0; i < after.buckets.size(); ++i) {
        EXPECT_EQ(after.buckets[i].count, before.buckets[i].count);
        EXPECT_EQ(after.buckets[i].bad, before.buckets[i].bad);
        EXPECT_EQ(after.buckets[i].maximum, before.buckets[i].maximum);
        EXPECT_DOUBLE_EQ(after.buckets[i].mean, before.buckets[i].mean);
    }
    support::Program psql(
        support::Postgres::programs() / "psql",
        {where, "-At", "-c", "SELECT count(*) FROM pg_inherits WHERE inhparent='observations'::regclass"},
        folder->path / "psql.log");
    EXPECT_EQ(psql.end(), 0);
    EXPECT_EQ(psql.output(), "3\n"); // February, June, and what belongs to neither
}

TEST_F(PostgresHistory, theAuditChainHoldsAndTheServerKeepsItFromBeingChanged) {
    const auto where = url("audit");
    {
        auto history = opened(where);
        for (int i = 0; i < 20; ++i)
            ASSERT_TRUE(history.addAudit({kNow, "li", "operator", "control", "{}", "done"}));
        ASSERT_TRUE(history.commit());
        EXPECT_EQ(history.audit(5).size(), 5u);
    }
    EXPECT_TRUE(verifyAudit(where, {})->findings.empty());
    const auto run = [&](const std::string& sql) {
        support::Program psql(support::Postgres::programs() / "psql", {where, "-v", "ON_ERROR_STOP=1", "-c", sql},
                              folder->path / "psql.log");
        return psql.end();
    };
    EXPECT_NE(run("UPDATE journal SET record='{}' WHERE seq=7"), 0);
    EXPECT_NE(run("DELETE FROM journal WHERE seq=7"), 0);
    ASSERT_EQ(run("ALTER TABLE journal DISABLE TRIGGER ALL; UPDATE journal SET record='{}' WHERE seq=7"), 0);
    const auto report = verifyAudit(where, {});
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->findings.empty());
}

TEST_F(PostgresHistory, onlyOneWritesAndNoPasswordStandsInTheUrl) {
    const auto where = url("one");
    auto history = opened(where);
    core::Diagnostics remarks;
    auto second = History::open(where, kNow, remarks);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "E_HISTORY_BUSY");
    auto secret = History::open("postgresql://matou:pw@localhost/x", kNow, remarks);
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().code, "E_HISTORY_SECRET");
    EXPECT_EQ(secret.error().where.find("pw"), std::string::npos);
    auto nobody = History::open("postgresql:///x?host=/nowhere", kNow, remarks);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, "E_HISTORY_OPEN");
}

TEST_F(PostgresHistory, aServerThatDiesCostsOnlyWhatWasNotCommittedAndSaysSo) {
    const auto where = url("dies");
    auto history = opened(where);
    ASSERT_TRUE(*history.addEvent(event("C1", "1"), kNow));
    ASSERT_TRUE(history.commit());
    ASSERT_TRUE(*history.addEvent(event("C1", "2"), kNow));
    server->kill();
    EXPECT_FALSE(history.addEvent(event("C1", "3"), kNow));
    EXPECT_FALSE(history.commit());
    history.rollback();
    twin::Observation observation;
    observation.sensor = "A";
    observation.eventTime = observation.receiveTime = kNow;
    history.addObservation(observation);
    EXPECT_FALSE(history.flushObservations()); // kept
    ASSERT_TRUE(server->start()) << server->log();
    // The next transaction finds it again.
    core::Result<bool> again = history.addEvent(event("C1", "2"), kNow);
    for (int i = 0; i < 100 && !again; ++i) {
        history.rollback();
        std::this_thread::sleep_for(100ms);
        again = history.addEvent(event("C1", "2"), kNow);
    }
    ASSERT_TRUE(again) << again.error().arguments.at(0);
    EXPECT_TRUE(*again); // it had not been stored
    ASSERT_TRUE(history.commit());
    ASSERT_TRUE(history.flushObservations());
    EXPECT_EQ(history.eventsStored(), 2u);
    EXPECT_EQ(history.observationsStored(), 1u);
    const auto rows = *history.events({});
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].id, "1");
    EXPECT_EQ(rows[1].id, "2");
}

TEST_F(PostgresHistory, aServerThatIsSilentHoldsUpTheWatchForSecondsOnceAndNotForEachEvent) {
    const auto where = url("silent");
    auto history = opened(where);
    ASSERT_TRUE(*history.addEvent(event("C1", "1"), kNow));
    ASSERT_TRUE(history.commit());
    const auto begun = std::chrono::steady_clock::now();
    server->freeze();
    EXPECT_FALSE(history.addEvent(event("C1", "2"), kNow));
    for (int i = 0; i < 1000; ++i) {
        history.rollback();
        EXPECT_FALSE(history.addEvent(event("C1", std::to_string(3 + i)), kNow));
    }
    server->freeze(false);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 25s); // 10 for the answer, 2 for a new connection
    core::Result<bool> again = core::fail("E_HISTORY_SQL", "");
    for (int i = 0; i < 100 && !again; ++i) {
        history.rollback();
        std::this_thread::sleep_for(100ms);
        again = history.addEvent(event("C1", "2"), kNow);
    }
    ASSERT_TRUE(again) << again.error().code;
    ASSERT_TRUE(history.commit());
    EXPECT_EQ(history.events({})->size(), 2u);
}
