#pragma once
// Runs hostile cases away from the test: a batch in one child process with the memory of every case, and each case in a process
// of its own where a batch dies, so that the culprit has a name.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"

namespace matou::tests {

struct HostileCase {
    std::string path, expect; // accept, reject, either
};

/// Cases of one kind (first folder of the path) in MANIFEST.tsv. With MATOU_HOSTILE_TENTH=SEED one in ten of them, chosen by it.
std::vector<HostileCase> hostileCases(const std::filesystem::path& folder, const std::string& kind);

struct HostileOutcome {
    bool finished = false;      // false: the process died or was late
    std::string death;          // "signal 11", "exit 1", "late"
    double seconds = 0;         // processor time
    std::uint64_t peakBytes = 0; // above the idle process
    std::string code, where;    // first problem, empty where none
    std::string unlocated;      // the first problem without a place, empty where all have one
};

using HostileCheck = std::function<core::Diagnostics(const std::filesystem::path& file)>;

/// Outcomes in the order of the cases.
std::vector<HostileOutcome> runHostile(const std::filesystem::path& folder, const std::vector<HostileCase>& cases, const HostileCheck& check);

struct HostileTally {
    int cases = 0, agreed = 0, judged = 0, unlocated = 0, slow = 0, large = 0, dead = 0;
};

/// Runs and counts, prints a line for the kind and one for each that is not as it should be. `judged` says for which paths the expectation counts.
HostileTally tallyHostile(const std::filesystem::path& folder, const std::string& kind, const HostileCheck& check,
                          const std::function<bool(const std::string& path)>& judged);

} // namespace matou::tests
