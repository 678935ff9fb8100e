#include "history/series.h"

#include <algorithm>

#include "history/history_impl.h"

namespace matou::history {
namespace {

struct Sums {
    std::int64_t count = 0, bad = 0;
    double minimum = 0, maximum = 0, sum = 0;

    void add(std::int64_t good, std::int64_t notGood, double low, double high, double total) {
        bad += notGood;
        if (good == 0) return;
        minimum = count ? std::min(minimum, low) : low;
        maximum = count ? std::max(maximum, high) : high;
        sum += total;
        count += good;
    }
};

} // namespace

core::Result<Series> History::series(const SeriesQuery& query) const {
    Series result;
    const std::int64_t since = query.since.time_since_epoch().count(), until = query.until.time_since_epoch().count();
    if (until <= since) return result;
    const auto lock = _impl->readLock();
    const Database& database = _impl->readDatabase();
    MATOU_TRY(known, database.prepare("SELECT number FROM sensors WHERE id=?"));
    known.bind(1, query.sensor);
    MATOU_TRY(there, known.step());
    if (!there) return result;
    const std::int64_t sensor = known.integer(0);
    MATOU_TRY(rows, database.prepare(
                        "SELECT t, value, quality FROM observations WHERE sensor=? AND t>=? AND t<? ORDER BY t"));
    rows.bind(1, sensor).bind(2, since).bind(3, until);
    const auto bad = static_cast<std::int64_t>(twin::Quality::bad);
    if (query.points <= 0) {
        while (true) {
            MATOU_TRY(row, rows.step());
            if (!row) return result;
            if (static_cast<std::int64_t>(result.values.size()) >= query.limit) {
                result.cut = true;
                return result;
            }
            result.values.push_back({core::Instant(core::Duration(rows.integer(0))), rows.number(1),
                                     static_cast<twin::Quality>(std::clamp<std::int64_t>(rows.integer(2), 0, bad))});
        }
    }
    // One bucket for each span that has anything: their number is bounded by `points`, whatever the file holds.
    const std::int64_t span = (until - since - 1) / query.points + 1;
    result.span = core::Duration(span);
    std::vector<Sums> sums(static_cast<std::size_t>((until - since - 1) / span + 1));
    const auto at = [&](std::int64_t time) -> Sums& {
        return sums[static_cast<std::size_t>(std::clamp<std::int64_t>(time - since, 0, until - since - 1) / span)];
    };
    while (true) {
        MATOU_TRY(row, rows.step());
        if (!row) break;
        const bool good = rows.integer(2) != bad;
        at(rows.integer(0)).add(good, !good, rows.number(1), rows.number(1), rows.number(1));
    }
    MATOU_TRY(old, database.prepare(
                       "SELECT t, count, bad, minimum, maximum, sum FROM summaries WHERE sensor=? AND t>=? AND t<?"));
    old.bind(1, sensor).bind(2, since).bind(3, until);
    while (true) {
        MATOU_TRY(row, old.step());
        if (!row) break;
        at(old.integer(0)).add(old.integer(1), old.integer(2), old.number(3), old.number(4), old.number(5));
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const Sums& s = sums[i];
        if (s.count || s.bad)
            result.buckets.push_back({core::Instant(core::Duration(since + static_cast<std::int64_t>(i) * span)),
                                      s.count, s.bad, s.minimum, s.maximum,
                                      s.count ? s.sum / static_cast<double>(s.count) : 0});
    }
    return result;
}

namespace {

/// Adds the observations up to that row to their summaries.
core::Result<void> summarise(Database& database, std::int64_t lastRow) {
    MATOU_TRY(statement,
              database.prepare(
                  "INSERT INTO summaries(sensor,t,count,bad,minimum,maximum,sum) SELECT sensor, t/?1*?1, "
                  "count(CASE WHEN quality<>?2 THEN 1 END), count(CASE WHEN quality=?2 THEN 1 END), "
                  "coalesce(min(CASE WHEN quality<>?2 THEN value END),0), coalesce(max(CASE WHEN quality<>?2 THEN value END),0), "
                  "coalesce(sum(CASE WHEN quality<>?2 THEN value END),0) FROM observations WHERE rowid<=?3 GROUP BY 1, 2 "
                  "ON CONFLICT(sensor,t) DO UPDATE SET bad=summaries.bad+excluded.bad, sum=summaries.sum+excluded.sum, "
                  "minimum=CASE WHEN excluded.count>0 AND (summaries.count=0 OR excluded.minimum<summaries.minimum) "
                  "THEN excluded.minimum ELSE summaries.minimum END, "
                  "maximum=CASE WHEN excluded.count>0 AND (summaries.count=0 OR excluded.maximum>summaries.maximum) "
                  "THEN excluded.maximum ELSE summaries.maximum END, count=summaries.count+excluded.count"));
    return statement.bind(1, kSummaryMs).bind(2, static_cast<std::int64_t>(twin::Quality::bad)).bind(3, lastRow).run();
}

} // namespace

core::Result<std::int64_t> takeOldest(Database& database, std::int64_t before, std::int64_t rows) {
    MATOU_TRY(oldest, database.prepare("SELECT count(*), coalesce(max(n),0) FROM (SELECT rowid AS n, received FROM observations ORDER "
                                       "BY rowid LIMIT ?) AS front WHERE received < ?"));
    MATOU_TRY(any, oldest.bind(1, rows).bind(2, before).step());
    const std::int64_t count = any ? oldest.integer(0) : 0, last = any ? oldest.integer(1) : 0;
    oldest.reset();
    if (count == 0) return 0;
    MATOU_CHECK(summarise(database, last));
    MATOU_TRY(remove, database.prepare("DELETE FROM observations WHERE rowid <= ?"));
    MATOU_CHECK(remove.bind(1, last).run());
    return count;
}

} // namespace matou::history
