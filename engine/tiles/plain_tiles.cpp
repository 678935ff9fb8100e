#include "tiles/plain_tiles.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "tiles/tile_values.h"

namespace matou::tiles {
namespace {

constexpr std::size_t kSkipDepthLimit = 64; // of values that nobody reads

bool isDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

constexpr std::array<double, 23> kPowersOfTen{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// A number of RFC 8259 at `p`, which moves behind it; the nearest double. Reads no further than the first byte that cannot be of a
/// number: the caller knows that there is one. False: none, or one out of range.
bool readNumber(const char*& p, double& out) {
    const char* const start = p;
    const bool negative = *p == '-';
    p += negative;
    if (!isDigit(*p)) return false;
    std::uint64_t digits = 0;
    const char* const first = p;
    if (*p == '0') ++p;
    else
        for (; isDigit(*p); ++p) digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
    auto count = p - first;
    if (isDigit(*p)) return false; // 01
    if (*p != '.' && *p != 'e' && *p != 'E') {
        if (count > 18) return false;
        const auto whole = static_cast<std::int64_t>(digits);
        out = static_cast<double>(negative ? -whole : whole);
        return true;
    }
    std::int64_t exponent = 0;
    if (*p == '.') {
        const char* const fraction = ++p;
        for (; isDigit(*p); ++p) digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
        exponent = fraction - p;
        if (exponent == 0) return false;
        count -= exponent;
    }
    const bool plain = *p != 'e' && *p != 'E';
    if (!plain) {
        ++p;
        if (*p == '+' || *p == '-') ++p;
        if (!isDigit(*p)) return false;
        while (isDigit(*p)) ++p;
    }
    // Digits and power of ten are exact doubles: one division rounds once, so this is the nearest (Clinger 1990).
    if (plain && count <= 18 && digits <= std::uint64_t{1} << 53 && exponent >= -22) {
        out = static_cast<double>(digits) / kPowersOfTen[static_cast<std::size_t>(-exponent)];
        if (negative) out = -out;
        return true;
    }
    const auto read = std::from_chars(start, p, out);
    return read.ec == std::errc() && read.ptr == p && std::isfinite(out);
}

/// Bits of PlainTile::seen.
enum Seen : std::uint16_t { volumeBit = 1, errorBit = 2, refineBit = 4, transformBit = 8, contentBit = 16, childrenBit = 32 };

class Scanner {
public:
    explicit Scanner(std::string_view text) : _begin(text.data()), _p(text.data()), _end(text.data() + text.size()) {}

    std::optional<PlainTiles> scan() {
        // Numbers, literals and spaces end at the latest at the text's last byte.
        while (_end > _begin && isSpace(_end[-1])) --_end;
        if (_end - _begin < 2 || static_cast<std::size_t>(_end - _begin) > UINT32_MAX || _end[-1] != '}') return std::nullopt;
        constexpr std::size_t kTileBytesLeast = 128; // a tile with a box and a content is hardly shorter
        _out.tiles.reserve(std::min(static_cast<std::size_t>(_end - _begin) / kTileBytesLeast + 1, kTilesLimit));
        if (!findRoot() || !scanRoot()) return std::nullopt;
        return std::move(_out);
    }

private:
    /// The next byte that is no space; 0 at the end.
    char peek() {
        while (_p < _end && isSpace(*_p)) ++_p;
        return _p < _end ? *_p : '\0';
    }
    bool take(char c) {
        if (peek() != c) return false;
        ++_p;
        return true;
    }
    std::uint32_t offset() const { return static_cast<std::uint32_t>(_p - _begin); }

    /// A string without escapes, `_p` at its opening quote.
    bool string(std::string_view& out) {
        if (!take('"')) return false;
        const auto* p = _p;
        while (p < _end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
        if (p == _end || *p != '"') return false;
        out = {_p, static_cast<std::size_t>(p - _p)};
        _p = p + 1;
        return true;
    }
    /// `"name":`
    bool key(std::string_view& out) { return string(out) && take(':'); }

    bool literal(std::string_view word) {
        if (static_cast<std::size_t>(_end - _p) < word.size() || std::string_view(_p, word.size()) != word) return false;
        _p += word.size();
        return true;
    }

    /// Any value, its syntax checked.
    bool skip() {
        std::uint64_t objects = 0; // a bit for each open one, the innermost last: object or array
        std::size_t depth = 0;
        std::string_view ignored;
        double number = 0;
        for (;;) {
            const char c = peek();
            if (c == '{' || c == '[') {
                ++_p;
                const bool object = c == '{';
                if (take(object ? '}' : ']')) goto ended;
                if (depth++ == kSkipDepthLimit) return false;
                objects = objects << 1 | (object ? 1u : 0u);
                if (object && !key(ignored)) return false;
                continue;
            }
            if (c == '"' ? !string(ignored) : c == 't' ? !literal("true") : c == 'f' ? !literal("false") : c == 'n' ? !literal("null") : !readNumber(_p, number)) return false;
        ended:
            for (;;) { // behind a value
                if (depth == 0) return true;
                const bool object = (objects & 1) != 0;
                if (take(',')) {
                    if (object && !key(ignored)) return false;
                    break;
                }
                if (!take(object ? '}' : ']')) return false;
                objects >>= 1;
                --depth;
            }
        }
    }

    /// Before the root's object.
    bool findRoot() {
        if (!take('{')) return false;
        for (std::string_view name; key(name);) {
            if (name == "root") {
                if (peek() != '{') return false;
                _out.rootBegin = offset();
                return true;
            }
            if (!skip() || !take(',')) return false;
        }
        return false;
    }

    /// An array of numbers, `at` its first byte behind '['.
    bool skipNumbers(std::uint32_t& at) {
        if (!take('[')) return false;
        at = offset();
        const auto* close = static_cast<const char*>(std::memchr(_p, ']', static_cast<std::size_t>(_end - _p)));
        if (!close) return false;
        _p = close + 1;
        return true;
    }

    bool volume(PlainTile::Volume& kind, std::uint32_t& at) {
        if (!take('{')) return false;
        if (take('}')) return false;
        for (;;) {
            std::string_view name;
            if (!key(name)) return false;
            using enum PlainTile::Volume;
            const auto found = name == "box" ? box : name == "region" ? region : name == "sphere" ? sphere : none;
            if (found != none) {
                if (kind != none || !skipNumbers(at)) return false;
                kind = found;
            } else if (!skip()) {
                return false;
            }
            if (take('}')) return kind != none;
            if (!take(',')) return false;
        }
    }

    bool content(PlainTile& tile) {
        if (!take('{') || take('}')) return false;
        for (;;) {
            std::string_view name;
            if (!key(name)) return false;
            if (name == "uri") {
                std::string_view uri;
                if (tile.uriLength || !string(uri) || uri.empty()) return false;
                tile.uriAt = static_cast<std::uint32_t>(uri.data() - _begin);
                tile.uriLength = static_cast<std::uint32_t>(uri.size());
                _out.uriBytes += uri.size();
            } else if (name == "boundingVolume") {
                if (tile.contentVolume != PlainTile::Volume::none || !volume(tile.contentVolume, tile.contentVolumeAt)) return false;
                ++_out.contentVolumes;
            } else if (!skip()) {
                return false;
            }
            if (take('}')) break;
            if (!take(',')) return false;
        }
        tile.content = true;
        ++_out.contents;
        return tile.uriLength != 0;
    }

    void begin(std::size_t depth) {
        _out.tiles.emplace_back();
        _out.tiles.back().depth = static_cast<std::uint16_t>(depth);
        if (_out.perDepth.size() <= depth) _out.perDepth.push_back(0);
        ++_out.perDepth[depth];
        if (_open.size() <= depth) _open.push_back(0);
        _open[depth] = _out.tiles.size() - 1;
    }

    /// A member other than children.
    bool member(std::string_view name, PlainTile& tile) {
        std::uint16_t bit = 0;
        switch (name.size()) {
        case 6: bit = name == "refine" ? refineBit : 0; break;
        case 7: bit = name == "content" ? contentBit : 0; break;
        case 8:
            if (name == "contents") return false;
            break;
        case 9: bit = name == "transform" ? transformBit : 0; break;
        case 10:
            if (name == "extensions") return false;
            break;
        case 14:
            if (name == "implicitTiling") return false;
            bit = name == "boundingVolume" ? volumeBit : name == "geometricError" ? errorBit : 0;
            break;
        case 19:
            if (name == "viewerRequestVolume") return false;
            break;
        default: break;
        }
        if (tile.seen & bit) return false; // of two the first counts, and it must be right: not here
        tile.seen |= bit;
        switch (bit) {
        case volumeBit: return volume(tile.volume, tile.volumeAt);
        case errorBit: peek(); return readNumber(_p, tile.geometricError) && !(tile.geometricError < 0);
        case transformBit: ++_out.transforms; return skipNumbers(tile.transformAt);
        case contentBit: return content(tile);
        case refineBit: {
            std::string_view text;
            if (!string(text) || (text != "ADD" && text != "REPLACE")) return false;
            tile.refine = text == "ADD" ? Refinement::add : Refinement::replace;
            return true;
        }
        default: return skip();
        }
    }

    bool scanRoot() {
        ++_p;
        std::size_t depth = 0;
        begin(0);
        bool first = true;
        for (;;) { // in the object of the tile that is open at `depth`
            auto& tile = _out.tiles[_open[depth]];
            if (take('}')) {
                if ((tile.seen & (volumeBit | errorBit)) != (volumeBit | errorBit)) return false;
                if (depth == 0) break;
                --depth;
                if (take(',')) {
                    if (!openChild(depth)) return false;
                    ++depth;
                    first = true;
                    continue;
                }
                if (!take(']')) return false;
                first = false;
                continue;
            }
            if (!first && !take(',')) return false;
            first = false;
            std::string_view name;
            if (!key(name)) return false;
            if (name != "children") {
                if (!member(name, tile)) return false;
                continue;
            }
            if ((tile.seen & childrenBit) || !take('[')) return false;
            tile.seen |= childrenBit;
            if (take(']')) continue;
            if (!openChild(depth)) return false;
            ++depth;
            first = true;
        }
        _out.rootEnd = offset();
        return true;
    }

    bool openChild(std::size_t depth) {
        if (depth + 1 >= kDepthLimit || _out.tiles.size() >= kTilesLimit || !take('{')) return false;
        ++_out.tiles[_open[depth]].childCount;
        begin(depth + 1);
        return true;
    }

    const char* _begin;
    const char* _p;
    const char* _end;
    PlainTiles _out;
    std::vector<std::size_t> _open; // by depth: the tile that is open there
};

class Filler {
public:
    Filler(std::string_view text, const PlainTiles& scanned, const ParseContext& context, TileTree& tree) : _text(text), _s(scanned), _context(context), _tree(tree) {}

    bool fill() {
        _tree.contents.reserve(_s.contents);
        _tree.contentVolumes.reserve(_s.contentVolumes);
        _tree.transforms.reserve(_s.transforms + 1);
        _tree.texts.reserve(_s.uriBytes);
        const auto order = breadthFirst();
        for (TileIndex i = 0; i < order.size(); ++i)
            if (!fill(i, _s.tiles[order[i]])) return false;
        return true;
    }

private:
    /// Which scanned tile stands at each place; the tree's parents and children are written by the way.
    std::vector<std::uint32_t> breadthFirst() {
        std::vector<std::uint32_t> order(_s.tiles.size());
        std::vector<TileIndex> next, open(_s.perDepth.size()); // by depth: the next place, and the tile that is open
        for (TileIndex at = 0; const auto count : _s.perDepth) {
            next.push_back(at);
            at += count;
        }
        _tree.tiles.resize(_s.tiles.size());
        for (std::uint32_t i = 0; i < _s.tiles.size(); ++i) {
            const std::size_t depth = _s.tiles[i].depth;
            const auto place = open[depth] = next[depth]++;
            order[place] = i;
            auto& tile = _tree.tiles[place];
            if (depth > 0) tile.parent = open[depth - 1];
            tile.childCount = _s.tiles[i].childCount;
            if (tile.childCount) tile.firstChild = next[depth + 1];
        }
        return order;
    }

    template <std::size_t N>
    bool numbers(std::uint32_t at, std::array<double, N>& out) const {
        const char* p = _text.data() + at; // a ']' is behind it
        for (std::size_t i = 0; i < N; ++i) {
            const char after = i + 1 < N ? ',' : ']';
            if (isDigit(p[0]) && p[1] == after) { // most are 0 or 1
                out[i] = p[0] - '0';
                p += 2;
                continue;
            }
            while (isSpace(*p)) ++p;
            if (!readNumber(p, out[i])) return false;
            while (isSpace(*p)) ++p;
            if (*p++ != after) return false;
        }
        return true;
    }

    bool volume(PlainTile::Volume kind, std::uint32_t at, geo::BoundingVolume& out) const {
        if (kind == PlainTile::Volume::box) {
            std::array<double, 12> v;
            if (!numbers(at, v)) return false;
            out = geo::OrientedBox{{v[0], v[1], v[2]}, glm::dmat3(v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11])};
            return true;
        }
        if (kind == PlainTile::Volume::region) {
            std::array<double, 6> v;
            if (!numbers(at, v)) return false;
            out = geo::Region{v[0], v[1], v[2], v[3], v[4], v[5]};
            return isRegion(std::get<geo::Region>(out));
        }
        std::array<double, 4> v;
        if (!numbers(at, v) || v[3] < 0) return false;
        out = geo::Sphere{{v[0], v[1], v[2]}, v[3]};
        return true;
    }

    bool fill(TileIndex index, const PlainTile& plain) {
        auto& tile = _tree.tiles[index];
        const bool isRoot = index == 0;
        const auto* parent = isRoot ? nullptr : &_tree.tiles[tile.parent];
        tile.depth = static_cast<std::uint16_t>(_context.depth + plain.depth);
        if (tile.depth >= kDepthLimit) return false;
        tile.transform = parent ? parent->transform : 0;
        if (plain.transformAt) {
            std::array<double, 16> m;
            glm::dmat4 local;
            if (!numbers(plain.transformAt, m) || !affineFrom(m, local)) return false;
            const glm::dmat4 above = _tree.transforms[tile.transform];
            tile.transform = static_cast<std::uint32_t>(_tree.transforms.size());
            _tree.transforms.push_back(above * local);
        }
        const auto& m = _tree.transforms[tile.transform];
        tile.geometricError = plain.geometricError * largestScale(m);
        geo::BoundingVolume bounds;
        if (!volume(plain.volume, plain.volumeAt, bounds)) return false;
        _tree.setVolume(tile, geo::transformed(bounds, m));
        tile.refine = plain.refine ? *plain.refine : parent ? parent->refine : _context.refine;
        tile.firstContent = static_cast<std::uint32_t>(_tree.contents.size());
        return !plain.content || content(plain, m, tile);
    }

    bool content(const PlainTile& plain, const glm::dmat4& m, Tile& tile) {
        const auto uri = _text.substr(plain.uriAt, plain.uriLength);
        tile.contentCount = 1;
        tile.external = tile.pending = namesTileset(uri);
        if (tile.external && tile.childCount > 0) return false;
        if (plain.contentVolume != PlainTile::Volume::none) {
            geo::BoundingVolume bounds;
            if (!volume(plain.contentVolume, plain.contentVolumeAt, bounds)) return false;
            tile.contentVolume = static_cast<std::uint32_t>(_tree.contentVolumes.size());
            _tree.contentVolumes.push_back(geo::transformed(bounds, m));
        }
        _tree.contents.push_back({_tree.texts.keep(uri), {}});
        return true;
    }

    std::string_view _text;
    const PlainTiles& _s;
    const ParseContext& _context;
    TileTree& _tree;
};

} // namespace

std::optional<PlainTiles> scanPlainTiles(std::string_view text) { return Scanner(text).scan(); }

bool fillPlainTiles(std::string_view text, const PlainTiles& scanned, const ParseContext& context, TileTree& tree) {
    return Filler(text, scanned, context, tree).fill();
}

} // namespace matou::tiles
