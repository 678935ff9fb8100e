#include "live/sensor_things.h"

#include <functional>

#include "live/units.h"

namespace matou::live::sta {
using core::Json;
namespace {

const Json* member(const Json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string textOf(const Json& object, const char* name) {
    const Json* found = member(object, name);
    return found && found->is_string() ? found->get<std::string>() : std::string();
}

core::Result<const Json*> valueList(const Json& body, const std::string& where) {
    const Json* list = member(body, "value");
    if (!list || !list->is_array()) return core::fail("E_STA_ANSWER", where);
    return list;
}

std::string unitOf(const Json& datastream) {
    const Json* unit = member(datastream, "unitOfMeasurement");
    if (!unit) return {};
    const std::string definition = textOf(*unit, "definition"), symbol = textOf(*unit, "symbol");
    if (definition.starts_with("ucum:") && definition.size() > 5) return definition.substr(5);
    return symbol.empty() && unitKnown(definition) ? definition : symbol;
}

/// Ids that can stand in an address and in a topic.
std::optional<Datastream> identified(const Json& entry) {
    const Json* id = member(entry, "@iot.id");
    if (!id) return std::nullopt;
    Datastream result;
    if (id->is_number_integer()) {
        result.key = result.id = id->dump();
    } else if (id->is_string()) {
        result.id = id->get<std::string>();
        if (result.id.empty() || result.id.size() > 200 || result.id.find_first_of("'/#+?&") != std::string::npos) return std::nullopt;
        for (const char c : result.id)
            if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
        result.key = "'" + result.id + "'";
    } else {
        return std::nullopt;
    }
    return result;
}

} // namespace

core::Result<Page> readDatastreams(Json body, const std::string& where) {
    MATOU_TRY(list, valueList(body, where));
    Page page;
    page.next = textOf(body, "@iot.nextLink");
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Json& entry = (*list)[i];
        auto datastream = identified(entry);
        if (!datastream) {
            page.refused.push_back({"E_STA_ID", {}, where + "#/value/" + std::to_string(i), nullptr});
            continue;
        }
        datastream->unit = unitOf(entry);
        datastream->json = Json::object();
        for (const auto& [from, to] : {std::pair("name", "name"), std::pair("description", "description"), std::pair("properties", "properties"), std::pair("Thing", "thing"),
                                       std::pair("ObservedProperty", "observedProperty")})
            if (const Json* found = member(entry, from)) datastream->json[to] = *found;
        datastream->json["id"] = datastream->id;
        Page::Entry made{std::move(*datastream), {}, textOf(entry, "Observations@iot.nextLink")};
        if (const Json* observations = member(entry, "Observations"); observations && observations->is_array())
            made.observations.assign(observations->begin(), observations->end());
        page.entries.push_back(std::move(made));
    }
    return page;
}

core::Result<Observations> readObservations(Json body, const std::string& where) {
    MATOU_TRY(list, valueList(body, where));
    return Observations{{list->begin(), list->end()}, textOf(body, "@iot.nextLink")};
}

Json itemOf(const Datastream& datastream, Json observation, const std::string& sensor) {
    Json item = {{"sensor", sensor}, {"datastream", datastream.json}};
    std::string time = textOf(observation, "phenomenonTime");
    if (const auto slash = time.find('/'); slash != std::string::npos) time.erase(0, slash + 1);
    if (time.empty()) time = textOf(observation, "resultTime");
    if (!time.empty()) item["time"] = time;
    if (!datastream.unit.empty()) item["unit"] = datastream.unit;
    if (const Json* result = member(observation, "result")) item["result"] = *result;
    if (const std::string quality = textOf(observation, "resultQuality"); !quality.empty()) item["quality"] = quality;
    item["observation"] = std::move(observation);
    return item;
}

std::uint64_t identityOf(const Json& observation) {
    std::string name;
    if (const Json* id = member(observation, "@iot.id")) name = "#" + id->dump(-1, ' ', false, Json::error_handler_t::replace);
    else name = textOf(observation, "phenomenonTime");
    return name.empty() ? 0 : std::hash<std::string>()(name) | 1;
}

std::optional<std::string> datastreamOfTopic(const std::string& topic) {
    const auto begin = topic.find("/Datastreams("), end = topic.rfind(")/Observations");
    if (begin == std::string::npos || end == std::string::npos || end <= begin + 13) return std::nullopt;
    return topic.substr(begin + 13, end - begin - 13);
}

core::Result<std::string> linkBelow(const std::string& root, const std::string& link) {
    if (link.find("..") != std::string::npos) return core::fail("E_STA_LINK", root, {link.substr(0, 200)});
    if (link.starts_with(root + "/")) return link;
    const std::string version = root.substr(root.rfind('/')); // /v1.1
    const auto at = link.find(version + "/");
    if (at == std::string::npos || link.size() > 8192) return core::fail("E_STA_LINK", root, {link.substr(0, 200)});
    return root + link.substr(at + version.size());
}

std::string queryEncoded(const std::string& text) {
    std::string out;
    int depth = 0; // of parentheses: in them `=` is of the option's value, and servers differ in where they split
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if ((c != '=' || depth == 0) && (std::isalnum(byte) || std::string_view("-_.~$&=(),;/'@:?").find(c) != std::string_view::npos)) out += c;
        else {
            out += '%';
            out += "0123456789ABCDEF"[byte >> 4];
            out += "0123456789ABCDEF"[byte & 15];
        }
    }
    return out;
}

} // namespace matou::live::sta
