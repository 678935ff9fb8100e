#include "live/gb_registrar.h"

#include <algorithm>
#include <charconv>

namespace matou::live::gb {
namespace {

constexpr std::size_t kRemembered = 50000;

/// "3.0" → 30; 0 where it is no version.
int versionOf(const std::string& text) {
    if (text.size() != 3 || text[1] != '.' || text[0] < '0' || text[0] > '9' || text[2] < '0' || text[2] > '9') return 0;
    return (text[0] - '0') * 10 + (text[2] - '0');
}

std::optional<core::Duration> secondsOf(const std::string& text) {
    std::uint32_t seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return std::chrono::seconds(seconds);
}

/// The contact's parameter rules over the header (RFC 3261 10.2.1.1).
std::optional<core::Duration> expiresOf(const sip::Message& request) {
    if (const std::string* contact = request.header("contact"))
        if (const auto address = sip::parseAddress(*contact))
            if (const std::string* seconds = address->parameters.find("expires")) return secondsOf(*seconds);
    const std::string* header = request.header("expires");
    return header ? secondsOf(*header) : std::optional<core::Duration>(std::chrono::seconds(3600));
}

} // namespace

std::optional<std::string> Registrar::passwordOf(const std::string& id) const {
    if (_settings.passwords.empty()) return _settings.password;
    const auto found = _settings.passwords.find(id);
    return found == _settings.passwords.end() ? std::nullopt : std::optional<std::string>(found->second);
}

void Registrar::challenge(Outcome& outcome, int version, core::Duration now, bool stale) const {
    outcome.status = 401;
    outcome.reason = "Unauthorized";
    // Old devices look at the first challenge only, and know MD5.
    using Digest = RegistrarSettings::Digest;
    if (_settings.digest == Digest::sha256 || (_settings.digest == Digest::automatic && version >= 30)) outcome.headers.emplace_back("www-authenticate", _challenger.challenge(_settings.realm, sip::DigestHash::sha256, now, stale));
    if (_settings.digest != Digest::sha256) outcome.headers.emplace_back("www-authenticate", _challenger.challenge(_settings.realm, sip::DigestHash::md5, now, stale));
}

Registrar::Outcome Registrar::registerDevice(const sip::Message& request, const sip::Peer& from, core::Instant wall, core::Duration now) {
    Outcome outcome;
    const int version = versionOf(request.headerOr("x-gb-ver"));
    outcome.headers.emplace_back("x-gb-ver", "3.0");
    const auto refuse = [&](int status, const char* reason, const char* code, std::vector<std::string> arguments) {
        outcome.status = status;
        outcome.reason = reason;
        outcome.error = {code, std::move(arguments), "", nullptr};
        return outcome;
    };
    const std::string id = sip::parseAddress(*request.header("to"))->user; // parse() has looked at it
    if (!isDeviceId(id)) return refuse(400, "Bad Request", "E_GB_DEVICE_ID", {id.substr(0, 40)});
    const std::string* given = request.header("authorization");
    if (!given) {
        challenge(outcome, version, now, false);
        return outcome;
    }
    Guesses& guesses = _guesses[from.host + "|" + id];
    if (now - guesses.since > kGuessWindow) guesses = {0, now};
    if (guesses.count >= kGuesses) return refuse(403, "Forbidden", "E_GB_PASSWORD", {id});
    const auto credentials = sip::parseAuthorization(*given);
    if (!credentials) return refuse(400, "Bad Request", credentials.error().code.c_str(), credentials.error().arguments);
    if (credentials->hash == sip::DigestHash::md5 && _settings.digest == RegistrarSettings::Digest::sha256) return refuse(403, "Forbidden", "E_SIP_AUTHORIZATION", {"algorithm SHA-256"});
    const auto nonce = _challenger.check(credentials->nonce, now);
    if (nonce != sip::Challenger::Nonce::good || credentials->realm != _settings.realm) {
        challenge(outcome, version, now, nonce == sip::Challenger::Nonce::stale);
        return outcome;
    }
    const auto password = passwordOf(id);
    if (credentials->username != id || !password || !sip::digestHolds(*credentials, request.method, *password)) {
        ++guesses.count;
        return refuse(403, "Forbidden", "E_GB_PASSWORD", {id});
    }
    // Each opens the door once, so that what was overheard cannot bring a device's registration to another address.
    if (!_used.emplace(credentials->nonce, now + sip::Challenger::kLife).second) {
        challenge(outcome, version, now, true);
        return outcome;
    }
    _guesses.erase(from.host + "|" + id);
    const auto expires = expiresOf(request);
    if (!expires) return refuse(400, "Bad Request", "E_SIP_SYNTAX", {"Expires"});
    if (*expires == core::Duration{}) {
        if (Device* device = find(id)) {
            device->until = core::Duration{};
            ++_changes;
            outcome.gone = device->online ? device : nullptr;
            device->online = false;
        }
        return outcome;
    }
    if (_devices.size() >= kDevices && !_devices.contains(id)) return refuse(503, "Service Unavailable", "E_GB_LIMIT", {"devices", std::to_string(kDevices)});
    Device& device = _devices[id];
    const bool anew = !device.online || device.registration != request.headerOr("call-id");
    device.id = id;
    device.peer = from;
    device.registration = request.headerOr("call-id");
    device.version = version;
    device.heard = now;
    const core::Duration granted = std::clamp(*expires, kShortest, kLongest);
    device.until = now + granted;
    ++_changes;
    device.online = true;
    if (anew) outcome.fresh = &device;
    outcome.headers.emplace_back("expires", std::to_string(granted.count() / 1000));
    if (const std::string* contact = request.header("contact")) outcome.headers.emplace_back("contact", *contact);
    // The standard sets devices' clocks by it: local time without a zone.
    std::string date = core::formatBeijing(wall);
    std::replace(date.begin(), date.end(), ' ', 'T');
    outcome.headers.emplace_back("date", date + ".000");
    return outcome;
}

Device* Registrar::find(const std::string& id) {
    const auto found = _devices.find(id);
    return found == _devices.end() ? nullptr : &found->second;
}

const Device* Registrar::find(const std::string& id) const {
    const auto found = _devices.find(id);
    return found == _devices.end() ? nullptr : &found->second;
}

Device* Registrar::heard(const std::string& id, const sip::Peer& from, core::Duration now) {
    Device* device = find(id);
    if (!device || device->until <= now || device->peer.host != from.host) return nullptr;
    device->peer = from; // a port may change under it (NAT), a TCP connection too
    device->heard = now;
    return device;
}

std::string Registrar::remember(core::Instant wall, core::Duration now) const {
    core::Json all = core::Json::array();
    for (const auto& [id, device] : _devices)
        if (device.until > now)
            all.push_back({{"id", id}, {"host", device.peer.host}, {"port", device.peer.port}, {"tcp", device.peer.tcp()}, {"until", core::formatInstant(wall + (device.until - now))}, {"version", device.version}});
    return all.dump();
}

void Registrar::restore(std::string_view text, core::Instant wall, core::Duration now) {
    const auto all = core::parseJson(text, "", {.depth = 4, .bytes = std::size_t{16} << 20});
    if (!all || !all->is_array()) return;
    for (const auto& one : *all) {
        const core::JsonCursor cursor(one, "");
        const auto id = cursor.string("id"), host = cursor.string("host"), until = cursor.string("until");
        const auto port = cursor.integer("port"), version = cursor.integer("version");
        const auto tcp = cursor.boolean("tcp");
        const auto end = until ? core::parseInstant(*until) : core::fail("E_JSON_TYPE", "");
        if (!id || !host || !port || !version || !tcp || !end || !isDeviceId(*id) || *port < 0 || *port > 65535 || *end <= wall || _devices.size() >= kDevices) continue;
        Device& device = _devices[*id];
        device.id = *id;
        device.peer = {*host, static_cast<int>(*port), *tcp ? ~std::uint64_t{0} : 0}; // a connection of another run: none of ours
        device.until = now + std::min(std::chrono::duration_cast<core::Duration>(*end - wall), kLongest);
        device.version = static_cast<int>(*version);
    }
}

std::vector<Device*> Registrar::silent(core::Duration now) {
    std::vector<Device*> result;
    for (auto& [id, device] : _devices) {
        if (!device.online || (device.until > now && now - device.heard <= _settings.keepalive * 3)) continue;
        device.online = false;
        result.push_back(&device);
    }
    std::erase_if(_used, [&](const auto& entry) { return entry.second <= now; });
    if (_guesses.size() > kRemembered / 10) std::erase_if(_guesses, [&](const auto& entry) { return now - entry.second.since > kGuessWindow; });
    if (_guesses.size() > kRemembered) _guesses.clear();
    return result;
}

} // namespace matou::live::gb
