#pragma once
// Who waits for what. Makes "called exactly once, unless cancelled first" true for every lane.

#include <mutex>
#include <unordered_map>
#include <utility>

#include "io/byte_source.h"

namespace matou::io {

class RequestLedger {
public:
    void open(RequestId id, Completion completion) {
        std::lock_guard lock(_mutex);
        _waiting.emplace(id, std::move(completion));
    }
    bool wanted(RequestId id) const {
        std::lock_guard lock(_mutex);
        return _waiting.contains(id);
    }
    /// Runs the completion under the lock, so that cancel() waits for one that has begun. False where nobody waits.
    bool deliver(RequestId id, core::Result<Bytes> result) {
        std::lock_guard lock(_mutex);
        const auto found = _waiting.find(id);
        if (found == _waiting.end()) return false;
        const auto completion = std::move(found->second);
        _waiting.erase(found);
        completion(std::move(result));
        return true;
    }
    /// False where it was delivered already.
    bool cancel(RequestId id) {
        Completion dropped; // destroyed after the lock
        std::lock_guard lock(_mutex);
        const auto found = _waiting.find(id);
        if (found == _waiting.end()) return false;
        dropped = std::move(found->second);
        _waiting.erase(found);
        return true;
    }
    std::size_t size() const {
        std::lock_guard lock(_mutex);
        return _waiting.size();
    }

private:
    mutable std::mutex _mutex;
    std::unordered_map<RequestId, Completion> _waiting;
};

} // namespace matou::io
