#pragma once
// Values crossing lanes. The only place, with CompletionQueue and WorkerPool, where a lock is held.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace matou::jobs {

/// First in, first out, at most `capacity` values. Many writers, many readers.
template <typename T>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : _capacity(capacity) {}

    /// False when full or closed; the value is then untouched. Never waits.
    bool tryPush(T& value) {
        {
            std::lock_guard lock(_mutex);
            if (_closed || _values.size() >= _capacity) return false;
            _values.push_back(std::move(value));
        }
        _arrived.notify_one();
        return true;
    }
    bool tryPush(T&& value) { return tryPush(value); }

    /// Never waits.
    std::optional<T> tryPop() {
        std::lock_guard lock(_mutex);
        return popLocked();
    }
    /// Waits for a value, for closing or for the time to pass. Not for the render lane.
    std::optional<T> popWithin(std::chrono::milliseconds patience) {
        std::unique_lock lock(_mutex);
        _arrived.wait_for(lock, patience, [this] { return _closed || !_values.empty(); });
        return popLocked();
    }
    /// No more pushes; what is inside can still be taken.
    void close() {
        {
            std::lock_guard lock(_mutex);
            _closed = true;
        }
        _arrived.notify_all();
    }
    std::size_t size() const {
        std::lock_guard lock(_mutex);
        return _values.size();
    }
    std::size_t capacity() const { return _capacity; }

private:
    std::optional<T> popLocked() {
        if (_values.empty()) return std::nullopt;
        std::optional<T> value(std::move(_values.front()));
        _values.pop_front();
        return value;
    }

    mutable std::mutex _mutex;
    std::condition_variable _arrived;
    std::deque<T> _values;
    std::size_t _capacity;
    bool _closed = false;
};

} // namespace matou::jobs
