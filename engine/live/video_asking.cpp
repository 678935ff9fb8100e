#include <algorithm>
#include <random>

#include "core/log.h"
#include "live/video_platform.h"

namespace matou::live::gb {
namespace {

constexpr std::size_t kAskedAtOnce = 20;   // per tick, so that three thousand devices that come back together are asked in turn
constexpr std::size_t kUnanswered = 5000;  // of ours in flight
constexpr const char* kExpires = "3600";
constexpr auto kNotSupported = std::chrono::hours(1);

} // namespace

std::string VideoPlatform::random(int digits) const {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    std::string result;
    for (int i = 0; i < digits; ++i) result += "0123456789abcdef"[generator() & 15];
    return result;
}

void VideoPlatform::askEverything(Device& device, Now now) {
    device.pages.reset();
    askCatalog(device, now);
    if (isCamera(device.id)) _asks.push_back({Purpose::status, device.id, device.id, query("DeviceStatus", ++_lastSn, device.id), {}});
    subscribe(device, device.id, "Alarm", now);
    if (_settings.moving > core::Duration{}) subscribe(device, device.id, "MobilePosition", now);
}

void VideoPlatform::askCatalog(Device& device, Now now) {
    device.catalogAt = now.steady + _settings.catalogEvery; // until an answer says otherwise
    _asks.push_back({Purpose::catalog, device.id, device.id, {}, {}});
}

void VideoPlatform::subscribe(Device& device, const std::string& target, const char* command, Now now) {
    const std::string callId = random(24) + "@" + _settings.address.substr(0, _settings.address.rfind(':'));
    if (!device.dialogs.try_emplace(std::string(command) + " " + target, callId).second) return;
    _dialogs.emplace(callId, Dialog{device.id, target, command, random(8), {}, 0, now.steady + std::chrono::minutes(2)});
    _asks.push_back({Purpose::subscribe, device.id, target, {}, callId});
}

void VideoPlatform::endDialogs(Device& device) {
    if (device.dialogs.empty()) return;
    for (const auto& [what, callId] : device.dialogs) _dialogs.erase(callId);
    device.dialogs.clear();
    std::erase_if(_asks, [&](const auto& ask) { return ask.device == device.id && ask.purpose != Purpose::response; });
}

void VideoPlatform::sendAsked(Now now) {
    for (std::size_t i = 0; i < kAskedAtOnce && !_asks.empty() && _client.size() < kUnanswered; ++i) {
        const Ask ask = std::move(_asks.front());
        _asks.pop_front();
        send(ask, now);
    }
}

void VideoPlatform::send(const Ask& asked, Now now) {
    Device* device = _registrar.find(asked.device);
    if (!device || !device->online) return;
    Ask ask = asked;
    sip::Message message;
    const bool subscription = ask.purpose == Purpose::subscribe;
    message.method = subscription ? "SUBSCRIBE" : "MESSAGE";
    message.uri = "sip:" + ask.target + "@" + device->peer.text();
    const std::string branch = "z9hG4bK" + random(20), host = _settings.address.substr(0, _settings.address.rfind(':'));
    message.add("via", std::string("SIP/2.0/") + (device->peer.tcp() ? "TCP " : "UDP ") + _settings.address + ";rport;branch=" + branch);
    std::string tag = random(8), to = "<sip:" + ask.target + "@" + _settings.registrar.realm + ">", callId = random(24) + "@" + host;
    std::uint32_t cseq = 1;
    if (subscription) {
        const auto found = _dialogs.find(ask.dialog);
        if (found == _dialogs.end()) return;
        Dialog& dialog = found->second;
        tag = dialog.fromTag;
        callId = ask.dialog;
        cseq = ++dialog.cseq;
        if (!dialog.to.empty()) to = dialog.to;
        std::string more = "<Expires>" + std::string(kExpires) + "</Expires>\r\n";
        if (dialog.command == "Alarm")
            more = "<StartAlarmPriority>0</StartAlarmPriority>\r\n<EndAlarmPriority>0</EndAlarmPriority>\r\n<AlarmMethod>0</AlarmMethod>\r\n";
        if (dialog.command == "MobilePosition") more = "<Interval>" + std::to_string(_settings.moving.count() / 1000) + "</Interval>\r\n";
        if (dialog.command == "PTZPosition") more.clear();
        ask.body = query(dialog.command, ++_lastSn, ask.target, more);
    }
    if (ask.purpose == Purpose::catalog) {
        device->pages.emplace(++_lastSn, now.steady);
        ask.body = query("Catalog", _lastSn, device->id);
    }
    message.add("from", "<sip:" + _settings.id + "@" + _settings.registrar.realm + ">;tag=" + tag);
    message.add("to", to);
    message.add("call-id", callId);
    message.add("cseq", std::to_string(cseq) + " " + message.method);
    message.add("max-forwards", "70");
    if (subscription) {
        message.add("contact", "<sip:" + _settings.id + "@" + _settings.address + ">");
        message.add("event", "presence");
        message.add("expires", kExpires);
    }
    message.add("content-type", "Application/MANSCDP+xml");
    message.body = ask.body;
    sip::Datagram datagram{device->peer, sip::write(message)};
    _output.send.push_back(datagram);
    const std::uint64_t context = ++_lastContext;
    _client.begin(branch, std::move(datagram), context, now.steady);
    _asked.emplace(context, std::move(ask));
}

void VideoPlatform::response(const sip::Message& message, Now now) {
    const auto via = sip::parseVia(*message.header("via"));
    const auto context = _client.answered(via->branch(), message.status, now.steady);
    if (!context) return; // of nothing that we asked, or not the last word
    const auto asked = _asked.extract(*context);
    if (asked.empty()) return;
    const Ask& ask = asked.mapped();
    if (ask.purpose == Purpose::subscribe) return subscriptionAnswered(ask.dialog, message, now);
    // One that does not answer for its catalogue is asked again when that is due anyway.
    if (Device* device = _registrar.find(ask.device); device && ask.purpose == Purpose::catalog && message.status >= 300) device->pages.reset();
}

void VideoPlatform::subscriptionAnswered(const std::string& callId, const sip::Message& message, Now now) {
    const auto found = _dialogs.find(callId);
    if (found == _dialogs.end()) return;
    Dialog& dialog = found->second;
    if (message.status >= 300) {
        dialog.to.clear();
        // 481: it forgot; anything else: it cannot (many devices send alarms unasked and know no subscriptions).
        dialog.refreshAt = now.steady + (message.status == 481 ? core::Duration(2000) : core::Duration(kNotSupported));
        return;
    }
    dialog.to = message.headerOr("to");
    std::uint32_t granted = 3600;
    if (const auto text = message.headerOr("expires"); !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string::npos)
        granted = static_cast<std::uint32_t>(std::stoul(text));
    dialog.refreshAt = now.steady + core::Duration(std::max<std::int64_t>(30, granted * 9 / 10) * 1000);
}

} // namespace matou::live::gb
