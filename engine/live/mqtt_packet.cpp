#include "live/mqtt_packet.h"

#include <algorithm>

namespace matou::live::mqtt {
using core::fail;
namespace {

void appendU16(std::string& out, std::size_t value) {
    out += static_cast<char>(value >> 8 & 255);
    out += static_cast<char>(value & 255);
}
void appendText(std::string& out, const std::string& text) {
    appendU16(out, text.size());
    out += text;
}

std::string packet(Type type, std::uint8_t flags, const std::string& body) {
    std::string out(1, static_cast<char>(static_cast<unsigned>(type) << 4 | flags));
    std::size_t length = body.size();
    do {
        out += static_cast<char>(length % 128 | (length >= 128 ? 128 : 0));
        length /= 128;
    } while (length);
    return out + body;
}

core::Result<std::uint16_t> u16At(const Packet& packet, std::size_t at) {
    if (packet.body.size() < at + 2) return fail("E_MQTT_PROTOCOL", "", {"packet too short"});
    return static_cast<std::uint16_t>(static_cast<unsigned char>(packet.body[at]) << 8 |
                                      static_cast<unsigned char>(packet.body[at + 1]));
}

} // namespace

std::string connectPacket(const std::string& clientId, bool cleanSession, std::uint16_t keepAliveSeconds,
                          const std::string& user, const std::string& password) {
    std::string body;
    appendText(body, "MQTT");
    body += '\x04'; // 3.1.1
    body += static_cast<char>((user.empty() ? 0 : 0x80) | (password.empty() ? 0 : 0x40) | (cleanSession ? 2 : 0));
    appendU16(body, keepAliveSeconds);
    appendText(body, clientId);
    if (!user.empty()) appendText(body, user);
    if (!password.empty()) appendText(body, password);
    return packet(Type::connect, 0, body);
}

std::string subscribePacket(std::uint16_t packetId, const std::vector<Subscription>& subscriptions) {
    std::string body;
    appendU16(body, packetId);
    for (const auto& subscription : subscriptions) {
        appendText(body, subscription.filter);
        body += static_cast<char>(subscription.qos);
    }
    return packet(Type::subscribe, 2, body);
}

std::string publishPacket(const Publish& publish) {
    std::string body;
    appendText(body, publish.topic);
    if (publish.qos) appendU16(body, publish.packetId);
    body += publish.payload;
    return packet(
        Type::publish,
        static_cast<std::uint8_t>((publish.duplicate ? 8 : 0) | publish.qos << 1 | (publish.retained ? 1 : 0)), body);
}

std::string acknowledgePacket(Type type, std::uint16_t packetId) {
    std::string body;
    appendU16(body, packetId);
    return packet(type, type == Type::pubrel ? 2 : 0, body);
}

std::string emptyPacket(Type type) {
    return packet(type, 0, {});
}

void PacketReader::append(std::string_view bytes) {
    _bytes.erase(0, _at);
    _at = 0;
    _bytes += bytes;
}

core::Result<std::optional<Packet>> PacketReader::next() {
    const std::string_view bytes = std::string_view(_bytes).substr(_at);
    if (_skipping) {
        const std::uint64_t count = std::min<std::uint64_t>(_toSkip, bytes.size());
        _at += count;
        _toSkip -= count;
        if (_toSkip) return std::optional<Packet>();
        auto done = std::move(_skipping);
        _skipping.reset();
        return done;
    }
    if (bytes.size() < 2) return std::optional<Packet>();
    std::uint64_t length = 0;
    std::size_t at = 1;
    for (int shift = 0;; shift += 7) {
        if (at == 5) return fail("E_MQTT_PROTOCOL", "", {"remaining length longer than 4 bytes"});
        if (at == bytes.size()) return std::optional<Packet>();
        const auto byte = static_cast<unsigned char>(bytes[at++]);
        length |= static_cast<std::uint64_t>(byte & 127) << shift;
        if (!(byte & 128)) break;
    }
    const auto head = static_cast<unsigned char>(bytes[0]);
    if (head >> 4 == 0 || head >> 4 == 15) return fail("E_MQTT_PROTOCOL", "", {"unknown packet type"});
    Packet packet{static_cast<Type>(head >> 4), static_cast<std::uint8_t>(head & 15), {}, false};
    if (length > _limit) {
        if (packet.type != Type::publish) return fail("E_MQTT_PROTOCOL", "", {"packet too long"});
        if (bytes.size() < at + kKept) return std::optional<Packet>();
        packet.oversize = true;
        packet.body = bytes.substr(at, kKept);
        _at += at;
        _toSkip = length;
        _skipping = std::move(packet);
        return next(); // once: into the branch above
    }
    if (bytes.size() < at + length) return std::optional<Packet>();
    packet.body = bytes.substr(at, length);
    _at += at + length;
    return std::optional(std::move(packet));
}

core::Result<Publish> readPublish(Packet packet) {
    Publish result;
    result.qos = packet.flags >> 1 & 3;
    result.duplicate = packet.flags & 8;
    result.retained = packet.flags & 1;
    if (result.qos == 3) return fail("E_MQTT_PROTOCOL", "", {"QoS 3"});
    MATOU_TRY(topicLength, u16At(packet, 0));
    std::size_t at = 2 + std::size_t{topicLength};
    if (packet.body.size() < at) return fail("E_MQTT_PROTOCOL", "", {"topic longer than its packet"});
    result.topic = packet.body.substr(2, topicLength);
    if (result.topic.empty() || !isUtf8(result.topic) || result.topic.find_first_of("+#") != std::string::npos)
        return fail("E_MQTT_PROTOCOL", "", {"topic that is no topic"});
    if (result.qos) {
        MATOU_TRY(packetId, u16At(packet, at));
        if (packetId == 0) return fail("E_MQTT_PROTOCOL", "", {"packet id 0"});
        result.packetId = packetId;
        at += 2;
    }
    packet.body.erase(0, at);
    result.payload = std::move(packet.body);
    return result;
}

core::Result<std::uint16_t> readPacketId(const Packet& packet) {
    return u16At(packet, 0);
}

bool isUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const int more = lead < 0x80                   ? 0
                         : lead >= 0xc2 && lead < 0xe0 ? 1
                         : lead >= 0xe0 && lead < 0xf0 ? 2
                         : lead >= 0xf0 && lead < 0xf5 ? 3
                                                       : -1;
        if (more < 0 || lead == 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
        std::uint32_t point = more == 0 ? lead : lead & (0x3fu >> more);
        for (int k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
            if (next >> 6 != 2) return false;
            point = point << 6 | (next & 63);
        }
        if ((more == 2 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) ||
            (more == 3 && (point < 0x10000 || point > 0x10ffff)))
            return false;
        i += static_cast<std::size_t>(more) + 1;
    }
    return true;
}

} // namespace matou::live::mqtt
