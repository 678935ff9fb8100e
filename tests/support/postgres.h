#pragma once
// A real PostgreSQL for a test: a cluster of its own in a folder, reached by a socket there; ended at the end.

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "support/program.h"

namespace matou::support {

class Postgres {
public:
    /// Where Debian keeps the server's programs; empty: not installed.
    static std::filesystem::path programs() {
        std::filesystem::path newest;
        std::error_code code;
        for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", code))
            if (std::filesystem::exists(entry.path() / "bin/initdb", code) && entry.path() > newest)
                newest = entry.path();
        return newest.empty() ? newest : newest / "bin";
    }
    explicit Postgres(const std::filesystem::path& folder) : _folder(folder) {
        std::filesystem::create_directories(folder);
        if (::geteuid() == 0) { // the server refuses to run as root
            for (auto parent = folder; parent != parent.root_path() && parent != "/tmp"; parent = parent.parent_path())
                std::filesystem::permissions(parent,
                                             std::filesystem::perms::others_exec | std::filesystem::perms::others_read,
                                             std::filesystem::perm_options::add);
            run("/bin/chown", {"postgres", folder.string()}, false);
        }
        made = run(programs() / "initdb",
                   {"-D", data(), "-U", "matou", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"}) == 0 &&
               start();
    }
    ~Postgres() { kill(SIGQUIT); }
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    bool start() {
        return run(programs() / "pg_ctl",
                   {"-D", data(), "-w", "-t", "60", "-l", (_folder / "server.log").string(), "-o",
                    "-c listen_addresses='' -c unix_socket_directories=" + _folder.string(), "start"}) == 0;
    }
    /// SIGKILL: as when the machine dies. Returns when it is gone.
    void kill(int signal = SIGKILL) {
        std::ifstream file(data() + "/postmaster.pid");
        pid_t id = 0;
        if (!(file >> id) || id <= 1) return;
        ::kill(id, signal);
        for (int i = 0; i < 500 && ::kill(id, 0) == 0; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    /// The server and all its sessions stand still, as on a machine that hangs; their connections stay.
    void freeze(bool on = true) const {
        std::ifstream file(data() + "/postmaster.pid");
        pid_t first = 0;
        if (!(file >> first) || first <= 1) return;
        ::kill(first, on ? SIGSTOP : SIGCONT);
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            if (std::atoi(entry.path().filename().c_str()) <= 0) continue;
            std::ifstream stat(entry.path() / "stat");
            const std::string text{std::istreambuf_iterator<char>(stat), {}};
            const auto name = text.rfind(") ");
            if (name == std::string::npos || std::atoi(text.c_str() + name + 4) != first) continue;
            ::kill(std::atoi(text.c_str()), on ? SIGSTOP : SIGCONT);
        }
    }
    std::string url() const { return "postgresql://matou@/postgres?host=" + _folder.string(); }
    std::string log() const {
        std::ifstream file(_folder / "programs.log");
        return {std::istreambuf_iterator<char>(file), {}};
    }
    bool made = false;

private:
    std::string data() const { return (_folder / "data").string(); }
    int run(const std::filesystem::path& program, std::vector<std::string> arguments, bool asServer = true) {
        std::filesystem::path first = program;
        if (asServer && ::geteuid() == 0) {
            arguments.insert(arguments.begin(), {"-u", "postgres", "--", program.string()});
            first = "/sbin/runuser";
        }
        Program child(first, arguments, _folder / "programs.log");
        return child.end();
    }
    std::filesystem::path _folder;
};

} // namespace matou::support
