// The audit chain: whatever is done to any of 10,000 records, or to the file as a whole, is found.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include <sqlite3.h>

#include "history/audit_chain.h"
#include "history/history.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace matou::history;
namespace fs = std::filesystem;

namespace {

const core::Instant kNow{std::chrono::milliseconds(1750000000000)};
constexpr std::int64_t kRecords = 10000;

std::vector<AuditLink> chainOf(AuditHash& hash, std::int64_t records) {
    std::vector<AuditLink> links;
    std::string previous;
    for (std::int64_t i = 1; i <= records; ++i) {
        AuditLink link{i, "{\"kind\":\"command\",\"n\":" + std::to_string(i) + "}", ""};
        link.hash = previous = hash.of(previous, i, link.record);
        links.push_back(std::move(link));
    }
    return links;
}

std::vector<std::string> check(AuditHash& hash, const std::vector<AuditLink>& links, std::vector<AuditAnchor> anchors) {
    std::size_t at = 0;
    const auto next = [&]() -> std::optional<AuditLink> {
        return at < links.size() ? std::optional(links[at++]) : std::nullopt;
    };
    std::vector<std::string> codes;
    for (const auto& finding : verifyChain(hash, 0, "", next, "c", std::move(anchors)).findings)
        codes.push_back(finding.code);
    return codes;
}

/// What somebody with the file and the program's sources could do: runs SQL without the guards.
void tamper(const fs::path& file, const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    char* error = nullptr;
    const std::string all = "DROP TRIGGER journal_is_not_changed; DROP TRIGGER journal_is_not_deleted; " + sql;
    EXPECT_EQ(sqlite3_exec(handle, all.c_str(), nullptr, nullptr, &error), SQLITE_OK) << (error ? error : "");
    sqlite3_free(error);
    sqlite3_close(handle);
}

AuditRow row(int number) {
    return {kNow + std::chrono::seconds(number), "li", "operator", "ui", "{\"command\":\"alarm.ack\"}", "done"};
}

AuditAnchor fill(const fs::path& file, int from, int count) {
    core::Diagnostics remarks;
    auto history = History::open(file, kNow, remarks);
    EXPECT_TRUE(history);
    for (int i = 0; i < count; ++i)
        EXPECT_TRUE(history->addAudit(row(from + i)));
    EXPECT_TRUE(history->commit());
    auto head = history->auditHead();
    head.where = "here";
    return head;
}

std::string verdict(const fs::path& file, std::vector<AuditAnchor> anchors) {
    const auto report = verifyAudit(file, std::move(anchors));
    if (!report) return report.error().code;
    return report->findings.empty() ? "sound" : report->findings[0].code;
}

} // namespace

TEST(AuditHash, isSha256OrSm3) {
    auto sha = *AuditHash::named("sha256");
    auto sm3 = *AuditHash::named("sm3");
    // SHA-256 and SM3 of "\n1\nabc", by `openssl dgst`.
    EXPECT_EQ(sha.of("", 1, "abc").size(), 64u);
    EXPECT_EQ(sm3.of("", 1, "abc").size(), 64u);
    EXPECT_NE(sha.of("", 1, "abc"), sm3.of("", 1, "abc"));
    EXPECT_EQ(sha.of("", 1, "abc"), "147e348fa98db06509b672de4126b8b7d29f91f5e751d01ca7822a7b797dcb6b");
    EXPECT_EQ(sm3.of("", 1, "abc"), "9875aaf76f462c2b67d45d6a72d3b879edd2ebe9191c8c53da40c1af1e056532");
    EXPECT_EQ(AuditHash::named("md5").error().code, "E_AUDIT_HASH");
}

TEST(AuditChain, aChangeRemovalSwapOrInsertionAnywhereIsFound) {
    for (const char* name : {"sha256", "sm3"}) {
        auto hash = *AuditHash::named(name);
        const auto sound = chainOf(hash, kRecords);
        ASSERT_TRUE(check(hash, sound, {}).empty());
        // Every position costs a pass: by default each 397th and the ends, which covers every kind of place.
        const std::size_t step = std::getenv("MATOU_AUDIT_EVERY") ? 1 : 397;
        std::size_t tried = 0, found = 0;
        for (std::size_t i = 0; i < sound.size(); i = i + 1 < sound.size() && i + step >= sound.size() ? sound.size() - 1 : i + step) {
            auto changed = sound;
            changed[i].record[10] ^= 1;
            auto swapped = sound;
            std::swap(swapped[i].record, swapped[i ? i - 1 : 1].record);
            auto inserted = sound;
            inserted.insert(inserted.begin() + static_cast<std::ptrdiff_t>(i), sound[i]);
            auto removed = sound;
            removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
            // A removal that closes its gap by new numbers.
            auto renumbered = removed;
            for (std::size_t k = i; k < renumbered.size(); ++k)
                --renumbered[k].sequence;
            const std::vector<AuditAnchor> end{{"c", kRecords, sound.back().hash, "", "here"}};
            for (const auto* bad : {&changed, &swapped, &inserted, &removed, &renumbered}) {
                ++tried;
                found += !check(hash, *bad, end).empty();
            }
        }
        EXPECT_EQ(found, tried);
        std::printf("%s: %zu of %zu tamperings found\n", name, found, tried);
    }
}

TEST(AuditChain, aChainMadeAnewCutOffOrOfAnotherFileIsFoundByItsAnchors) {
    auto hash = *AuditHash::named("sha256");
    const auto sound = chainOf(hash, 200);
    const std::vector<AuditAnchor> anchors{{"c", 100, sound[99].hash, "t1", "a"}, {"c", 200, sound[199].hash, "t2", "a"}};
    EXPECT_TRUE(check(hash, sound, anchors).empty());
    auto anew = sound;
    anew[50].record = "{}";
    for (std::size_t i = 50; i < anew.size(); ++i)
        anew[i].hash = hash.of(anew[i - 1].hash, anew[i].sequence, anew[i].record);
    EXPECT_TRUE(check(hash, anew, {}).empty()); // consistent in itself
    EXPECT_EQ(check(hash, anew, anchors), std::vector<std::string>{"E_AUDIT_ANCHOR"});
    auto cut = sound;
    cut.pop_back();
    EXPECT_EQ(check(hash, cut, anchors), std::vector<std::string>{"E_AUDIT_SHORT"});
    EXPECT_EQ(check(hash, sound, {{"other", 100, sound[99].hash, "", "a"}}), std::vector<std::string>{"E_AUDIT_CHAIN"});
    EXPECT_EQ(check(hash, {}, {}), std::vector<std::string>{"E_AUDIT_EMPTY"});
}

TEST(AuditFile, isFoundOutWhateverIsDoneToIt) {
    const support::TemporaryFolder folder("audit");
    const fs::path file = folder.path / "h.db", yesterday = folder.path / "yesterday.db", work = folder.path / "work.db";
    const auto early = fill(file, 0, 5000);
    fs::copy_file(file, yesterday);
    const auto late = fill(file, 5000, 5000);
    EXPECT_EQ(late.sequence, 10001); // and the record that began the chain
    const std::vector<AuditAnchor> anchors{early, late};
    EXPECT_EQ(verdict(file, anchors), "sound");
    EXPECT_EQ(verdict(yesterday, anchors), "E_AUDIT_SHORT");
    const auto after = [&](const std::string& sql) {
        fs::copy_file(file, work, fs::copy_options::overwrite_existing);
        tamper(work, sql);
        return verdict(work, anchors);
    };
    EXPECT_EQ(after("UPDATE journal SET record=replace(record,'li','wu') WHERE seq=7000"), "E_AUDIT_LINK");
    EXPECT_EQ(after("DELETE FROM journal WHERE seq=4321"), "E_AUDIT_GAP");
    EXPECT_EQ(after("DELETE FROM journal WHERE seq>9990"), "E_AUDIT_SHORT");
    EXPECT_EQ(after("DELETE FROM journal WHERE seq<=100"), "E_AUDIT_GAP");
    EXPECT_EQ(after("DELETE FROM journal WHERE seq<=100; INSERT INTO notes SELECT 'audit_base', '100 '||hash FROM journal WHERE seq=101"),
              "E_AUDIT_LINK"); // retention that the chain knows nothing of
    EXPECT_EQ(after("UPDATE journal SET seq=-1 WHERE seq=500; UPDATE journal SET seq=500 WHERE seq=501; UPDATE journal SET seq=501 "
                    "WHERE seq=-1"),
              "E_AUDIT_LINK");
    EXPECT_EQ(after("UPDATE notes SET value='0123' WHERE key='audit_chain'"), "E_AUDIT_CHAIN");
    EXPECT_EQ(after("DELETE FROM journal"), "E_AUDIT_EMPTY");
    EXPECT_EQ(after("UPDATE notes SET value='sm3' WHERE key='audit_hash'"), "E_AUDIT_LINK");
}

TEST(AuditFile, theProgramItselfCannotChangeItByMistake) {
    const support::TemporaryFolder folder("audit-guard");
    const fs::path file = folder.path / "h.db";
    fill(file, 0, 10);
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    EXPECT_NE(sqlite3_exec(handle, "UPDATE journal SET record='{}'", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_NE(sqlite3_exec(handle, "DELETE FROM journal", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
    EXPECT_EQ(verdict(file, {}), "sound");
}

TEST(Retention, takesAwayTheOldestAndTheChainSaysSo) {
    const support::TemporaryFolder folder("retention");
    const fs::path file = folder.path / "h.db";
    core::Diagnostics remarks;
    auto history = *History::open(file, kNow - std::chrono::hours(24 * 400), remarks, {"sm3"});
    for (int day = 400; day >= 0; --day)
        for (int i = 0; i < 10; ++i) {
            AuditRow entry = row(i);
            entry.at = kNow - std::chrono::hours(24 * day);
            ASSERT_TRUE(history.addAudit(entry));
            twin::Observation observation;
            observation.sensor = "S";
            observation.eventTime = observation.receiveTime = entry.at;
            history.addObservation(observation);
        }
    ASSERT_TRUE(history.commit());
    ASSERT_TRUE(history.flushObservations());
    auto before = history.auditHead();
    before.where = "here";
    Retention retention;
    retention.observationDays = 30;
    retention.auditDays = 10; // less than the law wants: 180 it is
    int rounds = 0;
    while (*history.retain(kNow, retention))
        ++rounds;
    EXPECT_EQ(rounds, 1); // 2,201 records in two pieces
    EXPECT_EQ(history.observationsStored(), 310u); // 30 days and the day of the limit
    EXPECT_EQ(history.audit(100000).size(), 1810u);
    auto after = history.auditHead();
    after.where = "here";
    ASSERT_TRUE(history.addAudit(row(1)));
    ASSERT_TRUE(history.commit());
    EXPECT_EQ(verdict(file, {before, after}), "sound");
    {
        auto again = History::open(file, kNow, remarks);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->auditHead().sequence, after.sequence + 1);
    }
    tamper(file, "DELETE FROM journal WHERE record LIKE '%retention%'");
    EXPECT_NE(verdict(file, {}), "sound");
}

TEST(Retention, takesPayloadsFirstAndClosedAlarmsYearsLater) {
    const support::TemporaryFolder folder("retention");
    core::Diagnostics remarks;
    auto history = *History::open(folder.path / "h.db", kNow, remarks);
    const auto change = [](const std::string& id, twin::Workflow workflow, core::Instant at) {
        alarm::Change result;
        result.at = at;
        result.what = "raised";
        result.alarm.id = id;
        result.alarm.dedupKey = "event|smoke|C1|" + id;
        result.alarm.workflow = workflow;
        result.alarm.raised = at;
        return result;
    };
    for (int i = 0; i < 3; ++i) {
        twin::Event event;
        event.source = "C1";
        event.id = std::to_string(i);
        event.raw = "{}";
        event.receiveTime = event.eventTime = kNow + std::chrono::hours(24) * 100 * i;
        ASSERT_TRUE(history.addEvent(event, event.receiveTime));
    }
    ASSERT_TRUE(history.addChange(change("A-000001", twin::Workflow::closed, kNow)));
    ASSERT_TRUE(history.addChange(change("A-000002", twin::Workflow::unacknowledged, kNow)));
    ASSERT_TRUE(history.addChange(change("A-000003", twin::Workflow::closed, kNow + std::chrono::hours(24) * 200)));
    ASSERT_TRUE(history.commit());
    const auto after = [&](int days) {
        const auto more = history.retain(kNow + std::chrono::hours(24) * days, {});
        EXPECT_TRUE(more);
        return *history.events({});
    };
    auto events = after(190);
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].raw, "");
    EXPECT_EQ(events[1].raw, "{}");
    events = after(1097);
    ASSERT_EQ(events.size(), 2u); // 100 days more
    EXPECT_EQ(*history.closedAlarms(), 1u);
    ASSERT_EQ(history.openAlarms()->size(), 1u); // however old
    EXPECT_EQ(history.openAlarms()->at(0).id, "A-000002");
    EXPECT_EQ(history.alarmsAt(kNow + std::chrono::hours(1))->size(), 1u);
    after(3000);
    EXPECT_EQ(*history.lastAlarmNumber(), 3u);
}
