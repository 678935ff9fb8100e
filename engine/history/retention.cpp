// What becomes of old events and alarms: first the payload goes, years later the rest.

#include "history/history_impl.h"

namespace matou::history {
namespace {

constexpr std::int64_t kPiece = 2000;

/// The last of the first kPiece rows after `from` (in order of arrival) that are older than `before`, and whether all were.
core::Result<std::pair<std::int64_t, bool>> oldest(Database& database, const char* table, const char* time, std::int64_t from, std::int64_t before) {
    MATOU_TRY(rows, database.prepare("SELECT coalesce(max(seq),0), count(*) FROM (SELECT seq, " + std::string(time) + " AS since FROM " + table +
                                     " WHERE seq>? ORDER BY seq LIMIT ?) AS front WHERE since<?"));
    rows.bind(1, from).bind(2, kPiece).bind(3, before);
    MATOU_TRY(row, rows.step());
    return row ? std::pair(rows.integer(0), rows.integer(1) == kPiece) : std::pair(std::int64_t{0}, false);
}

} // namespace

core::Result<bool> History::Impl::retainEvents(core::Instant now, const Retention& retention) {
    const auto before = [&](int days) { return std::int64_t{(now - std::chrono::hours(24) * days).time_since_epoch().count()}; };
    constexpr const char* kBare = "events_bare"; // up to this one they are without their payload
    MATOU_TRY(kept, writer.prepare("SELECT value FROM notes WHERE key=?"));
    MATOU_TRY(known, kept.bind(1, std::string(kBare)).step());
    const std::int64_t bare = known ? std::strtoll(kept.text(0).c_str(), nullptr, 10) : 0;
    kept.reset();
    MATOU_TRY(payloads, oldest(writer, "events", "received", bare, before(retention.payloadDays)));
    MATOU_TRY(events, oldest(writer, "events", "received", 0, before(retention.alarmDays)));
    MATOU_TRY(words, oldest(writer, "words", "received", 0, before(retention.alarmDays)));
    MATOU_TRY(transitions, oldest(writer, "transitions", "at", 0, before(retention.alarmDays)));
    const auto run = [&](const char* sql, std::int64_t upTo) -> core::Result<void> {
        if (upTo == 0) return {};
        MATOU_TRY(statement, writer.prepare(sql));
        return statement.bind(1, upTo).run();
    };
    const auto take = [&]() -> core::Result<void> {
        MATOU_CHECK(writer.begin());
        if (payloads.first) {
            MATOU_CHECK(run("UPDATE events SET raw='' WHERE seq<=? AND raw<>''", payloads.first));
            MATOU_TRY(note, writer.prepare("INSERT INTO notes VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value"));
            MATOU_CHECK(note.bind(1, std::string(kBare)).bind(2, std::to_string(payloads.first)).run());
        }
        MATOU_CHECK(run("DELETE FROM events WHERE seq<=?", events.first));
        // The last word on a thing stands, however old; of closed cases nobody needs it any more.
        MATOU_CHECK(run("DELETE FROM words WHERE seq<=?1 AND (EXISTS (SELECT 1 FROM words AS later WHERE later.kind=words.kind AND later.thing=words.thing AND "
                        "later.seq>words.seq) OR (kind='case' AND (json LIKE '%\"state\":\"closed\"%' OR json LIKE '%\"state\":\"cancelled\"%')))",
                        words.first));
        // An open alarm keeps its past, and the last one keeps its number.
        MATOU_CHECK(run("DELETE FROM alarms WHERE open=0 AND id IN (SELECT alarm FROM transitions WHERE seq<=?1) AND id<>(SELECT max(id) FROM alarms) "
                        "AND NOT EXISTS (SELECT 1 FROM transitions WHERE alarm=alarms.id AND seq>?1)",
                        transitions.first));
        MATOU_CHECK(run("DELETE FROM transitions WHERE seq<=? AND NOT EXISTS (SELECT 1 FROM alarms WHERE alarms.id=transitions.alarm)", transitions.first));
        return writer.execute("COMMIT");
    };
    if (payloads.first == 0 && events.first == 0 && words.first == 0 && transitions.first == 0) return false;
    if (auto done = take(); !done) {
        if (writer.inTransaction()) [[maybe_unused]]
            const auto ignored = writer.execute("ROLLBACK");
        return tl::unexpected(std::move(done).error());
    }
    return payloads.second || events.second;
}

} // namespace matou::history
