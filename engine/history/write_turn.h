#pragma once
// Whose turn it is to write where a file has room for one writer: the watch first, values between its commits.

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace matou::history {

/// Taken and given back on the same thread. The file's own lock would do, but it is waited for by looking again after
/// ever longer sleeps, and knows nobody who goes first.
class WriteTurn {
public:
    /// The watch. Waits for what values have begun, which is told by wanted(), and for nothing else; only after values
    /// have had no turn for kStarved it lets them have one.
    void takeFirst() {
        std::unique_lock lock(_mutex);
        _wanted = true;
        _free.wait(lock,
                   [&] { return !_taken && !(_behind && std::chrono::steady_clock::now() - _behindSince > kStarved); });
        _wanted = false;
        _taken = true;
    }
    /// Values.
    void takeBehind() {
        std::unique_lock lock(_mutex);
        _behind = true;
        _behindSince = std::chrono::steady_clock::now();
        _free.wait(lock,
                   [&] { return !_taken && (!_wanted || std::chrono::steady_clock::now() - _behindSince > kStarved); });
        _behind = false;
        _taken = true;
    }
    void giveBack() {
        {
            const std::lock_guard lock(_mutex);
            _taken = false;
        }
        _free.notify_all();
    }
    /// Whether the watch waits for the turn that somebody has.
    bool wanted() const {
        const std::lock_guard lock(_mutex);
        return _wanted;
    }

    static constexpr std::chrono::milliseconds kStarved{250};

private:
    mutable std::mutex _mutex;
    std::condition_variable _free;
    bool _taken = false, _wanted = false, _behind = false;
    std::chrono::steady_clock::time_point _behindSince{};
};

} // namespace matou::history
