#include "history/word_json.h"

#include "core/json.h"

namespace matou::history {
namespace {

using Ordered = nlohmann::ordered_json;

std::int64_t ms(core::Instant instant) {
    return instant.time_since_epoch().count();
}

template <typename Item>
Ordered common(const Item& item) {
    Ordered json = {{"id", item.id}, {"ts", ms(item.eventTime)}, {"received", ms(item.receiveTime)}, {"state", item.state}, {"feed", item.feed}};
    if (item.place) json["place"] = {item.place->longitude, item.place->latitude};
    return json;
}
void add(Ordered& json, const char* name, const std::string& text) {
    if (!text.empty()) json[name] = text;
}
void add(Ordered& json, const char* name, core::Instant instant) {
    if (instant != core::Instant{}) json[name] = ms(instant);
}
std::string dump(const Ordered& json) {
    return json.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

std::string textOf(const core::Json& json, const char* name) {
    return json.value(name, std::string());
}
core::Instant instantOf(const core::Json& json, const char* name) {
    return core::Instant(core::Duration(json.value(name, std::int64_t{0})));
}
template <typename Item>
void readCommon(const core::Json& json, Item& item) {
    item.id = json.at("id").get<std::string>();
    item.state = json.at("state").get<std::string>();
    item.eventTime = core::Instant(core::Duration(json.at("ts").get<std::int64_t>()));
    item.receiveTime = core::Instant(core::Duration(json.at("received").get<std::int64_t>()));
    item.feed = textOf(json, "feed");
    if (const auto place = json.find("place"); place != json.end()) item.place = twin::Place{place->at(0).get<double>(), place->at(1).get<double>(), 0};
}

/// Nothing where it is not what was written here.
template <typename Item, typename Read>
std::optional<Item> reading(const std::string& text, const Read& read) {
    const auto json = core::parseJson(text, "word", {.depth = 4, .bytes = std::size_t{1} << 20});
    if (!json || !json->is_object()) return std::nullopt;
    Item item;
    try {
        readCommon(*json, item);
        read(*json, item);
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
    return item;
}

} // namespace

std::string toJson(const twin::Case& item) {
    Ordered json = common(item);
    json["class"] = item.caseClass;
    add(json, "channel", item.channel);
    add(json, "department", item.department);
    add(json, "opened", item.opened);
    add(json, "due", item.due);
    add(json, "alarm", item.alarm);
    return dump(json);
}

std::optional<twin::Case> caseFromJson(const std::string& text) {
    return reading<twin::Case>(text, [](const core::Json& json, twin::Case& item) {
        item.caseClass = json.at("class").get<std::string>();
        item.channel = textOf(json, "channel");
        item.department = textOf(json, "department");
        item.opened = instantOf(json, "opened");
        item.due = instantOf(json, "due");
        item.alarm = textOf(json, "alarm");
    });
}

std::string toJson(const twin::FloodItem& item) {
    Ordered json = common(item);
    json["kind"] = twin::wordOf(item.kind);
    add(json, "name", item.name);
    add(json, "hazard", item.hazard);
    add(json, "issuer", item.issuer);
    add(json, "text", item.text);
    add(json, "until", item.until);
    if (item.value) json["value"] = *item.value;
    if (item.used) json["used"] = *item.used;
    if (item.capacity) json["capacity"] = *item.capacity;
    return dump(json);
}

std::optional<twin::FloodItem> floodFromJson(const std::string& text) {
    std::optional<twin::FloodKind> kind;
    auto item = reading<twin::FloodItem>(text, [&](const core::Json& json, twin::FloodItem& read) {
        kind = twin::floodKind(json.at("kind").get<std::string>());
        read.name = textOf(json, "name");
        read.hazard = textOf(json, "hazard");
        read.issuer = textOf(json, "issuer");
        read.text = textOf(json, "text");
        read.until = instantOf(json, "until");
        if (json.contains("value")) read.value = json["value"].get<double>();
        if (json.contains("used")) read.used = json["used"].get<int>();
        if (json.contains("capacity")) read.capacity = json["capacity"].get<int>();
    });
    if (!item || !kind) return std::nullopt;
    item->kind = *kind;
    return item;
}

} // namespace matou::history
