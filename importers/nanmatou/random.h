#pragma once
// The generator's own source of chance: the standard library's distributions differ between implementations, and the
// same seed has to give the same bytes everywhere.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace matou::importers::nanmatou {

/// splitmix64 (Steele, Lea, Flood 2014).
class Random {
public:
    explicit Random(std::uint64_t seed) : _state(seed) {}
    /// An independent stream for one part of the city, so that changing one part leaves the others as they were.
    Random(std::uint64_t seed, std::string_view part) : _state(seed) {
        for (char c : part)
            _state = (_state ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
        next();
    }
    std::uint64_t next() {
        std::uint64_t z = (_state += 0x9e3779b97f4a7c15ull);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    /// [0, 1)
    double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    double range(double low, double high) { return low + (high - low) * unit(); }
    /// low..high, both included.
    int integer(int low, int high) {
        return low + static_cast<int>(next() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool chance(double probability) { return unit() < probability; }
    template <typename T>
    const T& pick(const std::vector<T>& from) {
        return from[static_cast<std::size_t>(next() % from.size())];
    }
    template <typename T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i)
            std::swap(items[i - 1], items[static_cast<std::size_t>(next() % i)]);
    }

private:
    std::uint64_t _state;
};

} // namespace matou::importers::nanmatou
