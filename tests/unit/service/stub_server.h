#pragma once
// An HTTP server that a test feeds with answers.

#include <functional>
#include <thread>

#include <httplib.h>

namespace matou::tests {

class StubServer {
public:
    using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;
    explicit StubServer(Handler handler) {
        server.Get(".*", std::move(handler));
        port = server.bind_to_any_port("127.0.0.1");
        thread = std::thread([this] { server.listen_after_bind(); });
        while (!server.is_running()) std::this_thread::yield();
    }
    ~StubServer() {
        server.stop();
        thread.join();
    }
    std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port) + path; }
    httplib::Server server;
    std::thread thread;
    int port = 0;
};

} // namespace matou::tests
