#include "jobs/worker_pool.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

namespace matou::jobs {

namespace {
struct Task {
    double priority = 0;
    std::uint64_t order = 0;
    std::function<void()> work;
    bool operator<(const Task& other) const {
        return priority != other.priority ? priority < other.priority : order > other.order;
    }
};
} // namespace

// The arena is asked for one anonymous slot per task; whichever slot comes up takes the most urgent task of the heap. So
// the order is ours and the threads are oneTBB's.
struct WorkerPool::State {
    // oneTBB makes no more threads than the cores less one unless it is allowed to.
    explicit State(int count) : threads(count), arena(count, 0) {
        const auto wanted = static_cast<std::size_t>(count) + 1;
        if (tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism) < wanted)
            allowance.emplace(tbb::global_control::max_allowed_parallelism, wanted);
    }

    void runOne() noexcept {
        std::function<void()> work;
        {
            std::lock_guard lock(mutex);
            if (heap.empty()) return;
            std::pop_heap(heap.begin(), heap.end());
            work = std::move(heap.back().work);
            heap.pop_back();
            ++running;
        }
        work();
        work = nullptr; // what the task holds is let go before drain() may return
        {
            std::lock_guard lock(mutex);
            --running;
        }
        idle.notify_all();
    }

    const int threads;
    std::optional<tbb::global_control> allowance;
    tbb::task_arena arena;
    std::mutex mutex;
    std::condition_variable idle;
    std::vector<Task> heap;
    std::uint64_t submitted = 0;
    int running = 0;
};

WorkerPool::WorkerPool(int threads)
    : _state(std::make_shared<State>(
          threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1))) {}

WorkerPool::~WorkerPool() {
    std::vector<Task> dropped; // destroyed outside the lock: tasks may hold anything
    std::unique_lock lock(_state->mutex);
    dropped.swap(_state->heap);
    _state->idle.wait(lock, [this] { return _state->running == 0; });
}

void WorkerPool::submit(std::function<void()> work, double priority) {
    {
        std::lock_guard lock(_state->mutex);
        _state->heap.push_back({priority, _state->submitted++, std::move(work)});
        std::push_heap(_state->heap.begin(), _state->heap.end());
    }
    // The slot shares the state: it may come up after the pool is gone, and then finds nothing to do.
    _state->arena.enqueue([state = _state] { state->runOne(); });
}

int WorkerPool::threads() const { return _state->threads; }

void WorkerPool::drain() {
    std::unique_lock lock(_state->mutex);
    _state->idle.wait(lock, [this] { return _state->heap.empty() && _state->running == 0; });
}

} // namespace matou::jobs
