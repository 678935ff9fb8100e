#pragma once
// MQTT 3.1.1 packets (OASIS standard, 29 October 2014): what a client sends, and a reader of what a broker sends that
// trusts nothing. Bytes only, no sockets.

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
    disconnect
};

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
};

struct Subscription {
    std::string filter;
    int qos = 0;
};

std::string connectPacket(const std::string& clientId, bool cleanSession, std::uint16_t keepAliveSeconds,
                          const std::string& user, const std::string& password);
std::string subscribePacket(std::uint16_t packetId, const std::vector<Subscription>& subscriptions);
std::string publishPacket(const Publish& publish);
std::string acknowledgePacket(Type type, std::uint16_t packetId); // puback pubrec pubrel pubcomp
std::string emptyPacket(Type type);                               // pingreq disconnect

/// Takes bytes as they come, gives whole packets. Bodies over `limit` are skipped but for their first 2 KB, so that one
/// giant message cannot stop a feed.
class PacketReader {
public:
    explicit PacketReader(std::size_t limit) : _limit(limit) {}
    void append(std::string_view bytes);
    /// Nothing: more bytes are needed. E_MQTT_PROTOCOL: the connection must be closed.
    core::Result<std::optional<Packet>> next();

private:
    static constexpr std::size_t kKept = 2048;
    std::size_t _limit;
    std::string _bytes;
    std::size_t _at = 0; // consumed so far
    std::optional<Packet> _skipping;
    std::uint64_t _toSkip = 0;
};

/// Shape, QoS, packet id and UTF-8 of the topic checked. E_MQTT_PROTOCOL.
core::Result<Publish> readPublish(Packet packet);
/// For puback, pubrec, pubrel, pubcomp, suback: the packet id. E_MQTT_PROTOCOL.
core::Result<std::uint16_t> readPacketId(const Packet& packet);

bool isUtf8(std::string_view text);

} // namespace matou::live::mqtt
