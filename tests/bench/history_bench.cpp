// What "the last 24 h of this sensor" costs in a history of so many values, beside the same indexed read by plain SQL:
//   history_bench FOLDER [ROWS…]      (default 1000000 10000000)
// One value a minute from each sensor, in the order in which they would come; both reads over the same random sensors, in turn,
// process CPU and wall time. One JSON line for each number of rows.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "history/history.h"

using namespace matou;

namespace {

constexpr int kSensors = 1000, kReads = 400;
const core::Instant kEnd{std::chrono::milliseconds(1750000000000)};

bool run(sqlite3* database, const char* sql) {
    return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

/// Through SQLite itself: what fills the file is not what is measured.
bool fill(const std::filesystem::path& file, std::int64_t rows) {
    sqlite3* database = nullptr;
    if (sqlite3_open(file.c_str(), &database) != SQLITE_OK || !run(database, "PRAGMA journal_mode=OFF") ||
        !run(database, "PRAGMA synchronous=OFF") || !run(database, "DROP INDEX observations_of") || !run(database, "BEGIN")) return false;
    for (int i = 0; i < kSensors; ++i)
        if (!run(database, ("INSERT INTO sensors(id) VALUES('S-" + std::to_string(i) + "')").c_str())) return false;
    sqlite3_stmt* insert = nullptr;
    if (sqlite3_prepare_v2(database, "INSERT INTO observations(sensor,t,received,value,quality,seq) VALUES(?,?,?,?,0,NULL)", -1, &insert, nullptr))
        return false;
    const std::int64_t minutes = rows / kSensors, end = kEnd.time_since_epoch().count();
    std::minstd_rand random(5);
    for (std::int64_t minute = minutes; minute > 0; --minute)
        for (int sensor = 1; sensor <= kSensors; ++sensor) {
            const std::int64_t at = end - minute * 60000 + static_cast<std::int64_t>(random() % 1000);
            sqlite3_bind_int64(insert, 1, sensor);
            sqlite3_bind_int64(insert, 2, at);
            sqlite3_bind_int64(insert, 3, at + 20);
            sqlite3_bind_double(insert, 4, static_cast<double>(random() % 1000));
            if (sqlite3_step(insert) != SQLITE_DONE) return false;
            sqlite3_reset(insert);
        }
    sqlite3_finalize(insert);
    const bool done = run(database, "COMMIT") && run(database, "CREATE INDEX observations_of ON observations(sensor, t)");
    sqlite3_close(database);
    return done;
}

std::size_t plainRead(sqlite3_stmt* statement, int sensor, std::int64_t since, std::int64_t until) {
    std::vector<history::StoredValue> values; // what a reader would make of the rows
    sqlite3_bind_int64(statement, 1, sensor);
    sqlite3_bind_int64(statement, 2, since);
    sqlite3_bind_int64(statement, 3, until);
    while (sqlite3_step(statement) == SQLITE_ROW)
        values.push_back({core::Instant(core::Duration(sqlite3_column_int64(statement, 0))), sqlite3_column_double(statement, 1),
                          static_cast<twin::Quality>(sqlite3_column_int(statement, 2))});
    sqlite3_reset(statement);
    return values.size();
}

double cpuMicroseconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}
double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

int measure(const std::filesystem::path& folder, std::int64_t rows) {
    const auto file = folder / ("history-" + std::to_string(rows) + ".db");
    const bool there = std::filesystem::exists(file);
    core::Diagnostics remarks;
    {
        auto made = history::History::open(file, kEnd, remarks);
        if (!made) return 1;
    }
    if (!there && !fill(file, rows)) return 1;
    const auto opening = std::chrono::steady_clock::now();
    const auto history = history::History::open(file, kEnd, remarks);
    if (!history) return 1;
    const double opened = std::chrono::duration<double>(std::chrono::steady_clock::now() - opening).count();
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) ||
        sqlite3_prepare_v2(database, "SELECT t,value,quality FROM observations WHERE sensor=? AND t>=? AND t<? ORDER BY t", -1, &statement, nullptr))
        return 1;
    const auto since = kEnd - std::chrono::hours(24);
    std::minstd_rand random(9);
    std::vector<double> ours, plain, spans;
    std::size_t values = 0, plainValues = 0;
    for (int read = 0; read < kReads; ++read) {
        const int sensor = static_cast<int>(random() % kSensors);
        history::SeriesQuery query{.sensor = "S-" + std::to_string(sensor), .since = since, .until = kEnd};
        const auto first = [&] {
            const double begun = cpuMicroseconds();
            values += history->series(query)->values.size();
            ours.push_back(cpuMicroseconds() - begun);
        };
        const auto second = [&] {
            const double begun = cpuMicroseconds();
            plainValues += plainRead(statement, sensor + 1, since.time_since_epoch().count(), kEnd.time_since_epoch().count());
            plain.push_back(cpuMicroseconds() - begun);
        };
        // In turn, so that neither always finds the pages warm.
        if (read % 2) first(), second(); else second(), first();
        query.points = 300;
        const double begun = cpuMicroseconds();
        values += history->series(query)->buckets.empty();
        spans.push_back(cpuMicroseconds() - begun);
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    if (values != plainValues) return 1;
    std::printf("{\"rows\": %lld, \"values_a_read\": %.0f, \"series_us\": %.1f, \"plain_sql_us\": %.1f, \"ratio\": %.3f, \"spans_us\": %.1f, "
                "\"open_s\": %.2f, \"file_mib\": %.0f}\n",
                static_cast<long long>(rows), static_cast<double>(values) / kReads, median(ours), median(plain), median(ours) / median(plain),
                median(spans), opened, static_cast<double>(std::filesystem::file_size(file)) / 1048576);
    std::fflush(stdout);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: history_bench FOLDER [ROWS...]\n");
        return 2;
    }
    std::vector<std::int64_t> sizes;
    for (int i = 2; i < argc; ++i)
        sizes.push_back(std::atoll(argv[i]));
    if (sizes.empty()) sizes = {1000000, 10000000};
    for (const auto rows : sizes)
        if (measure(argv[1], rows)) {
            std::fprintf(stderr, "history_bench: %lld rows: failed\n", static_cast<long long>(rows));
            return 1;
        }
    return 0;
}
