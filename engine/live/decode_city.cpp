#include "live/decode_city.h"

namespace matou::live {
namespace {

constexpr std::size_t kNameBytes = 300, kTextBytes = 2000;

/// Optional and short: what is longer is cut, what has control characters is refused.
core::Result<std::string> words(const Payload& payload, const char* member, std::size_t bytes = kNameBytes) {
    MATOU_TRY(text, payload.text(member, false));
    if (!isPlain(text)) return tl::unexpected(payload.wrong(member, "text without control characters"));
    return firstBytes(text, bytes);
}

core::Result<core::Instant> time(const Payload& payload, const char* member) {
    MATOU_TRY(written, payload.text(member, false));
    if (written.empty()) return core::Instant{};
    const auto parsed = core::parseInstant(written);
    if (!parsed) return tl::unexpected(payload.wrong(member, "RFC 3339 time in UTC"));
    return *parsed;
}

core::Result<std::optional<twin::Place>> place(const Payload& payload) {
    if (!payload.find("lon") || !payload.find("lat")) return std::nullopt;
    MATOU_TRY(lon, payload.number("lon", 0, -180, 180, "longitude"));
    MATOU_TRY(lat, payload.number("lat", 0, -90, 90, "latitude"));
    if (lon == 0 && lat == 0) return std::nullopt;
    return twin::Place{lon, lat, 0};
}

/// A state that is none of these stands with its code, so that somebody can put it into the table.
template <typename States>
std::string stateOf(const std::string& told, const States& states) {
    const bool known = told.starts_with("code:") || std::find(states.begin(), states.end(), told) != states.end();
    return known ? told : "code:" + told;
}

template <typename Item>
core::Result<void> common(const Payload& payload, const std::string& id, const Message& message, Item& item) {
    MATOU_CHECK(payload.text("id", true));
    MATOU_TRY(drill, payload.flag("drill"));
    if (drill) return tl::unexpected(payload.wrong("drill", "an event, not a state"));
    MATOU_TRY(stamp, payload.stamp());
    MATOU_TRY(where, place(payload));
    item.id = id;
    item.receiveTime = message.received;
    item.eventTime = stamp;
    item.place = where;
    return {};
}

core::Result<std::optional<int>> count(const Payload& payload, const char* member) {
    if (!payload.find(member)) return std::nullopt;
    MATOU_TRY(value, payload.number(member, 0, 0, 1e6, "number from 0 to 1e6"));
    return static_cast<int>(value);
}

} // namespace

core::Result<Decoded> cityCase(const Payload& payload, const std::string& id, const Message& message) {
    twin::Case item;
    MATOU_CHECK(common(payload, id, message, item));
    MATOU_TRY(caseClass, payload.text("class", true));
    MATOU_TRY(state, payload.text("state", true));
    MATOU_TRY(channel, words(payload, "channel"));
    MATOU_TRY(department, words(payload, "department"));
    MATOU_TRY(alarm, words(payload, "alarm"));
    MATOU_TRY(opened, time(payload, "opened"));
    MATOU_TRY(due, time(payload, "due"));
    item.caseClass = caseClass;
    item.state = stateOf(state, twin::caseStates());
    item.channel = channel;
    item.department = department;
    item.alarm = alarm;
    item.opened = opened;
    item.due = due;
    return item;
}

core::Result<Decoded> floodItem(const Payload& payload, const std::string& id, const Message& message) {
    twin::FloodItem item;
    MATOU_CHECK(common(payload, id, message, item));
    MATOU_TRY(kind, payload.text("kind", true));
    const auto known = twin::floodKind(kind);
    if (!known) return tl::unexpected(payload.wrong("kind", "warning, response, ponding, pump, gate or shelter"));
    item.kind = *known;
    MATOU_TRY(state, payload.text("state", true));
    item.state = stateOf(state, twin::floodStates(item.kind));
    MATOU_TRY(name, words(payload, "name"));
    MATOU_TRY(hazard, words(payload, "hazard"));
    MATOU_TRY(issuer, words(payload, "issuer"));
    MATOU_TRY(text, words(payload, "text", kTextBytes));
    MATOU_TRY(until, time(payload, "until"));
    MATOU_TRY(used, count(payload, "used"));
    MATOU_TRY(capacity, count(payload, "capacity"));
    if (payload.find("value")) {
        MATOU_TRY(value, payload.number("value", 0, 0, 1e6, "number from 0 to 1e6"));
        item.value = value;
    }
    item.name = name;
    item.hazard = hazard;
    item.issuer = issuer;
    item.text = text;
    item.until = until;
    item.used = used;
    item.capacity = capacity;
    return item;
}

} // namespace matou::live
