#include "live/mapping.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <set>

#include "geo/source_crs.h"
#include "live/units.h"

namespace matou::live {
using core::fail;
using core::Json;
namespace {

constexpr std::size_t kShown = 200, kWords = 2000, kRawKept = 64 << 10;

/// A parsed expression: literal texts and pointers in turn.
struct Expression {
    struct Part {
        std::string literal;
        std::optional<Json::json_pointer> pointer;
    };
    std::vector<Part> parts;
    bool whole = false; // one pointer: its value as it is

    /// Nothing where a pointer of it leads to nothing (or to null).
    std::optional<Json> value(const Json& item) const;
};

std::string textOf(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_structured()) return {};
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// contains() and at() of a pointer throw on "/01" or "/-" in an array; this walks and never does.
const Json* follow(const Json& item, const Json::json_pointer& pointer) {
    try {
        if (!item.contains(pointer)) return nullptr;
        const Json& found = item.at(pointer);
        return found.is_null() ? nullptr : &found;
    } catch (const Json::exception&) {
        return nullptr;
    }
}

std::optional<Json> Expression::value(const Json& item) const {
    if (whole) {
        const Json* found = follow(item, *parts[0].pointer);
        return found ? std::optional<Json>(*found) : std::nullopt;
    }
    std::string text;
    for (const Part& part : parts) {
        text += part.literal;
        if (!part.pointer) continue;
        const Json* found = follow(item, *part.pointer);
        if (!found) return std::nullopt;
        text += textOf(*found);
    }
    return Json(std::move(text));
}

std::optional<Json::json_pointer> pointerOf(const std::string& text) {
    try {
        return Json::json_pointer(text);
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

core::Result<Expression> parseExpression(const std::string& text, const std::string& where, const std::string& member) {
    Expression result;
    if (text.starts_with("/")) {
        auto pointer = pointerOf(text);
        if (!pointer) return fail("E_MAPPING_FIELD", where, {member, "JSON pointer (RFC 6901)"});
        result.parts.push_back({"", std::move(pointer)});
        result.whole = true;
        return result;
    }
    std::size_t at = 0;
    while (at < text.size()) {
        const auto open = text.find("{/", at);
        if (open == std::string::npos) break;
        const auto close = text.find('}', open);
        auto pointer = close == std::string::npos ? std::nullopt : pointerOf(text.substr(open + 1, close - open - 1));
        if (!pointer) return fail("E_MAPPING_FIELD", where, {member, "{/pointer} in a text"});
        result.parts.push_back({text.substr(at, open - at), std::move(pointer)});
        at = close + 1;
    }
    result.parts.push_back({text.substr(std::min(at, text.size())), std::nullopt});
    return result;
}

std::optional<double> numberOf(const Json& value) {
    if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
    if (value.is_number()) return value.get<double>();
    if (!value.is_string()) return std::nullopt;
    std::string text = value.get<std::string>();
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
    const auto begin = text.find_first_not_of(" \t+");
    if (begin == std::string::npos) return std::nullopt;
    double number = 0;
    const auto parsed = std::from_chars(text.data() + begin, text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

struct Condition {
    Expression expression;
    std::vector<std::string> any; // contains one of these …
    std::string equal;            // … or, where that is empty, is this
    bool holds(const Json& item) const {
        const auto value = expression.value(item);
        if (!value) return false;
        const std::string text = textOf(*value);
        if (any.empty()) return text == equal;
        return std::any_of(any.begin(), any.end(), [&](const auto& word) { return text.find(word) != std::string::npos; });
    }
};

struct Rule {
    std::vector<Condition> when;
    std::string eventClass;
    int severity = 0;
};

const std::map<std::string, std::set<std::string>>& membersOf() {
    static const std::map<std::string, std::set<std::string>> table = {
        {"obs", {"id", "ts", "value", "unit", "q", "seq", "exp"}},
        {"event", {"id", "source", "ts", "class", "severity", "confidence", "camera", "sensor", "text", "lon", "lat", "height", "drill"}},
        {"project", {"id", "ts", "phase", "percent", "status", "note"}},
        {"case", {"id", "ts", "class", "state", "channel", "department", "opened", "due", "alarm", "lon", "lat"}},
        {"flood", {"id", "ts", "kind", "state", "name", "hazard", "value", "used", "capacity", "until", "issuer", "text", "lon", "lat"}},
        {"camera", {"id", "ts", "online", "heading", "pitch", "hfov", "lon", "lat"}}};
    return table;
}
std::vector<std::string> neededOf(const std::string& kind) {
    if (kind == "obs") return {"id", "ts", "value"};
    if (kind == "event") return {"source", "ts", "class"};
    if (kind == "case") return {"id", "ts", "class", "state"};
    if (kind == "flood") return {"id", "ts", "kind", "state"};
    return {"id", "ts"};
}

/// FNV-1a: the same item has the same id each time that it is read.
std::string fingerprint(const std::string& text) {
    std::uint64_t hash = 14695981039346656037ull;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    char hex[24];
    std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash));
    return hex;
}

/// Topics and keys are made of it.
std::string plain(std::string text, bool alsoSlash) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || (alsoSlash && c == '/')) c = '_';
    return text;
}

template <typename Map>
auto found(const Map& map, const std::string& key) -> const typename Map::mapped_type* {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : &at->second;
}

} // namespace

core::Result<core::Instant> sourceTime(const Json& value, int zoneMinutes, const std::string& where) {
    const auto wrong = [&] { return fail("E_MAPPING_TIME", where, {textOf(value).substr(0, 40)}); };
    if (value.is_number()) {
        const double number = value.get<double>();
        const double milliseconds = std::abs(number) >= 1e11 ? number : number * 1000;
        if (!(milliseconds >= 0 && milliseconds < 253402300800000.0)) return wrong();
        return core::Instant(core::Duration(static_cast<std::int64_t>(milliseconds)));
    }
    if (!value.is_string()) return wrong();
    const std::string text = value.get<std::string>();
    if (text.size() > 40) return wrong();
    if (const auto exact = core::parseInstant(text)) return *exact;
    if (text.size() >= 9 && text.find_first_not_of("0123456789.") == std::string::npos && text.size() != 14) {
        const auto number = numberOf(value);
        if (number) return sourceTime(Json(*number), zoneMinutes, where);
    }
    // Runs of digits; one that stands alone is a month, a day, an hour without its zero.
    std::string digits, run;
    const std::string whole = text.substr(0, text.find('.')) + " ";
    for (const char c : whole) {
        if (c >= '0' && c <= '9') {
            run += c;
            continue;
        }
        digits += run.size() == 1 ? "0" + run : run;
        run.clear();
    }
    const bool separated = text.find_first_not_of("0123456789-/: T.") == std::string::npos && text.size() >= 14;
    if (!separated || digits.size() != 14) return wrong();
    const std::string fraction = text.find('.') == std::string::npos ? "" : text.substr(text.find('.'));
    char written[32];
    std::snprintf(written, sizeof written, "%s-%s-%sT%s:%s:%s", digits.substr(0, 4).c_str(), digits.substr(4, 2).c_str(), digits.substr(6, 2).c_str(),
                  digits.substr(8, 2).c_str(), digits.substr(10, 2).c_str(), digits.substr(12, 2).c_str());
    const auto parsed = core::parseInstant(written + (fraction.size() > 1 ? fraction : std::string()) + "Z");
    if (!parsed) return wrong();
    return *parsed - std::chrono::minutes(zoneMinutes);
}

struct Mapping::Impl {
    twin::FeedMapping config;
    std::string prefix; // matou/v1/<district>/<kind>/
    std::shared_ptr<const twin::Registry> registry;
    std::optional<Json::json_pointer> items;
    std::map<std::string, Expression> fields;
    std::vector<Rule> rules;
    std::optional<geo::SourceCrs> crs;

    std::optional<Json> read(const char* member, const Json& item) const {
        const Expression* expression = found(fields, member);
        return expression ? expression->value(item) : std::nullopt;
    }
    std::string ours(const std::string& id) const {
        const std::string* other = found(config.ids, id);
        return other ? *other : id;
    }
    core::Result<std::string> text(const char* member, const Json& item, const std::string& where) const {
        const auto value = read(member, item);
        const std::string words = value ? textOf(*value) : std::string();
        if (words.empty()) return fail("E_MAPPING_ITEM", where, {member, "text"});
        return words;
    }
    core::Result<void> value(const Json& item, const std::string& where, Json& payload) const;
    void classOf(const Json& item, Json& payload, Mapped& out) const;
    void place(const Json& item, Json& payload) const;
    core::Result<void> stateOf(const Json& item, const std::string& where, Json& payload, Mapped& out) const;
    core::Result<Message> one(const Json& item, const std::string& where, core::Instant received, Mapped& out) const;
};

core::Result<void> Mapping::Impl::value(const Json& item, const std::string& where, Json& payload) const {
    const auto raw = read("value", item);
    const auto number = raw ? numberOf(*raw) : std::nullopt;
    if (!number) return fail("E_MAPPING_ITEM", where, {"value", "number"});
    double result = *number;
    const auto written = read("unit", item);
    if (written) {
        std::string unit = textOf(*written);
        if (const std::string* code = found(config.units, unit)) unit = *code;
        const auto index = registry->sensorIndex.find(payload["id"].get<std::string>());
        if (index != registry->sensorIndex.end()) {
            const std::string& wanted = registry->sensors[index->second].unit;
            const auto converted = convertUnit(result, unit, wanted);
            if (!converted) return fail("E_MAPPING_UNIT", where, {unit.substr(0, 40), wanted});
            result = *converted;
            unit = wanted;
        }
        payload["unit"] = unit;
    }
    payload["value"] = result;
    if (config.pulled) payload["pulled"] = true;
    if (const auto quality = read("q", item)) {
        const std::string code = textOf(*quality);
        const std::string* word = found(config.qualities, code);
        const bool plain = config.qualities.empty() && (code == "good" || code == "uncertain" || code == "bad");
        payload["q"] = word ? *word : plain ? code : "uncertain";
    }
    for (const char* member : {"seq", "exp"})
        if (const auto more = read(member, item))
            if (const auto figure = numberOf(*more)) {
                if (member[0] == 's') payload[member] = static_cast<std::int64_t>(std::clamp(*figure, -9e15, 9e15));
                else payload[member] = *figure;
            }
    return {};
}

void Mapping::Impl::classOf(const Json& item, Json& payload, Mapped& out) const {
    int severity = config.severityOtherwise;
    if (const auto level = read("severity", item)) {
        const std::string code = textOf(*level);
        if (const int* known = found(config.severities, code))
            severity = *known;
        else if (const auto number = numberOf(*level); number && config.severities.empty() && *number >= 1 && *number <= 4 && *number == std::floor(*number))
            severity = static_cast<int>(*number);
    }
    const auto code = read("class", item);
    const std::string written = code ? plain(textOf(*code).substr(0, kShown), false) : std::string();
    std::string eventClass = written.empty() ? "unknown" : written;
    bool known = config.classes.empty() && config.rules.empty();
    if (const std::string* word = found(config.classes, written)) {
        eventClass = *word;
        known = true;
    }
    for (const Rule& rule : rules) {
        if (!std::all_of(rule.when.begin(), rule.when.end(), [&](const Condition& condition) { return condition.holds(item); })) continue;
        eventClass = rule.eventClass;
        if (rule.severity) severity = rule.severity;
        known = true;
        break;
    }
    if (!known) {
        // With its code, so that somebody can put it into the table; never a class by chance ("fire" is the table's to say).
        eventClass = "code:" + eventClass;
        ++out.unclassified;
    }
    payload["class"] = eventClass;
    payload["severity"] = severity;
}

void Mapping::Impl::place(const Json& item, Json& payload) const {
    const auto lon = read("lon", item), lat = read("lat", item);
    if (!lon || !lat) return;
    constexpr double kNowhere = std::numeric_limits<double>::quiet_NaN();
    const double x = numberOf(*lon).value_or(kNowhere), y = numberOf(*lat).value_or(kNowhere);
    if (x == 0 && y == 0) return; // devices without a position say 0, 0
    const auto degrees = crs->toLonLat(x, y);
    if (!degrees) return;
    payload["lon"] = degrees->first;
    payload["lat"] = degrees->second;
    if (const auto height = read("height", item))
        if (const auto meters = numberOf(*height); meters && std::abs(*meters) < 1e4) payload["height"] = *meters;
}

/// Of cases and flood season: class and state by their tables, times as times, figures as figures, the rest as short texts.
core::Result<void> Mapping::Impl::stateOf(const Json& item, const std::string& where, Json& payload, Mapped& out) const {
    for (const auto& [member, expression] : fields) {
        if (member == "id" || member == "ts" || member == "lon" || member == "lat" || member == "class" || member == "severity") continue;
        const auto told = expression.value(item);
        if (!told) continue;
        const std::string words = plain(textOf(*told).substr(0, kWords), false);
        if (member == "opened" || member == "due" || member == "until") {
            if (words.empty()) continue;
            MATOU_TRY(at, sourceTime(*told, config.zoneMinutes, where));
            payload[member] = core::formatInstant(at);
        } else if (member == "value" || member == "used" || member == "capacity") {
            if (const auto number = numberOf(*told)) payload[member] = *number;
        } else if (member == "state") {
            const std::string* known = found(config.states, words);
            if (words.empty()) return fail("E_MAPPING_ITEM", where, {"state", "text"});
            if (!known && !config.states.empty()) ++out.unclassified;
            payload["state"] = known ? *known : config.states.empty() ? words : "code:" + words;
        } else if (!words.empty()) {
            payload[member] = words;
        }
    }
    if (config.kind == "case") {
        classOf(item, payload, out);
        payload.erase("severity");
    }
    place(item, payload);
    return {};
}

core::Result<Message> Mapping::Impl::one(const Json& item, const std::string& where, core::Instant received, Mapped& out) const {
    const bool event = config.kind == "event";
    Json payload = Json::object();
    MATOU_TRY(given, text(event ? "source" : "id", item, where));
    const std::string thing = plain(ours(given), true);
    if (!event) payload["id"] = thing;
    const auto stamp = read("ts", item);
    if (!stamp) return fail("E_MAPPING_ITEM", where, {"ts", "time"});
    MATOU_TRY(at, *stamp == Json("received") ? core::Result<core::Instant>(received) : sourceTime(*stamp, config.zoneMinutes, where));
    payload["ts"] = core::formatInstant(at);
    if (config.kind == "obs") {
        MATOU_CHECK(value(item, where, payload));
    } else if (config.kind == "case" || config.kind == "flood") {
        MATOU_CHECK(stateOf(item, where, payload, out));
    } else if (event) {
        classOf(item, payload, out);
        const auto id = read("id", item);
        const std::string own = id ? plain(textOf(*id).substr(0, kShown), false) : std::string();
        payload["id"] = own.empty() ? fingerprint(thing + "|" + textOf(payload["ts"]) + "|" + textOf(payload["class"])) : own;
        if (const auto confidence = read("confidence", item))
            if (const auto share = numberOf(*confidence)) payload["confidence"] = std::clamp(*share > 1 ? *share / 100 : *share, 0.0, 1.0);
        for (const char* member : {"camera", "sensor"})
            if (const auto other = read(member, item)) payload[member] = ours(textOf(*other));
        if (const auto words = read("text", item)) payload["text"] = textOf(*words).substr(0, 4096);
        if (const auto drill = read("drill", item)) payload["drill"] = numberOf(*drill).value_or(textOf(*drill) == "true") != 0;
        place(item, payload);
        // What the source said, whole, for whoever asks later.
        if (std::string raw = item.dump(-1, ' ', false, Json::error_handler_t::replace); raw.size() <= kRawKept) payload["raw"] = item;
    } else {
        for (const auto& [member, expression] : fields) {
            if (member == "id" || member == "ts" || member == "lon" || member == "lat") continue;
            const auto other = expression.value(item);
            if (!other) continue;
            const bool figure = member == "percent" || member == "heading" || member == "pitch" || member == "hfov";
            const auto number = numberOf(*other);
            if (figure && number) payload[member] = *number;
            if (member == "online") payload[member] = other->is_boolean() ? other->get<bool>() : textOf(*other) == "ON" || textOf(*other) == "true" || textOf(*other) == "1";
            if (!figure && member != "online") payload[member] = textOf(*other);
        }
        place(item, payload);
    }
    Message message;
    message.topic = prefix + thing;
    message.payload = payload.dump(-1, ' ', false, Json::error_handler_t::replace);
    message.received = received;
    return message;
}

Mapping::Mapping(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
Mapping::Mapping(Mapping&&) noexcept = default;
Mapping& Mapping::operator=(Mapping&&) noexcept = default;
Mapping::~Mapping() = default;

core::Result<Mapping> Mapping::create(twin::FeedMapping config, std::string district, std::shared_ptr<const twin::Registry> registry) {
    auto impl = std::make_unique<Impl>();
    impl->registry = std::move(registry);
    impl->prefix = "matou/v1/" + district + "/" + config.kind + "/";
    const std::string& where = config.where;
    const auto members = membersOf().find(config.kind);
    if (members == membersOf().end()) return fail("E_MAPPING_FIELD", where, {"kind", "obs, event, project or camera"});
    if (!config.items.empty()) {
        impl->items = pointerOf(config.items);
        if (!impl->items) return fail("E_MAPPING_FIELD", where, {"items", "JSON pointer (RFC 6901)"});
    }
    for (const auto& [member, text] : config.fields) {
        if (!members->second.contains(member)) {
            std::string all;
            for (const auto& word : members->second) all += (all.empty() ? "" : " ") + word;
            return fail("E_MAPPING_FIELD", where, {member, all});
        }
        MATOU_TRY(expression, parseExpression(text, where, member));
        impl->fields.emplace(member, std::move(expression));
    }
    for (const auto& member : neededOf(config.kind))
        if (!impl->fields.contains(member) && !(member == "class" && !config.rules.empty())) return fail("E_MAPPING_FIELD", where, {member, "JSON pointer or text (it is required)"});
    for (const auto& [word, code] : config.units)
        if (!unitKnown(code)) return fail("E_MAPPING_FIELD", where, {"units." + word, "UCUM code that is known here"});
    for (const auto& rule : config.rules) {
        Rule made{{}, rule.eventClass, rule.severity};
        for (const auto& [expression, wanted] : rule.when) {
            MATOU_TRY(parsed, parseExpression(expression, where, "rule.when"));
            Condition condition{std::move(parsed), {}, wanted};
            if (wanted.starts_with("~"))
                for (std::size_t at = 1; at <= wanted.size();) {
                    const auto end = std::min(wanted.find('|', at), wanted.size());
                    if (end > at) condition.any.push_back(wanted.substr(at, end - at));
                    at = end + 1;
                }
            made.when.push_back(std::move(condition));
        }
        impl->rules.push_back(std::move(made));
    }
    auto crs = geo::SourceCrs::create(config.crs);
    if (!crs) return fail(crs.error().code, where, crs.error().arguments);
    impl->crs = std::move(*crs);
    impl->config = std::move(config);
    return Mapping(std::move(impl));
}

void Mapping::apply(const Json& payload, const std::string& where, core::Instant received, Mapped& out) const {
    const auto refuse = [&](core::Error error) {
        ++out.refusedCount;
        if (out.refused.size() < Mapped::kRefusedKept) out.refused.push_back(std::move(error));
    };
    const Json* list = &payload;
    if (_impl->items) {
        list = follow(payload, *_impl->items);
        if (!list) return refuse({"E_MAPPING_ITEMS", {_impl->config.items}, where, nullptr});
    }
    const auto take = [&](const Json& item, const std::string& place) {
        auto message = _impl->one(item, place, received, out);
        if (message) out.messages.push_back(std::move(*message));
        else refuse(std::move(message).error());
    };
    if (!list->is_array()) return take(*list, where + "#" + _impl->config.items);
    for (std::size_t i = 0; i < list->size(); ++i) {
        if (i >= kItems) return refuse({"E_MAPPING_LIMIT", {std::to_string(list->size()), std::to_string(kItems)}, where, nullptr});
        take((*list)[i], where + "#" + _impl->config.items + "/" + std::to_string(i));
    }
}

core::Result<std::vector<Mapping>> createMappings(const std::vector<twin::FeedMapping>& configs, const std::string& district,
                                                  const std::shared_ptr<const twin::Registry>& registry) {
    std::vector<Mapping> result;
    for (const auto& config : configs) {
        MATOU_TRY(mapping, Mapping::create(config, district, registry));
        result.push_back(std::move(mapping));
    }
    return result;
}

} // namespace matou::live
