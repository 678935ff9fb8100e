#include "service/gb28181_feed.h"

#include <cstdlib>

#include "control/access.h"
#include "core/file.h"
#include "core/log.h"
#include "live/video_platform.h"
#include "service/feed_thread.h"
#include "service/sip_sockets.h"

namespace matou::service {
namespace {

constexpr core::Duration kTick{50}, kRemember{1000};

core::Duration steadyNow() { return std::chrono::duration_cast<core::Duration>(std::chrono::steady_clock::now().time_since_epoch()); }

/// One password for all, or lines of "ID PASSWORD" (in a file; # begins a remark): then these devices and no others.
core::Result<void> readSecret(const std::string& place, live::gb::RegistrarSettings& to) {
    std::string text;
    if (place.starts_with("@")) {
        MATOU_TRY(read, core::readTextFile(place.substr(1), std::size_t{4} << 20));
        text = std::move(read);
    } else if (const char* value = place.starts_with("env:") ? std::getenv(place.c_str() + 4) : nullptr)
        text = value;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
        if (!line.empty() && line[0] != '#') lines.push_back(std::move(line));
        at = end + 1;
    }
    const auto isPair = [](const std::string& line) { return line.find(' ') != std::string::npos && live::gb::isDeviceId(line.substr(0, line.find(' '))); };
    if (lines.size() == 1 && !isPair(lines[0])) {
        to.password = lines[0];
        return {};
    }
    for (const auto& line : lines) {
        if (!isPair(line)) return core::fail("E_GB_SECRET", place);
        to.passwords[line.substr(0, line.find(' '))] = line.substr(line.find_first_not_of(' ', line.find(' ')));
    }
    return to.passwords.empty() ? core::Result<void>(core::fail("E_GB_SECRET", place)) : core::Result<void>();
}

class Gb28181Feed final : public FeedAdapter {
public:
    Gb28181Feed(FeedContext context) : _context(std::move(context)), _thread(*_context.inbox, _context.index) {}
    ~Gb28181Feed() override {
        if (_sockets) _sockets->wake();
        _thread.end();
    }

    core::Result<void> begin() {
        const auto& feed = _context.config;
        const auto address = control::splitAddress(feed.url);
        if (!address) return core::fail("E_FEED_SETTING", feed.where, {feed.id, "url", "HOST:PORT"});
        live::gb::PlatformSettings settings;
        MATOU_CHECK(readSecret(feed.secret, settings.registrar));
        SipSockets::Handlers handlers;
        handlers.message = [this](const live::sip::Peer& from, std::string_view bytes) { _platform->receive(from, bytes, now()); };
        handlers.refused = [this](const live::sip::Peer& from, core::Error error) { _platform->refuse(from, std::move(error)); };
        handlers.mayRead = [this](const std::string& host) { return _platform->mayRead(host, steadyNow()); };
        MATOU_TRY(sockets, SipSockets::open(address->first, address->second, std::move(handlers)));
        settings.id = feed.video.id;
        settings.address = feed.video.address.empty() ? sockets->reachable() : feed.video.address;
        settings.district = _context.district->id;
        settings.crs = feed.video.crs;
        settings.ids = feed.ids;
        settings.registrar.realm = feed.video.realm;
        settings.registrar.keepalive = feed.video.keepalive;
        using Digest = live::gb::RegistrarSettings::Digest;
        settings.registrar.digest = feed.video.digest == "sha-256" ? Digest::sha256 : feed.video.digest == "md5" ? Digest::md5 : Digest::automatic;
        settings.catalogEvery = feed.video.catalog;
        settings.moving = feed.video.moving;
        settings.northDegrees = feed.video.northDegrees;
        settings.messagesPerSecond = feed.video.messagesPerSecond;
        settings.burst = feed.video.messagesPerSecond * 4;
        MATOU_TRY(mappings, live::createMappings(live::gb::mappingsWithDefaults(feed.mappings, feed.ids, feed.video.crs), _context.district->id, _context.district->registry));
        MATOU_TRY(platform, live::gb::VideoPlatform::create(std::move(settings), std::move(mappings), _context.district->registry));
        _platform = std::make_unique<live::gb::VideoPlatform>(std::move(platform));
        // Else every device would be a stranger until it registers again, and its alarms were refused.
        if (!_context.memory.empty())
            if (const auto text = core::readTextFile(_context.memory, std::size_t{16} << 20)) _platform->restore(*text, now());
        _sockets = std::move(sockets);
        _thread.begin([this] { run(); });
        return {};
    }
    void acknowledge(std::uint64_t token) override {
        {
            const std::lock_guard lock(_mutex);
            _stored.push_back(token);
        }
        _sockets->wake();
    }
    int port() const override { return _sockets->port(); }

private:
    live::gb::Now now() const { return {_context.clock->now(), steadyNow()}; }

    void remember() {
        if (_context.memory.empty() || _platform->changes() == _remembered) return;
        _remembered = _platform->changes();
        if (const auto written = core::writeFile(_context.memory, _platform->remember(now())); !written) core::logError(written.error());
    }

    void run() {
        core::Duration remembered = steadyNow();
        _thread.connected();
        while (!_thread.stopping()) {
            _sockets->wait(kTick);
            _platform->setBusy(_context.inbox->eventsWaiting(_context.index) >= live::Inbox::kEventsHigh);
            std::vector<std::uint64_t> stored;
            {
                const std::lock_guard lock(_mutex);
                stored.swap(_stored);
            }
            for (const auto token : stored) _platform->stored(token, now());
            _platform->tick(now());
            auto output = _platform->take();
            for (auto& message : output.messages) {
                message.feed = _context.index;
                _context.inbox->push(std::move(message));
            }
            if (output.any()) _context.inbox->note(_context.index, std::move(output.notes));
            for (const auto& datagram : output.send) _sockets->send(datagram);
            if (steadyNow() - remembered > kRemember) {
                remember();
                remembered = steadyNow();
            }
        }
        remember();
    }

    FeedContext _context;
    std::unique_ptr<live::gb::VideoPlatform> _platform;
    std::unique_ptr<SipSockets> _sockets;
    std::mutex _mutex; // of _stored
    std::vector<std::uint64_t> _stored;
    std::uint64_t _remembered = 0; // VideoPlatform::changes of the file
    FeedThread _thread;
};

} // namespace

core::Result<std::unique_ptr<FeedAdapter>> openGb28181(FeedContext context) {
    auto feed = std::make_unique<Gb28181Feed>(std::move(context));
    MATOU_CHECK(feed->begin());
    return std::unique_ptr<FeedAdapter>(std::move(feed));
}

} // namespace matou::service
