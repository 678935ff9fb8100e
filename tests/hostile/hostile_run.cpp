#include "hostile/hostile_run.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/hostile_manifest.h"

namespace matou::tests {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
// The hostile set's own limits: 2 s in a release build, 20 s under sanitizers; 512 MB above the idle program (shadow memory and the
// quarantine of a sanitizer are not the program's, so there only the death of the process counts).
constexpr double kSecondsMost = kSanitized ? 20 : 2;
constexpr std::uint64_t kBytesMost = kSanitized ? UINT64_MAX : std::uint64_t{512} << 20;
constexpr auto kLate = std::chrono::seconds(60);

std::uint64_t statusKib(const char* field) {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line))
        if (line.starts_with(field)) return std::strtoull(line.c_str() + std::strlen(field), nullptr, 10);
    return 0;
}
void forgetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }
double processorSeconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// `FILE:byte N`, `FILE#/pointer`, or `FILE:LINE:COL`, with a file that is named.
bool located(const core::Error& error) {
    if (error.where.find('/') == std::string::npos) return false;
    if (error.where.find(":byte ") != std::string::npos || error.where.find('#') != std::string::npos) return true; // a bare # is the whole document
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto last = error.where.rfind(':');
    if (last == std::string::npos || last + 1 == error.where.size() || !digit(error.where.back())) return false;
    const auto before = error.where.rfind(':', last - 1);
    return before != std::string::npos && digit(error.where[before + 1]);
}

std::string oneLine(std::string text) {
    for (auto& c : text)
        if (c == '\n' || c == '\t' || c == '\r') c = ' ';
    return text.empty() ? "-" : text;
}

/// In the child: one line per case, as soon as it is done.
void work(int pipe, const std::filesystem::path& folder, const std::vector<HostileCase>& cases, std::size_t first, std::size_t last, const HostileCheck& check) {
    const auto idle = statusKib("VmRSS:");
    for (std::size_t i = first; i < last; ++i) {
        forgetPeak();
        const auto start = processorSeconds();
        const auto problems = check(folder / cases[i].path);
        const auto seconds = processorSeconds() - start;
        const auto peak = statusKib("VmHWM:");
        std::string unlocated;
        for (const auto& problem : problems)
            if (unlocated.empty() && !located(problem)) unlocated = problem.code + " at " + problem.where;
        std::ostringstream line;
        line << i << '\t' << seconds << '\t' << (peak > idle ? peak - idle : 0) << '\t' << (problems.empty() ? "-" : oneLine(problems[0].code)) << '\t'
             << (problems.empty() ? "-" : oneLine(problems[0].where)) << '\t' << oneLine(unlocated) << '\n';
        const auto text = line.str();
        if (write(pipe, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(3);
    }
}

void takeLine(const std::string& text, std::vector<HostileOutcome>& outcomes) {
    std::istringstream columns(text);
    std::size_t index = 0;
    std::uint64_t kib = 0;
    HostileOutcome outcome;
    columns >> index >> outcome.seconds >> kib;
    columns.get();
    std::getline(columns, outcome.code, '\t');
    std::getline(columns, outcome.where, '\t');
    std::getline(columns, outcome.unlocated, '\t');
    for (auto* word : {&outcome.code, &outcome.where, &outcome.unlocated})
        if (*word == "-") word->clear();
    outcome.peakBytes = kib << 10;
    outcome.finished = true;
    if (index < outcomes.size()) outcomes[index] = outcome;
}

/// Cases first..last in one child; what kept it from finishing, empty where all went well.
std::string runBatch(const std::filesystem::path& folder, const std::vector<HostileCase>& cases, std::size_t first, std::size_t last, const HostileCheck& check,
                     std::vector<HostileOutcome>& outcomes) {
    int ends[2];
    if (pipe(ends) != 0) return "no pipe";
    std::cout.flush();
    const pid_t child = fork();
    if (child < 0) return "no process";
    if (child == 0) {
        close(ends[0]);
        work(ends[1], folder, cases, first, last, check);
        std::exit(0); // not _exit: a leak that a sanitizer finds makes the status 1 or 23
    }
    close(ends[1]);
    std::string text, death;
    while (true) {
        pollfd waiting{ends[0], POLLIN, 0};
        const int ready = poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kLate).count()));
        if (ready <= 0) {
            kill(child, SIGKILL);
            death = "late";
            break;
        }
        char bytes[65536];
        const auto got = read(ends[0], bytes, sizeof bytes);
        if (got <= 0) break;
        text.append(bytes, static_cast<std::size_t>(got));
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            takeLine(text.substr(0, end), outcomes);
            text.erase(0, end + 1);
        }
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (!death.empty()) return death;
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? "" : "exit " + std::to_string(WEXITSTATUS(status));
}

} // namespace

std::vector<HostileCase> hostileCases(const std::filesystem::path& folder, const std::string& kind) {
    const char* tenth = std::getenv("MATOU_HOSTILE_TENTH");
    const std::string seed = tenth && *tenth ? tenth : "";
    std::vector<HostileCase> cases;
    for (const auto& [path, expect] : tests::hostileExpectations(folder, kind))
        if (expect != "dependency") cases.push_back({path, expect});
    if (seed.empty()) return cases;
    // A tenth of every kind, at least one of it: those that the seed puts first, in the order of their paths.
    std::vector<std::pair<std::size_t, std::size_t>> order;
    for (std::size_t i = 0; i < cases.size(); ++i) order.emplace_back(std::hash<std::string>{}(seed + cases[i].path), i);
    std::sort(order.begin(), order.end());
    order.resize((order.size() + 9) / 10);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    std::vector<HostileCase> chosen;
    for (const auto& [hash, i] : order) chosen.push_back(cases[i]);
    return chosen;
}

std::vector<HostileOutcome> runHostile(const std::filesystem::path& folder, const std::vector<HostileCase>& cases, const HostileCheck& check) {
    std::vector<HostileOutcome> outcomes(cases.size());
    if (runBatch(folder, cases, 0, cases.size(), check, outcomes).empty()) return outcomes;
    // Somebody in there is guilty; those before may have spoilt what came after, so all get a process of their own.
    for (std::size_t i = 0; i < cases.size(); ++i) {
        outcomes[i] = {};
        outcomes[i].death = runBatch(folder, cases, i, i + 1, check, outcomes);
        if (!outcomes[i].death.empty()) outcomes[i].finished = false;
    }
    return outcomes;
}

HostileTally tallyHostile(const std::filesystem::path& folder, const std::string& kind, const HostileCheck& check,
                          const std::function<bool(const std::string& path)>& judged) {
    HostileTally tally;
    const auto cases = hostileCases(folder, kind);
    const auto outcomes = runHostile(folder, cases, check);
    double slowest = 0;
    std::uint64_t largest = 0;
    std::string words;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto& c = cases[i];
        const auto& o = outcomes[i];
        const auto say = [&](const std::string& what) { words += "  " + c.path + ": " + what + "\n"; };
        ++tally.cases;
        slowest = std::max(slowest, o.seconds);
        largest = std::max(largest, o.peakBytes);
        if (!o.finished) {
            ++tally.dead;
            say(o.death.empty() ? "did not run" : o.death);
            continue;
        }
        if (o.seconds > kSecondsMost) ++tally.slow, say("took " + std::to_string(o.seconds) + " s");
        if (o.peakBytes > kBytesMost) ++tally.large, say("took " + std::to_string(o.peakBytes >> 20) + " MiB");
        if (!o.unlocated.empty()) ++tally.unlocated, say("not located: " + o.unlocated);
        if (!judged(c.path)) continue;
        ++tally.judged;
        // A remark (an extension that is left out, say) is no refusal of a good file, and does say what is wrong with a bad one.
        const bool said = !o.code.empty(), rejected = said && !o.code.starts_with("W_");
        if (c.expect == "either" || (c.expect == "reject" ? said : !rejected)) ++tally.agreed;
        else say("expected " + c.expect + (said ? ", said " + o.code + " at " + o.where : ", said nothing"));
    }
    std::cout << kind << ": " << tally.cases << " cases, " << tally.agreed << " of " << tally.judged << " as expected, " << tally.unlocated << " not located, " << tally.slow
              << " slow, " << tally.large << " too large, " << tally.dead << " dead; longest " << slowest << " s, largest " << (largest >> 20) << " MiB\n"
              << words;
    return tally;
}

} // namespace matou::tests
