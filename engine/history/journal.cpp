// The audit chain in the history file: opening, appending, taking the oldest away, verifying.
#include <random>

#include "core/json.h"
#include "history/audit_record.h"
#include "history/history_impl.h"

namespace matou::history {
using core::fail;
namespace {

std::string randomName() {
    std::random_device device;
    std::string result;
    for (int i = 0; i < 32; ++i)
        result += "0123456789abcdef"[device() & 15];
    return result;
}

core::Result<std::string> noteIn(const Database& database, const char* key) {
    MATOU_TRY(statement, database.prepare("SELECT value FROM notes WHERE key=?"));
    statement.bind(1, std::string(key));
    MATOU_TRY(row, statement.step());
    return row ? statement.text(0) : std::string();
}

core::Result<void> setNoteIn(const Database& database, const char* key, const std::string& value) {
    MATOU_TRY(statement,
              database.prepare("INSERT INTO notes VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value"));
    return statement.bind(1, std::string(key)).bind(2, value).run();
}

/// "SEQ HASH" of the last record that retention took away.
std::pair<std::int64_t, std::string> baseOf(const std::string& note) {
    const auto space = note.find(' ');
    if (space == std::string::npos) return {0, ""};
    return {std::strtoll(note.c_str(), nullptr, 10), note.substr(space + 1)};
}

} // namespace

core::Result<void> History::Impl::openChain(const HistoryOptions& options, core::Instant now) {
    MATOU_TRY(chain, noteIn(writer, "audit_chain"));
    MATOU_TRY(kept, noteIn(writer, "audit_hash"));
    MATOU_TRY(made, AuditHash::named(kept.empty() ? options.auditHash : kept));
    hash.emplace(std::move(made));
    if (!chain.empty()) {
        MATOU_TRY(last, writer.prepare("SELECT seq,hash FROM journal ORDER BY seq DESC LIMIT 1"));
        MATOU_TRY(row, last.step());
        head.chain = chain;
        if (row) {
            head.sequence = last.integer(0);
            head.hash = last.text(1);
        } else {
            MATOU_TRY(base, noteIn(writer, "audit_base"));
            std::tie(head.sequence, head.hash) = baseOf(base);
        }
        headOpen = head;
        return {};
    }
    head.chain = headOpen.chain = randomName();
    const Turn turn(*this);
    MATOU_CHECK(begin());
    MATOU_CHECK(setNoteIn(writer, "audit_chain", head.chain));
    MATOU_CHECK(setNoteIn(writer, "audit_hash", hash->name()));
    MATOU_CHECK(append(now, false, firstRecord(head.chain, hash->name(), now)));
    MATOU_CHECK(writer.execute("COMMIT"));
    head = headOpen;
    return {};
}

core::Result<void> History::Impl::append(core::Instant at, bool command, const std::string& record) {
    const std::int64_t sequence = headOpen.sequence + 1;
    std::string link = hash->of(headOpen.hash, sequence, record);
    insertJournal->bind(1, sequence).bind(2, at.time_since_epoch().count()).bind(3, std::int64_t{command});
    insertJournal->bind(4, record).bind(5, link);
    if (auto done = insertJournal->run(); !done) {
        // Another writer, or a guard: nothing that is wrong with this record.
        auto error = std::move(done).error();
        if (error.code == "E_HISTORY_REFUSED") error.code = "E_HISTORY_SQL";
        return tl::unexpected(std::move(error));
    }
    headOpen.sequence = sequence;
    headOpen.hash = std::move(link);
    return {};
}

AuditAnchor History::auditHead() const {
    const std::lock_guard lock(_impl->writing);
    return _impl->head;
}

core::Result<bool> History::retain(core::Instant now, const Retention& retention) {
    const std::lock_guard lock(_impl->writing);
    Database& writer = _impl->writer;
    if (writer.inTransaction()) return true; // another time
    const Impl::Turn turn(*_impl);
    const auto before = [&](int days) { return (now - std::chrono::hours(24) * days).time_since_epoch().count(); };
    constexpr std::int64_t kObservations = 20000, kRecords = 2000;
    bool more = false;
    // Without a file values are for looking back a little; months of them would fill the memory.
    const bool inMemory = _impl->location.empty();
    const std::int64_t oldValues = inMemory ? (now - kKeptInMemory).time_since_epoch().count() : std::int64_t{before(retention.observationDays)};
    if (_impl->values.beside()) {
        _impl->values.takeAway(oldValues);
    } else {
        const auto take = [&]() -> core::Result<std::int64_t> {
            MATOU_CHECK(writer.begin());
            MATOU_TRY(count, takeOldest(writer, oldValues, kObservations));
            MATOU_CHECK(writer.execute("COMMIT"));
            return count;
        };
        const auto taken = take();
        if (!taken) {
            if (writer.inTransaction()) [[maybe_unused]]
                const auto ignored = writer.execute("ROLLBACK");
            return tl::unexpected(taken.error());
        }
        more = *taken == kObservations;
    }
    MATOU_TRY(moreEvents, _impl->retainEvents(now, retention));
    more = more || moreEvents;
    MATOU_TRY(faded, writer.prepare("DELETE FROM summaries WHERE sensor IN (SELECT number FROM sensors) AND t < ?"));
    MATOU_CHECK(faded.bind(1, std::int64_t{before(inMemory ? 7 : retention.summaryDays)}).run());
    // Up to the first that must be kept: times are those of the events and may run back a little.
    MATOU_TRY(records, writer.prepare("SELECT coalesce(min(CASE WHEN at >= ? THEN seq END) - 1, max(seq), 0), count(*) FROM (SELECT "
                                      "seq, at FROM journal ORDER BY seq LIMIT ?) AS front"));
    records.bind(1, std::int64_t{before(std::max(retention.auditDays, Retention::kAuditDays))}).bind(2, kRecords);
    MATOU_TRY(found, records.step());
    const std::int64_t through = std::min(found ? records.integer(0) : 0, _impl->head.sequence - 1); // the chain goes on from the last
    const std::int64_t looked = found ? records.integer(1) : 0;
    records.reset();
    MATOU_TRY(first, writer.prepare("SELECT coalesce(min(seq),0) FROM journal"));
    MATOU_TRY(some, first.step());
    const std::int64_t begin = some ? first.integer(0) : 0;
    first.reset();
    if (begin == 0 || through < begin) return more;
    const auto take = [&]() -> core::Result<void> {
        MATOU_TRY(hashOf, writer.prepare("SELECT hash FROM journal WHERE seq=?"));
        hashOf.bind(1, through);
        MATOU_TRY(there, hashOf.step());
        const std::string hash = there ? hashOf.text(0) : "";
        hashOf.reset();
        MATOU_CHECK(writer.begin());
        MATOU_CHECK(writer.execute(writer.dialect().unguard));
        MATOU_TRY(remove, writer.prepare("DELETE FROM journal WHERE seq <= ?"));
        MATOU_CHECK(remove.bind(1, through).run());
        MATOU_CHECK(writer.execute(writer.dialect().guard));
        MATOU_CHECK(setNoteIn(writer, "audit_base", std::to_string(through) + " " + hash));
        MATOU_CHECK(_impl->append(now, false, retentionRecord(through, hash, now)));
        return writer.execute("COMMIT");
    };
    if (auto done = take(); !done) {
        _impl->headOpen = _impl->head;
        if (writer.inTransaction()) [[maybe_unused]]
            const auto ignored = writer.execute("ROLLBACK");
        return tl::unexpected(std::move(done).error());
    }
    _impl->head = _impl->headOpen;
    return more || (looked == kRecords && through == begin + kRecords - 1);
}

core::Result<AuditReport> verifyAudit(const std::string& location, std::vector<AuditAnchor> anchors) {
    MATOU_TRY(database, Database::open(location, true));
    MATOU_TRY(chain, noteIn(database, "audit_chain"));
    MATOU_TRY(name, noteIn(database, "audit_hash"));
    MATOU_TRY(baseNote, noteIn(database, "audit_base"));
    if (chain.empty()) return fail("E_AUDIT_MISSING", location);
    MATOU_TRY(hash, AuditHash::named(name));
    MATOU_TRY(rows, database.prepare("SELECT seq,record,hash FROM journal ORDER BY seq"));
    const auto [baseSequence, baseHash] = baseOf(baseNote);
    std::optional<core::Error> broken;
    bool attested = baseSequence == 0, named = baseSequence > 0;
    const auto next = [&]() -> std::optional<AuditLink> {
        auto row = rows.step();
        if (!row) broken = std::move(row).error();
        if (broken || !*row) return std::nullopt;
        AuditLink link{rows.integer(0), rows.text(1), rows.text(2)};
        if (link.record.find("\"kind\":\"retention\"") != std::string::npos || link.sequence == 1) {
            // What was taken away must be said in the chain itself, and so must its name.
            if (const auto parsed = core::parseJson(link.record, location); parsed && parsed->is_object()) {
                const core::JsonCursor root(*parsed, location);
                if (root.stringOr("kind", "").value_or("") == "retention" && root.stringOr("hash", "").value_or("") == baseHash &&
                    static_cast<std::int64_t>(root.numberOr("through", 0).value_or(0)) == baseSequence)
                    attested = true;
                if (link.sequence == 1 && root.stringOr("chain", "").value_or("") == chain) named = true;
            }
        }
        return link;
    };
    AuditReport report = verifyChain(hash, baseSequence, baseHash, next, chain, std::move(anchors));
    if (broken) return tl::unexpected(*broken);
    if (report.findings.empty() && !attested)
        report.findings.push_back({"E_AUDIT_GAP", baseSequence, {"1", std::to_string(baseSequence + 1)}});
    if (report.findings.empty() && !named) report.findings.push_back({"E_AUDIT_LINK", 1, {"1"}});
    return report;
}

} // namespace matou::history
