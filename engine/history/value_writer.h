#pragma once
// The way of observations into the database: held in memory, written in pieces. Private to this module.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "history/database.h"
#include "history/history.h"
#include "history/write_turn.h"

namespace matou::history {

/// What is left of old values: one row for each sensor and so long.
inline constexpr std::int64_t kSummaryMs = 3600000;
/// Of the first `rows` observations those that came before that time (milliseconds since 1970) become summaries; how
/// many. In the caller's transaction. Rows lie in the order of their arrival, so only the front is looked at.
core::Result<std::int64_t> takeOldest(Database& database, std::int64_t before, std::int64_t rows);

/// All but the thread that begin() starts is one thread's, the watch's.
class ValueWriter {
public:
    ~ValueWriter() { end(); }

    /// `watch`, the connection of alarms, and `turn` outlive this. Without `own`, a connection beside it, values are
    /// written on the watch's.
    core::Result<void> open(Database& watch, std::optional<Database> own, WriteTurn& turn);
    /// From now on a thread writes what is added, at most a second later: by sensor, so that a second of values touches
    /// each page of their index once; in pieces with pauses, so that it holds up neither the watch nor the picture. It
    /// is also the one that takes the log into the file. Only with an own connection.
    void begin();
    /// The thread ends; what it has not written is held again.
    void end();
    bool beside() const { return _beside; }

    void add(const twin::Observation& observation);
    /// What was added is the thread's now; call it often.
    void handOver();
    /// Everything that is held, on this thread, at least a piece and no more after `until`. Not within a transaction,
    /// not while beside().
    core::Result<void>
    writeHeld(std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());
    bool holds() const;
    /// What became of the thread's last try.
    core::Result<void> outcome() const;
    /// Lost since the last call: the oldest, where more was held than may be, and what the database refuses by its
    /// content.
    std::uint64_t takeDropped();
    /// The thread takes away what came before that time (takeOldest), also in pieces with pauses. Only while beside().
    void takeAway(std::int64_t before);
    /// After a commit of the watch: the log may have become so long that it should go into the file.
    void committed();
    /// A write of the watch failed: where the disk is full, the log's pages in the file make room in the log.
    void failed();

    static constexpr std::size_t kHeld = History::kObservationsHeld;
    static constexpr std::int64_t kLogPages = 4096, kLogPagesMost = 16'384; // 16 and 64 MiB

private:
    struct Value {
        std::int64_t t, received;
        double value;
        std::int64_t sequence;
        std::uint32_t sensor; // in _ids
        twin::Quality quality;
        bool sequenced;
    };
    void run();
    /// In the order of `order` from `first` on; how many went. A value that the database refuses is said by `refused`.
    core::Result<std::size_t> writePiece(const std::vector<Value>& values, const std::vector<std::uint32_t>& order,
                                         std::size_t first, std::size_t& refused);
    core::Result<void> write(const Value& value);
    core::Result<std::int64_t> numberOf(std::uint32_t sensor);
    core::Result<void> begun();
    void trim();
    core::Result<void> takeAwayOld();
    void checkpoint(bool failed);
    /// false: the end was asked for meanwhile.
    bool rest(std::chrono::steady_clock::duration time);
    Database& database() { return _own ? *_own : *_watch; }

    Database* _watch = nullptr;
    std::optional<Database> _own;
    WriteTurn* _turn = nullptr;
    std::optional<Statement> _insertValue, _insertSensor, _findSensor;
    std::vector<std::int64_t> _numbers;   // by place in _ids; 0: not known yet
    std::vector<std::uint32_t> _givenNow; // in the open transaction
    std::atomic<std::int64_t> _logPages{0};

    std::unordered_map<std::string, std::uint32_t> _places; // of ids, the adding thread's
    std::vector<Value> _added;                              // not handed over yet

    mutable std::mutex _mutex; // of what follows
    std::condition_variable _changed;
    std::vector<std::string> _ids; // of sensors, in order of their first value
    std::vector<Value> _held;      // in order of arrival
    std::size_t _inHand = 0;       // taken from _held by the writing thread
    std::uint64_t _dropped = 0;
    core::Result<void> _outcome;
    std::int64_t _before = 0;                             // 0: nothing is to be taken away
    bool _beside = false;                                 // set while there is no thread
    bool _ending = false, _long = false, _failed = false; // the log is long; a write failed
    std::thread _thread;
};

} // namespace matou::history
