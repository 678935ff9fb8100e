#include "live/mqtt_packet.h"

#include <algorithm>
#include <cstdio>
#include <initializer_list>

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

namespace {

void appendU32(std::string& out, std::uint32_t value) {
    appendU16(out, value >> 16);
    appendU16(out, value & 0xffff);
}
void appendVariable(std::string& out, std::size_t value) {
    do {
        out += static_cast<char>(value % 128 | (value >= 128 ? 128 : 0));
        value /= 128;
    } while (value);
}
void appendProperties(std::string& out, const std::string& properties) {
    appendVariable(out, properties.size());
    out += properties;
}

/// MQTT 5, 2.2.2.2: identifiers that a broker may send.
enum Property : unsigned char {
    kPayloadFormat = 1,
    kMessageExpiry = 2,
    kContentType = 3,
    kResponseTopic = 8,
    kCorrelation = 9,
    kSubscriptionId = 11,
    kSessionExpiry = 17,
    kAssignedClientId = 18,
    kServerKeepAlive = 19,
    kAuthMethod = 21,
    kAuthData = 22,
    kWillDelay = 24,
    kResponseInformation = 26,
    kServerReference = 28,
    kReasonString = 31,
    kReceiveMaximum = 33,
    kTopicAliasMaximum = 34,
    kTopicAlias = 35,
    kMaximumQos = 36,
    kRetainAvailable = 37,
    kUserProperty = 38,
    kMaximumPacketSize = 39,
    kWildcardAvailable = 40,
    kSubscriptionIdAvailable = 41,
    kSharedAvailable = 42
};

struct Properties {
    std::optional<std::uint32_t> messageExpiry;
    std::optional<std::uint16_t> receiveMaximum, serverKeepAlive, topicAlias;
    std::string reason;
};

/// Reads the bytes of one packet; every get fails at their end.
struct Reader {
    std::string_view bytes;
    std::size_t at = 0;

    core::Result<std::uint32_t> number(int size) {
        if (bytes.size() - at < static_cast<std::size_t>(size)) return fail("E_MQTT_PROTOCOL", "", {"packet too short"});
        std::uint32_t value = 0;
        while (size--)
            value = value << 8 | static_cast<unsigned char>(bytes[at++]);
        return value;
    }
    core::Result<std::uint32_t> variable() {
        std::uint32_t value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            MATOU_TRY(byte, number(1));
            value |= (byte & 127) << shift;
            if (!(byte & 128)) return value;
        }
        return fail("E_MQTT_PROTOCOL", "", {"number longer than 4 bytes"});
    }
    core::Result<std::string_view> data() {
        MATOU_TRY(size, number(2));
        if (bytes.size() - at < size) return fail("E_MQTT_PROTOCOL", "", {"text longer than its packet"});
        at += size;
        return bytes.substr(at - size, size);
    }
    core::Result<std::string_view> text() {
        MATOU_TRY(value, data());
        if (!isUtf8(value)) return fail("E_MQTT_PROTOCOL", "", {"text that is not UTF-8"});
        return value;
    }
};

constexpr std::uint64_t bits(std::initializer_list<unsigned> ids) {
    std::uint64_t result = 0;
    for (const auto id : ids)
        result |= std::uint64_t{1} << id;
    return result;
}
/// MQTT 5, 3.3.2.3: format, expiry, content type, response topic, correlation, subscription, alias, user's own.
constexpr std::uint64_t kOfPublish = bits({0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x23, 0x26});

/// Keeps what is used and steps over the rest; anything unknown, twice or not of this packet (`allowed`) is a broken protocol.
core::Result<Properties> readProperties(Reader& reader, std::uint64_t allowed = ~0ull) {
    Properties result;
    MATOU_TRY(size, reader.variable());
    if (reader.bytes.size() - reader.at < size) return fail("E_MQTT_PROTOCOL", "", {"properties longer than their packet"});
    Reader inner{reader.bytes.substr(reader.at, size)};
    reader.at += size;
    std::uint64_t seen = 0;
    while (inner.at < inner.bytes.size()) {
        MATOU_TRY(id, inner.number(1));
        if (id >= 64) return fail("E_MQTT_PROTOCOL", "", {"unknown property " + std::to_string(id)});
        if (!(allowed >> id & 1)) return fail("E_MQTT_PROTOCOL", "", {"property " + std::to_string(id) + " in a packet that has none such"});
        const bool again = seen >> id & 1;
        seen |= std::uint64_t{1} << id;
        if (again && id != kUserProperty && id != kSubscriptionId)
            return fail("E_MQTT_PROTOCOL", "", {"property " + std::to_string(id) + " twice"});
        switch (id) {
        case kPayloadFormat:
        case kMaximumQos:
        case kRetainAvailable:
        case kWildcardAvailable:
        case kSubscriptionIdAvailable:
        case kSharedAvailable: {
            MATOU_TRY(value, inner.number(1));
            if (value > 1) return fail("E_MQTT_PROTOCOL", "", {"property that is neither 0 nor 1"});
            break;
        }
        case kServerKeepAlive: {
            MATOU_TRY(value, inner.number(2));
            result.serverKeepAlive = static_cast<std::uint16_t>(value);
            break;
        }
        case kReceiveMaximum: {
            MATOU_TRY(value, inner.number(2));
            if (value == 0) return fail("E_MQTT_PROTOCOL", "", {"receive maximum 0"});
            result.receiveMaximum = static_cast<std::uint16_t>(value);
            break;
        }
        case kTopicAlias: {
            MATOU_TRY(value, inner.number(2));
            result.topicAlias = static_cast<std::uint16_t>(value);
            break;
        }
        case kTopicAliasMaximum:
            MATOU_CHECK(inner.number(2));
            break;
        case kMessageExpiry: {
            MATOU_TRY(value, inner.number(4));
            result.messageExpiry = value;
            break;
        }
        case kSessionExpiry:
        case kWillDelay:
        case kMaximumPacketSize:
            MATOU_CHECK(inner.number(4));
            break;
        case kSubscriptionId:
            MATOU_CHECK(inner.variable());
            break;
        case kCorrelation:
        case kAuthData:
            MATOU_CHECK(inner.data());
            break;
        case kUserProperty:
            MATOU_CHECK(inner.text());
            MATOU_CHECK(inner.text());
            break;
        case kReasonString: {
            MATOU_TRY(value, inner.text());
            result.reason = std::string(value.substr(0, 200));
            break;
        }
        case kContentType:
        case kResponseTopic:
        case kAssignedClientId:
        case kAuthMethod:
        case kResponseInformation:
        case kServerReference:
            MATOU_CHECK(inner.text());
            break;
        default:
            return fail("E_MQTT_PROTOCOL", "", {"unknown property " + std::to_string(id)});
        }
    }
    return result;
}

} // namespace

std::string connectPacket(const Connect& connect, Version version) {
    const bool five = version == Version::v5;
    std::string body;
    appendText(body, "MQTT");
    body += static_cast<char>(version);
    unsigned flags = (connect.user.empty() ? 0u : 0x80u) | (connect.password.empty() ? 0u : 0x40u) | (connect.clean ? 2u : 0u);
    if (connect.will)
        flags |= 4u | static_cast<unsigned>(connect.will->qos) << 3 | (connect.will->retained ? 0x20u : 0u);
    body += static_cast<char>(flags);
    appendU16(body, connect.keepAliveSeconds);
    if (five) {
        std::string properties;
        if (!connect.clean && connect.sessionExpirySeconds) {
            properties += static_cast<char>(kSessionExpiry);
            appendU32(properties, connect.sessionExpirySeconds);
        }
        // Also where it is the most that there is: brokers take less for granted.
        properties += static_cast<char>(kReceiveMaximum);
        appendU16(properties, connect.receiveMaximum);
        appendProperties(body, properties);
    }
    appendText(body, connect.clientId);
    if (connect.will) {
        if (five) {
            std::string properties;
            if (connect.willDelaySeconds) {
                properties += static_cast<char>(kWillDelay);
                appendU32(properties, connect.willDelaySeconds);
            }
            appendProperties(body, properties);
        }
        appendText(body, connect.will->topic);
        appendText(body, connect.will->payload);
    }
    if (!connect.user.empty()) appendText(body, connect.user);
    if (!connect.password.empty()) appendText(body, connect.password);
    return packet(Type::connect, 0, body);
}

std::string subscribePacket(std::uint16_t packetId, const std::vector<Subscription>& subscriptions, Version version) {
    std::string body;
    appendU16(body, packetId);
    if (version == Version::v5) appendProperties(body, {});
    for (const auto& subscription : subscriptions) {
        appendText(body, subscription.filter);
        body += static_cast<char>(subscription.qos);
    }
    return packet(Type::subscribe, 2, body);
}

std::string publishPacket(const Publish& publish, Version version) {
    std::string body;
    appendText(body, publish.topic);
    if (publish.qos) appendU16(body, publish.packetId);
    if (version == Version::v5) {
        std::string properties;
        if (publish.expirySeconds) {
            properties += static_cast<char>(kMessageExpiry);
            appendU32(properties, *publish.expirySeconds);
        }
        appendProperties(body, properties);
    }
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
    if (head >> 4 == 0) return fail("E_MQTT_PROTOCOL", "", {"unknown packet type"});
    Packet packet{static_cast<Type>(head >> 4), static_cast<std::uint8_t>(head & 15), {}, false};
    if (length > _limit) {
        if (packet.type != Type::publish) return fail("E_MQTT_PROTOCOL", "", {"packet too long"});
        const std::size_t kept = std::min<std::uint64_t>(kKept, length);
        if (bytes.size() < at + kept) return std::optional<Packet>();
        packet.oversize = true;
        packet.body = bytes.substr(at, kept);
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

core::Result<Publish> readPublish(Packet packet, Version version) {
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
    if (version == Version::v5 && !packet.oversize) {
        Reader reader{packet.body, at};
        MATOU_TRY(properties, readProperties(reader, kOfPublish));
        if (properties.topicAlias) return fail("E_MQTT_PROTOCOL", "", {"topic alias that was not asked for"});
        result.expirySeconds = properties.messageExpiry;
        at = reader.at;
    }
    packet.body.erase(0, at);
    result.payload = std::move(packet.body);
    return result;
}

core::Result<Connack> readConnack(const Packet& packet, Version version) {
    if (packet.type != Type::connack || packet.body.size() < 2) return fail("E_MQTT_PROTOCOL", "", {"no CONNACK"});
    Connack result;
    const auto flags = static_cast<unsigned char>(packet.body[0]);
    if (flags > 1) return fail("E_MQTT_PROTOCOL", "", {"CONNACK with reserved flags"});
    result.sessionPresent = flags;
    result.reason = static_cast<unsigned char>(packet.body[1]);
    if (version == Version::v311) {
        if (packet.body.size() != 2) return fail("E_MQTT_PROTOCOL", "", {"no CONNACK"});
        return result;
    }
    if (packet.body.size() == 2 && result.reason) return result; // of a broker that does not know version 5
    Reader reader{packet.body, 2};
    MATOU_TRY(properties, readProperties(reader));
    if (reader.at != packet.body.size()) return fail("E_MQTT_PROTOCOL", "", {"CONNACK too long"});
    result.receiveMaximum = properties.receiveMaximum.value_or(65535);
    result.keepAliveSeconds = properties.serverKeepAlive;
    result.reasonText = properties.reason;
    return result;
}

core::Result<std::vector<int>> readReasons(const Packet& packet, Version version) {
    Reader reader{packet.body, packet.type == Type::disconnect ? 0u : 2u};
    if (packet.body.size() < reader.at) return fail("E_MQTT_PROTOCOL", "", {"packet too short"});
    std::vector<int> result;
    if (packet.type == Type::suback) {
        if (version == Version::v5) MATOU_CHECK(readProperties(reader));
        while (reader.at < packet.body.size())
            result.push_back(static_cast<unsigned char>(packet.body[reader.at++]));
        return result;
    }
    result.push_back(version == Version::v5 && reader.at < packet.body.size()
                         ? static_cast<unsigned char>(packet.body[reader.at++])
                         : 0);
    if (version == Version::v5 && reader.at < packet.body.size()) MATOU_CHECK(readProperties(reader));
    return result;
}

std::string reasonText(int code) {
    constexpr std::pair<int, const char*> kReasons[] = {{0x01, "protocol version"},
                                                        {0x02, "client id"},
                                                        {0x03, "server unavailable"},
                                                        {0x04, "user name or password"},
                                                        {0x05, "not authorized"},
                                                        {0x80, "unspecified error"},
                                                        {0x81, "malformed packet"},
                                                        {0x82, "protocol error"},
                                                        {0x83, "implementation specific error"},
                                                        {0x84, "unsupported protocol version"},
                                                        {0x85, "client id not valid"},
                                                        {0x86, "bad user name or password"},
                                                        {0x87, "not authorized"},
                                                        {0x88, "server unavailable"},
                                                        {0x89, "server busy"},
                                                        {0x8a, "banned"},
                                                        {0x8b, "server shutting down"},
                                                        {0x8c, "bad authentication method"},
                                                        {0x8d, "keep alive timeout"},
                                                        {0x8e, "session taken over"},
                                                        {0x8f, "topic filter invalid"},
                                                        {0x90, "topic name invalid"},
                                                        {0x93, "receive maximum exceeded"},
                                                        {0x95, "packet too large"},
                                                        {0x96, "message rate too high"},
                                                        {0x97, "quota exceeded"},
                                                        {0x98, "administrative action"},
                                                        {0x9c, "use another server"},
                                                        {0x9d, "server moved"},
                                                        {0x9e, "shared subscriptions not supported"},
                                                        {0x9f, "connection rate exceeded"}};
    char hex[16];
    std::snprintf(hex, sizeof hex, "0x%02x", code & 255);
    for (const auto& [known, text] : kReasons)
        if (known == code) return std::string(text) + " (" + hex + ")";
    return hex;
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
