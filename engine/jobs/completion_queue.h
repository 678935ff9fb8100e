#pragma once
// Work that other lanes hand to the main lane. The main lane runs it when it likes, as much as it likes.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace matou::jobs {

class CompletionQueue {
public:
    /// Thread: any. Never waits for the main lane.
    void post(std::function<void()> task);
    /// Main lane. Runs at most `limit` tasks of those posted before the call, in order of posting; gives how many ran.
    std::size_t run(std::size_t limit = SIZE_MAX);
    std::size_t size() const;

private:
    mutable std::mutex _mutex;
    std::deque<std::function<void()>> _tasks;
};

} // namespace matou::jobs
