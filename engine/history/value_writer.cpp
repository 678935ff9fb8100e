#include "history/value_writer.h"

#include <algorithm>
#include <numeric>

namespace matou::history {
namespace {

using Steady = std::chrono::steady_clock;

constexpr auto kEvery = std::chrono::seconds(1), kAgain = std::chrono::seconds(1);
/// Some 5 ms; sooner where the watch waits, but not for so little that a piece is all commit.
constexpr std::size_t kPiece = 2000, kPieceLeast = 128;
constexpr std::int64_t kPieceAway = 1000;
/// A piece takes a third of the time, so that a second of many values is no burst that costs a frame.
constexpr int kRest = 2;
constexpr auto kRestMost = std::chrono::milliseconds(10);
/// Somebody outside has the file: as long as the watch itself would wait.
constexpr int kTries = 100;
constexpr auto kBetweenTries = std::chrono::milliseconds(50);

} // namespace

core::Result<void> ValueWriter::open(Database& watch, std::optional<Database> own, WriteTurn& turn) {
    _watch = &watch;
    _own = std::move(own);
    _turn = &turn;
    const auto make = [&](std::optional<Statement>& slot, const char* sql) -> core::Result<void> {
        MATOU_TRY(statement, database().prepare(sql));
        slot.emplace(std::move(statement));
        return {};
    };
    MATOU_CHECK(
        make(_insertValue, "INSERT INTO observations(sensor,t,received,value,quality,seq) VALUES(?,?,?,?,?,?)"));
    MATOU_CHECK(make(_insertSensor, "INSERT INTO sensors(id) VALUES(?) RETURNING number"));
    return make(_findSensor, "SELECT number FROM sensors WHERE id=?");
}

void ValueWriter::begin() {
    if (!_own || beside()) return;
    _watch->countLog(_logPages);
    _own->countLog(_logPages);
    _ending = false;
    _beside = true;
    _thread = std::thread([this] { run(); });
}

void ValueWriter::end() {
    if (!beside()) return;
    {
        const std::lock_guard lock(_mutex);
        _ending = true;
    }
    _changed.notify_all();
    _thread.join();
    _beside = false;
}

void ValueWriter::add(const twin::Observation& observation) {
    const auto [place, fresh] = _places.try_emplace(observation.sensor, static_cast<std::uint32_t>(_places.size()));
    if (fresh) {
        const std::lock_guard lock(_mutex);
        _ids.push_back(observation.sensor);
    }
    _added.push_back({observation.eventTime.time_since_epoch().count(),
                      observation.receiveTime.time_since_epoch().count(), observation.value,
                      observation.sequence.value_or(0), place->second, observation.quality,
                      observation.sequence.has_value()});
    if (_added.size() >= kPiece) handOver();
}

void ValueWriter::handOver() {
    if (_added.empty()) return;
    bool enough = false;
    {
        const std::lock_guard lock(_mutex);
        _held.insert(_held.end(), _added.begin(), _added.end());
        trim();
        enough = _held.size() >= kHeld / 4;
    }
    _added.clear();
    if (enough) _changed.notify_all();
}

/// The disk is full, gone or too slow: the newest seconds are worth more than the oldest.
void ValueWriter::trim() {
    if (_held.size() + _inHand <= kHeld) return;
    const std::size_t gone = std::min(_held.size(), kHeld / 10);
    _held.erase(_held.begin(), _held.begin() + static_cast<std::ptrdiff_t>(gone));
    _dropped += gone;
}

bool ValueWriter::holds() const {
    const std::lock_guard lock(_mutex);
    return !_held.empty() || _inHand > 0 || !_added.empty();
}

std::uint64_t ValueWriter::takeDropped() {
    const std::lock_guard lock(_mutex);
    return std::exchange(_dropped, 0);
}

core::Result<void> ValueWriter::outcome() const {
    const std::lock_guard lock(_mutex);
    return _outcome;
}

void ValueWriter::committed() {
    handOver();
    if (!beside() || _logPages < kLogPages) return;
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_long, true)) return;
    }
    _changed.notify_all();
}

void ValueWriter::failed() {
    if (!beside()) return;
    {
        const std::lock_guard lock(_mutex);
        _failed = true;
    }
    _changed.notify_all();
}

bool ValueWriter::rest(Steady::duration time) {
    if (!beside()) {
        std::this_thread::sleep_for(time);
        return true;
    }
    std::unique_lock lock(_mutex);
    return !_changed.wait_for(lock, time, [&] { return _ending; });
}

void ValueWriter::run() {
    auto next = Steady::now() + kEvery;
    while (true) {
        bool watchFailed = false;
        {
            std::unique_lock lock(_mutex);
            _changed.wait_until(lock, next, [&] { return _ending || _long || _failed || _held.size() >= kHeld / 4; });
            if (_ending) return;
            _long = false;
            watchFailed = std::exchange(_failed, false);
        }
        next = Steady::now() + kEvery;
        auto done = writeHeld();
        if (done) done = takeAwayOld();
        const bool failed = !done;
        {
            const std::lock_guard lock(_mutex);
            _outcome = std::move(done);
        }
        checkpoint(failed || watchFailed);
        if (failed && !rest(kAgain)) return;
    }
}

void ValueWriter::takeAway(std::int64_t before) {
    const std::lock_guard lock(_mutex);
    _before = before;
}

core::Result<void> ValueWriter::takeAwayOld() {
    std::int64_t before = 0;
    {
        const std::lock_guard lock(_mutex);
        before = _before;
    }
    // A second's worth at a time: what arrives comes first.
    const auto until = Steady::now() + kEvery;
    while (before != 0) {
        const auto began = Steady::now();
        MATOU_CHECK(begun());
        auto taken = takeOldest(*_own, before, kPieceAway);
        auto done = taken ? _own->execute("COMMIT") : core::Result<void>(tl::unexpected(taken.error()));
        if (!done && _own->inTransaction()) [[maybe_unused]]
            const auto ignored = _own->execute("ROLLBACK");
        _turn->giveBack();
        MATOU_CHECK(done);
        if (*taken < kPieceAway) {
            const std::lock_guard lock(_mutex);
            if (_before == before) _before = 0;
            break;
        }
        const auto now = Steady::now();
        if (now > until || !rest(std::min<Steady::duration>((now - began) * kRest, kRestMost))) break;
    }
    return {};
}

core::Result<void> ValueWriter::writeHeld(Steady::time_point until) {
    if (!beside()) handOver();
    std::vector<Value> values;
    {
        const std::lock_guard lock(_mutex);
        values.swap(_held);
        _inHand = values.size();
        _numbers.resize(_ids.size());
    }
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0u);
    // By minute first: what waited long for its disk still lies in the order of its arrival, by which it is taken away
    // one day.
    const auto key = [&](std::uint32_t i) { return std::pair(values[i].received / 60000, values[i].sensor); };
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
    std::size_t first = 0;
    auto outcome = core::Result<void>();
    while (first < order.size()) {
        const auto began = Steady::now();
        std::size_t refused = 0;
        const auto went = writePiece(values, order, first, refused);
        const bool skip = !went && went.error().code == "E_HISTORY_REFUSED";
        if (skip) order.erase(order.begin() + static_cast<std::ptrdiff_t>(refused));
        if (went) first += *went;
        bool hurry = false;
        {
            const std::lock_guard lock(_mutex);
            if (skip) ++_dropped; // it would hold up all others for ever
            _inHand = order.size() - first;
            hurry = _held.size() >= kHeld / 4;
        }
        if (!went && !skip) {
            outcome = tl::unexpected(went.error());
            break;
        }
        const auto now = Steady::now();
        if (first == order.size() || now >= until) break;
        if (beside() && !hurry && !rest(std::min<Steady::duration>((now - began) * kRest, kRestMost))) break;
    }
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(first), order.end()); // as they came
    std::vector<Value> left;
    left.reserve(order.size() - first);
    for (std::size_t i = first; i < order.size(); ++i)
        left.push_back(values[order[i]]);
    const std::lock_guard lock(_mutex);
    _inHand = 0;
    _held.insert(_held.begin(), left.begin(), left.end());
    trim();
    return outcome;
}

/// The turn is ours, and a transaction open.
core::Result<void> ValueWriter::begun() {
    for (int i = 1;; ++i) {
        if (_own) _turn->takeBehind();
        auto done = _own ? core::Result<void>() : database().sync(false);
        if (done) done = database().begin();
        if (done) return {};
        if (_own) _turn->giveBack();
        if (!_own || i == kTries || !rest(kBetweenTries)) return done;
    }
}

core::Result<std::size_t> ValueWriter::writePiece(const std::vector<Value>& values,
                                                  const std::vector<std::uint32_t>& order, std::size_t first,
                                                  std::size_t& refused) {
    MATOU_CHECK(begun());
    std::size_t i = first;
    const std::size_t last = std::min(order.size(), first + kPiece);
    auto done = core::Result<void>();
    for (; i < last && done; ++i) {
        if (_own && i - first >= kPieceLeast && i % 32 == 0 && _turn->wanted()) break;
        done = write(values[order[i]]);
        if (!done) refused = i;
    }
    if (done) done = database().execute("COMMIT");
    if (!done) {
        if (database().inTransaction()) [[maybe_unused]]
            const auto ignored = database().execute("ROLLBACK");
        for (const std::uint32_t sensor : _givenNow)
            _numbers[sensor] = 0; // they are not in the file
    }
    _givenNow.clear();
    if (!_own) [[maybe_unused]]
        const auto restored = database().sync(true);
    if (_own) _turn->giveBack();
    if (!done) return tl::unexpected(std::move(done).error());
    return i - first;
}

core::Result<std::int64_t> ValueWriter::numberOf(std::uint32_t sensor) {
    std::int64_t& number = _numbers[sensor];
    if (number != 0) return number;
    std::string id;
    {
        const std::lock_guard lock(_mutex);
        id = _ids[sensor];
    }
    MATOU_TRY(known, _findSensor->bind(1, id).step());
    if (known) number = _findSensor->integer(0);
    _findSensor->reset();
    if (known) return number;
    auto given = _insertSensor->bind(1, id).step();
    if (given && *given) number = _insertSensor->integer(0);
    _insertSensor->reset();
    if (!given) return tl::unexpected(std::move(given).error());
    _givenNow.push_back(sensor);
    return number;
}

core::Result<void> ValueWriter::write(const Value& value) {
    MATOU_TRY(sensor, numberOf(value.sensor));
    MATOU_CHECK(database().makeRoom(value.t));
    auto& insert = *_insertValue;
    insert.bind(1, sensor)
        .bind(2, value.t)
        .bind(3, value.received)
        .bind(4, value.value)
        .bind(5, static_cast<std::int64_t>(value.quality));
    if (value.sequenced)
        insert.bind(6, value.sequence);
    else
        insert.bindNull(6);
    return insert.run();
}

/// The log's pages into the file. Beside all others; only a log that grows on because they never rest is finished while
/// they wait.
void ValueWriter::checkpoint(bool failed) {
    if (_logPages < (failed ? 1 : kLogPages)) return;
    auto left = _own->checkpoint();
    if (left && *left > 0 && (failed || _logPages >= kLogPagesMost)) {
        _turn->takeBehind();
        left = _own->checkpoint();
        _turn->giveBack();
    }
    if (left && *left == 0) _logPages = 0; // else it is tried again after the next commit
}

} // namespace matou::history
