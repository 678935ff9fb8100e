#pragma once
// Flood season (防汛): the official warning signals in force, the response level, and the things that are watched and worked: places that
// pond (积水点), pumps, gates, shelters (安置点).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "twin/records.h"

namespace matou::twin {

enum class FloodKind : std::uint8_t { warning, response, ponding, pump, gate, shelter };

struct FloodItem {
    std::string id;
    FloodKind kind = FloodKind::warning;
    std::string name;   // as its owner calls it
    std::string hazard; // of a warning: rainstorm typhoon gale tide thunder; another as it was told
    std::string state;  // of floodStates(kind); code:<it> for another
    std::optional<double> value; // ponding: depth in m; pump: m3/s
    std::optional<int> used, capacity; // shelter: people; pump: sets that run, sets there are
    std::string issuer, text;
    core::Instant until{}; // of a warning: in force up to here; 0: until it is lifted
    core::Instant eventTime{}, receiveTime{};
    std::optional<Place> place;
    std::string feed;
};

/// warning: blue yellow orange red lifted; response: IV III II I ended; ponding: dry ponding closed; pump: running standby stopped fault;
/// gate: open partly closed fault; shelter: closed open full.
const std::vector<std::string_view>& floodStates(FloodKind kind);
std::string_view wordOf(FloodKind kind);
std::optional<FloodKind> floodKind(std::string_view word);

/// A warning that was neither lifted nor is past, a response that was not ended; of the others: they are there.
bool inForce(const FloodItem& item, core::Instant now);
/// 1 blue … 4 red; 0: none of these (also where it was lifted).
int warningRank(const FloodItem& item);
/// The strictest in force, 4 (Ⅳ) … 1 (Ⅰ); 0: none.
int responseLevel(const std::vector<FloodItem>& items, core::Instant now);
bool sameWords(const FloodItem& a, const FloodItem& b);

} // namespace matou::twin
