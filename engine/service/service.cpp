#include "service/service.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <ctime>
#include <deque>
#include <future>
#include <mutex>
#include <random>
#include <thread>

#include "command/permission.h"
#include "control/attach_json.h"
#include "control/server.h"
#include "core/expect.h"
#include "core/file.h"
#include "core/log.h"
#include "live/inbox.h"
#include "live/recording.h"
#include "service/attached.h"
#include "service/audit_anchors.h"
#include "service/embedded_feed.h"
#include "service/mqtt_feed.h"
#include "service/options.h"
#include "service/past.h"
#include "service/state_lane.h"

namespace matou::service {
namespace {

using Steady = std::chrono::steady_clock; // timers only

constexpr core::Duration kCycle{50};
constexpr core::Duration kClockSet{1000}; // a smaller difference is no step
constexpr std::size_t kBatch = 5000;
/// What is quiet ages: it is published this often. What came is published kFreshEvery after the last time, or kPublishingShare times
/// what that cost, so that a large district spends its lane on messages; what a person must see at once never waits longer than that.
constexpr auto kSnapshotEvery = std::chrono::milliseconds(200), kFreshEvery = std::chrono::milliseconds(8), kUrgentAtLatest = std::chrono::milliseconds(50);
constexpr int kPublishingShare = 6;
/// Values that the lane itself must write wait for the next round with what takes longer.
constexpr core::Duration kFlushPatience{10};
constexpr auto kAnchorEvery = std::chrono::seconds(60);
constexpr std::size_t kPictureCommands = 1000;

std::string randomHex(int digits) {
    std::random_device device;
    std::string result;
    for (int i = 0; i < digits; ++i)
        result += "0123456789abcdef"[device() & 15];
    return result;
}

/// An id that is part of a file's name.
std::string fileName(std::string id) {
    std::replace_if(id.begin(), id.end(), [](unsigned char c) { return !std::isalnum(c) && c != '-' && c != '_'; }, '-');
    return id;
}

/// Also while the machine sleeps.
core::Duration sinceBoot() {
    timespec since{};
    ::clock_gettime(CLOCK_BOOTTIME, &since);
    return core::Duration(static_cast<std::int64_t>(since.tv_sec) * 1000 + since.tv_nsec / 1000000);
}

} // namespace

/// One that waits for what becomes of its command.
struct Answer {
    std::promise<core::Result<void>> result;
    std::atomic<bool> taken{false}; // by the lane, or back by the one who waited too long: never both
};

struct Service::Impl {
    ServiceOptions options;
    core::Diagnostics remarks;

    struct Wanted {
        command::Command command;
        std::shared_ptr<Answer> answer; // may be null
    };
    std::mutex mutex; // of the queues below
    std::vector<Wanted> wanted;
    std::deque<command::Command> forPicture;
    std::vector<std::int64_t> delivered; // outgoing messages that a broker has confirmed
    std::function<core::Result<std::vector<std::byte>>()> screenshot;

    // What has threads of its own comes after what they use.
    std::unique_ptr<live::Inbox> inbox;
    std::unique_ptr<StateLane> lane;
    std::vector<std::pair<std::uint32_t, std::unique_ptr<EmbeddedFeed>>> embedded;
    std::vector<std::pair<std::uint32_t, std::unique_ptr<FeedAdapter>>> adapters;
    std::vector<std::pair<std::uint32_t, MqttFeed*>> mqtt; // those of them that we also speak to
    std::optional<live::RecordingWriter> recording;
    std::unique_ptr<control::Server> server;
    std::unique_ptr<Attached> attached; // then there is nothing of the above
    std::atomic<std::shared_ptr<const twin::StateSnapshot>> newest;

    std::deque<history::Outgoing> toSend;
    std::thread thread;
    std::atomic<bool> stopping{false};
    bool stopped = false;
    std::jthread source;
    Steady::time_point flushed{}, published{}, anchored{Steady::now()};
    Steady::duration publishing{}; // what the last one cost
    bool flushing = false;
    std::uint64_t processed = 0, processedThen = 0;
    std::int64_t anchoredUpTo = 0;
    core::Instant last{};
    core::Duration steady{}; // at `last`

    core::Result<void> openFeeds(core::Diagnostics& said);
    core::Result<void> openControl();
    core::Result<void> submit(command::Command command, bool wait);
    void lookAtClock(core::Instant now);
    void cycle(core::Duration patience, std::size_t batch);
    void sendOutgoing();
    void anchor();
    void publish();
    void run();
};

core::Result<void> Service::Impl::openFeeds(core::Diagnostics& said) {
    const auto& district = *options.district;
    std::vector<district::Feed> wantedFeeds = district.feeds;
    if (!options.mqttUrl.empty()) wantedFeeds = {{"mqtt", "mqtt", options.mqttUrl, "", core::Duration(5000), 1}};
    if (options.source) wantedFeeds.clear();

    MATOU_TRY(history, history::History::open(options.history, options.clock->now(), said, {options.auditHash}));
    const bool persistent = !options.history.empty();
    MATOU_TRY(nonces, history.nonces());
    if (options.clientId.empty()) {
        MATOU_TRY(kept, history.note("client_id"));
        options.clientId = kept.value_or("matou-" + district.id + "-" + randomHex(8));
        MATOU_CHECK(history.setNote("client_id", options.clientId));
    }

    std::vector<FeedLedger> ledgers;
    std::vector<district::Feed> kept;
    for (const auto& feed : wantedFeeds) {
        const bool known = feedKindKnown(feed.kind);
        if (!known || (!options.ownLane && feed.kind != "embedded")) {
            said.push_back({known ? "W_SERVICE_FEED_LANE" : "W_SERVICE_FEED_KIND",
                            {feed.id, feed.kind},
                            "district " + district.id,
                            nullptr});
            continue;
        }
        // Nothing that could speak: a silent feed would only look like a broken one.
        if (feed.kind == "embedded" && district.registry->sensors.empty() && district.registry->cameras.empty())
            continue;
        FeedLedger ledger;
        ledger.id = feed.id;
        ledger.kind = feed.kind;
        ledger.expectedInterval = feed.expectedInterval;
        ledger.connected = feed.kind == "embedded";
        ledgers.push_back(std::move(ledger));
        kept.push_back(feed);
    }
    if (options.source) {
        FeedLedger ledger;
        ledger.id = ledger.kind = "source";
        ledger.connected = true;
        ledgers.push_back(std::move(ledger));
    }
    inbox = std::make_unique<live::Inbox>(std::max<std::size_t>(1, ledgers.size()));
    MATOU_TRY(opened, StateLane::open(options.district, std::move(history), std::move(ledgers)));
    lane = std::move(opened);
    lane->retention = options.retention;
    if (persistent && options.anchors.empty()) options.anchors = anchorsOf(options.history);
    for (std::uint32_t i = 0; i < kept.size(); ++i) {
        if (kept[i].kind == "embedded") {
            embedded.emplace_back(i, std::make_unique<EmbeddedFeed>(district, kept[i], i));
        } else {
            // Two feeds of one process are two clients to the broker.
            const bool first = kept[i].kind == "mqtt" && mqtt.empty();
            const std::string clientId = first ? options.clientId : options.clientId + "-" + kept[i].id;
            const auto confirmed = [this](std::uint64_t sequence) {
                const std::lock_guard lock(mutex);
                delivered.push_back(static_cast<std::int64_t>(sequence));
            };
            std::filesystem::path memory;
            if (persistent) memory = anchorsOf(options.history).replace_extension(fileName(kept[i].id) + ".memory");
            MATOU_TRY(feed, openFeed({kept[i], options.district, i, inbox.get(), options.clock.get(), clientId, persistent, nonces, confirmed, memory}));
            if (kept[i].kind == "mqtt") mqtt.emplace_back(i, static_cast<MqttFeed*>(feed.get()));
            adapters.emplace_back(i, std::move(feed));
        }
    }
    if (!options.record.empty()) {
        MATOU_TRY(writer, live::RecordingWriter::open(options.record));
        recording = std::move(writer);
    }
    return {};
}

core::Result<void> Service::Impl::openControl() {
    if (options.control.empty() || options.control == "none") return {};
    if (options.controlToken.empty()) options.controlToken = randomHex(32);
    control::Backend backend;
    backend.district = options.district->id;
    backend.districtName = options.district->name;
    for (const auto& scene : options.district->scenes)
        backend.scenes.emplace_back(scene.id, scene.name);
    backend.snapshot = [this] { return newest.load(); };
    backend.command = [this](command::Command command) { return submit(std::move(command), true); };
    backend.events = [this](const history::EventQuery& query) { return lane->history().events(query); };
    backend.past = [this](core::Instant at) { return pastState(*options.district, lane->history(), at); };
    backend.series = [this](const history::SeriesQuery& query) { return lane->history().series(query); };
    backend.screenshot = [this]() -> core::Result<std::vector<std::byte>> {
        std::function<core::Result<std::vector<std::byte>>()> take;
        {
            const std::lock_guard lock(mutex);
            take = screenshot;
        }
        if (!take) return core::fail("E_CONTROL_NO_PICTURE", "/api/v1/screenshot.png");
        return take();
    };
    backend.now = [this] { return options.clock->now(); };
    backend.fingerprint = control::districtFingerprint(options.district->id, *options.district->registry);
    control::ServerOptions wantedServer{options.control, options.controlToken, {}};
    if (!options.controlTokens.empty()) {
        MATOU_TRY(text, core::readTextFile(options.controlTokens, 1 << 20));
        MATOU_TRY(tokens, control::tokensFromText(text, options.controlTokens.string()));
        wantedServer.tokens = std::move(tokens);
    }
    MATOU_TRY(started, control::Server::start(wantedServer, std::move(backend)));
    server = std::move(started);
    return {};
}

core::Result<void> Service::Impl::submit(command::Command command, bool wait) {
    if (command.at == core::Instant{}) command.at = options.clock->now();
    if (command::isForPicture(command)) {
        MATOU_CHECK(command::permitted(command));
        const std::lock_guard lock(mutex);
        // What comes from elsewhere is written down; an operator's own camera moves are not.
        if (command.origin != "ui" && !attached) wanted.push_back({command, nullptr});
        if (forPicture.size() >= kPictureCommands) forPicture.pop_front();
        forPicture.push_back(std::move(command));
        return {};
    }
    if (attached) {
        attached->send(std::move(command));
        return {};
    }
    auto answer = std::make_shared<Answer>();
    auto future = answer->result.get_future();
    {
        const std::lock_guard lock(mutex);
        wanted.push_back({std::move(command), answer});
    }
    if (inbox) inbox->wake();
    if (!wait) return {};
    // Busy means that it does not happen: whoever asks again must not do it twice.
    if (future.wait_for(std::chrono::seconds(5)) != std::future_status::ready && !answer->taken.exchange(true))
        return core::fail("E_CONTROL_BUSY", "state lane");
    return future.get();
}

void Service::Impl::publish() {
    const auto began = Steady::now();
    auto& feeds = lane->feeds();
    if (options.source) {
        const auto counts = inbox->counts(0);
        feeds[0].received = counts.received;
        feeds[0].dropped = counts.coalesced;
    }
    for (const auto& [index, feed] : adapters) {
        const auto counts = inbox->counts(index);
        feeds[index].received = counts.received;
        feeds[index].dropped = counts.coalesced;
    }
    const auto state = lane->snapshot(options.clock->now());
    newest.store(state);
    if (options.published) options.published(*state);
    published = Steady::now();
    publishing = published - began;
    processedThen = processed;
}

/// Corrected by hand or by NTP: what was received, and all that waits, keeps its age.
void Service::Impl::lookAtClock(core::Instant now) {
    if (!options.steady) return;
    const core::Duration reached = options.steady(), since = reached - std::exchange(steady, reached);
    if (last == core::Instant{}) return;
    const core::Duration by = (now - last) - since;
    if (by < kClockSet && by > -kClockSet) return;
    last += by;
    inbox->clockSet(by);
    lane->clockSet(by);
}

void Service::Impl::cycle(core::Duration patience, std::size_t batch) {
    const core::Instant now = options.clock->now();
    lookAtClock(now);
    // The clock went back, or on over time that nobody plays (a presenter's story): what is live begins anew where nothing else speaks
    // or remembers. Else all that was not played would be silence.
    const bool leapt = !options.ownLane && last != core::Instant{} && now - last > EmbeddedFeed::kJump;
    if ((now < last || leapt) && adapters.empty() && options.history.empty()) lane->restart();
    last = now;

    const auto record = [&](const std::vector<live::Message>& messages) {
        if (!recording || messages.empty()) return;
        auto written = core::Result<void>();
        for (const auto& message : messages)
            if (written) written = recording->write(message);
        if (written) written = recording->flush();
        if (!written) {
            core::logError(written.error());
            recording.reset(); // a full disk ends the recording, not the watch
        }
    };
    for (const auto& [index, feed] : embedded) {
        const auto messages = feed->until(now);
        lane->feeds()[index].received += messages.size();
        record(messages);
        lane->process(messages);
    }
    if (options.ownLane) {
        const auto messages = inbox->take(patience, batch);
        record(messages);
        lane->process(messages);
        processed += messages.size();
    }
    for (const auto& [index, feed] : adapters) {
        auto& ledger = lane->feeds()[index];
        ledger.transport = inbox->counts(index);
        ledger.connected = ledger.transport.connected;
        ledger.transportError = ledger.transport.error;
        ledger.lastReceived = std::max(ledger.lastReceived, ledger.transport.heard);
    }

    std::vector<Wanted> commands;
    {
        const std::lock_guard lock(mutex);
        commands.swap(wanted);
    }
    for (auto& [command, answer] : commands) {
        if (!answer) {
            lane->audit(command, "queued");
            continue;
        }
        if (answer->taken.exchange(true)) continue; // nobody waits for it any more
        auto result = lane->act(command);
        if (!result && command.origin == "ui") core::logError(result.error());
        answer->result.set_value(std::move(result));
    }
    lane->tick(now);
    lane->commit([this](std::uint32_t feed, std::uint64_t token) {
        for (const auto& [index, adapter] : adapters)
            if (index == feed) adapter->acknowledge(token);
    });
    sendOutgoing();
    if (flushing || Steady::now() - flushed > std::chrono::seconds(1)) {
        flushing = lane->flush(kFlushPatience);
        flushed = Steady::now();
    }
    if (Steady::now() - anchored > kAnchorEvery) {
        anchored = Steady::now();
        anchor();
    }
}

void Service::Impl::sendOutgoing() {
    for (auto& message : lane->takeOutgoing())
        toSend.push_back(std::move(message));
    std::vector<std::int64_t> confirmed;
    {
        const std::lock_guard lock(mutex);
        confirmed.swap(delivered);
    }
    for (const auto sequence : confirmed)
        lane->delivered(sequence);
    while (!toSend.empty()) {
        const auto& message = toSend.front();
        const auto feed = std::find_if(mqtt.begin(), mqtt.end(), [&](const auto& entry) {
            return lane->feeds()[entry.first].id == message.feed;
        });
        if (feed == mqtt.end())
            lane->delivered(message.sequence); // that feed is no more
        else if (!feed->second->publish(message.topic, message.payload, message.sequence))
            break; // its queue is full: later
        toSend.pop_front();
    }
}

/// The audit chain's end, told where whoever writes the history file has no hand: aside, and to the brokers.
void Service::Impl::anchor() {
    auto head = lane->history().auditHead();
    if (options.anchors.empty() || head.sequence == anchoredUpTo) return;
    head.at = core::formatInstant(options.clock->now());
    if (const auto written = appendAnchor(options.anchors, head); !written) return core::logError(written.error());
    anchoredUpTo = head.sequence;
    for (const auto& [index, feed] : mqtt)
        feed->retain("matou/v1/" + options.district->id + "/audit/head", history::anchorLine(head));
}

void Service::Impl::run() {
    const auto untilPublishing = [this] {
        auto apart = std::max<Steady::duration>(kFreshEvery, publishing * kPublishingShare);
        if (lane->urgent()) apart = std::min<Steady::duration>(apart, kUrgentAtLatest);
        const bool changed = processed != processedThen || lane->urgent();
        return published + (changed ? apart : Steady::duration(kSnapshotEvery)) - Steady::now();
    };
    while (!stopping) {
        cycle(std::clamp(std::chrono::ceil<core::Duration>(untilPublishing()), core::Duration(0), kCycle), kBatch);
        if (untilPublishing() <= Steady::duration::zero()) publish();
    }
}

Service::Service(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}

core::Result<std::unique_ptr<Service>> Service::start(ServiceOptions options) {
    MATOU_EXPECT(options.district && options.clock);
    auto impl = std::make_unique<Impl>();
    impl->options = std::move(options);
    if (!impl->options.steady && dynamic_cast<const core::RealClock*>(impl->options.clock.get())) impl->options.steady = sinceBoot;
    if (!impl->options.attach.empty()) {
        MATOU_TRY(attached, Attached::open(impl->options.attach, impl->options.attachToken, impl->options.district,
                                           [state = impl.get()](auto snapshot) { state->newest.store(std::move(snapshot)); }));
        impl->attached = std::move(attached);
        // A moment for the first word, so that a still shows it; without one the picture says that it waits.
        for (int i = 0; i < 100 && !impl->newest.load()->feeds.back().connected; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return std::unique_ptr<Service>(new Service(std::move(impl)));
    }
    MATOU_CHECK(impl->openFeeds(impl->remarks));
    // One round before anybody looks, so that the first snapshot already knows every sensor of an embedded feed.
    impl->cycle(core::Duration(0), 0);
    impl->publish();
    MATOU_CHECK(impl->openControl());
    if (impl->options.ownLane) impl->lane->history().writeValuesBeside();
    if (impl->options.ownLane) impl->thread = std::thread([state = impl.get()] { state->run(); });
    if (impl->options.source) impl->source = impl->options.source(*impl->inbox, 0);
    return std::unique_ptr<Service>(new Service(std::move(impl)));
}

Service::~Service() {
    stop();
}

void Service::stop() {
    if (_impl->stopped) return;
    _impl->stopped = true;
    if (_impl->attached) return _impl->attached.reset();
    _impl->source = {}; // asks it to stop and waits
    _impl->server.reset(); // its threads wait for answers that the lane gives
    _impl->stopping = true;
    _impl->inbox->wake();
    if (_impl->thread.joinable()) _impl->thread.join();
    // What has arrived is stored and confirmed before the connection goes.
    _impl->lane->hurry();
    _impl->cycle(core::Duration(0), ~std::size_t{0} >> 1);
    _impl->lane->history().writeValuesHere();
    _impl->lane->flush();
    _impl->anchor();
    _impl->publish();
    _impl->mqtt.clear();
    _impl->adapters.clear();
}

std::shared_ptr<const twin::StateSnapshot> Service::snapshot() const {
    return _impl->newest.load();
}

std::shared_ptr<const twin::StateSnapshot> Service::advance() {
    if (_impl->options.ownLane || _impl->attached) return snapshot();
    _impl->cycle(core::Duration(0), 0);
    _impl->publish();
    return snapshot();
}

void Service::submit(command::Command command) {
    if (const auto done = _impl->submit(std::move(command), false); !done) core::logError(done.error());
}

std::vector<command::Command> Service::takePictureCommands() {
    const std::lock_guard lock(_impl->mutex);
    std::vector<command::Command> result(std::make_move_iterator(_impl->forPicture.begin()),
                                         std::make_move_iterator(_impl->forPicture.end()));
    _impl->forPicture.clear();
    return result;
}

void Service::setScreenshot(std::function<core::Result<std::vector<std::byte>>()> screenshot) {
    const std::lock_guard lock(_impl->mutex);
    _impl->screenshot = std::move(screenshot);
}

int Service::listeningPort() const {
    for (const auto& [index, adapter] : _impl->adapters)
        if (const int port = adapter->port()) return port;
    return 0;
}
int Service::controlPort() const {
    return _impl->server ? _impl->server->port() : 0;
}
std::string Service::controlToken() const {
    return _impl->options.controlToken;
}
core::Result<twin::StateSnapshot> Service::past(core::Instant at) const {
    if (!_impl->lane) return core::fail("E_CONTROL_NO_HISTORY", "--attach");
    return pastState(*_impl->options.district, _impl->lane->history(), at);
}
const core::Diagnostics& Service::remarks() const {
    return _impl->remarks;
}

} // namespace matou::service
