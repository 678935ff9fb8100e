#pragma once
// A real broker for a test: mosquitto on a free port of loopback, killed at the end.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace matou::support {

/// A port that nobody listened on a moment ago.
inline int freePort() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    return ntohs(address.sin_port);
}

inline bool listening(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool yes = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return yes;
}

class Mosquitto {
public:
    static bool installed() { return ::access(kProgram, X_OK) == 0; }
    Mosquitto() : _port(freePort()) { start(); }
    ~Mosquitto() { kill(); }
    Mosquitto(const Mosquitto&) = delete;
    Mosquitto& operator=(const Mosquitto&) = delete;

    bool start() {
        _child = ::fork();
        if (_child == 0) {
            ::close(0);
            ::execl(kProgram, "mosquitto", "-p", std::to_string(_port).c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        for (int i = 0; i < 200 && !listening(_port); ++i)
            ::usleep(25000);
        return listening(_port);
    }
    void kill() {
        if (_child <= 0) return;
        ::kill(_child, SIGKILL);
        ::waitpid(_child, nullptr, 0);
        _child = -1;
    }
    int port() const { return _port; }
    std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(_port); }

private:
    static constexpr const char* kProgram = "/usr/sbin/mosquitto";
    int _port;
    pid_t _child = -1;
};

} // namespace matou::support
