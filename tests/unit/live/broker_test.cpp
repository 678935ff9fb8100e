// The MQTT client with a real broker: TLS and its refusals, versions, expiry, presence, shared subscriptions.

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "live/mqtt_client.h"
#include "support/certificates.h"
#include "support/mosquitto.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace matou::live::mqtt;
using namespace std::chrono_literals;
using support::Certificate;

namespace {

template <typename Condition>
bool eventually(std::chrono::steady_clock::duration patience, Condition condition) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

/// A client that keeps what it is told.
struct Listener {
    Listener(const std::string& url, const std::string& id, std::vector<Subscription> subscriptions = {}, bool persistent = false) {
        ClientOptions options;
        const auto address = parseAddress(url);
        EXPECT_TRUE(address) << url;
        options.address = *address;
        options.clientId = id;
        options.cleanSession = !persistent;
        options.subscriptions = std::move(subscriptions);
        options.firstWait = options.lastWait = core::Duration(100);
        presence(options);
        ClientCallbacks callbacks;
        callbacks.message = [this](Received received) {
            const std::lock_guard lock(mutex);
            if (received.token) tokens.push_back(received.token);
            messages.push_back(std::move(received.publish));
            return true;
        };
        callbacks.state = [this](bool, const core::Error* error) {
            const std::lock_guard lock(mutex);
            if (error) errors[error->code + ": " + (error->arguments.empty() ? "" : error->arguments[0])]++;
        };
        client = std::make_unique<Client>(std::move(options), std::move(callbacks));
    }
    static inline std::string presenceTopic;
    static void presence(ClientOptions& options) { options.presenceTopic = presenceTopic; }
    std::size_t count() {
        const std::lock_guard lock(mutex);
        return messages.size();
    }
    std::string trouble() {
        const std::lock_guard lock(mutex);
        std::string all;
        for (const auto& [error, times] : errors)
            all += error + "; ";
        return all;
    }
    std::mutex mutex;
    std::vector<Publish> messages;
    std::vector<std::uint64_t> tokens;
    std::map<std::string, int> errors;
    std::unique_ptr<Client> client;
};

class LiveBroker : public testing::Test {
protected:
    void SetUp() override {
        if (!support::Mosquitto::installed()) GTEST_SKIP() << "not run: mosquitto is not installed";
    }
    support::TemporaryFolder folder{"live-broker"};
};

/// Bytes to the broker and what it says within a moment.
std::string raw(int port, const std::string& bytes, bool stay = false) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    [[maybe_unused]] const auto put = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    std::this_thread::sleep_for(200ms);
    char buffer[4096];
    const auto got = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (!stay) {
        // Without a DISCONNECT: the broker publishes the will.
        linger abrupt{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
    }
    ::close(fd);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : "";
}

} // namespace

TEST_F(LiveBroker, aTlsBrokerThatCannotProveWhoItIsGetsNoConnection) {
    const auto path = [&](const char* name) { return (folder.path / name).string(); };
    const Certificate authority("Test CA", nullptr, "", true), stranger("Other CA", nullptr, "", true);
    const std::string here = "IP:127.0.0.1,DNS:localhost";
    const Certificate good("broker", &authority, here), expired("broker", &authority, here, false, -10, -1),
        early("broker", &authority, here, false, 1, 10), elsewhere("broker", &authority, "IP:127.0.0.2,DNS:broker.example"),
        own("broker", nullptr, here), foreign("broker", &stranger, here), revoked("broker", &authority, here);
    authority.write(path("ca.pem"), path("ca.key"));
    authority.writeRevoked(path("crl.pem"), &revoked);

    struct Case {
        const char* name;
        const Certificate* certificate;
        const char* said; // null: it connects
    };
    const Case cases[] = {{"good", &good, nullptr},
                          {"expired", &expired, "expired"},
                          {"not yet valid", &early, "not yet valid"},
                          {"wrong host", &elsewhere, "mismatch"},
                          {"self-signed", &own, "self"},
                          {"of another authority", &foreign, "unable to get"},
                          {"revoked", &revoked, "revoked"}};
    int refused = 0;
    for (const auto& c : cases) {
        const auto at = folder.path / ("broker-" + std::to_string(&c - cases));
        std::filesystem::create_directories(at);
        c.certificate->write(at / "cert.pem", at / "key.pem");
        support::Mosquitto broker(at, "listener PORT 127.0.0.1\nallow_anonymous true\ncafile " + path("ca.pem") + "\ncertfile " +
                                          (at / "cert.pem").string() + "\nkeyfile " + (at / "key.pem").string());
        Listener listener("mqtts://127.0.0.1:" + std::to_string(broker.port()) + "?ca=" + path("ca.pem") + "&crl=" + path("crl.pem"),
                          "tls");
        if (!c.said) {
            EXPECT_TRUE(eventually(10s, [&] { return listener.client->connected(); })) << listener.trouble();
            continue;
        }
        EXPECT_TRUE(eventually(10s, [&] { return !listener.trouble().empty(); })) << c.name;
        std::this_thread::sleep_for(300ms); // and it tries on
        EXPECT_FALSE(listener.client->connected()) << c.name;
        EXPECT_NE(listener.trouble().find(c.said), std::string::npos) << c.name << ": " << listener.trouble();
        EXPECT_TRUE(broker.logged("New client connected").empty()) << c.name;
        std::printf("%-20s 0 connections: %s\n", c.name, listener.trouble().c_str());
        ++refused;
    }
    EXPECT_EQ(refused, 6);
}

TEST_F(LiveBroker, olderThanTls12IsNotSpoken) {
    const Certificate authority("Test CA", nullptr, "", true), good("broker", &authority, "IP:127.0.0.1");
    authority.write(folder.path / "ca.pem", folder.path / "ca.key");
    good.write(folder.path / "cert.pem", folder.path / "key.pem");
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
    ASSERT_EQ(SSL_CTX_use_certificate_file(context.get(), (folder.path / "cert.pem").c_str(), SSL_FILETYPE_PEM), 1);
    ASSERT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), (folder.path / "key.pem").c_str(), SSL_FILETYPE_PEM), 1);
    const int port = support::freePort(), listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener, 4), 0);
    Listener client("mqtts://127.0.0.1:" + std::to_string(port) + "?ca=" + (folder.path / "ca.pem").string(), "old");
    const int peer = ::accept(listener, nullptr, nullptr);
    const std::unique_ptr<SSL, decltype(&SSL_free)> connection(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(connection.get(), peer);
    EXPECT_NE(SSL_accept(connection.get()), 1);
    EXPECT_TRUE(eventually(5s, [&] { return !client.trouble().empty(); }));
    EXPECT_FALSE(client.client->connected());
    EXPECT_NE(client.trouble().find("E_MQTT_TLS"), std::string::npos) << client.trouble();
    ::close(peer);
    ::close(listener);
}

TEST_F(LiveBroker, aBrokerThatWantsACertificateGetsOurs) {
    const auto path = [&](const char* name) { return (folder.path / name).string(); };
    const Certificate authority("Test CA", nullptr, "", true);
    const Certificate server("broker", &authority, "DNS:localhost,IP:127.0.0.1"), client("matou", &authority, "");
    authority.write(path("ca.pem"), path("ca.key"));
    server.write(path("cert.pem"), path("key.pem"));
    client.write(path("client.pem"), path("client.key"));
    support::Mosquitto broker(folder.path / "b", "listener PORT 127.0.0.1\nallow_anonymous true\nrequire_certificate true\ncafile " +
                                                     path("ca.pem") + "\ncertfile " + path("cert.pem") + "\nkeyfile " + path("key.pem"));
    const std::string url = "mqtts://localhost:" + std::to_string(broker.port()) + "?ca=" + path("ca.pem");
    Listener without(url, "without");
    EXPECT_TRUE(eventually(5s, [&] { return !without.trouble().empty(); }));
    EXPECT_FALSE(without.client->connected());
    Listener with(url + "&cert=" + path("client.pem") + "&key=" + path("client.key"), "with", {{"t/#", 1}});
    ASSERT_TRUE(eventually(5s, [&] { return with.client->connected(); })) << with.trouble();
    // A megabyte both ways, so that TLS records, partial writes and the reader meet.
    with.client->publish("t/a", std::string(1 << 20, 'x'), 1);
    EXPECT_TRUE(eventually(5s, [&] { return with.count() == 1; }));
    EXPECT_EQ(with.messages.at(0).payload.size(), std::size_t{1} << 20);
    EXPECT_FALSE(Listener(url + "&cert=" + path("nowhere.pem"), "x").client->connected());
}

TEST_F(LiveBroker, speaksFiveAndWhereItMustThreeOneOne) {
    support::Mosquitto broker(folder.path / "b", "listener PORT 127.0.0.1\nallow_anonymous true");
    Listener five(broker.url(), "five", {{"t/#", 1}}, true), three(broker.url() + "?version=3.1.1", "three");
    ASSERT_TRUE(eventually(5s, [&] { return five.client->connected() && three.client->connected(); }));
    EXPECT_EQ(broker.logged("as five (p5, c0, k10)").size(), 1u);
    EXPECT_EQ(broker.logged("as three (p2, c1, k10)").size(), 1u);
    // More at a time than the broker's receive maximum (20): none is refused.
    for (int i = 0; i < 500; ++i)
        ASSERT_TRUE(three.client->publish("t/a", std::to_string(i), 1));
    for (int i = 0; i < 500; ++i)
        ASSERT_TRUE(five.client->publish("t/b", std::to_string(i), 1));
    EXPECT_TRUE(eventually(10s, [&] { return three.client->unconfirmed() + five.client->unconfirmed() == 0; }));
    EXPECT_TRUE(eventually(5s, [&] { return five.count() == 1000; })) << five.count(); // unacknowledged, below our maximum
    // What life is left comes with the message.
    Connect connect;
    connect.clientId = "raw";
    connect.clean = true;
    raw(broker.port(), connectPacket(connect, Version::v5) + publishPacket({"t/c", "x", 0, 0, false, false, 0, 60}, Version::v5));
    ASSERT_TRUE(eventually(5s, [&] { return five.count() == 1001; }));
    ASSERT_TRUE(five.messages.back().expirySeconds);
    EXPECT_NEAR(*five.messages.back().expirySeconds, 60, 2);
}

TEST_F(LiveBroker, aBrokerThatDoesNotKnowFiveIsMetInThreeOneOne) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 4), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    Listener client("mqtt://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "c");
    std::vector<int> levels;
    int peer = -1;
    for (int i = 0; i < 2; ++i) {
        if (peer >= 0) ::close(peer);
        peer = ::accept(listener, nullptr, nullptr);
        char buffer[512];
        const auto got = ::recv(peer, buffer, sizeof buffer, 0);
        ASSERT_GT(got, 9);
        levels.push_back(buffer[8]);
        const std::string answer(buffer[8] == 5 ? "\x20\x02\x00\x01" : "\x20\x02\x00\x00", 4);
        ASSERT_EQ(::send(peer, answer.data(), 4, MSG_NOSIGNAL), 4);
    }
    EXPECT_EQ(levels, (std::vector<int>{5, 4}));
    EXPECT_TRUE(eventually(5s, [&] { return client.client->connected(); }));
    EXPECT_EQ(client.trouble(), ""); // nothing that anybody must know
    ::close(peer);
    ::close(listener);
}

TEST_F(LiveBroker, saysWhenItIsThereAndTheBrokerWhenItIsNot) {
    support::Mosquitto broker(folder.path / "b", "listener PORT 127.0.0.1\nallow_anonymous true");
    Listener watcher(broker.url(), "watcher", {{"matou/v1/tiny/$state/#", 1}});
    ASSERT_TRUE(eventually(5s, [&] { return watcher.client->connected(); }));
    std::this_thread::sleep_for(100ms);
    Listener::presenceTopic = "matou/v1/tiny/$state/a";
    auto present = std::make_unique<Listener>(broker.url(), "a");
    Listener::presenceTopic.clear();
    ASSERT_TRUE(eventually(5s, [&] { return watcher.count() == 1; }));
    EXPECT_TRUE(watcher.messages[0].payload.starts_with("{\"online\":true,\"ts\":"));
    present.reset();
    ASSERT_TRUE(eventually(5s, [&] { return watcher.count() == 2; }));
    EXPECT_TRUE(watcher.messages[1].payload.starts_with("{\"online\":false,\"ts\":"));
    Connect connect;
    connect.clientId = "b";
    connect.clean = true;
    connect.will = Publish{"matou/v1/tiny/$state/b", "{\"online\":false}", 0, 1, false, true, 0, {}};
    raw(broker.port(), connectPacket(connect));
    ASSERT_TRUE(eventually(5s, [&] { return watcher.count() == 3; }));
    EXPECT_EQ(watcher.messages[2].payload, "{\"online\":false}");
}

TEST_F(LiveBroker, aSharedSubscriptionGivesEachMessageToOneOfTheGroup) {
    support::Mosquitto broker(folder.path / "b", "listener PORT 127.0.0.1\nallow_anonymous true");
    Listener one(broker.url(), "one", {{"$share/g/t/#", 0}}), two(broker.url(), "two", {{"$share/g/t/#", 0}}),
        sender(broker.url(), "sender");
    ASSERT_TRUE(eventually(5s, [&] { return one.client->connected() && two.client->connected() && sender.client->connected(); }));
    std::this_thread::sleep_for(200ms);
    for (int i = 0; i < 200; ++i)
        sender.client->publish("t/a", std::to_string(i), 1);
    EXPECT_TRUE(eventually(5s, [&] { return one.count() + two.count() == 200; })) << one.count() << " " << two.count();
    EXPECT_GT(one.count(), 50u);
    EXPECT_GT(two.count(), 50u);
}
