#pragma once
// What a source says of a thing and what stands until it says otherwise: cases, flood season. By id and bounded.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "twin/cases.h"
#include "twin/flood_season.h"

namespace matou::twin {

/// May go when there is no room for another.
inline bool expendable(const Case& item) { return !isOpen(item); }
inline bool expendable(const FloodItem& item) { return item.state == "lifted" || item.state == "ended"; }

/// Not thread-safe.
template <typename Item>
class Standing {
public:
    static constexpr std::size_t kItems = 20000;

    enum class Told { fresh, same, again, older, noRoom }; // news; the same words at another time; heard before; in the past of what stands
    Told tell(Item item) {
        const auto found = _items.find(item.id);
        if (found == _items.end()) {
            if (_items.size() >= kItems && !makeRoom()) return Told::noRoom;
            _items.emplace(item.id, std::move(item));
            _shown = nullptr;
            return Told::fresh;
        }
        Item& known = found->second;
        const bool same = sameWords(item, known);
        if (item.eventTime < known.eventTime) return Told::older;
        if (item.eventTime == known.eventTime && same) return Told::again;
        known = std::move(item);
        _shown = nullptr;
        return same ? Told::same : Told::fresh;
    }

    /// By id; null: none. Made anew only after a change.
    std::shared_ptr<const std::vector<Item>> shown() {
        if (!_shown && !_items.empty()) {
            auto all = std::make_shared<std::vector<Item>>();
            all->reserve(_items.size());
            for (const auto& [id, item] : _items) all->push_back(item);
            _shown = std::move(all);
        }
        return _shown;
    }

private:
    /// The one that was finished longest ago goes.
    bool makeRoom() {
        auto oldest = _items.end();
        for (auto at = _items.begin(); at != _items.end(); ++at)
            if (expendable(at->second) && (oldest == _items.end() || at->second.eventTime < oldest->second.eventTime)) oldest = at;
        if (oldest == _items.end()) return false;
        _items.erase(oldest);
        return true;
    }
    std::map<std::string, Item> _items;
    std::shared_ptr<const std::vector<Item>> _shown;
};

} // namespace matou::twin
