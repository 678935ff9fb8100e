// tileset.json by simdjson, breadth first, so that children stand one after another and depth needs no stack.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "core/json.h"
#include "tiles/plain_tiles.h"
#include "tiles/tile_tree.h"
#include "tiles/tile_values.h"

namespace matou::tiles {

namespace dom = simdjson::dom;
using core::fail;
using core::Result;

namespace {

/// Where something stands in the document. A chain on the stack that becomes text only when something is wrong: with one
/// made for every member, a tileset of 87,381 tiles spent half of its time on them.
class Place {
public:
    Place(std::string_view where, const TileTree& tree, TileIndex tile = kNoTile) : _where(where), _tree(&tree), _tile(tile) {}
    Place(const Place& above, std::string_view name) : _where(above._where), _above(&above), _name(name) {}
    Place(const Place& above, std::size_t number) : _where(above._where), _above(&above), _number(number) {}

    std::string pointer() const {
        std::vector<const Place*> chain;
        const Place* at = this;
        for (; at->_above; at = at->_above) chain.push_back(at);
        std::string out = at->_tile == kNoTile ? "" : at->_tree->pointer(at->_tile);
        for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
            out += '/';
            if ((*it)->_number == kNone) out += (*it)->_name;
            else out += std::to_string((*it)->_number);
        }
        return out;
    }
    std::string text(std::string_view below = "") const { return std::string(_where) + "#" + pointer() + std::string(below); }

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::string_view _where;
    const Place* _above = nullptr;
    const TileTree* _tree = nullptr;
    TileIndex _tile = kNoTile;
    std::string_view _name;
    std::size_t _number = kNone;
};

const char* typeName(const dom::element& value) {
    switch (value.type()) {
    case dom::element_type::ARRAY: return "array";
    case dom::element_type::OBJECT: return "object";
    case dom::element_type::STRING: return "string";
    case dom::element_type::BOOL: return "boolean";
    case dom::element_type::NULL_VALUE: return "null";
    default: return "number";
    }
}

std::optional<dom::element> find(const dom::object& object, std::string_view name) {
    dom::element value;
    if (object.at_key(name).get(value)) return std::nullopt;
    return value;
}

Result<dom::object> asObject(const dom::element& value, const Place& place, std::string_view name) {
    dom::object object;
    if (value.get(object)) return fail("E_TILESET_TYPE", place.text(), {std::string(name), "object", typeName(value)});
    return object;
}

Result<dom::object> requiredObject(const std::optional<dom::element>& value, const Place& place, std::string_view name) {
    if (!value) return fail("E_TILESET_MISSING", place.text(), {std::string(name)});
    return asObject(*value, Place(place, name), name);
}

Result<dom::object> requiredObject(const dom::object& object, const Place& place, std::string_view name) {
    return requiredObject(find(object, name), place, name);
}

Result<double> requiredNumber(const std::optional<dom::element>& value, const Place& place, std::string_view name) {
    if (!value) return fail("E_TILESET_MISSING", place.text(), {std::string(name)});
    double number = 0;
    if (value->get(number)) return fail("E_TILESET_TYPE", place.text("/" + std::string(name)), {std::string(name), "number", typeName(*value)});
    return number;
}

Result<double> requiredNumber(const dom::object& object, const Place& place, std::string_view name) {
    return requiredNumber(find(object, name), place, name);
}

/// Exactly N finite numbers.
template <std::size_t N>
Result<std::array<double, N>> numbers(const dom::element& value, const Place& place, std::string_view name) {
    const Place here(place, name);
    dom::array array;
    if (value.get(array)) return fail("E_TILESET_TYPE", here.text(), {std::string(name), "array", typeName(value)});
    if (array.size() != N) return fail("E_TILESET_COUNT", here.text(), {std::string(name), std::to_string(N), std::to_string(array.size())});
    std::array<double, N> out{};
    std::size_t i = 0;
    for (const auto element : array) {
        if (element.get(out[i])) return fail("E_TILESET_TYPE", here.text("/" + std::to_string(i)), {std::string(name), "number", typeName(element)});
        if (!std::isfinite(out[i])) return fail("E_TILESET_VALUE", here.text("/" + std::to_string(i)), {std::string(name), "?"});
        ++i;
    }
    return out;
}

Result<geo::BoundingVolume> volumeFrom(const dom::object& object, const Place& place) {
    if (const auto box = find(object, "box")) {
        MATOU_TRY(v, numbers<12>(*box, place, "box"));
        return geo::OrientedBox{{v[0], v[1], v[2]}, glm::dmat3(v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11])};
    }
    if (const auto region = find(object, "region")) {
        MATOU_TRY(v, numbers<6>(*region, place, "region"));
        const geo::Region out{v[0], v[1], v[2], v[3], v[4], v[5]};
        if (!isRegion(out)) return fail("E_TILESET_VALUE", place.text("/region"), {"region", "west, south, east, north in radians, minimum, maximum height"});
        return out;
    }
    if (const auto sphere = find(object, "sphere")) {
        MATOU_TRY(v, numbers<4>(*sphere, place, "sphere"));
        if (v[3] < 0) return fail("E_TILESET_VALUE", place.text("/sphere/3"), {"radius", "0 or more"});
        return geo::Sphere{{v[0], v[1], v[2]}, v[3]};
    }
    if (const auto extensions = find(object, "extensions")) {
        dom::object named;
        if (!extensions->get(named) && named.size() > 0)
            return fail("E_TILESET_EXTENSION", place.text("/extensions"), {std::string((*named.begin()).key)});
    }
    return fail("E_TILESET_MISSING", place.text(), {"box, region or sphere"});
}

class Parser {
public:
    Parser(std::string_view where, const ParseContext& context) : _where(where), _context(context) {}

    /// `documentBytes` bounds the tiles: room for all at once, of which only what is written takes memory. Growing by doubling
    /// would touch it three times, which costs more than reading the values.
    Result<TileTree> parse(const dom::element& document, std::size_t documentBytes) {
        constexpr std::size_t kTileBytesLeast = 128; // a tile with a box and a content is hardly shorter
        const auto most = std::min(documentBytes / kTileBytesLeast, kTilesLimit);
        _tree.tiles.reserve(most);
        _tree.contents.reserve(most);
        _queue.reserve(most);
        MATOU_TRY(root, readHead(document));
        _queue.push_back(root);
        _tree.tiles.emplace_back();
        for (std::size_t i = 0; i < _queue.size(); ++i) MATOU_CHECK(readTile(static_cast<TileIndex>(i)));
        return std::move(_tree);
    }

    /// `head`: the document with an empty object for a root. Nothing where the whole reader must look at it, for whatever reason.
    std::optional<TileTree> parsePlain(const dom::element& head, std::string_view text, const PlainTiles& scanned) {
        if (!readHead(head)) return std::nullopt;
        if (!scanned.tiles[0].refine && _context.depth == 0) _tree.diagnostics.push_back({"W_TILESET_REFINE", {}, std::string(_where) + "#/root", {}});
        if (!fillPlainTiles(text, scanned, _context, _tree)) return std::nullopt;
        return std::move(_tree);
    }

private:
    /// Everything but the tiles; the root's object.
    Result<dom::object> readHead(const dom::element& document) {
        const Place top(_where, _tree);
        MATOU_TRY(object, asObject(document, top, "tileset"));
        MATOU_CHECK(checkAsset(object, top));
        MATOU_CHECK(checkExtensions(object, top));
        lookAtMetadata(object, top);
        MATOU_TRY(error, requiredNumber(object, top, "geometricError"));
        if (error < 0) return fail("E_TILESET_VALUE", top.text("/geometricError"), {"geometricError", "0 or more"});
        _tree.geometricError = error;
        _tree.sources.push_back({std::string(_where), kNoTile});
        _tree.transforms = {_context.ecefFromParent};
        return requiredObject(object, top, "root");
    }

    Result<void> checkAsset(const dom::object& object, const Place& top) {
        MATOU_TRY(asset, requiredObject(object, top, "asset"));
        const auto version = find(asset, "version");
        if (!version) return fail("E_TILESET_MISSING", top.text("/asset"), {"version"});
        std::string_view text;
        if (version->get(text)) return fail("E_TILESET_TYPE", top.text("/asset/version"), {"version", "string", typeName(*version)});
        if (text != "0.0" && text != "1.0" && text != "1.1") // 0.0: before the standard; read as the reference client does
             return fail("E_TILESET_VERSION", top.text("/asset/version"), {std::string(text)});
        return {};
    }

    Result<void> checkExtensions(const dom::object& object, const Place& top) {
        for (const char* list : {"extensionsUsed", "extensionsRequired"}) {
            const auto value = find(object, list);
            if (!value) continue;
            const Place here(top, list);
            dom::array names;
            if (value->get(names)) return fail("E_TILESET_TYPE", here.text(), {std::string(list), "array", typeName(*value)});
            if (names.size() == 0) remark("E_TILESET_COUNT", here, {list, "1 or more", "0"});
            std::size_t i = 0;
            for (const auto name : names) {
                std::string_view text;
                const auto place = here.text("/" + std::to_string(i++));
                if (name.get(text)) return fail("E_TILESET_TYPE", place, {std::string(list), "string", typeName(name)});
                // Contents of glTF are what we read anyway; metadata of the tileset does not change what is drawn.
                const bool known = text == "3DTILES_content_gltf" || text == "3DTILES_metadata" || text == "3DTILES_multiple_contents" || text == "3DTILES_implicit_tiling" ||
                                   text == "MAXAR_content_3tz" || text == "3DTILES_batch_table_hierarchy" || text == "3DTILES_draco_point_compression";
                if (list == std::string_view("extensionsRequired") && !known) return fail("E_TILESET_EXTENSION", place, {std::string(text)});
            }
        }
        return {};
    }

    void remark(const char* code, const Place& place, std::vector<std::string> arguments) {
        _tree.diagnostics.push_back({code, std::move(arguments), place.text(), {}});
    }

    /// Members that say something about the data but do not change what is drawn: wrong ones are remarked, not refused.
    void lookAtMetadata(const dom::object& object, const Place& top) {
        const auto eachObject = [&](const dom::element& holder, const Place& here, std::string_view name, auto look) {
            dom::object members;
            if (holder.get(members)) return remark("E_TILESET_TYPE", here, {std::string(name), "object", typeName(holder)});
            for (const auto member : members) {
                const Place place(here, member.key);
                dom::object value;
                if (member.value.get(value)) remark("E_TILESET_TYPE", place, {std::string(member.key), "object", typeName(member.value)});
                else look(value, place);
            }
        };
        const auto nothing = [](const dom::object&, const Place&) {};
        if (const auto extensions = find(object, "extensions")) eachObject(*extensions, Place(top, "extensions"), "extensions", nothing);
        if (const auto properties = find(object, "properties"))
            eachObject(*properties, Place(top, "properties"), "properties", [&](const dom::object& property, const Place& place) {
                for (const char* bound : {"minimum", "maximum"}) {
                    const auto number = requiredNumber(property, place, bound);
                    if (!number) _tree.diagnostics.push_back(number.error());
                }
            });
        if (const auto statistics = find(object, "statistics")) {
            dom::element classes;
            if (!statistics->at_key("classes").get(classes)) eachObject(classes, Place(Place(top, "statistics"), "classes"), "statistics/classes", nothing);
        }
        if (const auto uri = find(object, "schemaUri"); uri && !uri->is_string()) remark("E_TILESET_TYPE", Place(top, "schemaUri"), {"schemaUri", "string", typeName(*uri)});
        dom::array groups;
        if (const auto list = find(object, "groups"); list && !list->get(groups)) {
            const Place here(top, "groups");
            std::size_t i = 0;
            for (const auto group : groups) {
                dom::element name;
                const Place number(here, i++);
                if (!group.at_key("class").get(name) && !name.is_string()) remark("E_TILESET_TYPE", Place(number, "class"), {"class", "string", typeName(name)});
            }
        }
    }

    /// The members of a tile that matter here, found in one pass. Of two with one name the first counts.
    struct TileMembers {
        std::optional<dom::element> boundingVolume, viewerRequestVolume, geometricError, refine, transform, content, contents, children, implicitTiling, extensions, metadata;
        explicit TileMembers(const dom::object& object) {
            for (const auto member : object) {
                auto* place = placeOf(member.key);
                if (place && !*place) *place = member.value;
            }
        }

    private:
        std::optional<dom::element>* placeOf(std::string_view key) {
            switch (key.size()) {
            case 6: return key == "refine" ? &refine : nullptr;
            case 7: return key == "content" ? &content : nullptr;
            case 8: return key == "children" ? &children : key == "contents" ? &contents : key == "metadata" ? &metadata : nullptr;
            case 9: return key == "transform" ? &transform : nullptr;
            case 10: return key == "extensions" ? &extensions : nullptr;
            case 14: return key == "boundingVolume" ? &boundingVolume : key == "geometricError" ? &geometricError : key == "implicitTiling" ? &implicitTiling : nullptr;
            case 19: return key == "viewerRequestVolume" ? &viewerRequestVolume : nullptr;
            default: return nullptr;
            }
        }
    };

    Result<void> readTile(TileIndex index) {
        const dom::object object = _queue[index];
        const TileMembers members(object);
        const Place place(_where, _tree, index);
        const bool isRoot = index == 0;
        Tile tile = _tree.tiles[index]; // parent and depth are set
        tile.depth = static_cast<std::uint16_t>(isRoot ? _context.depth : _tree.tiles[tile.parent].depth + 1u);
        if (tile.depth >= kDepthLimit) return fail("E_TILESET_DEPTH", place.text(), {std::to_string(kDepthLimit)});
        auto implicit = members.implicitTiling;
        const Place extensionsPlace(place, "extensions"), olderPlace(extensionsPlace, "3DTILES_implicit_tiling"), newerPlace(place, "implicitTiling");
        if (members.extensions) {
            MATOU_TRY(named, asObject(*members.extensions, extensionsPlace, "extensions"));
            if (!implicit) implicit = find(named, "3DTILES_implicit_tiling");
        }
        const Place& implicitPlace = members.implicitTiling ? newerPlace : olderPlace;
        tile.transform = isRoot ? 0 : _tree.tiles[tile.parent].transform;
        if (members.transform) {
            MATOU_TRY(m, numbers<16>(*members.transform, place, "transform"));
            glm::dmat4 local;
            if (!affineFrom(m, local)) return fail("E_TILESET_VALUE", place.text("/transform"), {"transform", "an affine matrix by columns"});
            const glm::dmat4 above = _tree.transforms[tile.transform];
            tile.transform = static_cast<std::uint32_t>(_tree.transforms.size());
            _tree.transforms.push_back(above * local);
        }
        const glm::dmat4 m = _tree.transforms[tile.transform];
        MATOU_TRY(error, requiredNumber(members.geometricError, place, "geometricError"));
        if (error < 0) return fail("E_TILESET_VALUE", place.text("/geometricError"), {"geometricError", "0 or more"});
        tile.geometricError = error * largestScale(m);

        MATOU_TRY(volumeObject, requiredObject(members.boundingVolume, place, "boundingVolume"));
        MATOU_TRY(volume, volumeFrom(volumeObject, Place(place, "boundingVolume")));
        _tree.setVolume(tile, geo::transformed(volume, m));
        if (members.viewerRequestVolume) {
            const Place here(place, "viewerRequestVolume");
            MATOU_TRY(requestObject, asObject(*members.viewerRequestVolume, here, "viewerRequestVolume"));
            MATOU_TRY(requestVolume, volumeFrom(requestObject, here));
            tile.request = static_cast<std::uint32_t>(_tree.requestVolumes.size());
            _tree.requestVolumes.push_back(geo::transformed(requestVolume, m));
        }
        tile.refine = isRoot ? _context.refine : _tree.tiles[tile.parent].refine;
        if (members.refine) {
            std::string_view text;
            if (members.refine->get(text)) return fail("E_TILESET_TYPE", place.text("/refine"), {"refine", "string", typeName(*members.refine)});
            if (text != "ADD" && text != "REPLACE") return fail("E_TILESET_VALUE", place.text("/refine"), {"refine", "ADD or REPLACE"});
            tile.refine = text == "ADD" ? Refinement::add : Refinement::replace;
        } else if (isRoot && _context.depth == 0) {
            _tree.diagnostics.push_back({"W_TILESET_REFINE", {}, place.text(), {}});
        }
        MATOU_CHECK(readContents(members, place, tile));
        if (implicit) {
            MATOU_CHECK(readImplicit(*implicit, implicitPlace, object, members, place, volume, tile));
        } else {
            MATOU_CHECK(readChildren(members, place, index, tile));
        }
        _tree.tiles[index] = tile;
        return {};
    }

    Result<void> readContents(const TileMembers& members, const Place& place, Tile& tile) {
        tile.firstContent = static_cast<std::uint32_t>(_tree.contents.size());
        auto several = members.contents;
        const Place extensionsPlace(place, "extensions"), legacyPlace(extensionsPlace, "3DTILES_multiple_contents"), legacyList(legacyPlace, "contents"), ownList(place, "contents");
        const Place* listPlace = &ownList;
        if (!several && members.extensions) {
            dom::element legacy;
            if (!members.extensions->at_key("3DTILES_multiple_contents").get(legacy)) {
                dom::element list;
                if (!legacy.at_key("contents").get(list) || !legacy.at_key("content").get(list)) several = list;
                listPlace = &legacyList;
            }
        }
        if (members.content && several) return fail("E_TILESET_VALUE", place.text("/contents"), {"contents", "only one of content and contents"});
        if (members.content) {
            MATOU_CHECK(readContent(*members.content, Place(place, "content"), tile, true, true));
        } else if (several) {
            dom::array list;
            if (several->get(list)) return fail("E_TILESET_TYPE", listPlace->text(), {"contents", "array", typeName(*several)});
            if (list.size() == 0 || list.size() > 1000) return fail("E_TILESET_COUNT", listPlace->text(), {"contents", "1..1000", std::to_string(list.size())});
            std::size_t i = 0;
            for (const auto element : list)
                MATOU_CHECK(readContent(element, Place(*listPlace, i++), tile, list.size() == 1, false));
        }
        return {};
    }

    /// `plain`: the tile's one "content", whose place needs no text of its own.
    Result<void> readContent(const dom::element& value, const Place& place, Tile& tile, bool alone, bool plain) {
        MATOU_TRY(object, asObject(value, place, "content"));
        auto uri = find(object, "uri");
        std::string_view member = "uri";
        if (!uri) {
            uri = find(object, "url"); // 0.0 and early 1.0 tilesets
            member = "url";
        }
        if (!uri) return fail("E_TILESET_MISSING", place.text(), {"uri"});
        std::string_view text;
        if (uri->get(text)) return fail("E_TILESET_TYPE", Place(place, member).text(), {std::string(member), "string", typeName(*uri)});
        if (text.empty()) return fail("E_TILESET_VALUE", Place(place, member).text(), {std::string(member), "a URI"});
        if (const auto volume = find(object, "boundingVolume")) {
            const Place here(place, "boundingVolume");
            MATOU_TRY(volumeObject, asObject(*volume, here, "boundingVolume"));
            MATOU_TRY(parsed, volumeFrom(volumeObject, here));
            if (alone) {
                tile.contentVolume = static_cast<std::uint32_t>(_tree.contentVolumes.size());
                _tree.contentVolumes.push_back(geo::transformed(parsed, _tree.ecefFrom(tile)));
            }
        }
        if (alone && namesTileset(text)) tile.external = tile.pending = true;
        _tree.contents.push_back({_tree.texts.keep(text), plain && member == "uri" ? std::string_view() : _tree.texts.keep(Place(place, member).pointer())});
        ++tile.contentCount;
        return {};
    }

    /// The tile becomes one that stands for the first subtree; its contents become templates.
    Result<void> readImplicit(const dom::element& value, const Place& here, const dom::object& tileObject, const TileMembers& members, const Place& place,
                              const geo::BoundingVolume& volume, Tile& tile) {
        MATOU_TRY(object, asObject(value, here, "implicitTiling"));
        auto tiling = std::make_shared<ImplicitTiling>();
        const auto scheme = find(object, "subdivisionScheme");
        if (!scheme) return fail("E_TILESET_MISSING", here.text(), {"subdivisionScheme"});
        std::string_view name;
        if (scheme->get(name)) return fail("E_TILESET_TYPE", here.text("/subdivisionScheme"), {"subdivisionScheme", "string", typeName(*scheme)});
        if (name != "QUADTREE" && name != "OCTREE") return fail("E_TILESET_VALUE", here.text("/subdivisionScheme"), {"subdivisionScheme", "QUADTREE or OCTREE"});
        tiling->scheme = name == "OCTREE" ? Subdivision::octree : Subdivision::quadtree;
        const auto level = [&](const char* member, std::uint32_t most) -> Result<std::uint32_t> {
            MATOU_TRY(number, requiredNumber(object, here, member));
            if (!(number >= 1) || number > most || number != std::floor(number))
                return fail("E_TILESET_VALUE", here.text("/" + std::string(member)), {member, "1 … " + std::to_string(most)});
            return static_cast<std::uint32_t>(number);
        };
        MATOU_TRY(subtreeLevels, level("subtreeLevels", tiling->scheme == Subdivision::octree ? 8 : 12));
        tiling->subtreeLevels = subtreeLevels;
        if (find(object, "maximumLevel") && !find(object, "availableLevels")) { // as 3DTILES_implicit_tiling had it: the last level's number
            MATOU_TRY(last, requiredNumber(object, here, "maximumLevel"));
            if (!(last >= 0) || last >= kImplicitLevelsLimit) return fail("E_TILESET_VALUE", here.text("/maximumLevel"), {"maximumLevel", "0 … 31"});
            tiling->availableLevels = static_cast<std::uint32_t>(last) + 1;
        } else {
            MATOU_TRY(available, level("availableLevels", kImplicitLevelsLimit));
            tiling->availableLevels = available;
        }
        MATOU_TRY(subtrees, requiredObject(object, here, "subtrees"));
        const auto uri = find(subtrees, "uri");
        const Place subtreesPlace(here, "subtrees"), uriPlace(subtreesPlace, "uri");
        if (!uri) return fail("E_TILESET_MISSING", here.text("/subtrees"), {"uri"});
        std::string_view text;
        if (uri->get(text)) return fail("E_TILESET_TYPE", uriPlace.text(), {"uri", "string", typeName(*uri)});
        tiling->subtreeUri = std::string(text);
        tiling->subtreePointer = uriPlace.pointer();
        if (const auto wrong = wrongVariable(tiling->subtreeUri, tiling->scheme, true)) return fail("E_TILESET_TEMPLATE", uriPlace.text(), {*wrong});
        for (std::uint32_t c = 0; c < tile.contentCount; ++c) {
            const auto& content = _tree.contents[tile.firstContent + c];
            tiling->contents.push_back({std::string(content.uri), content.pointer.empty() ? place.pointer() + "/content/uri" : std::string(content.pointer)});
            if (const auto wrong = wrongVariable(tiling->contents.back().uri, tiling->scheme, false))
                return fail("E_TILESET_TEMPLATE", std::string(_where) + "#" + tiling->contents.back().pointer, {*wrong});
        }
        if (members.children) return fail("E_TILESET_VALUE", place.text("/children"), {"children", "none beside implicit tiling"});
        if (std::holds_alternative<geo::Sphere>(volume)) return fail("E_TILESET_VALUE", place.text("/boundingVolume"), {"boundingVolume", "box or region"});
        if (members.metadata) remark("W_TILESET_IMPLICIT", Place(place, "metadata"), {"metadata"});
        for (const auto& content : tiling->contents) {
            const auto holder = content.pointer.substr(0, content.pointer.rfind('/'));
            dom::element bounds;
            if (!tileObject.at_pointer(holder.substr(place.pointer().size()) + "/boundingVolume").get(bounds))
                _tree.diagnostics.push_back({"W_TILESET_IMPLICIT", {"boundingVolume"}, std::string(_where) + "#" + holder + "/boundingVolume", {}});
        }
        tiling->volume = volume;
        tiling->ecefFromTile = _tree.ecefFrom(tile);
        tiling->geometricError = tile.geometricError;
        _tree.contents.resize(tile.firstContent);
        _tree.contents.push_back({_tree.texts.keep(filledTemplate(tiling->subtreeUri, {})), _tree.texts.keep(tiling->subtreePointer)});
        tile.contentCount = 1;
        tile.contentVolume = kNoVolume;
        tile.external = tile.pending = true;
        tile.subtree = static_cast<std::uint32_t>(_tree.subtrees.size());
        _tree.subtrees.push_back({std::move(tiling), {}});
        return {};
    }

    Result<void> readChildren(const TileMembers& members, const Place& place, TileIndex index, Tile& tile) {
        const auto& value = members.children;
        if (!value) return {};
        const Place here(place, "children");
        dom::array list;
        if (value->get(list)) return fail("E_TILESET_TYPE", here.text(), {"children", "array", typeName(*value)});
        if (list.size() == 0) return {};
        if (tile.external) return fail("E_TILESET_VALUE", here.text(), {"children", "none beside an external tileset"});
        tile.firstChild = static_cast<TileIndex>(_tree.tiles.size());
        std::uint32_t count = 0;
        for (const auto element : list) {
            MATOU_TRY(child, asObject(element, Place(here, count), "children"));
            if (_tree.tiles.size() >= kTilesLimit) return fail("E_TILESET_SIZE", here.text(), {std::to_string(kTilesLimit)});
            _queue.push_back(child);
            _tree.tiles.emplace_back();
            _tree.tiles.back().parent = index;
            ++count;
        }
        tile.childCount = count;
        // Errors of the children are located through their parent's entry, which readTile writes only at its end.
        _tree.tiles[index].firstChild = tile.firstChild;
        _tree.tiles[index].childCount = count;
        return {};
    }

    std::string_view _where;
    const ParseContext& _context;
    TileTree _tree;
    std::vector<dom::object> _queue;
};

/// Nothing where something is not plain, or wrong. What is outside of the root goes through the whole reader.
std::optional<TileTree> parsePlainTileset(std::string_view text, std::string_view where, const ParseContext& context) {
    if (!simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
    const auto scanned = scanPlainTiles(text);
    if (!scanned) return std::nullopt;
    auto head = std::string(text.substr(0, scanned->rootBegin)) + "{}";
    head += text.substr(scanned->rootEnd);
    dom::parser parser;
    dom::element document;
    if (parser.parse(head).get(document)) return std::nullopt;
    return Parser(where, context).parsePlain(document, text, *scanned);
}

} // namespace

Result<TileTree> parseTileset(std::span<const std::byte> bytes, const std::string& where, const ParseContext& context, std::size_t readableBeyond) {
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    if (bytes.empty()) return fail("E_TILESET_SYNTAX", where + ":byte 0", {"empty"});
    if (auto plain = parsePlainTileset({text, bytes.size()}, where, context)) return std::move(*plain);
    dom::parser parser;
    dom::element document;
    const auto error = parser.parse(text, bytes.size(), readableBeyond < simdjson::SIMDJSON_PADDING).get(document);
    if (error) {
        // simdjson does not say where; the slower reader does.
        const auto located = core::parseJson({text, bytes.size()}, where, {.depth = 1024, .bytes = std::size_t{256} << 20});
        if (!located) return core::failBecause(located.error(), "E_TILESET_SYNTAX", located.error().where, {simdjson::error_message(error)});
        return fail("E_TILESET_SYNTAX", where + ":byte 0", {simdjson::error_message(error)});
    }
    return Parser(where, context).parse(document, bytes.size());
}

} // namespace matou::tiles
