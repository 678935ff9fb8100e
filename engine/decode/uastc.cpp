#include "decode/uastc.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace matou::decode {

namespace {

/// Bits of a block, lowest first.
class BlockBits {
public:
    explicit BlockBits(std::span<const std::byte, 16> block) { std::memcpy(_halves, block.data(), 16); }
    std::uint32_t take(int count) {
        std::uint32_t value = 0;
        for (int i = 0; i < count; ++i, ++_at)
            if (_at < 128) value |= static_cast<std::uint32_t>(_halves[_at >> 6] >> (_at & 63) & 1) << i;
        return value;
    }

private:
    std::uint64_t _halves[2];
    unsigned _at = 0;
};

enum class Partition : std::uint8_t { none, two, three, twoOfThree };

/// "List of UASTC Modes". Hints are for transcoders to other formats and are skipped.
struct Mode {
    std::uint8_t codeBits, hintBits, components, planes, weightBits, range;
    Partition partition;
};
constexpr std::uint8_t kSolid = 8, kReserved = 19;
constexpr std::array<Mode, 19> kModes{{
    {4, 15, 3, 1, 4, 19, Partition::none},  {6, 15, 3, 1, 2, 20, Partition::none}, {5, 15, 3, 1, 3, 8, Partition::two},
    {5, 15, 3, 1, 2, 7, Partition::three},  {5, 15, 3, 1, 2, 12, Partition::two},  {5, 15, 3, 1, 3, 20, Partition::none},
    {5, 15, 3, 2, 2, 18, Partition::none},  {5, 15, 3, 1, 2, 12, Partition::twoOfThree}, {5, 0, 4, 0, 0, 0, Partition::none},
    {5, 23, 4, 1, 2, 8, Partition::two},    {3, 17, 4, 1, 4, 13, Partition::none}, {2, 17, 4, 2, 2, 13, Partition::none},
    {3, 17, 4, 1, 3, 19, Partition::none},  {5, 23, 4, 2, 1, 20, Partition::none}, {5, 23, 4, 1, 2, 20, Partition::none},
    {7, 23, 2, 1, 4, 20, Partition::none},  {6, 23, 2, 1, 2, 20, Partition::two},  {6, 23, 2, 2, 2, 20, Partition::none},
    {4, 15, 3, 1, 5, 11, Partition::none},
}};

/// Mode codes of 2 to 7 bits, lowest first: by value of the lowest 7 bits.
std::uint8_t modeOf(std::uint8_t first) {
    struct Code {
        std::uint8_t value, bits;
    };
    static constexpr std::array<Code, 20> codes{{{0x1, 4}, {0x35, 6}, {0x1d, 5}, {0x3, 5}, {0x13, 5}, {0xb, 5}, {0x1b, 5}, {0x7, 5}, {0x17, 5}, {0xf, 5},
                                                 {0x2, 3}, {0x0, 2}, {0x6, 3}, {0x1f, 5}, {0xd, 5}, {0x5, 7}, {0x15, 6}, {0x25, 6}, {0x9, 4}, {0x45, 7}}};
    static const auto table = [] {
        std::array<std::uint8_t, 128> out{};
        for (unsigned v = 0; v < 128; ++v)
            for (std::uint8_t m = 0; m < codes.size(); ++m)
                if ((v & ((1u << codes[m].bits) - 1)) == codes[m].value) out[v] = m;
        return out;
    }();
    return table[first & 0x7f];
}

/// ASTC, "Partition Pattern Generation", for 4x4 blocks.
std::uint8_t astcSubset(std::uint32_t seed, std::uint32_t x, std::uint32_t y, std::uint32_t subsets) {
    x <<= 1, y <<= 1; // small blocks
    seed += (subsets - 1) * 1024;
    std::uint32_t p = seed;
    p ^= p >> 15, p -= p << 17, p += p << 7, p += p << 4, p ^= p >> 5, p += p << 16, p ^= p >> 7, p ^= p >> 3, p ^= p << 6, p ^= p >> 17;
    std::uint32_t s[8];
    for (unsigned i = 0; i < 8; ++i) {
        s[i] = p >> (i * 4) & 15;
        s[i] *= s[i];
    }
    std::uint32_t shift1 = subsets == 3 ? 6 : 5, shift2 = seed & 2 ? 4 : 5;
    if (seed & 1) std::swap(shift1, shift2);
    for (unsigned i = 0; i < 8; ++i) s[i] >>= i % 2 == 0 ? shift1 : shift2;
    const std::uint32_t a = (s[0] * x + s[1] * y + (p >> 14)) & 63, b = (s[2] * x + s[3] * y + (p >> 10)) & 63;
    const std::uint32_t c = subsets < 3 ? 0 : (s[4] * x + s[5] * y + (p >> 6)) & 63;
    return a >= b && a >= c ? 0 : b >= c ? 1 : 2;
}

using Pattern = std::array<std::uint8_t, 16>;

/// The patterns that ASTC and BC7 have in common, by their ASTC seeds.
const Pattern* patternOf(Partition partition, std::uint32_t index) {
    static constexpr std::array<std::uint16_t, 30> two{28,  20, 16,  29,  91, 9,   107, 72,  149, 204, 50,  114, 496, 17,  78,
                                                       39, 252, 828, 43, 156, 116, 210, 476, 273, 684, 359, 246, 195, 694, 524};
    static constexpr std::array<std::uint16_t, 11> three{260, 74, 32, 156, 183, 15, 745, 0, 335, 902, 254};
    static constexpr std::array<std::uint16_t, 19> twoOfThree{36, 48, 61, 137, 161, 183, 226, 281, 302, 307, 479, 495, 593, 594, 605, 799, 812, 988, 993};
    const auto make = []<std::size_t N>(const std::array<std::uint16_t, N>& seeds, std::uint32_t subsets) {
        std::array<Pattern, N> out{};
        for (std::size_t i = 0; i < N; ++i)
            for (std::uint32_t t = 0; t < 16; ++t) out[i][t] = astcSubset(seeds[i], t % 4, t / 4, subsets);
        return out;
    };
    static const auto twos = make(two, 2);
    static const auto threes = make(three, 3);
    static const auto mixed = make(twoOfThree, 2);
    static constexpr Pattern one{};
    switch (partition) {
    case Partition::none: return &one;
    case Partition::two: return index < twos.size() ? &twos[index] : nullptr;
    case Partition::three: return index < threes.size() ? &threes[index] : nullptr;
    case Partition::twoOfThree: return index < mixed.size() ? &mixed[index] : nullptr;
    }
    return nullptr;
}

struct Range {
    std::uint8_t bits, base; // base 3: trits, 5: quints, 1: neither
};
Range rangeOf(std::uint8_t range) {
    switch (range) {
    case 7: return {2, 3};
    case 8: return {4, 1};
    case 11: return {5, 1};
    case 12: return {3, 5};
    case 13: return {4, 3};
    case 18: return {5, 5};
    case 19: return {6, 3};
    default: return {8, 1};
    }
}

/// ASTC, "Endpoint Unquantization": to 0..255.
std::uint8_t unquantized(std::uint8_t range, std::uint32_t high, std::uint32_t low) {
    const std::uint32_t a = low & 1 ? 0x1ff : 0, rest = low >> 1;
    std::uint32_t b = 0, c = 0;
    switch (range) {
    case 7: b = rest * 0x116, c = 93; break;
    case 8: return static_cast<std::uint8_t>(low * 17);
    case 11: return static_cast<std::uint8_t>(low << 3 | low >> 2);
    case 12: b = rest * 130 | rest >> 1, c = 26; break;
    case 13: b = rest * 65, c = 22; break;
    case 18: b = rest << 5 | rest >> 3, c = 6; break;
    case 19: b = rest << 4 | rest >> 4, c = 5; break;
    default: return static_cast<std::uint8_t>(low);
    }
    const std::uint32_t t = (high * c + b) ^ a;
    return static_cast<std::uint8_t>((a & 0x80) | (t >> 2));
}

/// Digits first (five trits in 8 bits, three quints in 7, the last group in as few as it needs), then the plain bits.
void readEndpoints(BlockBits& in, std::uint8_t range, std::size_t count, std::array<std::uint8_t, 18>& out) {
    const auto [bits, base] = rangeOf(range);
    std::array<std::uint8_t, 18> digits{};
    if (base > 1) {
        static constexpr std::uint8_t tritBits[6] = {0, 2, 4, 5, 7, 8}, quintBits[4] = {0, 3, 5, 7};
        const std::size_t group = base == 3 ? 5 : 3;
        for (std::size_t first = 0; first < count; first += group) {
            const auto size = std::min(group, count - first);
            auto packed = in.take(base == 3 ? tritBits[size] : quintBits[size]);
            for (std::size_t i = 0; i < size; ++i, packed /= base) digits[first + i] = static_cast<std::uint8_t>(packed % base);
        }
    }
    for (std::size_t i = 0; i < count; ++i) out[i] = unquantized(range, digits[i], in.take(bits));
}

/// ASTC, "Weight Unquantization": 0..64.
std::uint32_t weightOf(std::uint32_t value, int bits) {
    std::uint32_t w = 0;
    switch (bits) {
    case 1: w = value ? 63 : 0; break;
    case 2: w = value | value << 2 | value << 4; break;
    case 3: w = value | value << 3; break;
    case 4: w = value >> 2 | value << 2; break;
    default: w = value >> 4 | value << 1; break;
    }
    return w > 32 ? w + 1 : w;
}

std::uint8_t mixed(std::uint32_t low, std::uint32_t high, std::uint32_t weight) {
    low |= low << 8, high |= high << 8;
    return static_cast<std::uint8_t>(((low * (64 - weight) + high * weight + 32) >> 6) >> 8);
}

} // namespace

bool decodeUastcBlock(std::span<const std::byte, 16> block, std::span<std::uint8_t, 64> rgba) {
    const auto number = modeOf(static_cast<std::uint8_t>(block[0]));
    if (number == kReserved) return false;
    const auto& mode = kModes[number];
    BlockBits in(block);
    in.take(mode.codeBits);
    if (number == kSolid) {
        std::uint8_t color[4];
        for (auto& channel : color) channel = static_cast<std::uint8_t>(in.take(8));
        for (std::size_t t = 0; t < 16; ++t) std::memcpy(rgba.data() + t * 4, color, 4);
        return true;
    }
    in.take(mode.hintBits);
    const auto index = mode.partition == Partition::none ? 0 : in.take(mode.partition == Partition::three ? 4 : 5);
    const auto* pattern = patternOf(mode.partition, index);
    if (!pattern) return false;
    // Which component has the second plane's weights; of luminance and alpha it is always alpha.
    const std::uint32_t second = mode.planes < 2 ? 4 : mode.components == 2 ? 3 : in.take(2);
    const std::size_t subsets = mode.partition == Partition::none ? 1 : mode.partition == Partition::three ? 3 : 2;
    std::array<std::uint8_t, 18> endpoints{};
    readEndpoints(in, mode.range, mode.components * subsets * 2, endpoints);
    std::array<bool, 3> met{};
    for (std::size_t t = 0; t < 16; ++t) {
        const std::size_t subset = (*pattern)[t];
        // The first weight of a subset has no highest bit: it is always zero.
        const int bits = mode.weightBits - (met[subset] ? 0 : 1);
        met[subset] = true;
        std::uint32_t weights[2]{};
        for (int plane = 0; plane < mode.planes; ++plane) weights[plane] = weightOf(in.take(bits), mode.weightBits);
        const auto* ends = endpoints.data() + subset * mode.components * 2;
        std::uint8_t out[4] = {0, 0, 0, 255};
        for (std::uint32_t c = 0; c < 4; ++c) {
            const std::uint32_t from = mode.components == 2 ? c / 3 : c; // luminance is all three colours
            if (from < mode.components) out[c] = mixed(ends[from * 2], ends[from * 2 + 1], weights[c == second ? 1 : 0]);
        }
        std::memcpy(rgba.data() + t * 4, out, 4);
    }
    return true;
}

} // namespace matou::decode
