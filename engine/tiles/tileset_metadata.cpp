#include "tiles/tileset_metadata.h"

#include <string_view>

#include "core/json.h"
#include "model/metadata_schema.h"

namespace matou::tiles {

using core::Json;

namespace {

class Reader {
public:
    Reader(const Json& document, const std::string& where, const BufferResolver& resolve) : _document(document), _where(where), _resolve(resolve) {}

    TilesetMetadata run() {
        const Json* top = &_document;
        std::string at;
        if (const auto* legacy = extension(_document, "3DTILES_metadata"); legacy && !_document.contains("schema") && !_document.contains("schemaUri")) {
            top = legacy;
            at = "/extensions/3DTILES_metadata";
        }
        findSchema(*top, at);
        if (top->contains("metadata")) entity((*top)["metadata"], at + "/metadata");
        else if (at.size() && top->contains("tileset")) entity((*top)["tileset"], at + "/tileset");
        readGroups(*top, at);
        readStatistics(*top, at);
        walkTiles();
        return std::move(_out);
    }

private:
    static const Json* extension(const Json& object, const char* name) {
        const auto all = object.find("extensions");
        if (all == object.end() || !all->is_object()) return nullptr;
        const auto one = all->find(name);
        return one == all->end() || !one->is_object() ? nullptr : &*one;
    }
    void say(core::Diagnostics problems) { _out.problems.insert(_out.problems.end(), std::make_move_iterator(problems.begin()), std::make_move_iterator(problems.end())); }
    void say(core::Error error) { _out.problems.push_back(std::move(error)); }

    void findSchema(const Json& top, const std::string& at) {
        std::string where = _where, pointer = at + "/schema";
        if (top.contains("schema")) {
            _schema = &top["schema"];
        } else if (top.contains("schemaUri")) {
            const auto& uri = top["schemaUri"];
            if (!uri.is_string()) return say({"E_METADATA_TYPE", {"schemaUri", "string", uri.type_name()}, _where + "#" + at + "/schemaUri", {}});
            where = uri.get<std::string>();
            pointer.clear();
            auto bytes = _resolve ? _resolve(where) : core::Result<std::vector<std::byte>>(core::fail("E_FILE_MISSING", where));
            if (!bytes) return say({"E_METADATA_SCHEMA", {where}, _where + "#" + at + "/schemaUri", std::make_shared<core::Error>(bytes.error())});
            auto parsed = core::parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, where);
            if (!parsed) return say({"E_METADATA_SCHEMA", {where}, _where + "#" + at + "/schemaUri", std::make_shared<core::Error>(parsed.error())});
            _fetched = std::move(*parsed);
            _schema = &_fetched;
        }
        if (!_schema) return;
        say(model::checkMetadataSchema(*_schema, where, pointer));
        if (!_schema->is_object()) return _schema = nullptr, void();
        if (_schema->contains("id") && (*_schema)["id"].is_string()) _out.schemaId = (*_schema)["id"].get<std::string>();
        if (_schema->contains("classes")) _out.classes = (*_schema)["classes"].size();
        if (_schema->contains("enums")) _out.enums = (*_schema)["enums"].size();
    }

    void entity(const Json& e, const std::string& pointer) {
        say(model::checkMetadataEntity(e, _schema, _where, pointer));
        ++_out.entityCount;
        if (!e.is_object() || _out.entities.size() >= TilesetMetadata::kEntitiesMost) return;
        MetadataEntity one{pointer, "", {}};
        if (e.contains("class") && e["class"].is_string()) one.className = e["class"].get<std::string>();
        if (e.contains("properties") && e["properties"].is_object())
            for (const auto& [name, value] : e["properties"].items()) one.properties.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
        _out.entities.push_back(std::move(one));
    }

    void readGroups(const Json& top, const std::string& at) {
        const auto groups = top.find("groups");
        if (groups == top.end()) return;
        if (groups->is_array()) {
            for (std::size_t i = 0; i < groups->size(); ++i) entity((*groups)[i], at + "/groups/" + std::to_string(i));
            _groups = groups->size();
        } else if (groups->is_object()) { // as the extension had it
            for (const auto& [name, group] : groups->items()) entity(group, at + "/groups/" + name);
            _groups = SIZE_MAX;
        } else {
            say({"E_METADATA_TYPE", {"groups", "array", groups->type_name()}, _where + "#" + at + "/groups", {}});
        }
    }

    void readStatistics(const Json& top, const std::string& at) {
        const auto statistics = top.find("statistics");
        if (statistics == top.end() || !statistics->is_object() || !statistics->contains("classes") || !(*statistics)["classes"].is_object()) return;
        for (const auto& [name, one] : (*statistics)["classes"].items()) {
            const auto here = at + "/statistics/classes/" + name;
            const bool known = _schema && _schema->contains("classes") && (*_schema)["classes"].is_object() && (*_schema)["classes"].contains(name);
            if (!known) say({"E_METADATA_VALUE", {name, "schema"}, _where + "#" + here, {}});
            if (!one.is_object()) continue; // said by the parser
            if (one.contains("count")) _out.statistics.emplace_back(name + ".count", one["count"].dump());
            if (!one.contains("properties") || !one["properties"].is_object()) continue;
            for (const auto& [property, values] : one["properties"].items())
                if (values.is_object())
                    for (const auto& [what, value] : values.items()) _out.statistics.emplace_back(name + "." + property + "." + what, value.dump());
        }
    }

    void content(const Json& c, const std::string& pointer) {
        if (!c.is_object()) return;
        if (c.contains("metadata")) entity(c["metadata"], pointer + "/metadata");
        if (const auto* legacy = extension(c, "3DTILES_metadata"); legacy && legacy->contains("class")) entity(*legacy, pointer + "/extensions/3DTILES_metadata");
        const auto group = c.find("group");
        if (group == c.end() || _groups == SIZE_MAX) return;
        const bool fits = group->is_number_integer() && group->get<double>() >= 0 && group->get<double>() < static_cast<double>(_groups);
        if (!fits) say({"E_METADATA_VALUE", {"group", "0 … " + std::to_string(_groups) + " - 1"}, _where + "#" + pointer + "/group", {}});
    }

    void walkTiles() {
        struct Open {
            const Json* tile;
            std::string pointer;
        };
        std::vector<Open> open;
        if (_document.contains("root")) open.push_back({&_document["root"], "/root"});
        while (!open.empty()) {
            const auto at = std::move(open.back());
            open.pop_back();
            if (!at.tile->is_object()) continue;
            const auto& tile = *at.tile;
            if (tile.contains("metadata")) entity(tile["metadata"], at.pointer + "/metadata");
            if (const auto* legacy = extension(tile, "3DTILES_metadata"); legacy && legacy->contains("class")) entity(*legacy, at.pointer + "/extensions/3DTILES_metadata");
            if (tile.contains("content")) content(tile["content"], at.pointer + "/content");
            if (tile.contains("contents") && tile["contents"].is_array())
                for (std::size_t i = 0; i < tile["contents"].size(); ++i) content(tile["contents"][i], at.pointer + "/contents/" + std::to_string(i));
            if (!tile.contains("children") || !tile["children"].is_array()) continue;
            const auto& children = tile["children"];
            for (std::size_t i = children.size(); i-- > 0;) open.push_back({&children[i], at.pointer + "/children/" + std::to_string(i)});
        }
    }

    const Json& _document;
    const std::string& _where;
    const BufferResolver& _resolve;
    const Json* _schema = nullptr;
    Json _fetched;
    std::size_t _groups = 0;
    TilesetMetadata _out;
};

} // namespace

TilesetMetadata readTilesetMetadata(std::span<const std::byte> bytes, const std::string& where, const BufferResolver& resolve) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    bool any = false;
    for (const char* word : {"\"schema", "\"metadata\"", "\"groups\"", "\"group\"", "\"statistics\"", "\"3DTILES_metadata\""}) any = any || text.find(word) != std::string_view::npos;
    if (!any) return {};
    const auto parsed = core::parseJson(text, where, {.depth = 1024});
    if (!parsed || !parsed->is_object()) return {}; // said by the tileset's own parser
    return Reader(*parsed, where, resolve).run();
}

} // namespace matou::tiles
