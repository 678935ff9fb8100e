#pragma once
// A GB/T 28181 platform without its sockets: whole SIP messages and times in; datagrams, canonical messages and counts out. Not
// thread-safe; pure but for random tags. README.md says what it takes and what it holds to.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "geo/source_crs.h"
#include "live/gb_registrar.h"
#include "live/inbox.h"
#include "live/mapping.h"
#include "live/sip_transactions.h"

namespace matou::live::gb {

struct PlatformSettings {
    std::string id;       // our 20 digits
    std::string address;  // HOST:PORT that devices reach us at
    std::string district; // of the topics
    std::string crs;      // of the catalogue's and moving devices' places (geo::SourceCrs)
    RegistrarSettings registrar;
    core::Duration catalogEvery{3600000};
    core::Duration moving{0}; // interval at which positions are asked for; 0: not asked for, yet taken
    std::map<std::string, std::string> ids;     // theirs → ours
    std::map<std::string, double> northDegrees; // theirs → where its pan 0 looks; a camera without one tells no heading
    double messagesPerSecond = 1000, burst = 4000; // of one address
};

struct Now {
    core::Instant wall;      // of stamps
    core::Duration steady{}; // of timers
};

class VideoPlatform {
public:
    /// `mappings` see alarms (gb_body.h: alarmItem). E_CRS_UNKNOWN.
    static core::Result<VideoPlatform> create(PlatformSettings settings, std::vector<Mapping> mappings, std::shared_ptr<const twin::Registry> registry);

    /// One whole message: a datagram, or what sip::wholeMessage cut off.
    void receive(const sip::Peer& from, std::string_view bytes, Now now);
    /// The message with this token (Message::acknowledge) is durable: its sender gets its 200.
    void stored(std::uint64_t token, Now now);
    /// Timers; call some 20 times a second.
    void tick(Now now);
    /// What could not be read as messages at all (a stream without lengths).
    void refuse(const sip::Peer& from, core::Error error);
    /// Whether more from this address is looked at now; over TCP the rest may wait in the sender's socket.
    bool mayRead(const std::string& host, core::Duration steady);
    /// While set, alarms are answered 503: what waits to be stored is too much already.
    void setBusy(bool busy) { _busy = busy; }

    struct Output {
        std::vector<sip::Datagram> send;
        std::vector<Message> messages;
        FeedNotes notes;
        bool any() const { return !send.empty() || !messages.empty() || notes.refused || notes.unclassified || notes.limited || notes.duplicates || notes.heard != core::Instant{}; }
    };
    Output take();
    std::size_t online() const;
    /// Registrar::remember, restore and changes.
    std::string remember(Now now) const { return _registrar.remember(now.wall, now.steady); }
    void restore(std::string_view text, Now now) { _registrar.restore(text, now.wall, now.steady); }
    std::uint64_t changes() const { return _registrar.changes(); }

private:
    struct Source { // an address
        double tokens = 0;
        core::Duration at{};
        std::uint64_t refused = 0;
    };
    struct Request { // of theirs, being answered
        const sip::Message* message;
        sip::Peer from;
        std::string key;
        sip::Peer back; // where answers go
    };
    struct Pending { // an alarm that is not stored yet
        sip::Message request;
        sip::Peer from, back;
        std::string key, device, sn, about; // `device` sent it, `about` is in it
        core::Duration since{};
    };
    enum class Purpose : std::uint8_t { catalog, status, subscribe, response };
    struct Ask { // of ours, not sent yet
        Purpose purpose;
        std::string device, target; // who is reached, whom it is about
        std::string body, dialog;   // `dialog`: Call-ID of a subscription
    };
    struct Dialog {
        std::string device, target, command, fromTag, to; // `to`: the header with the device's tag, once it answered
        std::uint32_t cseq = 0;
        core::Duration refreshAt{};
    };

    VideoPlatform(PlatformSettings settings, std::vector<Mapping> mappings, std::shared_ptr<const twin::Registry> registry, geo::SourceCrs crs);

    // video_platform.cpp: what comes in
    bool limited(const sip::Peer& from, core::Duration steady);
    void answer(const Request& request, int status, const char* reason, std::vector<std::pair<std::string, std::string>> headers = {});
    void refuse(const Request& request, int status, const char* reason, core::Error error);
    void request(const sip::Message& message, const sip::Peer& from, Now now);
    void registration(const Request& request, Now now);
    void body(const Request& request, Now now);
    void response(const sip::Message& message, Now now);
    void subscriptionAnswered(const std::string& callId, const sip::Message& message, Now now);
    // video_bodies.cpp: what bodies say
    void alarm(const Request& request, Device& device, const Body& body, Now now);
    void keepalive(Device& device, const Body& body, Now now);
    void catalog(Device& device, const Body& body, Now now);
    void finishCatalog(Device& device, bool complete, Now now);
    void pose(const Body& body, Now now);
    void position(const Body& body, Now now);
    void status(const Body& body, Now now);
    bool speaksFor(const Device& device, const std::string& id) const;
    void tell(const std::string& id, core::Json members, core::Instant at);
    void tellOnline(const Device& device, bool online, Now now);
    std::optional<std::pair<double, double>> placeOf(const CatalogItem& item) const;
    const CatalogItem* known(const std::string& id) const;
    // video_asking.cpp: what we ask
    void askEverything(Device& device, Now now);
    void askCatalog(Device& device, Now now);
    void subscribe(Device& device, const std::string& target, const char* command, Now now);
    void send(const Ask& ask, Now now);
    void sendAsked(Now now);
    void endDialogs(Device& device);
    std::string random(int digits) const;

    PlatformSettings _settings;
    std::vector<Mapping> _mappings;
    std::shared_ptr<const twin::Registry> _registry;
    geo::SourceCrs _crs;
    Registrar _registrar;
    sip::ServerTransactions _server;
    sip::ClientTransactions _client;
    std::unordered_map<std::string, Source> _sources;
    std::map<std::uint64_t, Pending> _pending;
    std::deque<Ask> _asks;
    std::map<std::uint64_t, Ask> _asked; // by the context of their transaction
    std::map<std::string, Dialog> _dialogs; // by Call-ID
    std::map<std::string, std::string> _owners; // child → the device whose catalogue lists it
    std::uint64_t _lastToken = 0, _lastContext = 0;
    std::uint32_t _lastSn = 0;
    core::Duration _swept{};
    bool _busy = false;
    Output _output;
};

} // namespace matou::live::gb
