#pragma once
// A program run by a test: arguments, output to a file, signals, exit status.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace matou::support {

/// The folder of the running test program; helpers built for tests lie beside it.
inline std::filesystem::path testFolder() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

class Program {
public:
    /// Output and errors go to `log`.
    Program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
            const std::filesystem::path& log)
        : _log(log) {
        std::vector<char*> values{const_cast<char*>(program.c_str())};
        for (const auto& argument : arguments)
            values.push_back(const_cast<char*>(argument.c_str()));
        values.push_back(nullptr);
        _child = ::fork();
        if (_child == 0) {
            const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
            ::dup2(out, 1);
            ::dup2(out, 2);
            ::execv(program.c_str(), values.data());
            ::_exit(127);
        }
    }
    ~Program() {
        if (_child > 0) end(SIGKILL);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Sends the signal (0: none) and waits; the exit status, or -signal.
    int end(int signal = 0) {
        if (signal) ::kill(_child, signal);
        int status = 0;
        ::waitpid(_child, &status, 0);
        _child = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    pid_t id() const { return _child; }
    std::string output() const {
        std::ifstream file(_log);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

private:
    std::filesystem::path _log;
    pid_t _child = -1;
};

} // namespace matou::support
