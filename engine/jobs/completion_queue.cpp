#include "jobs/completion_queue.h"

#include <utility>

namespace matou::jobs {

void CompletionQueue::post(std::function<void()> task) {
    std::lock_guard lock(_mutex);
    _tasks.push_back(std::move(task));
}

std::size_t CompletionQueue::run(std::size_t limit) {
    // Taken out first: a task may post again, and what it posts waits for the next call.
    std::deque<std::function<void()>> taken;
    {
        std::lock_guard lock(_mutex);
        if (limit >= _tasks.size()) {
            taken.swap(_tasks);
        } else {
            for (std::size_t i = 0; i < limit; ++i) {
                taken.push_back(std::move(_tasks.front()));
                _tasks.pop_front();
            }
        }
    }
    for (auto& task : taken) task();
    return taken.size();
}

std::size_t CompletionQueue::size() const {
    std::lock_guard lock(_mutex);
    return _tasks.size();
}

} // namespace matou::jobs
