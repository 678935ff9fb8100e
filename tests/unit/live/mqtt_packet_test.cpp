#include <gtest/gtest.h>

#include "live/mqtt_packet.h"
#include "live/mqtt_url.h"

using namespace matou;
using namespace matou::live::mqtt;

TEST(MqttPacket, whatIsWrittenReadsBack) {
    Publish publish{"matou/v1/tiny/event/C", "{}", 77, 1, true, false};
    PacketReader reader(1 << 20);
    const std::string bytes = publishPacket(publish);
    for (const char c : bytes)
        reader.append({&c, 1}); // byte by byte
    const auto packet = reader.next();
    ASSERT_TRUE(packet && *packet);
    const auto back = readPublish(std::move(**packet));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->topic, publish.topic);
    EXPECT_EQ(back->payload, "{}");
    EXPECT_EQ(back->packetId, 77);
    EXPECT_EQ(back->qos, 1);
    EXPECT_TRUE(back->duplicate);
    const auto none = reader.next();
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
}

TEST(MqttPacket, connectIsAsTheStandardHasIt) {
    // OASIS MQTT 3.1.1, 3.1: protocol name and level, flags, keep alive, client id.
    Connect connect;
    connect.clientId = "a";
    connect.clean = true;
    connect.keepAliveSeconds = 10;
    EXPECT_EQ(connectPacket(connect), std::string("\x10\x0d\x00\x04MQTT\x04\x02\x00\x0a\x00\x01"
                                                                "a",
                                                                15));
    EXPECT_EQ(subscribePacket(1, {{"a/b", 1}}), std::string("\x82\x08\x00\x01\x00\x03"
                                                            "a/b\x01",
                                                            10));
    EXPECT_EQ(acknowledgePacket(Type::puback, 258), std::string("\x40\x02\x01\x02", 4));
}

TEST(MqttPacket, refusesWhatIsNoPacket) {
    const auto refused = [](std::string bytes) {
        PacketReader reader(1000);
        reader.append(bytes);
        auto packet = reader.next();
        if (!packet) return true;
        if (!*packet) return false;
        return (*packet)->type == Type::publish && !readPublish(std::move(**packet));
    };
    EXPECT_TRUE(refused(std::string("\x30\xff\xff\xff\xff\x01", 6))); // length of five bytes
    EXPECT_TRUE(refused(std::string("\x00\x00", 2)));                 // type 0
    EXPECT_TRUE(refused(std::string("\x36\x05\x00\x01"
                                    "a\x00\x01",
                                    7))); // QoS 3
    EXPECT_TRUE(refused(std::string("\x32\x05\x00\x01"
                                    "a\x00\x00",
                                    7))); // packet id 0
    EXPECT_TRUE(refused(std::string("\x30\x03\x00\x09"
                                    "a",
                                    5)));                             // topic beyond its packet
    EXPECT_TRUE(refused(std::string("\x30\x02\x00\x00", 4)));         // empty topic
    EXPECT_TRUE(refused(std::string("\x30\x03\x00\x01#", 5)));        // wildcard in a topic
    EXPECT_TRUE(refused(std::string("\x30\x04\x00\x02\xc0\xaf", 6))); // overlong UTF-8
    EXPECT_TRUE(refused(std::string("\x90\xff\x7f", 3)));             // a long SUBACK
    EXPECT_FALSE(refused(std::string("\x30\x03\x00\x01"
                                     "a",
                                     5)));
    EXPECT_FALSE(refused(std::string("\x30\x40", 2))); // only begun
}

TEST(MqttPacket, aGiantMessageIsSkippedAndTheNextOneRead) {
    PacketReader reader(10000);
    Publish giant{"a/event/b", std::string(300000, 'x'), 9, 1, false, false};
    const std::string bytes = publishPacket(giant) + emptyPacket(Type::pingresp);
    std::vector<Packet> packets;
    for (std::size_t at = 0; at < bytes.size(); at += 4096) {
        reader.append(std::string_view(bytes).substr(at, 4096));
        while (true) {
            auto packet = reader.next();
            ASSERT_TRUE(packet);
            if (!*packet) break;
            packets.push_back(std::move(**packet));
        }
    }
    ASSERT_EQ(packets.size(), 2u);
    EXPECT_TRUE(packets[0].oversize);
    EXPECT_EQ(readPublish(packets[0])->packetId, 9); // so that it can be confirmed and does not come again
    EXPECT_EQ(packets[1].type, Type::pingresp);
}

TEST(MqttPacket, aGiantMessageWithTheLongestTopicAndManyPropertiesCanBeConfirmed) {
    PacketReader reader(1 << 20);
    std::string body;
    const std::string topic(65535, 't');
    body += "\xff\xff" + topic + std::string("\x00\x09", 2);
    // Properties that reach far past what is kept of it.
    std::string properties;
    for (int i = 0; i < 100; ++i)
        properties += std::string("\x26\x00\x01k\x27\x10", 6) + std::string(10000, 'v');
    const auto size = properties.size();
    body += static_cast<char>((size & 127) | 128);
    body += static_cast<char>((size >> 7 & 127) | 128);
    body += static_cast<char>(size >> 14);
    body += properties + std::string(1 << 20, 'x');
    std::string bytes = "\x32";
    for (std::size_t left = body.size(); ; left >>= 7) {
        bytes += static_cast<char>((left & 127) | (left > 127 ? 128 : 0));
        if (left <= 127) break;
    }
    reader.append(bytes + body);
    auto packet = reader.next();
    ASSERT_TRUE(packet && *packet);
    EXPECT_TRUE((*packet)->oversize);
    const auto publish = readPublish(std::move(**packet), Version::v5);
    ASSERT_TRUE(publish) << publish.error().arguments[0];
    EXPECT_EQ(publish->packetId, 9);
    EXPECT_EQ(publish->topic, topic);
}

TEST(MqttUrl, readsAddresses) {
    const auto full = parseAddress("mqtt://li:p%40ss@[::1]:1884/");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->user, "li");
    EXPECT_EQ(full->password, "p@ss");
    EXPECT_EQ(full->host, "::1");
    EXPECT_EQ(full->port, 1884);
    EXPECT_EQ(full->shown(), "mqtt://[::1]:1884");
    EXPECT_EQ(parseAddress("mqtt://broker")->port, 1883);
    for (const char* bad : {"", "broker", "http://broker", "mqtt://b?ca=x", "mqtts://b?color=red", "mqtt://b?version=4", "mqtt://", "mqtt://broker:0",
                            "mqtt://broker:x", "mqtt://broker:70000", "mqtt://a/b"})
        EXPECT_EQ(parseAddress(bad).error().code, "E_MQTT_URL") << bad;
    EXPECT_EQ(parseAddress("mqtt://li:secret@h:x").error().where.find("secret"), std::string::npos);
}

TEST(MqttUrl, readsTlsAndOptions) {
    const auto full = parseAddress("mqtts://li@broker?ca=/etc/a%20b.pem&cert=c.pem&key=k.pem&crl=r.pem&version=5&share=g");
    ASSERT_TRUE(full);
    EXPECT_TRUE(full->tls);
    EXPECT_EQ(full->port, 8883);
    EXPECT_EQ(full->certificates.authorities, "/etc/a b.pem");
    EXPECT_EQ(full->certificates.certificate, "c.pem");
    EXPECT_EQ(full->certificates.key, "k.pem");
    EXPECT_EQ(full->certificates.revoked, "r.pem");
    EXPECT_EQ(full->version, "5");
    EXPECT_EQ(full->share, "g");
    EXPECT_EQ(full->shown(), "mqtts://broker:8883");
    ::setenv("MATOU_TEST_SECRET", "s3cret", 1);
    EXPECT_EQ(parseAddress("mqtt://li@b?password=env:MATOU_TEST_SECRET")->password, "s3cret");
    EXPECT_EQ(parseAddress("mqtt://li@b?password=@/nowhere").error().code, "E_MQTT_PASSWORD");
    EXPECT_EQ(parseAddress("mqtt://li@b?password=s3cret&x=y").error().where.find("s3cret"), std::string::npos);
}

TEST(MqttPacket, versionFiveCarriesPropertiesBothWays) {
    // MQTT 5, 3.1.2.11: session expiry 17, receive maximum 33; will delay 24 before the will's topic.
    Connect connect;
    connect.clientId = "a";
    connect.keepAliveSeconds = 10;
    connect.sessionExpirySeconds = 3600;
    connect.receiveMaximum = 100;
    connect.will = Publish{"w", "x", 0, 1, false, true, 0, {}};
    connect.willDelaySeconds = 5;
    EXPECT_EQ(connectPacket(connect, Version::v5),
              std::string("\x10\x22\x00\x04MQTT\x05\x2c\x00\x0a"
                          "\x08\x11\x00\x00\x0e\x10\x21\x00\x64"
                          "\x00\x01"
                          "a\x05\x18\x00\x00\x00\x05\x00\x01w\x00\x01x",
                          36));
    Publish publish{"a/b", "{}", 7, 1, false, false, 0, 60};
    PacketReader reader(1000);
    reader.append(publishPacket(publish, Version::v5));
    const auto back = readPublish(**reader.next(), Version::v5);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->payload, "{}");
    EXPECT_EQ(back->expirySeconds, 60u);
}

TEST(MqttPacket, versionFiveAnswersAreReadAndLiesRefused) {
    const auto packet = [](Type type, std::string body) { return Packet{type, 0, std::move(body), false}; };
    const auto welcome = readConnack(packet(Type::connack, std::string("\x01\x00\x06\x21\x00\x14\x13\x00\x1e", 9)), Version::v5);
    ASSERT_TRUE(welcome);
    EXPECT_TRUE(welcome->sessionPresent);
    EXPECT_EQ(welcome->receiveMaximum, 20);
    EXPECT_EQ(welcome->keepAliveSeconds, 30);
    EXPECT_EQ(readConnack(packet(Type::connack, std::string("\x00\x01", 2)), Version::v5)->reason, 1); // an old broker
    for (const auto& lie : {std::string("\x00\x00", 2), std::string("\x02\x00\x00", 3), std::string("\x00\x00\x05\x21\x00", 5),
                            std::string("\x00\x00\x03\x21\x00\x00", 6), std::string("\x00\x00\x02\x3f\x00", 5),
                            std::string("\x00\x00\x04\x24\x00\x24\x00", 7), std::string("\x00\x00\xff\xff\xff\xff\x01", 7)})
        EXPECT_FALSE(readConnack(packet(Type::connack, lie), Version::v5));
    EXPECT_EQ(*readReasons(packet(Type::suback, std::string("\x00\x01\x00\x01\x87", 5)), Version::v5), (std::vector<int>{1, 0x87}));
    EXPECT_EQ(*readReasons(packet(Type::puback, std::string("\x00\x01", 2)), Version::v5), std::vector<int>{0});
    EXPECT_EQ(*readReasons(packet(Type::disconnect, "\x8e"), Version::v5), std::vector<int>{0x8e});
    EXPECT_EQ(reasonText(0x8e), "session taken over (0x8e)");
    // A topic alias that nobody asked for.
    EXPECT_FALSE(readPublish(packet(Type::publish, std::string("\x00\x01" "a\x03\x23\x00\x01x", 8)), Version::v5));
}
