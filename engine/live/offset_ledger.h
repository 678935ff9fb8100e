#pragma once
// Which records of a log are done: a partition's place moves on only over an unbroken row of done ones, in whatever order they are done.

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace matou::live {

/// Pure; not thread-safe. Cost: logarithmic in the partitions.
class OffsetLedger {
public:
    struct Position {
        std::string topic;
        std::int32_t partition = 0;
        std::int64_t next = 0; // the offset to go on with
    };

    /// A record was handed out; offsets of a partition come in rising order. Its token, never 0.
    std::uint64_t begin(const std::string& topic, std::int32_t partition, std::int64_t offset);
    /// Tokens that are not (or no longer) known are nobody's.
    void done(std::uint64_t token);
    /// Partitions whose place moved since the last call.
    std::vector<Position> takeMoved();
    /// These were not written down after all.
    void again(const std::vector<Position>& positions);
    /// The partition is another's now: what is open of it is not ours to finish.
    void forget(const std::string& topic, std::int32_t partition);
    /// Records that are not done.
    std::size_t open() const { return _tokens.size(); }

private:
    using Key = std::pair<std::string, std::int32_t>;
    struct Log {
        std::deque<std::pair<std::int64_t, std::uint64_t>> handed; // offset, token; from the first that is not done
        std::set<std::uint64_t> done;                              // behind one that is not
        std::int64_t next = -1;
        bool moved = false;
    };
    std::map<Key, Log> _logs;
    std::map<std::uint64_t, Key> _tokens;
    std::uint64_t _last = 0;
};

} // namespace matou::live
