#pragma once
// Which places of an array that only grows at its end are free: what was taken out leaves a hole that the next part
// goes into.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

namespace matou::tiles {

/// Holes, joined where they touch. Cost: linear in holes.
class FreeRanges {
public:
    /// The first hole that is large enough, or nothing: then the array has to grow.
    bool take(std::uint32_t count, std::uint32_t& first) {
        const auto hole =
            std::find_if(_holes.begin(), _holes.end(), [count](const auto& h) { return h.second >= count; });
        if (count == 0 || hole == _holes.end()) return false;
        first = hole->first;
        if (hole->second > count) _holes.emplace(first + count, hole->second - count);
        _holes.erase(hole);
        _free -= count;
        return true;
    }
    void give(std::uint32_t first, std::uint32_t count) {
        if (count == 0) return;
        _free += count;
        auto next = _holes.upper_bound(first);
        if (next != _holes.end() && first + count == next->first) {
            count += next->second;
            next = _holes.erase(next);
        }
        if (next != _holes.begin())
            if (const auto before = std::prev(next); before->first + before->second == first) {
                before->second += count;
                return;
            }
        _holes.emplace(first, count);
    }
    /// Takes back the hole that the array ends with: how long the array is without it.
    std::uint32_t withoutTail(std::uint32_t size) {
        if (_holes.empty()) return size;
        const auto last = std::prev(_holes.end());
        if (last->first + last->second != size) return size;
        size = last->first;
        _free -= last->second;
        _holes.erase(last);
        return size;
    }
    std::uint32_t freeCount() const { return _free; }

private:
    std::map<std::uint32_t, std::uint32_t> _holes; // first → count
    std::uint32_t _free = 0;
};

/// A vector whose parts come and go and whose elements never move.
struct Range {
    std::uint32_t first = 0, count = 0;
};

/// Puts a part into a hole, or at the end.
template <class T>
Range place(std::vector<T>& into, FreeRanges& free, std::vector<T>&& part) {
    Range range{static_cast<std::uint32_t>(into.size()), static_cast<std::uint32_t>(part.size())};
    if (!free.take(range.count, range.first)) into.resize(into.size() + part.size());
    std::move(part.begin(), part.end(), into.begin() + range.first);
    return range;
}

template <class T>
void remove(std::vector<T>& from, FreeRanges& free, const Range& range) {
    std::fill_n(from.begin() + range.first, range.count, T{});
    free.give(range.first, range.count);
    from.resize(free.withoutTail(static_cast<std::uint32_t>(from.size())));
}

} // namespace matou::tiles
