#include "service/feed_thread.h"

#include <utility>

#include "core/log.h"
#include "core/messages.h"

namespace matou::service {

void FeedThread::end() {
    {
        const std::lock_guard lock(_mutex);
        _stopping = true;
    }
    _changed.notify_all();
    if (_thread.joinable()) _thread.join();
}

bool FeedThread::wait(core::Duration patience) {
    std::unique_lock lock(_mutex);
    _changed.wait_for(lock, patience, [&] { return _stopping.load(); });
    return !_stopping;
}

bool FeedThread::waitStored(std::uint64_t token) {
    std::unique_lock lock(_mutex);
    _changed.wait(lock, [&] { return _stopping.load() || _stored.contains(token); });
    return _stored.erase(token) > 0;
}

void FeedThread::acknowledge(std::uint64_t token) {
    {
        const std::lock_guard lock(_mutex);
        _stored.insert(token);
    }
    _changed.notify_all();
}

bool FeedThread::waitForRoom() {
    while (_inbox.eventsWaiting(_index) >= live::Inbox::kEventsHigh)
        if (!wait(core::Duration(50))) return false;
    return !_stopping;
}

void FeedThread::connected() {
    {
        const std::lock_guard lock(_mutex);
        _said.clear();
    }
    _inbox.setConnected(_index, true);
}

void FeedThread::troubled(const core::Error& error) {
    if (_stopping) return;
    _inbox.setConnected(_index, false, core::describe(error, core::Language::zh));
    const std::lock_guard lock(_mutex);
    if (std::exchange(_said, error.code) != error.code) core::logError(error);
}

} // namespace matou::service
