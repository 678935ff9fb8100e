// PostgreSQL behind Database, through libpq. One connection; after a break it is made anew at the next transaction, and
// what was not committed is said to be lost, as with a disk that fails. Passwords come from ~/.pgpass or PGPASSWORD,
// never from the URL.

#include <libpq-fe.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

#include "history/database.h"

namespace matou::history {
using core::fail;
namespace {

// Values lie in a part for each month, so that months can be taken away, moved or backed up on their own.
constexpr Dialect kDialect{
    .schema = R"(
CREATE TABLE IF NOT EXISTS notes(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sensors(number BIGSERIAL PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS observations(rowid BIGSERIAL, sensor BIGINT NOT NULL, t BIGINT NOT NULL, received BIGINT NOT NULL,
  value DOUBLE PRECISION NOT NULL, quality SMALLINT NOT NULL, seq BIGINT) PARTITION BY RANGE (t);
CREATE TABLE IF NOT EXISTS observations_else PARTITION OF observations DEFAULT;
CREATE INDEX IF NOT EXISTS observations_of ON observations(sensor, t);
CREATE INDEX IF NOT EXISTS observations_rows ON observations(rowid);
CREATE TABLE IF NOT EXISTS summaries(sensor BIGINT NOT NULL, t BIGINT NOT NULL, count BIGINT NOT NULL, bad BIGINT NOT NULL,
  minimum DOUBLE PRECISION NOT NULL, maximum DOUBLE PRECISION NOT NULL, sum DOUBLE PRECISION NOT NULL, PRIMARY KEY(sensor, t));
CREATE TABLE IF NOT EXISTS events(seq BIGSERIAL PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, t BIGINT NOT NULL,
  received BIGINT NOT NULL, stored BIGINT NOT NULL, class TEXT NOT NULL, severity INTEGER NOT NULL, confidence DOUBLE PRECISION NOT NULL,
  feed TEXT NOT NULL, raw TEXT NOT NULL, UNIQUE(source, id));
CREATE TABLE IF NOT EXISTS alarms(id TEXT PRIMARY KEY, open INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS alarms_open ON alarms(open);
CREATE TABLE IF NOT EXISTS transitions(seq BIGSERIAL PRIMARY KEY, alarm TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL,
  actor TEXT NOT NULL, text TEXT NOT NULL, severity INTEGER NOT NULL, condition TEXT NOT NULL, workflow TEXT NOT NULL, count BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS transitions_of ON transitions(alarm, at);
CREATE TABLE IF NOT EXISTS outgoing(seq BIGSERIAL PRIMARY KEY, feed TEXT NOT NULL, topic TEXT NOT NULL, payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS candidates(id TEXT PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS projects(seq BIGSERIAL PRIMARY KEY, project TEXT NOT NULL, t BIGINT NOT NULL, received BIGINT NOT NULL,
  json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS projects_of ON projects(project, t);
CREATE TABLE IF NOT EXISTS words(seq BIGSERIAL PRIMARY KEY, kind TEXT NOT NULL, thing TEXT COLLATE "C" NOT NULL, t BIGINT NOT NULL, received BIGINT NOT NULL, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS words_of ON words(kind, thing, t);
CREATE TABLE IF NOT EXISTS nonces(nonce TEXT PRIMARY KEY, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS journal(seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, command INTEGER NOT NULL, record TEXT NOT NULL, hash TEXT NOT NULL);
CREATE OR REPLACE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN RAISE EXCEPTION ''the journal is append-only''; END';
CREATE OR REPLACE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
)",
    .guard = "CREATE OR REPLACE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal FOR EACH ROW EXECUTE FUNCTION "
             "journal_is_append_only()",
    .unguard = "DROP TRIGGER IF EXISTS journal_is_not_deleted ON journal",
    .begin = "BEGIN"};

using ResultHandle = std::unique_ptr<PGresult, decltype(&PQclear)>;
ResultHandle owned(PGresult* result) {
    return {result, &PQclear};
}

std::string oneLine(const char* text) {
    std::string result = text ? text : "";
    while (!result.empty() && (result.back() == '\n' || result.back() == ' '))
        result.pop_back();
    for (char& c : result)
        if (c == '\n') c = ' ';
    return result;
}

constexpr std::chrono::seconds kAnswer(10), kLongAnswer(65); // the server ends a statement after 60 s

struct Link {
    PGconn* handle = nullptr;
    std::string where;
    std::uint64_t generation = 0, statements = 0; // of the connection; names given
    std::set<std::int64_t> months;                // that have a part
    std::chrono::steady_clock::time_point nextTry{};
    bool greeted = false;                         // the connection is set up
    bool writes = false, locked = false;          // needs the writer's lock, holds it
    bool transaction = false;                     // one was begun and not ended, whatever became of the connection
    ~Link() { PQfinish(handle); }

    /// The answer to what was just sent, the last of several or the first error. A server that is silent for `kAnswer` (a reader for
    /// `kLongAnswer`: months take their time) is cut off as if it were gone: the watch waits for no frozen machine.
    ResultHandle await(int sent) {
        ResultHandle last = owned(nullptr);
        const auto until = std::chrono::steady_clock::now() + (writes ? kAnswer : kLongAnswer);
        const auto stillBusy = [&] {
            const int unsent = PQflush(handle);
            if (unsent < 0 || (unsent == 0 && !PQisBusy(handle))) return false;
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
            pollfd socket{PQsocket(handle), static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0)), 0};
            if (left <= 0)
                ::shutdown(socket.fd, SHUT_RDWR);
            else
                ::poll(&socket, 1, static_cast<int>(left));
            return PQconsumeInput(handle) == 1;
        };
        while (sent == 1) {
            while (stillBusy()) {
            }
            ResultHandle next = owned(PQgetResult(handle));
            if (!next) break;
            const auto status = PQresultStatus(last.get());
            if (!last || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) last = std::move(next);
        }
        return last;
    }
    ResultHandle ask(const char* sql) {
        PQsetnonblocking(handle, 1);
        return await(PQsendQuery(handle, sql));
    }
    core::Error error() const { return {"E_HISTORY_SQL", {oneLine(PQerrorMessage(handle))}, where, nullptr}; }
    /// A connection that broke is made anew, but never within a transaction: its first part is gone.
    core::Result<void> alive() {
        if (PQstatus(handle) != CONNECTION_OK) {
            if (transaction) return fail("E_HISTORY_SQL", where, {"the connection broke within a transaction"});
            // One try, then a pause: a host that is gone without a word must not cost the watch a wait for each event.
            if (std::chrono::steady_clock::now() < nextTry) return tl::unexpected(error());
            PQreset(handle);
            if (PQstatus(handle) != CONNECTION_OK) {
                nextTry = std::chrono::steady_clock::now() + std::chrono::seconds(5);
                return tl::unexpected(error());
            }
            greeted = locked = false;
        }
        if (!greeted) {
            ++generation;
            months.clear();
            PQsetNoticeProcessor(
                handle, [](void*, const char*) {}, nullptr); // "already exists" is what is wanted
            const auto result = ask("SET statement_timeout TO 60000");
            if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return tl::unexpected(error());
            greeted = true;
        }
        return !writes || locked ? core::Result<void>() : lock();
    }
    /// Runs what `attempt` does; once more where only now it turns out that the connection had broken while nobody used
    /// it.
    template <typename Attempt>
    core::Result<ResultHandle> run(Attempt attempt) {
        for (bool again = !transaction;; again = false) {
            MATOU_CHECK(alive());
            PQsetnonblocking(handle, 1);
            ResultHandle result = await(attempt());
            const auto status = PQresultStatus(result.get());
            if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return result;
            if (PQstatus(handle) == CONNECTION_OK) {
                // Classes of SQLSTATE: data exception, integrity constraint.
                const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
                auto failed = error();
                if (state && (std::string_view(state).starts_with("22") || std::string_view(state).starts_with("23"))) failed.code = "E_HISTORY_REFUSED";
                return tl::unexpected(std::move(failed));
            }
            if (!again) return tl::unexpected(error());
        }
    }
    /// Held by the session: two that write would give the audit chain two ends.
    core::Result<void> lock() {
        const auto result = ask("SELECT pg_try_advisory_lock(7826031)");
        if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return tl::unexpected(error());
        locked = std::string(PQgetvalue(result.get(), 0, 0)) == "t";
        return locked ? core::Result<void>() : fail("E_HISTORY_BUSY", where);
    }
};

class PostgresStatement final : public Statement::Backend {
public:
    PostgresStatement(std::shared_ptr<Link> link, std::string sql, int parameters)
        : _link(std::move(link)), _sql(std::move(sql)), _values(static_cast<std::size_t>(parameters)) {}
    ~PostgresStatement() override {
        if (!_name.empty() && _generation == _link->generation && PQstatus(_link->handle) == CONNECTION_OK)
            _link->ask(("DEALLOCATE " + _name).c_str());
    }
    void bind(int position, std::int64_t value) override { set(position, std::to_string(value)); }
    void bind(int position, double value) override {
        char text[40];
        std::snprintf(text, sizeof text, "%.17g", value);
        set(position, text);
    }
    void bind(int position, const std::string& value) override { set(position, value); }
    void bindNull(int position) override { set(position, std::nullopt); }
    core::Result<bool> step() override {
        if (!_result) MATOU_CHECK(run());
        if (++_row < PQntuples(_result.get())) return true;
        return false;
    }
    void reset() override {
        _result.reset();
        _row = -1;
    }
    std::int64_t changes() const override { return _changes; }
    std::int64_t integer(int column) const override {
        return std::strtoll(PQgetvalue(_result.get(), _row, column), nullptr, 10);
    }
    double number(int column) const override { return std::strtod(PQgetvalue(_result.get(), _row, column), nullptr); }
    std::string text(int column) const override {
        return {PQgetvalue(_result.get(), _row, column),
                static_cast<std::size_t>(PQgetlength(_result.get(), _row, column))};
    }

private:
    void set(int position, std::optional<std::string> value) {
        if (position >= 1 && position <= static_cast<int>(_values.size()))
            _values[static_cast<std::size_t>(position - 1)] = std::move(value);
    }
    core::Result<void> run() {
        std::vector<const char*> values;
        for (const auto& value : _values)
            values.push_back(value ? value->c_str() : nullptr);
        const int count = static_cast<int>(values.size());
        ++_runs;
        auto ran = _link->run([&] {
            // What runs again and again is parsed once.
            if (_generation != _link->generation) _name.clear();
            if (_name.empty() && _runs > 1) {
                const std::string name = "m" + std::to_string(++_link->statements);
                const auto prepared = _link->await(PQsendPrepare(_link->handle, name.c_str(), _sql.c_str(), 0, nullptr));
                if (PQresultStatus(prepared.get()) == PGRES_COMMAND_OK) { // else it is said by running it
                    _name = name;
                    _generation = _link->generation;
                }
            }
            return _name.empty()
                       ? PQsendQueryParams(_link->handle, _sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0)
                       : PQsendQueryPrepared(_link->handle, _name.c_str(), count, values.data(), nullptr, nullptr, 0);
        });
        reset();
        if (!ran) return tl::unexpected(std::move(ran).error());
        _result = std::move(*ran);
        _changes = std::strtoll(PQcmdTuples(_result.get()), nullptr, 10);
        return {};
    }

    std::shared_ptr<Link> _link;
    std::string _sql, _name;
    std::vector<std::optional<std::string>> _values;
    ResultHandle _result{nullptr, &PQclear};
    int _row = -1, _runs = 0;
    std::uint64_t _generation = 0;
    std::int64_t _changes = 0;
};

/// "? ?2" to "$1 $2"; how many there are.
std::pair<std::string, int> numbered(const std::string& sql) {
    std::string out;
    int last = 0, most = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '\'') quoted = !quoted;
        if (sql[i] != '?' || quoted) {
            out += sql[i];
            continue;
        }
        std::size_t digits = i + 1;
        while (digits < sql.size() && sql[digits] >= '0' && sql[digits] <= '9')
            ++digits;
        last = digits > i + 1 ? std::atoi(sql.substr(i + 1, digits - i - 1).c_str()) : last + 1;
        most = std::max(most, last);
        out += "$" + std::to_string(last);
        i = digits - 1;
    }
    return {std::move(out), most};
}

class PostgresDatabase final : public Database::Backend {
public:
    explicit PostgresDatabase(std::shared_ptr<Link> link) : _link(std::move(link)) {}
    const Dialect& dialect() const override { return kDialect; }
    core::Result<void> execute(const std::string& sql) override {
        auto ran = _link->run([&] { return PQsendQuery(_link->handle, sql.c_str()); });
        if (sql == "COMMIT" || sql == "ROLLBACK") _link->transaction = false;
        if (!ran && sql == "ROLLBACK" && PQstatus(_link->handle) != CONNECTION_OK)
            return {}; // the server has done it already
        if (!ran) return tl::unexpected(std::move(ran).error());
        if (sql == kDialect.begin) _link->transaction = true;
        // One that failed on the way ends with a word, not with an error.
        if (sql == "COMMIT" && std::string(PQcmdStatus(ran->get())) != "COMMIT")
            return fail("E_HISTORY_SQL", _link->where, {"the transaction was rolled back"});
        return {};
    }
    core::Result<std::unique_ptr<Statement::Backend>> prepare(const std::string& sql) override {
        auto [text, count] = numbered(sql);
        return std::make_unique<PostgresStatement>(_link, std::move(text), count);
    }
    bool inTransaction() const override { return _link->transaction; }
    core::Result<void> sync(bool each) override {
        return execute(each ? "SET synchronous_commit TO on" : "SET synchronous_commit TO off");
    }
    core::Result<void> makeRoom(std::int64_t time) override {
        constexpr std::int64_t kFirst = 946684800000, kLast = 4102444800000; // 2000, 2100: others go to the rest
        if (time < kFirst || time >= kLast) return {};
        const auto seconds = static_cast<std::time_t>(time / 1000);
        std::tm date{};
        gmtime_r(&seconds, &date);
        const int year = date.tm_year + 1900, month = date.tm_mon;
        if (!_link->months.insert(year * 12 + month).second) return {};
        const auto startOf = [](int y, int m) {
            std::tm first{};
            first.tm_year = y - 1900 + m / 12;
            first.tm_mon = m % 12;
            first.tm_mday = 1;
            return std::to_string(static_cast<std::int64_t>(timegm(&first)) * 1000);
        };
        const std::string name =
            "observations_" + std::to_string(year) + (month < 9 ? "_0" : "_") + std::to_string(month + 1);
        auto made = execute("CREATE TABLE IF NOT EXISTS " + name + " PARTITION OF observations FOR VALUES FROM (" +
                            startOf(year, month) + ") TO (" + startOf(year, month + 1) + ")");
        if (!made) _link->months.erase(year * 12 + month);
        return made;
    }
    void interrupt() override {
        const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(_link->handle), &PQfreeCancel);
        std::array<char, 256> said{};
        if (cancel) PQcancel(cancel.get(), said.data(), static_cast<int>(said.size()));
    }
    core::Result<std::string> damage(const std::string&) override { return std::string(); }

private:
    std::shared_ptr<Link> _link;
};

/// In the URL itself or among its parameters.
bool hasPassword(const std::string& url) {
    char* message = nullptr;
    PQconninfoOption* options = PQconninfoParse(url.c_str(), &message);
    bool found = false;
    for (const auto* option = options; option && option->keyword; ++option)
        found = found || (std::string(option->keyword) == "password" && option->val);
    PQconninfoFree(options);
    PQfreemem(message);
    return found;
}

} // namespace

core::Result<std::unique_ptr<Database::Backend>> openPostgres(const std::string& url, bool readOnly) {
    if (hasPassword(url)) return fail("E_HISTORY_SECRET", "--history");
    auto link = std::make_shared<Link>();
    link->where = url;
    // What the URL says wins (expand_dbname comes last). A server that is away must be noticed, not waited for.
    const std::array<const char*, 6> keys{"connect_timeout", "tcp_user_timeout", "application_name",
                                          "client_encoding", "dbname",           nullptr};
    const std::array<const char*, 6> values{"2", "10000", "matou", "UTF8", url.c_str(), nullptr};
    link->handle = PQconnectdbParams(keys.data(), values.data(), 1);
    if (PQstatus(link->handle) != CONNECTION_OK)
        return fail("E_HISTORY_OPEN", url, {oneLine(PQerrorMessage(link->handle))});
    link->writes = !readOnly;
    MATOU_CHECK(link->alive());
    return std::make_unique<PostgresDatabase>(std::move(link));
}

} // namespace matou::history
