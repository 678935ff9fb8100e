#include "live/video_platform.h"

#include <algorithm>

#include "core/log.h"

namespace matou::live::gb {
namespace {

constexpr std::size_t kSources = 10000; // addresses known; beyond them strangers share one allowance
constexpr core::Duration kStoreLimit{25000};
constexpr const char* kAllow = "REGISTER, MESSAGE, NOTIFY, OPTIONS";

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
    return text;
}

/// RFC 3261 18.2.2 and RFC 3581: to where it came from if it asks so (rport), else to that host at the port of its Via.
sip::Peer backOf(const sip::Via& via, const sip::Peer& from) {
    sip::Peer back = from;
    if (!from.tcp() && !via.parameters.find("rport")) back.port = via.port ? via.port : 5060;
    return back;
}

} // namespace

VideoPlatform::VideoPlatform(PlatformSettings settings, std::vector<Mapping> mappings, std::shared_ptr<const twin::Registry> registry, geo::SourceCrs crs)
    : _settings(std::move(settings)), _mappings(std::move(mappings)), _registry(std::move(registry)), _crs(std::move(crs)), _registrar(_settings.registrar) {}

core::Result<VideoPlatform> VideoPlatform::create(PlatformSettings settings, std::vector<Mapping> mappings, std::shared_ptr<const twin::Registry> registry) {
    MATOU_TRY(crs, geo::SourceCrs::create(settings.crs));
    return VideoPlatform(std::move(settings), std::move(mappings), std::move(registry), std::move(crs));
}

VideoPlatform::Output VideoPlatform::take() { return std::exchange(_output, {}); }

std::size_t VideoPlatform::online() const {
    const auto& devices = _registrar.devices();
    return static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), [](const auto& entry) { return entry.second.online; }));
}

bool VideoPlatform::mayRead(const std::string& host, core::Duration steady) {
    const bool known = _sources.contains(host);
    Source& source = _sources[known || _sources.size() < kSources ? host : std::string()];
    if (source.at == core::Duration{}) source.tokens = _settings.burst;
    source.tokens = std::min(_settings.burst, source.tokens + _settings.messagesPerSecond * static_cast<double>((steady - source.at).count()) / 1000);
    source.at = steady;
    return source.tokens >= 1;
}

bool VideoPlatform::limited(const sip::Peer& from, core::Duration steady) {
    // What a stream brought is not brought again: it is taken, and the socket rests until the debt is paid.
    if (!mayRead(from.host, steady) && !from.tcp()) return true;
    const auto source = _sources.find(from.host);
    --(source != _sources.end() ? source->second : _sources[std::string()]).tokens;
    return false;
}

void VideoPlatform::refuse(const sip::Peer& from, core::Error error) {
    const auto known = _sources.find(from.host);
    const std::uint64_t count = known != _sources.end() ? ++known->second.refused : 1;
    if (error.where.empty()) error.where = from.text();
    core::Error said{"E_GB_REFUSED", {std::to_string(count)}, from.host, std::make_shared<const core::Error>(std::move(error))};
    // The first, the tenth, the hundredth of an address: a log is no target either.
    std::uint64_t step = count;
    while (step >= 10 && step % 10 == 0) step /= 10;
    if (step == 1) core::logWarning(said);
    ++_output.notes.refused;
    _output.notes.error = std::move(said);
}

void VideoPlatform::answer(const Request& request, int status, const char* reason, std::vector<std::pair<std::string, std::string>> headers) {
    auto message = sip::answer(*request.message, status, reason, random(8), request.from.host, request.from.port);
    for (auto& header : headers)
        message.headers.push_back(std::move(header));
    sip::Datagram datagram{request.back, sip::write(message)};
    _server.answered(request.key, datagram);
    _output.send.push_back(std::move(datagram));
}

void VideoPlatform::refuse(const Request& request, int status, const char* reason, core::Error error) {
    answer(request, status, reason);
    refuse(request.from, std::move(error));
}

void VideoPlatform::receive(const sip::Peer& from, std::string_view bytes, Now now) {
    if (limited(from, now.steady)) {
        ++_output.notes.limited; // its sender repeats it
        return;
    }
    constexpr std::string_view kNothing("\r\n\t \0", 5);
    if (bytes.size() <= 8 && bytes.find_first_not_of(kNothing) == std::string_view::npos) return; // what keeps a NAT open
    auto message = sip::parse(bytes, from.text());
    if (!message) return refuse(from, std::move(message).error());
    if (message->request()) request(*message, from, now);
    else response(*message, now);
}

void VideoPlatform::request(const sip::Message& message, const sip::Peer& from, Now now) {
    const auto via = sip::parseVia(*message.header("via"));
    const Request request{&message, from, sip::ServerTransactions::keyOf(message, *via, from), backOf(*via, from)};
    if (message.method == "ACK") return;
    switch (_server.see(request.key, now.steady)) {
    case sip::ServerTransactions::Seen::answered:
        _output.send.push_back(*_server.answerOf(request.key));
        ++_output.notes.duplicates;
        return;
    case sip::ServerTransactions::Seen::waiting: ++_output.notes.duplicates; return;
    case sip::ServerTransactions::Seen::fresh: break;
    }
    if (message.method == "REGISTER") return registration(request, now);
    if (message.method == "MESSAGE" || message.method == "NOTIFY") return body(request, now);
    if (message.method == "OPTIONS") return answer(request, 200, "OK", {{"allow", kAllow}});
    answer(request, 405, "Method Not Allowed", {{"allow", kAllow}});
    refuse(from, {"E_GB_METHOD", {message.method}, "", nullptr});
}

void VideoPlatform::registration(const Request& request, Now now) {
    auto outcome = _registrar.registerDevice(*request.message, request.from, now.wall, now.steady);
    answer(request, outcome.status, outcome.reason, std::move(outcome.headers));
    if (!outcome.error.code.empty()) return refuse(request.from, std::move(outcome.error));
    if (outcome.status == 200) _output.notes.heard = now.wall;
    if (outcome.gone) {
        endDialogs(*outcome.gone);
        tellOnline(*outcome.gone, false, now);
    }
    if (outcome.fresh) {
        endDialogs(*outcome.fresh);
        tellOnline(*outcome.fresh, true, now);
        askEverything(*outcome.fresh, now);
    }
}

void VideoPlatform::body(const Request& request, Now now) {
    const sip::Message& message = *request.message;
    const std::string id = sip::parseAddress(*message.header("from"))->user;
    Device* device = isDeviceId(id) ? _registrar.heard(id, request.from, now.steady) : nullptr;
    if (!device) return refuse(request, 403, "Forbidden", {"E_GB_UNREGISTERED", {id.substr(0, 40)}, "", nullptr});
    const std::string where = id + "@" + request.from.text();
    _output.notes.heard = now.wall;
    if (!std::exchange(device->online, true)) {
        tellOnline(*device, true, now);
        if (device->dialogs.empty()) askEverything(*device, now); // it registered with an earlier run
    }
    const bool notify = message.method == "NOTIFY";
    const bool ours = notify && _dialogs.contains(message.headerOr("call-id"));
    if (notify && message.body.empty()) return answer(request, ours ? 200 : 481, ours ? "OK" : "Subscription does not exist");
    const std::string type = lower(message.headerOr("content-type"));
    if (!type.starts_with("application/") || (type.find("manscdp") == std::string::npos && type.find("xml") == std::string::npos))
        return refuse(request, 415, "Unsupported Media Type", {"E_GB_TYPE", {type.substr(0, 60)}, where, nullptr});
    auto parsed = parseBody(message.body, where);
    if (!parsed) return refuse(request, 400, "Bad Request", std::move(parsed).error());
    const std::string command = textAt(parsed->members, "/CmdType"), about = textAt(parsed->members, "/DeviceID");
    if (command.empty() || !isDeviceId(about)) return refuse(request, 400, "Bad Request", {"E_GB_MEMBER", {command.empty() ? "CmdType" : "DeviceID"}, where, nullptr});
    if (!speaksFor(*device, about)) return refuse(request, 403, "Forbidden", {"E_GB_OTHER", {about}, where, nullptr});
    if (command == "Alarm" && parsed->root == "Notify") return alarm(request, *device, *parsed, now);
    // A subscription that we do not know: taken, and ended.
    answer(request, notify && !ours ? 481 : 200, notify && !ours ? "Subscription does not exist" : "OK");
    if (command == "Keepalive") return keepalive(*device, *parsed, now);
    if (command == "Catalog" && parsed->root == "Response") return catalog(*device, *parsed, now);
    if (command == "PTZPosition") return pose(*parsed, now);
    if (command == "MobilePosition") return position(*parsed, now);
    if (command == "DeviceStatus") return status(*parsed, now);
    ++_output.notes.unclassified; // other words of the standard (MediaStatus, RecordInfo …) and of vendors
}

void VideoPlatform::stored(std::uint64_t token, Now now) {
    auto found = _pending.extract(token);
    if (found.empty()) return;
    Pending& pending = found.mapped();
    const bool notify = pending.request.method == "NOTIFY";
    const bool known = !notify || _dialogs.contains(pending.request.headerOr("call-id"));
    answer({&pending.request, pending.from, pending.key, pending.back}, known ? 200 : 481, known ? "OK" : "Subscription does not exist");
    // 9.4: what came as a MESSAGE is answered by one besides.
    if (!notify) _asks.push_back({Purpose::response, pending.device, pending.device, alarmResponse(pending.sn, pending.about), {}});
    sendAsked(now);
}

void VideoPlatform::tick(Now now) {
    std::vector<std::uint64_t> lost;
    for (auto& datagram : _client.due(now.steady, lost))
        _output.send.push_back(std::move(datagram));
    for (const auto context : lost) {
        const auto ask = _asked.extract(context);
        if (ask.empty() || ask.mapped().purpose != Purpose::subscribe) continue;
        if (const auto dialog = _dialogs.find(ask.mapped().dialog); dialog != _dialogs.end()) {
            dialog->second.to.clear(); // from the beginning, later
            dialog->second.refreshAt = now.steady + std::chrono::minutes(1);
        }
    }
    sendAsked(now);
    if (now.steady - _swept < std::chrono::milliseconds(250)) return;
    _swept = now.steady;
    _server.expire(now.steady);
    for (Device* device : _registrar.silent(now.steady)) {
        core::logWarning({"W_GB_SILENT", {device->id}, device->peer.text(), nullptr});
        tellOnline(*device, false, now);
    }
    for (auto& [id, device] : _registrar.devices()) {
        if (!device.online) continue;
        if (device.pages && device.pages->over(now.steady)) finishCatalog(device, false, now);
        if (!device.pages && now.steady >= device.catalogAt) askCatalog(device, now);
    }
    for (auto& [callId, dialog] : _dialogs) {
        if (now.steady < dialog.refreshAt) continue;
        dialog.refreshAt = now.steady + std::chrono::minutes(2);
        _asks.push_back({Purpose::subscribe, dialog.device, dialog.target, {}, callId});
    }
    for (auto at = _pending.begin(); at != _pending.end();) {
        auto& [token, pending] = *at;
        if (now.steady - pending.since < kStoreLimit) {
            ++at;
            continue;
        }
        answer({&pending.request, pending.from, pending.key, pending.back}, 503, "Service Unavailable", {{"retry-after", "5"}});
        at = _pending.erase(at);
    }
    std::erase_if(_sources, [&](const auto& entry) { return entry.second.refused == 0 && now.steady - entry.second.at > std::chrono::minutes(1); });
}

} // namespace matou::live::gb
