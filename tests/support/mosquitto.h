#pragma once
// A real broker for a test: mosquitto on a free port of loopback, killed at the end.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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
    /// With a configuration (one setting a line; PORT stands for the port), kept in `folder` beside its log.
    Mosquitto(const std::filesystem::path& folder, std::string lines) : _port(freePort()), _folder(folder) {
        const std::string port = std::to_string(_port);
        for (auto at = lines.find("PORT"); at != std::string::npos; at = lines.find("PORT"))
            lines.replace(at, 4, port);
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "mosquitto.conf")
            << "user root\nlog_dest file " << (folder / "mosquitto.log").string() << "\nlog_type all\n"
            << lines << "\n";
        start();
    }
    ~Mosquitto() { kill(); }
    Mosquitto(const Mosquitto&) = delete;
    Mosquitto& operator=(const Mosquitto&) = delete;

    bool start() {
        _child = ::fork();
        if (_child == 0) {
            ::close(0);
            if (!_folder.empty())
                ::execl(kProgram, "mosquitto", "-c", (_folder / "mosquitto.conf").c_str(), static_cast<char*>(nullptr));
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
    void freeze() { ::kill(_child, SIGSTOP); }
    void thaw() { ::kill(_child, SIGCONT); }
    /// Lines of its log that hold `text`.
    std::vector<std::string> logged(const std::string& text) const {
        std::ifstream log(_folder / "mosquitto.log");
        std::vector<std::string> result;
        for (std::string line; std::getline(log, line);)
            if (line.find(text) != std::string::npos) result.push_back(line);
        return result;
    }
    int port() const { return _port; }
    std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(_port); }

private:
    static constexpr const char* kProgram = "/usr/sbin/mosquitto";
    int _port;
    std::filesystem::path _folder;
    pid_t _child = -1;
};

} // namespace matou::support
