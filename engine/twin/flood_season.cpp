#include "twin/flood_season.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace matou::twin {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"warning", "response", "ponding", "pump", "gate", "shelter"};

} // namespace

const std::vector<std::string_view>& floodStates(FloodKind kind) {
    static const std::array<std::vector<std::string_view>, kKinds.size()> states = {{{"blue", "yellow", "orange", "red", "lifted"},
                                                                                     {"IV", "III", "II", "I", "ended"},
                                                                                     {"dry", "ponding", "closed"},
                                                                                     {"running", "standby", "stopped", "fault"},
                                                                                     {"open", "partly", "closed", "fault"},
                                                                                     {"closed", "open", "full"}}};
    return states[static_cast<std::size_t>(kind)];
}

std::string_view wordOf(FloodKind kind) {
    return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<FloodKind> floodKind(std::string_view word) {
    const auto found = std::find(kKinds.begin(), kKinds.end(), word);
    return found == kKinds.end() ? std::nullopt : std::optional(static_cast<FloodKind>(found - kKinds.begin()));
}

bool inForce(const FloodItem& item, core::Instant now) {
    if (item.kind == FloodKind::warning) return item.state != "lifted" && (item.until == core::Instant{} || now < item.until);
    return item.kind != FloodKind::response || item.state != "ended";
}

int warningRank(const FloodItem& item) {
    const auto& states = floodStates(FloodKind::warning);
    const auto found = std::find(states.begin(), states.end() - 1, item.state);
    return item.kind != FloodKind::warning || found == states.end() - 1 ? 0 : static_cast<int>(found - states.begin()) + 1;
}

int responseLevel(const std::vector<FloodItem>& items, core::Instant now) {
    const auto& states = floodStates(FloodKind::response);
    int level = 0;
    for (const auto& item : items) {
        if (item.kind != FloodKind::response || !inForce(item, now)) continue;
        const auto found = std::find(states.begin(), states.end() - 1, item.state);
        if (found == states.end() - 1) continue;
        const int its = 4 - static_cast<int>(found - states.begin());
        level = level == 0 ? its : std::min(level, its);
    }
    return level;
}

bool sameWords(const FloodItem& a, const FloodItem& b) {
    const auto words = [](const FloodItem& f) { return std::tie(f.kind, f.name, f.hazard, f.state, f.value, f.used, f.capacity, f.issuer, f.text, f.until); };
    const auto place = [](const FloodItem& f) { return f.place ? std::tuple(f.place->longitude, f.place->latitude) : std::tuple(0.0, 0.0); };
    return words(a) == words(b) && place(a) == place(b);
}

} // namespace matou::twin
