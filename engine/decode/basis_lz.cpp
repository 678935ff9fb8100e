#include "decode/basis_lz.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

/// Bits from the lowest of each byte up. Past the end it gives zeros and remembers.
class BitReader {
public:
    explicit BitReader(std::span<const std::byte> bytes) : _bytes(bytes) {}
    std::uint32_t bit() {
        const auto byte = _at >> 3;
        if (byte >= _bytes.size()) {
            _past = true;
            return 0;
        }
        return static_cast<std::uint32_t>(_bytes[byte]) >> (_at++ & 7) & 1;
    }
    std::uint32_t bits(int count) {
        std::uint32_t value = 0;
        for (int i = 0; i < count; ++i) value |= bit() << i;
        return value;
    }
    bool past() const { return _past; }

private:
    std::span<const std::byte> _bytes;
    std::size_t _at = 0;
    bool _past = false;
};

/// Canonical codes as in RFC 1951, 3.2.2, up to 16 bits long.
class Huffman {
public:
    /// False where the lengths are no code: more codes than there is room for.
    bool build(std::span<const std::uint8_t> lengths) {
        _count.fill(0);
        _symbols.clear();
        for (const auto length : lengths) ++_count[length];
        _count[0] = 0;
        std::int64_t left = 1;
        for (std::size_t length = 1; length <= kLongest; ++length) {
            left = left * 2 - _count[length];
            if (left < 0) return false;
        }
        for (std::uint8_t length = 1; length <= kLongest; ++length)
            for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
                if (lengths[symbol] == length) _symbols.push_back(static_cast<std::uint16_t>(symbol));
        return true;
    }
    /// Nothing where the bits are no code of this table.
    std::optional<std::uint32_t> decode(BitReader& in) const {
        std::uint32_t code = 0, first = 0, index = 0;
        for (std::size_t length = 1; length <= kLongest; ++length) {
            code |= in.bit();
            const auto count = _count[length];
            if (code - first < count) return _symbols[index + code - first];
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        return std::nullopt;
    }
    /// "Compressed Huffman Tables". `symbolsMost` bounds what the reader of the table can use.
    bool read(BitReader& in, std::uint32_t symbolsMost) {
        static constexpr std::array<std::uint8_t, 21> kOrder{17, 18, 19, 20, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15, 16};
        const auto total = in.bits(14);
        if (total == 0) return build({}); // a table that nobody uses
        const auto codeLengths = in.bits(5);
        if (total > symbolsMost || codeLengths < 1 || codeLengths > kOrder.size()) return false;
        std::array<std::uint8_t, 21> sizes{};
        for (std::uint32_t i = 0; i < codeLengths; ++i) sizes[kOrder[i]] = static_cast<std::uint8_t>(in.bits(3));
        Huffman lengthCode;
        if (!lengthCode.build(sizes)) return false;
        std::vector<std::uint8_t> lengths;
        lengths.reserve(total);
        while (lengths.size() < total) {
            const auto symbol = lengthCode.decode(in);
            if (!symbol || in.past()) return false;
            if (*symbol <= 16) {
                lengths.push_back(static_cast<std::uint8_t>(*symbol));
                continue;
            }
            const bool repeat = *symbol >= 19;
            if (repeat && (lengths.empty() || lengths.back() == 0)) return false;
            const auto value = repeat ? lengths.back() : std::uint8_t{0};
            const auto run = *symbol == 17 ? in.bits(3) + 3 : *symbol == 18 ? in.bits(7) + 11 : *symbol == 19 ? in.bits(2) + 3 : in.bits(7) + 7;
            if (lengths.size() + run > total) return false;
            lengths.insert(lengths.end(), run, value);
        }
        return build(lengths);
    }

private:
    static constexpr std::size_t kLongest = 16;
    std::array<std::uint32_t, kLongest + 1> _count{};
    std::vector<std::uint16_t> _symbols;
};

struct Endpoint {
    std::array<std::uint8_t, 3> color{}; // 5 bits each
    std::uint8_t intensity = 0;
};
using Selector = std::array<std::uint8_t, 4>; // a row each, two bits a texel from the left

/// ETC1's modifier tables (Khronos Data Format Specification, ETC1).
constexpr int kModifiers[8][2] = {{2, 8}, {5, 17}, {9, 29}, {13, 42}, {18, 60}, {24, 80}, {33, 106}, {47, 183}};

/// "ETC1S Approximate Move to Front Routines".
class History {
public:
    explicit History(std::uint32_t size) : _values(size, 0), _rover(size / 2) {}
    std::size_t size() const { return _values.size(); }
    std::uint32_t use(std::uint32_t index) {
        const auto value = _values[index];
        if (index) std::swap(_values[index / 2], _values[index]);
        return value;
    }
    void add(std::uint32_t value) {
        _values[_rover++] = value;
        if (_rover == _values.size()) _rover = static_cast<std::uint32_t>(_values.size() / 2);
    }

private:
    std::vector<std::uint32_t> _values;
    std::uint32_t _rover;
};

constexpr std::size_t kHeadBytes = 20, kImageBytes = 20;

class BasisLz {
public:
    BasisLz(std::span<const std::byte> bytes, const Ktx2File& file, const std::string& where) : _bytes(bytes), _file(file), _where(where) {}

    Result<void> run(std::vector<std::uint8_t>& rgba) {
        MATOU_CHECK(readGlobalData());
        for (std::size_t i = 0; i < _file.levels.size(); ++i) {
            const auto& level = _file.levels[i];
            const auto first = rgba.size();
            rgba.resize(first + std::size_t{level.width} * level.height * 4, 255);
            const auto image = _file.globalOffset + kHeadBytes + i * kImageBytes;
            if (number<std::uint32_t>(image) != 0) return wrong(image, "flags of an image that is no film"); // P frames belong to animations
            MATOU_CHECK(slice(image + 4, level, false, rgba.data() + first));
            if (_file.alpha) MATOU_CHECK(slice(image + 12, level, true, rgba.data() + first));
            else if (number<std::uint64_t>(image + 12) != 0) return wrong(image + 12, "an alpha slice that the descriptor does not know");
        }
        return {};
    }

private:
    template <typename T>
    T number(std::uint64_t byte) const {
        T value;
        std::memcpy(&value, _bytes.data() + byte, sizeof value);
        return value;
    }
    tl::unexpected<core::Error> wrong(std::uint64_t byte, std::string reason) const { return fail("E_KTX2", _where + ":byte " + std::to_string(byte), {std::move(reason)}); }

    Result<void> readGlobalData() {
        const auto start = _file.globalOffset;
        const std::uint64_t size = _file.globalData.size(), images = kHeadBytes + _file.levels.size() * kImageBytes;
        if (size < images) return wrong(start, "cut within the global data");
        _endpoints.resize(number<std::uint16_t>(start));
        _selectors.resize(number<std::uint16_t>(start + 2));
        const std::uint64_t endpoints = number<std::uint32_t>(start + 4), selectors = number<std::uint32_t>(start + 8), tables = number<std::uint32_t>(start + 12);
        const std::uint64_t extended = number<std::uint32_t>(start + 16);
        if (extended != 0) return wrong(start + 16, "extended data");
        if (images + endpoints + selectors + tables != size) return wrong(start + 4, "lengths of the codebooks");
        if (_endpoints.empty() || _selectors.empty()) return wrong(start, "an empty codebook");
        if (!readEndpoints(BitReader(_file.globalData.subspan(images, endpoints)))) return wrong(start + images, "damaged endpoint codebook");
        if (!readSelectors(BitReader(_file.globalData.subspan(images + endpoints, selectors)))) return wrong(start + images + endpoints, "damaged selector codebook");
        BitReader in(_file.globalData.subspan(images + endpoints + selectors, tables));
        const bool read = _predictions.read(in, 257) && _deltas.read(in, 16383) && _selectorCodes.read(in, 16383) && _runs.read(in, 64);
        _historySize = in.bits(13);
        if (!read || in.past()) return wrong(start + images + endpoints + selectors, "damaged code tables");
        return {};
    }

    bool readEndpoints(BitReader in) {
        std::array<Huffman, 3> colors;
        Huffman intensities;
        for (auto& table : colors)
            if (!table.read(in, 32)) return false;
        if (!intensities.read(in, 8)) return false;
        const bool gray = in.bits(1) != 0;
        Endpoint previous{{16, 16, 16}, 0};
        for (auto& endpoint : _endpoints) {
            const auto delta = intensities.decode(in);
            if (!delta) return false;
            previous.intensity = static_cast<std::uint8_t>((previous.intensity + *delta) & 7);
            for (std::size_t c = 0; c < (gray ? 1u : 3u); ++c) {
                const auto from = previous.color[c];
                const auto change = colors[from <= 9 ? 0 : from <= 21 ? 1 : 2].decode(in);
                if (!change) return false;
                previous.color[c] = static_cast<std::uint8_t>((from + *change) & 31);
            }
            if (gray) previous.color[1] = previous.color[2] = previous.color[0];
            endpoint = previous;
        }
        return !in.past();
    }

    bool readSelectors(BitReader in) {
        if (in.bits(2) != 0) return false;
        const bool raw = in.bits(1) != 0;
        Huffman deltas;
        if (!raw && !deltas.read(in, 256)) return false;
        for (std::size_t i = 0; i < _selectors.size(); ++i)
            for (std::size_t row = 0; row < 4; ++row) {
                if (raw || i == 0) {
                    _selectors[i][row] = static_cast<std::uint8_t>(in.bits(8));
                } else {
                    const auto delta = deltas.decode(in);
                    if (!delta) return false;
                    _selectors[i][row] = static_cast<std::uint8_t>(*delta ^ _selectors[i - 1][row]);
                }
                if (in.past()) return false;
            }
        return true;
    }

    Result<void> slice(std::uint64_t descriptor, const Ktx2Level& level, bool alpha, std::uint8_t* out) {
        const std::uint64_t offset = number<std::uint32_t>(descriptor), length = number<std::uint32_t>(descriptor + 4);
        if (length == 0 || offset + length > level.length) return wrong(descriptor, "a slice outside its mip level");
        return blocks(BitReader(_bytes.subspan(level.offset + offset, length)), level, alpha, out)
                   ? Result<void>{}
                   : Result<void>(wrong(level.offset + offset, "damaged slice"));
    }

    /// "ETC1S Slice Block Decoding", without the parts of films.
    bool blocks(BitReader in, const Ktx2Level& level, bool alpha, std::uint8_t* out) {
        const std::uint32_t across = (level.width + 3) / 4, down = (level.height + 3) / 4;
        std::vector<std::uint32_t> above(across, 0), row(across, 0);
        std::vector<std::uint8_t> below((across + 1) / 2, 0); // predictions for the odd row of each pair
        History history(_historySize);
        std::uint32_t prediction = 0, lastPrediction = 0, repeats = 0, endpoint = 0, run = 0;
        for (std::uint32_t y = 0; y < down; ++y) {
            std::swap(above, row);
            for (std::uint32_t x = 0; x < across; ++x) {
                if (x % 2 == 0) {
                    if (y % 2 == 0) {
                        if (!nextPrediction(in, prediction, lastPrediction, repeats)) return false;
                        below[x / 2] = static_cast<std::uint8_t>(prediction >> 4);
                    } else {
                        prediction = below[x / 2];
                    }
                }
                const auto how = prediction & 3;
                prediction >>= 2;
                if (how == 0) {
                    if (x == 0) return false; // the block to the left
                } else if (how == 1) {
                    if (y == 0) return false;
                    endpoint = above[x];
                } else if (how == 2) {
                    if (x == 0 || y == 0) return false;
                    endpoint = above[x - 1];
                } else {
                    const auto delta = _deltas.decode(in);
                    if (!delta) return false;
                    endpoint += *delta;
                    if (endpoint >= _endpoints.size()) endpoint -= static_cast<std::uint32_t>(_endpoints.size());
                }
                row[x] = endpoint;
                const auto selector = nextSelector(in, history, run);
                if (!selector || in.past() || endpoint >= _endpoints.size() || *selector >= _selectors.size()) return false;
                paint(_endpoints[endpoint], _selectors[*selector], level, x * 4, y * 4, alpha, out);
            }
        }
        return true;
    }

    bool nextPrediction(BitReader& in, std::uint32_t& prediction, std::uint32_t& last, std::uint32_t& repeats) const {
        constexpr std::uint32_t kRepeat = 256, kRepeatLeast = 3;
        if (repeats > 0) {
            --repeats;
            prediction = last;
            return true;
        }
        const auto symbol = _predictions.decode(in);
        if (!symbol) return false;
        if (*symbol == kRepeat) {
            repeats = chunks(in, 4) + kRepeatLeast - 1;
            prediction = last;
        } else {
            prediction = last = *symbol;
        }
        return true;
    }

    std::optional<std::uint32_t> nextSelector(BitReader& in, History& history, std::uint32_t& run) const {
        constexpr std::uint32_t kRunLeast = 3, kLongRun = 63;
        const auto first = static_cast<std::uint32_t>(_selectors.size());
        std::uint32_t symbol = first;
        if (run > 0) {
            --run;
        } else {
            const auto read = _selectorCodes.decode(in);
            if (!read) return std::nullopt;
            symbol = *read;
            if (symbol == first + _historySize) {
                const auto length = _runs.decode(in);
                if (!length) return std::nullopt;
                run = (*length == kLongRun ? chunks(in, 7) : *length) + kRunLeast - 1;
                symbol = first;
            }
        }
        if (symbol >= first) {
            if (symbol - first >= history.size()) return std::nullopt;
            return history.use(symbol - first);
        }
        if (history.size() > 0) history.add(symbol);
        return symbol;
    }

    /// "ETC1S VLC Decoding Procedure": chunks of so many bits, each with a mark whether another follows.
    static std::uint32_t chunks(BitReader& in, int bits) {
        std::uint32_t value = 0;
        for (int shift = 0; shift < 32; shift += bits) {
            const auto chunk = in.bits(bits + 1);
            value |= (chunk & ((1u << bits) - 1)) << shift;
            if ((chunk >> bits) == 0) break;
        }
        return value & 0x7fffffffu; // a run that long ends with the slice anyway
    }

    static void paint(const Endpoint& endpoint, const Selector& selector, const Ktx2Level& level, std::uint32_t left, std::uint32_t top, bool alpha, std::uint8_t* out) {
        std::uint8_t palette[4][3];
        const auto& modifier = kModifiers[endpoint.intensity];
        const int steps[4] = {-modifier[1], -modifier[0], modifier[0], modifier[1]};
        for (int s = 0; s < 4; ++s)
            for (std::size_t c = 0; c < 3; ++c) {
                const int base = endpoint.color[c] << 3 | endpoint.color[c] >> 2;
                palette[s][c] = static_cast<std::uint8_t>(std::clamp(base + steps[s], 0, 255));
            }
        for (std::uint32_t y = 0; y < 4 && top + y < level.height; ++y)
            for (std::uint32_t x = 0; x < 4 && left + x < level.width; ++x) {
                const auto* color = palette[selector[y] >> (x * 2) & 3];
                auto* texel = out + (std::size_t{top + y} * level.width + left + x) * 4;
                if (alpha) texel[3] = color[1];
                else std::memcpy(texel, color, 3);
            }
    }

    std::span<const std::byte> _bytes;
    const Ktx2File& _file;
    const std::string& _where;
    std::vector<Endpoint> _endpoints;
    std::vector<Selector> _selectors;
    Huffman _predictions, _deltas, _selectorCodes, _runs;
    std::uint32_t _historySize = 0;
};

} // namespace

Result<void> decodeBasisLz(std::span<const std::byte> bytes, const Ktx2File& file, const std::string& where, std::vector<std::uint8_t>& rgba) {
    return BasisLz(bytes, file, where).run(rgba);
}

} // namespace matou::decode
