#pragma once
// The worker lane: CPU work away from the main lane, on oneTBB.

#include <cstddef>
#include <functional>
#include <memory>

namespace matou::jobs {

/// Tasks start in the order of their priority, then of their submission. Destroying waits for the tasks that run; those
/// that have not started are dropped, so a task must not be the only one who answers somebody.
class WorkerPool {
public:
    /// `threads` 0: the machine's cores less one, at least one.
    explicit WorkerPool(int threads = 0);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Thread: any. Never waits. A larger priority starts earlier. An exception that leaves the task ends the program.
    void submit(std::function<void()> task, double priority = 0);
    int threads() const;
    /// Waits until nothing is queued or running. Not for the render lane.
    void drain();

private:
    struct State;
    std::shared_ptr<State> _state;
};

} // namespace matou::jobs
