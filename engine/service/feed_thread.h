#pragma once
// A feed's own thread, which can wait and can be told to end.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "core/clock.h"
#include "live/inbox.h"

namespace matou::service {

class FeedThread {
public:
    FeedThread(live::Inbox& inbox, std::uint32_t index) : _inbox(inbox), _index(index) {}
    ~FeedThread() { end(); }
    void begin(std::function<void()> work) { _thread = std::thread(std::move(work)); }
    /// Called first in the destructor of whoever owns what the work uses.
    void end();

    const std::atomic<bool>& stopping() const { return _stopping; }
    /// false: told to end.
    bool wait(core::Duration patience);
    /// Waits for acknowledge(token); false where told to end before.
    bool waitStored(std::uint64_t token);
    void acknowledge(std::uint64_t token);
    /// Waits while more events wait in the inbox than it should hold.
    bool waitForRoom();

    /// Connection state with its reason; each kind of trouble is logged once. Thread: any.
    void connected();
    void troubled(const core::Error& error);

private:
    live::Inbox& _inbox;
    std::uint32_t _index;
    std::thread _thread;
    std::mutex _mutex;
    std::condition_variable _changed;
    std::atomic<bool> _stopping{false};
    std::set<std::uint64_t> _stored;
    std::string _said;
};

} // namespace matou::service
