#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <set>
#include <thread>
#include <sys/wait.h>
#include <sqlite3.h>
#include <unistd.h>

#include "core/file.h"
#include "history/alarm_json.h"
#include "history/history.h"
#include "history/write_turn.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace matou::history;

namespace {

const core::Instant kNow{std::chrono::milliseconds(1750000000000)};

twin::Event event(const std::string& source, const std::string& id, int second = 0) {
    twin::Event result;
    result.source = source;
    result.id = id;
    result.eventTime = result.receiveTime = kNow + std::chrono::seconds(second);
    result.eventClass = "smoke";
    result.raw = "{\"id\":\"" + id + "\"}";
    result.feed = "mqtt";
    return result;
}

alarm::Change change(const std::string& id, twin::Workflow workflow = twin::Workflow::unacknowledged) {
    alarm::Change result;
    result.at = kNow;
    result.what = "raised";
    result.alarm.id = id;
    result.alarm.dedupKey = "event|smoke|C1|";
    result.alarm.alarmClass = "smoke";
    result.alarm.severity = 2;
    result.alarm.title = {"疑似烟雾", "Possible smoke"};
    result.alarm.place = {121.5, 31.19, 3};
    result.alarm.workflow = workflow;
    result.alarm.raised = result.alarm.lastOccurrence = result.alarm.annunciated = kNow;
    result.alarm.comments = {"一"};
    return result;
}

History opened(const std::filesystem::path& path, core::Diagnostics* remarks = nullptr) {
    core::Diagnostics ignored;
    auto result = History::open(path, kNow, remarks ? *remarks : ignored);
    EXPECT_TRUE(result) << result.error().code;
    return std::move(*result);
}

} // namespace

TEST(History, keepsEventsOnceInOrderOfStoring) {
    const support::TemporaryFolder folder("history");
    auto history = opened(folder.path / "h.db");
    EXPECT_TRUE(*history.addEvent(event("C2", "9", 50), kNow));
    EXPECT_TRUE(*history.addEvent(event("C1", "1", 10), kNow));
    EXPECT_FALSE(*history.addEvent(event("C1", "1", 10), kNow));
    EXPECT_TRUE(*history.addEvent(event("C2", "1", 20), kNow));
    EXPECT_EQ(history.eventsStored(), 0u); // not before it is durable
    ASSERT_TRUE(history.commit());
    EXPECT_EQ(history.eventsStored(), 3u);
    EXPECT_FALSE(*history.addEvent(event("C1", "1", 10), kNow));

    const auto all = *history.events({});
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].id, "9");
    EXPECT_EQ(all[0].raw, "{\"id\":\"9\"}");
    EXPECT_EQ(all[1].source, "C1");
    const auto of = *history.events({.source = "C2"});
    EXPECT_EQ(of.size(), 2u);
    const auto after = *history.events({.after = all[1].sequence});
    ASSERT_EQ(after.size(), 1u);
    EXPECT_EQ(after[0].id, "1");
    EXPECT_EQ(history.events({.since = kNow + std::chrono::seconds(15)})->size(), 2u);
    EXPECT_EQ(history.events({.limit = 1})->size(), 1u);
}

TEST(History, inMemoryReadsWhatItWrote) {
    auto history = opened({});
    ASSERT_TRUE(history.addEvent(event("C", "1"), kNow));
    ASSERT_TRUE(history.commit());
    EXPECT_EQ(history.events({})->size(), 1u);
}

TEST(History, openAlarmsComeBackWhole) {
    const support::TemporaryFolder folder("history");
    {
        auto history = opened(folder.path / "h.db");
        ASSERT_TRUE(history.addChange(change("A-000007", twin::Workflow::dispatched)));
        ASSERT_TRUE(history.addChange(change("A-000008")));
        ASSERT_TRUE(history.addChange(change("A-000008", twin::Workflow::closed)));
        ASSERT_TRUE(history.commit());
    }
    auto history = opened(folder.path / "h.db");
    const auto alarms = *history.openAlarms();
    ASSERT_EQ(alarms.size(), 1u);
    EXPECT_EQ(toJson(alarms[0]), toJson(change("A-000007", twin::Workflow::dispatched).alarm));
    EXPECT_EQ(history.lastAlarmNumber(), 8u);
    EXPECT_EQ(history.closedAlarms(), 1u);
}

TEST(History, observationsAndNotesAndAuditArePutAway) {
    const support::TemporaryFolder folder("history");
    auto history = opened(folder.path / "h.db");
    for (int i = 0; i < 1000; ++i) {
        twin::Observation observation;
        observation.sensor = "S" + std::to_string(i % 10);
        observation.eventTime = kNow + std::chrono::seconds(i);
        observation.value = i;
        history.addObservation(observation);
    }
    ASSERT_TRUE(history.flushObservations());
    EXPECT_EQ(history.observationsStored(), 1000u);
    ASSERT_TRUE(history.setNote("client_id", "matou-1"));
    EXPECT_EQ(history.note("client_id"), "matou-1");
    EXPECT_EQ(history.note("nothing"), std::nullopt);
    ASSERT_TRUE(history.addAudit({kNow, "li", "operator", "control", "{}", "done"}));
    ASSERT_TRUE(history.commit());
    ASSERT_EQ(history.audit(10).size(), 1u);
    EXPECT_EQ(history.audit(10)[0].actor, "li");
}

TEST(History, aDamagedFileIsPutAsideAndSaid) {
    const support::TemporaryFolder folder("history");
    const auto path = folder.path / "h.db";
    support::writeText(path,
                       "this was a database once, or so they say; it certainly is none now. " + std::string(5000, 'x'));
    core::Diagnostics remarks;
    auto history = opened(path, &remarks);
    ASSERT_EQ(remarks.size(), 1u);
    EXPECT_EQ(remarks[0].code, "W_HISTORY_DAMAGED");
    EXPECT_TRUE(std::filesystem::exists(remarks[0].arguments[0]));
    ASSERT_TRUE(history.addEvent(event("C", "1"), kNow));
    ASSERT_TRUE(history.commit());
}

TEST(History, damageInTheMiddleIsFound) {
    const support::TemporaryFolder folder("history");
    const auto path = folder.path / "h.db";
    {
        auto history = opened(path);
        for (int i = 0; i < 2000; ++i)
            ASSERT_TRUE(history.addEvent(event("C", std::to_string(i)), kNow));
        ASSERT_TRUE(history.commit());
    }
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096 * 12);
        file << std::string(4096 * 6, '\x5a');
    }
    core::Diagnostics remarks;
    opened(path, &remarks);
    ASSERT_EQ(remarks.size(), 1u);
    EXPECT_EQ(remarks[0].code, "W_HISTORY_DAMAGED");
}

TEST(History, aFolderThatCannotBeWrittenIsALocatedError) {
    core::Diagnostics remarks;
    const auto result = History::open("/proc/no/such/place.db", kNow, remarks);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_HISTORY_OPEN");
    EXPECT_EQ(result.error().where, "/proc/no/such/place.db");
}

TEST(History, whatCommitReturnedForSurvivesSigkill) {
    const support::TemporaryFolder folder("history");
    const auto path = folder.path / "h.db";
    for (int round = 0; round < 5; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            core::Diagnostics remarks;
            auto history = History::open(path, kNow, remarks);
            for (int i = 0;; ++i) {
                const std::string id = std::to_string(round) + "-" + std::to_string(i);
                if (!history || !history->addEvent(event("C", id), kNow) || !history->commit()) ::_exit(1);
                if (::write(ends[1], (id + "\n").c_str(), id.size() + 1) < 0) ::_exit(1);
            }
        }
        ::close(ends[1]);
        ::usleep(30000 + 17000 * round);
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        std::string said;
        char buffer[4096];
        for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
            said.append(buffer, static_cast<std::size_t>(got));
        ::close(ends[0]);
        ASSERT_TRUE(WIFSIGNALED(status));

        core::Diagnostics remarks;
        auto history = History::open(path, kNow, remarks);
        ASSERT_TRUE(history);
        EXPECT_TRUE(remarks.empty());
        std::set<std::string> stored;
        const auto rows = *history->events({.limit = 1000000});
        for (const auto& row : rows)
            EXPECT_TRUE(stored.insert(row.id).second);
        for (std::size_t at = 0, end; (end = said.find('\n', at)) != std::string::npos; at = end + 1)
            EXPECT_TRUE(stored.contains(said.substr(at, end - at))) << said.substr(at, end - at);
    }
}

TEST(History, damagedValuesOfALargeFileAreFoundBesideTheWorkAndPutAsideAtTheNextStart) {
    const support::TemporaryFolder folder("history");
    const auto file = folder.path / "h.db";
    {
        auto history = opened(file);
        EXPECT_TRUE(*history.addEvent(event("C1", "1"), kNow));
        EXPECT_TRUE(history.commit());
        for (int i = 0; i < 20000; ++i) {
            twin::Observation observation;
            observation.sensor = "S-" + std::to_string(i % 7);
            observation.eventTime = observation.receiveTime = kNow + std::chrono::seconds(i);
            history.addObservation(observation);
        }
        EXPECT_TRUE(history.flushObservations());
    }
    {
        // A page in the middle of the values, overwritten from outside.
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file) / 8192) * 4096);
        bytes << std::string(4096, '\x5a');
    }
    const HistoryOptions large{.checkedAtOnce = 0};
    core::Diagnostics remarks;
    {
        auto history = History::open(file, kNow, remarks, large);
        ASSERT_TRUE(history) << history.error().code;
        EXPECT_TRUE(remarks.empty());
        EXPECT_EQ(history->eventsStored(), 1u); // at work, with what must not be lost
        std::optional<core::Error> damage;
        for (int i = 0; i < 1000 && !(damage = history->takeDamage()); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        ASSERT_TRUE(damage);
        EXPECT_EQ(damage->code, "E_HISTORY_VALUES");
        EXPECT_FALSE(history->takeDamage()); // said once
        EXPECT_TRUE(*history->addEvent(event("C1", "2"), kNow));
        EXPECT_TRUE(history->commit());
    }
    auto history = History::open(file, kNow, remarks, large);
    ASSERT_TRUE(history);
    ASSERT_EQ(remarks.size(), 1u);
    EXPECT_EQ(remarks[0].code, "W_HISTORY_DAMAGED");
    EXPECT_EQ(history->eventsStored(), 0u);
}

TEST(History, aSoundLargeFileIsFoundSound) {
    const support::TemporaryFolder folder("history");
    {
        auto history = opened(folder.path / "h.db");
        history.addObservation({.sensor = "S", .eventTime = kNow, .receiveTime = kNow});
    }
    core::Diagnostics remarks;
    for (int i = 0; i < 3; ++i) { // also closed while the check is under way
        auto history = History::open(folder.path / "h.db", kNow, remarks, {.checkedAtOnce = 0});
        ASSERT_TRUE(history);
        if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
        EXPECT_FALSE(history->takeDamage());
    }
    EXPECT_TRUE(remarks.empty());
}

namespace {
/// Somebody else's hand in the file.
void meddle(const std::filesystem::path& file, const char* sql) {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
    char* said = nullptr;
    EXPECT_EQ(sqlite3_exec(other, sql, nullptr, nullptr, &said), SQLITE_OK) << (said ? said : "");
    sqlite3_free(said);
    sqlite3_close(other);
}
} // namespace

TEST(History, whatCannotBeReadAtTheStartIsAnErrorAndNotNothing) {
    const support::TemporaryFolder folder("history");
    auto history = opened(folder.path / "h.db");
    ASSERT_TRUE(history.addChange(change("A-000007")));
    ASSERT_TRUE(history.commit());
    meddle(folder.path / "h.db", "ALTER TABLE alarms RENAME TO a; ALTER TABLE notes RENAME TO n; ALTER TABLE nonces RENAME TO o;");
    EXPECT_EQ(history.openAlarms().error().code, "E_HISTORY_SQL");
    EXPECT_EQ(history.lastAlarmNumber().error().code, "E_HISTORY_SQL"); // 0 would give old numbers again
    EXPECT_EQ(history.note("client_id").error().code, "E_HISTORY_SQL");
    EXPECT_EQ(history.nonces().error().code, "E_HISTORY_SQL");
}

TEST(History, whatItRefusesIsToldFromWhatFails) {
    const support::TemporaryFolder folder("history");
    auto history = opened(folder.path / "h.db");
    meddle(folder.path / "h.db", "CREATE TRIGGER t BEFORE INSERT ON events WHEN new.id='2' BEGIN SELECT RAISE(ABORT, 'bad'); END");
    ASSERT_TRUE(history.addEvent(event("C1", "1"), kNow));
    EXPECT_EQ(history.addEvent(event("C1", "2"), kNow).error().code, "E_HISTORY_REFUSED");
}

TEST(History, candidatesAndProjectsStandUntilTheNextRun) {
    const support::TemporaryFolder folder("history");
    twin::Candidate smoke{"C-000003", "smoke", "C1", "mqtt", {"1", "2"}, {"疑似烟雾", "Possible smoke"}, twin::Place{121.5, 31.2, 3}, 0.5, 2, 2, kNow, kNow, kNow, true};
    twin::ProjectStatus status{"P-01", kNow, kNow, "施工", 70, "on-track", "说明", "mqtt"};
    {
        auto history = opened(folder.path / "h.db");
        ASSERT_TRUE(history.saveCandidate(smoke));
        ASSERT_TRUE(history.saveCandidate(smoke));
        ASSERT_TRUE(history.addProject(status));
        status.percent = 80;
        status.eventTime = status.receiveTime = kNow + std::chrono::hours(1);
        ASSERT_TRUE(history.addProject(status));
        ASSERT_TRUE(history.commit());
    }
    auto history = opened(folder.path / "h.db");
    const auto candidates = *history.candidates();
    ASSERT_EQ(candidates.size(), 1u);
    EXPECT_EQ(toJson(candidates[0]), toJson(smoke));
    EXPECT_EQ(history.projectsAt(kNow + std::chrono::minutes(59))->at(0).percent, 70);
    ASSERT_EQ(history.projectsAt(core::Instant::max())->size(), 1u);
    EXPECT_EQ(history.projectsAt(core::Instant::max())->at(0).percent, 80);
    EXPECT_TRUE(history.projectsAt(kNow - std::chrono::hours(1))->empty());
    ASSERT_TRUE(history.removeCandidate("C-000003"));
    ASSERT_TRUE(history.commit());
    EXPECT_TRUE(history.candidates()->empty());
}

TEST(History, valuesWrittenBesideTheCommitsAreEachThereOnceAndInOrder) {
    const support::TemporaryFolder folder("history");
    constexpr int kValues = 60000, kSensors = 300;
    auto history = opened(folder.path / "h.db");
    history.writeValuesBeside();
    for (int i = 0; i < kValues; ++i) {
        history.addObservation({.sensor = "S" + std::to_string(i % kSensors), .eventTime = kNow + std::chrono::milliseconds(i), .receiveTime = kNow, .value = double(i)});
        if (i % 500 != 0) continue;
        ASSERT_TRUE(*history.addEvent(event("C1", std::to_string(i)), kNow));
        ASSERT_TRUE(history.flushObservations()); // also within a transaction
        ASSERT_TRUE(history.commit());
    }
    // The thread may be anywhere; what it has not written is written here.
    history.writeValuesHere();
    EXPECT_TRUE(history.flushObservations());
    EXPECT_FALSE(history.holdsObservations());
    EXPECT_EQ(history.takeDropped(), 0u);
    EXPECT_EQ(history.observationsStored(), std::uint64_t{kValues});
    EXPECT_EQ(history.eventsStored(), std::uint64_t{kValues / 500});
    for (const int sensor : {0, 17, kSensors - 1}) {
        const auto series = *history.series({.sensor = "S" + std::to_string(sensor), .since = kNow, .until = kNow + std::chrono::hours(1), .limit = kValues});
        ASSERT_EQ(series.values.size(), std::size_t{kValues / kSensors});
        for (std::size_t i = 0; i < series.values.size(); ++i)
            ASSERT_EQ(series.values[i].value, sensor + double(kSensors) * double(i));
    }
}

TEST(History, oldValuesAreTakenAwayBesideTheWatchAndLeaveTheirHours) {
    const support::TemporaryFolder folder("history");
    auto history = opened(folder.path / "h.db");
    for (int i = 0; i < 5000; ++i) {
        const auto at = kNow - std::chrono::hours(24 * 100) + std::chrono::seconds(i);
        history.addObservation({.sensor = "S" + std::to_string(i % 5), .eventTime = at, .receiveTime = at, .value = 1});
    }
    for (int i = 0; i < 10; ++i)
        history.addObservation({.sensor = "S0", .eventTime = kNow, .receiveTime = kNow, .value = double(i)});
    ASSERT_TRUE(history.flushObservations());
    history.writeValuesBeside();
    EXPECT_EQ(history.retain(kNow, {}), false); // nothing is left to the watch
    for (int i = 0; i < 2000 && *history.observationsStored() > 10; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(history.observationsStored(), 10u);
    const auto hours = *history.series({.sensor = "S0", .since = kNow - std::chrono::hours(24 * 101), .until = kNow, .points = 101});
    std::int64_t counted = 0;
    for (const auto& bucket : hours.buckets)
        counted += bucket.count;
    EXPECT_EQ(counted, 1000);
    EXPECT_TRUE(history.flushObservations());
}

TEST(History, valuesOfABrokenDiskWaitAndTheOldestAreCountedExactly) {
    const support::TemporaryFolder folder("history");
    const auto file = folder.path / "h.db";
    auto history = opened(file);
    meddle(file, "ALTER TABLE observations RENAME TO gone");
    const int held = static_cast<int>(History::kObservationsHeld);
    const auto add = [&](int from, int to) {
        for (int i = from; i < to; ++i)
            history.addObservation({.sensor = "S" + std::to_string(i % 7), .eventTime = kNow + std::chrono::milliseconds(i), .receiveTime = kNow, .value = double(i)});
    };
    add(0, 1000);
    EXPECT_FALSE(history.flushObservations());
    EXPECT_FALSE(history.flushObservations());
    add(1000, held + 10);
    EXPECT_FALSE(history.flushObservations());
    const auto dropped = history.takeDropped();
    EXPECT_EQ(dropped, std::uint64_t(held / 10));
    meddle(file, "ALTER TABLE gone RENAME TO observations");
    EXPECT_TRUE(history.flushObservations());
    EXPECT_EQ(*history.observationsStored() + dropped, std::uint64_t(held + 10));
    EXPECT_EQ(history.takeDropped(), 0u);
    const auto first = *history.series({.sensor = "S0", .since = kNow, .until = kNow + std::chrono::hours(1), .limit = 1});
    EXPECT_GE(first.values.at(0).value, double(held / 10)); // the oldest went
}

TEST(History, aValueThatIsRefusedHoldsUpNoOther) {
    const support::TemporaryFolder folder("history");
    auto history = opened(folder.path / "h.db");
    meddle(folder.path / "h.db", "CREATE TRIGGER t BEFORE INSERT ON observations WHEN new.value=7 BEGIN SELECT RAISE(ABORT, 'bad'); END");
    for (int i = 0; i < 20; ++i)
        history.addObservation({.sensor = "S" + std::to_string(i % 3), .eventTime = kNow, .receiveTime = kNow, .value = double(i)});
    EXPECT_TRUE(history.flushObservations());
    EXPECT_EQ(history.observationsStored(), 19u);
    EXPECT_EQ(history.takeDropped(), 1u); // and told as lost
}

TEST(WriteTurn, theWatchGoesFirstAndValuesNeverStarve) {
    WriteTurn turn;
    std::string order;
    std::atomic<bool> stop{false};
    turn.takeBehind();
    EXPECT_FALSE(turn.wanted());
    std::thread watch([&] {
        turn.takeFirst();
        order += 'w';
        turn.giveBack();
    });
    while (!turn.wanted())
        std::this_thread::yield();
    std::thread values([&] {
        turn.takeBehind();
        order += 'v';
        turn.giveBack();
        stop = true;
    });
    turn.giveBack();
    watch.join();
    values.join();
    EXPECT_EQ(order, "wv");
    // A watch that asks again at once, for ever.
    stop = false;
    turn.takeFirst();
    std::thread behind([&] {
        turn.takeBehind();
        stop = true;
        turn.giveBack();
    });
    while (!stop) {
        turn.giveBack();
        turn.takeFirst();
    }
    turn.giveBack();
    behind.join();
}
