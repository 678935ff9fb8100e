#pragma once
// tile_server.py as a child of a test: serves one folder's files by http, with faults or late where the address says
// so.

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace matou::test {

/// The server as a child; its port is its first line. 0: python3 is missing.
class TileServer {
public:
    /// `seconds`: how long a fault lasts.
    explicit TileServer(const std::filesystem::path& folder, double seconds = 0) {
        const auto command = "exec python3 '" + std::string(MATOU_SOURCE_DIR) + "/tests/support/tile_server.py' '" +
                             folder.string() + "' " + std::to_string(seconds) + " & echo $!; wait";
        _pipe = ::popen(command.c_str(), "r");
        if (!_pipe || std::fscanf(_pipe, "%d %d", &_process, &port) != 2) port = 0;
        ::unsetenv("http_proxy");
    }
    ~TileServer() {
        if (_process > 0) ::kill(_process, SIGTERM);
        if (_pipe) ::pclose(_pipe);
    }
    TileServer(const TileServer&) = delete;
    TileServer& operator=(const TileServer&) = delete;
    /// `mode`: none, late (50 ms), or a fault.
    std::string url(const std::string& mode, const std::string& file) const {
        return "http://127.0.0.1:" + std::to_string(port) + "/" + mode + "/" + file;
    }
    int port = 0;

private:
    std::FILE* _pipe = nullptr;
    int _process = 0;
};

} // namespace matou::test
