#include "history/history.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "alarm/life_cycle.h"
#include "core/log.h"
#include "history/alarm_json.h"
#include "history/audit_record.h"
#include "history/history_impl.h"

namespace matou::history {
namespace fs = std::filesystem;
using core::fail;
namespace {

constexpr const char* kVersion = "2"; // 1: commands in a table `audit` without a chain

std::int64_t ms(core::Instant instant) {
    return instant.time_since_epoch().count();
}
core::Instant instantOf(std::int64_t milliseconds) {
    return core::Instant(core::Duration(milliseconds));
}

constexpr const char* kDamageNote = "values_damaged";
// Small beside the values, and what must not be lost. Their own check is quick.
constexpr const char* kFewRows[] = {"notes", "sensors", "events", "alarms", "transitions", "candidates", "projects", "words", "outgoing", "nonces", "journal"};

/// What is wrong with the file, empty: nothing. `whole`: also the values.
core::Result<std::string> damageIn(const Database& database, bool whole) {
    if (whole) return database.damage();
    for (const char* table : kFewRows) {
        MATOU_TRY(damage, database.damage(table));
        if (!damage.empty()) return std::string(table) + ": " + damage;
    }
    // What an earlier run found while it worked.
    MATOU_TRY(note, database.prepare("SELECT value FROM notes WHERE key=?"));
    MATOU_TRY(found, note.bind(1, std::string(kDamageNote)).step());
    return found ? note.text(0) : std::string();
}

/// Opens, checks and prepares; any failure means: this file cannot be used.
core::Result<Database> usable(const std::string& location, bool whole) {
    MATOU_TRY(database, Database::open(location, false));
    const auto sound = [&]() -> core::Result<void> {
        if (location.empty()) return {};
        MATOU_TRY(damage, damageIn(database, whole));
        if (!damage.empty()) return fail("E_HISTORY_DAMAGED", location, {damage});
        return {};
    };
    if (whole) MATOU_CHECK(sound());
    MATOU_CHECK(database.execute(database.dialect().schema));
    if (!whole) MATOU_CHECK(sound()); // table by table: an older file may have lacked one
    MATOU_CHECK(database.execute(database.dialect().guard));
    MATOU_TRY(version, database.prepare("SELECT value FROM notes WHERE key='version'"));
    MATOU_TRY(known, version.step());
    if (known && version.text(0) != kVersion && version.text(0) != "1")
        return fail("E_HISTORY_VERSION", location, {version.text(0), kVersion});
    version.reset();
    MATOU_CHECK(database.execute("INSERT INTO notes VALUES('version','2') ON CONFLICT(key) DO UPDATE SET value='2'"));
    return database;
}

} // namespace

core::Result<void> History::Impl::prepare() {
    const auto make = [&](std::optional<Statement>& slot, const char* sql) -> core::Result<void> {
        MATOU_TRY(statement, writer.prepare(sql));
        slot.emplace(std::move(statement));
        return {};
    };
    MATOU_CHECK(make(insertEvent,
                     "INSERT INTO events(source,id,t,received,stored,class,severity,confidence,feed,raw) "
                     "VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"));
    MATOU_CHECK(make(saveAlarm, "INSERT INTO alarms(id,open,json) VALUES(?,?,?) ON CONFLICT(id) DO UPDATE SET "
                                "open=excluded.open, json=excluded.json"));
    MATOU_CHECK(
        make(insertTransition, "INSERT INTO transitions(alarm,at,what,actor,text,severity,condition,workflow,count) "
                               "VALUES(?,?,?,?,?,?,?,?,?)"));
    MATOU_CHECK(make(insertJournal, "INSERT INTO journal(seq,at,command,record,hash) VALUES(?,?,?,?,?)"));
    MATOU_TRY(beside, Database::openBeside(location));
    MATOU_CHECK(values.open(writer, std::move(beside), turn));
    return {};
}

History::History(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;
History::~History() {
    if (!_impl) return;
    if (auto stored = commit(); !stored) rollback();
    writeValuesHere();
    [[maybe_unused]] const auto flushed = flushObservations();
}

core::Result<History> History::open(const std::string& location, core::Instant now, core::Diagnostics& remarks,
                                    const HistoryOptions& options) {
    auto impl = std::make_unique<Impl>();
    impl->location = location;
    const bool server = isServer(location);
    const fs::path path = server ? fs::path() : fs::path(location);
    std::error_code code;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), code);
    const bool whole = path.empty() || !fs::is_regular_file(path, code) || fs::file_size(path, code) <= options.checkedAtOnce;
    auto opened = usable(location, whole);
    if (!opened && opened.error().code == "E_HISTORY_DAMAGED" && fs::is_regular_file(path, code)) {
        std::string stamp = core::formatInstant(now);
        std::erase(stamp, ':');
        const fs::path aside = path.string() + ".damaged-" + stamp;
        for (const char* suffix : {"", "-wal", "-shm"})
            if (fs::exists(path.string() + suffix, code))
                fs::rename(path.string() + suffix, aside.string() + suffix, code);
        remarks.push_back(
            {"W_HISTORY_DAMAGED", {aside.string(), opened.error().arguments.at(0)}, path.string(), nullptr});
        opened = usable(location, true);
    }
    if (!opened) {
        for (const char* own : {"E_HISTORY_SECRET", "E_HISTORY_BUSY"})
            if (opened.error().code == own) return tl::unexpected(std::move(opened).error());
        if (opened.error().code == "E_HISTORY_VERSION") return tl::unexpected(std::move(opened).error());
        return core::failBecause(opened.error(), "E_HISTORY_OPEN", location,
                                 {opened.error().arguments.empty() ? "" : opened.error().arguments[0]});
    }
    impl->writer = std::move(*opened);
    if (!location.empty()) {
        MATOU_TRY(reader, Database::open(location, true));
        impl->reader = std::move(reader);
    }
    MATOU_CHECK(impl->prepare());
    MATOU_TRY(events, impl->count("SELECT count(*) FROM events"));
    impl->events = events;
    History history(std::move(impl));
    MATOU_CHECK(history._impl->openChain(options, now));
    if (!whole) MATOU_CHECK(history._impl->checkValues());
    return history;
}

core::Result<void> History::Impl::checkValues() {
    MATOU_TRY(connection, Database::open(location, true));
    checked = std::move(connection);
    checker = std::thread([this] {
        // An interrupted check says nothing of the file.
        auto found = checked.damage("observations");
        if (found && found->empty()) found = checked.damage("summaries");
        if (found)
            damage = *found;
        else if (found.error().code == "E_HISTORY_DAMAGED")
            damage = found.error().arguments.at(0);
        checkEnded = true;
    });
    return {};
}

std::optional<core::Error> History::takeDamage() {
    if (!_impl->checker.joinable() || !_impl->checkEnded) return std::nullopt;
    _impl->checker.join();
    if (_impl->damage.empty()) return std::nullopt;
    if (const auto noted = setNote(kDamageNote, _impl->damage); !noted) core::logError(noted.error());
    return core::Error{"E_HISTORY_VALUES", {_impl->damage}, _impl->location, nullptr};
}

core::Result<bool> History::addEvent(const twin::Event& event, core::Instant stored) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    auto& insert = *_impl->insertEvent;
    insert.bind(1, event.source)
        .bind(2, event.id)
        .bind(3, ms(event.eventTime))
        .bind(4, ms(event.receiveTime))
        .bind(5, ms(stored));
    insert.bind(6, event.eventClass)
        .bind(7, std::int64_t{event.severity})
        .bind(8, event.confidence)
        .bind(9, event.feed)
        .bind(10, event.raw);
    MATOU_CHECK(insert.run());
    const bool fresh = insert.changes() > 0;
    if (fresh) ++_impl->eventsOpen;
    return fresh;
}

core::Result<void> History::addChange(const alarm::Change& change) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    const auto& alarm = change.alarm;
    if (change.of == alarm::Change::Of::alarm) {
        _impl->saveAlarm->bind(1, alarm.id).bind(2, std::int64_t{alarm::isOpen(alarm)}).bind(3, toJson(alarm));
        MATOU_CHECK(_impl->saveAlarm->run());
    }
    auto& insert = *_impl->insertTransition;
    insert.bind(1, alarm.id).bind(2, ms(change.at)).bind(3, change.what).bind(4, change.actor).bind(5, change.text);
    insert.bind(6, std::int64_t{alarm.severity}).bind(7, std::string(alarm::wordOf(alarm.condition)));
    insert.bind(8, std::string(alarm::wordOf(alarm.workflow))).bind(9, std::int64_t{alarm.count});
    MATOU_CHECK(insert.run());
    return _impl->append(change.at, false, auditRecord(change));
}

core::Result<void> History::addAudit(const AuditRow& row) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    return _impl->append(row.at, true, auditRecord(row));
}

core::Result<void> History::addNonce(const std::string& nonce, core::Instant at) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    if (at - _impl->noncesSwept > std::chrono::minutes(10)) {
        _impl->noncesSwept = at;
        MATOU_TRY(sweep, _impl->writer.prepare("DELETE FROM nonces WHERE at < ?"));
        MATOU_CHECK(sweep.bind(1, ms(at - std::chrono::hours(1))).run());
    }
    MATOU_TRY(insert, _impl->writer.prepare("INSERT INTO nonces VALUES(?,?) ON CONFLICT DO NOTHING"));
    return insert.bind(1, nonce).bind(2, ms(at)).run();
}

core::Result<std::vector<std::string>> History::nonces() const {
    std::vector<std::string> result;
    const auto lock = _impl->readLock();
    MATOU_TRY(statement, _impl->readDatabase().prepare("SELECT nonce FROM nonces"));
    while (true) {
        MATOU_TRY(row, statement.step());
        if (!row) return result;
        result.push_back(statement.text(0));
    }
}

core::Result<void> History::addOutgoing(const Outgoing& message) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    MATOU_TRY(insert, _impl->writer.prepare("INSERT INTO outgoing(feed,topic,payload) VALUES(?,?,?)"));
    return insert.bind(1, message.feed).bind(2, message.topic).bind(3, message.payload).run();
}

std::vector<Outgoing> History::outgoing(std::int64_t after, std::int64_t limit) const {
    std::vector<Outgoing> result;
    // On the writer's own connection: the watch must not wait until somebody has read months. Call it between commits.
    const std::lock_guard lock(_impl->writing);
    auto statement = _impl->writer.prepare(
        "SELECT seq,feed,topic,payload FROM outgoing WHERE seq>? ORDER BY seq LIMIT ?");
    if (!statement) return result;
    statement->bind(1, after).bind(2, limit);
    for (auto row = statement->step(); row && *row; row = statement->step())
        result.push_back({statement->integer(0), statement->text(1), statement->text(2), statement->text(3)});
    return result;
}

core::Result<void> History::removeOutgoing(std::int64_t sequence) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    MATOU_TRY(statement, _impl->writer.prepare("DELETE FROM outgoing WHERE seq=?"));
    return statement.bind(1, sequence).run();
}

core::Result<void> History::commit() {
    const std::lock_guard lock(_impl->writing);
    if (_impl->writer.inTransaction()) {
        MATOU_CHECK(_impl->writer.execute("COMMIT"));
        _impl->head = _impl->headOpen;
        _impl->events += std::exchange(_impl->eventsOpen, 0);
    }
    _impl->endTurn();
    _impl->values.committed();
    return {};
}

core::Result<void> History::settled() {
    const std::lock_guard lock(_impl->writing);
    return _impl->writer.settled();
}

void History::rollback() {
    const std::lock_guard lock(_impl->writing);
    _impl->eventsOpen = 0;
    _impl->headOpen = _impl->head;
    if (_impl->writer.inTransaction()) [[maybe_unused]]
        const auto ignored = _impl->writer.execute("ROLLBACK");
    _impl->endTurn();
    _impl->values.failed();
}

void History::writeValuesBeside() {
    _impl->values.begin();
}
void History::writeValuesHere() {
    _impl->values.end();
}

void History::addObservation(const twin::Observation& observation) {
    _impl->values.add(observation);
}

std::uint64_t History::takeDropped() {
    return _impl->values.takeDropped();
}

bool History::holdsObservations() const {
    return !_impl->values.beside() && _impl->values.holds();
}

core::Result<void> History::flushObservations(std::optional<core::Duration> patience) {
    if (_impl->values.beside()) {
        _impl->values.handOver();
        return _impl->values.outcome();
    }
    const std::lock_guard lock(_impl->writing);
    if (_impl->hasTurn) return {}; // after the events' own commit
    return patience ? _impl->values.writeHeld(std::chrono::steady_clock::now() + *patience) : _impl->values.writeHeld();
}

core::Result<std::vector<twin::Alarm>> History::openAlarms() const {
    std::vector<twin::Alarm> result;
    const auto lock = _impl->readLock();
    MATOU_TRY(statement, _impl->readDatabase().prepare("SELECT id, json FROM alarms WHERE open=1 ORDER BY id"));
    while (true) {
        MATOU_TRY(row, statement.step());
        if (!row) return result;
        if (auto alarm = alarmFromJson(statement.text(1)))
            result.push_back(std::move(*alarm));
        else // one that cannot be read must not keep the others from being watched
            core::logError({"E_HISTORY_ALARM", {statement.text(0)}, _impl->location, nullptr});
    }
}

core::Result<std::uint64_t> History::lastAlarmNumber() const {
    return _impl->count("SELECT coalesce(max(CAST(substr(id,3) AS BIGINT)),0) FROM alarms");
}
core::Result<std::uint64_t> History::lastCandidateNumber() const {
    // Ids have a fixed width: the last by the index is the highest.
    return _impl->count("SELECT coalesce(CAST(substr(max(alarm),3) AS BIGINT),0) FROM transitions WHERE alarm>='C-' AND alarm<'C.'");
}
core::Result<std::uint64_t> History::closedAlarms() const {
    return _impl->count("SELECT count(*) FROM alarms WHERE open=0");
}
core::Result<std::uint64_t> History::observationsStored() const {
    return _impl->count("SELECT count(*) FROM observations");
}
std::uint64_t History::eventsStored() const {
    return _impl->events;
}

core::Result<std::optional<std::string>> History::note(const std::string& key) const {
    const auto lock = _impl->readLock();
    MATOU_TRY(statement, _impl->readDatabase().prepare("SELECT value FROM notes WHERE key=?"));
    statement.bind(1, key);
    MATOU_TRY(row, statement.step());
    return row ? std::optional(statement.text(0)) : std::nullopt;
}

core::Result<void> History::setNote(const std::string& key, const std::string& value) {
    const std::lock_guard lock(_impl->writing);
    const Impl::Turn turn(*_impl);
    MATOU_TRY(statement, _impl->writer.prepare(
                             "INSERT INTO notes VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value"));
    statement.bind(1, key).bind(2, value);
    return statement.run();
}

core::Result<std::vector<StoredEvent>> History::events(const EventQuery& query) const {
    const auto lock = _impl->readLock();
    MATOU_TRY(statement, _impl->readDatabase().prepare(
                             "SELECT seq,source,id,class,feed,raw,severity,confidence,t,stored FROM events "
                             "WHERE seq>? AND t>=? AND (?='' OR source=?) ORDER BY seq LIMIT ?"));
    statement.bind(1, query.after)
        .bind(2, ms(query.since))
        .bind(3, query.source)
        .bind(4, query.source)
        .bind(5, query.limit);
    std::vector<StoredEvent> result;
    while (true) {
        MATOU_TRY(row, statement.step());
        if (!row) break;
        result.push_back({statement.integer(0), statement.text(1), statement.text(2), statement.text(3),
                          statement.text(4), statement.text(5), static_cast<int>(statement.integer(6)),
                          statement.number(7), instantOf(statement.integer(8)), instantOf(statement.integer(9))});
    }
    return result;
}

std::vector<AuditRow> History::audit(std::int64_t limit) const {
    std::vector<AuditRow> result;
    const auto lock = _impl->readLock();
    auto statement =
        _impl->readDatabase().prepare("SELECT record FROM journal WHERE command=1 ORDER BY seq DESC LIMIT ?");
    if (!statement) return result;
    statement->bind(1, limit);
    for (auto row = statement->step(); row && *row; row = statement->step())
        if (auto read = auditRowOf(statement->text(0))) result.push_back(std::move(*read));
    return result;
}

} // namespace matou::history
