#pragma once
// Who has registered with us (GB/T 28181 9.1): digest, expiry, and for how long somebody was silent. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "live/gb_catalog.h"
#include "live/sip_digest.h"
#include "live/sip_transactions.h"

namespace matou::live::gb {

struct Device {
    std::string id;
    sip::Peer peer;          // where it speaks from, the last time
    core::Duration until{};  // steady; its registration ends
    core::Duration heard{};  // steady
    bool online = false;
    int version = 0;         // X-GB-Ver times ten: 20 is 2016, 30 is 2022; 0: not said
    std::string registration; // Call-ID: another one means that it began anew
    std::map<std::string, CatalogItem> children;
    std::map<std::string, std::string> dialogs; // subscriptions with it: command and target → Call-ID
    std::optional<CatalogPages> pages; // of the query that runs
    core::Duration catalogAt{};        // steady; when it is asked next
};

struct RegistrarSettings {
    std::string realm;
    std::string password;                         // of all …
    std::map<std::string, std::string> passwords; // … or, not empty, of these and of no others
    core::Duration keepalive{60000};              // three of them missed: no contact
    /// Automatic: MD5, and SHA-256 first for devices that say X-GB-Ver 3.0.
    enum class Digest : std::uint8_t { automatic, md5, sha256 } digest = Digest::automatic;
};

class Registrar {
public:
    explicit Registrar(RegistrarSettings settings) : _settings(std::move(settings)) {}

    struct Outcome {
        int status = 200;
        const char* reason = "OK";
        std::vector<std::pair<std::string, std::string>> headers;
        core::Error error;        // of a refusal that must be counted; code empty: none
        Device* fresh = nullptr;  // registered, and began anew
        Device* gone = nullptr;   // took its registration back
    };
    Outcome registerDevice(const sip::Message& request, const sip::Peer& from, core::Instant wall, core::Duration now);

    /// The device, where it is registered and speaks from where it registered; its time of hearing is now.
    Device* heard(const std::string& id, const sip::Peer& from, core::Duration now);
    Device* find(const std::string& id);
    const Device* find(const std::string& id) const;
    std::map<std::string, Device>& devices() { return _devices; }
    const std::map<std::string, Device>& devices() const { return _devices; }
    /// Who is registered, as JSON, for the next run; no secrets. `restore` takes it back: they may speak at once, and count as online with
    /// their first word. What cannot be read is nobody.
    std::string remember(core::Instant wall, core::Duration now) const;
    void restore(std::string_view text, core::Instant wall, core::Duration now);
    std::uint64_t changes() const { return _changes; } // of what remember() says
    /// Those that were online and are silent or expired: they are not any more.
    std::vector<Device*> silent(core::Duration now);

    static constexpr std::size_t kDevices = 20000;
    static constexpr core::Duration kShortest{30000}, kLongest{86400000};
    static constexpr int kGuesses = 5; // wrong passwords of one device from one address in kGuessWindow; then nothing is looked at
    static constexpr core::Duration kGuessWindow{60000};

private:
    std::optional<std::string> passwordOf(const std::string& id) const;
    void challenge(Outcome& outcome, int version, core::Duration now, bool stale) const;
    struct Guesses {
        int count = 0;
        core::Duration since{};
    };
    std::uint64_t _changes = 0;
    RegistrarSettings _settings;
    sip::Challenger _challenger;
    std::map<std::string, Device> _devices;
    std::map<std::string, Guesses> _guesses;
    std::map<std::string, core::Duration> _used; // nonces that have opened the door once, until they are stale anyway
};

} // namespace matou::live::gb
