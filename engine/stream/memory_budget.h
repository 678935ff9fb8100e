#pragma once
// The one budget for content on CPU and GPU together. Bytes are reserved before they are taken.

#include <atomic>
#include <cstdint>

namespace matou::stream {

/// Thread-safe, lock-free.
class MemoryBudget {
public:
    explicit MemoryBudget(std::uint64_t limitBytes) : _limit(limitBytes) {}

    /// All or nothing.
    bool tryReserve(std::uint64_t bytes) {
        auto used = _used.load();
        do {
            if (bytes > _limit.load() || used > _limit.load() - bytes) return false;
        } while (!_used.compare_exchange_weak(used, used + bytes));
        notePeak(used + bytes);
        return true;
    }
    /// For what exists anyway (glyph atlas, video frames): counted, never refused.
    void charge(std::uint64_t bytes) { notePeak(_used += bytes); }
    void release(std::uint64_t bytes) { _used -= bytes; }
    std::uint64_t used() const { return _used.load(); }
    /// The most that was ever used.
    std::uint64_t peak() const { return _peak.load(); }
    std::uint64_t limit() const { return _limit.load(); }
    void setLimit(std::uint64_t bytes) { _limit = bytes; }

private:
    void notePeak(std::uint64_t used) {
        auto peak = _peak.load();
        while (used > peak && !_peak.compare_exchange_weak(peak, used)) {}
    }

    std::atomic<std::uint64_t> _peak{0};
    std::atomic<std::uint64_t> _used{0};
    std::atomic<std::uint64_t> _limit;
};

} // namespace matou::stream
