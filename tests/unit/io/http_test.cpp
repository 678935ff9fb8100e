// The client against a server on loopback that answers well and badly.
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include <arpa/inet.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "io/byte_source.h"

using namespace matou;
using namespace std::chrono_literals;

namespace {

class Http : public testing::Test {
protected:
    void SetUp() override {
        ::unsetenv("http_proxy");
        server.Get("/ok", [this](const httplib::Request& request, httplib::Response& response) {
            connections.insert(request.remote_port);
            response.set_content("hello", "application/octet-stream");
        });
        server.Get("/flaky", [this](const httplib::Request&, httplib::Response& response) {
            if (++flaky < 3) {
                response.status = 503;
                response.set_header("Retry-After", "0");
                return;
            }
            response.set_content("at last", "text/plain");
        });
        server.Get("/busy", [this](const httplib::Request&, httplib::Response& response) {
            ++busy;
            response.status = 429;
        });
        server.Get("/gone", [this](const httplib::Request&, httplib::Response& response) {
            ++gone;
            response.status = 404;
        });
        server.Get("/away", [](const httplib::Request&, httplib::Response& response) { response.set_redirect("/ok"); });
        server.Get("/other", [](const httplib::Request&, httplib::Response& response) { response.set_redirect("http://localhost.invalid/ok"); });
        server.Get("/round", [this](const httplib::Request&, httplib::Response& response) {
            ++round;
            response.set_redirect("/round");
        });
        server.Get("/file", [](const httplib::Request&, httplib::Response& response) { response.set_redirect("file:///etc/passwd"); });
        server.Get("/big", [](const httplib::Request&, httplib::Response& response) { response.set_content(std::string(100000, 'x'), "application/octet-stream"); });
        server.Get("/slow", [](const httplib::Request&, httplib::Response& response) {
            response.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) {
                std::this_thread::sleep_for(200ms);
                return sink.write("x", 1);
            });
        });
        port = server.bind_to_any_port("127.0.0.1");
        lane = std::thread([this] { server.listen_after_bind(); });
        while (!server.is_running()) std::this_thread::sleep_for(1ms);
    }
    void TearDown() override {
        server.stop();
        lane.join();
    }
    io::Location at(const std::string& path, int atPort = 0) const {
        return *io::locationFrom("http://127.0.0.1:" + std::to_string(atPort ? atPort : port) + path);
    }
    static std::string text(const core::Result<io::Bytes>& bytes) {
        if (!bytes) return bytes.error().code;
        return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    }

    httplib::Server server;
    std::thread lane;
    int port = 0;
    std::atomic<int> flaky{0}, busy{0}, gone{0}, round{0};
    std::set<int> connections;
};

/// Serves one fixed answer per connection, byte for byte, then closes.
class DumbServer {
public:
    explicit DumbServer(std::string answer) : _answer(std::move(answer)) {
        _socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(_socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
        socklen_t length = sizeof address;
        ::getsockname(_socket, reinterpret_cast<sockaddr*>(&address), &length);
        port = ntohs(address.sin_port);
        ::listen(_socket, 8);
        _lane = std::thread([this] {
            while (true) {
                const int client = ::accept(_socket, nullptr, nullptr);
                if (client < 0) return;
                char request[4096];
                if (::recv(client, request, sizeof request, 0) > 0) ::send(client, _answer.data(), _answer.size(), MSG_NOSIGNAL);
                ++served;
                ::shutdown(client, SHUT_WR);
                ::close(client);
            }
        });
    }
    ~DumbServer() {
        ::shutdown(_socket, SHUT_RDWR);
        ::close(_socket);
        _lane.join();
    }
    int port = 0;
    std::atomic<int> served{0};

private:
    int _socket;
    std::string _answer;
    std::thread _lane;
};

} // namespace

TEST_F(Http, readsAndKeepsItsConnection) {
    io::NetworkByteSource source;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(text(io::readNow(source, at("/ok"))), "hello");
    EXPECT_EQ(connections.size(), 1u);
    EXPECT_EQ(source.stats().bytesDownloaded, 25u);
    EXPECT_EQ(source.stats().inFlight, 0u);
}

TEST_F(Http, asksAgainWhereItMayPass) {
    io::Limits limits;
    limits.attempts = 4;
    io::NetworkByteSource source(limits);
    EXPECT_EQ(text(io::readNow(source, at("/flaky"))), "at last");
    EXPECT_EQ(flaky, 3);
    EXPECT_EQ(text(io::readNow(source, at("/busy"))), "E_HTTP_STATUS");
    EXPECT_EQ(busy, 4);
}

TEST_F(Http, asksOnceWhereItWillNotPass) {
    io::NetworkByteSource source;
    const auto answer = io::readNow(source, at("/gone"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "E_HTTP_STATUS");
    EXPECT_EQ(answer.error().arguments[0], "404");
    EXPECT_EQ(answer.error().where, at("/gone").text());
    EXPECT_EQ(gone, 1);
}

TEST_F(Http, followsRedirectsOnTheSameServerOnly) {
    io::NetworkByteSource source;
    EXPECT_EQ(text(io::readNow(source, at("/away"))), "hello");
    EXPECT_EQ(text(io::readNow(source, at("/other"))), "E_HTTP_REDIRECT");
    EXPECT_EQ(text(io::readNow(source, at("/file"))), "E_HTTP_REDIRECT");
    EXPECT_EQ(text(io::readNow(source, at("/round"))), "E_HTTP_REDIRECT");
    EXPECT_EQ(round, 6);
}

TEST_F(Http, refusesBodiesOverTheLimit) {
    io::Limits limits;
    limits.bodyBytes = 50000;
    io::NetworkByteSource source(limits);
    EXPECT_EQ(text(io::readNow(source, at("/big"))), "E_HTTP_BODY_LIMIT");
    EXPECT_EQ(text(io::readNow(source, at("/ok"))), "hello"); // the lane goes on
}

TEST_F(Http, saysThatABodyWasCut) {
    DumbServer cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    io::Limits limits;
    limits.attempts = 2;
    io::NetworkByteSource source(limits);
    EXPECT_EQ(text(io::readNow(source, at("/x", cut.port))), "E_HTTP_CUT");
    EXPECT_EQ(cut.served, 2);
}

TEST_F(Http, givesUpOnSlowAnswers) {
    io::Limits limits;
    limits.stallSeconds = 1;
    limits.attempts = 1;
    io::NetworkByteSource source(limits);
    EXPECT_EQ(text(io::readNow(source, at("/slow"))), "E_HTTP_STALL");
}

TEST_F(Http, saysThatNobodyAnswers) {
    io::Limits limits;
    limits.attempts = 1;
    io::NetworkByteSource source(limits);
    EXPECT_EQ(text(io::readNow(source, at("/x", 1))), "E_HTTP_CONNECT");
}

TEST_F(Http, aCancelledRequestNeverAnswers) {
    io::NetworkByteSource source;
    std::atomic<bool> answered = false;
    const auto id = source.request(at("/slow"), 0, [&](core::Result<io::Bytes>) { answered = true; });
    std::this_thread::sleep_for(100ms);
    source.cancel(id);
    EXPECT_EQ(source.stats().inFlight, 0u);
    EXPECT_EQ(text(io::readNow(source, at("/ok"))), "hello");
    EXPECT_FALSE(answered);
}
