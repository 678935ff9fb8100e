#pragma once
// The state side: feeds, history, twin, alarms and the control API on lanes of their own. Starts and works with no GPU,
// window or font. The picture reads snapshots and sends commands; losing the picture loses no alarm.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "command/command.h"
#include "core/clock.h"
#include "core/result.h"
#include "district/district.h"
#include "history/history.h"
#include "live/inbox.h"
#include "twin/state_snapshot.h"

namespace matou::service {

struct ServiceOptions {
    std::shared_ptr<const district::District> district;
    std::shared_ptr<const core::Clock> clock;
    /// Time that nobody can set, to notice that the clock was. Empty: the machine's since boot, where `clock` is the machine's
    /// too; else the clock is taken for what it says.
    std::function<core::Duration()> steady;
    /// Not empty: one mqtt feed at this address (mqtt://[user:password@]host[:port]) in the place of the district's feeds.
    std::string mqttUrl;
    /// MQTT client id; empty: made once per installation and kept beside the history (or for this run only).
    std::string clientId;
    /// SQLite file or PostgreSQL URL; empty: history in memory, gone at the end.
    std::string history;
    std::string auditHash = "sha256"; // or sm3, of a new history
    /// Where the audit chain's end is written once a minute and at the end; empty: anchorsOf(history).
    std::filesystem::path anchors;
    history::Retention retention;
    /// "ADDR:PORT" (port 0: any free one), "none" or empty: off.
    std::string control;
    /// File of further tokens, lines "ROLE NAME TOKEN" (roles of module command).
    std::filesystem::path controlTokens;
    /// "HOST:PORT" of a service that runs elsewhere: this one holds no state of its own and shows that one's. Everything
    /// about feeds, history and control above is then without effect. `attachToken` is what commands are sent with; empty:
    /// only looking.
    std::string attach, attachToken;
    /// Bearer token; empty: one is made, and only a caller that reads `controlToken()` can change state.
    std::string controlToken;
    /// Not empty: every message received is appended here (module live, recording.h).
    std::filesystem::path record;
    /// false: no lane of its own; the state side advances only inside advance(), so that films and stills with a fixed
    /// clock are the same every time. Embedded feeds only.
    bool ownLane = true;
    /// For a program that is the source itself (matou bench live), in the place of the district's feeds: called once with where to
    /// push and as which feed; its thread is asked to stop and waited for before the inbox goes.
    std::function<std::jthread(live::Inbox& inbox, std::uint32_t feed)> source;
    /// Told each state that is published, on the lane: brief, no calls back.
    std::function<void(const twin::StateSnapshot&)> published;
};

class Service {
public:
    static core::Result<std::unique_ptr<Service>> start(ServiceOptions options);
    /// Stops; everything received is stored.
    ~Service();

    /// The newest state. Thread: any. Never null, never blocks on the lane.
    std::shared_ptr<const twin::StateSnapshot> snapshot() const;
    /// With ownLane = false: plays everything up to clock->now() on the calling thread, gives the snapshot then. A service
    /// with its own lane plays by itself: this is snapshot().
    std::shared_ptr<const twin::StateSnapshot> advance();

    /// Alarm actions go to the state lane; the rest to takePictureCommands(). Refused ones are logged, counted in the audit
    /// log and, from the control API, answered with their error. Thread: any.
    void submit(command::Command command);
    /// Scene, camera, selection and tour commands since the last call (control API and submit). Thread: the picture's.
    std::vector<command::Command> takePictureCommands();
    /// PNG bytes of the current picture, called on a control thread; without one GET screenshot.png answers 503.
    void setScreenshot(std::function<core::Result<std::vector<std::byte>>()> screenshot);

    /// 0 where control is off.
    int controlPort() const;
    /// Of the first feed that listens (webhook), 0 without one.
    int listeningPort() const;
    std::string controlToken() const;
    /// The state as it was known then (service/past.h). Thread: any. E_CONTROL_NO_HISTORY where the history is kept elsewhere.
    core::Result<twin::StateSnapshot> past(core::Instant at) const;
    /// What start had to say (damaged history put aside, unknown feed kinds, …); the caller shows it.
    const core::Diagnostics& remarks() const;
    /// Waits for the lane to take what has arrived, stores it and ends the feeds. Called by the destructor.
    void stop();

    struct Impl;

private:
    explicit Service(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::service
