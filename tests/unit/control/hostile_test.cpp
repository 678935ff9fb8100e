// Requests as attackers write them: none changes anything, the server goes on.

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include <httplib.h>

#include "control/server.h"
#include "core/file.h"
#include "support/test_data.h"

using namespace matou;

TEST(HostileRequest, changesNothingAndTheServerGoesOn) {
    MATOU_NEEDS_TEST_DATA(root, "hostile");
    auto snapshot = std::make_shared<twin::StateSnapshot>();
    snapshot->registry = std::make_shared<twin::Registry>();
    snapshot->now = core::RealClock().now();
    std::atomic<int> commands{0};
    control::Backend backend;
    backend.snapshot = [&] { return snapshot; };
    backend.now = [] { return core::RealClock().now(); };
    backend.events = [](const history::EventQuery&) -> core::Result<std::vector<history::StoredEvent>> {
        return std::vector<history::StoredEvent>();
    };
    backend.command = [&](command::Command) -> core::Result<void> {
        ++commands;
        return {};
    };
    const auto server = control::Server::start({"127.0.0.1:0", "s3cret-token", {}}, std::move(backend));
    ASSERT_TRUE(server);
    int cases = 0, refused = 0, closed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root / "request")) {
        const auto bytes = core::readTextFile(entry.path());
        ASSERT_TRUE(bytes) << entry.path();
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>((*server)->port()));
        ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        [[maybe_unused]] const auto put = ::send(fd, bytes->data(), bytes->size(), MSG_NOSIGNAL);
        ::shutdown(fd, SHUT_WR);
        std::string answer;
        char buffer[4096];
        pollfd waiting{fd, POLLIN, 0};
        while (::poll(&waiting, 1, 2000) == 1) {
            const auto got = ::recv(fd, buffer, sizeof buffer, 0);
            if (got <= 0) break;
            answer.append(buffer, static_cast<std::size_t>(got));
        }
        ::close(fd);
        ++cases;
        if (answer.empty())
            ++closed;
        else if (answer.size() > 12 && answer[9] == '4')
            ++refused;
        EXPECT_FALSE(answer.starts_with("HTTP/1.1 2") && bytes->starts_with("POST")) << entry.path() << "\n" << answer;
    }
    EXPECT_GE(cases, 10);
    EXPECT_EQ(commands.load(), 0);
    httplib::Client client("127.0.0.1", (*server)->port());
    const auto alive = client.Get("/healthz");
    ASSERT_TRUE(alive);
    EXPECT_EQ(alive->status, 200);
    std::printf("%d hostile requests: %d refused, %d closed, 0 commands\n", cases, refused, closed);
}
