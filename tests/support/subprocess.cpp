#include "support/subprocess.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matou::tests {
namespace {

std::string readFile(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    constexpr std::size_t kLimit = std::size_t{64} << 20;
    if (text.size() > kLimit) text.resize(kLimit);
    return text;
}

std::filesystem::path temporaryFile() {
    std::string name = (std::filesystem::temp_directory_path() / "matou-out-XXXXXX").string();
    const int fd = mkstemp(name.data());
    if (fd < 0) throw std::runtime_error("no temporary file: " + std::string(std::strerror(errno)));
    close(fd);
    return name;
}

} // namespace

Running::Running(const Launch& launch) : _outFile(temporaryFile()), _errFile(temporaryFile()) {
    std::vector<std::string> words = launch.command;
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    _pid = fork();
    if (_pid < 0) throw std::runtime_error("fork failed");
    if (_pid == 0) {
        setpgid(0, 0); // so that children it started end with it
        const int in = open("/dev/null", O_RDONLY);
        const int out = open(_outFile.c_str(), O_WRONLY | O_TRUNC);
        const int err = open(_errFile.c_str(), O_WRONLY | O_TRUNC);
        dup2(in, 0);
        dup2(out, 1);
        dup2(err, 2);
        if (!launch.folder.empty() && chdir(launch.folder.c_str()) != 0) _exit(126);
        unsetenv("GTEST_OUTPUT");
        for (const auto& [name, value] : launch.environment) {
            if (value.empty()) unsetenv(name.c_str());
            else setenv(name.c_str(), value.c_str(), 1);
        }
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
}

Running::~Running() {
    if (!_ended) wait(std::chrono::seconds(0));
    std::error_code ignored;
    std::filesystem::remove(_outFile, ignored);
    std::filesystem::remove(_errFile, ignored);
}

bool Running::alive() {
    if (_ended) return false;
    int status = 0;
    if (waitpid(_pid, &status, WNOHANG) != _pid) return true;
    _ended = true;
    _status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return false;
}

void Running::signal(int number) {
    if (!_ended) kill(_pid, number);
}

Finished Running::wait(std::chrono::seconds limit) {
    if (!eventually(limit, [this] { return !alive(); })) {
        kill(-_pid, SIGKILL);
        kill(_pid, SIGKILL);
        waitpid(_pid, nullptr, 0);
        _ended = true;
        _status = -1;
    }
    return {_status, out(), err()};
}

std::string Running::out() const { return readFile(_outFile); }
std::string Running::err() const { return readFile(_errFile); }

Finished run(const Launch& launch) {
    Running running(launch);
    return running.wait(launch.limit);
}

std::filesystem::path program(const std::string& name) {
    const char* folder = std::getenv("MATOU_BIN");
    return std::filesystem::path(folder ? folder : "bin") / name;
}

ScratchFolder::ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "matou-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    _path = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(_path, ignored);
}

int freePort() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    int port = 0;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0)
        port = ntohs(address.sin_port);
    close(fd);
    return port;
}

void sleepMilliseconds(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

} // namespace matou::tests
