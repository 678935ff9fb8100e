#pragma once
// MQTT 3.1.1 (OASIS, 29 October 2014) and 5.0 (7 March 2019) packets: what a client sends, and a reader of what a broker
// sends that trusts nothing. Bytes only, no sockets.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace matou::live::mqtt {

enum class Type : std::uint8_t {
    connect = 1,
    connack,
    publish,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    pingreq,
    pingresp,
    disconnect,
    auth
};

/// Protocol level as in CONNECT.
enum class Version : std::uint8_t { v311 = 4, v5 = 5 };

struct Packet {
    Type type{};
    std::uint8_t flags = 0;
    std::string body;
    bool oversize = false; // body holds only its first bytes, the rest was skipped
};

struct Publish {
    std::string topic;
    std::string payload;
    std::uint16_t packetId = 0; // 0 for QoS 0
    int qos = 0;
    bool duplicate = false, retained = false;
    std::uint64_t tag = 0; // the sender's own, not sent
    std::optional<std::uint32_t> expirySeconds; // MQTT 5: what is left of its life
};

struct Subscription {
    std::string filter;
    int qos = 0;
};

struct Connect {
    std::string clientId, user, password;
    bool clean = false;
    std::uint16_t keepAliveSeconds = 20;
    std::optional<Publish> will; // of which delaySeconds after the connection is lost (MQTT 5)
    std::uint32_t willDelaySeconds = 0;
    std::uint32_t sessionExpirySeconds = 0; // MQTT 5, where not clean
    std::uint16_t receiveMaximum = 65535;   // MQTT 5: QoS 1 messages that may wait for our confirmation
};

struct Connack {
    bool sessionPresent = false;
    int reason = 0; // 0: welcome
    std::uint16_t receiveMaximum = 65535;
    std::optional<std::uint16_t> keepAliveSeconds; // the broker's own, which holds
    std::string reasonText;
};

std::string connectPacket(const Connect& connect, Version version = Version::v311);
std::string subscribePacket(std::uint16_t packetId, const std::vector<Subscription>& subscriptions,
                            Version version = Version::v311);
std::string publishPacket(const Publish& publish, Version version = Version::v311);
std::string acknowledgePacket(Type type, std::uint16_t packetId); // puback pubrec pubrel pubcomp; success, both versions
std::string emptyPacket(Type type);                               // pingreq disconnect

/// Takes bytes as they come, gives whole packets. Bodies over `limit` (at least kKept) are skipped but for their first bytes: the
/// longest topic and the packet id, so that any giant message can be confirmed and does not come again.
class PacketReader {
public:
    explicit PacketReader(std::size_t limit) : _limit(limit) {}
    void append(std::string_view bytes);
    /// Nothing: more bytes are needed. E_MQTT_PROTOCOL: the connection must be closed.
    core::Result<std::optional<Packet>> next();

private:
    static constexpr std::size_t kKept = 2 + 65535 + 2;
    std::size_t _limit;
    std::string _bytes;
    std::size_t _at = 0; // consumed so far
    std::optional<Packet> _skipping;
    std::uint64_t _toSkip = 0;
};

/// A 3.1.1 answer to a CONNECT of version 5 (a broker that does not know 5) reads as its reason. E_MQTT_PROTOCOL.
core::Result<Connack> readConnack(const Packet& packet, Version version);
/// Shape, QoS, packet id, properties (not of an oversize one) and UTF-8 of the topic checked; topic aliases were not asked for.
/// E_MQTT_PROTOCOL.
core::Result<Publish> readPublish(Packet packet, Version version = Version::v311);
/// For puback, pubrec, pubrel, pubcomp, suback: the packet id. E_MQTT_PROTOCOL.
core::Result<std::uint16_t> readPacketId(const Packet& packet);
/// The codes of SUBACK (one per subscription), PUBACK or DISCONNECT (one; 0 where it says none). E_MQTT_PROTOCOL.
core::Result<std::vector<int>> readReasons(const Packet& packet, Version version);
/// "not authorized (0x87)"
std::string reasonText(int code);

bool isUtf8(std::string_view text);

} // namespace matou::live::mqtt
