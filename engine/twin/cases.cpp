#include "twin/cases.h"

#include <tuple>

namespace matou::twin {

const std::vector<std::string_view>& caseStates() {
    static const std::vector<std::string_view> states = {"reported", "accepted", "dispatched", "handling", "returned", "solved", "verified", "closed", "cancelled"};
    return states;
}

bool isOpen(const Case& item) {
    return item.state != "closed" && item.state != "cancelled";
}

bool isOverdue(const Case& item, core::Instant now) {
    return item.due != core::Instant{} && now > item.due && isOpen(item) && item.state != "solved" && item.state != "verified";
}

bool sameWords(const Case& a, const Case& b) {
    const auto words = [](const Case& c) { return std::tie(c.channel, c.caseClass, c.state, c.department, c.opened, c.due, c.alarm); };
    const auto place = [](const Case& c) { return c.place ? std::tuple(c.place->longitude, c.place->latitude) : std::tuple(0.0, 0.0); };
    return words(a) == words(b) && place(a) == place(b);
}

} // namespace matou::twin
