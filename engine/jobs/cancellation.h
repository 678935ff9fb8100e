#pragma once
// Asking work to stop. The work looks at its token where stopping is cheap; nothing is killed.

#include <atomic>
#include <memory>

namespace matou::jobs {

/// Copies share one flag. A default token is never cancelled. Thread: any.
class CancellationToken {
public:
    CancellationToken() = default;
    bool cancelled() const { return _flag && _flag->load(std::memory_order_relaxed); }

private:
    friend class CancellationSource;
    explicit CancellationToken(std::shared_ptr<const std::atomic<bool>> flag) : _flag(std::move(flag)) {}
    std::shared_ptr<const std::atomic<bool>> _flag;
};

class CancellationSource {
public:
    CancellationToken token() const { return CancellationToken(_flag); }
    void cancel() { _flag->store(true, std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> _flag = std::make_shared<std::atomic<bool>>(false);
};

} // namespace matou::jobs
