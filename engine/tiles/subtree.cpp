#include "tiles/subtree.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "core/bounded_reader.h"
#include "core/json.h"

namespace matou::tiles {

using core::fail;
using core::Json;
using core::JsonCursor;
using core::Result;

namespace {

constexpr std::size_t kListLimit = 65536; // buffers and views of one subtree
constexpr std::size_t kContentsLimit = 1000;

std::string atByte(const std::string& where, std::uint64_t byte) { return where + ":byte " + std::to_string(byte); }

/// One availability: a constant, or bits of a buffer.
struct Availability {
    std::string pointer; // "FILE#/tileAvailability"
    std::optional<bool> constant;
    std::span<const std::byte> bits;
    std::optional<std::uint64_t> declaredCount;

    bool at(std::uint64_t index) const {
        if (constant) return *constant;
        return (bits[index / 8] >> (index % 8) & std::byte{1}) != std::byte{0};
    }
    std::uint64_t countFirst(std::uint64_t length) const {
        if (constant) return *constant ? length : 0;
        std::uint64_t count = 0;
        for (std::uint64_t i = 0; i < length / 8; ++i) count += static_cast<std::uint64_t>(std::popcount(static_cast<unsigned char>(bits[i])));
        for (std::uint64_t i = length / 8 * 8; i < length; ++i) count += at(i);
        return count;
    }
    Result<void> holds(std::uint64_t length) const {
        if (constant || (length + 7) / 8 <= bits.size()) return {};
        return fail("E_SUBTREE_SHORT", pointer, {std::to_string(bits.size() * 8), std::to_string(length)});
    }
};

struct Subtree {
    std::string where;
    Json json;
    std::span<const std::byte> binary;
    std::vector<std::vector<std::byte>> fetched; // per buffer that is outside
    std::vector<bool> known;
    Availability tiles, children;
    std::vector<Availability> contents;
    core::Diagnostics remarks;
};

/// A whole number of at least 0, also when written as 3.0.
Result<std::uint64_t> index(const JsonCursor& object, std::string_view name) {
    MATOU_TRY(member, object.member(name));
    const auto& json = member.json();
    if (json.is_number_unsigned()) return json.get<std::uint64_t>();
    if (!json.is_number()) return fail("E_JSON_TYPE", member.where(), {std::string(name), "integer", json.type_name()});
    const double value = json.get<double>();
    if (!(value >= 0) || value > 9e15 || value != static_cast<double>(static_cast<std::uint64_t>(value)))
        return fail("E_SUBTREE_VALUE", member.where(), {std::string(name), "0, 1, 2, …"});
    return static_cast<std::uint64_t>(value);
}

class Reader {
public:
    Reader(std::span<const std::byte> bytes, const std::string& where, const BufferResolver& resolve) : _bytes(bytes), _resolve(resolve) { _s.where = where; }

    Result<Subtree> read() {
        MATOU_CHECK(split());
        const JsonCursor top(_s.json, _s.where);
        if (!_s.json.is_object()) return fail("E_JSON_TYPE", _s.where + "#/", {"subtree", "object", _s.json.type_name()});
        MATOU_CHECK(checkLists(top));
        MATOU_TRY(tiles, top.object("tileAvailability"));
        MATOU_TRY(tileBits, availability(tiles));
        _s.tiles = std::move(tileBits);
        MATOU_CHECK(readContents(top));
        MATOU_TRY(children, top.object("childSubtreeAvailability"));
        MATOU_TRY(childBits, availability(children));
        _s.children = std::move(childBits);
        MATOU_CHECK(checkMetadata(top));
        return std::move(_s);
    }

private:
    /// The 24 bytes in front of a binary subtree; anything else is JSON alone.
    Result<void> split() {
        std::string_view text(reinterpret_cast<const char*>(_bytes.data()), _bytes.size());
        std::uint64_t jsonOffset = 0;
        const auto first = text.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos || text[first] != '{') {
            if (!text.starts_with("subt")) return fail("E_SUBTREE_MAGIC", atByte(_s.where, 0), {});
            core::BoundedReader reader(_bytes);
            reader.skip(4);
            const auto version = reader.read<std::uint32_t>();
            const auto jsonLength = reader.read<std::uint64_t>(), binaryLength = reader.read<std::uint64_t>();
            if (!binaryLength) return fail("E_SUBTREE_LENGTH", atByte(_s.where, _bytes.size()), {std::to_string(_bytes.size()), "24"});
            if (*version != 1) return fail("E_SUBTREE_VERSION", atByte(_s.where, 4), {std::to_string(*version)});
            for (const auto& [length, offset] : {std::pair{*jsonLength, 8}, std::pair{*binaryLength, 16}})
                if (length % 8 != 0) _s.remarks.push_back({"W_SUBTREE_ALIGN", {std::to_string(length)}, atByte(_s.where, static_cast<std::uint64_t>(offset)), {}});
            const auto json = reader.take(*jsonLength);
            if (!json) return fail("E_SUBTREE_LENGTH", atByte(_s.where, 8), {std::to_string(*jsonLength), std::to_string(_bytes.size() - 24)});
            const auto binary = reader.take(*binaryLength);
            if (!binary || reader.remaining() != 0)
                return fail("E_SUBTREE_LENGTH", atByte(_s.where, 16), {std::to_string(*binaryLength), std::to_string(_bytes.size() - 24 - *jsonLength)});
            text = {reinterpret_cast<const char*>(json->data()), json->size()};
            jsonOffset = 24;
            _s.binary = *binary;
        }
        auto parsed = core::parseJson(text, _s.where);
        if (!parsed) { // its offsets count from the JSON's begin
            auto error = parsed.error();
            const auto mark = _s.where + ":byte ";
            if (error.where.starts_with(mark)) error.where = atByte(_s.where, jsonOffset + std::strtoull(error.where.c_str() + mark.size(), nullptr, 10));
            return tl::unexpected(std::move(error));
        }
        _s.json = std::move(*parsed);
        return {};
    }

    /// All buffers and views, also those that no availability uses.
    Result<void> checkLists(const JsonCursor& top) {
        for (const char* name : {"buffers", "bufferViews"}) {
            if (!top.has(name)) continue;
            MATOU_TRY(list, top.array(name));
            if (list.size() > kListLimit) return fail("E_SUBTREE_VALUE", list.where(), {name, "1 … " + std::to_string(kListLimit)});
            if (list.size() == 0) _s.remarks.push_back({"W_SUBTREE_EMPTY", {name}, list.where(), {}});
            for (std::size_t i = 0; i < list.size(); ++i) {
                const auto entry = list.at(i);
                if (!entry.json().is_object()) return fail("E_JSON_TYPE", entry.where(), {name, "object", entry.json().type_name()});
                MATOU_TRY(length, index(entry, "byteLength"));
                if (length == 0) return fail("E_SUBTREE_VALUE", entry.where() + "/byteLength", {"byteLength", "1, 2, …"});
                MATOU_TRY(label, entry.stringOr("name", "-"));
                if (label.empty()) return fail("E_SUBTREE_VALUE", entry.where() + "/name", {"name", "1 …"});
            }
        }
        const auto buffers = top.has("buffers") ? *top.array("buffers") : JsonCursor(_nothing, _s.where, "/buffers");
        _s.fetched.resize(buffers.size());
        _s.known.resize(buffers.size());
        for (std::size_t i = 0; i < buffers.size(); ++i) {
            MATOU_TRY(uri, buffers.at(i).stringOr("uri", ""));
            // The first may be the binary part; a JSON subtree has none.
            if (!buffers.at(i).has("uri") && (i != 0 || _s.binary.empty())) return fail("E_JSON_MISSING", buffers.at(i).where(), {"uri"});
            if (!buffers.at(i).has("uri") && *index(buffers.at(i), "byteLength") > _s.binary.size())
                return fail("E_SUBTREE_VIEW", buffers.at(i).where() + "/byteLength", {std::to_string(*index(buffers.at(i), "byteLength")), std::to_string(_s.binary.size())});
        }
        if (!top.has("bufferViews")) return {};
        const auto views = *top.array("bufferViews");
        for (std::size_t i = 0; i < views.size(); ++i) {
            MATOU_TRY(buffer, index(views.at(i), "buffer"));
            MATOU_TRY(offset, index(views.at(i), "byteOffset"));
            const auto length = *index(views.at(i), "byteLength");
            if (buffer >= buffers.size()) return fail("E_SUBTREE_VIEW", views.at(i).where() + "/buffer", {std::to_string(buffer), std::to_string(buffers.size())});
            const auto whole = *index(buffers.at(buffer), "byteLength");
            if (offset > whole || length > whole - offset)
                return fail("E_SUBTREE_VIEW", views.at(i).where() + "/byteLength", {std::to_string(offset) + " + " + std::to_string(length), std::to_string(whole)});
            if (offset % 8 != 0) _s.remarks.push_back({"W_SUBTREE_ALIGN", {std::to_string(offset)}, views.at(i).where() + "/byteOffset", {}});
        }
        return {};
    }

    Result<std::span<const std::byte>> bufferBytes(std::uint64_t at) {
        const auto buffer = JsonCursor(_s.json, _s.where).array("buffers")->at(at);
        const auto length = *index(buffer, "byteLength");
        if (!buffer.has("uri")) return _s.binary.first(length);
        if (!_s.known[at]) {
            const auto uri = *buffer.string("uri");
            if (!_resolve) return fail("E_SUBTREE_VIEW", buffer.where() + "/uri", {uri, "-"});
            auto bytes = _resolve(uri);
            if (!bytes) return core::failBecause(bytes.error(), "E_SUBTREE_BUFFER", buffer.where() + "/uri", {uri});
            _s.fetched[at] = std::move(*bytes);
            _s.known[at] = true;
        }
        if (_s.fetched[at].size() < length)
            return fail("E_SUBTREE_VIEW", buffer.where() + "/byteLength", {std::to_string(length), std::to_string(_s.fetched[at].size())});
        return std::span<const std::byte>(_s.fetched[at]).first(length);
    }

    Result<Availability> availability(const JsonCursor& object) {
        Availability out;
        out.pointer = object.where();
        const char* bits = object.has("bufferView") ? "bufferView" : "bitstream"; // as 3DTILES_implicit_tiling called it
        if (object.has("availableCount")) {
            MATOU_TRY(count, index(object, "availableCount"));
            out.declaredCount = count;
        }
        if (object.has("constant")) {
            MATOU_TRY(value, index(object, "constant"));
            if (value > 1) return fail("E_SUBTREE_VALUE", object.where() + "/constant", {"constant", "0, 1"});
            if (object.has(bits)) return fail("E_SUBTREE_VALUE", object.where(), {"constant", bits});
            out.constant = value == 1;
            return out;
        }
        if (!object.has(bits)) return fail("E_JSON_MISSING", object.where(), {"constant, bitstream"});
        MATOU_TRY(viewIndex, index(object, bits));
        const JsonCursor top(_s.json, _s.where);
        const auto views = top.has("bufferViews") ? *top.array("bufferViews") : JsonCursor(_nothing, _s.where);
        if (viewIndex >= views.size()) return fail("E_SUBTREE_VIEW", object.where() + "/" + bits, {std::to_string(viewIndex), std::to_string(views.size())});
        const auto view = views.at(viewIndex);
        MATOU_TRY(buffer, bufferBytes(*index(view, "buffer")));
        out.bits = buffer.subspan(*index(view, "byteOffset"), *index(view, "byteLength"));
        return out;
    }

    /// A list, one object (3DTILES_implicit_tiling), or the list in 3DTILES_multiple_contents.
    Result<void> readContents(const JsonCursor& top) {
        if (!top.has("contentAvailability")) {
            if (!top.has("extensions")) return {};
            MATOU_TRY(extensions, top.object("extensions"));
            if (!extensions.has("3DTILES_multiple_contents")) return {};
            MATOU_TRY(legacy, extensions.object("3DTILES_multiple_contents"));
            return readContentList(legacy);
        }
        MATOU_TRY(member, top.member("contentAvailability"));
        if (!member.json().is_object()) return readContentList(top);
        MATOU_TRY(bits, availability(member));
        _s.contents.push_back(std::move(bits));
        return {};
    }
    Result<void> readContentList(const JsonCursor& holder) {
        MATOU_TRY(list, holder.array("contentAvailability"));
        if (list.size() == 0 || list.size() > kContentsLimit) return fail("E_SUBTREE_VALUE", list.where(), {"contentAvailability", "1 … 1000"});
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!list.at(i).json().is_object()) return fail("E_JSON_TYPE", list.at(i).where(), {"contentAvailability", "object", list.at(i).json().type_name()});
            MATOU_TRY(bits, availability(list.at(i)));
            _s.contents.push_back(std::move(bits));
        }
        return {};
    }

    /// Metadata of tiles and contents names rows of property tables; what names none is said.
    Result<void> checkMetadata(const JsonCursor& top) {
        std::size_t tables = 0;
        if (top.has("propertyTables")) {
            MATOU_TRY(list, top.array("propertyTables"));
            tables = list.size();
        }
        const auto check = [&](const Json& value, const std::string& pointer) -> Result<void> {
            if (!value.is_number()) return fail("E_JSON_TYPE", _s.where + "#" + pointer, {pointer.substr(1), "integer", value.type_name()});
            const double number = value.get<double>();
            if (!(number >= 0) || number != std::floor(number) || number >= static_cast<double>(tables))
                return fail("E_SUBTREE_VIEW", _s.where + "#" + pointer, {value.dump(), std::to_string(tables)});
            return {};
        };
        if (top.has("tileMetadata")) MATOU_CHECK(check(_s.json["tileMetadata"], "/tileMetadata"));
        if (top.has("contentMetadata")) {
            MATOU_TRY(list, top.array("contentMetadata"));
            for (std::size_t i = 0; i < list.size(); ++i) MATOU_CHECK(check(list.at(i).json(), "/contentMetadata/" + std::to_string(i)));
        }
        if (top.has("subtreeMetadata")) MATOU_CHECK(top.object("subtreeMetadata"));
        return {};
    }

    std::span<const std::byte> _bytes;
    const BufferResolver& _resolve;
    const Json _nothing = Json::array();
    Subtree _s;
};

void checkCount(const Availability& availability, std::uint64_t length, core::Diagnostics& remarks) {
    if (!availability.declaredCount || availability.constant) return;
    const auto count = availability.countFirst(length);
    if (count != *availability.declaredCount)
        remarks.push_back({"E_SUBTREE_COUNT", {std::to_string(*availability.declaredCount), std::to_string(count)}, availability.pointer + "/availableCount", {}});
}

/// Bits of a Morton index that belong to one axis.
std::uint32_t unwoven(std::uint64_t morton, std::uint32_t axis, std::uint32_t axes) {
    std::uint32_t out = 0;
    for (std::uint32_t bit = 0; bit < 32 && bit * axes + axis < 64; ++bit) out |= static_cast<std::uint32_t>(morton >> (bit * axes + axis) & 1) << bit;
    return out;
}

class Expansion {
public:
    Expansion(Subtree& subtree, const SubtreePlace& place, const ParseContext& context) : _s(subtree), _place(place), _t(*place.tiling), _context(context) {}

    Result<TileTree> run() {
        const auto bits = _t.childBits();
        const auto total = _t.tilesOf(_t.subtreeLevels), below = std::uint64_t{1} << (_t.subtreeLevels * bits);
        MATOU_CHECK(_s.tiles.holds(total));
        for (const auto& content : _s.contents) MATOU_CHECK(content.holds(total));
        MATOU_CHECK(_s.children.holds(below));
        // Levels that are not available hold no tile, whatever a constant says.
        _levels = std::min(_t.subtreeLevels, _t.availableLevels - std::min(_t.availableLevels, _place.root.level));
        const bool hasBelow = _place.root.level + _t.subtreeLevels < _t.availableLevels;
        const auto used = _t.tilesOf(_levels);
        const auto claimed = _s.tiles.countFirst(used) + (hasBelow ? _s.children.countFirst(below) : 0);
        if (claimed > kSubtreeTilesLimit) return fail("E_SUBTREE_SIZE", _s.tiles.pointer, {std::to_string(claimed), std::to_string(kSubtreeTilesLimit)});
        checkCount(_s.tiles, total, _s.remarks);
        for (const auto& content : _s.contents) checkCount(content, total, _s.remarks);
        checkCount(_s.children, below, _s.remarks);
        for (std::uint64_t i = 0; i < used; ++i)
            for (const auto& content : _s.contents)
                if (content.at(i) && !_s.tiles.at(i)) {
                    if (content.constant) break; // "all that are there"
                    return fail("E_SUBTREE_ORPHAN", content.pointer, {std::to_string(i)});
                }
        _tree.transforms = {_t.ecefFromTile};
        _subtreePointer = _tree.texts.keep(_t.subtreePointer);
        for (const auto& content : _t.contents) _contentPointers.push_back(_tree.texts.keep(content.pointer));
        MATOU_CHECK(makeTiles(hasBelow));
        _tree.diagnostics = std::move(_s.remarks);
        return std::move(_tree);
    }

private:
    struct Slot {
        std::uint64_t morton = 0; // within the subtree's level
        TileIndex tile = kNoTile;
    };

    Result<void> makeTiles(bool hasBelow) {
        const auto bits = _t.childBits();
        const std::uint64_t each = std::uint64_t{1} << bits;
        std::vector<Slot> above;
        addTile({0, 0}, 0, kNoTile, !_s.tiles.at(0));
        above.push_back({0, 0});
        std::uint64_t first = 1; // bit of the level's first tile
        for (std::uint32_t level = 1; level <= _t.subtreeLevels && (level < _levels || (level == _t.subtreeLevels && hasBelow)); ++level) {
            const bool last = level == _t.subtreeLevels;
            const auto& available = last ? _s.children : _s.tiles;
            const auto offset = last ? 0 : first;
            const std::uint64_t count = std::uint64_t{1} << (level * bits);
            std::vector<Slot> row;
            std::uint64_t found = 0;
            for (const auto& parent : above) {
                auto& mount = _tree.tiles[parent.tile];
                const auto start = static_cast<TileIndex>(_tree.tiles.size());
                std::uint32_t children = 0;
                for (std::uint64_t c = 0; c < each; ++c) {
                    const auto morton = parent.morton << bits | c;
                    if (!available.at(offset + morton)) continue;
                    row.push_back({morton, start + children++});
                }
                if (children == 0) continue;
                mount.firstChild = start;
                mount.childCount = children;
                found += children;
                for (std::size_t i = row.size() - children; i < row.size(); ++i) {
                    if (last) addSubtree(row[i], level, parent.tile);
                    else addTile(row[i], level, parent.tile, false, first + row[i].morton);
                }
            }
            // What is available in this level and was not met has no parent.
            if (!available.constant && found != countRange(available, offset, count))
                return fail("E_SUBTREE_ORPHAN", available.pointer, {std::to_string(orphanOf(available, offset, count, row))});
            above = std::move(row);
            first += count;
        }
        return {};
    }

    static std::uint64_t countRange(const Availability& a, std::uint64_t from, std::uint64_t count) {
        return a.countFirst(from + count) - a.countFirst(from);
    }
    static std::uint64_t orphanOf(const Availability& a, std::uint64_t from, std::uint64_t count, const std::vector<Slot>& met) {
        std::size_t next = 0; // met is in Morton order
        for (std::uint64_t i = 0; i < count; ++i) {
            if (next < met.size() && met[next].morton == i) ++next;
            else if (a.at(from + i)) return from + i;
        }
        return from;
    }

    ImplicitCoordinates coordinatesOf(std::uint64_t morton, std::uint32_t level) const {
        const auto axes = _t.childBits();
        return {_place.root.level + level, _place.root.x << level | unwoven(morton, 0, axes), _place.root.y << level | unwoven(morton, 1, axes),
                axes == 3 ? _place.root.z << level | unwoven(morton, 2, axes) : 0};
    }

    Tile placed(const ImplicitCoordinates& at, std::uint32_t level, TileIndex parent) {
        Tile tile;
        _tree.setVolume(tile, geo::transformed(volumeAt(_t, at), _t.ecefFromTile));
        tile.geometricError = _t.geometricError / static_cast<double>(std::uint64_t{1} << at.level);
        tile.refine = _context.refine;
        tile.parent = parent;
        tile.depth = static_cast<std::uint16_t>(_context.depth + level);
        tile.firstContent = static_cast<std::uint32_t>(_tree.contents.size());
        return tile;
    }

    void addTile(const Slot& slot, std::uint32_t level, TileIndex parent, bool empty, std::uint64_t bit = 0) {
        const auto at = coordinatesOf(slot.morton, level);
        auto tile = placed(at, level, parent);
        for (std::size_t c = 0; !empty && c < _t.contents.size() && c < _s.contents.size(); ++c) {
            if (!_s.contents[c].at(bit)) continue;
            _tree.contents.push_back({_tree.texts.keep(filledTemplate(_t.contents[c].uri, at)), _contentPointers[c]});
            ++tile.contentCount;
        }
        _tree.tiles.push_back(tile);
    }

    void addSubtree(const Slot& slot, std::uint32_t level, TileIndex parent) {
        const auto at = coordinatesOf(slot.morton, level);
        auto tile = placed(at, level, parent);
        tile.external = tile.pending = true;
        tile.subtree = static_cast<std::uint32_t>(_tree.subtrees.size());
        tile.contentCount = 1;
        _tree.contents.push_back({_tree.texts.keep(filledTemplate(_t.subtreeUri, at)), _subtreePointer});
        _tree.subtrees.push_back({_place.tiling, at});
        _tree.tiles.push_back(tile);
    }

    Subtree& _s;
    const SubtreePlace& _place;
    const ImplicitTiling& _t;
    const ParseContext& _context;
    std::uint32_t _levels = 0;
    std::string_view _subtreePointer; // kept by the tree
    std::vector<std::string_view> _contentPointers;
    TileTree _tree;
};

} // namespace

Result<TileTree> parseSubtree(std::span<const std::byte> bytes, const std::string& where, const SubtreePlace& place, const ParseContext& context,
                              const BufferResolver& resolve) {
    if (context.depth + place.tiling->subtreeLevels >= kDepthLimit) return fail("E_TILESET_DEPTH", where, {std::to_string(kDepthLimit)});
    MATOU_TRY(subtree, Reader(bytes, where, resolve).read());
    return Expansion(subtree, place, context).run();
}

core::Diagnostics validateSubtree(std::span<const std::byte> bytes, const std::string& where, const BufferResolver& resolve) {
    auto subtree = Reader(bytes, where, resolve).read();
    if (!subtree) return {subtree.error()};
    auto problems = std::move(subtree->remarks);
    const auto all = [](const Availability& a) { return std::uint64_t{a.bits.size()} * 8; };
    checkCount(subtree->tiles, all(subtree->tiles), problems);
    checkCount(subtree->children, all(subtree->children), problems);
    for (const auto& content : subtree->contents) {
        checkCount(content, all(content), problems);
        const auto both = std::min(all(content), all(subtree->tiles));
        for (std::uint64_t i = 0; i < both; ++i)
            if (content.at(i) && !subtree->tiles.at(i)) {
                problems.push_back({"E_SUBTREE_ORPHAN", {std::to_string(i)}, content.pointer, {}});
                break;
            }
    }
    return problems;
}

bool looksLikeSubtree(std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("subt")) return true;
    const auto head = text.substr(0, 1 << 16);
    const auto first = head.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && head[first] == '{' && head.find("\"tileAvailability\"") != std::string_view::npos && head.find("\"root\"") == std::string_view::npos;
}

} // namespace matou::tiles
