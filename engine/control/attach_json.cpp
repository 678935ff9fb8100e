#include "control/attach_json.h"

#include <algorithm>
#include <map>

#include "core/json.h"
#include "history/alarm_json.h"
#include "history/project_json.h"
#include "history/word_json.h"

namespace matou::control {
namespace {

using Ordered = nlohmann::ordered_json;
using core::Json;

std::int64_t ms(core::Instant instant) {
    return instant.time_since_epoch().count();
}
core::Instant instantOf(const Json& value) {
    return core::Instant(core::Duration(value.get<std::int64_t>()));
}
/// Of values that the stream itself wrote; anything else throws inside applyAttachLine, which says so.
std::string text(const Json& from, const char* name) {
    return from.at(name).get<std::string>();
}

Ordered sensorJson(std::size_t index, const twin::SensorState& s) {
    return {index, s.value, ms(s.eventTime), ms(s.receiveTime), ms(s.validUntil), static_cast<int>(s.quality), s.severity, s.feed};
}
bool same(const twin::SensorState& a, const twin::SensorState& b) {
    return a.known == b.known && a.value == b.value && a.eventTime == b.eventTime && a.receiveTime == b.receiveTime &&
           a.validUntil == b.validUntil && a.quality == b.quality && a.severity == b.severity && a.feed == b.feed;
}

Ordered projectJson(std::size_t index, const twin::ProjectStatus& p) {
    Ordered json = {{"i", index},         {"ts", ms(p.eventTime)}, {"received", ms(p.receiveTime)}, {"phase", p.phase},
                    {"percent", p.percent}, {"status", p.status},   {"note", p.note},                {"feed", p.feed}};
    if (auto ledger = history::ledgerJson(p); !ledger.empty()) json["ledger"] = std::move(ledger);
    return json;
}
bool same(const std::optional<twin::ProjectStatus>& a, const std::optional<twin::ProjectStatus>& b) {
    if (!a || !b) return !a && !b;
    return a->eventTime == b->eventTime && twin::sameWords(*a, *b);
}

Ordered feedJson(const twin::FeedState& f) {
    return {{"id", f.id},           {"kind", f.kind},
            {"connected", f.connected}, {"received", f.received},
            {"applied", f.applied}, {"dropped", f.dropped},
            {"invalid", f.invalid}, {"last", ms(f.lastReceived)},
            {"interval", f.expectedInterval.count()}, {"age", static_cast<int>(f.age)},
            {"error", f.lastError}, {"p50", f.latencyMsP50},
            {"p95", f.latencyMsP95}, {"more", {f.duplicates, f.late, f.unclassified, f.limited, f.behind}}};
}

Ordered candidateJson(const twin::Candidate& c) {
    Ordered json = {{"id", c.id},       {"class", c.eventClass}, {"source", c.source},         {"feed", c.feed},
                    {"events", c.events}, {"zh", c.title.zh},      {"en", c.title.en},           {"confidence", c.confidence},
                    {"severity", c.severity}, {"count", c.count},  {"first", ms(c.first)},       {"last", ms(c.last)},
                    {"until", ms(c.until)}, {"drill", c.drill}};
    if (c.place) json["place"] = {c.place->longitude, c.place->latitude, c.place->height};
    return json;
}

void readFeeds(const Json& list, twin::StateSnapshot& state) {
    state.feeds.clear();
    for (const auto& f : list) {
        twin::FeedState feed;
        feed.id = text(f, "id");
        feed.kind = text(f, "kind");
        feed.connected = f.at("connected").get<bool>();
        feed.received = f.at("received").get<std::uint64_t>();
        feed.applied = f.at("applied").get<std::uint64_t>();
        feed.dropped = f.at("dropped").get<std::uint64_t>();
        feed.invalid = f.at("invalid").get<std::uint64_t>();
        if (const auto more = f.find("more"); more != f.end() && more->is_array() && more->size() == 5) {
            std::uint64_t* figures[] = {&feed.duplicates, &feed.late, &feed.unclassified, &feed.limited, &feed.behind};
            for (std::size_t i = 0; i < 5; ++i)
                *figures[i] = (*more)[i].get<std::uint64_t>();
        }
        feed.lastReceived = instantOf(f.at("last"));
        feed.expectedInterval = core::Duration(f.at("interval").get<std::int64_t>());
        feed.age = static_cast<twin::Age>(std::clamp(f.at("age").get<int>(), 0, 4));
        feed.lastError = text(f, "error");
        feed.latencyMsP50 = f.at("p50").get<double>();
        feed.latencyMsP95 = f.at("p95").get<double>();
        state.feeds.push_back(std::move(feed));
    }
}

void readCandidates(const Json& list, twin::StateSnapshot& state) {
    state.candidates.clear();
    for (const auto& c : list) {
        twin::Candidate candidate;
        candidate.id = text(c, "id");
        candidate.eventClass = text(c, "class");
        candidate.source = text(c, "source");
        candidate.feed = text(c, "feed");
        candidate.events = c.at("events").get<std::vector<std::string>>();
        candidate.title = {text(c, "zh"), text(c, "en")};
        candidate.confidence = c.at("confidence").get<double>();
        candidate.severity = std::clamp(c.at("severity").get<int>(), 1, 4);
        candidate.count = c.at("count").get<std::uint32_t>();
        candidate.first = instantOf(c.at("first"));
        candidate.last = instantOf(c.at("last"));
        candidate.until = instantOf(c.at("until"));
        candidate.drill = c.at("drill").get<bool>();
        if (c.contains("place"))
            candidate.place = twin::Place{c["place"].at(0).get<double>(), c["place"].at(1).get<double>(), c["place"].at(2).get<double>()};
        state.candidates.push_back(std::move(candidate));
    }
}

void readIncidents(const Json& list, twin::StateSnapshot& state) {
    state.incidents.clear();
    for (const auto& i : list)
        state.incidents.push_back({text(i, "id"), {text(i, "zh"), text(i, "en")}, i.at("severity").get<int>(), instantOf(i.at("begun")),
                                   i.at("alarms").get<std::vector<std::string>>()});
}

bool readSensors(const Json& list, twin::StateSnapshot& state) {
    for (const auto& s : list) {
        const auto index = s.at(0).get<std::size_t>();
        if (index >= state.sensors.size()) return false;
        twin::SensorState& sensor = state.sensors[index];
        sensor.known = true;
        sensor.value = s.at(1).get<double>();
        sensor.eventTime = instantOf(s.at(2));
        sensor.receiveTime = instantOf(s.at(3));
        sensor.validUntil = instantOf(s.at(4));
        sensor.quality = static_cast<twin::Quality>(std::clamp(s.at(5).get<int>(), 0, 2));
        sensor.severity = std::clamp(s.at(6).get<int>(), 0, 4);
        sensor.feed = s.size() > 7 ? s.at(7).get<int>() : -1; // not of an older service
    }
    return true;
}

bool readProjects(const Json& list, twin::StateSnapshot& state) {
    for (const auto& p : list) {
        const auto index = p.at("i").get<std::size_t>();
        if (index >= state.projects.size()) return false;
        twin::ProjectStatus status;
        status.project = state.registry->projects[index].id;
        status.eventTime = instantOf(p.at("ts"));
        status.receiveTime = instantOf(p.at("received"));
        status.phase = text(p, "phase");
        status.percent = p.at("percent").get<double>();
        status.status = text(p, "status");
        status.note = text(p, "note");
        status.feed = text(p, "feed");
        if (const auto ledger = p.find("ledger"); ledger != p.end()) history::readLedger(*ledger, status);
        state.projects[index] = std::move(status);
    }
    return true;
}

bool readAlarms(const Json& root, twin::StateSnapshot& state) {
    std::map<std::string, twin::Alarm> open;
    if (!root.at("whole").get<bool>())
        for (auto& alarm : state.alarms)
            open.emplace(alarm.id, std::move(alarm));
    for (const auto& id : root.at("gone"))
        open.erase(id.get<std::string>());
    for (const auto& entry : root.at("alarms")) {
        auto alarm = history::alarmFromJson(entry.dump());
        if (!alarm) return false;
        open[alarm->id] = std::move(*alarm);
    }
    state.alarms.clear();
    for (auto& [id, alarm] : open)
        state.alarms.push_back(std::move(alarm));
    std::sort(state.alarms.begin(), state.alarms.end(), [](const twin::Alarm& a, const twin::Alarm& b) {
        return std::tie(a.severity, b.raised, b.id) < std::tie(b.severity, a.raised, a.id);
    });
    return true;
}

/// What changed of a list by id that is made anew only after a change; "gone" says what is no more.
template <typename Item>
void addWords(Ordered& root, const char* name, const std::shared_ptr<const std::vector<Item>>* before, const std::shared_ptr<const std::vector<Item>>& now) {
    if (before && *before == now) return;
    std::map<std::string, const Item*> earlier;
    if (before && *before)
        for (const auto& item : **before) earlier.emplace(item.id, &item);
    Ordered changed = Ordered::array(), gone = Ordered::array();
    if (now)
        for (const auto& item : *now) {
            const auto found = earlier.find(item.id);
            const bool equal = found != earlier.end() && found->second->eventTime == item.eventTime && twin::sameWords(*found->second, item);
            if (found != earlier.end()) earlier.erase(found);
            if (!equal) changed.push_back(Ordered::parse(history::toJson(item)));
        }
    for (const auto& [id, item] : earlier) gone.push_back(id);
    root[name] = {{"changed", std::move(changed)}, {"gone", std::move(gone)}};
}
template <typename Item, typename Read>
bool readWords(const Json& root, const char* name, std::shared_ptr<const std::vector<Item>>& list, const Read& read) {
    const auto told = root.find(name);
    if (told == root.end()) return true;
    std::map<std::string, Item> items;
    if (list)
        for (const auto& item : *list) items.emplace(item.id, item);
    for (const auto& id : told->at("gone")) items.erase(id.get<std::string>());
    for (const auto& entry : told->at("changed")) {
        auto item = read(entry.dump());
        if (!item) return false;
        items.insert_or_assign(item->id, std::move(*item));
    }
    auto all = std::make_shared<std::vector<Item>>();
    for (auto& [id, item] : items) all->push_back(std::move(item));
    list = std::move(all);
    return true;
}

bool read(const Json& root, twin::StateSnapshot& state) {
    if (root.at("whole").get<bool>()) {
        state.cases = nullptr;
        state.floodSeason = nullptr;
        state.sensors.assign(state.registry->sensors.size(), {});
        state.projects.assign(state.registry->projects.size(), {});
    }
    state.version = root.at("version").get<std::uint64_t>();
    state.now = instantOf(root.at("now"));
    state.mode = text(root, "mode");
    state.eventsStored = root.at("stored").get<std::uint64_t>();
    state.alarmsClosed = root.at("closed").get<std::uint64_t>();
    const auto& flood = root.at("flood");
    state.flood = {flood.at(0).get<bool>(), instantOf(flood.at(1)), flood.at(2).get<std::size_t>(), flood.at(3).get<std::string>()};
    readFeeds(root.at("feeds"), state);
    readCandidates(root.at("candidates"), state);
    readIncidents(root.at("incidents"), state);
    state.suppressions = history::suppressionsFromJson(root.at("suppressions").dump());
    if (!readWords(root, "cases", state.cases, history::caseFromJson) || !readWords(root, "flood_season", state.floodSeason, history::floodFromJson)) return false;
    return readSensors(root.at("sensors"), state) && readProjects(root.at("projects"), state) && readAlarms(root, state);
}

/// What of two alarms could be seen to differ, as the text that is sent.
Ordered alarmsJson(const twin::StateSnapshot* before, const twin::StateSnapshot& now, Ordered& gone) {
    std::map<std::string, const twin::Alarm*> earlier;
    if (before)
        for (const auto& alarm : before->alarms)
            earlier.emplace(alarm.id, &alarm);
    Ordered changed = Ordered::array();
    for (const auto& alarm : now.alarms) {
        const std::string written = history::toJson(alarm);
        if (const auto found = earlier.find(alarm.id); found != earlier.end()) {
            const bool equal = history::toJson(*found->second) == written;
            earlier.erase(found);
            if (equal) continue;
        }
        changed.push_back(Ordered::parse(written));
    }
    for (const auto& [id, alarm] : earlier)
        gone.push_back(id);
    return changed;
}

} // namespace

std::string districtFingerprint(const std::string& district, const twin::Registry& registry) {
    std::uint64_t hash = 14695981039346656037ull; // FNV-1a: against mistakes, not against people
    const auto add = [&](const std::string& text) {
        for (const char c : text)
            hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
        hash = (hash ^ 0xff) * 1099511628211ull;
    };
    add(district);
    for (const auto& sensor : registry.sensors)
        add(sensor.id);
    add("projects");
    for (const auto& project : registry.projects)
        add(project.id);
    return district + "/" + std::to_string(hash);
}

std::string attachLine(const twin::StateSnapshot* before, const twin::StateSnapshot& now, const std::string& fingerprint) {
    Ordered root = {{"district", fingerprint}, {"whole", before == nullptr}, {"version", now.version}, {"now", ms(now.now)},
                    {"mode", now.mode},        {"stored", now.eventsStored}, {"closed", now.alarmsClosed}};
    root["flood"] = {now.flood.active, ms(now.flood.since), now.flood.annunciated, now.flood.firstOut};
    root["feeds"] = Ordered::array();
    for (const auto& feed : now.feeds)
        root["feeds"].push_back(feedJson(feed));
    root["candidates"] = Ordered::array();
    for (const auto& candidate : now.candidates)
        root["candidates"].push_back(candidateJson(candidate));
    root["incidents"] = Ordered::array();
    for (const auto& i : now.incidents)
        root["incidents"].push_back({{"id", i.id}, {"zh", i.title.zh}, {"en", i.title.en}, {"severity", i.severity}, {"begun", ms(i.begun)}, {"alarms", i.alarms}});
    root["suppressions"] = Ordered::array();
    for (const auto& rule : now.suppressions)
        root["suppressions"].push_back(Ordered::parse(history::toJson(rule)));
    root["sensors"] = Ordered::array();
    for (std::size_t i = 0; i < now.sensors.size(); ++i)
        if (now.sensors[i].known && (!before || !same(now.sensors[i], before->sensors[i])))
            root["sensors"].push_back(sensorJson(i, now.sensors[i]));
    root["projects"] = Ordered::array();
    for (std::size_t i = 0; i < now.projects.size(); ++i)
        if (now.projects[i] && (!before || !same(now.projects[i], before->projects[i])))
            root["projects"].push_back(projectJson(i, *now.projects[i]));
    addWords(root, "cases", before ? &before->cases : nullptr, now.cases);
    addWords(root, "flood_season", before ? &before->floodSeason : nullptr, now.floodSeason);
    Ordered gone = Ordered::array();
    root["alarms"] = alarmsJson(before, now, gone);
    root["gone"] = std::move(gone);
    return root.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

core::Result<void> applyAttachLine(const std::string& line, const std::string& fingerprint, twin::StateSnapshot& state) {
    const auto parsed = core::parseJson(line, "attach", {.depth = 12, .bytes = std::size_t{256} << 20});
    if (!parsed || !parsed->is_object()) return core::fail("E_ATTACH_LINE", "attach", {"not JSON"});
    const auto named = parsed->find("district");
    const std::string theirs = named != parsed->end() && named->is_string() ? named->get<std::string>() : "";
    if (theirs != fingerprint) return core::fail("E_ATTACH_DISTRICT", "attach", {theirs, fingerprint});
    try {
        if (!read(*parsed, state)) return core::fail("E_ATTACH_LINE", "attach", {"a number beyond the registry"});
    } catch (const nlohmann::json::exception& error) { // a missing member or another type
        return core::fail("E_ATTACH_LINE", "attach", {error.what()});
    }
    return {};
}

} // namespace matou::control
