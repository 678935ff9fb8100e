#pragma once
// The other side of a GB/T 28181 platform, for tests: a device that registers and speaks, and a platform without sockets to speak to.

#include <gtest/gtest.h>

#include <deque>

#include "live/sip_digest.h"
#include "live/video_platform.h"

namespace matou::tests {

inline constexpr const char* kCamera = "34020000001320000001";
inline constexpr const char* kRecorder = "34020000001180000001";
inline constexpr const char* kSecret = "12345678";

struct Platform {
    explicit Platform(std::vector<twin::FeedMapping> mappings = {}, const std::function<void(live::gb::PlatformSettings&)>& change = {}) {
        live::gb::PlatformSettings settings;
        settings.id = "34020000002000000001";
        settings.address = "192.0.2.1:5060";
        settings.district = "tiny";
        settings.registrar.realm = "3402000000";
        settings.registrar.password = kSecret;
        if (change) change(settings);
        auto registry = std::make_shared<twin::Registry>();
        registry->cameras.push_back({.id = "CAM-1"});
        registry->index();
        auto made = live::createMappings(live::gb::mappingsWithDefaults(std::move(mappings), settings.ids, settings.crs), "tiny", registry);
        EXPECT_TRUE(made);
        auto created = live::gb::VideoPlatform::create(settings, std::move(*made), registry);
        EXPECT_TRUE(created);
        platform = std::make_unique<live::gb::VideoPlatform>(std::move(*created));
    }

    /// What came out of it since the last look.
    void collect() {
        auto output = platform->take();
        notes.refused += output.notes.refused;
        notes.unclassified += output.notes.unclassified;
        notes.limited += output.notes.limited;
        notes.duplicates += output.notes.duplicates;
        if (!output.notes.error.code.empty()) notes.error = output.notes.error;
        for (auto& message : output.messages) messages.push_back(std::move(message));
        for (auto& datagram : output.send) {
            auto parsed = live::sip::parse(datagram.bytes, "platform");
            ASSERT_TRUE(parsed) << datagram.bytes;
            (parsed->request() ? asked : answers).push_back(std::move(*parsed));
        }
    }
    /// The status that this is answered with; 0: nothing yet.
    int send(const std::string& bytes, const std::string& host = "192.0.2.7") {
        answers.clear();
        platform->receive({host, 5060, 0}, bytes, now);
        collect();
        return answers.empty() ? 0 : answers.back().status;
    }
    void pass(core::Duration time) {
        for (core::Duration step{250}; time > core::Duration{}; time -= step) {
            now.wall += step;
            now.steady += step;
            platform->tick(now);
        }
        collect();
    }
    /// All that waits is stored.
    void store() {
        answers.clear();
        for (const auto& message : messages)
            if (message.acknowledge) platform->stored(message.acknowledge, now);
        collect();
    }
    std::vector<core::Json> of(const std::string& kind) const {
        std::vector<core::Json> result;
        for (const auto& message : messages)
            if (message.topic.starts_with("matou/v1/tiny/" + kind + "/")) result.push_back(core::Json::parse(message.payload));
        return result;
    }

    std::string request(const std::string& method, const std::string& device, const std::string& body, const std::string& more = {}, std::string branch = {}) {
        const std::string n = std::to_string(++_last);
        if (branch.empty()) branch = "z9hG4bK" + n;
        return method + " sip:34020000002000000001@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;rport;branch=" + branch + "\r\nFrom: <sip:" + device +
               "@3402000000>;tag=1\r\nTo: <sip:" + (method == "REGISTER" ? device : "34020000002000000001") + "@3402000000>\r\nCall-ID: " + (method == "REGISTER" ? "r-" + device : n) +
               "@192.0.2.7\r\nCSeq: " + n + " " + method + "\r\nMax-Forwards: 70\r\n" + more + (body.empty() ? "" : "Content-Type: Application/MANSCDP+xml\r\n") +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    std::string authorization(const std::string& device, const std::string& password, const std::string& algorithm = "MD5") {
        for (const auto& [name, value] : answers.back().headers) {
            if (name != "www-authenticate" || value.find("algorithm=" + algorithm) == std::string::npos) continue;
            auto challenge = live::sip::parseAuthorization("Digest username=\"" + device + "\", uri=\"sip:x\", response=\"0\", " + value.substr(7));
            EXPECT_TRUE(challenge);
            return "Authorization: Digest username=\"" + device + "\", realm=\"" + challenge->realm + "\", nonce=\"" + challenge->nonce + "\", uri=\"sip:x\", response=\"" +
                   live::sip::digestResponse(*challenge, "REGISTER", password) + "\", algorithm=" + algorithm + "\r\n";
        }
        return {};
    }
    /// The status; what the platform asks then is in `asked` after a moment.
    int enroll(const std::string& device, const std::string& password = kSecret, const std::string& more = {}, const std::string& algorithm = "MD5", const std::string& host = "192.0.2.7") {
        const int status = registerOnly(device, password, more, algorithm, host);
        pass(core::Duration(1000));
        return status;
    }
    int registerOnly(const std::string& device, const std::string& password, const std::string& more, const std::string& algorithm, const std::string& host) {
        const std::string contact = "Contact: <sip:" + device + "@192.0.2.7:5060>\r\nExpires: 3600\r\n" + more;
        EXPECT_EQ(send(request("REGISTER", device, "", contact), host), 401);
        return send(request("REGISTER", device, "", contact + authorization(device, password, algorithm)), host);
    }
    static std::string alarm(const std::string& device, const std::string& time, const std::string& more = {}, const std::string& sn = "17") {
        return "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify><CmdType>Alarm</CmdType><SN>" + sn + "</SN><DeviceID>" + device + "</DeviceID><AlarmPriority>1</AlarmPriority><AlarmMethod>5</AlarmMethod><AlarmTime>" +
               time + "</AlarmTime>" + more + "</Notify>";
    }
    /// "2026-01-01T08:00:00", as devices write it.
    std::string local(int secondsAgo = 0) const {
        std::string text = core::formatBeijing(now.wall - std::chrono::seconds(secondsAgo));
        text[10] = 'T';
        return text;
    }
    /// Answers, as the device, what the platform asked last.
    void reply(const live::sip::Message& request, int status, const std::string& more = {}, const std::string& host = "192.0.2.7") {
        auto message = live::sip::answer(request, status, "Reply", "dev", "192.0.2.1", 5060);
        if (!more.empty()) message.add("expires", more);
        platform->receive({host, 5060, 0}, live::sip::write(message), now);
        collect();
    }
    const live::sip::Message* asking(const std::string& word) const {
        for (auto at = asked.rbegin(); at != asked.rend(); ++at)
            if (at->method == word || at->body.find("<CmdType>" + word + "</CmdType>") != std::string::npos) return &*at;
        return nullptr;
    }

    std::unique_ptr<live::gb::VideoPlatform> platform;
    live::gb::Now now{core::Instant(std::chrono::seconds(1767225600)), core::Duration(1000000)}; // 2026-01-01 08:00 in Beijing
    live::FeedNotes notes;
    std::vector<live::Message> messages;
    std::deque<live::sip::Message> answers, asked;

private:
    int _last = 0;
};

} // namespace matou::tests
