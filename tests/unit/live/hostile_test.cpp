// What a lying broker and broken devices send: nothing of it may do more than be counted.

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

#include "core/file.h"
#include "live/decode.h"
#include "live/mqtt_client.h"
#include "support/hostile_manifest.h"
#include "support/test_data.h"

using namespace matou;
using namespace matou::live;

TEST(Hostile, payloadsThatMustBeRefusedAre) {
    MATOU_NEEDS_TEST_DATA(root, "hostile");
    const auto cases = tests::hostileExpectations(root, "mqtt_payload");
    ASSERT_GT(cases.size(), 20u);
    for (const auto& [path, expect] : cases) {
        const auto bytes = core::readTextFile(root / path);
        ASSERT_TRUE(bytes) << path;
        for (const char* topic : {"matou/v1/tiny/obs/S", "matou/v1/tiny/event/S", "matou/v1/tiny/project/S"}) {
            Message message;
            message.topic = topic;
            message.payload = *bytes;
            const auto result = decode(message, "tiny", "mqtt");
            if (expect == "reject") {
                EXPECT_FALSE(result) << path << " on " << topic;
            }
            if (!result) {
                EXPECT_TRUE(result.error().where.starts_with("topic ")) << path;
            }
        }
    }
}

namespace {

void sendEverything(const char* version, const std::string& connack) {
    MATOU_NEEDS_TEST_DATA(root, "hostile");
    const auto cases = tests::hostileExpectations(root, "mqtt");
    ASSERT_GT(cases.size(), 600u);

    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 16), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);

    std::atomic<int> messages{0}, connections{0}, broken{0};
    mqtt::ClientOptions options;
    options.address.host = "127.0.0.1";
    options.address.port = ntohs(address.sin_port);
    options.address.version = version;
    options.clientId = "victim";
    options.subscriptions = {{"#", 1}};
    options.firstWait = options.lastWait = core::Duration(1);
    mqtt::ClientCallbacks callbacks;
    callbacks.message = [&](mqtt::Received received) {
        EXPECT_TRUE(mqtt::isUtf8(received.publish.topic));
        // Control characters in a topic may be taken (1.5.4 leaves it open): the decoder refuses them as ids.
        const auto& topic = received.publish.topic;
        if (std::none_of(topic.begin(), topic.end(), [](unsigned char c) { return c < 0x20; })) ++messages;
        return true;
    };
    callbacks.state = [&](bool connected, const core::Error* error) {
        if (connected)
            ++connections;
        else if (error && error->code == "E_MQTT_PROTOCOL")
            ++broken;
    };
    const auto client = std::make_unique<mqtt::Client>(options, callbacks);
    // What became of the last case is known when the client is back.
    std::string last;
    std::vector<std::string> takenThough;
    int brokenBefore = 0, messagesBefore = 0;
    const auto judge = [&] {
        const bool ofThisVersion = last.find(std::string(version) == "5" ? "-v5-" : "-v4-") != std::string::npos;
        if (ofThisVersion && cases.at(last) == "reject" && broken == brokenBefore && messages > messagesBefore) takenThough.push_back(last);
        brokenBefore = broken;
        messagesBefore = messages;
    };
    for (const auto& [path, expect] : cases) {
        const auto bytes = core::readTextFile(root / path);
        ASSERT_TRUE(bytes) << path;
        pollfd waiting{listener, POLLIN, 0};
        ASSERT_EQ(::poll(&waiting, 1, 10000), 1) << "the client gave up before " << path;
        const int peer = ::accept(listener, nullptr, nullptr);
        judge();
        last = path;
        char buffer[4096];
        [[maybe_unused]] auto got = ::recv(peer, buffer, sizeof buffer, 0); // CONNECT
        const std::string reply = connack + *bytes;
        [[maybe_unused]] const auto put = ::send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
        ::shutdown(peer, SHUT_WR);
        // Until the client has seen the end.
        pollfd open{peer, POLLIN, 0};
        while (::poll(&open, 1, 2000) == 1 && ::recv(peer, buffer, sizeof buffer, 0) > 0) {
        }
        ::close(peer);
    }
    pollfd waiting{listener, POLLIN, 0};
    EXPECT_EQ(::poll(&waiting, 1, 10000), 1);
    judge();
    ::close(listener);
    EXPECT_TRUE(takenThough.empty()) << [&] {
        std::string all = "must be refused and gave a message:";
        for (const auto& path : takenThough)
            all += " " + path;
        return all;
    }();
    EXPECT_EQ(connections.load(), static_cast<int>(cases.size()));
    EXPECT_GT(broken.load(), 100);
    std::printf("MQTT %s: %zu connections, %d broken by the protocol, %d messages taken\n", version, cases.size(),
                broken.load(), messages.load());
}

} // namespace

TEST(Hostile, aBrokerThatSendsAnythingAfterItsConnackIsLeftAndTriedAgain) {
    sendEverything("3.1.1", std::string("\x20\x02\x00\x00", 4));
}

TEST(Hostile, soIsOneOfVersionFive) {
    sendEverything("5", std::string("\x20\x03\x00\x00\x00", 5));
}
