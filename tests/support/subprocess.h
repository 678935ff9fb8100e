#pragma once
// Built programs as real processes: started, fed with signals, waited for with a limit, their words captured.

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace matou::tests {

struct Finished {
    int status = -1; // exit status; 128 + signal when a signal ended it; -1 when it had to be killed for being late
    std::string out, err;
};

struct Launch {
    std::vector<std::string> command; // [0] is a path, or a name looked for in PATH
    std::map<std::string, std::string> environment; // on top of this process's; an empty value unsets
    std::filesystem::path folder; // working folder; empty: this process's
    std::chrono::seconds limit{60};
};

/// Runs to its end. Output beyond 64 MiB is cut.
Finished run(const Launch& launch);

/// A process that runs beside the test; its output goes to files that may be read while it runs. Ends with the object.
class Running {
public:
    explicit Running(const Launch& launch);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    pid_t pid() const { return _pid; }
    bool alive();
    void signal(int number);
    /// Waits up to `limit`; kills it then.
    Finished wait(std::chrono::seconds limit);
    std::string out() const;
    std::string err() const;

private:
    pid_t _pid = -1;
    bool _ended = false;
    int _status = -1;
    std::filesystem::path _outFile, _errFile;
};

/// `<build>/bin/<name>`: MATOU_BIN, which ctest sets.
std::filesystem::path program(const std::string& name);
/// A fresh folder for one test, removed with the object.
class ScratchFolder {
public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return _path / name; }
    const std::filesystem::path& path() const { return _path; }

private:
    std::filesystem::path _path;
};
/// A TCP port of the loopback that was free a moment ago.
int freePort();
/// Calls `condition` every 50 ms until it is true or `limit` has passed.
template <typename Condition>
bool eventually(std::chrono::milliseconds limit, Condition condition);

void sleepMilliseconds(int milliseconds);

template <typename Condition>
bool eventually(std::chrono::milliseconds limit, Condition condition) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        sleepMilliseconds(50);
    }
    return true;
}

} // namespace matou::tests
