// The state lane against a history that fails, refuses, or lies, and a clock that is set. No thread, no wait.

#include <gtest/gtest.h>

#include <fstream>

#include <sqlite3.h>

#include "core/messages.h"
#include "service/audit_anchors.h"
#include "service/state_lane.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace std::chrono_literals;
using service::FeedLedger;
using service::StateLane;

namespace {

const core::Instant kNoon{std::chrono::milliseconds(1750000000000)};

struct Bench : support::TemporaryFolder {
    Bench() : TemporaryFolder("lane") {
        support::writeTinyDistrict(path / "d");
        district = std::make_shared<const district::District>(*district::District::open(path / "d"));
        start();
    }
    void start() {
        core::Diagnostics remarks;
        auto history = history::History::open((path / "h.db").string(), kNoon, remarks);
        ASSERT_TRUE(history);
        FeedLedger mqtt, hook;
        mqtt.id = mqtt.kind = "mqtt";
        hook.id = hook.kind = "webhook";
        hook.expectedInterval = {};
        mqtt.connected = hook.connected = true;
        auto opened = StateLane::open(district, std::move(*history), {mqtt, hook});
        ASSERT_TRUE(opened);
        lane = std::move(*opened);
    }
    void restart() {
        lane.reset();
        start();
    }
    void receive(const std::string& topic, const std::string& payload, core::Duration after, std::uint64_t token = 0) {
        live::Message message;
        message.topic = "matou/v1/tiny/" + topic;
        message.payload = payload;
        message.received = kNoon + after;
        message.acknowledge = token;
        lane->process({message});
    }
    void event(const std::string& id, core::Duration after, const std::string& more = R"("class":"crowd","severity":2)") {
        receive("event/C-1", R"({"id":")" + id + R"(","ts":")" + core::formatInstant(kNoon + after) + "\"," + more + "}", after,
                static_cast<std::uint64_t>(std::stoi(id)));
    }
    void value(double value, core::Duration after) {
        receive("obs/S-001", R"({"id":"S-001","ts":")" + core::formatInstant(kNoon + after) + R"(","value":)" + std::to_string(value) + "}", after);
    }
    /// Tokens that are confirmed with this commit.
    std::vector<std::uint64_t> commit(core::Duration after) {
        std::vector<std::uint64_t> tokens;
        lane->tick(kNoon + after);
        lane->commit([&](std::uint32_t, std::uint64_t token) { tokens.push_back(token); });
        return tokens;
    }
    void meddle(const std::string& sql) const {
        sqlite3* other = nullptr;
        ASSERT_EQ(sqlite3_open((path / "h.db").c_str(), &other), SQLITE_OK);
        char* said = nullptr;
        EXPECT_EQ(sqlite3_exec(other, sql.c_str(), nullptr, nullptr, &said), SQLITE_OK) << (said ? said : "");
        sqlite3_free(said);
        sqlite3_close(other);
    }
    std::size_t count(const std::string& from) const {
        sqlite3* other = nullptr;
        sqlite3_open((path / "h.db").c_str(), &other);
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(other, ("SELECT count(*) FROM " + from).c_str(), -1, &statement, nullptr), SQLITE_OK) << from;
        std::size_t result = 0;
        if (sqlite3_step(statement) == SQLITE_ROW) result = static_cast<std::size_t>(sqlite3_column_int64(statement, 0));
        sqlite3_finalize(statement);
        sqlite3_close(other);
        return result;
    }
    twin::FeedState feed(std::size_t index, core::Duration after) { return lane->snapshot(kNoon + after)->feeds.at(index); }

    std::shared_ptr<const district::District> district;
    std::unique_ptr<StateLane> lane;
};
using Tokens = std::vector<std::uint64_t>;

} // namespace

TEST(StateLane, anEventThatTheHistoryRefusesHoldsUpNothingElse) {
    Bench b;
    b.meddle("CREATE TRIGGER t BEFORE INSERT ON events WHEN new.id='2' BEGIN SELECT RAISE(ABORT, 'bad bytes'); END");
    for (const char* id : {"1", "2", "3", "4", "5"})
        b.event(id, 0s);
    EXPECT_EQ(b.commit(0s), (Tokens{1, 2, 3, 4, 5})); // also the refused one: its source need not send it for ever
    EXPECT_EQ(b.count("events"), 4u);
    b.event("6", 1s);
    EXPECT_EQ(b.commit(1s), (Tokens{6}));
    EXPECT_EQ(b.count("events"), 5u);
    EXPECT_EQ(b.count("transitions WHERE what='history_refused' AND text LIKE 'event C-1 2: %bad bytes%'"), 1u);
    EXPECT_EQ(b.lane->snapshot(kNoon)->feeds.size(), 2u); // nothing fails
}

TEST(StateLane, anInsertThatEndsTheTransactionTakesNothingConfirmedWithIt) {
    Bench b;
    b.meddle("CREATE TRIGGER t BEFORE INSERT ON events WHEN new.id='2' BEGIN SELECT RAISE(ROLLBACK, 'as a full disk does'); END");
    for (const char* id : {"1", "2", "3"})
        b.event(id, 0s);
    EXPECT_EQ(b.commit(0s), (Tokens{1, 2, 3}));
    EXPECT_EQ(b.count("events WHERE id IN ('1','3')"), 2u);
    EXPECT_EQ(b.count("alarms"), 1u);
}

TEST(StateLane, whileTheDiskFailsNothingIsConfirmedNorCountedTwice) {
    Bench b;
    b.meddle("ALTER TABLE events RENAME TO e");
    b.event("1", 0s);
    EXPECT_EQ(b.commit(0s), Tokens{});
    b.event("1", 100ms); // the broker sends it again
    EXPECT_EQ(b.feed(0, 0s).duplicates, 1u);
    EXPECT_EQ(b.lane->snapshot(kNoon)->alarms.at(0).count, 1u);
    EXPECT_EQ(b.feed(2, 0s).id, "history");
    b.meddle("ALTER TABLE e RENAME TO events");
    EXPECT_EQ(b.commit(500ms), Tokens{}); // a pause of a second before the next try
    EXPECT_EQ(b.commit(1s), (Tokens{1, 1}));
    EXPECT_EQ(b.count("events"), 1u);
    EXPECT_EQ(b.count("transitions WHERE what='history_gap' AND text LIKE '%lost: 0 events%'"), 1u);
}

TEST(Unstored, isBoundedInBytesAndSaysWhatItLetGo) {
    Bench b;
    service::Unstored unstored(b.lane->history(), {});
    b.meddle("ALTER TABLE events RENAME TO e");
    const auto nobody = [](std::uint32_t, std::uint64_t) {};
    twin::Event event;
    event.source = "C-1";
    event.eventClass = "smoke";
    for (int i = 0; i < 200; ++i) {
        event.id = std::to_string(i);
        event.raw.assign(1 << 20, 'x');
        EXPECT_TRUE(unstored.add(event));
        unstored.commit({}, kNoon, nobody);
    }
    b.meddle("ALTER TABLE e RENAME TO events");
    unstored.hurry();
    unstored.commit({}, kNoon, nobody);
    const std::size_t kept = b.count("events");
    EXPECT_LE(kept, 128u);
    EXPECT_GE(kept, 110u);
    EXPECT_EQ(b.count("transitions WHERE what='history_gap' AND text LIKE '%lost: " + std::to_string(200 - kept) + " events%'"), 1u);
}

TEST(Unstored, whatItLetGoIsToldInTheCommitThatConfirmsIt) {
    Bench b;
    service::Unstored unstored(b.lane->history(), {});
    b.meddle("ALTER TABLE events RENAME TO e");
    std::size_t confirmed = 0, toldThen = 0;
    const auto stored = [&](std::uint32_t, std::uint64_t) {
        // Whoever kills us here has lost what a source need not send again: it must stand in the file already.
        if (confirmed++ == 0) toldThen = b.count("transitions WHERE what='history_gap' AND text LIKE '%lost: 0 events%'") + 10 * b.count("transitions WHERE what='history_gap'");
    };
    twin::Event event;
    event.source = "C-1";
    event.eventClass = "smoke";
    for (int i = 0; i < 150; ++i) {
        event.id = std::to_string(i);
        event.raw.assign(1 << 20, 'x');
        unstored.addToken(0, static_cast<std::uint64_t>(i));
        EXPECT_TRUE(unstored.add(event));
        unstored.commit({}, kNoon, stored);
    }
    EXPECT_EQ(confirmed, 0u);
    b.meddle("ALTER TABLE e RENAME TO events; ALTER TABLE observations RENAME TO o");
    // Values go on failing: the gap is not over, and what is gone of the events is told all the same.
    b.lane->history().addObservation({.sensor = "S-001", .eventTime = kNoon, .receiveTime = kNoon});
    EXPECT_FALSE(unstored.flushValues(kNoon, {}));
    unstored.hurry();
    unstored.commit({}, kNoon, stored);
    EXPECT_EQ(confirmed, 150u);
    EXPECT_EQ(toldThen, 10u);
    b.meddle("ALTER TABLE o RENAME TO observations");
    EXPECT_TRUE(unstored.flushValues(kNoon, {}));
    unstored.commit({}, kNoon + 10s, stored);
    EXPECT_EQ(b.count("transitions WHERE what='history_gap'"), 2u);
    EXPECT_EQ(b.count("transitions WHERE what='history_gap' AND text LIKE '%lost: 0 events, 0 transitions, 0 values'"), 1u);
}

TEST(StateLane, rubbishIsNoSignOfLife) {
    Bench b;
    b.value(1, 0s);
    b.commit(0s);
    for (int i = 1; i <= 12; ++i) {
        b.receive("obs/S-001", "rubbish", i * 5s);
        b.commit(i * 5s);
    }
    EXPECT_EQ(b.feed(0, 60s).age, twin::Age::lost);
    ASSERT_FALSE(b.lane->snapshot(kNoon + 60s)->alarms.empty());
    EXPECT_EQ(b.lane->snapshot(kNoon + 60s)->alarms[0].alarmClass, "feed_lost");
}

TEST(StateLane, aFeedThatSpeaksOnlyWhenSomethingHappensIsLostWithItsConnectionOnly) {
    Bench b;
    for (int i = 0; i < 100; ++i) {
        b.value(1, i * 60s);
        b.lane->feeds()[0].lastReceived = kNoon + i * 60s;
        b.commit(i * 60s);
    }
    const auto lostHook = [&](core::Duration after) {
        for (const auto& alarm : b.lane->snapshot(kNoon + after)->alarms)
            if (alarm.alarmClass == "feed_lost" && alarm.source == "webhook" && alarm.condition == twin::Condition::active) return true;
        return false;
    };
    EXPECT_FALSE(lostHook(6000s));
    EXPECT_EQ(b.feed(1, 6000s).age, twin::Age::never);
    b.lane->feeds()[1].lastReceived = kNoon;
    EXPECT_EQ(b.feed(1, 6000s).age, twin::Age::fresh);
    b.lane->feeds()[1].connected = false;
    b.commit(6000s);
    b.commit(6011s);
    EXPECT_TRUE(lostHook(6011s));
}

TEST(StateLane, projectsAndCandidatesSurviveARestart) {
    Bench b;
    b.receive("project/P-01", R"({"id":"P-01","ts":")" + core::formatInstant(kNoon) + R"(","percent":77,"phase":"施工","status":"at-risk"})", 0s, 1);
    b.event("2", 0s, R"("class":"smoke","severity":2,"confidence":0.4)");
    EXPECT_EQ(b.commit(0s), (Tokens{1, 2}));
    b.restart();
    auto state = b.lane->snapshot(kNoon);
    const auto project = state->registry->projectIndex.at("P-01");
    ASSERT_TRUE(state->projects[project]);
    EXPECT_EQ(state->projects[project]->percent, 77);
    ASSERT_EQ(state->candidates.size(), 1u);
    b.event("3", 3s, R"("class":"smoke","severity":2,"confidence":0.4)"); // what it lacked
    b.commit(3s);
    EXPECT_EQ(b.lane->snapshot(kNoon)->alarms.size(), 1u);
    b.restart();
    state = b.lane->snapshot(kNoon);
    EXPECT_EQ(state->alarms.size(), 1u);
    EXPECT_TRUE(state->candidates.empty());
}

TEST(StateLane, refusesToBeginWithAHistoryThatCannotBeRead) {
    Bench b;
    core::Diagnostics remarks;
    b.lane.reset();
    auto history = history::History::open((b.path / "h.db").string(), kNoon, remarks);
    b.meddle("ALTER TABLE alarms RENAME TO a");
    const auto opened = StateLane::open(b.district, std::move(*history), {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "E_HISTORY_SQL");
}

TEST(StateLane, aClockThatJumpsAheadDeletesNothing) {
    Bench b;
    b.value(1, 0s);
    b.commit(0s);
    b.lane->flush();
    b.restart(); // in the wrong year
    for (const auto after : {24h * 400, 24h * 400 + 2h, 24h * 400 + 4h}) {
        b.commit(after);
        b.lane->flush();
    }
    EXPECT_EQ(b.count("observations"), 1u);
    // A year of hours at that time, and it is the time.
    for (int i = 0; i < 100; ++i) {
        b.commit(24h * 401 + i * 1h);
        b.lane->flush();
    }
    EXPECT_EQ(b.count("observations"), 0u);
    EXPECT_EQ(b.count("summaries"), 1u);
}

TEST(StateLane, aClockSetBackMakesNothingFresh) {
    Bench b;
    b.value(1, 0s);
    b.commit(1s);
    b.lane->clockSet(-1h);
    const auto age = [&](core::Duration after) {
        const auto state = b.lane->snapshot(kNoon - 1h + after);
        return state->sensors[state->registry->sensorIndex.at("S-001")].age;
    };
    EXPECT_EQ(age(2s), twin::Age::fresh);
    EXPECT_EQ(age(60s), twin::Age::lost);
    b.commit(-1h + 60s);
    EXPECT_EQ(b.feed(0, -1h + 60s).age, twin::Age::lost);
    EXPECT_EQ(b.lane->snapshot(kNoon)->alarms.at(0).alarmClass, "feed_lost");
    b.commit(-1h + 61s);
    EXPECT_EQ(b.count("transitions WHERE what='clock_set' AND text='-3600000 ms'"), 1u);
}

TEST(Anchors, goOnBehindALineThatAFullDiskCut) {
    const support::TemporaryFolder folder("anchors");
    const auto file = folder.path / "h.db.anchors";
    history::AuditAnchor anchor{"chain", 1, std::string(64, 'a'), "2025-06-15T06:30:00.000Z", ""};
    ASSERT_TRUE(service::appendAnchor(file, anchor));
    std::ofstream(file, std::ios::app) << history::anchorLine(anchor).substr(0, 20);
    anchor.sequence = 2;
    ASSERT_TRUE(service::appendAnchor(file, anchor));
    const auto read = service::readAnchors(file);
    ASSERT_TRUE(read) << core::describe(read.error(), core::Language::en);
    ASSERT_EQ(read->size(), 2u);
    EXPECT_EQ(read->at(1).sequence, 2);
}
